package ink

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"encoding/xml"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func sample() *Page {
	p := &Page{Width: 7200, Height: 3600, Title: "a < b & λ", Description: "two shapes"}
	p.Draw(Shape{Lines: [][]Point{Rect(900, 900, 1800, 1800)}, Fill: Solid(Color{R: 255})})
	p.Draw(Shape{Lines: [][]Point{Rect(2250, 900, 3150, 1800)}, Fill: Paint{Color{B: 255}, 50}})
	p.Line(Point{900, 2700}, Point{6300, 2700}, Solid(Black), 180)
	p.Line(Point{900, 3150}, Point{6300, 3150}, Solid(Black), 180, 900, 900)
	p.Draw(Shape{Lines: [][]Point{Disc(Point{4500, 1350}, 450)}, Stroke: Solid(Black), Width: 90, Closed: true})
	p.Write(Text{At: Point{5400, 1350}, Size: 1000, Paint: Solid(Black), Text: "λ<I"})
	p.Write(Text{At: Point{6900, 1800}, Size: 800, Anchor: Middle, Up: true, Bold: true, Paint: Solid(Black), Text: "up"})
	return p
}

func decode(t *testing.T, p *Page) image.Image {
	t.Helper()
	img, err := png.Decode(bytes.NewReader(p.PNG()))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// Pixels are where and what geometry says; 9 points are 25 pixels.
func TestPNG(t *testing.T) {
	img := decode(t, sample())
	if img.Bounds().Dx() != 200 || img.Bounds().Dy() != 100 {
		t.Fatalf("the image is %v", img.Bounds())
	}
	for _, c := range []struct {
		x, y int
		want color.RGBA
	}{
		{25, 25, color.RGBA{255, 0, 0, 255}}, {49, 49, color.RGBA{255, 0, 0, 255}},
		{24, 25, color.RGBA{255, 255, 255, 255}}, {50, 49, color.RGBA{255, 255, 255, 255}},
		{75, 40, color.RGBA{128, 128, 255, 255}}, // 62.5 to 87.5, half opaque
		{62, 40, color.RGBA{191, 191, 255, 255}}, // half covered as well
		{100, 75, color.RGBA{0, 0, 0, 255}}, {100, 71, color.RGBA{255, 255, 255, 255}},
		{30, 87, color.RGBA{0, 0, 0, 255}}, {60, 87, color.RGBA{255, 255, 255, 255}}, {80, 87, color.RGBA{0, 0, 0, 255}},
		{125, 37, color.RGBA{255, 255, 255, 255}}, // inside the circle
	} {
		if got := color.RGBAModel.Convert(img.At(c.x, c.y)); got != c.want {
			t.Errorf("pixel %d,%d is %v, want %v", c.x, c.y, got, c.want)
		}
	}
}

// A shape covers as much as its area says, whatever its slope; a stroke as much as length times
// width.
func TestCover(t *testing.T) {
	for _, c := range []struct {
		name string
		draw Shape
		want float64 // square pixels
	}{
		{"triangle", Shape{Lines: [][]Point{{{360, 360}, {3240, 720}, {1080, 3240}}}, Fill: Solid(Color{})}, (80*80 - 20*10) / 2},
		{"disc", Shape{Lines: [][]Point{Disc(Point{1800, 1800}, 1440)}, Fill: Solid(Color{})}, 3.1058 * 40 * 40},
		{"line", Shape{Lines: [][]Point{{{360, 360}, {2520, 1980}}}, Stroke: Solid(Color{}), Width: 108}, 75 * 3},
		{"steep line", Shape{Lines: [][]Point{{{360, 3240}, {380, 360}}}, Stroke: Solid(Color{}), Width: 72}, 80 * 2},
		{"dashes", Shape{Lines: [][]Point{{{360, 360}, {3240, 360}}}, Stroke: Solid(Color{}), Width: 72, Dash: []int{360, 360}}, 40 * 2},
		{"hole", Shape{Lines: [][]Point{Rect(360, 360, 1800, 1800), {{720, 720}, {720, 1440}, {1440, 1440}, {1440, 720}}}, Fill: Solid(Color{})}, 1600 - 400},
		{"off the page", Shape{Lines: [][]Point{Rect(-3600, -3600, 1800, 1800)}, Fill: Solid(Color{})}, 2500},
	} {
		p := &Page{Width: 3600, Height: 3600}
		p.Draw(c.draw)
		img, sum := decode(t, p), 0.0
		for y := range img.Bounds().Dy() {
			for x := range img.Bounds().Dx() {
				g := color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y
				sum += float64(255-g) / 255
			}
		}
		if sum < c.want*0.985-1 || sum > c.want*1.015+1 {
			t.Errorf("%s covers %.1f pixels, want %.1f", c.name, sum, c.want)
		}
	}
}

func TestSVGIsXML(t *testing.T) {
	p := sample()
	p.Write(Text{Size: 100, Paint: Solid(Black), Text: "\x00\xff </svg><script>\uFFFE"})
	d := xml.NewDecoder(bytes.NewReader(p.SVG()))
	elements := map[string]int{}
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(xml.StartElement); ok {
			elements[s.Name.Local]++
		}
	}
	if elements["path"] != 5 || elements["text"] != 3 || elements["script"] != 0 || elements["title"] != 1 {
		t.Errorf("the elements are %v", elements)
	}
	length := hundredths(TextWidth("λ<I", 1000, false))
	if !strings.Contains(string(p.SVG()), `<text x="54" y="13.5" font-size="10" textLength="`+length+`" lengthAdjust="spacingAndGlyphs" fill="currentColor">λ&lt;I</text>`) {
		t.Error("the text is not as it should be")
	}
}

