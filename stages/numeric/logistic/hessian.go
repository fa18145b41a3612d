package logistic

import (
	"math"

	"spurion/stages/numeric/kernel"
)

const (
	panel     = 64   // columns of a part of the Hessian that is one product
	chunkRows = 128  // rows of a product
	flushRows = 2048 // rows that are added up in float32
)

// A factored preconditioner is the Cholesky factor of the Hessian, [d+1, d+1].
type factored struct {
	p      *problem
	m      int
	factor []float64
	h      []float64
	rows   int // how many to look at

	center, scale []float32
	x             []float32 // [chunkRows, d]: rows, times the root of their bend
	part          []float32 // [d, d]: the Hessian of some rows
	sample        []share
	roots         []float64
}

func newFactored(p *problem, rows int) *factored {
	m := p.D + 1
	f := &factored{p: p, m: m, rows: rows, factor: make([]float64, m*m), h: make([]float64, m*m),
		center: kernel.Narrow(p.center), scale: kernel.Narrow(p.scale), x: make([]float32, chunkRows*p.D),
		part: make([]float32, p.D*p.D), roots: make([]float64, 0, chunkRows)}
	return f
}

// renew implements preconditioner.
func (f *factored) renew() {
	f.hessian()
	factor(f.factor, f.h, f.m)
}

// factor writes Cholesky's factor of a, or of a and a ridge, to l. Rounding may leave a nearly singular matrix
// indefinite; a ridge spoils a preconditioner a little, never the minimum.
func factor(l, a []float64, m int) {
	trace := 0.0
	for i := range m {
		trace += a[i*m+i]
	}
	for ridge := max(1e-300, float64(1e-14*trace)); ridge < 1e300; ridge = float64(100 * ridge) {
		if cholesky(l, a, m, ridge) {
			return
		}
	}
	clear(l) // the estimate overflowed: do without it
	for i := range m {
		l[i*m+i] = 1
	}
}

// hessian writes an estimate of F's Hessian to the lower triangle of h, from a sample of the rows.
// Its products are float32, which is enough for an estimate.
func (f *factored) hessian() {
	p, d, m := f.p, f.p.D, f.m
	clear(f.h)
	border := f.h[d*m:]
	f.sample = p.sample(f.sample[:0], f.rows)
	pending := 0
	for left := f.sample; len(left) > 0; {
		k := min(len(left), chunkRows)
		f.roots = f.roots[:0]
		for i, r := range left[:k] {
			root := math.Sqrt(r.bend)
			kernel.ScaleCentered(f.x[i*d:(i+1)*d], p.row(r.row), f.center, f.scale, float32(root))
			f.roots = append(f.roots, root)
			border[d] += r.bend
		}
		left = left[k:]
		kernel.AddRows64(border[:d], f.roots, f.x, d, nil)
		for j := 0; j < d; j += panel {
			w := min(panel, d-j)
			kernel.MatMul(f.part[j*d:], d, f.x[j:], 1, d, f.x, d, w, j+w, k, nil, pending > 0)
		}
		if pending += k; pending >= flushRows || len(left) == 0 {
			for j := range d {
				kernel.AddRows64(f.h[j*m:j*m+j+1], one[:], f.part[j*d:], d, nil)
			}
			pending = 0
		}
	}
	for j := range m {
		for k := range j + 1 {
			f.h[j*m+k] /= float64(p.n)
		}
		if j < d {
			f.h[j*m+j] += p.penalty[j]
		}
	}
	if !p.intercept {
		clear(border[:d])
		border[d] = 1
	}
}

// A share is a row of a sample and what it stands for.
type share struct {
	row  int
	bend float64 // of all rows that it stands for
}

// sample appends so many rows to to at most, evenly spread along the sum of the bends: the more a row bends the
// loss the likelier, and those that bend it most for sure. Where labels are separable few rows bend it at all,
// and rows evenly spread would miss them. Where nothing does there are no rows.
func (p *problem) sample(to []share, rows int) []share {
	if rows >= p.n {
		for r, b := range p.bends {
			to = append(to, share{r, b})
		}
		return to
	}
	each := sum(p.bends) / float64(rows)
	if each < 1e-300 { // rounded too coarsely to be counted in
		return to
	}
	next, reached := each/2, 0.0
	for r, b := range p.bends {
		if reached += b; reached <= next {
			continue
		}
		to = append(to, share{r, max(b, each)})
		for next < reached {
			next += each
		}
	}
	return to
}

// apply implements preconditioner.
func (f *factored) apply(v []float64) { solveFactor(f.factor, f.m, v) }

// solveFactor solves l lᵀ x = v, in place; l is [m, m].
func solveFactor(l []float64, m int, v []float64) {
	for i := range m {
		row := l[i*m : i*m+i+1]
		v[i] = (v[i] - inner(row[:i], v[:i])) / row[i]
	}
	for i := m - 1; i >= 0; i-- {
		v[i] /= l[i*m+i]
		add(v[:i], -v[i], l[i*m:i*m+i])
	}
}

// cholesky writes the lower factor of a + ridge·1 to l, both [m, m] of which the lower triangles
// are used; false if that is not positive definite.
func cholesky(l, a []float64, m int, ridge float64) bool {
	for i := range m {
		for j := range i + 1 {
			v := a[i*m+j] - inner(l[i*m:i*m+j], l[j*m:j*m+j])
			if i != j {
				l[i*m+j] = v / l[j*m+j]
				continue
			}
			if v += ridge; !(v > 0) || math.IsInf(v, 1) {
				return false
			}
			l[i*m+i] = math.Sqrt(v)
		}
	}
	return true
}

// inner gives Σ a_i b_i, summed in four interleaved parts.
func inner(a, b []float64) float64 {
	b = b[:len(a)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(a); i += 4 {
		s0 = math.FMA(a[i], b[i], s0)
		s1 = math.FMA(a[i+1], b[i+1], s1)
		s2 = math.FMA(a[i+2], b[i+2], s2)
		s3 = math.FMA(a[i+3], b[i+3], s3)
	}
	for ; i < len(a); i++ {
		s0 = math.FMA(a[i], b[i], s0)
	}
	return (s0 + s1) + (s2 + s3)
}

// add adds c b to a.
func add(a []float64, c float64, b []float64) {
	b = b[:len(a)]
	for i := range a {
		a[i] = math.FMA(c, b[i], a[i])
	}
}
