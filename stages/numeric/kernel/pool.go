package kernel

// A PoolShape is that of windows of images [Rows, Height, Width, Channels], pixel by pixel, channels innermost.
type PoolShape struct {
	Rows, Height, Width, Channels int
	WindowHeight, WindowWidth     int
	Stride                        int // distance of windows
}

// OutHeight gives the number of rows of windows.
func (s *PoolShape) OutHeight() int { return (s.Height-s.WindowHeight)/s.Stride + 1 }

// OutWidth gives the number of columns of windows.
func (s *PoolShape) OutWidth() int { return (s.Width-s.WindowWidth)/s.Stride + 1 }

// each calls use for each window and each of its pixels, k being the pixel's place in it, row by row: where x and z have them.
func (s *PoolShape) each(use func(k, x, z int)) {
	height, width := s.OutHeight(), s.OutWidth()
	for row := range s.Rows {
		for y := range height {
			for x := range width {
				z := ((row*height+y)*width + x) * s.Channels
				for k := range s.WindowHeight * s.WindowWidth {
					at := (row*s.Height+y*s.Stride+k/s.WindowWidth)*s.Width + x*s.Stride + k%s.WindowWidth
					use(k, at*s.Channels, z)
				}
			}
		}
	}
}

// MaxPool sets z [Rows, OutHeight, OutWidth, Channels] to the largest number of each window and channel of x, the first of equals,
// and places, unless it is empty, to its place in the window, row by row; a window has at most 2^16 pixels. A NaN is larger than
// all numbers.
func MaxPool(z []float32, places []uint16, x []float32, s PoolShape) {
	s.each(func(k, at, to int) {
		for c, v := range x[at : at+s.Channels] {
			if k == 0 || v > z[to+c] || v != v && z[to+c] == z[to+c] {
				z[to+c] = v
				if len(places) > 0 {
					places[to+c] = uint16(k)
				}
			}
		}
	})
}

// MaxPoolGradient sets dx to the gradient by x of the sum of d times what MaxPool makes of x; sums go in the order of windows.
func MaxPoolGradient(dx, d []float32, places []uint16, s PoolShape) {
	clear(dx[:s.Rows*s.Height*s.Width*s.Channels])
	s.each(func(k, at, to int) {
		for c, place := range places[to : to+s.Channels] {
			if int(place) == k {
				dx[at+c] += d[to+c]
			}
		}
	})
}

// AveragePool sets z [Rows, OutHeight, OutWidth, Channels] to the mean of each window and channel of x: the sum, row by row, times
// one over the number of pixels.
func AveragePool(z, x []float32, s PoolShape) {
	clear(z[:s.Rows*s.OutHeight()*s.OutWidth()*s.Channels])
	s.each(func(k, at, to int) {
		for c, v := range x[at : at+s.Channels] {
			z[to+c] += v
		}
	})
	Scale(z, 1/float32(s.WindowHeight*s.WindowWidth))
}

// AveragePoolGradient sets dx to the gradient by x of the sum of d times what AveragePool makes of x; sums go in the order of
// windows.
func AveragePoolGradient(dx, d []float32, s PoolShape) {
	clear(dx[:s.Rows*s.Height*s.Width*s.Channels])
	factor := 1 / float32(s.WindowHeight*s.WindowWidth)
	s.each(func(k, at, to int) {
		for c, v := range d[to : to+s.Channels] {
			dx[at+c] += float32(v * factor)
		}
	})
}