// A viewer finds each object where the table says, and a stream as long as it says, which inflates to
// the page's operators.
func TestPDF(t *testing.T) {
	data := sample().PDF()
	if !bytes.HasPrefix(data, []byte("%PDF-1.4")) || !bytes.HasSuffix(data, []byte("%%EOF\n")) {
		t.Error("no beginning or no end")
	}
	for _, word := range []string{"Date", "/ID", "Producer"} {
		if bytes.Contains(data, []byte(word)) {
			t.Errorf("the document holds a %s", word)
		}
	}
	entries := regexp.MustCompile(`(?m)^(\d{10}) 00000 n `).FindAllSubmatch(data, -1)
	if len(entries) != 5 {
		t.Errorf("the table has %d objects", len(entries))
	}
	for i, e := range entries {
		at, _ := strconv.Atoi(string(e[1]))
		if want := fmt.Sprintf("%d 0 obj\n", i+1); !bytes.HasPrefix(data[at:], []byte(want)) {
			t.Errorf("object %d is not at %d", i+1, at)
		}
	}
	m := regexp.MustCompile(`(?s)/Length (\d+) /Filter /FlateDecode >>\nstream\n(.*)\nendstream`).FindSubmatch(data)
	if m == nil {
		t.Fatal("there is no stream")
	}
	if string(m[1]) != strconv.Itoa(len(m[2])) {
		t.Errorf("a stream of %d bytes says that it has %s", len(m[2]), m[1])
	}
	r, err := zlib.NewReader(bytes.NewReader(m[2]))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"0.01 0 0 -0.01 0 36 cm 1 j\n", "1.000 0.000 0.000 rg\n900 900 m\n1800 900 l\n1800 1800 l\n900 1800 l\nf\n"} {
		if !strings.Contains(string(content), want) {
			t.Errorf("%q is not in the stream", want)
		}
	}
}

// A typesetter learns that the image has 200 pixels an inch, 7874 a meter.
func TestPNGSaysItsScale(t *testing.T) {
	data := sample().PNG()
	at := bytes.Index(data, []byte("pHYs"))
	if at < 0 || at > bytes.Index(data, []byte("IDAT")) {
		t.Fatalf("pHYs is at %d", at)
	}
	if got, want := data[at+4:at+13], []byte{0, 0, 0x1E, 0xC2, 0, 0, 0x1E, 0xC2, 1}; !bytes.Equal(got, want) {
		t.Errorf("pHYs holds %v, want %v", got, want)
	}
	if got := binary.BigEndian.Uint32(data[at+13:]); got != crc32.ChecksumIEEE(data[at:at+13]) {
		t.Error("pHYs has a wrong checksum")
	}
}

func TestEqualPagesGiveEqualBytes(t *testing.T) {
	a, b := sample(), sample()
	if !bytes.Equal(a.PNG(), b.PNG()) || !bytes.Equal(a.PDF(), b.PDF()) || !bytes.Equal(a.SVG(), b.SVG()) {
		t.Error("two drawings of a page differ")
	}
}

