package logistic

import (
	"errors"
	"fmt"
	"math"

	"spurion/stages/numeric/kernel"
)

// A problem is the objective F of one fit in the solver's own coordinates: columns are (x - center) * scale,
// and the parameters θ are their weights u, then the intercept for them. These are
//
//	w_j = u_j scale_j    b = θ_d - Σ w_j center_j
//
// in terms of the columns as they were given; nothing is scaled in memory. The penalty is that of the options,
// whatever the coordinates. Scaling makes the Hessian's diagonal even and centering takes the intercept out of
// it, so that float32 is enough for an estimate of it.
type problem struct {
	Rows
	n         int
	c         float64
	class     [2]int    // rows of each label
	signs     []float64 // [n]: -1 for label 0, 1 for label 1
	intercept bool

	center, scale []float64
	given         bool      // these are the problem's columns, not only the solver's
	penalty       []float64 // of u_j²/2, [d]

	block   int       // rows that are worked on at a time
	weights []float64 // [d]: w of the last evaluation
	losses  []float64 // [block]
	slopes  []float64 // [block]
	margins []float64 // [block]
	bends   []float64 // [n]: second derivatives of the losses at the last evaluation
}

// blockBytes of features are worked on at a time, so that a pass reads them from memory once.
const blockBytes = 1 << 18

// newProblem is newRows for labels 0 and 1.
func newProblem(r Rows, c float64) (*problem, error) {
	p, err := newRows(r, c)
	if err != nil {
		return nil, err
	}
	p.signs, p.losses, p.slopes = make([]float64, p.n), make([]float64, p.block), make([]float64, p.block)
	for i, y := range r.Labels {
		if y != 0 && y != 1 {
			return nil, fmt.Errorf("row %d has label %d; it must be 0 or 1", i, y)
		}
		p.class[y]++
		p.signs[i] = float64(2*y - 1)
	}
	return p, nil
}

// newRows checks the rows, whatever their labels, and makes room for evaluations.
func newRows(r Rows, c float64) (*problem, error) {
	n := len(r.Labels)
	switch {
	case n < 1 || r.D < 0 || r.Index == nil && len(r.X) < n*r.D || r.Index != nil && len(r.Index) != n:
		return nil, fmt.Errorf("%d labels for %d values, %d features a row and %d rows by name", n, len(r.X), r.D, len(r.Index))
	case !(c > 0) || math.IsInf(c, 1):
		return nil, fmt.Errorf("the penalty's C must be positive and finite, but is %v", c)
	}
	for _, i := range r.Index {
		if i < 0 || (int(i)+1)*r.D > len(r.X) {
			return nil, fmt.Errorf("there is no row %d in %d values, %d features a row", i, len(r.X), r.D)
		}
	}
	p := &problem{Rows: r, n: n, c: c, intercept: true, bends: make([]float64, n)}
	p.block = min(n, max(8, min(1024, blockBytes/4/max(1, r.D)))&^7)
	if p.block == 0 {
		p.block = n
	}
	p.margins = make([]float64, p.block)
	p.weights = make([]float64, r.D)
	return p, nil
}

func (p *problem) oneClass() bool { return p.class[0] == 0 || p.class[1] == 0 }

// constant gives the model of rows of one class.
func (p *problem) constant() (*Model, error) {
	if err := p.finite(); err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	m := &Model{Weights: make([]float64, p.D), OneClass: true}
	if p.intercept {
		m.Intercept = kernel.Log64(float64(p.n)+0.5) - kernel.Log64(0.5)
	}
	m.Loss = kernel.Softplus64(-m.Intercept)
	if p.class[1] == 0 {
		m.Intercept = -m.Intercept
	}
	m.Objective = m.Loss
	return m, nil
}

// rows gives the features and the index of n rows from the first one on, as package kernel takes them.
func (p *problem) rows(first, n int) (x []float32, index []int32) {
	if p.Index != nil {
		return p.X, p.Index[first : first+n]
	}
	return p.X[first*p.D : (first+n)*p.D], nil
}

// row gives the features of a row.
func (p *problem) row(r int) []float32 {
	if p.Index != nil {
		r = int(p.Index[r])
	}
	return p.X[r*p.D : (r+1)*p.D]
}

// momentRows is how many rows, evenly spread, say how columns are centered and scaled if it is for the
// solver's sake alone.
const momentRows = 512

