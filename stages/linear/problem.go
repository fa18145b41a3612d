package linear

import (
	"fmt"
	"math"

	"spurion/stages/kernel"
)

// A problem is the objective F of one fit. Parameters θ are the weights, then the intercept; columns
// are standardised as they are read.
type problem struct {
	x       []float32
	rows, d int
	labels  []int8
	weights []float64 // nil: ones

	total   float64    // Σ s_i
	class   [2]float64 // of each label
	penalty float64    // of |w|²/2 in F
	mean    []float64  // nil without standardising
	scale   []float64  // a column times it has variance 1

	block [4][]float64 // four rows as float64
}

func newProblem(x []float32, rows, d int, labels []int8, weights []float64, o *Options) (*problem, error) {
	switch {
	case rows < 1 || d < 0 || len(x) < rows*d || len(labels) < rows:
		return nil, fmt.Errorf("%d rows of %d features, but %d values and %d labels", rows, d, len(x), len(labels))
	case weights != nil && len(weights) < rows:
		return nil, fmt.Errorf("%d weights for %d rows", len(weights), rows)
	case !(o.C > 0) || math.IsInf(o.C, 1):
		return nil, fmt.Errorf("the penalty's C must be positive and finite, but is %v", o.C)
	}
	p := &problem{x: x[:rows*d], rows: rows, d: d, labels: labels[:rows], weights: weights}
	for i, v := range p.x {
		if v-v != 0 {
			return nil, fmt.Errorf("row %d, feature %d is %v: %w", i/d, i%d, v, ErrNotFinite)
		}
	}
	for r, y := range p.labels {
		if y != 0 && y != 1 {
			return nil, fmt.Errorf("row %d has label %d; it must be 0 or 1", r, y)
		}
		s := p.weight(r)
		if !(s >= 0) || math.IsInf(s, 1) {
			return nil, fmt.Errorf("row %d has weight %v", r, s)
		}
		p.class[y] += s
	}
	p.total = p.class[0] + p.class[1]
	if p.total == 0 {
		return nil, fmt.Errorf("all weights are 0")
	}
	p.penalty = 1 / (o.C * p.total)
	for i := range p.block {
		p.block[i] = make([]float64, d)
	}
	if o.Standardize {
		p.standardize()
	}
	return p, nil
}

func (p *problem) weight(r int) float64 {
	if p.weights == nil {
		return 1
	}
	return p.weights[r]
}

// standardize finds the weighted mean and standard deviation of each column. A constant column is
// only shifted, to 0.
func (p *problem) standardize() {
	mean, variance, scale := make([]float64, p.d), make([]float64, p.d), make([]float64, p.d)
	for r := range p.rows {
		s := p.weight(r)
		for j, v := range p.x[r*p.d : (r+1)*p.d] {
			mean[j] += float64(s * float64(v))
		}
	}
	for j := range mean {
		mean[j] /= p.total
	}
	for r := range p.rows {
		s := p.weight(r)
		for j, v := range p.x[r*p.d : (r+1)*p.d] {
			c := float64(v) - mean[j]
			variance[j] += float64(s * float64(c*c))
		}
	}
	for j := range scale {
		scale[j] = 1
		// What rounding of the mean leaves of a constant column is not variance.
		if v := variance[j] / p.total; v > 1e-24*float64(mean[j]*mean[j]) {
			scale[j] = 1 / math.Sqrt(v)
		}
	}
	p.mean, p.scale = mean, scale
}

// load converts rows r to r+n-1 (n at most 4) to block; the rest of it becomes 0.
func (p *problem) load(r, n int) (x0, x1, x2, x3 []float64) {
	for i := range p.block {
		dst := p.block[i]
		if i >= n {
			clear(dst)
			continue
		}
		src := p.x[(r+i)*p.d : (r+i+1)*p.d]
		src = src[:len(dst)]
		if p.mean == nil {
			for j, v := range src {
				dst[j] = float64(v)
			}
			continue
		}
		for j, v := range src {
			dst[j] = float64((float64(v) - p.mean[j]) * p.scale[j])
		}
	}
	return p.block[0], p.block[1], p.block[2], p.block[3]
}

