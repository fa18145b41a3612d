package picture

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"path"
	"runtime"
	"strings"
	"testing"
)

// A file that ends early is an error, wherever it ends.
func TestCutShort(t *testing.T) {
	files := pillow(t)
	for _, name := range sources(files) {
		data := files[name]
		for n := range data {
			if len(data) > 1500 && n%7 != 0 && n < len(data)-20 {
				continue
			}
			if m, err := Decode(data[:n], noLimit); err == nil {
				t.Fatalf("%s: %d bytes of %d give a picture of %d x %d", name, n, len(data), m.Height, m.Width)
			} else if !strings.Contains(err.Error(), "anew") && n > 12 {
				t.Fatalf("%s, %d bytes of %d: %v", name, n, len(data), err)
			}
		}
		after := append(bytes.Clone(data), "more, as cameras leave it"...)
		whole, err := Decode(data, noLimit)
		if err != nil {
			t.Fatal(err)
		}
		if m, err := Decode(after, noLimit); err != nil || !bytes.Equal(m.Pixels, whole.Pixels) {
			t.Errorf("%s with bytes after its end: %v", name, err)
		}
	}
}

// A PNG in which a bit has changed is an error: it has checksums everywhere.
func TestChangedBit(t *testing.T) {
	files := pillow(t)
	for _, name := range []string{"decode/turned5.png", "decode/palette2.png", "decode/grey1.png"} {
		for i := range files[name] {
			data := bytes.Clone(files[name])
			data[i] ^= 1 << (i % 8)
			if _, err := Decode(data, noLimit); err == nil {
				t.Errorf("%s: with another bit in byte %d it is read all the same", name, i)
			}
		}
	}
}

// What comes under the name of a picture and is none is told, with what to do.
func TestOtherFiles(t *testing.T) {
	var moving bytes.Buffer
	if err := gif.Encode(&moving, image.NewPaletted(image.Rect(0, 0, 2, 2), color.Palette{color.Black}), nil); err != nil {
		t.Fatal(err)
	}
	riff := func(chunks string) string {
		return "RIFF" + string(binary.LittleEndian.AppendUint32(nil, uint32(len(chunks)+4))) + "WEBP" + chunks
	}
	for _, c := range []struct{ data, want string }{
		{"", "an empty file: fetch or write it anew"},
		{moving.String(), "a GIF, which is not read, as PNG, JPEG and WebP are: convert it"},
		{"BM12", "a BMP, which"},
		{"II*\x00\x08", "a TIFF"},
		{"\x00\x00\x00\x1cftypavif", "an AVIF"},
		{"\x00\x00\x00\x1cftypheic", "a HEIC"},
		{"version https://git-lfs.github.com/spec/v1\noid", "run git lfs pull"},
		{"<!DOCTYPE html>\n<title>404", `text, which begins with "<!DOCTYPE html>", and no picture`},
		{"größer als " + strings.Repeat("ü", 60), "text, which begins with"},
		{"\x00\x01\x02\x03", "begins with the bytes 00 01 02 03; PNG, JPEG and WebP are read"},
		{"\x89PNG\r\n\x1a\n", "a PNG that is cut short"},
		{"\xFF\xD8\xFF", "a JPEG that is cut short"},
		{riff("ANIM\x00\x00\x00\x00"), "a WebP that moves"},
		{riff(""), "it has no picture"},
		{riff("VP8 \x00\x00\x00\x00"), "a WebP that is cut short"},
		{riff("VP8L\x05\x00\x00\x00\x00\x00\x00\x00\x00\x00"), "a damaged WebP"},
		{"\xFF\xD8\xFF\xC3\x00\x0b\x08\x00\x01\x00\x01\x01\x01\x11\x00", "a JPEG of a rare kind that is not read"},
		{"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xFF\xC0\x00\x0b\x08\x00\x00\x00\x01\x01\x01\x11\x00", "which are none"},
	} {
		_, err := Decode([]byte(c.data), noLimit)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%.20q: %v, want %q", c.data, err, c.want)
		}
	}
}

// promise gives files whose headers promise a size, and have little else.
func promise(width, height int) map[string][]byte {
	be := func(n int) []byte { return binary.BigEndian.AppendUint16(nil, uint16(n)) }
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32([]byte("IHDR"), uint32(width)), uint32(height))
	head = append(head, 16, 6, 0, 0, 0)
	pngFile := append(append([]byte(pngMagic+"\x00\x00\x00\x0d"), head...), binary.BigEndian.AppendUint32(nil, crc32.ChecksumIEEE(head))...)
	jpegFile := func(kind byte) []byte {
		frame := append(append([]byte{0xFF, 0xD8, 0xFF, kind, 0, 17, 8}, be(height)...), be(width)...)
		frame = append(frame, 3, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0)
		return append(frame, 0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 63, 0)
	}
	lossy := append([]byte{0x10, 0, 0, 0x9d, 1, 0x2a}, byte(width), byte(width>>8), byte(height), byte(height>>8))
	webp := append([]byte("RIFF\x2c\x00\x00\x00WEBPVP8 \x20\x00\x00\x00"), append(lossy, make([]byte, 22)...)...)
	return map[string][]byte{"a PNG": append(pngFile, make([]byte, 40)...), "a JPEG": jpegFile(0xC0), "a progressive JPEG": jpegFile(0xC2), "a WebP": webp}
}

