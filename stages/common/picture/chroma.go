package picture

import "image"

// JPEG and WebP keep a picture as lightness, and two differences in color (chroma) that may have half its width and
// height. A chroma is how a format has them made large again and turned into red, green and blue, so that the pixels are those of
// libjpeg (as of libjpeg-turbo 3, whose fast paths give the same) and of libwebp.
type chroma struct {
	round  uint32 // added to sixteenths for pixels right of their sample: libjpeg has rounding go to and fro
	narrow int    // up to so many samples a row are repeated, not interpolated
	colors func(y, cb, cr, r, g, b []uint8)
}

var (
	asJPEG  = chroma{round: 7, narrow: 2, colors: fullRange}
	asVideo = chroma{round: 8, narrow: 0, colors: videoRange}
)

// image gives the pixels. What lies right of and below the picture in its last blocks takes no part.
func (c chroma) image(p *image.YCbCr) *Image {
	m := newImage(3, p.Rect.Dy(), p.Rect.Dx())
	across, down := spread(p.SubsampleRatio)
	width := (m.Width + across - 1) / across // of the rows of chroma
	s := samples{across: across, down: down, rows: (m.Height + down - 1) / down, round: c.round}
	if width <= c.narrow || across == 4 {
		s.repeat = true
	}
	cb, cr := make([]uint8, width*across), make([]uint8, width*across)
	for y := range m.Height {
		s.row(cb, p.Cb, p.CStride, width, y)
		s.row(cr, p.Cr, p.CStride, width, y)
		from, to := y*m.Width, (y+1)*m.Width
		c.colors(p.Y[y*p.YStride:][:m.Width], cb[:m.Width], cr[:m.Width], m.plane(0)[from:to], m.plane(1)[from:to], m.plane(2)[from:to])
	}
	return m
}

// spread tells for how many pixels across and down a sample of chroma stands.
func spread(ratio image.YCbCrSubsampleRatio) (across, down int) {
	switch ratio {
	case image.YCbCrSubsampleRatio422:
		return 2, 1
	case image.YCbCrSubsampleRatio420:
		return 2, 2
	case image.YCbCrSubsampleRatio440:
		return 1, 2
	case image.YCbCrSubsampleRatio411:
		return 4, 1
	case image.YCbCrSubsampleRatio410:
		return 4, 2
	}
	return 1, 1
}

// Samples are interpolated between the two that are nearest, 3 parts of the nearer and 1 of the other, across and down
// ("fancy upsampling"); at the edges a sample is its own neighbor.
type samples struct {
	across, down, rows int
	round              uint32
	repeat             bool // no interpolation
}

// row makes the samples for a row of pixels.
func (s *samples) row(to, plane []uint8, stride, width, y int) {
	at := func(row int) []uint8 { return plane[min(max(row, 0), s.rows-1)*stride:][:width] }
	near := at(y / s.down)
	if s.repeat || s.across == 1 && s.down == 1 {
		for x, v := range near {
			for i := range s.across {
				to[x*s.across+i] = v
			}
		}
		return
	}
	far := near
	if s.down == 2 {
		far = at(y/2 - 1 + y%2*2)
	}
	switch {
	case s.across == 1:
		round := 1 + uint32(y%2)
		for x, v := range near {
			to[x] = uint8((3*uint32(v) + uint32(far[x]) + round) >> 2)
		}
	case s.down == 1:
		last := uint32(near[0])
		for x, v := range near {
			this, next := uint32(v), uint32(near[min(x+1, width-1)])
			to[2*x] = uint8((3*this + last + 1) >> 2)
			to[2*x+1] = uint8((3*this + next + 2) >> 2)
			last = this
		}
	default:
		this := 3*uint32(near[0]) + uint32(far[0])
		last := this
		for x := range width {
			next := this
			if x+1 < width {
				next = 3*uint32(near[x+1]) + uint32(far[x+1])
			}
			to[2*x] = uint8((3*this + last + 8) >> 4)
			to[2*x+1] = uint8((3*this + next + s.round) >> 4)
			last, this = this, next
		}
	}
}

// The products of JFIF's conversion (ITU-T T.871), in 65536ths, by chroma.
var redOfCr, greenOfCr, greenOfCb, blueOfCb = func() (r, gr, gb, b [256]int32) {
	for i := range 256 {
		v := int32(i) - 128
		r[i] = (91881*v + 32768) >> 16  // 1.402
		gr[i] = -46802 * v              // 0.714136
		gb[i] = -22554*v + 32768        // 0.344136
		b[i] = (116130*v + 32768) >> 16 // 1.772
	}
	return
}()

// fullRange turns a row of JPEG's colors into red, green and blue.
func fullRange(y, cb, cr, r, g, b []uint8) {
	cb, cr, r, g, b = cb[:len(y)], cr[:len(y)], r[:len(y)], g[:len(y)], b[:len(y)]
	for i, v := range y {
		light := int32(v)
		r[i] = clip(light + redOfCr[cr[i]])
		g[i] = clip(light + (greenOfCb[cb[i]]+greenOfCr[cr[i]])>>16)
		b[i] = clip(light + blueOfCb[cb[i]])
	}
}

// videoRange does it for WebP, whose lightness is 16 to 235 (ITU-R BT.601), with libwebp's 14 bits.
func videoRange(y, cb, cr, r, g, b []uint8) {
	cb, cr, r, g, b = cb[:len(y)], cr[:len(y)], r[:len(y)], g[:len(y)], b[:len(y)]
	for i, v := range y {
		light, u, v := int32(v)*19077>>8, int32(cb[i]), int32(cr[i])
		r[i] = clip((light + v*26149>>8 - 14234) >> 6)
		g[i] = clip((light - u*6419>>8 - v*13320>>8 + 8708) >> 6)
		b[i] = clip((light + u*33050>>8 - 17685) >> 6)
	}
}

func clip(v int32) uint8 {
	if uint32(v) > 255 {
		return uint8(^v >> 31)
	}
	return uint8(v)
}
