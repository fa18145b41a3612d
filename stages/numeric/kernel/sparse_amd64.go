//go:build !noasm

package kernel

import (
	"sync"
	"unsafe"
)

const (
	sparseDepth = 64  // of k that is done at a time, so that a panel of eight vectors of each row of b stays in the first cache
	sparseRows  = 128 // of a, whose lists are kept meanwhile
)

// A sparseBlock is some rows of a, over a stretch of k, as lists of what is not zero; and the panel of b that they are
// multiplied with.
type sparseBlock struct {
	values [sparseRows*sparseDepth + 16]float32
	places [sparseRows*sparseDepth + 16]uint16 // where in a panel their rows of b are, in eights of bytes
	fours  [sparseRows]uint8                   // a quarter of each list's length
	turned [sparseRows * sparseDepth]float32
	panel  [sparseDepth*8*16 + 16]float32
	first  int // the panel's first element at the start of a cache line
}

// sparseBlocks are kept between calls, so that steps of a training allocate nothing.
var sparseBlocks = sync.Pool{New: func() any {
	s := new(sparseBlock)
	for uintptr(unsafe.Pointer(&s.panel[s.first]))%64 != 0 {
		s.first++
	}
	return s
}}

func sparseMatMul(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	if path == portable || m < 16 || sparseVectors(n) == 0 {
		sparseMatMulInSteps(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row, accumulate)
		return
	}
	s := sparseBlocks.Get().(*sparseBlock)
	defer sparseBlocks.Put(s)
	for i := 0; i < m; i += sparseRows {
		p := sparseProduct{c: c[i*ldc:], ldc: ldc, a: a[i*aRow:], aRow: aRow, aCol: aCol, b: b, ldb: ldb,
			m: min(sparseRows, m-i), n: n, row: row, accumulate: accumulate}
		p.run(s, k)
	}
}

// vectorLanes gives the float32 in a vector of the path.
func vectorLanes() int {
	if path == avx512 {
		return 16
	}
	return 8
}

// vectorsOf gives the vectors that hold n numbers.
func vectorsOf(n int) int {
	lanes := vectorLanes()
	return (n + lanes - 1) / lanes
}

// sparseVectors says how many vectors the next panel has, of n columns that are left: 0 if all of them are too few, as
// a multiply-add waits for the one before it in its chain.
func sparseVectors(n int) int {
	switch v := vectorsOf(n); {
	case v == 12 || v == 13:
		return v - 6
	case v >= 8:
		return 8
	case v >= 6:
		return v
	}
	return 0
}

// A sparseProduct is SparseMatMul for up to sparseRows rows.
type sparseProduct struct {
	c          []float32
	ldc        int
	a          []float32
	aRow, aCol int
	b          []float32
	ldb        int
	m, n       int
	row        []float32
	accumulate bool
}

func (p *sparseProduct) run(s *sparseBlock, k int) {
	blocks := (k + sparseDepth - 1) / sparseDepth
	done, plain := 0, p.n // the columns from plain on may hold -0
	for i := range blocks {
		from, to := i*k/blocks, (i+1)*k/blocks
		if !p.list(s, from, to) {
			continue // with what follows it
		}
		if done < from {
			p.dense(0, p.n, done, from)
		}
		plain = p.sparse(s, from, to)
		done = to
	}
	if done < k || k == 0 {
		p.dense(0, p.n, done, k)
		plain = 0
	}
	for i := 0; i < p.m && plain < p.n; i++ {
		positiveZeros(p.c[i*p.ldc+plain : i*p.ldc+p.n])
	}
}

// dense does the columns j to j+n-1, over k from from to to-1, by MatMul.
func (p *sparseProduct) dense(j, n, from, to int) {
	row := p.row
	if row != nil {
		row = row[j:]
	}
	if from == to { // k is 0
		matMul(p.c[j:], p.ldc, nil, 0, 0, nil, 0, p.m, n, 0, row, p.accumulate)
		return
	}
	matMul(p.c[j:], p.ldc, p.a[from*p.aCol:], p.aRow, p.aCol, p.b[from*p.ldb+j:], p.ldb, p.m, n, to-from, row, p.accumulate || from > 0)
}

