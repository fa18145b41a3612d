//go:build !amd64 || noasm

package kernel

func sparseMatMul(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	sparseMatMulInSteps(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row, accumulate)
}

func positiveZeros(z []float32) { positiveZerosPortable(z) }
