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

// matMulPortable defines MatMul. It keeps eight chains of a row in registers.
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
		for ; j+8 <= n; j += 8 {
			eightChains((*[8]float32)(ci[j:]), a, i*aRow, aCol, b, j, ldb, k)
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

// eightChains carries eight elements of c on. Most of a is often -1, 0 or 1 (inputs, units that are
// off): then the product is exact in float32, and a sum rounds once as it is.
func eightChains(c *[8]float32, a []float32, ia, aCol int, b []float32, ib, ldb, k int) {
	s := *c
	for range k {
		x, v := a[ia], (*[8]float32)(b[ib:])
		if x == 1 || x == -1 || x == 0 {
			s[0] += float32(x * v[0])
			s[1] += float32(x * v[1])
			s[2] += float32(x * v[2])
			s[3] += float32(x * v[3])
			s[4] += float32(x * v[4])
			s[5] += float32(x * v[5])
			s[6] += float32(x * v[6])
			s[7] += float32(x * v[7])
		} else {
			y := float64(x)
			for l, vl := range v {
				// This is FMA32(x, vl, s[l]), in line.
				p := float64(y * float64(vl))
				t := p + float64(s[l])
				if mayBeMiddle(t) {
					t = offMiddle(t, p, s[l])
				}
				s[l] = float32(t)
			}
		}
		ia += aCol
		ib += ldb
	}
	*c = s
}
