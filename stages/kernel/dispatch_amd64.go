//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

func bestPath() pathLevel {
	switch x := &cpu.X86; {
	case x.HasAVX512F && x.HasBMI2:
		return avx512
	case x.HasAVX2 && x.HasFMA && x.HasBMI2:
		return avx2
	}
	return portable
}

func burst(n int) int {
	const chains = 12
	switch path {
	case avx512:
		rounds := n / (chains * 16)
		burstAVX512(uintptr(rounds))
		return rounds * chains * 16
	case avx2:
		rounds := n / (chains * 8)
		burstAVX2(uintptr(rounds))
		return rounds * chains * 8
	}
	return burstPortable(n)
}

// kBlock is how much of k is done at a time, so that a panel of b stays in the first cache.
const kBlock = 256

func matMul(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	if path == portable || k == 0 {
		matMulPortable(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row, accumulate)
		return
	}
	for from := 0; from < k; from += kBlock {
		p := panels{
			c: c, a: a[from*aCol:], b: b[from*ldb:], row: row,
			ldc: 4 * uintptr(ldc), aRow: 4 * uintptr(aRow), aCol: 4 * uintptr(aCol), ldb: 4 * uintptr(ldb),
			m: uintptr(m), k: uintptr(min(kBlock, k-from)),
			accumulate: accumulate || from > 0,
		}
		if path == avx512 {
			p.avx512(n)
		} else {
			p.avx2(n)
		}
	}
}

// panels are the arguments of a product whose columns are done some vectors at a time. Strides are
// in bytes.
type panels struct {
	c, a, b, row         []float32
	ldc, aRow, aCol, ldb uintptr
	m, k                 uintptr
	accumulate           bool
}

// start gives the first column's address and the stride from row to row of what the chains of the
// panel from column j start with.
func (p *panels) start(j int) (*float32, uintptr) {
	switch {
	case p.accumulate:
		return &p.c[j], p.ldc
	case p.row != nil:
		return &p.row[j], 0
	}
	return nil, 0
}

func (p *panels) avx512(n int) {
	for j := 0; j < n; {
		start, startRow := p.start(j)
		c, a, b := &p.c[j], &p.a[0], &p.b[j]
		left := n - j
		switch vectors := (left + 15) / 16; {
		case vectors == 1:
			matMul1AVX512(c, p.ldc, a, p.aRow, p.aCol, b, p.ldb, p.m, p.k, start, startRow, uintptr(left))
			return
		case vectors == 2:
			matMul2AVX512(c, p.ldc, a, p.aRow, p.aCol, b, p.ldb, p.m, p.k, start, startRow, uintptr(left-16))
			return
		case vectors == 3 || vectors == 5 || vectors == 6:
			matMul3AVX512(c, p.ldc, a, p.aRow, p.aCol, b, p.ldb, p.m, p.k, start, startRow, uintptr(min(left-32, 16)))
			j += 48
		default:
			matMul4AVX512(c, p.ldc, a, p.aRow, p.aCol, b, p.ldb, p.m, p.k, start, startRow, uintptr(min(left-48, 16)))
			j += 64
		}
	}
}

func (p *panels) avx2(n int) {
	for j := 0; j < n; {
		start, startRow := p.start(j)
		c, a, b := &p.c[j], &p.a[0], &p.b[j]
		switch left := n - j; {
		case left >= 16:
			matMul2FullAVX2(c, p.ldc, a, p.aRow, p.aCol, b, p.ldb, p.m, p.k, start, startRow, 8)
			j += 16
		case left >= 8:
			matMul1FullAVX2(c, p.ldc, a, p.aRow, p.aCol, b, p.ldb, p.m, p.k, start, startRow, 8)
			j += 8
		default:
			matMul1AVX2(c, p.ldc, a, p.aRow, p.aCol, b, p.ldb, p.m, p.k, start, startRow, uintptr(left))
			return
		}
	}
}

func transpose(dst []float32, ldd int, src []float32, lds int, rows, cols int) {
	lanes := 8
	switch path {
	case portable:
		lanes = rows + 1 // no block of rows is left to the vectors
	case avx512:
		lanes = 16
	}
	quads := cols / 4
	i := 0
	if quads > 0 {
		for ; i+lanes <= rows; i += lanes {
			d, s := &dst[i], &src[i*lds]
			if path == avx512 {
				transposeRowsAVX512(d, 4*uintptr(ldd), s, 4*uintptr(lds), uintptr(quads))
			} else {
				transposeRowsAVX2(d, 4*uintptr(ldd), s, 4*uintptr(lds), uintptr(quads))
			}
		}
		if i > 0 && cols%4 > 0 {
			transposePortable(dst[4*quads*ldd:], ldd, src[4*quads:], lds, i, cols%4)
		}
	}
	if i < rows {
		transposePortable(dst[i:], ldd, src[i*lds:], lds, rows-i, cols)
	}
}
