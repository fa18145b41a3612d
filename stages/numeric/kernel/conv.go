package kernel

// A ConvShape is that of a convolution of images [Rows, Height, Width, In], pixel by pixel, channels innermost, with windows
// [Kernel, Kernel, In] that start at multiples of Stride, -Padding being the first: what lies outside the image is 0.
type ConvShape struct {
	Rows, Height, Width, In int
	Out                     int // channels of the result
	Kernel, Stride, Padding int
}

// OutHeight gives the number of rows of the result.
func (s *ConvShape) OutHeight() int { return (s.Height+2*s.Padding-s.Kernel)/s.Stride + 1 }

// OutWidth gives the number of columns of the result.
func (s *ConvShape) OutWidth() int { return (s.Width+2*s.Padding-s.Kernel)/s.Stride + 1 }

// window gives the numbers of a window.
func (s *ConvShape) window() int { return s.Kernel * s.Kernel * s.In }

// image gives the numbers of an image.
func (s *ConvShape) image() int { return s.Height * s.Width * s.In }

// pixels gives the number of windows in an image.
func (s *ConvShape) pixels() int { return s.OutHeight() * s.OutWidth() }

// Conv sets z [Rows, OutHeight, OutWidth, Out] to the windows of x times w [Kernel, Kernel, In, Out] plus bias [Out], nil for none.
// An element is the chain of MatMul from its bias, or 0, over the window's rows, columns and channels in this order.
func Conv(z, x, w, bias []float32, s ConvShape) {
	s.check(len(x), len(z), len(w))
	if bias != nil && len(bias) < s.Out {
		panic("kernel: Conv: there are fewer biases than channels")
	}
	if s.Rows > 0 {
		conv(z, x, w, bias, &s)
	}
}

// ConvWeights sets dw [Kernel, Kernel, In, Out] to the gradient by w of the sum of d [Rows, OutHeight, OutWidth, Out] times what
// Conv makes of x, and db [Out], unless it is empty, to that by the bias. Elements are chains over the images, rows and columns
// of the result in this order: of db sums, of dw those of SparseMatMul, with d as what may be zero. So a zero in dw is +0. With
// accumulate they go on from what dw and db hold, so that images may come some at a time without changing a bit.
func ConvWeights(dw, db, x, d []float32, s ConvShape, accumulate bool) {
	s.check(len(x), len(d), len(dw))
	if len(db) > 0 {
		AddRows(first(db, s.Out), d, s.Out, s.Rows*s.pixels(), s.Out, accumulate)
	}
	dw = dw[:s.window()*s.Out]
	if !accumulate {
		clear(dw)
	}
	if s.Rows > 0 {
		convWeights(dw, x, d, &s)
	}
}

// ConvInputs sets dx [Rows, Height, Width, In] to the gradient by x of the sum of d [Rows, OutHeight, OutWidth, Out] times what Conv
// makes of x. An element is the chain of SparseMatMul from 0, with d as what may be zero, over the windows that hold it, by their
// rows and columns, and the channels Out. So a zero is +0.
func ConvInputs(dx, d, w []float32, s ConvShape) {
	s.check(len(dx), len(d), len(w))
	if s.Rows > 0 {
		convInputs(dx[:s.Rows*s.image()], d, w[:s.window()*s.Out], &s)
	}
}

func (s *ConvShape) check(x, z, w int) {
	if s.Rows < 0 || s.In < 1 || s.Out < 1 || s.Kernel < 1 || s.Stride < 1 || s.Padding < 0 ||
		s.Kernel > s.Height+2*s.Padding || s.Kernel > s.Width+2*s.Padding {
		panic("kernel: Conv: there is no such shape")
	}
	if x < s.Rows*s.image() || z < s.Rows*s.pixels()*s.Out || w < s.window()*s.Out {
		panic("kernel: Conv: a slice is too short for the shape")
	}
}

// patchNumbers is about how many numbers of windows are laid out at a time, to be found in a near cache.
const patchNumbers = 1 << 15

// convInPatches is Conv by MatMul.
func convInPatches(z, x, w, bias []float32, s *ConvShape) {
	s.patches(x, func(first, count int, p []float32) {
		MatMul(z[first*s.Out:], s.Out, p, s.window(), 1, w, s.Out, count, s.Out, s.window(), bias, false)
	})
}

// convWeightsInPatches is ConvWeights, going on from dw, by MatMul.
func convWeightsInPatches(dw, x, d []float32, s *ConvShape) {
	s.patches(x, func(first, count int, p []float32) {
		MatMul(dw, s.Out, p, 1, s.window(), d[first*s.Out:], s.Out, s.window(), s.Out, count, nil, true)
	})
	positiveZeros(dw)
}

