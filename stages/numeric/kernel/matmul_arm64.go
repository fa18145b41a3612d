//go:build !noasm

package kernel

// The tiles carry chains on for k steps: of 4 rows or 1, and of 16, 4 or 1 columns. Strides are in
// bytes. The chains of row i start with those at start + i*startRow.

//go:noescape
func tile4x16(c *float32, ldc uintptr, a *float32, aRow, aCol uintptr, b *float32, ldb, k uintptr, start *float32, startRow uintptr)

//go:noescape
func tile4x4(c *float32, ldc uintptr, a *float32, aRow, aCol uintptr, b *float32, ldb, k uintptr, start *float32, startRow uintptr)

//go:noescape
func tile4x1(c *float32, ldc uintptr, a *float32, aRow, aCol uintptr, b *float32, ldb, k uintptr, start *float32, startRow uintptr)

//go:noescape
func tile1x16(c *float32, a *float32, aCol uintptr, b *float32, ldb, k uintptr, start *float32)

//go:noescape
func tile1x4(c *float32, a *float32, aCol uintptr, b *float32, ldb, k uintptr, start *float32)

//go:noescape
func tile1x1(c *float32, a *float32, aCol uintptr, b *float32, ldb, k uintptr, start *float32)

// burstNEON runs 16 chains of fused multiply-adds on 4 lanes, so many times.
//
//go:noescape
func burstNEON(rounds uintptr)

// kBlock is how much of k is done at a time, so that 16 columns of b stay in the first cache.
const kBlock = 256

// zeros is what chains start with that start with nothing.
var zeros [16]float32

func matMul(c []float32, ldc int, a []float32, aRow, aCol int, b []float32, ldb int, m, n, k int, row []float32, accumulate bool) {
	if path == portable || k == 0 {
		matMulPortable(c, ldc, a, aRow, aCol, b, ldb, m, n, k, row, accumulate)
		return
	}
	for from := 0; from < k; from += kBlock {
		p := panel{
			c: c, a: a[from*aCol:], b: b[from*ldb:], row: row, ldc: ldc, aRow: aRow,
			aCol: 4 * uintptr(aCol), ldb: 4 * uintptr(ldb), m: m, k: uintptr(min(kBlock, k-from)),
			accumulate: accumulate || from > 0,
		}
		j := 0
		for ; j+16 <= n; j += 16 {
			p.columns(j, 16, tile4x16, tile1x16)
		}
		for ; j+4 <= n; j += 4 {
			p.columns(j, 4, tile4x4, tile1x4)
		}
		for ; j < n; j++ {
			p.columns(j, 1, tile4x1, tile1x1)
		}
	}
}

// A panel is the part of a product that kBlock rows of b make. ldc and aRow are in elements, aCol
// and ldb in bytes.
type panel struct {
	c, a, b, row []float32
	ldc, aRow    int
	aCol, ldb    uintptr
	m            int
	k            uintptr
	accumulate   bool
}

// columns does some columns from j, in tiles of 4 rows and then of 1.
func (p *panel) columns(j, width int,
	four func(c *float32, ldc uintptr, a *float32, aRow, aCol uintptr, b *float32, ldb, k uintptr, start *float32, startRow uintptr),
	one func(c *float32, a *float32, aCol uintptr, b *float32, ldb, k uintptr, start *float32)) {
	b := &p.b[j]
	start, startRow := zeros[:], 0
	if p.accumulate {
		start, startRow = p.c[j:], p.ldc
	} else if p.row != nil {
		start = p.row[j:]
	}
	i := 0
	for ; i+4 <= p.m; i += 4 {
		four(&p.c[i*p.ldc+j], 4*uintptr(p.ldc), &p.a[i*p.aRow], 4*uintptr(p.aRow), p.aCol, b, p.ldb, p.k, &start[i*startRow], 4*uintptr(startRow))
	}
	for ; i < p.m; i++ {
		one(&p.c[i*p.ldc+j], &p.a[i*p.aRow], p.aCol, b, p.ldb, p.k, &start[i*startRow])
	}
}