// standardize finds center and scale, from all rows if the penalty is that of standardised columns. A constant
// one of these is 0.
func (p *problem) standardize(given bool) error {
	stride := max(1, p.n/momentRows)
	if given {
		stride = 1
	}
	center, variance := make([]float64, p.D), make([]float64, p.D)
	count := 0.0
	for r := 0; r < p.n; r += stride {
		count++
		if p.intercept {
			x, index := p.rows(r, 1)
			kernel.AddRows64(center, one[:], x, p.D, index)
		}
	}
	for j := range center {
		center[j] /= count
	}
	for r := 0; r < p.n; r += stride {
		for j, v := range p.row(r) {
			c := float64(v) - center[j]
			variance[j] += float64(c * c)
		}
	}
	penalty := 1 / (p.c * float64(p.n))
	p.given, p.center, p.scale, p.penalty = given, center, variance, make([]float64, p.D)
	for j, v := range variance {
		v /= count
		if v-v != 0 {
			return p.overflow()
		}
		p.scale[j], p.penalty[j] = 1, penalty
		switch {
		// What rounding of the mean leaves of a constant column is not variance.
		case v > max(1e-60, float64(1e-24*float64(center[j]*center[j]))):
			p.scale[j] = 1 / math.Sqrt(v)
		case given:
			p.scale[j] = 0
		}
		if !given {
			p.penalty[j] = float64(penalty * float64(p.scale[j]*p.scale[j]))
		}
	}
	return nil
}

var one = [1]float64{1}

// finite says where the features are not finite, in an error.
func (p *problem) finite() error {
	for r := range p.n {
		for j, v := range p.row(r) {
			if v-v != 0 {
				return fmt.Errorf("row %d, feature %d is %v: %w", r, j, v, ErrNotFinite)
			}
		}
	}
	return nil
}

// overflow explains a sum over features that is not finite.
func (p *problem) overflow() error {
	if err := p.finite(); err != nil {
		return err
	}
	return errors.New("a sum over features is beyond float64's range")
}

// unscale writes the weights of the columns as given to p.weights, and gives the intercept for them.
func (p *problem) unscale(theta []float64) float64 {
	b := theta[p.D]
	for j, u := range theta[:p.D] {
		w := float64(u * p.scale[j])
		p.weights[j] = w
		b -= float64(w * p.center[j])
	}
	return b
}

// evaluate gives F at theta and writes its gradient to gradient, both [d+1]; p.bends are then those at theta.
// F is NaN or infinite if a feature is.
func (p *problem) evaluate(theta, gradient []float64) float64 {
	clear(gradient)
	g := gradient[:p.D]
	b := p.unscale(theta)
	slope, loss := 0.0, 0.0
	for first := 0; first < p.n; first += p.block {
		n := min(p.block, p.n-first)
		x, index := p.rows(first, n)
		margins, losses, slopes := p.margins[:n], p.losses[:n], p.slopes[:n]
		kernel.RowDots(margins, p.weights, x, p.D, index)
		for i := range margins {
			margins[i] += b
		}
		kernel.LogLoss64(losses, slopes, p.bends[first:first+n], margins, p.signs[first:first+n])
		kernel.AddRows64(g, slopes, x, p.D, index)
		loss += sum(losses)
		slope += sum(slopes)
	}
	squares := p.rescale(gradient, theta, slope)
	return loss/float64(p.n) + squares/2
}

// rescale turns a sum of rows, whose factors' sum is total, into a mean over rows in the solver's coordinates,
// and adds the penalty's part for v; it gives the penalty of v, without the half.
func (p *problem) rescale(g, v []float64, total float64) float64 {
	n, squares := float64(p.n), 0.0
	for j, u := range v[:p.D] {
		pull := float64(p.penalty[j] * u)
		squares += float64(pull * u)
		g[j] = float64((g[j]-float64(p.center[j]*total))*p.scale[j])/n + pull
	}
	g[p.D] = 0
	if p.intercept {
		g[p.D] = total / n
	}
	return squares
}

// largest gives the largest component of a gradient, in terms of the problem's columns.
func (p *problem) largest(gradient []float64) float64 {
	b := gradient[p.D]
	worst := math.Abs(b)
	for j, g := range gradient[:p.D] {
		if !p.given {
			g = g/p.scale[j] + float64(p.center[j]*b)
		}
		worst = max(worst, math.Abs(g))
	}
	return worst
}

// sum adds up in four interleaved chains.
func sum(a []float64) float64 {
	var s0, s1, s2, s3 float64
	for ; len(a) >= 4; a = a[4:] {
		s0 += a[0]
		s1 += a[1]
		s2 += a[2]
		s3 += a[3]
	}
	for _, v := range a {
		s0 += v
	}
	return (s0 + s1) + (s2 + s3)
}
