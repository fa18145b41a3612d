package picture

// A Fit says what becomes of a picture whose sides have another ratio than those that are wanted.
type Fit uint8

const (
	// Stretch scales height and width each by its own factor, as torchvision's Resize((height, width)).
	Stretch Fit = iota
	// Cover scales both alike until the smaller fits, and cuts equal parts off at both ends of the other, as torchvision's Resize(n) and
	// CenterCrop(n) do where height and width are n.
	Cover
)

// Resize gives the image with the given height and width, 1 to 65,535 each. An image that has them already is given as it is.
//
// Each pixel is a weighted mean of those around its place, and the weights are a triangle: towards both sides it falls to 0 at a distance of one pixel of
// the result where that is smaller than the image, and of one pixel of the image where it is larger. So what is made smaller is averaged, not
// sampled, and what is made larger is bilinear. This is Pillow's BILINEAR, torchvision's with antialias=True, and equal to it: rows are
// scaled first, columns then, each with weights in 2^-22, and rounded to 8 bits, halves up. A pixel differs from the unrounded mean by at most
// 1 + (a+b)/30000 levels, where a and b are how many pixels across and down take part in it.
//
// Of Cover: the longer side is rounded down after scaling; of an odd number of pixels too many, (n-1)/2 or (n+1)/2, whichever is even, are cut off at
// the left or top.
func (m *Image) Resize(height, width int, fit Fit) *Image {
	if min(height, width) < 1 || max(height, width, m.Height, m.Width) > maxSide {
		panic("picture: resized from or to a side of no pixels, or of more than 65,535")
	}
	if m.Height == height && m.Width == width {
		return m
	}
	columns, rows := whole(m.Width, width), whole(m.Height, height)
	if fit == Cover {
		if w, h := m.Width*height, m.Height*width; w >= h {
			columns = middle(m.Width, max(width, w/m.Height), width)
		} else {
			rows = middle(m.Height, max(height, h/m.Width), height)
		}
	}
	out := newImage(m.Channels, height, width)
	top, end := rows.span()
	narrow := make([]uint8, (end-top)*width)
	sums := make([]uint32, width)
	for c := range m.Channels {
		columns.across(narrow, m.plane(c)[top*m.Width:end*m.Width], m.Width)
		rows.down(out.plane(c), narrow, width, top, sums)
	}
	return out
}

// An axis holds the weights of the pixels along one side: for the i-th pixel of the result weights[i*taps:] of
// the taps pixels from first[i] on. Their sum is 2^22 but for rounding, and some at the ends may be 0.
type axis struct {
	first   []int
	weights []uint32
	taps    int
}

const weightBits = 22

// whole scales n pixels to size.
func whole(n, size int) *axis { return newAxis(n, size, 0, size) }

// middle scales n pixels to size, and takes keep of them in the middle.
func middle(n, size, keep int) *axis {
	cut := size - keep
	from := cut / 2
	if cut%2 == 1 && from%2 == 1 {
		from++
	}
	return newAxis(n, size, from, keep)
}

// newAxis has the weights for keep of the size pixels that n are scaled to, beginning with from. They are worked out as fractions: with a
// pixel of the result around (2i+1)n and one of the image at (2j+1)size, in units of 1/(2 size) pixels of the image, the weight is what the
// distance leaves of 2 max(n, size).
func newAxis(n, size, from, keep int) *axis {
	reach := 2 * max(n, size)
	a := &axis{first: make([]int, keep), taps: min(n, (reach+size-1)/size)} // what an open interval of 2 reach can hold at distances of 2 size
	a.weights = make([]uint32, keep*a.taps)
	exact := make([]int, a.taps)
	for k := range keep {
		center := (2*(from+k) + 1) * n
		first := min((max(0, center-reach)+size)/(2*size), n-a.taps) // the first with 2 first + 1 > (center-reach)/size
		sum := 0
		for t := range exact {
			exact[t] = max(0, reach-distance((2*(first+t)+1)*size, center))
			sum += exact[t]
		}
		for t, w := range exact {
			a.weights[k*a.taps+t] = uint32((w<<(weightBits+1) + sum) / (2 * sum))
		}
		a.first[k] = first
	}
	return a
}

func distance(a, b int) int { return max(a-b, b-a) }

// span gives the pixels that may have a weight: those from first to before end.
func (a *axis) span() (first, end int) { return a.first[0], a.first[len(a.first)-1] + a.taps }

// across scales rows of n pixels.
func (a *axis) across(to, from []uint8, n int) {
	width := len(a.first)
	for y := range len(from) / n {
		row, out := from[y*n:(y+1)*n], to[y*width:(y+1)*width]
		if a.taps == 2 {
			a.pairs(out, row)
			continue
		}
		weights := a.weights
		for x, first := range a.first {
			sum := uint32(1 << (weightBits - 1))
			pixels, w := row[first:first+a.taps], weights[:a.taps]
			weights = weights[a.taps:]
			for len(pixels) >= 4 && len(w) >= 4 {
				sum += uint32(pixels[0])*w[0] + uint32(pixels[1])*w[1] + uint32(pixels[2])*w[2] + uint32(pixels[3])*w[3]
				pixels, w = pixels[4:], w[4:]
			}
			for t, v := range pixels {
				sum += uint32(v) * w[t]
			}
			out[x] = level(sum)
		}
	}
}

// pairs scales a row of which two pixels make one, as where it becomes longer.
func (a *axis) pairs(out, row []uint8) {
	weights := a.weights[:2*len(out)]
	for x, first := range a.first[:len(out)] {
		w, pixels := weights[2*x:2*x+2], row[first:first+2]
		out[x] = level(1<<(weightBits-1) + uint32(pixels[0])*w[0] + uint32(pixels[1])*w[1])
	}
}

// down scales columns; from begins with row top of the image, and sums has room for a row.
func (a *axis) down(to, from []uint8, width, top int, sums []uint32) {
	for y, first := range a.first {
		for x := range sums {
			sums[x] = 1 << (weightBits - 1)
		}
		for t, w := range a.weights[y*a.taps : (y+1)*a.taps] {
			if w == 0 {
				continue
			}
			row := from[(first-top+t)*width:][:len(sums)]
			for x, v := range row {
				sums[x] += uint32(v) * w
			}
		}
		out := to[y*width:][:len(sums)]
		for x, sum := range sums {
			out[x] = level(sum)
		}
	}
}

func level(sum uint32) uint8 { return uint8(min(sum>>weightBits, 255)) }
