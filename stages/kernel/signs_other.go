//go:build !amd64 || noasm

package kernel

func signMatMul(c []float32, ldc int, index []uint8, iRow, iCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	signMatMulPortable(c, ldc, index, iRow, iCol, b, ldb, m, n, k, row, accumulate)
}
