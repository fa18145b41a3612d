package ink

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/draw"
	"image/png"
)

// PNG gives the page as an image of 200 pixels to the inch, on white paper.
func (p *Page) PNG() []byte {
	w, h := pixels(p.Width)>>8, pixels(p.Height)>>8
	c := &canvas{raster: newRaster(w, h), image: image.NewRGBA(image.Rect(0, 0, w, h))}
	draw.Draw(c.image, c.image.Rect, image.White, image.Point{}, draw.Src)
	for _, m := range p.marks {
		switch m := m.(type) {
		case Shape:
			c.shape(&m)
		case Text:
			c.text(&m)
		case Bitmap:
			c.bitmap(&m)
		}
	}
	return c.encode()
}

// pixels turns hundredths of a point into 1/256 of a pixel, of which there are 200 an inch.
func pixels(n int) int { return divide(n*64, 9) }

func onPixels(line []Point) []Point {
	out := make([]Point, len(line))
	for i, p := range line {
		out[i] = Point{pixels(p.X), pixels(p.Y)}
	}
	return out
}

// A canvas is an image that is painted on.
type canvas struct {
	*raster
	image *image.RGBA // opaque everywhere
}

func (c *canvas) shape(s *Shape) {
	if s.Fill.Percent > 0 {
		for _, line := range s.Lines {
			c.polygon(onPixels(line))
		}
		c.put(s.Fill)
	}
	if s.Stroke.Percent == 0 {
		return
	}
	dash := make([]int, len(s.Dash))
	for i, d := range s.Dash {
		dash[i] = pixels(d)
	}
	for _, line := range s.Lines {
		at := onPixels(line)
		if len(dash) == 0 {
			c.stroke(at, s.Closed, pixels(s.Width))
			continue
		}
		for _, part := range dashed(at, s.Closed, dash) {
			c.stroke(part, false, pixels(s.Width))
		}
	}
	c.put(s.Stroke)
}

func (c *canvas) text(t *Text) {
	var line []Point
	t.outline(func(s segment) {
		switch s.op {
		case 'M':
			if len(line) > 0 {
				c.polygon(onPixels(line))
			}
			line = append(line[:0], s.args[0])
		case 'L':
			line = append(line, s.args[0])
		case 'Q':
			from := line[len(line)-1]
			const steps = 6
			for k := 1; k <= steps; k++ {
				a, b, d := (steps-k)*(steps-k), 2*k*(steps-k), k*k
				line = append(line, Point{
					divide(a*from.X+b*s.args[0].X+d*s.args[1].X, steps*steps),
					divide(a*from.Y+b*s.args[0].Y+d*s.args[1].Y, steps*steps),
				})
			}
		}
	})
	if len(line) > 0 {
		c.polygon(onPixels(line))
	}
	c.put(t.Paint)
}

// put paints what the raster covers.
func (c *canvas) put(p Paint) {
	color := [3]int{int(p.Color.R), int(p.Color.G), int(p.Color.B)}
	c.paint(func(x, y, cover int) {
		at := c.image.Pix[c.image.PixOffset(x, y):]
		alpha := cover * p.Percent // of 25,500
		for k, v := range color {
			at[k] = byte(divide(int(at[k])*(25500-alpha)+v*alpha, 25500))
		}
	})
}

// encode writes a PNG.
func (c *canvas) encode() []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, c.image); err != nil {
		panic(err) // a page has a size, and memory takes all bytes
	}
	return atScale(b.Bytes())
}

// atScale says in a PNG (second edition, 2003) how large it is meant to be, which image/png does not: a chunk
// pHYs after the head, without which typesetters take 72 pixels an inch.
func atScale(data []byte) []byte {
	const perMeter = 7874 // 200 pixels an inch
	const head = 8 + 4 + 4 + 13 + 4
	chunk := append([]byte("pHYs"), 0, 0, perMeter>>8, perMeter&255, 0, 0, perMeter>>8, perMeter&255, 1)
	out := append([]byte{}, data[:head]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(chunk)-4))
	out = append(out, chunk...)
	out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(chunk))
	return append(out, data[head:]...)
}
