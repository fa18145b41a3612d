package kernel

import "math"

// RowDots sets z[r], for r < len(z), to the inner product of w and a row of x in float64: row rows[r], or row r
// if rows is nil. Rows are ld apart and as long as w. Eight interleaved chains of fused multiply-adds are summed
// in one order:
//
//	c := [8]float64{}
//	for j := range w { // and with zeros up to a multiple of 8
//		c[j%8] = math.FMA(w[j], float64(x[row*ld+j]), c[j%8])
//	}
//	z[r] = ((c[0] + c[4]) + (c[2] + c[6])) + ((c[1] + c[5]) + (c[3] + c[7]))
func RowDots(z, w []float64, x []float32, ld int, rows []int32) {
	rows = checkRows(x, ld, rows, len(z), len(w))
	rowDots(z, w, x, ld, rows)
}

// AddRows64 adds a[r] times a row of x to g, for every r < len(a): row rows[r], or row r if rows is nil. Rows are
// ld apart and as long as g. Every g[j] is continued by one chain of fused multiply-adds in the order of r:
//
//	g[j] = math.FMA(a[r], float64(x[row*ld+j]), g[j])
func AddRows64(g, a []float64, x []float32, ld int, rows []int32) {
	rows = checkRows(x, ld, rows, len(a), len(g))
	addRows64(g, a, x, ld, rows)
}

// Dot64 gives the inner product of x and as many elements of y, added up in float64 in their order. The products of float32 are
// exact there.
func Dot64(x, y []float32) (sum float64) {
	y = first(y, len(x))
	for j, v := range x {
		sum += float64(float64(v) * float64(y[j]))
	}
	return sum
}

// checkRows panics unless the n rows of so many columns lie in x.
func checkRows(x []float32, ld int, rows []int32, n, columns int) []int32 {
	last := n - 1
	if rows != nil {
		rows, last = first(rows, n), -1
		for _, r := range rows {
			if r < 0 {
				panic("kernel: a row is negative")
			}
			last = max(last, int(r))
		}
	}
	if ld < 0 || n > 0 && len(x) < last*ld+columns {
		panic("kernel: x is too short for its rows")
	}
	return rows
}

// rowAt gives where row r begins.
func rowAt(ld int, rows []int32, r int) int {
	if rows != nil {
		r = int(rows[r])
	}
	return r * ld
}

func rowDotsPortable(z, w []float64, x []float32, ld int, rows []int32) {
	for r := range z {
		at := rowAt(ld, rows, r)
		z[r] = rowDot(w, x[at:at+len(w)])
	}
}

func rowDot(w []float64, x []float32) float64 {
	var c0, c1, c2, c3, c4, c5, c6, c7 float64
	for len(w) >= 8 {
		v, y := (*[8]float64)(w), (*[8]float32)(x)
		c0 = math.FMA(v[0], float64(y[0]), c0)
		c1 = math.FMA(v[1], float64(y[1]), c1)
		c2 = math.FMA(v[2], float64(y[2]), c2)
		c3 = math.FMA(v[3], float64(y[3]), c3)
		c4 = math.FMA(v[4], float64(y[4]), c4)
		c5 = math.FMA(v[5], float64(y[5]), c5)
		c6 = math.FMA(v[6], float64(y[6]), c6)
		c7 = math.FMA(v[7], float64(y[7]), c7)
		w, x = w[8:], x[8:]
	}
	if len(w) > 0 {
		c := [8]float64{c0, c1, c2, c3, c4, c5, c6, c7}
		for l := range c {
			if l < len(w) {
				c[l] = math.FMA(w[l], float64(x[l]), c[l])
			} else {
				c[l] += 0
			}
		}
		c0, c1, c2, c3, c4, c5, c6, c7 = c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]
	}
	return ((c0 + c4) + (c2 + c6)) + ((c1 + c5) + (c3 + c7))
}

func addRows64Portable(g, a []float64, x []float32, ld int, rows []int32) {
	for r, v := range a {
		at := rowAt(ld, rows, r)
		row := x[at : at+len(g)]
		for j, y := range row {
			g[j] = math.FMA(v, float64(y), g[j])
		}
	}
}

// ScaleCentered sets dst[j] = (x[j] - center[j]) * scale[j] * factor, each operation rounded, for j < len(dst).
// It panics if another slice is shorter.
func ScaleCentered(dst, x, center, scale []float32, factor float32) {
	n := len(dst)
	x, center, scale = first(x, n), first(center, n), first(scale, n)
	scaleCentered(dst, x, center, scale, factor)
}

func scaleCenteredPortable(dst, x, center, scale []float32, factor float32) {
	for j := range dst {
		dst[j] = float32(float32((x[j]-center[j])*scale[j]) * factor)
	}
}
