package picture

import (
	"fmt"
	"image"
	"image/color"
)

// fromPNG takes an image as image/png gives it, which has red, green and blue for grey with alpha too.
func fromPNG(decoded image.Image, grey bool) (*Image, error) {
	m, err := fromPixels(decoded)
	if err == nil && grey && m.Channels == 3 {
		size := m.Height * m.Width
		return &Image{1, m.Height, m.Width, m.Pixels[:size:size]}, nil
	}
	return m, err
}

// fromPixels takes an image whose pixels stand one after another, and drops alpha.
func fromPixels(decoded image.Image) (*Image, error) {
	switch p := decoded.(type) {
	case *image.Gray:
		return interleaved(p.Rect, p.Pix, p.Stride, 1, 0), nil
	case *image.Gray16:
		return interleaved(p.Rect, p.Pix, p.Stride, 2, 0), nil
	case *image.RGBA: // opaque: decoders give it where there is no alpha
		return interleaved(p.Rect, p.Pix, p.Stride, 4, 0, 1, 2), nil
	case *image.NRGBA:
		return interleaved(p.Rect, p.Pix, p.Stride, 4, 0, 1, 2), nil
	case *image.RGBA64:
		return interleaved(p.Rect, p.Pix, p.Stride, 8, 0, 2, 4), nil
	case *image.NRGBA64:
		return interleaved(p.Rect, p.Pix, p.Stride, 8, 0, 2, 4), nil
	case *image.Paletted:
		return fromPalette(p)
	case *image.CMYK:
		return fromCMYK(p), nil
	}
	return nil, fmt.Errorf("picture: no pixels are taken from a %T", decoded)
}

// interleaved takes the bytes at the given places of each pixel, one for each channel. Of 16 bits the upper 8 stand first.
func interleaved(rect image.Rectangle, pix []uint8, stride, step int, places ...int) *Image {
	m := newImage(len(places), rect.Dy(), rect.Dx())
	for c, place := range places {
		to := m.plane(c)
		for y := range m.Height {
			from, row := pix[y*stride:], to[y*m.Width:(y+1)*m.Width]
			at := place
			for x := range row {
				row[x] = from[at]
				at += step
			}
		}
	}
	return m
}

func fromPalette(p *image.Paletted) (*Image, error) {
	var table [256][3]uint8 // what a palette lacks is black, as in libpng
	for i, entry := range p.Palette {
		switch c := entry.(type) {
		case color.RGBA:
			table[i] = [3]uint8{c.R, c.G, c.B}
		case color.NRGBA:
			table[i] = [3]uint8{c.R, c.G, c.B}
		default:
			return nil, fmt.Errorf("picture: a palette holds a %T", entry)
		}
	}
	m := newImage(3, p.Rect.Dy(), p.Rect.Dx())
	r, g, b := m.plane(0), m.plane(1), m.plane(2)
	for y := range m.Height {
		for x, index := range p.Pix[y*p.Stride : y*p.Stride+m.Width] {
			at := y*m.Width + x
			r[at], g[at], b[at] = table[index][0], table[index][1], table[index][2]
		}
	}
	return m, nil
}

// fromCMYK makes light of what inks leave: (255-K) - C(255-K)/255, rounded, as Pillow does.
func fromCMYK(p *image.CMYK) *Image {
	m := newImage(3, p.Rect.Dy(), p.Rect.Dx())
	for y := range m.Height {
		from := p.Pix[y*p.Stride:]
		for x := range m.Width {
			light := 255 - uint32(from[4*x+3])
			for c := range 3 {
				t := uint32(from[4*x+c])*light + 128
				m.plane(c)[y*m.Width+x] = uint8(light - (t+t>>8)>>8)
			}
		}
	}
	return m
}
