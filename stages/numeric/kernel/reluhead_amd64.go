//go:build !noasm

package kernel

func reluHead(g, h, d, w, dw, db []float32, rows, n int, slope float32, accumulate bool) {
	if path != avx512 {
		reluHeadInSteps(g, h, d, w, dw, db, rows, n, slope, accumulate)
		return
	}
	more := uintptr(0)
	if accumulate {
		more = 1
	}
	ld, count := 4*uintptr(n), uintptr(rows)
	for j := 0; j < n; {
		vectors := min((n-j+15)/16, 4)
		lanes := uintptr(min(n-j-16*(vectors-1), 16))
		switch {
		case slope == 0 && vectors == 1:
			reluHead1AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more)
		case slope == 0 && vectors == 2:
			reluHead2AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more)
		case slope == 0 && vectors == 3:
			reluHead3AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more)
		case slope == 0 && vectors == 4:
			reluHead4AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more)
		case vectors == 1:
			leakyReluHead1AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more, slope)
		case vectors == 2:
			leakyReluHead2AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more, slope)
		case vectors == 3:
			leakyReluHead3AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more, slope)
		default:
			leakyReluHead4AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more, slope)
		}
		j += 16 * vectors
	}
}
