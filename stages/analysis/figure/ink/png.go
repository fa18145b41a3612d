package ink

import (
	"encoding/binary"
	"hash/crc32"
)

// PNG gives the page as an image of 200 pixels to the inch, on white paper.
func (p *Page) PNG() []byte {
	w, h := pixels(p.Width)>>8, pixels(p.Height)>>8
	c := &canvas{raster: newRaster(w, h), pixels: make([]byte, 3*w*h)}
	for i := range c.pixels {
		c.pixels[i] = 255
	}
	for _, m := range p.marks {
		switch m := m.(type) {
		case Shape:
			c.shape(&m)
		case Text:
			c.text(&m)
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
	pixels []byte // red, green, blue
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
		at := c.pixels[3*(y*c.width+x):]
		alpha := cover * p.Percent // of 25,500
		for k, v := range color {
			at[k] = byte(divide(int(at[k])*(25500-alpha)+v*alpha, 25500))
		}
	})
}

// encode writes a PNG (second edition, 2003) with the filter that takes the row above off each row.
func (c *canvas) encode() []byte {
	stride := 3 * c.width
	rows := make([]byte, 0, (stride+1)*c.height)
	above := make([]byte, stride)
	for y := range c.height {
		row := c.pixels[y*stride : (y+1)*stride]
		rows = append(rows, 2)
		for i, v := range row {
			rows = append(rows, v-above[i])
		}
		above = row
	}
	head := binary.BigEndian.AppendUint32(nil, uint32(c.width))
	head = binary.BigEndian.AppendUint32(head, uint32(c.height))
	head = append(head, 8, 2, 0, 0, 0) // eight bits a channel, red, green, blue
	const perMeter = 7874              // 200 pixels an inch
	size := binary.BigEndian.AppendUint32(nil, perMeter)
	size = append(binary.BigEndian.AppendUint32(size, perMeter), 1)
	out := []byte("\x89PNG\r\n\x1a\n")
	for _, chunk := range []struct {
		name string
		data []byte
	}{{"IHDR", head}, {"pHYs", size}, {"IDAT", deflate(rows)}, {"IEND", nil}} {
		out = binary.BigEndian.AppendUint32(out, uint32(len(chunk.data)))
		from := len(out)
		out = append(append(out, chunk.name...), chunk.data...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(out[from:]))
	}
	return out
}
