//go:build !amd64 || noasm

package kernel

func reluHead(g, h, d, w, dw, db []float32, rows, n int, slope float32, accumulate bool) {
	reluHeadInSteps(g, h, d, w, dw, db, rows, n, slope, accumulate)
}
