//go:build !noasm

package kernel

import (
	"sync"
	"unsafe"
)

// kBlock is how much of k is done at a time, so that a panel of b stays in the first cache.
const kBlock = 128

func matMul(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	if path == portable || k == 0 {
		matMulPortable(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row, accumulate)
		return
	}
	var packed *packBuffer
	if path == avx512 && worthPacking(m, n, ldb) {
		packed = packBuffers.Get().(*packBuffer)
		defer packBuffers.Put(packed)
	}
	for from := 0; from < k; from += kBlock {
		p := panels{
			c: c, a: a[from*aCol:], b: b[from*ldb:], row: row,
			ldc: 4 * uintptr(ldc), aRow: 4 * uintptr(aRow), aCol: 4 * uintptr(aCol), ldb: 4 * uintptr(ldb),
			m: uintptr(m), k: uintptr(min(kBlock, k-from)),
			accumulate: accumulate || from > 0,
			packed:     packed,
		}
		if path == avx512 {
			p.avx512(n)
		} else {
			p.avx2(n)
		}
	}
}

// worthPacking reports whether the panels of b had better be copied first: rows that are not a whole
// number of cache lines apart make a vector straddle two, rows far apart share few of a cache's
// sets. It takes several tiles to pay for the copy.
func worthPacking(m, n, ldb int) bool {
	return n > 16 && (m >= 24 && ldb%16 != 0 || m >= 48 && ldb > 64)
}

// A packBuffer holds a panel of kBlock rows of up to 64 columns.
type packBuffer struct {
	floats [kBlock*64 + 16]float32
	first  int // the first element at the start of a cache line
}

// packBuffers are kept between calls, so that steps of a training allocate nothing.
var packBuffers = sync.Pool{New: func() any {
	p := new(packBuffer)
	for uintptr(unsafe.Pointer(&p.floats[p.first]))%64 != 0 {
		p.first++
	}
	return p
}}

// panels are the arguments of a product whose columns are done some vectors at a time. Strides are
// in bytes.
type panels struct {
	c, a, b, row         []float32
	ldc, aRow, aCol, ldb uintptr
	m, k                 uintptr
	accumulate           bool
	packed               *packBuffer // nil: use b where it is
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

// avx512 does panels of 3 or 4 vectors while there are more than 2; so that none is left with 1 if
// it can be helped.
func (p *panels) avx512(n int) {
	for j := 0; j < n; {
		start, startRow := p.start(j)
		c, a, left := &p.c[j], &p.a[0], n-j
		vectors := (left + 15) / 16
		switch {
		case vectors == 5 || vectors == 6:
			vectors = 3
		case vectors > 4:
			vectors = 4
		}
		lanes := uintptr(min(left-16*(vectors-1), 16))
		b, ldb := p.panel(j, vectors, lanes)
		switch vectors {
		case 1:
			matMul1AVX512(c, p.ldc, a, p.aRow, p.aCol, b, ldb, p.m, p.k, start, startRow, lanes)
		case 2:
			if rows := p.fours(left); rows > 0 {
				matMul20AVX512(c, p.ldc, a, p.aRow, p.aCol, b, ldb, rows, p.k, start, startRow)
				if rows == p.m {
					break
				}
				// Up to three rows are left.
				q := *p
				q.c, q.a, q.m = p.c[rows*p.ldc/4:], p.a[rows*p.aRow/4:], p.m-rows
				c, a = &q.c[j], &q.a[0]
				start, startRow = q.start(j)
				matMul2AVX512(c, p.ldc, a, p.aRow, p.aCol, b, ldb, q.m, p.k, start, startRow, lanes)
				break
			}
			matMul2AVX512(c, p.ldc, a, p.aRow, p.aCol, b, ldb, p.m, p.k, start, startRow, lanes)
		case 3:
			matMul3AVX512(c, p.ldc, a, p.aRow, p.aCol, b, ldb, p.m, p.k, start, startRow, lanes)
		case 4:
			matMul4AVX512(c, p.ldc, a, p.aRow, p.aCol, b, ldb, p.m, p.k, start, startRow, lanes)
		}
		j += 16 * vectors
	}
}

// fours gives the number of rows, a multiple of four, that matMul20 can do of a panel that is the last one.
func (p *panels) fours(columns int) uintptr {
	if columns != 20 || p.k%4 != 0 || p.aRow != 4 && p.aCol != 4 {
		return 0
	}
	return p.m &^ 3
}

// panel gives the panel of b from column j, and how far its rows are apart.
func (p *panels) panel(j, vectors int, lanes uintptr) (*float32, uintptr) {
	b := &p.b[j]
	if p.packed == nil || vectors == 1 {
		return b, p.ldb
	}
	to := &p.packed.floats[p.packed.first]
	switch vectors {
	case 2:
		pack2AVX512(to, b, p.ldb, p.k, lanes)
	case 3:
		pack3AVX512(to, b, p.ldb, p.k, lanes)
	case 4:
		pack4AVX512(to, b, p.ldb, p.k, lanes)
	}
	return to, uintptr(64 * vectors)
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
