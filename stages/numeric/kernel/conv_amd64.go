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

// A convTile does up to so many pixels side by side, and all below them, for a panel of vectors of the result's channels.
type convTile struct {
	run func(c *float32, cRow, cDown uintptr, a *float32, aRow, aDown, aJump uintptr, b *float32, ldb uintptr,
		width, height, lines, k uintptr, start *float32, lanes uintptr)
	pixels, columns int
}

var (
	convTilesAVX512 = [...]convTile{{conv1AVX512, 12, 16}, {conv2AVX512, 12, 32}, {conv3AVX512, 8, 48}, {conv4AVX512, 6, 64}}
	convTilesAVX2   = [...]convTile{{conv1AVX2, 12, 8}, {conv1FullAVX2, 12, 8}, {conv2FullAVX2, 6, 16}}
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
	height, width, k := s.OutHeight(), s.OutWidth(), s.Kernel*s.In
	out, step := 4*uintptr(s.Out), 4*uintptr(s.Stride*s.In)
	for j := 0; j < s.Out; {
		t := tileOf(s.Out - j)
		columns := min(t.columns, s.Out-j)
		var start *float32
		if bias != nil {
			start = &bias[j]
		}
		tiles := (width + t.pixels - 1) / t.pixels
		for i := range tiles {
			from, to := i*width/tiles, (i+1)*width/tiles
			t.run(&z[from*s.Out+j], out, out*uintptr(width), &x[from*s.Stride*s.In], step, 4*uintptr(s.Stride*line), 4*uintptr(line-k),
				&w[j], out, uintptr(to-from), uintptr(height), uintptr(s.Kernel), uintptr(k), start, lastLanes(columns))
		}
		j += columns
	}
}

// lastLanes gives how many lanes the last vector of so many numbers has.
func lastLanes(n int) uintptr {
	lanes := vectorLanes()
	return uintptr((n-1)%lanes + 1)
}

// A windowSums adds sums of windows to windows, of so many lines and vectors.
type windowSums = func(c *float32, places *uint32, cLine uintptr, counts *uint32, m uintptr, values *float32, windows *uint32,
	b *float32, bLine uintptr, lanes uintptr)

// The functions for windows of 1 to 8 vectors on a line, and 1 to 5 lines, as many as the registers can hold.
var (
	windowSumsAVX512 = [...][]windowSums{
		{windowSums1x1AVX512, windowSums2x1AVX512, windowSums3x1AVX512, windowSums4x1AVX512, windowSums5x1AVX512},
		{windowSums1x2AVX512, windowSums2x2AVX512, windowSums3x2AVX512, windowSums4x2AVX512, windowSums5x2AVX512},
		{windowSums1x3AVX512, windowSums2x3AVX512, windowSums3x3AVX512, windowSums4x3AVX512, windowSums5x3AVX512},
		{windowSums1x4AVX512, windowSums2x4AVX512, windowSums3x4AVX512, windowSums4x4AVX512, windowSums5x4AVX512},
		{windowSums1x5AVX512, windowSums2x5AVX512, windowSums3x5AVX512, windowSums4x5AVX512, windowSums5x5AVX512},
		{windowSums1x6AVX512, windowSums2x6AVX512, windowSums3x6AVX512, windowSums4x6AVX512},
		{windowSums1x7AVX512, windowSums2x7AVX512, windowSums3x7AVX512},
		{windowSums1x8AVX512, windowSums2x8AVX512, windowSums3x8AVX512},
	}
	windowSumsAVX2 = [...][]windowSums{
		{windowSums1x1AVX2, windowSums2x1AVX2, windowSums3x1AVX2, windowSums4x1AVX2, windowSums5x1AVX2},
		{windowSums1x2AVX2, windowSums2x2AVX2, windowSums3x2AVX2, windowSums4x2AVX2, windowSums5x2AVX2},
		{windowSums1x3AVX2, windowSums2x3AVX2, windowSums3x3AVX2, windowSums4x3AVX2},
		{windowSums1x4AVX2, windowSums2x4AVX2, windowSums3x4AVX2},
		{windowSums1x5AVX2, windowSums2x5AVX2},
		{windowSums1x6AVX2, windowSums2x6AVX2},
		{windowSums1x7AVX2},
		{windowSums1x8AVX2},
	}
)

