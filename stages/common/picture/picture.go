// Package picture turns the bytes of one picture file into pixels, and draws many as one page.
//
// Decode reads PNG, JPEG and WebP, Resize and Grey make what a network takes, and a Sheet shows samples. They do what
// Pillow does (Image.open, ImageOps.exif_transpose, convert and resize with BILINEAR), which is what torchvision does on PIL images,
// so that pixels are those that other code on the same files sees.
//
// # What is promised
//
// All arithmetic is on whole numbers, so that equal bytes give equal pixels on every processor, and so do Go's decoders, which have
// no assembly and no floating point in what they decode. PNG and WebP are defined to the bit: their pixels are the same with every Go release,
// and they are Pillow's. The norm of JPEG leaves the last bit of the cosine transform open, and Go 1.26 has chosen it anew: pixels of a
// JPEG are the same on all machines for one Go release, and other releases may differ by a level or so. A test holds digests of
// decoded JPEGs, and so finds a Go release that changes them. What follows the transform (the colors that were stored at half the size, made larger;
// their conversion) is done here, as libjpeg does it.
package picture

// An Image is a picture of 1 channel (grey) or 3 (red, green, blue, as sRGB or whatever the file's colors were: profiles are not applied).
// Pixels are [channels, height, width], from the top left, 0 to 255. Whoever shares an Image changes none of its pixels.
type Image struct {
	Channels, Height, Width int
	Pixels                  []uint8
}

// newImage gives a black image.
func newImage(channels, height, width int) *Image {
	return &Image{channels, height, width, make([]uint8, channels*height*width)}
}

// plane gives the pixels of a channel, row by row.
func (m *Image) plane(channel int) []uint8 {
	size := m.Height * m.Width
	return m.Pixels[channel*size : (channel+1)*size : (channel+1)*size]
}

// Grey gives the image with one channel: ITU-R 601's luma (19595 R + 38470 G + 7471 B + 32768) / 65536, rounded down,
// as Pillow's mode L. A grey image is given as it is.
func (m *Image) Grey() *Image {
	if m.Channels == 1 {
		return m
	}
	grey := newImage(1, m.Height, m.Width)
	r, g, b := m.plane(0), m.plane(1), m.plane(2)
	for i := range grey.Pixels {
		grey.Pixels[i] = uint8((19595*uint32(r[i]) + 38470*uint32(g[i]) + 7471*uint32(b[i]) + 32768) >> 16)
	}
	return grey
}

// RGB gives the image with three channels, a grey one three times. One of three is given as it is.
func (m *Image) RGB() *Image {
	if m.Channels == 3 {
		return m
	}
	rgb := newImage(3, m.Height, m.Width)
	for c := range 3 {
		copy(rgb.plane(c), m.Pixels)
	}
	return rgb
}

// turned gives the image as an Exif orientation of 1 to 8 says that it is to be seen (Exif 2.3, tag 274).
func (m *Image) turned(orientation int) *Image {
	if orientation == 1 {
		return m
	}
	height, width := m.Height, m.Width
	if orientation >= 5 {
		height, width = width, height
	}
	out := newImage(m.Channels, height, width)
	// where the first pixel of the result comes from, and how far apart its columns and rows are there
	across, down := 1, m.Width
	start := 0
	right, bottom := m.Width-1, (m.Height-1)*m.Width
	switch orientation {
	case 2: // mirrored
		start, across = right, -1
	case 3: // upside down
		start, across, down = right+bottom, -1, -m.Width
	case 4:
		start, down = bottom, -m.Width
	case 5: // rows are columns
		across, down = m.Width, 1
	case 6: // to be turned to the right
		start, across, down = bottom, -m.Width, 1
	case 7:
		start, across, down = right+bottom, -m.Width, -1
	case 8: // to be turned to the left
		start, across, down = right, m.Width, -1
	}
	for c := range m.Channels {
		from, to := m.plane(c), out.plane(c)
		for y := range height {
			at := start + y*down
			for x := range width {
				to[y*width+x] = from[at]
				at += across
			}
		}
	}
	return out
}
