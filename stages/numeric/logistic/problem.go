package logistic

import (
	"fmt"
	"math"

	"spurion/stages/numeric/kernel"
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

	wide  []float64    // [rows, d]: x as columns are read, if it is not too large
	block [4][]float64 // four such rows, if it is, and the last ones
}

// wideLimit is the largest number of features that are kept as float64 too.
const wideLimit = 1 << 21

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
	if rows*d <= wideLimit {
		p.wide = make([]float64, rows*d)
		for r := range rows {
			p.convert(p.wide[r*d:(r+1)*d], r)
		}
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

// load gives rows r to r+n-1 (n at most 4) as float64, and zeros in place of the rest.
func (p *problem) load(r, n int) (x0, x1, x2, x3 []float64) {
	if d := p.d; n == 4 && p.wide != nil {
		x := p.wide[r*d : (r+4)*d]
		return x[:d], x[d : 2*d], x[2*d : 3*d], x[3*d:]
	}
	for i := range p.block {
		if i < n {
			p.convert(p.block[i], r+i)
		} else {
			clear(p.block[i])
		}
	}
	return p.block[0], p.block[1], p.block[2], p.block[3]
}

// convert writes row r as float64 to dst.
func (p *problem) convert(dst []float64, r int) {
	src := p.x[r*p.d : (r+1)*p.d]
	src = src[:len(dst)]
	if p.mean == nil {
		for j, v := range src {
			dst[j] = float64(v)
		}
		return
	}
	for j, v := range src {
		dst[j] = float64((float64(v) - p.mean[j]) * p.scale[j])
	}
}

// evaluate gives F at theta and writes its gradient to gradient, both [d+1].
func (p *problem) evaluate(theta, gradient []float64) float64 {
	clear(gradient)
	d := p.d
	w, g := theta[:d], gradient[:d]
	slope := 0.0
	var losses lossSum
	for r := 0; r < p.rows; r += 4 {
		n := min(4, p.rows-r)
		x0, x1, x2, x3 := p.load(r, n)
		z := margins(w, theta[d], x0, x1, x2, x3)
		var residual [4]float64
		for i := range n {
			residual[i] = losses.add(z[i], p.labels[r+i], p.weights, r+i)
			slope += residual[i]
		}
		accumulate(g, &residual, x0, x1, x2, x3)
	}
	loss := losses.total()
	squares := 0.0
	for j := range g {
		g[j] = g[j]/p.total + float64(p.penalty*w[j])
		squares += float64(w[j] * w[j])
	}
	gradient[d] = slope / p.total
	return loss/p.total + float64(p.penalty*squares)/2
}

// A lossSum adds up log-losses. The logarithm of a product takes the place of many logarithms.
type lossSum struct {
	sum     float64
	product float64 // of the factors 1+e whose logarithms are not in sum yet
	factors int
}

// add adds the weighted log-loss of a margin, in nats, and gives its derivative.
func (l *lossSum) add(margin float64, label int8, weights []float64, r int) float64 {
	e := kernel.Exp64(-math.Abs(margin))
	p := 1 / (1 + e) // the probability of the label that the margin predicts
	loss, slope := 0.0, float64(e*p)
	if (margin >= 0) != (label == 1) {
		loss, slope = math.Abs(margin), p
	}
	if label == 1 {
		slope = -slope
	}
	// The loss is log(1+e), and the margin besides if its sign is wrong.
	if weights != nil {
		l.sum += float64(weights[r] * (loss + kernel.Log1p64(e)))
		return float64(weights[r] * slope)
	}
	l.sum += loss
	if e < 1e-5 { // which 1+e would lose; the next term of the series is below e⁴/4
		l.sum += e - float64(float64(e*e)*(0.5-e/3))
		return slope
	}
	if l.factors == 0 {
		l.product = 1
	}
	l.product = float64(l.product * (1 + e))
	if l.factors++; l.factors == 256 {
		l.total()
	}
	return slope
}

// total gives the sum.
func (l *lossSum) total() float64 {
	if l.factors > 0 {
		l.sum += kernel.Log64(l.product)
		l.factors = 0
	}
	return l.sum
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
