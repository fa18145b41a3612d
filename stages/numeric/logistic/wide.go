package logistic

import (
	"math"

	"spurion/stages/numeric/kernel"
)

// A wide preconditioner keeps of the Hessian what a sample of the rows says, and a diagonal:
//
//	M = D^½ (1 + Zᵀ Z) D^½
//
// with D the penalties and the rest of the bends on the diagonal (columns have variance 1), and Z, [s, d+1], the
// scaled rows times the roots of their bends, of their share and of 1/D. Its inverse is
// D^-½ (1 - Zᵀ (1 + Z Zᵀ)^-1 Z) D^-½ (Woodbury): only an [s, s] matrix is factored, with s at most 1024.
type wide struct {
	p      *problem
	most   int // rows of a sample
	s      int // rows of the last one: 0 where all losses are flat
	sample []share
	root   []float64 // [d+1]: D^-½
	z      []float32 // [s, d]
	last   []float64 // [s]: column d of Z
	factor []float64 // [s, s]: Cholesky's of 1 + Z Zᵀ
	t      []float64 // [s]
}

func newWide(p *problem) *wide { return newWideOf(p, 1024) }

// newWideOf is newWide with at most so many rows in a sample.
func newWideOf(p *problem, most int) *wide {
	s := min(max(256, p.n/16), most, p.n)
	return &wide{p: p, most: s, root: make([]float64, p.D+1), z: make([]float32, s*p.D), last: make([]float64, s),
		factor: make([]float64, s*s), t: make([]float64, s)}
}

// renew implements preconditioner.
func (w *wide) renew() {
	p, d := w.p, w.p.D
	// Few rows cannot say all of it, and float32 not the very last of it: the largest eigenvalue of Z Zᵀ is about
	// d/(1 - part) where all columns are equal, and what it loses to rounding must stay small beside the 1. Where
	// all losses are flat the penalties are all there is; they may be next to nothing.
	part := 1 - max(1e-4, min(0.2, float64(1e-5*float64(d))), float64(0.2*(1-float64(w.most)/float64(p.n))))
	rest := float64((1-part)*sum(p.bends))/float64(p.n) + 1e-300
	center, scale := kernel.Narrow(p.center), make([]float32, d)
	for j := range d {
		w.root[j] = 1 / math.Sqrt(p.penalty[j]+rest)
		scale[j] = float32(p.scale[j] * w.root[j])
	}
	w.root[d] = 1 / math.Sqrt(rest)
	w.sample = p.sample(w.sample[:0], w.most)
	w.s = len(w.sample)
	s := w.s
	if s == 0 {
		return
	}
	for k, r := range w.sample {
		f := math.Sqrt(part * r.bend / float64(p.n))
		kernel.ScaleCentered(w.z[k*d:(k+1)*d], p.row(r.row), center, scale, float32(f))
		w.last[k] = 0
		if p.intercept {
			w.last[k] = float64(f * w.root[d])
		}
	}
	zt, gram := make([]float32, d*s), make([]float32, s*s)
	kernel.Transpose(zt, s, w.z, d, s, d)
	kernel.MatMul(gram, s, w.z, d, 1, zt, s, s, s, d, nil, false)
	a := make([]float64, s*s)
	for i := range s {
		for j := range i + 1 {
			a[i*s+j] = math.FMA(w.last[i], w.last[j], float64(gram[i*s+j]))
		}
		a[i*s+i]++
	}
	factor(w.factor, a, s)
}

// apply implements preconditioner.
func (w *wide) apply(v []float64) {
	d := w.p.D
	for j, r := range w.root {
		v[j] = float64(v[j] * r)
	}
	t, last := w.t[:w.s], w.last[:w.s]
	kernel.RowDots(t, v[:d], w.z, d, nil)
	for k, z := range last {
		t[k] = math.FMA(z, v[d], t[k])
	}
	solveFactor(w.factor, w.s, t)
	negate(t)
	kernel.AddRows64(v[:d], t, w.z, d, nil)
	v[d] += inner(t, last)
	for j, r := range w.root {
		v[j] = float64(v[j] * r)
	}
}