// evaluate gives F at theta and writes its gradient to gradient, both [d+1].
func (p *problem) evaluate(theta, gradient []float64) float64 {
	clear(gradient)
	d := p.d
	w, g := theta[:d], gradient[:d]
	loss, slope := 0.0, 0.0
	for r := 0; r < p.rows; r += 4 {
		n := min(4, p.rows-r)
		x0, x1, x2, x3 := p.load(r, n)
		z := margins(w, theta[d], x0, x1, x2, x3)
		var residual [4]float64
		for i := range n {
			s := p.weight(r + i)
			l, q := logistic(z[i], p.labels[r+i])
			loss += float64(s * l)
			residual[i] = float64(s * q)
			slope += residual[i]
		}
		accumulate(g, &residual, x0, x1, x2, x3)
	}
	squares := 0.0
	for j := range g {
		g[j] = g[j]/p.total + float64(p.penalty*w[j])
		squares += float64(w[j] * w[j])
	}
	gradient[d] = slope / p.total
	return loss/p.total + float64(p.penalty*squares)/2
}

// logistic gives the log-loss in nats of a margin and its derivative.
func logistic(margin float64, label int8) (loss, slope float64) {
	e := kernel.Exp64(-math.Abs(margin))
	small := kernel.Log1p64(e) // the loss if margin and label agree
	p := 1 / (1 + e)           // the probability of the label that the margin predicts
	if (margin >= 0) == (label == 1) {
		loss, slope = small, float64(e*p)
	} else {
		loss, slope = small+math.Abs(margin), p
	}
	if label == 1 {
		slope = -slope
	}
	return loss, slope
}

// margins gives w·x + b of four rows.
func margins(w []float64, b float64, x0, x1, x2, x3 []float64) [4]float64 {
	x0, x1, x2, x3 = x0[:len(w)], x1[:len(w)], x2[:len(w)], x3[:len(w)]
	z0, z1, z2, z3 := b, b, b, b
	for j, v := range w {
		z0 += float64(v * x0[j])
		z1 += float64(v * x1[j])
		z2 += float64(v * x2[j])
		z3 += float64(v * x3[j])
	}
	return [4]float64{z0, z1, z2, z3}
}

// accumulate adds a_0 x_0 + ... + a_3 x_3 to g.
func accumulate(g []float64, a *[4]float64, x0, x1, x2, x3 []float64) {
	x0, x1, x2, x3 = x0[:len(g)], x1[:len(g)], x2[:len(g)], x3[:len(g)]
	a0, a1, a2, a3 := a[0], a[1], a[2], a[3]
	for j := range g {
		g[j] += (float64(a0*x0[j]) + float64(a1*x1[j])) + (float64(a2*x2[j]) + float64(a3*x3[j]))
	}
}

// hessian writes an estimate of F's Hessian at theta to the lower triangle of h, [d+1, d+1]: from
// about the given number of rows, evenly spread.
func (p *problem) hessian(theta []float64, sample int, h []float64) {
	d, m := p.d, p.d+1
	clear(h)
	// Four rows at a time, at the places of a fixed stride.
	groups := (p.rows + 3) / 4
	stride := max(1, groups/max(1, (sample+3)/4))
	mass := 0.0
	for k := 0; k < groups; k += stride {
		r := 4 * k
		n := min(4, p.rows-r)
		x0, x1, x2, x3 := p.load(r, n)
		z := margins(theta[:d], theta[d], x0, x1, x2, x3)
		var c [4]float64
		for i := range n {
			e := kernel.Exp64(-math.Abs(z[i]))
			q := 1 / (1 + e)
			s := p.weight(r + i)
			c[i] = float64(s * float64(float64(e*q)*q))
			mass += s
		}
		for j := range d {
			a := [4]float64{float64(c[0] * x0[j]), float64(c[1] * x1[j]), float64(c[2] * x2[j]), float64(c[3] * x3[j])}
			accumulate(h[j*m:j*m+j+1], &a, x0[:j+1], x1[:j+1], x2[:j+1], x3[:j+1])
		}
		accumulate(h[d*m:d*m+d], &c, x0, x1, x2, x3)
		h[d*m+d] += (c[0] + c[1]) + (c[2] + c[3])
	}
	if mass == 0 { // the rows that were looked at weigh nothing
		mass = 1
	}
	for j := range m {
		for k := range j + 1 {
			h[j*m+k] /= mass
		}
		if j < d {
			h[j*m+j] += p.penalty
		}
	}
}