// Nothing is allocated because a header promises much.
func TestPromises(t *testing.T) {
	for what, data := range promise(8000, 8000) {
		for _, limit := range []int{1 << 20, 1 << 30} {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := Decode(data, limit)
			runtime.ReadMemStats(&after)
			want := "promises 8000 x 8000 pixels, and at most 1048576 are read"
			if limit == 1<<30 {
				want = "cut short"
			}
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, want %q", what, err, want)
			}
			if took := after.TotalAlloc - before.TotalAlloc; took > 1<<20 {
				t.Errorf("%s of %d bytes has %d bytes allocated", what, len(data), took)
			}
		}
	}
	lossless := []byte("RIFF\x14\x00\x00\x00WEBPVP8L\x08\x00\x00\x00\x2f\xff\xff\xff\x0f\x88\x88\x08")
	if _, err := Decode(lossless, 1<<20); err == nil || !strings.Contains(err.Error(), "promises 16384 x 16384") {
		t.Errorf("lossless WebP: %v", err)
	}
	var wide bytes.Buffer
	if err := png.Encode(&wide, image.NewGray(image.Rect(0, 0, 70000, 1))); err != nil {
		t.Fatal(err)
	}
	if _, err := Decode(wide.Bytes(), 1<<20); err == nil || !strings.Contains(err.Error(), "no side has more than 65535") {
		t.Errorf("a wide PNG: %v", err)
	}
}

// Each pixel of the limit is allowed, and not one more.
func TestLimit(t *testing.T) {
	files := pillow(t)
	for _, name := range []string{"decode/rgb8.png", "decode/420-75.jpg", "decode/loss80.webp", "decode/lossless.webp"} {
		m, err := Decode(files[name], noLimit)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(files[name], m.Height*m.Width); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Decode(files[name], m.Height*m.Width-1); err == nil {
			t.Errorf("%s is read beyond the limit", name)
		}
	}
}

// Exif that is damaged turns nothing, and is no error.
func TestOrientation(t *testing.T) {
	block := func(order binary.AppendByteOrder, mark string, value, kind int) []byte {
		b := order.AppendUint32([]byte(mark), 8)
		b = order.AppendUint16(b, 1)
		b = order.AppendUint16(order.AppendUint16(b, 274), uint16(kind))
		return order.AppendUint16(order.AppendUint16(order.AppendUint32(b, 1), uint16(value)), 0)
	}
	little, big := block(binary.LittleEndian, "II*\x00", 6, 3), block(binary.BigEndian, "MM\x00*", 8, 3)
	for _, c := range []struct {
		name string
		data []byte
		want int
	}{
		{"little-endian", little, 6}, {"big-endian", big, 8}, {"after its name", append([]byte("Exif\x00\x00"), big...), 8},
		{"nothing", nil, 1}, {"a value of 9", block(binary.LittleEndian, "II*\x00", 9, 3), 1}, {"a value of 0", block(binary.BigEndian, "MM\x00*", 0, 3), 1},
		{"another type", block(binary.BigEndian, "MM\x00*", 6, 4), 1}, {"mixed orders", append([]byte("MM\x00*"), little[4:]...), 1},
		{"no list there", append([]byte("II*\x00\xff\xff\xff\xff"), little[8:]...), 1}, {"a list that is cut", little[:18], 1},
		{"another mark", append([]byte("II+\x00"), little[4:]...), 1},
	} {
		if got := orientation(c.data); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
}

func FuzzOrientation(f *testing.F) {
	f.Add([]byte("II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00"))
	f.Add([]byte("Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00\x03\x00\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		turn := orientation(data)
		if turn < 1 || turn > 8 {
			t.Errorf("an orientation of %d", turn)
		}
		if turn != 1 && !bytes.Contains(data, []byte{0x12, 1}) && !bytes.Contains(data, []byte{1, 0x12}) {
			t.Errorf("an orientation of %d without its tag", turn)
		}
		for _, block := range [][]byte{exifOfJPEG(data), exifOfPNG(data)} {
			if !bytes.Contains(data, block) {
				t.Error("a block that the file does not hold")
			}
		}
	})
}

func FuzzDecode(f *testing.F) {
	files := pillow(f)
	for _, name := range sources(files) {
		if len(files[name]) < 1200 || path.Ext(name) == ".webp" {
			f.Add(files[name])
		}
	}
	for _, data := range promise(60, 60) {
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1 << 14
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		m, err := Decode(data, limit)
		runtime.ReadMemStats(&after)
		// 35 bytes a pixel, what decoders have of their own, and what the file's length is a bound of
		if took := after.TotalAlloc - before.TotalAlloc; took > 35*limit+2<<20+uint64(100*len(data)) {
			t.Errorf("%d bytes allocated", took)
		}
		if err != nil {
			if m != nil || err.Error() == "" {
				t.Errorf("a picture beside the error %q", err)
			}
			return
		}
		if m.Height*m.Width > limit || min(m.Height, m.Width) < 1 || m.Channels != 1 && m.Channels != 3 || len(m.Pixels) != m.Channels*m.Height*m.Width {
			t.Errorf("a picture of %d x %d x %d with %d values", m.Channels, m.Height, m.Width, len(m.Pixels))
		}
		if again, err := Decode(bytes.Clone(data), limit); err != nil || !bytes.Equal(again.Pixels, m.Pixels) {
			t.Errorf("not the same again: %v", err)
		}
	})
}
