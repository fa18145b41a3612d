package ink

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/adler32"
	"hash/crc32"
)

// A Bitmap is a picture of few pixels, each of which is seen as a rectangle: nothing is smoothed. Where a pixel is as large as a whole
// number of the PNG's pixels, which are 36 hundredths of a point, and At is a multiple of that, all three formats show the same.
type Bitmap struct {
	At            Point // of the top left corner
	Width, Height int   // on the page
	Columns, Rows int
	Channels      int     // 1 for grey, 3 for red, green and blue
	Pixels        []uint8 // row by row, each pixel's channels together
}

// Place puts a bitmap on the page; one without pixels is left out.
func (p *Page) Place(b Bitmap) {
	if b.Columns > 0 && b.Rows > 0 {
		p.marks = append(p.marks, b)
	}
}

// svg embeds the picture as a PNG.
func (m *Bitmap) svg(b *bytes.Buffer) {
	fmt.Fprintf(b, `<image x="%s" y="%s" width="%s" height="%s" preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,%s"/>`+"\n",
		hundredths(m.At.X), hundredths(m.At.Y), hundredths(m.Width), hundredths(m.Height), base64.StdEncoding.EncodeToString(m.stored()))
}

// stored gives the picture as a PNG that is not compressed (PNG, third edition; RFC 1951, 3.2.4), so that its bytes depend on no
// release of a library.
func (m *Bitmap) stored() []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	chunk := func(name string, body []byte) {
		out = binary.BigEndian.AppendUint32(out, uint32(len(body)))
		at := len(out)
		out = append(append(out, name...), body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[at:]))
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(m.Columns))
	head = binary.BigEndian.AppendUint32(head, uint32(m.Rows))
	color := byte(0)
	if m.Channels == 3 {
		color = 2
	}
	chunk("IHDR", append(head, 8, color, 0, 0, 0))
	var rows []byte
	for row := m.Columns * m.Channels; len(rows) < m.Rows*(row+1); {
		at := len(rows) / (row + 1) * row
		rows = append(append(rows, 0), m.Pixels[at:at+row]...) // no filter
	}
	data := []byte{0x78, 0x01}
	for rest := rows; len(rest) > 0; {
		n := min(len(rest), 0xFFFF)
		last := byte(0)
		if n == len(rest) {
			last = 1
		}
		data = binary.LittleEndian.AppendUint16(append(data, last), uint16(n))
		data = append(binary.LittleEndian.AppendUint16(data, ^uint16(n)), rest[:n]...)
		rest = rest[n:]
	}
	chunk("IDAT", binary.BigEndian.AppendUint32(data, adler32.Checksum(rows)))
	chunk("IEND", nil)
	return out
}

// object gives the picture as a PDF's image.
func (m *Bitmap) object() string {
	space := "/DeviceGray"
	if m.Channels == 3 {
		space = "/DeviceRGB"
	}
	stream := deflate(m.Pixels)
	return fmt.Sprintf("<< /Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace %s /BitsPerComponent 8 /Interpolate false /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream",
		m.Columns, m.Rows, space, len(stream), stream)
}

// pdf paints the n-th picture of the document: its unit square, y upwards, onto the page.
func (m *Bitmap) pdf(b *bytes.Buffer, n int) {
	fmt.Fprintf(b, "q /A100 gs %d 0 0 %d %d %d cm /I%d Do Q\n", m.Width, -m.Height, m.At.X, m.At.Y+m.Height, n)
}

// bitmap paints pixels whose middles lie in the picture.
func (c *canvas) bitmap(m *Bitmap) {
	left, top, right, bottom := pixels(m.At.X), pixels(m.At.Y), pixels(m.At.X+m.Width), pixels(m.At.Y+m.Height)
	bounds := c.image.Rect
	for y := max(0, (top+127)>>8); y < bounds.Max.Y && y<<8+128 < bottom; y++ {
		row := (y<<8 + 128 - top) * m.Rows / (bottom - top)
		for x := max(0, (left+127)>>8); x < bounds.Max.X && x<<8+128 < right; x++ {
			column := (x<<8 + 128 - left) * m.Columns / (right - left)
			from := m.Pixels[(row*m.Columns+column)*m.Channels:]
			to := c.image.Pix[c.image.PixOffset(x, y):]
			to[0], to[1], to[2] = from[0], from[m.Channels/2], from[m.Channels-1]
		}
	}
}
