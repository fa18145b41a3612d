//go:build !noasm

package kernel

// frame is an image with its padding: how many rows, and numbers in a row.
func (s *ConvShape) frame() (height, width int) {
	return s.Height + 2*s.Padding, (s.Width + 2*s.Padding) * s.In
}

// toFrame copies an image into a frame whose padding is 0, or back.
func (s *ConvShape) toFrame(frame, image []float32, back bool) {
	_, width := s.frame()
	line := s.Width * s.In
	if s.Padding == 0 {
		line *= s.Height
	}
	for i := 0; i < s.image(); i += line {
		at := frame[(i/(s.Width*s.In)+s.Padding)*width+s.Padding*s.In:]
		if back {
			copy(image[i:i+line], at)
		} else {
			copy(at, image[i:i+line])
		}
	}
}

func conv(z, x, w, bias []float32, s *ConvShape) {
	if path == portable {
		convInPatches(z, x, w, bias, s)
		return
	}
	if s.Padding == 0 {
		for row := range s.Rows {
			s.convImage(z[row*s.pixels()*s.Out:], x[row*s.image():], w, bias)
		}
		return
	}
	height, width := s.frame()
	r := newRoom(height*width, 1, 0)
	defer r.free()
	frame := r.slice(height * width)
	clear(frame)
	for row := range s.Rows {
		s.toFrame(frame, x[row*s.image():], false)
		s.convImage(z[row*s.pixels()*s.Out:], frame, w, bias)
	}
}

// A convTile does up to so many pixels side by side, and all below them, for a panel of vectors of the result's channels. Its weights
// does as many numbers of a line of the windows.
type convTile struct {
	run func(c *float32, cRow, cDown uintptr, a *float32, aRow, aDown, aJump uintptr, b *float32, ldb uintptr,
		width, height, lines, k uintptr, start *float32, lanes uintptr)
	weights       func(c *float32, ldc uintptr, a *float32, aCol, aJump uintptr, b *float32, ldb uintptr, rows, k, lines, lanes uintptr)
	rows, columns int
}

var (
	convTilesAVX512 = [...]convTile{{conv1AVX512, weights1AVX512, 12, 16}, {conv2AVX512, weights2AVX512, 12, 32},
		{conv3AVX512, weights3AVX512, 8, 48}, {conv4AVX512, weights4AVX512, 6, 64}}
	convTilesAVX2 = [...]convTile{{conv1AVX2, weights1AVX2, 12, 8}, {conv1FullAVX2, weights1FullAVX2, 12, 8}, {conv2FullAVX2, weights2FullAVX2, 6, 16}}
)

// tileOf gives the tile for the next panel, of so many channels that are left.
func tileOf(left int) *convTile {
	if path == avx512 {
		switch vectors := (left + 15) / 16; vectors {
		case 5, 6:
			return &convTilesAVX512[2]
		default:
			return &convTilesAVX512[min(vectors, 4)-1]
		}
	}
	return &convTilesAVX2[min(left/8, 2)]
}

// convImage does an image, whose frame is x.
func (s *ConvShape) convImage(z, x, w, bias []float32) {
	_, line := s.frame()
	t := convTiling{channels: s.Out, zAcross: s.Out, zDown: s.OutWidth() * s.Out, xAcross: s.Stride * s.In, xDown: s.Stride * line,
		width: s.OutWidth(), height: s.OutHeight(), lines: s.Kernel, k: s.Kernel * s.In, line: line}
	t.run(z, x, w, bias)
}

// A convTiling is height times width pixels of a result, each with a window: what is from one to the next, in numbers.
type convTiling struct {
	channels       int // of the result, whose weights lie side by side
	zAcross, zDown int // from pixel to pixel
	xAcross, xDown int // from window to window
	width, height  int
	lines, k, line int // of a window: lines of k numbers, and from one to the next
}

// run does the pixels at z, of the windows at x.
func (c *convTiling) run(z, x, w, bias []float32) {
	for j := 0; j < c.channels; {
		t := tileOf(c.channels - j)
		columns := min(t.columns, c.channels-j)
		var start *float32
		if bias != nil {
			start = &bias[j]
		}
		tiles := (c.width + t.rows - 1) / t.rows
		for i := range tiles {
			from, to := i*c.width/tiles, (i+1)*c.width/tiles
			t.run(&z[from*c.zAcross+j], 4*uintptr(c.zAcross), 4*uintptr(c.zDown), &x[from*c.xAcross], 4*uintptr(c.xAcross), 4*uintptr(c.xDown),
				4*uintptr(c.line-c.k), &w[j], 4*uintptr(c.channels), uintptr(to-from), uintptr(c.height), uintptr(c.lines), uintptr(c.k), start, lastLanes(columns))
		}
		j += columns
	}
}

// lastLanes gives how many lanes the last vector of so many numbers has.
func lastLanes(n int) uintptr {
	lanes := vectorLanes()
	return uintptr((n-1)%lanes + 1)
}

func convWeights(dw, x, d []float32, s *ConvShape) {
	if path == portable {
		convWeightsInPatches(dw, x, d, s)
		return
	}
	var few [16]windowBlock
	blocks, cost := s.blocks(few[:0])
	if !s.paysToList(d, 10*cost, 11*s.window()*vectorsOf(s.Out)) || !s.weightsOfWindows(dw, x, d, blocks) {
		s.weightsOfAll(dw, x, d)
	}
}

func convInputs(dx, d, w []float32, s *ConvShape) {
	if path == portable || !finite(w) {
		convInputsInPatches(dx, d, w, s)
		return
	}
	var few [16]windowBlock
	blocks, cost := s.blocks(few[:0])
	if s.paysToList(d, 14*cost, 11*s.Kernel*s.Kernel*s.Out*vectorsOf(s.In)*s.Width/(s.Stride*s.OutWidth())) {
		s.inputsOfWindows(dx, d, w, blocks)
	} else {
		s.inputsOfAll(dx, d, w)
	}
}

// paysToList estimates whether it takes less time to list what is not 0 in d, and to pass over the rest: with each such number costing so
// many tenths of a multiply-add of vectors, a vector that is looked through 32 multiply-adds, and a pixel with all of its numbers so
// many tenths. What a number costs is measured: more for inputs, where a window is loaded and stored for each pixel.
func (s *ConvShape) paysToList(d []float32, number, pixel int) bool {
	const probes = 512
	d = d[:s.Rows*s.pixels()*s.Out]
	some := 0
	for i := range uint32(probes) {
		if d[uint64(i*2654435769)*uint64(len(d))>>32] != 0 { // all over d: multiples of the golden ratio
			some++
		}
	}
	return 320*vectorsOf(s.Out)+number*s.Out*some/probes < pixel
}
