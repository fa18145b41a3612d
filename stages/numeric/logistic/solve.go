package logistic

import (
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

	defaultGoal  = 1e-8
	defaultLimit = 500
)

// A solver is the state of one minimisation.
type solver struct {
	p        *problem
	m        int       // parameters
	theta    []float64 // where it is
	gradient []float64
	value    float64
	steps    [][]float64 // the last steps and changes of the gradient, oldest first
	changes  [][]float64
	factor   []float64 // Cholesky factor of the preconditioner
	next     int       // iteration of the next renewal of it
}

func (p *problem) solve(o *Options) *Model {
	goal, limit := o.Tolerance, o.MaxIterations
	if goal == 0 {
		goal = defaultGoal
	}
	if limit == 0 {
		limit = defaultLimit
	}
	m := p.d + 1
	s := &solver{p: p, m: m, theta: make([]float64, m), gradient: make([]float64, m), factor: make([]float64, m*m)}
	s.theta[p.d] = kernel.Log64(p.class[1]) - kernel.Log64(p.class[0])
	s.value = p.evaluate(s.theta, s.gradient)
	iterations := 0
	for largest(s.gradient) > goal && iterations < limit && s.step(iterations) {
		iterations++
	}
	return s.model(iterations, goal)
}

// model gives the result in terms of the columns as they were given.
func (s *solver) model(iterations int, goal float64) *Model {
	p, d := s.p, s.p.d
	squares := 0.0
	for _, w := range s.theta[:d] {
		squares += float64(w * w)
	}
	m := &Model{
		Weights: s.theta[:d:d], Intercept: s.theta[d],
		Loss: s.value - float64(p.penalty*squares)/2, Objective: s.value,
		GradientNorm: largest(s.gradient), Iterations: iterations,
	}
	m.Converged = m.GradientNorm <= goal
	if p.mean != nil {
		for j := range m.Weights {
			m.Weights[j] = float64(m.Weights[j] * p.scale[j])
			m.Intercept -= float64(m.Weights[j] * p.mean[j])
		}
	}
	return m
}

// step goes one step; false if no decrease can be found any more.
func (s *solver) step(iteration int) bool {
	if iteration >= s.next {
		s.renew()
		s.next = max(3, 3*iteration)
	}
	direction := s.direction()
	slope := inner(direction, s.gradient)
	if !(slope < 0) { // by rounding only: the estimate of the inverse Hessian is positive definite
		s.steps, s.changes = nil, nil
		copy(direction, s.gradient)
		s.precondition(direction)
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
		value := s.p.evaluate(theta, gradient)
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
	s.precondition(q)
	for i := range s.steps {
		beta := inner(s.changes[i], q) / inner(s.steps[i], s.changes[i])
		add(q, alpha[i]-beta, s.steps[i])
	}
	negate(q)
	return q
}

// renew takes the Hessian of a subset of the rows where the solver is now as preconditioner.
func (s *solver) renew() {
	h := make([]float64, len(s.factor))
	s.p.hessian(s.theta, max(rowsPerParameter*s.m, 500), h)
	trace := 0.0
	for i := range s.m {
		trace += h[i*s.m+i]
	}
	// Rounding may leave a nearly singular matrix indefinite. A ridge spoils the preconditioner a
	// little, never the minimum.
	for ridge := float64(1e-14 * trace); ; ridge = float64(100 * ridge) {
		if cholesky(s.factor, h, s.m, ridge) {
			return
		}
		if ridge == 0 {
			ridge = 1e-300
		}
	}
}

// precondition solves with the factor, in place.
func (s *solver) precondition(v []float64) {
	m := s.m
	for i := range m {
		row := s.factor[i*m : i*m+i+1]
		v[i] = (v[i] - inner(row[:i], v[:i])) / row[i]
	}
	for i := m - 1; i >= 0; i-- {
		v[i] /= s.factor[i*m+i]
		add(v[:i], -v[i], s.factor[i*m:i*m+i])
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
		s0 += float64(a[i] * b[i])
		s1 += float64(a[i+1] * b[i+1])
		s2 += float64(a[i+2] * b[i+2])
		s3 += float64(a[i+3] * b[i+3])
	}
	for ; i < len(a); i++ {
		s0 += float64(a[i] * b[i])
	}
	return (s0 + s1) + (s2 + s3)
}

// add adds c b to a.
func add(a []float64, c float64, b []float64) {
	b = b[:len(a)]
	for i := range a {
		a[i] += float64(c * b[i])
	}
}

func negate(a []float64) {
	for i := range a {
		a[i] = -a[i]
	}
}

func largest(a []float64) float64 {
	m := 0.0
	for _, v := range a {
		m = max(m, math.Abs(v))
	}
	return m
}
