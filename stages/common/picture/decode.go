package picture

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/jpeg"
	"image/png"
	"io"
	"unicode/utf8"
)

// Decode gives the pixels of a PNG, JPEG or WebP file with at most maxPixels pixels (height times width).
// What a file is, is told by its first bytes, whatever its name.
//
// The image has one channel if the file is grey (with or without alpha), else three; a palette is color, whatever stands in it.
// Of 16 bits a channel the upper 8 are taken, v/256 rounded down, as Pillow does. Alpha and transparent colors are
// dropped, not blended, as by Pillow's convert("RGB"): a pixel has the color that is stored, seen or not. CMYK becomes RGB as
// (255-C)(255-K)/255, rounded. Profiles, gamma and XMP are not looked at. The Exif orientation is applied, as by exif_transpose.
//
// Errors say what the file is or what is wrong with it, and what to do; its name is the caller's to add. A file that ends early or fails its
// checksums is an error; bytes after the end of the picture are not looked at. Of an animation nothing is read: it is an error.
//
// Before anything is allocated the size that the header promises is held against maxPixels (and 65,535 a side), and, but for
// lossless WebP, which may say a lot in a few bytes, against the bytes that there are. Decoding takes up to 35 bytes of memory a pixel
// (progressive JPEGs with four inks; 10 for most files), so maxPixels bounds memory too. Decode may be called from several goroutines at once.
func Decode(data []byte, maxPixels int) (*Image, error) {
	read := formatOf(data)
	if read == nil {
		return nil, unread(data)
	}
	return read(data, maxPixels)
}

const pngMagic = "\x89PNG\r\n\x1a\n"

// formatOf gives the function that reads such a file, or nil.
func formatOf(data []byte) func(data []byte, maxPixels int) (*Image, error) {
	switch {
	case bytes.HasPrefix(data, []byte(pngMagic)):
		return decodePNG
	case bytes.HasPrefix(data, []byte("\xFF\xD8\xFF")):
		return decodeJPEG
	case len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP":
		return decodeWebP
	}
	return nil
}

func decodePNG(data []byte, maxPixels int) (*Image, error) {
	config, err := png.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, damaged("PNG", err)
	}
	const colorType, bitDepth = 25, 24 // places of IHDR, which DecodeConfig has found to be there
	if err := fits(config.Width, config.Height, maxPixels); err != nil {
		return nil, err
	}
	// Deflate makes at most 1032 bytes of one (RFC 1951: 258 by two bits).
	samples := map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[data[colorType]]
	if row := (config.Width*samples*int(data[bitDepth]) + 7) / 8; row*config.Height/1032 > len(data) {
		return nil, damaged("PNG", io.ErrUnexpectedEOF)
	}
	decoded, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, damaged("PNG", err)
	}
	m, err := fromPNG(decoded, data[colorType] == 0 || data[colorType] == 4)
	if err != nil {
		return nil, err
	}
	return m.turned(orientation(exifOfPNG(data))), nil
}

func decodeJPEG(data []byte, maxPixels int) (*Image, error) {
	config, err := jpeg.DecodeConfig(bytes.NewReader(data))
	if err != nil {
		return nil, wrongJPEG(err)
	}
	if err := fits(config.Width, config.Height, maxPixels); err != nil {
		return nil, err
	}
	// A block of 8 by 8 takes a bit at least, in the scan that has its mean.
	if blocks := ((config.Width + 7) / 8) * ((config.Height + 7) / 8); blocks/8 > len(data) {
		return nil, damaged("JPEG", io.ErrUnexpectedEOF)
	}
	decoded, err := jpeg.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, wrongJPEG(err)
	}
	var m *Image
	if p, ok := decoded.(*image.YCbCr); ok {
		m = asJPEG.image(p)
	} else if m, err = fromPixels(decoded); err != nil {
		return nil, err
	}
	return m.turned(orientation(exifOfJPEG(data))), nil
}

// maxSide is what a JPEG may have.
const maxSide = 65535

// fits checks the size that a header promises.
func fits(width, height, maxPixels int) error {
	if width < 1 || height < 1 {
		return fmt.Errorf("a picture of %d x %d pixels, which are none: the file is damaged, or no picture", width, height)
	}
	if width > maxSide || height > maxSide {
		return fmt.Errorf("a picture whose header promises %d x %d pixels, and no side has more than %d: make it smaller", width, height, maxSide)
	}
	if width*height > maxPixels {
		return &LargeError{Width: width, Height: height, Most: maxPixels}
	}
	return nil
}

// A LargeError says that a picture has more pixels than may be decoded, as far as its header tells.
type LargeError struct{ Width, Height, Most int }

func (e *LargeError) Error() string {
	return fmt.Sprintf("a picture whose header promises %d x %d pixels, and at most %d are read: make it smaller, or raise the limit if it is what it should be", e.Width, e.Height, e.Most)
}

// damaged says what a decoder has found.
func damaged(format string, err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return fmt.Errorf("a %s that is cut short: fetch or write it anew", format)
	}
	return fmt.Errorf("a damaged %s: fetch or write it anew (%w)", format, err)
}

// wrongJPEG tells what is damaged from what Go does not read.
func wrongJPEG(err error) error {
	if u := jpeg.UnsupportedError(""); errors.As(err, &u) {
		return fmt.Errorf("a JPEG of a rare kind that is not read (%w): write it anew as a common JPEG or PNG, with Pillow or ImageMagick", err)
	}
	return damaged("JPEG", err)
}

// others are files that come under the names of pictures, by how they begin.
var others = []struct {
	at          int
	magic, what string
}{
	{0, "GIF8", "a GIF"},
	{0, "BM", "a BMP"},
	{0, "II*\x00", "a TIFF"},
	{0, "MM\x00*", "a TIFF"},
	{4, "ftypavif", "an AVIF"},
	{4, "ftyphe", "a HEIC"},
	{4, "ftypmif1", "a HEIC"},
	{4, "jP  ", "a JPEG 2000"},
	{0, "\xFF\x4F\xFF\x51", "a JPEG 2000"},
	{4, "JXL ", "a JPEG XL"},
	{0, "\xFF\x0A", "a JPEG XL"},
	{0, "8BPS", "a Photoshop file"},
	{0, "P5", "a PGM"},
	{0, "P6", "a PPM"},
	{0, "%PDF", "a PDF"},
}

// unread says what a file is that is not read.
func unread(data []byte) error {
	const remedy = "PNG, JPEG and WebP are"
	if len(data) == 0 {
		return errors.New("an empty file: fetch or write it anew")
	}
	if bytes.HasPrefix(data, []byte("version https://git-lfs")) {
		return errors.New("not the picture but where Git LFS keeps it: run git lfs pull")
	}
	for _, o := range others {
		if len(data) >= o.at && bytes.HasPrefix(data[o.at:], []byte(o.magic)) {
			return fmt.Errorf("%s, which is not read, as %s: convert it, with Pillow or ImageMagick", o.what, remedy)
		}
	}
	start := data[:min(len(data), 60)]
	if text := bytes.TrimRightFunc(start, func(r rune) bool { return r == utf8.RuneError }); utf8.Valid(text) && !bytes.ContainsRune(text, 0) && len(text) > 0 {
		return fmt.Errorf("text, which begins with %q, and no picture; %s read", firstLine(text), remedy)
	}
	return fmt.Errorf("no picture that is read, as it begins with the bytes % x; %s read", start[:min(len(start), 8)], remedy)
}

func firstLine(text []byte) string {
	line, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	return string(bytes.TrimSpace(line))
}