// A windowBlock is a part of the windows that is done at a time: from a line and a number of it on.
type windowBlock struct {
	run          windowSums
	line, number int
	lanes        uintptr
}

// blocks cuts the windows, whose lines are padded to whole vectors.
func (s *ConvShape) blocks(to []windowBlock) []windowBlock {
	table, lanes := windowSumsAVX2[:], vectorLanes()
	if path == avx512 {
		table = windowSumsAVX512[:]
	}
	line := s.Kernel * s.In
	vectors := (line + lanes - 1) / lanes
	parts := (vectors + len(table) - 1) / len(table)
	for i := range parts {
		from, until := i*vectors/parts, (i+1)*vectors/parts
		by := table[until-from-1]
		heights := (s.Kernel + len(by) - 1) / len(by)
		for h := range heights {
			top, bottom := h*s.Kernel/heights, (h+1)*s.Kernel/heights
			to = append(to, windowBlock{by[bottom-top-1], top, from * lanes, lastLanes(min(line, until*lanes))})
		}
	}
	return to
}

// listNumbers is about how many gradients are listed at a time.
const listNumbers = 1 << 14

// A windowRun is the room of sums of windows, for some rows of the result at a time, and what is at a place in a frame.
type windowRun struct {
	*room
	most         int      // rows
	line, window int      // numbers of a window's line, and of a window, in whole vectors
	places       []uint32 // of the windows in a frame, in bytes, from the first of the rows on
	outs, counts []uint32
	list         []uint32 // of what is not 0, as values: where in the factors
	values       []float32
	frame        []float32
	windows      []float32 // [Out, window]
	turned       []float32 // the rows, [Out, pixels]
}

// newWindowRun makes a run, whose padding is 0.
func (s *ConvShape) newWindowRun() windowRun {
	height, width := s.frame()
	across := s.OutWidth()
	most := min(s.OutHeight(), max(1, listNumbers/(across*s.Out)))
	lanes, pixels := vectorLanes(), most*across
	line := (s.Kernel*s.In + lanes - 1) / lanes * lanes
	run := windowRun{most: most, line: line, window: s.Kernel * line}
	listed := pixels*s.Out + cacheLine
	run.room = newRoom(height*width+lanes+s.Out*run.window+listed+pixels*s.Out, 4, 2*pixels+2*s.Out+listed)
	run.frame, run.windows = run.slice(height*width+lanes), run.slice(s.Out*run.window)
	run.values, run.turned = run.slice(listed), run.slice(pixels*s.Out)
	words := run.words
	run.places, words = words[:pixels], words[pixels:]
	run.counts, words = words[:max(pixels, s.Out)], words[max(pixels, s.Out):]
	run.outs, words = words[:s.Out], words[s.Out:]
	run.list = words[:listed]
	for i := range run.places {
		run.places[i] = uint32(4 * (i/across*s.Stride*width + i%across*s.Stride*s.In))
	}
	for o := range run.outs {
		run.outs[o] = uint32(4 * o * run.window)
	}
	clear(run.frame)
	return run
}

// nonzeros lists what is not 0 in m rows of n numbers, and the table's entries of their columns.
func (r *windowRun) nonzeros(x []float32, table []uint32, m, n int) {
	if path == avx512 {
		nonzerosAVX512(&r.values[0], &r.list[0], &r.counts[0], &x[0], &table[0], uintptr(m), uintptr(n))
		return
	}
	nonzerosAVX2(&r.values[0], &r.list[0], &r.counts[0], &x[0], &table[0], uintptr(m), uintptr(n))
}

