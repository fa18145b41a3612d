//go:build !noasm

package kernel

// rowDots does eight rows at a time, or four, and the rest one by one.
func rowDots(z, w []float64, x []float32, ld int, rows []int32) {
	if path == portable || len(w) == 0 {
		rowDotsPortable(z, w, x, ld, rows)
		return
	}
	group := 4
	if path == avx512 {
		group = 8
	}
	whole, lanes := uintptr(len(w)&^7), uintptr(len(w)&7)
	var offsets [8]uintptr
	for r := 0; r < len(z); {
		n := group
		if r+group > len(z) {
			n = 1
		}
		rowOffsets(offsets[:n], ld, rows, r)
		switch {
		case n == 8:
			rowDots8AVX512(&z[r], &x[0], &offsets[0], &w[0], whole, lanes)
		case n == 4:
			rowDots4AVX2(&z[r], &x[0], &offsets[0], &w[0], whole, lanes)
		case path == avx512:
			rowDots1AVX512(&z[r], &x[0], &offsets[0], &w[0], whole, lanes)
		default:
			rowDots1AVX2(&z[r], &x[0], &offsets[0], &w[0], whole, lanes)
		}
		r += n
	}
}

func addRows64(g, a []float64, x []float32, ld int, rows []int32) {
	if path == portable || len(g) == 0 {
		addRows64Portable(g, a, x, ld, rows)
		return
	}
	whole, lanes := uintptr(len(g)&^7), uintptr(len(g)&7)
	var offsets [8]uintptr
	for r := 0; r < len(a); {
		n := 8
		if r+8 > len(a) {
			n = 1
		}
		rowOffsets(offsets[:n], ld, rows, r)
		switch {
		case n == 8 && path == avx512:
			addRows64x8AVX512(&g[0], &a[r], &x[0], &offsets[0], whole, lanes)
		case n == 8:
			addRows64x8AVX2(&g[0], &a[r], &x[0], &offsets[0], whole, lanes)
		case path == avx512:
			addRows64x1AVX512(&g[0], &a[r], &x[0], &offsets[0], whole, lanes)
		default:
			addRows64x1AVX2(&g[0], &a[r], &x[0], &offsets[0], whole, lanes)
		}
		r += n
	}
}

// rowOffsets says how many bytes from the start the rows from r on lie.
func rowOffsets(offsets []uintptr, ld int, rows []int32, r int) {
	for i := range offsets {
		offsets[i] = 4 * uintptr(rowAt(ld, rows, r+i))
	}
}

func scaleCentered(dst, x, center, scale []float32, factor float32) {
	switch {
	case len(dst) == 0:
	case path == avx512:
		scaleCenteredAVX512(&dst[0], &x[0], &center[0], &scale[0], uintptr(len(dst)), factor)
	case path == avx2:
		scaleCenteredAVX2(&dst[0], &x[0], &center[0], &scale[0], uintptr(len(dst)), factor)
	default:
		scaleCenteredPortable(dst, x, center, scale, factor)
	}
}

func logLoss64(losses, slopes, bends, margins, signs []float64) {
	n := len(margins) &^ 7
	switch {
	case n == 0 || path == portable:
		n = 0
	case path == avx512:
		logLoss64AVX512(&losses[0], &slopes[0], &bends[0], &margins[0], &signs[0], uintptr(n))
	default:
		logLoss64AVX2(&losses[0], &slopes[0], &bends[0], &margins[0], &signs[0], uintptr(n))
	}
	logLoss64Portable(losses[n:], slopes[n:], bends[n:], margins[n:], signs[n:])
}
