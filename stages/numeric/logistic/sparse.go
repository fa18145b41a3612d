package logistic

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
)

// SparseOptions say what FitSparse minimises, and how far.
type SparseOptions struct {
	C float64 // inverse strength of the penalty; positive and finite
	// PenalizeIntercept puts the intercept under the penalty too, as liblinear does.
	PenalizeIntercept bool
	// The penalty is that of the columns (x - Center) * Scale, both [d]; nil stands for 0 and 1.
	Center, Scale []float64
	// Start is where to begin: the model of another penalty, say. nil stands for w = 0. It changes the time
	// that the fit takes, and the result by no more than the tolerance.
	Start         *Model
	Tolerance     float64 // of the optimality conditions; 0 stands for 1e-6
	MaxIterations int     // 0 stands for 200
}

// FitSparse is logistic regression with an L1 penalty, C Σ l_i + |u|_1 for the weights u of scaled columns,
// divided by C n so that it is a mean:
//
//	F(u, b) = Σ l_i / n + |u|_1 / (C n)
//
// The method is proximal Newton with coordinate descent on each quadratic model and a line search (Yuan, Ho and
// Lin 2012, newGLMNET). A model is of the columns alone that are not 0 or should not stay so, and is minimised on
// vectors of length n: no memory grows with the square of d. The result's GradientNorm is the largest violation
// of the optimality conditions; its Weights are for the columns as given.
func FitSparse(r Rows, o SparseOptions) (*Model, error) {
	p, err := newProblem(r, o.C)
	if err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	if p.oneClass() {
		return p.constant()
	}
	p.given, p.center, p.scale, p.penalty = true, make([]float64, r.D), slices.Repeat(one[:], r.D), make([]float64, r.D)
	copy(p.center, o.Center)
	copy(p.scale, o.Scale)
	goal, limit := o.Tolerance, o.MaxIterations
	if goal == 0 {
		goal = 1e-6
	}
	if limit == 0 {
		limit = 200
	}
	s := newSparse(p, &o)
	loss := p.evaluate(s.theta, s.gradient)
	if loss-loss != 0 {
		return nil, fmt.Errorf("logistic: %w", p.overflow())
	}
	return s.solve(loss, goal, limit), nil
}

// sparse is the state of one minimisation. Column d is that of ones, for the intercept.
type sparse struct {
	p      *problem
	m      int
	charge []float64 // of |θ_j|, [m]

	theta, gradient, step, trial, scratch []float64 // [m]

	columns [][]float32 // [m][n], those that were needed: scaled
	active  []int       // those of the model
	model   [][]float32 // [len(active)][n]: times the roots of the bends
	bends   []float64   // [len(active)]: the model's second derivatives
	product []float64   // [n]: what the step makes of the model's columns
	roots   []float32   // [n]
	zeros   []float32   // [n]
}

func newSparse(p *problem, o *SparseOptions) *sparse {
	d := p.D
	s := &sparse{p: p, m: d + 1, charge: slices.Repeat([]float64{1 / (o.C * float64(p.n))}, d+1), columns: make([][]float32, d+1),
		product: make([]float64, p.n), roots: make([]float32, p.n), zeros: make([]float32, p.n)}
	for _, v := range []*[]float64{&s.theta, &s.gradient, &s.step, &s.trial, &s.scratch} {
		*v = make([]float64, s.m)
	}
	if !o.PenalizeIntercept {
		s.charge[d] = 0
		s.theta[d] = kernel.Log64(float64(p.class[1])) - kernel.Log64(float64(p.class[0]))
	}
	if o.Start != nil {
		s.theta[d] = o.Start.Intercept
		for j, w := range o.Start.Weights {
			s.theta[j] = w / p.scale[j]
			s.theta[d] += float64(w * p.center[j])
		}
	}
	return s
}

func (s *sparse) solve(loss, goal float64, limit int) *Model {
	iterations := 0
	for ; iterations < limit; iterations++ {
		far := violation(s.theta, s.gradient, s.charge)
		if far <= goal {
			break
		}
		s.newModel()
		s.descend(max(goal/10, far/20))
		next, ok := s.search(loss)
		if !ok {
			break
		}
		loss = next
	}
	b := s.p.unscale(s.theta)
	out := &Model{Weights: s.p.weights, Intercept: b, Loss: loss, Objective: loss + s.charged(s.theta),
		GradientNorm: violation(s.theta, s.gradient, s.charge), Iterations: iterations}
	out.Converged = out.GradientNorm <= goal
	return out
}

func (s *sparse) charged(theta []float64) float64 {
	sum := 0.0
	for j, v := range theta {
		sum += float64(s.charge[j] * math.Abs(v))
	}
	return sum
}

