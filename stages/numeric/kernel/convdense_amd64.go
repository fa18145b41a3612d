//go:build !noasm

package kernel

// denseNumbers is about how many gradients are done at a time, so that they and what they are multiplied with stay in the first cache.
const denseNumbers = 1 << 12

// weightsOfAll is convWeights, going on from dw, with all of d: for each line of the windows, the product of what the windows have
// there, transposed, and d.
func (s *ConvShape) weightsOfAll(dw, x, d []float32) {
	height, width := s.frame()
	r := newRoom(height*width, 1, 0)
	defer r.free()
	frame := r.slice(height * width)
	clear(frame)
	down, across, line := s.OutHeight(), s.OutWidth(), s.Kernel*s.In
	most := max(1, denseNumbers/(across*s.Out))
	ldd, step, jump := 4*uintptr(s.Out), 4*uintptr(s.Stride*s.In), 4*uintptr(s.Stride*(width-across*s.In))
	for row := range s.Rows {
		from := x[row*s.image() : (row+1)*s.image()]
		if s.Padding > 0 {
			s.toFrame(frame, from, false)
			from = frame
		}
		for top := 0; top < down; top += most {
			lines := uintptr(min(most, down-top))
			part := d[(row*down+top)*across*s.Out:]
			for k := range s.Kernel {
				a := from[(top*s.Stride+k)*width:]
				for j := 0; j < s.Out; {
					t := tileOf(s.Out - j)
					columns := min(t.columns, s.Out-j)
					tiles := (line + t.rows - 1) / t.rows
					for i := range tiles {
						begin, end := i*line/tiles, (i+1)*line/tiles
						t.weights(&dw[(k*line+begin)*s.Out+j], ldd, &a[begin], step, jump, &part[j], ldd,
							uintptr(end-begin), uintptr(across), lines, lastLanes(columns))
					}
					j += columns
				}
			}
		}
	}
	positiveZeros(dw)
}

// inputsOfAll is convInputs with all of d, for w that is finite: Conv of d with the windows turned round, for the pixels of each part.
// Lines of d outside the image are left out, which changes no more than the sign of a zero.
func (s *ConvShape) inputsOfAll(dx, d, w []float32) {
	margin := (s.Kernel - 1) / s.Stride // pixels of 0 on the left of d
	down, across := s.OutHeight(), s.OutWidth()
	line := (margin + max(across, (s.Width+s.Padding-1)/s.Stride+1)) * s.Out
	r := newRoom(down*line+len(w), 2, s.Kernel*s.Kernel)
	defer r.free()
	frame, turned := r.slice(down*line), r.slice(len(w))
	clear(frame)
	for p := range s.inputsParts {
		for i, tap := range s.tapsOf(r.words, (p.y+s.Padding)%s.Stride, (p.x+s.Padding)%s.Stride) {
			Transpose(turned[p.w+i*s.Out*s.In:], s.In, w[int(tap)*s.In*s.Out:], s.Out, s.In, s.Out)
		}
	}
	for row := range s.Rows {
		image := dx[row*s.image() : (row+1)*s.image()]
		if s.Stride > 1 {
			clear(image) // some pixels may be in no window
		}
		for y := range down {
			copy(frame[y*line+margin*s.Out:], d[(row*down+y)*across*s.Out:][:across*s.Out])
		}
		for p := range s.inputsParts {
			k := p.places * s.Out
			t := convTiling{channels: s.In, zAcross: s.Stride * s.In, zDown: s.Stride * s.Width * s.In,
				xAcross: s.Out, xDown: line, width: p.width, k: k, line: line}
			for y := 0; y < p.height; y += t.height {
				last := p.lastY + y // of the windows' rows that hold these pixels
				begin := last - p.lines + 1
				from, to := max(0, begin), min(down-1, last)
				t.height, t.lines = 1, to-from+1
				if t.lines == p.lines {
					t.height = min(p.height-y, down-last)
				}
				if t.lines > 0 {
					t.run(image[((p.y+y*s.Stride)*s.Width+p.x)*s.In:], frame[from*line+(margin+p.lastX-p.places+1)*s.Out:],
						turned[p.w+(from-begin)*k*s.In:], nil)
				}
			}
		}
		positiveZeros(image)
	}
}

// An inputsPart is the pixels of an image from (y, x) on, a stride apart, which are in windows at the same places.
type inputsPart struct {
	y, x, height, width int
	lastY, lastX        int // of the windows that hold the first pixel
	lines, places       int // of each window that hold one of the pixels
	w                   int // where their weights are, [lines, places, Out, In], from the last on, behind those of the parts before
}

// inputsParts yields the parts with pixels in some window.
func (s *ConvShape) inputsParts(yield func(inputsPart) bool) {
	p := inputsPart{}
	for p.y = 0; p.y < min(s.Stride, s.Height); p.y++ {
		for p.x = 0; p.x < min(s.Stride, s.Width); p.x++ {
			p.height, p.width = (s.Height-p.y+s.Stride-1)/s.Stride, (s.Width-p.x+s.Stride-1)/s.Stride
			p.lastY, p.lastX = (p.y+s.Padding)/s.Stride, (p.x+s.Padding)/s.Stride
			p.lines, p.places = s.placesFrom((p.y+s.Padding)%s.Stride), s.placesFrom((p.x+s.Padding)%s.Stride)
			if p.lines > 0 && p.places > 0 && !yield(p) {
				return
			}
			p.w += p.lines * p.places * s.Out * s.In
		}
	}
}

// placesFrom gives how many numbers below Kernel leave over what n, less than Stride, does.
func (s *ConvShape) placesFrom(n int) int { return max(0, s.Kernel-n+s.Stride-1) / s.Stride }