func convWeights(dw, x, d []float32, s *ConvShape) {
	if path == portable || !s.weightsOfWindows(dw, x, d) {
		convWeightsInPatches(dw, x, d, s)
	}
}

// weightsOfWindows is convWeights, going on from dw, if x is finite, which it reports: for each channel of the result, the sum of the windows whose
// gradient is not 0 times it.
func (s *ConvShape) weightsOfWindows(dw, x, d []float32) bool {
	run := s.newWindowRun()
	defer run.free()
	line := s.Kernel * s.In
	for k := range s.Kernel {
		transpose(run.windows[k*run.line:], run.window, dw[k*line*s.Out:], s.Out, line, s.Out)
	}
	var few [16]windowBlock
	blocks := s.blocks(few[:0])
	_, width := s.frame()
	down, across := s.OutHeight(), s.OutWidth()
	for row := range s.Rows {
		s.toFrame(run.frame, x[row*s.image():(row+1)*s.image()], false)
		if !finite(x[row*s.image() : (row+1)*s.image()]) {
			return false
		}
		for top := 0; top < down; top += run.most {
			pixels := min(run.most, down-top) * across
			transpose(run.turned, pixels, d[(row*down+top)*across*s.Out:], s.Out, pixels, s.Out)
			run.nonzeros(run.turned, run.places, s.Out, pixels)
			for i := range blocks {
				b := &blocks[i]
				b.run(&run.windows[b.line*run.line+b.number], &run.outs[0], 4*uintptr(run.line), &run.counts[0], uintptr(s.Out),
					&run.values[0], &run.list[0], &run.frame[(top*s.Stride+b.line)*width+b.number], 4*uintptr(width), b.lanes)
			}
		}
	}
	for k := range s.Kernel {
		transpose(dw[k*line*s.Out:], s.Out, run.windows[k*run.line:], run.window, s.Out, line)
	}
	positiveZeros(dw)
	return true
}

func convInputs(dx, d, w []float32, s *ConvShape) {
	if path == portable || !finite(w) {
		convInputsInPatches(dx, d, w, s)
		return
	}
	run := s.newWindowRun()
	defer run.free()
	line := s.Kernel * s.In
	for k := range s.Kernel {
		transpose(run.windows[k*run.line:], run.window, w[k*line*s.Out:], s.Out, line, s.Out)
	}
	var few [16]windowBlock
	blocks := s.blocks(few[:0])
	_, width := s.frame()
	down, across := s.OutHeight(), s.OutWidth()
	for row := range s.Rows {
		clear(run.frame)
		for top := 0; top < down; top += run.most {
			pixels := min(run.most, down-top) * across
			run.nonzeros(d[(row*down+top)*across*s.Out:], run.outs, pixels, s.Out)
			run.addWindows(blocks, run.frame[top*s.Stride*width:], width, pixels)
		}
		positiveZeros(run.frame)
		s.toFrame(run.frame, dx[row*s.image():(row+1)*s.image()], true)
	}
}

// addWindows adds to the windows in a frame, pixel by pixel, the listed sums of weights.
func (r *windowRun) addWindows(blocks []windowBlock, frame []float32, width, pixels int) {
	each := pixels // as no number is in two blocks but in the windows of several pixels
	if len(blocks) > 1 {
		each = 1
	}
	at := 0
	for i := 0; i < pixels; i += each {
		if each == 1 && r.counts[i] == 0 {
			continue
		}
		for j := range blocks {
			b := &blocks[j]
			b.run(&frame[b.line*width+b.number], &r.places[i], 4*uintptr(width), &r.counts[i], uintptr(each),
				&r.values[at], &r.list[at], &r.windows[b.line*r.line+b.number], 4*uintptr(r.line), b.lanes)
		}
		at += int(r.counts[i])
	}
}