// violation gives how far theta is from the optimality conditions.
func violation(theta, gradient, charge []float64) float64 {
	worst := 0.0
	for j, v := range theta {
		worst = max(worst, violationOf(v, gradient[j], charge[j]))
	}
	return worst
}

func violationOf(theta, gradient, charge float64) float64 {
	switch {
	case theta > 0:
		return math.Abs(gradient + charge)
	case theta < 0:
		return math.Abs(gradient - charge)
	}
	return max(math.Abs(gradient)-charge, 0)
}

// newModel takes the quadratic model of the loss at theta, for the columns that are in use or violate their
// condition.
func (s *sparse) newModel() {
	p := s.p
	for i, b := range p.bends {
		s.roots[i] = float32(math.Sqrt(b / float64(p.n)))
	}
	s.active, s.bends = s.active[:0], s.bends[:0]
	clear(s.step)
	for j := range s.m {
		if s.theta[j] == 0 && violationOf(0, s.gradient[j], s.charge[j]) == 0 {
			continue
		}
		k := len(s.active)
		if k == len(s.model) {
			s.model = append(s.model, make([]float32, p.n))
		}
		kernel.ScaleCentered(s.model[k], s.column(j), s.zeros, s.roots, 1)
		clear(s.product)
		kernel.AddRows64(s.product, one[:], s.model[k], p.n, nil)
		s.active = append(s.active, j)
		s.bends = append(s.bends, max(s.along(k), 1e-12))
	}
	clear(s.product)
}

// column gives a scaled column.
func (s *sparse) column(j int) []float32 {
	if s.columns[j] == nil {
		c := make([]float32, s.p.n)
		for r := range c {
			c[r] = 1
			if j < s.p.D {
				c[r] = float32(float64((float64(s.p.row(r)[j]) - s.p.center[j]) * s.p.scale[j]))
			}
		}
		s.columns[j] = c
	}
	return s.columns[j]
}

// along gives the inner product of the model's column k and s.product.
func (s *sparse) along(k int) float64 {
	var z [1]float64
	kernel.RowDots(z[:], s.product, s.model[k], s.p.n, nil)
	return z[0]
}

// descend minimises the model by coordinate descent, until no coordinate of a sweep changes the slope by more
// than goal. Between sweeps over all columns are sweeps over those that are not 0.
func (s *sparse) descend(goal float64) {
	for range 100 {
		if s.sweep(false) <= goal {
			return
		}
		for range 100 {
			if s.sweep(true) <= goal {
				break
			}
		}
	}
}

func (s *sparse) sweep(used bool) (moved float64) {
	for k, j := range s.active {
		at := s.theta[j] + s.step[j]
		if used && at == 0 {
			continue
		}
		bend := s.bends[k]
		to := shrink(at-(s.gradient[j]+s.along(k))/bend, s.charge[j]/bend)
		if change := [1]float64{to - at}; change[0] != 0 {
			s.step[j] = to - s.theta[j]
			kernel.AddRows64(s.product, change[:], s.model[k], s.p.n, nil)
			moved = max(moved, float64(bend*math.Abs(change[0])))
		}
	}
	return moved
}

// shrink moves x towards 0 by t, and no farther.
func shrink(x, t float64) float64 {
	switch {
	case x > t:
		return x - t
	case x < -t:
		return x + t
	}
	return 0
}

// search goes along the step until F decreases enough, and gives the loss there; false if it does
// not any more.
func (s *sparse) search(loss float64) (next float64, ok bool) {
	now, promised := s.charged(s.theta), 0.0
	for j, d := range s.step {
		s.trial[j] = s.theta[j] + d
		promised += float64(s.gradient[j]*d) + float64(s.charge[j]*(math.Abs(s.trial[j])-math.Abs(s.theta[j])))
	}
	if !(promised < 0) {
		return 0, false
	}
	for t := 1.0; t > 1e-10; t /= 2 {
		for j, d := range s.step {
			s.trial[j] = s.theta[j] + float64(t*d)
		}
		next = s.p.evaluate(s.trial, s.scratch)
		value := next + s.charged(s.trial)
		if value <= loss+now+float64(enough*float64(t*promised)) || t == 1 && s.settles(value, loss+now) {
			copy(s.theta, s.trial)
			copy(s.gradient, s.scratch)
			return next, true
		}
	}
	return 0, false
}

// settles says whether the trial is nearer to the minimum although rounding hides the decrease.
func (s *sparse) settles(value, before float64) bool {
	if value > before+float64(blur*math.Abs(before)) {
		return false
	}
	return violation(s.trial, s.scratch, s.charge) < violation(s.theta, s.gradient, s.charge)
}
