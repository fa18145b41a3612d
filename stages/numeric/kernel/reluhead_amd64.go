//go:build !noasm

package kernel

func reluHead(g, h, d, w, dw, db []float32, rows, n int, accumulate bool) {
	if path != avx512 {
		reluHeadInSteps(g, h, d, w, dw, db, rows, n, accumulate)
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
		switch vectors {
		case 1:
			reluHead1AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more)
		case 2:
			reluHead2AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more)
		case 3:
			reluHead3AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more)
		case 4:
			reluHead4AVX512(&g[j], &h[j], ld, &d[0], count, &w[j], &dw[j], &db[j], lanes, more)
		}
		j += 16 * vectors
	}
}
