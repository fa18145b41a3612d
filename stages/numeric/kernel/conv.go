package kernel

import "sync"

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

// Conv sets z [Rows, OutHeight, OutWidth, Out] to the windows of x times w [Kernel, Kernel, In, Out] plus bias [Out], nil for none.
// An element is the chain of MatMul from its bias, or 0, over the window's rows, columns and channels in this order.
func Conv(z, x, w, bias []float32, s ConvShape) {
	s.check(len(x), len(z), len(w))
	patches(x, &s, func(first, count int, p []float32) {
		MatMul(z[first*s.Out:], s.Out, p, s.window(), 1, w, s.Out, count, s.Out, s.window(), bias, false)
	})
}

// ConvWeights sets dw [Kernel, Kernel, In, Out] to the gradient by w of the sum of d [Rows, OutHeight, OutWidth, Out] times what
// Conv makes of x, and db [Out], unless it is empty, to that by the bias. Elements are chains over the images, rows and columns
// of the result in this order: of dw those of MatMul, of db sums.
func ConvWeights(dw, db, x, d []float32, s ConvShape) {
	s.check(len(x), len(d), len(dw))
	more := false
	patches(x, &s, func(first, count int, p []float32) {
		MatMul(dw, s.Out, p, 1, s.window(), d[first*s.Out:], s.Out, s.window(), s.Out, count, nil, more)
		more = true
	})
	if len(db) > 0 {
		rows := s.Rows * s.OutHeight() * s.OutWidth()
		AddRows(db, d, s.Out, rows, s.Out, false)
	}
}

// ConvInputs sets dx [Rows, Height, Width, In] to the gradient by x of the sum of d [Rows, OutHeight, OutWidth, Out] times what Conv
// makes of x. An element is the chain of MatMul from 0 over the rows and columns of the windows that hold it, by its place in
// them, and the channels Out; windows that the stride leaves out are passed over, those outside of d count as 0.
func ConvInputs(dx, d, w []float32, s ConvShape) {
	s.check(len(dx), len(d), len(w))
	for y := range s.Stride {
		for x := range s.Stride {
			s.convInputs(dx, d, w, y, x)
		}
	}
}

func (s *ConvShape) check(x, z, w int) {
	if s.Rows < 0 || s.In < 1 || s.Out < 1 || s.Kernel < 1 || s.Stride < 1 || s.Padding < 0 ||
		s.Kernel > s.Height+2*s.Padding || s.Kernel > s.Width+2*s.Padding {
		panic("kernel: Conv: there is no such shape")
	}
	if x < s.Rows*s.Height*s.Width*s.In || z < s.Rows*s.OutHeight()*s.OutWidth()*s.Out || w < s.window()*s.Out {
		panic("kernel: Conv: a slice is too short for the shape")
	}
}

// patchNumbers is about how many numbers of windows are laid out at a time, to be found in a near cache.
const patchNumbers = 1 << 15

var patchRooms = sync.Pool{New: func() any { return new([]float32) }}

// patches lays out the windows of x, some at a time, and hands them on: count of them, [count, window()], from the given one on.
func patches(x []float32, s *ConvShape, use func(first, count int, p []float32)) {
	n, height, width := s.window(), s.OutHeight(), s.OutWidth()
	most := max(1, patchNumbers/n)
	room := patchRooms.Get().(*[]float32)
	defer patchRooms.Put(room)
	if len(*room) < most*n {
		*room = make([]float32, most*n)
	}
	p := *room
	windows := s.Rows * height * width
	for first := 0; first < windows; first += most {
		count := min(most, windows-first)
		for i := range count {
			at := first + i
			row, y, column := at/(height*width), at/width%height, at%width
			s.patch(p[i*n:(i+1)*n], x[row*s.Height*s.Width*s.In:], y*s.Stride-s.Padding, column*s.Stride-s.Padding)
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

// convInputs does the pixels whose row and column, with the padding, leave y0 and x0 over from multiples of the stride: those
// are in windows of the same places.
func (s *ConvShape) convInputs(dx, d, w []float32, y0, x0 int) {
	var taps []int // places in a window, as k*Kernel+l
	for k := y0; k < s.Kernel; k += s.Stride {
		for l := x0; l < s.Kernel; l += s.Stride {
			taps = append(taps, k*s.Kernel+l)
		}
	}
	n := len(taps) * s.Out
	turned := make([]float32, n*s.In) // [taps, Out, In]
	for i, tap := range taps {
		Transpose(turned[i*s.Out*s.In:], s.In, w[tap*s.In*s.Out:], s.Out, s.In, s.Out)
	}
	firstY, firstX := (y0-s.Padding%s.Stride+s.Stride)%s.Stride, (x0-s.Padding%s.Stride+s.Stride)%s.Stride
	height, width := s.OutHeight(), s.OutWidth()
	columns := (s.Width - firstX + s.Stride - 1) / s.Stride
	if columns <= 0 {
		return
	}
	p, made := make([]float32, columns*n), make([]float32, columns*s.In)
	for row := range s.Rows {
		image := d[row*height*width*s.Out:]
		for y := firstY; y < s.Height; y += s.Stride {
			for c := range columns {
				x := firstX + c*s.Stride
				for i, tap := range taps {
					part := p[(c*len(taps)+i)*s.Out:][:s.Out]
					oy, ox := (y+s.Padding-tap/s.Kernel)/s.Stride, (x+s.Padding-tap%s.Kernel)/s.Stride
					if y+s.Padding < tap/s.Kernel || x+s.Padding < tap%s.Kernel || oy >= height || ox >= width {
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