// list lists columns from to to-1 of a, and reports whether so much of them is zero that it pays.
func (p *sparseProduct) list(s *sparseBlock, from, to int) bool {
	a, lda, k := p.a[from*p.aCol:], p.aRow, to-from
	if p.aCol != 1 {
		transpose(s.turned[:], k, a, p.aCol, k, p.m)
		a, lda = s.turned[:], k
	}
	values, places, fours, rows := &s.values[0], &s.places[0], &s.fours[0], uintptr(p.m)
	listed := 0
	if path == avx512 {
		listed = sparseListAVX512(values, places, fours, &a[0], 4*uintptr(lda), rows, uintptr(k))
	} else {
		listed = sparseListAVX2(values, places, fours, &a[0], 4*uintptr(lda), rows, uintptr(k))
	}
	return 4*listed <= p.m*k*3/4
}

// sparse goes on with all chains, from the lists; it gives the first column that is not sure to have no -0.
func (p *sparseProduct) sparse(s *sparseBlock, from, to int) (plain int) {
	plain = p.n
	lanes := vectorLanes()
	for j := 0; j < p.n; {
		vectors := sparseVectors(p.n - j)
		if vectors == 0 {
			p.dense(j, p.n-j, from, to)
			return min(plain, j)
		}
		width := min(vectors*lanes, p.n-j)
		if !p.panel(s, j, vectors, width, from, to) {
			p.dense(j, width, from, to)
			plain = min(plain, j)
		}
		j += width
	}
	return plain
}

// panel does the columns j to j+width-1, so many vectors, if b is finite there; it reports whether it is.
func (p *sparseProduct) panel(s *sparseBlock, j, vectors, width, from, to int) bool {
	start, startRow := (*float32)(nil), uintptr(0)
	if p.accumulate || from > 0 {
		start, startRow = &p.c[j], 4*uintptr(p.ldc)
	} else if p.row != nil {
		start = &p.row[j]
	}
	last := uintptr(width - (vectors-1)*vectorLanes())
	panel, b, ldb, k := &s.panel[s.first], &p.b[from*p.ldb+j], 4*uintptr(p.ldb), uintptr(to-from)
	c, ldc, m := &p.c[j], 4*uintptr(p.ldc), uintptr(p.m)
	values, places, fours := &s.values[0], &s.places[0], &s.fours[0]
	finite := false
	switch {
	case path == avx512 && vectors == 6:
		if finite = sparsePack6AVX512(panel, b, ldb, k, last); finite {
			sparseSums6AVX512(c, ldc, values, places, fours, panel, m, start, startRow, last)
		}
	case path == avx512 && vectors == 7:
		if finite = sparsePack7AVX512(panel, b, ldb, k, last); finite {
			sparseSums7AVX512(c, ldc, values, places, fours, panel, m, start, startRow, last)
		}
	case path == avx512:
		if finite = sparsePack8AVX512(panel, b, ldb, k, last); finite {
			sparseSums8AVX512(c, ldc, values, places, fours, panel, m, start, startRow, last)
		}
	case vectors == 6:
		if finite = sparsePack6AVX2(panel, b, ldb, k, last); finite {
			sparseSums6AVX2(c, ldc, values, places, fours, panel, m, start, startRow, last)
		}
	case vectors == 7:
		if finite = sparsePack7AVX2(panel, b, ldb, k, last); finite {
			sparseSums7AVX2(c, ldc, values, places, fours, panel, m, start, startRow, last)
		}
	default:
		if finite = sparsePack8AVX2(panel, b, ldb, k, last); finite {
			sparseSums8AVX2(c, ldc, values, places, fours, panel, m, start, startRow, last)
		}
	}
	return finite
}

func positiveZeros(z []float32) {
	switch {
	case len(z) == 0:
	case path == avx512:
		positiveZerosAVX512(&z[0], uintptr(len(z)))
	case path == avx2:
		positiveZerosAVX2(&z[0], uintptr(len(z)))
	default:
		positiveZerosPortable(z)
	}
}
