//go:build !amd64 || noasm

package kernel

func rowDots(z, w []float64, x []float32, ld int, rows []int32) { rowDotsPortable(z, w, x, ld, rows) }

func addRows64(g, a []float64, x []float32, ld int, rows []int32) {
	addRows64Portable(g, a, x, ld, rows)
}

func scaleCentered(dst, x, center, scale []float32, factor float32) {
	scaleCenteredPortable(dst, x, center, scale, factor)
}

func logLoss64(losses, slopes, bends, margins, signs []float64) {
	logLoss64Portable(losses, slopes, bends, margins, signs)
}