// patches lays out the windows of x, some at a time, and hands them on: count of them, [count, window()], from the given one on.
func (s *ConvShape) patches(x []float32, use func(first, count int, p []float32)) {
	n, width, pixels := s.window(), s.OutWidth(), s.pixels()
	most := max(1, patchNumbers/n)
	r := newRoom(most*n, 1, 0)
	defer r.free()
	p := r.slice(most * n)
	windows := s.Rows * pixels
	for first := 0; first < windows; first += most {
		count := min(most, windows-first)
		for i := range count {
			at := first + i
			row, y, column := at/pixels, at%pixels/width, at%width
			s.patch(p[i*n:(i+1)*n], x[row*s.image():], y*s.Stride-s.Padding, column*s.Stride-s.Padding)
		}
		use(first, count, p[:count*n])
	}
}

// patch lays out the window of an image at a row and a column.
func (s *ConvShape) patch(p, image []float32, top, left int) {
	line := s.Kernel * s.In
	from, to := max(0, -left), min(s.Kernel, s.Width-left)
	for k := range s.Kernel {
		part := p[k*line : (k+1)*line]
		y := top + k
		if y < 0 || y >= s.Height || from >= to {
			clear(part)
			continue
		}
		clear(part[:from*s.In])
		copy(part[from*s.In:to*s.In], image[(y*s.Width+left+from)*s.In:])
		clear(part[to*s.In:])
	}
}

// convInputsInPatches is convInputs by MatMul. The pixels whose row and column, with the padding, leave the same over from multiples
// of the stride are in windows of the same places.
func convInputsInPatches(dx, d, w []float32, s *ConvShape) {
	n := s.Kernel * s.Kernel * s.Out
	r := newRoom(n*s.In+s.Width*(n+s.In), 3, s.Kernel*s.Kernel)
	defer r.free()
	turned, p, made := r.slice(n*s.In), r.slice(s.Width*n), r.slice(s.Width*s.In)
	for y := range min(s.Stride, s.Height) {
		for x := range min(s.Stride, s.Width) {
			t := s.tapsOf(r.words, (y+s.Padding)%s.Stride, (x+s.Padding)%s.Stride)
			for i, tap := range t {
				Transpose(turned[i*s.Out*s.In:], s.In, w[int(tap)*s.In*s.Out:], s.Out, s.In, s.Out)
			}
			s.inputsInPatches(dx, d, turned, p, made, t, y, x)
		}
	}
	positiveZeros(dx)
}

// tapsOf gives the places in a window, as k*Kernel+l, of pixels that leave y and x over, in the order of the windows that hold them.
func (s *ConvShape) tapsOf(to []uint32, y, x int) []uint32 {
	n := 0
	for k := s.Kernel - 1; k >= 0; k-- {
		for l := s.Kernel - 1; l >= 0; l-- {
			if k%s.Stride == y && l%s.Stride == x {
				to[n] = uint32(k*s.Kernel + l)
				n++
			}
		}
	}
	return to[:n]
}

// inputsInPatches does the pixels from a row and a column on, a stride apart: turned is their weights, [taps, Out, In].
func (s *ConvShape) inputsInPatches(dx, d, turned, p, made []float32, taps []uint32, firstY, firstX int) {
	n, height, width := len(taps)*s.Out, s.OutHeight(), s.OutWidth()
	columns := (s.Width - firstX + s.Stride - 1) / s.Stride
	for row := range s.Rows {
		image := d[row*height*width*s.Out:]
		for y := firstY; y < s.Height; y += s.Stride {
			for c := range columns {
				x := firstX + c*s.Stride
				for i, tap := range taps {
					part := p[(c*len(taps)+i)*s.Out:][:s.Out]
					k, l := int(tap)/s.Kernel, int(tap)%s.Kernel
					oy, ox := (y+s.Padding-k)/s.Stride, (x+s.Padding-l)/s.Stride
					if y+s.Padding < k || x+s.Padding < l || oy >= height || ox >= width {
						clear(part)
						continue
					}
					copy(part, image[(oy*width+ox)*s.Out:])
				}
			}
			MatMul(made, s.In, p, n, 1, turned, s.In, columns, s.In, n, nil, false)
			for c := range columns {
				copy(dx[((row*s.Height+y)*s.Width+firstX+c*s.Stride)*s.In:][:s.In], made[c*s.In:])
			}
		}
	}
}
