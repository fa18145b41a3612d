package logistic

import (
	"cmp"
	"fmt"
	"math"

	"spurion/stages/numeric/kernel"
)

const (
	memory = 10    // pairs that L-BFGS keeps
	enough = 1e-4  // share of the promised decrease that a step must bring (Armijo)
	blur   = 1e-10 // relative difference of values that may be rounding
	// Rows that the preconditioner looks at: fewer make more iterations, more make dearer ones. It
	// is renewed at iterations 3, 9, 27, ... Both were the fastest of those tried on activations.
	rowsPerParameter = 16
	// narrowest is the width up to which a Hessian is factored.
	narrowest = 512

	defaultGoal  = 1e-8
	defaultLimit = 2000
)

// A preconditioner is an estimate of F's Hessian H.
type preconditioner interface {
	renew()            // where the problem was evaluated last
	apply(v []float64) // multiplies [d+1] with the inverse of the estimate, in place
}

// A target is what is minimised: a function of parameters, with its gradient.
type target interface {
	evaluate(theta, gradient []float64) float64
	largest(gradient []float64) float64 // component, in terms of the problem's columns
}

// A solver is the state of one minimisation.
type solver struct {
	f        target
	m        int       // parameters
	theta    []float64 // where it is
	gradient []float64
	value    float64
	steps    [][]float64 // the last steps and changes of the gradient, oldest first
	changes  [][]float64
	estimate preconditioner
	next     int // iteration of the next renewal of it
}

func (p *problem) solve(o *Options) (*Model, error) {
	if p.D <= narrowest {
		return p.solveWith(newFactored(p, max(rowsPerParameter*(p.D+1), 500)), o)
	}
	return p.solveWith(newWide(p), o)
}

func (p *problem) solveWith(estimate preconditioner, o *Options) (*Model, error) {
	s := newSolver(p, estimate, p.D+1)
	if p.intercept {
		s.theta[p.D] = kernel.Log64(float64(p.class[1])) - kernel.Log64(float64(p.class[0]))
	}
	goal, limit := o.ends()
	iterations, ok := s.minimise(goal, limit)
	if !ok {
		return nil, fmt.Errorf("logistic: %w", p.overflow())
	}
	return p.model(s, iterations, goal), nil
}

// ends gives the tolerance and the most iterations.
func (o *Options) ends() (goal float64, limit int) {
	return cmp.Or(o.Tolerance, defaultGoal), cmp.Or(o.MaxIterations, defaultLimit)
}

func newSolver(f target, estimate preconditioner, parameters int) *solver {
	return &solver{f: f, estimate: estimate, m: parameters, theta: make([]float64, parameters), gradient: make([]float64, parameters)}
}

// minimise goes on from theta until the gradient is within goal, or no step helps; ok is false if the value at the start
// is not finite.
func (s *solver) minimise(goal float64, limit int) (iterations int, ok bool) {
	s.value = s.f.evaluate(s.theta, s.gradient)
	if s.value-s.value != 0 { // a product of 0 and what is not finite is NaN
		return 0, false
	}
	for s.f.largest(s.gradient) > goal && iterations < limit && s.step(iterations) {
		iterations++
	}
	return iterations, true
}

// model gives the result in terms of the columns as they were given.
func (p *problem) model(s *solver, iterations int, goal float64) *Model {
	squares := 0.0
	for j, u := range s.theta[:p.D] {
		squares += float64(p.penalty[j] * float64(u*u))
	}
	b := p.unscale(s.theta)
	m := &Model{
		Weights: p.weights, Intercept: b,
		Loss: s.value - squares/2, Objective: s.value,
		GradientNorm: p.largest(s.gradient), Iterations: iterations,
	}
	if !p.intercept {
		m.Intercept = 0 // centers are 0; not -0
	}
	m.Converged = m.GradientNorm <= goal
	return m
}

// step goes one step; false if no decrease can be found any more.
func (s *solver) step(iteration int) bool {
	if iteration >= s.next {
		s.estimate.renew()
		s.next = max(3, 3*iteration)
	}
	direction := s.direction()
	slope := inner(direction, s.gradient)
	if !(slope < 0) { // by rounding only: the estimate of the inverse Hessian is positive definite
		s.steps, s.changes = nil, nil
		copy(direction, s.gradient)
		s.estimate.apply(direction)
		negate(direction)
		if slope = inner(direction, s.gradient); !(slope < 0) {
			return false
		}
	}
	theta, gradient := make([]float64, s.m), make([]float64, s.m)
	for length := 1.0; length > 1e-10; {
		for i := range theta {
			theta[i] = s.theta[i] + float64(length*direction[i])
		}
		value := s.f.evaluate(theta, gradient)
		if value <= s.value+float64(float64(enough*length)*slope) {
			return s.accept(theta, gradient, value)
		}
		// Near the minimum rounding hides the decrease, but not that the slope becomes flatter (the
		// approximate Wolfe condition of Hager and Zhang, 2005).
		if value <= s.value+float64(blur*math.Abs(s.value)) && math.Abs(inner(direction, gradient)) <= -0.9*slope {
			return s.accept(theta, gradient, value)
		}
		// The minimum of the parabola through what is known, but no drastic cut.
		curve := value - s.value - float64(length*slope)
		shorter := length / 2
		if curve > 0 {
			shorter = -slope * float64(length*length) / (2 * curve)
		}
		length = min(length/2, max(length/10, shorter))
	}
	return false
}

// accept moves to theta and keeps the pair of L-BFGS. It gives false if nothing has changed.
func (s *solver) accept(theta, gradient []float64, value float64) bool {
	step, change := make([]float64, s.m), make([]float64, s.m)
	moved := false
	for i := range step {
		step[i], change[i] = theta[i]-s.theta[i], gradient[i]-s.gradient[i]
		moved = moved || step[i] != 0
	}
	if inner(step, change) > 0 {
		if len(s.steps) == memory {
			s.steps, s.changes = s.steps[1:], s.changes[1:]
		}
		s.steps, s.changes = append(s.steps, step), append(s.changes, change)
	}
	s.theta, s.gradient, s.value = theta, gradient, value
	return moved
}

// direction gives the direction of L-BFGS (Nocedal and Wright, algorithm 7.4).
func (s *solver) direction() []float64 {
	q := append([]float64{}, s.gradient...)
	alpha := make([]float64, len(s.steps))
	for i := len(s.steps) - 1; i >= 0; i-- {
		alpha[i] = inner(s.steps[i], q) / inner(s.steps[i], s.changes[i])
		add(q, -alpha[i], s.changes[i])
	}
	s.estimate.apply(q)
	if n := len(s.steps); n > 0 { // the estimate's size, by the last step (Nocedal and Wright, equation 7.20)
		y := append([]float64{}, s.changes[n-1]...)
		s.estimate.apply(y)
		if size := inner(s.steps[n-1], s.changes[n-1]) / inner(s.changes[n-1], y); size > 0 && !math.IsInf(size, 1) {
			for i := range q {
				q[i] = float64(q[i] * size)
			}
		}
	}
	for i := range s.steps {
		beta := inner(s.changes[i], q) / inner(s.steps[i], s.changes[i])
		add(q, alpha[i]-beta, s.steps[i])
	}
	negate(q)
	return q
}

func negate(a []float64) {
	for i := range a {
		a[i] = -a[i]
	}
}
