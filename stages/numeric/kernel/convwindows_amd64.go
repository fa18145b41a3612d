//go:build !noasm

package kernel

// A windowSums adds sums of windows to windows, of so many lines and vectors.
type windowSums = func(c *float32, places *uint32, cLine uintptr, counts *uint32, m uintptr, values *float32, windows *uint32,
	b *float32, bLine uintptr, lanes uintptr)

// The functions for windows of 1, 2, ... vectors on a line, and 1 to 5 lines, as many as the registers can hold.
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
		{windowSums1x9AVX2},
		{windowSums1x10AVX2},
		{windowSums1x11AVX2},
		{windowSums1x12AVX2},
	}
)

// A windowBlock is a part of the windows that is done at a time: from a line and a number of it on.
type windowBlock struct {
	run          windowSums
	line, number int
	lanes        uintptr
}

// blocks cuts the windows, whose lines are padded to whole vectors, so that they cost the least. It goes from the end of the lines to their start.
func (s *ConvShape) blocks(to []windowBlock) (blocks []windowBlock, cost int) {
	vectors, widest := vectorsOf(s.Kernel*s.In), len(windowSumsAVX2)
	if path == avx512 {
		widest = len(windowSumsAVX512)
	}
	least := (vectors + widest - 1) / widest
	parts, cost := least, s.cut(least, func(windowBlock) {})
	for n := least + 1; n <= min(least+3, vectors); n++ {
		if c := s.cut(n, func(windowBlock) {}); c < cost {
			parts, cost = n, c
		}
	}
	s.cut(parts, func(b windowBlock) { to = append(to, b) })
	return to, cost
}

// cut cuts lines into so many parts, and hands on the blocks. It gives about how many multiply-adds of vectors it costs to add a number times a window:
// for each block four more than it has chains, and these are eight at least, as they wait for each other.
func (s *ConvShape) cut(parts int, use func(windowBlock)) (cost int) {
	table := windowSumsAVX2[:]
	if path == avx512 {
		table = windowSumsAVX512[:]
	}
	line, lanes := s.Kernel*s.In, vectorLanes()
	vectors := vectorsOf(line)
	for i := parts - 1; i >= 0; i-- {
		from, until := i*vectors/parts, (i+1)*vectors/parts
		by := table[until-from-1]
		heights := (s.Kernel + len(by) - 1) / len(by)
		for h := range heights {
			top, bottom := h*s.Kernel/heights, (h+1)*s.Kernel/heights
			use(windowBlock{by[bottom-top-1], top, from * lanes, lastLanes(min(line, until*lanes))})
			cost += 4 + max(8, (until-from)*(bottom-top))
		}
	}
	return cost
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
	line := vectorsOf(s.Kernel*s.In) * lanes
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

// weightsOfWindows is convWeights, going on from dw, if x is finite, which it reports: for each channel of the result, the sum of the windows whose
// gradient is not 0 times it.
func (s *ConvShape) weightsOfWindows(dw, x, d []float32, blocks []windowBlock) bool {
	run := s.newWindowRun()
	defer run.free()
	line := s.Kernel * s.In
	for k := range s.Kernel {
		transpose(run.windows[k*run.line:], run.window, dw[k*line*s.Out:], s.Out, line, s.Out)
	}
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

// inputsOfWindows is convInputs, for w that is finite: for each number of d that is not 0, its channel's window times it, added where it lies.
func (s *ConvShape) inputsOfWindows(dx, d, w []float32, blocks []windowBlock) {
	run := s.newWindowRun()
	defer run.free()
	line := s.Kernel * s.In
	for k := range s.Kernel {
		transpose(run.windows[k*run.line:], run.window, w[k*line*s.Out:], s.Out, line, s.Out)
	}
	_, width := s.frame()
	down, across := s.OutHeight(), s.OutWidth()
	for row := range s.Rows {
		clear(run.frame)
		for top := 0; top < down; top += run.most {
			rows := min(run.most, down-top)
			run.nonzeros(d[(row*down+top)*across*s.Out:], run.outs, rows*across, s.Out)
			run.addWindows(blocks, run.frame[top*s.Stride*width:], width, rows, across)
		}
		positiveZeros(run.frame)
		s.toFrame(run.frame, dx[row*s.image():(row+1)*s.image()], true)
	}
}

// addWindows adds to the windows in a frame, for rows of so many pixels, the listed sums of weights. A number that is in several windows
// of a row gets what the left ones give it first: it is nearer to the end of their lines.
func (r *windowRun) addWindows(blocks []windowBlock, frame []float32, width, rows, pixels int) {
	if len(blocks) == 1 {
		rows, pixels = 1, rows*pixels
	}
	at := 0
	for i := range rows {
		places, counts := r.places[i*pixels:], r.counts[i*pixels:(i+1)*pixels]
		for j := range blocks {
			b := &blocks[j]
			b.run(&frame[b.line*width+b.number], &places[0], 4*uintptr(width), &counts[0], uintptr(pixels),
				&r.values[at], &r.list[at], &r.windows[b.line*r.line+b.number], 4*uintptr(r.line), b.lanes)
		}
		for _, n := range counts {
			at += int(n)
		}
	}
}
