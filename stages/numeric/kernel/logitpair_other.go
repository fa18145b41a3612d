//go:build !amd64 || noasm

package kernel

func logitPair(logits, h, w []float32, rows, n int) (done int) { return 0 }
