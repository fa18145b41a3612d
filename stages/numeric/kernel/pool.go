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

// sizes gives how many numbers the images have, and their windows.
func (s *PoolShape) sizes() (x, z int) {
	return s.Rows * s.Height * s.Width * s.Channels, s.Rows * s.OutHeight() * s.OutWidth() * s.Channels
}

// check panics unless there are such windows, and x and z numbers for them.
func (s *PoolShape) check(x, z int) {
	if s.Rows < 0 || s.Channels < 1 || s.Stride < 1 || s.WindowHeight < 1 || s.WindowWidth < 1 ||
		s.WindowHeight > s.Height || s.WindowWidth > s.Width {
		panic("kernel: Pool: there is no such shape")
	}
	if nx, nz := s.sizes(); x < nx || z < nz {
		panic("kernel: Pool: a slice is too short for the shape")
	}
}

// eachRow calls use for each row of windows: where x has the first window's first pixel, and z the window.
func (s *PoolShape) eachRow(use func(x, z int)) {
	height, width := s.OutHeight(), s.OutWidth()
	for row := range s.Rows {
		for y := range height {
			use((row*s.Height+y*s.Stride)*s.Width*s.Channels, (row*height+y)*width*s.Channels)
		}
	}
}

// eachPixel calls use for each pixel of the windows of a row: its place in the window, row by row, and where x and z have it.
func (s *PoolShape) eachPixel(x, z int, use func(k, x, z int)) {
	for range s.OutWidth() {
		for k := range s.WindowHeight * s.WindowWidth {
			use(k, x+(k/s.WindowWidth*s.Width+k%s.WindowWidth)*s.Channels, z)
		}
		x += s.Stride * s.Channels
		z += s.Channels
	}
}

// MaxPool sets z [Rows, OutHeight, OutWidth, Channels] to the largest number of each window and channel of x, the first of equals,
// and places, unless it is empty, to its place in the window, row by row; a window has at most 2^16 pixels. A NaN is larger than
// all numbers, and of several it is the last.
func MaxPool(z []float32, places []uint16, x []float32, s PoolShape) {
	s.check(len(x), len(z))
	if _, n := s.sizes(); len(places) > 0 {
		places = first(places, n)
	}
	s.eachRow(func(from, to int) { maxPoolRow(z, places, x, from, to, &s) })
}

// maxPoolRowPortable does the windows of a row, for the channels from one on.
func maxPoolRowPortable(z []float32, places []uint16, x []float32, from, to, channel int, s *PoolShape) {
	s.eachPixel(from, to, func(k, at, to int) {
		for c := channel; c < s.Channels; c++ {
			if v := x[at+c]; k == 0 || v > z[to+c] || v != v {
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
	s.check(len(dx), len(d))
	nx, nz := s.sizes()
	places = first(places, nz)
	if !s.apart() || s.Height != s.OutHeight()*s.WindowHeight || s.Width != s.OutWidth()*s.WindowWidth {
		clear(dx[:nx])
	}
	s.eachRow(func(to, from int) { maxPoolGradientRow(dx, d, places, to, from, &s) })
}

// apart reports whether windows share no pixel.
func (s *PoolShape) apart() bool { return s.Stride >= s.WindowHeight && s.Stride >= s.WindowWidth }

// maxPoolGradientRowPortable adds to what dx is; where windows are apart it sets it.
func maxPoolGradientRowPortable(dx, d []float32, places []uint16, to, from, channel int, s *PoolShape) {
	apart := s.apart()
	s.eachPixel(to, from, func(k, at, from int) {
		if apart {
			clear(dx[at+channel : at+s.Channels])
		}
		for c := channel; c < s.Channels; c++ {
			if int(places[from+c]) == k {
				dx[at+c] += d[from+c]
			}
		}
	})
}

// AveragePool sets z [Rows, OutHeight, OutWidth, Channels] to the mean of each window and channel of x: the sum, row by row, times
// one over the number of pixels.
func AveragePool(z, x []float32, s PoolShape) {
	s.check(len(x), len(z))
	_, n := s.sizes()
	z = z[:n]
	clear(z)
	s.eachRow(func(from, to int) {
		s.eachPixel(from, to, func(_, at, to int) {
			sums := z[to : to+s.Channels]
			add(sums, sums, x[at:at+s.Channels])
		})
	})
	Scale(z, 1/float32(s.WindowHeight*s.WindowWidth))
}

// AveragePoolGradient sets dx to the gradient by x of the sum of d times what AveragePool makes of x, d being multiplied with one over
// the number of pixels first; sums go in the order of windows. It writes over d.
func AveragePoolGradient(dx, d []float32, s PoolShape) {
	s.check(len(dx), len(d))
	nx, nz := s.sizes()
	clear(dx[:nx])
	Scale(d[:nz], 1/float32(s.WindowHeight*s.WindowWidth))
	s.eachRow(func(to, from int) {
		s.eachPixel(to, from, func(_, at, from int) {
			sums := dx[at : at+s.Channels]
			add(sums, sums, d[from:from+s.Channels])
		})
	})
}
