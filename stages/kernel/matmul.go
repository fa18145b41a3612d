package kernel

// MatMul computes, for every i < m and j < n, by one chain of fused multiply-adds in the order of k,
//
//	s := start(i, j)
//	for l := 0; l < k; l++ {
//		s = FMA32(a[i*aRow+l*aCol], b[l*ldb+j], s)
//	}
//	c[i*ldc+j] = s
//
// where start(i, j) is c[i*ldc+j] if accumulate is set, else row[j] if row is not nil, else 0.
// The strides of a make it a matrix [m, k] (aRow = its columns, aCol = 1) or a transposed one
// [k, m] (aRow = 1, aCol = its columns); b is [k, n] and c [m, n] with rows ldb and ldc apart.
// Because the chain goes on from c, a product over k may be cut into several calls without
// changing a bit. With m or n zero nothing happens; with k zero c is set to the start.
// Only c is written; it must not overlap the others.
func MatMul(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	if m <= 0 || n <= 0 {
		return
	}
	checkMatMul(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row)
	matMul(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row, accumulate)
}

func checkMatMul(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32) {
	if ldc < n || k < 0 || len(c) < (m-1)*ldc+n || row != nil && len(row) < n {
		panic("kernel: MatMul: a slice is too short for the shape of c")
	}
	if k > 0 && (aRow < 0 || aCol < 0 || ldb < n || len(a) <= (m-1)*aRow+(k-1)*aCol || len(b) < (k-1)*ldb+n) {
		panic("kernel: MatMul: a slice is too short for the shapes of a and b")
	}
}

// matMulPortable defines MatMul. It keeps four chains of a row in registers.
func matMulPortable(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	for i := range m {
		ci := c[i*ldc : i*ldc+n]
		if !accumulate {
			if row == nil {
				clear(ci)
			} else {
				copy(ci, row[:n])
			}
		}
		j := 0
		for ; j+4 <= n; j += 4 {
			s0, s1, s2, s3 := ci[j], ci[j+1], ci[j+2], ci[j+3]
			ia, ib := i*aRow, j
			for range k {
				x := a[ia]
				v := b[ib : ib+4 : ib+4]
				s0 = FMA32(x, v[0], s0)
				s1 = FMA32(x, v[1], s1)
				s2 = FMA32(x, v[2], s2)
				s3 = FMA32(x, v[3], s3)
				ia += aCol
				ib += ldb
			}
			ci[j], ci[j+1], ci[j+2], ci[j+3] = s0, s1, s2, s3
		}
		for ; j < n; j++ {
			s := ci[j]
			ia, ib := i*aRow, j
			for range k {
				s = FMA32(a[ia], b[ib], s)
				ia += aCol
				ib += ldb
			}
			ci[j] = s
		}
	}
}
