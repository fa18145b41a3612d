//go:build !amd64 || noasm

package kernel

func signMatMul(c []float32, ldc int, index []uint8, ldi int, b []float32, ldb int, m, n, k int, row []float32, accumulate, relu bool) {
	signMatMulPortable(c, ldc, index, ldi, b, ldb, m, n, k, row, accumulate, relu)
}
