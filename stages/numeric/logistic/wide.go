package logistic

import (
	"math"

	"spurion/stages/numeric/kernel"
)

// A wide preconditioner keeps of the Hessian what some evenly spread rows say, and a diagonal:
//
//	M = D^½ (1 + Zᵀ Z) D^½
//
// with D the penalties and the rest of the bends on the diagonal (columns have variance 1), and Z, [s, d+1], the
// scaled rows times the roots of their bends, of their share and of 1/D. Its inverse is
// D^-½ (1 - Zᵀ (1 + Z Zᵀ)^-1 Z) D^-½ (Woodbury): only an [s, s] matrix is factored, with s at most 1024.
type wide struct {
	p      *problem
	s      int
	root   []float64 // [d+1]: D^-½
	z      []float32 // [s, d]
	last   []float64 // [s]: column d of Z
	factor []float64 // [s, s]: Cholesky's of 1 + Z Zᵀ
	t      []float64 // [s]
}

func newWide(p *problem) *wide {
	s := min(max(256, p.n/16), 1024, p.n)
	return &wide{p: p, s: s, root: make([]float64, p.D+1), z: make([]float32, s*p.D), last: make([]float64, s),
		factor: make([]float64, s*s), t: make([]float64, s)}
}

// renew implements preconditioner.
func (w *wide) renew() {
	p, d, s := w.p, w.p.D, w.s
	// Few rows cannot say all of it, and float32 not the very last of it. Where all losses are flat the penalties
	// are all there is; they may be next to nothing.
	share := 1 - max(1e-4, float64(0.2*(1-float64(s)/float64(p.n))))
	rest := float64((1-share)*sum(p.bends))/float64(p.n) + 1e-300
	center, scale := narrow(p.center), make([]float32, d)
	for j := range d {
		w.root[j] = 1 / math.Sqrt(p.penalty[j]+rest)
		scale[j] = float32(p.scale[j] * w.root[j])
	}
	w.root[d] = 1 / math.Sqrt(rest)
	stride := p.n / s
	for k := range s {
		f := math.Sqrt(share * p.bends[k*stride] / float64(s))
		kernel.ScaleCentered(w.z[k*d:(k+1)*d], p.row(k*stride), center, scale, float32(f))
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
	kernel.RowDots(w.t, v[:d], w.z, d, nil)
	for k, z := range w.last {
		w.t[k] = math.FMA(z, v[d], w.t[k])
	}
	solveFactor(w.factor, w.s, w.t)
	negate(w.t)
	kernel.AddRows64(v[:d], w.t, w.z, d, nil)
	v[d] += inner(w.t, w.last)
	for j, r := range w.root {
		v[j] = float64(v[j] * r)
	}
}
