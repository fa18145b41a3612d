//go:build !noasm

package kernel

// logitPair does the first rows of LogitPair, from what is in logits, and says how many: whole vectors of
// them, if n is a multiple of four.
func logitPair(logits, h, w []float32, rows, n int) (done int) {
	if path == portable || n%4 != 0 || n == 0 {
		return 0
	}
	apart, ldh, quads := 4*uintptr(rows), 4*uintptr(n), uintptr(n/4)
	if path == avx512 {
		for ; done+32 <= rows; done += 32 {
			logitPairTwiceAVX512(&logits[done], apart, &h[done*n], ldh, &w[0], quads)
		}
		for ; done+16 <= rows; done += 16 {
			logitPairRowsAVX512(&logits[done], apart, &h[done*n], ldh, &w[0], quads)
		}
		return done
	}
	for ; done+16 <= rows; done += 16 {
		logitPairTwiceAVX2(&logits[done], apart, &h[done*n], ldh, &w[0], quads)
	}
	for ; done+8 <= rows; done += 8 {
		logitPairRowsAVX2(&logits[done], apart, &h[done*n], ldh, &w[0], quads)
	}
	return done
}
