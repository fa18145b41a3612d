package kernel

// SparseMatMul is MatMul for a first factor of which much is zero, such as what ReLU leaves: to the bit, but that a
// zero in c is always +0. (A chain passes over a zero of a, which changes no more than the sign of a zero sum, as long
// as b is finite; where it is not, nothing is passed over.) It takes a with one of the strides 1.
func SparseMatMul(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	if m <= 0 || n <= 0 {
		return
	}
	checkMatMul(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row)
	if k > 0 && aRow != 1 && aCol != 1 {
		panic("kernel: SparseMatMul: neither stride of a is 1")
	}
	sparseMatMul(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row, accumulate)
}

// sparseMatMulInSteps is SparseMatMul where nothing is passed over.
func sparseMatMulInSteps(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	matMul(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row, accumulate)
	if ldc == n {
		positiveZeros(c[:m*n])
		return
	}
	for i := range m {
		positiveZeros(c[i*ldc : i*ldc+n])
	}
}

// positiveZerosPortable makes -0 +0.
func positiveZerosPortable(z []float32) {
	for i, x := range z {
		z[i] = x + 0
	}
}