// Widths are the font's own: Arial's advances are in every typesetter's tables.
func TestTextWidth(t *testing.T) {
	for text, want := range map[string]int{"": 0, "i": 222, "M": 833, "0": 556, "Ti": 611 + 222} {
		if got := TextWidth(text, 1000, false); got < want-1 || got > want+1 {
			t.Errorf("%q is %d wide, want %d", text, got, want)
		}
	}
	if got := Wrap("aa bb  cc dddddddd", 1000, TextWidth("aa bb", 1000, false), false); strings.Join(got, "|") != "aa bb|cc|dddddddd" {
		t.Errorf("wrapped to %q", got)
	}
}

// A bitmap is the same pixels in all three formats, each as large as the page says.
func TestBitmap(t *testing.T) {
	p := &Page{Width: 3600, Height: 3600}
	grey := Bitmap{At: Point{360, 720}, Width: 4 * 360, Height: 2 * 360, Columns: 2, Rows: 1, Channels: 1, Pixels: []uint8{7, 200}}
	color := Bitmap{At: Point{360, 2160}, Width: 360, Height: 720, Columns: 1, Rows: 2, Channels: 3, Pixels: []uint8{1, 2, 3, 250, 251, 252}}
	p.Place(grey)
	p.Place(color)
	p.Place(Bitmap{})
	p.Place(Bitmap{At: Point{3000, -400}, Width: 7200, Height: 720, Columns: 1, Rows: 1, Channels: 1, Pixels: []uint8{99}}) // over two edges
	img := decode(t, p)
	for _, c := range []struct {
		x, y int
		want color3
	}{
		{10, 20, color3{7, 7, 7}}, {29, 39, color3{7, 7, 7}}, {30, 20, color3{200, 200, 200}}, {49, 39, color3{200, 200, 200}},
		{9, 20, color3{255, 255, 255}}, {50, 20, color3{255, 255, 255}}, {10, 19, color3{255, 255, 255}}, {10, 40, color3{255, 255, 255}},
		{10, 69, color3{1, 2, 3}}, {19, 70, color3{250, 251, 252}}, {99, 0, color3{99, 99, 99}}, {82, 0, color3{255, 255, 255}},
	} {
		r, g, b, _ := img.At(c.x, c.y).RGBA()
		if got := (color3{uint8(r), uint8(g), uint8(b)}); got != c.want {
			t.Errorf("pixel %d,%d is %v, want %v", c.x, c.y, got, c.want)
		}
	}
	svg, pdf := string(p.SVG()), string(p.PDF())
	const line = `<image x="3.6" y="21.6" width="3.6" height="7.2" preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,iVBORw0KGgo`
	if !strings.Contains(svg, line) || strings.Count(svg, "<image ") != 3 {
		t.Errorf("the SVG is %s", svg)
	}
	for _, want := range []string{"/XObject << /I1 5 0 R /I2 6 0 R /I3 7 0 R >>", "/Width 2 /Height 1 /ColorSpace /DeviceGray", "/Width 1 /Height 2 /ColorSpace /DeviceRGB", "/Info 8 0 R"} {
		if !strings.Contains(pdf, want) {
			t.Errorf("the PDF lacks %s", want)
		}
	}
}

type color3 [3]uint8

// A PNG that is not compressed is one that others read, also where it takes several blocks.
func TestStoredPNG(t *testing.T) {
	for _, c := range []struct{ columns, rows, channels int }{{1, 1, 1}, {3, 2, 3}, {300, 400, 1}, {65534, 1, 1}, {65535, 1, 1}, {211, 311, 3}} {
		m := Bitmap{Columns: c.columns, Rows: c.rows, Channels: c.channels, Pixels: make([]uint8, c.columns*c.rows*c.channels)}
		for i := range m.Pixels {
			m.Pixels[i] = uint8(i*i>>3 + i)
		}
		img, err := png.Decode(bytes.NewReader(m.stored()))
		if err != nil {
			t.Fatalf("%v: %v", c, err)
		}
		if img.Bounds() != image.Rect(0, 0, c.columns, c.rows) {
			t.Fatalf("%v: %v", c, img.Bounds())
		}
		for i := range c.columns * c.rows {
			r, g, b, _ := img.At(i%c.columns, i/c.columns).RGBA()
			want := m.Pixels[i*c.channels:]
			if uint8(r) != want[0] || uint8(g) != want[c.channels/2] || uint8(b) != want[c.channels-1] {
				t.Fatalf("%v: pixel %d is %d %d %d", c, i, uint8(r), uint8(g), uint8(b))
			}
		}
	}
}
