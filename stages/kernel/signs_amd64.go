//go:build !noasm

package kernel

import "unsafe"

func signMatMul(c []float32, ldc int, index []uint8, iRow, iCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	if path == portable || k == 0 {
		signMatMulPortable(c, ldc, index, iRow, iCol, b, ldb, m, n, k, row, accumulate)
		return
	}
	buffer := packBuffers.Get().(*packBuffer)
	defer packBuffers.Put(buffer)
	lanes := 8
	if path == avx512 {
		lanes = 16
	}
	for from := 0; from < k; from += 4 * signGroups {
		p := signPanel{
			tables: &buffer.floats[buffer.first], index: &index[from/4*iCol], iRow: uintptr(iRow), iCol: uintptr(iCol),
			ldc: 4 * uintptr(ldc), m: uintptr(m), k: min(4*signGroups, k-from), b: b[from*ldb:], ldb: ldb,
		}
		for j := 0; j < n; {
			p.vectors = 1
			if n-j > lanes {
				p.vectors = 2
			}
			p.lanes = min(n-j-(p.vectors-1)*lanes, lanes)
			p.start, p.startRow = nil, 0
			if accumulate || from > 0 {
				p.start, p.startRow = &c[j], p.ldc
			} else if row != nil {
				p.start = &row[j]
			}
			p.makeTables(j, lanes)
			p.sum(&c[j])
			j += p.vectors * lanes
		}
	}
}

// A signPanel is one or two vectors of columns and up to signGroups groups of rows of b.
type signPanel struct {
	tables         *float32
	index          *uint8
	iRow, iCol     uintptr
	ldc, m         uintptr
	k, ldb         int
	b              []float32
	vectors, lanes int // of the last vector, so many lanes are used
	start          *float32
	startRow       uintptr
}

// makeTables makes the tables of the panel from column j; a group that lacks rows is copied first.
func (p *signPanel) makeTables(j, lanes int) {
	if whole := p.k / 4; whole > 0 {
		p.tablesOf(p.tables, &p.b[j], p.ldb, whole)
	}
	if rest := p.k % 4; rest > 0 {
		var rows [4 * 32]float32
		columns := (p.vectors-1)*lanes + p.lanes
		for i := range rest {
			copy(rows[32*i:], p.b[(p.k-rest+i)*p.ldb+j:][:columns])
		}
		p.tablesOf(offset(p.tables, p.k/4*16*p.vectors*lanes), &rows[0], 32, 1)
	}
}

func (p *signPanel) tablesOf(tables, b *float32, ldb, groups int) {
	strideB, count, last := 4*uintptr(ldb), uintptr(groups), uintptr(p.lanes)
	switch {
	case path == avx512 && p.vectors == 2:
		signTables2AVX512(tables, b, strideB, count, last)
	case path == avx512:
		signTables1AVX512(tables, b, strideB, count, last)
	case p.vectors == 2:
		signTables2AVX2(tables, b, strideB, count, last)
	default:
		signTables1AVX2(tables, b, strideB, count, last)
	}
}

func (p *signPanel) sum(c *float32) {
	groups, last := uintptr(p.k+3)/4, uintptr(p.lanes)
	switch {
	case path == avx512 && p.vectors == 2:
		signSums2AVX512(c, p.ldc, p.index, p.iRow, p.iCol, p.tables, p.m, groups, p.start, p.startRow, last)
	case path == avx512:
		signSums1AVX512(c, p.ldc, p.index, p.iRow, p.iCol, p.tables, p.m, groups, p.start, p.startRow, last)
	case p.vectors == 2:
		signSums2AVX2(c, p.ldc, p.index, p.iRow, p.iCol, p.tables, p.m, groups, p.start, p.startRow, last)
	default:
		signSums1AVX2(c, p.ldc, p.index, p.iRow, p.iCol, p.tables, p.m, groups, p.start, p.startRow, last)
	}
}

func offset(p *float32, n int) *float32 { return (*float32)(unsafe.Add(unsafe.Pointer(p), 4*n)) }
