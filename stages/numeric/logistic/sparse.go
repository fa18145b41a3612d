package logistic

import (
	"math"

	"spurion/stages/numeric/kernel"
)

// SparseOptions say what FitSparse minimises, and how far.
type SparseOptions struct {
	C float64 // inverse strength of the penalty; positive and finite
	// PenalizeIntercept puts the intercept under the penalty too, as liblinear does.
	PenalizeIntercept bool
	Tolerance         float64 // of the optimality conditions; 0 stands for 1e-6
	MaxIterations     int     // 0 stands for 100
}

// FitSparse is logistic regression with an L1 penalty, C Σ l_i + |w|_1, divided by C n so that it is a
// mean:
//
//	F(w, b) = Σ l_i / n + |w|_1 / (C n)
//
// from w = 0. x is [rows, d] row-major, labels are 0 or 1. The method is proximal Newton with
// coordinate descent on each quadratic model and a line search (Yuan, Ho and Lin 2012, newGLMNET).
// The result's GradientNorm is the largest violation of the optimality conditions.
func FitSparse(x []float32, rows, d int, labels []int8, o SparseOptions) (*Model, error) {
	p, err := newProblem(x, rows, d, labels, nil, &Options{C: o.C})
	if err != nil {
		return nil, err
	}
	if p.class[0] == 0 || p.class[1] == 0 {
		return Fit(x, rows, d, labels, nil, Options{C: o.C}) // says that there is one class
	}
	goal, limit := o.Tolerance, o.MaxIterations
	if goal == 0 {
		goal = 1e-6
	}
	if limit == 0 {
		limit = 100
	}
	s := &sparse{p: p, m: d + 1, charge: make([]float64, d+1)}
	for j := range s.charge {
		s.charge[j] = p.penalty
	}
	if !o.PenalizeIntercept {
		s.charge[d] = 0
	}
	p.penalty = 0 // evaluate and hessian give those of the loss alone
	return s.solve(goal, limit), nil
}

// sparse is the state of one minimisation.
type sparse struct {
	p      *problem
	m      int
	charge []float64 // of |θ_j|

	theta, gradient, step, product, trial, scratch []float64 // [m]; product is H step
	h                                              []float64 // [m, m], both triangles
}

func (s *sparse) solve(goal float64, limit int) *Model {
	m := s.m
	for _, v := range []*[]float64{&s.theta, &s.gradient, &s.step, &s.product, &s.trial, &s.scratch} {
		*v = make([]float64, m)
	}
	s.h = make([]float64, m*m)
	if s.charge[m-1] == 0 {
		s.theta[m-1] = kernel.Log64(s.p.class[1]) - kernel.Log64(s.p.class[0])
	}
	loss := s.p.evaluate(s.theta, s.gradient)
	iterations := 0
	for s.violation() > goal && iterations < limit {
		s.model(goal)
		next, ok := s.search(loss)
		if !ok {
			break
		}
		loss = next
		iterations++
	}
	out := &Model{Weights: s.theta[: m-1 : m-1], Intercept: s.theta[m-1], Loss: loss, Objective: loss + s.charged(s.theta),
		GradientNorm: s.violation(), Iterations: iterations}
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
func (s *sparse) violation() float64 {
	worst := 0.0
	for j, g := range s.gradient {
		v := max(math.Abs(g)-s.charge[j], 0)
		switch {
		case s.theta[j] > 0:
			v = math.Abs(g + s.charge[j])
		case s.theta[j] < 0:
			v = math.Abs(g - s.charge[j])
		}
		worst = max(worst, v)
	}
	return worst
}

// model minimises the quadratic model at theta by coordinate descent.
func (s *sparse) model(goal float64) {
	m := s.m
	s.p.hessian(s.theta, s.p.rows, s.h)
	for j := range m {
		for k := range j {
			s.h[k*m+j] = s.h[j*m+k]
		}
	}
	clear(s.step)
	clear(s.product)
	for range 1000 {
		moved := 0.0
		for j := range m {
			bend := max(s.h[j*m+j], 1e-12)
			at := s.theta[j] + s.step[j]
			to := shrink(at-(s.gradient[j]+s.product[j])/bend, s.charge[j]/bend)
			change := to - at
			if change == 0 {
				continue
			}
			s.step[j] += change
			for k, h := range s.h[j*m : (j+1)*m] {
				s.product[k] += float64(h * change)
			}
			moved = max(moved, float64(bend*math.Abs(change)))
		}
		if moved <= goal/10 {
			return
		}
	}
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
		promised += float64(s.gradient[j] * d)
		s.trial[j] = s.theta[j] + d
	}
	promised += s.charged(s.trial) - now
	if !(promised < 0) {
		return 0, false
	}
	for t := 1.0; t > 1e-10; t /= 2 {
		for j, d := range s.step {
			s.trial[j] = s.theta[j] + float64(t*d)
		}
		next = s.p.evaluate(s.trial, s.scratch)
		if next+s.charged(s.trial) <= loss+now+float64(enough*float64(t*promised)) {
			copy(s.theta, s.trial)
			copy(s.gradient, s.scratch)
			return next, true
		}
	}
	return 0, false
}
