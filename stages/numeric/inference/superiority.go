package inference

import (
	"math"

	"spurion/stages/numeric/distribution"
)

// Superiority asks about the probability θ that a value of larger is above one of smaller, equal ones counted half; Null is such
// as 0.5, and infinite values are equal to each other. A θ is kept if either of two tests keeps it, so that P is the larger of
// both and the interval their hull:
//
//   - the score test with the variance of Hanley and McNeil as Newcombe has it (2006, Stat. Med. 25, 559-573, method 5), which
//     knows the sizes only, and takes spreads for about equal;
//   - Brunner and Munzel's (2000), with their variance times θ(1-θ) over what that is at the estimate, and Student's
//     distribution: for spreads that differ. It says nothing where one group lies wholly above the other, or a
//     group has one value.
//
// P is never below the smallest that dealing the values to the groups could give; where that is above Alpha, all of 0 to 1 is kept.
func Superiority(larger, smaller []float64, q Question) (Answer, error) {
	units := enoughDealt(q.Alpha)
	if len(larger) == 0 || len(smaller) == 0 {
		a := unknown(math.NaN(), q, units)
		a.Low, a.High = 0, 1
		return a.without(q), nil
	}
	t := newTwo(larger, smaller, false)
	p := place(t.runs(0))
	floor := leastP([]int{p.n, p.m})
	s := superior{p: p, theta: p.superiority()}
	a := Answer{Estimate: s.theta, Low: 0, High: 1, Method: Normal, LeastP: min(1, twice(floor)), LeastUnits: units}
	below, above := s.scoreTails(q.Null)
	if s.spread() > 0 {
		b, up := s.studentTails(q.Null)
		if min(b, up) > min(below, above) {
			a.Method = Student
		}
		below, above = max(below, b), max(above, up)
	}
	a = a.sided(max(below, floor), max(above, floor))
	if twice(floor) <= q.Alpha {
		a.Low, a.High = s.interval(q.Alpha)
	}
	return a.without(q), q.step()
}

// superior is a superiority with what its variances take.
type superior struct {
	p     placement
	theta float64
}

// scoreVariance gives Newcombe's variance at θ: θ(1-θ)/(nm) (1 + (N-1)((1-θ)/(2-θ) + θ/(1+θ))) with N the mean of n and m.
func (s *superior) scoreVariance(theta float64) float64 {
	n, m := float64(s.p.n), float64(s.p.m)
	more := float64(((n+m)/2 - 1) * ((1-theta)/(2-theta) + theta/(1+theta)))
	return float64(theta*(1-theta)) * (1 + more) / (n * m)
}

// score gives the standardised distance of the estimate from θ.
func (s *superior) score(theta float64) float64 {
	return ratioOf(s.theta-theta, s.scoreVariance(theta))
}

func (s *superior) scoreTails(null float64) (below, above float64) {
	z := s.score(null)
	return distribution.NormalTail(-z), distribution.NormalTail(z)
}

// spread gives Brunner and Munzel's variance of the estimate over θ(1-θ) there; 0 where their test says nothing.
func (s *superior) spread() float64 {
	if s.theta <= 0 || s.theta >= 1 || s.p.n < 2 || s.p.m < 2 {
		return 0
	}
	x, y := s.p.spreads()
	pairs := float64(s.p.n*s.p.m + s.p.n*s.p.m)
	return (x + y) / float64(pairs*pairs) / float64(s.theta*(1-s.theta))
}

func (s *superior) studentTails(null float64) (below, above float64) {
	t, df := ratioOf(s.theta-null, float64(s.spread()*null*(1-null))), s.p.freedom()
	return distribution.StudentTail(-t, df), distribution.StudentTail(t, df)
}

// interval gives the hull of both tests' intervals.
func (s *superior) interval(alpha float64) (low, high float64) {
	z := distribution.NormalAbove(alpha / 2)
	low = lastOf(0, s.theta, func(theta float64) bool { return s.score(theta) > z })
	high = lastOf(1, s.theta, func(theta float64) bool { return s.score(theta) < -z })
	c := s.spread()
	if c == 0 {
		return low, high
	}
	// (θ̂ - θ)² = t² c θ(1-θ), a quadratic equation as Wilson's.
	t := distribution.StudentAbove(alpha/2, s.p.freedom())
	k := float64(float64(t*t) * c)
	middle := s.theta + k/2
	root := math.Sqrt(float64(k*(s.theta-float64(s.theta*s.theta))) + float64(k*k)/4)
	return min(low, (middle-root)/(1+k)), max(high, (middle+root)/(1+k))
}
