package inference

import (
	"math"

	"spurion/stages/numeric/distribution"
)

// WelchDifference asks Welch's t (1947, Biometrika 34, 28-35) about the difference of two means, of groups whose spreads and sizes
// may differ. It needs two values of each. Groups that are both without spread are judged as deals of the
// values to the groups, as in Mean.
func WelchDifference(larger, smaller []float64, q Question) (Answer, error) {
	if len(larger) == 0 || len(smaller) == 0 {
		return unknown(math.NaN(), q, 2), nil
	}
	x, y := momentOf(larger), momentOf(smaller)
	if x.n < 2 || y.n < 2 {
		return unknown(x.mean-y.mean, q, 2), nil
	}
	if x.variance+y.variance == 0 {
		return withoutSpread(x.mean-y.mean, slackOf(x.mean, y.mean, q.Null), x, y, q), nil
	}
	a := student(x.mean-y.mean, math.Sqrt(x.variance+y.variance), freedom(x.variance, x.n, y.variance, y.n), q)
	a.LeastUnits = 2
	return a, nil
}

// withoutSpread judges groups each of which has one value over and over, as deals.
func withoutSpread(estimate, slack float64, x, y moment, q Question) Answer {
	least := leastP([]int{x.n, y.n})
	a := Answer{Estimate: estimate, Low: estimate, High: estimate, Method: Exact, LeastP: min(1, twice(least)), LeastUnits: enoughDealt(q.Alpha)}
	return degenerate(a, least, slack, q)
}

// WelchRatio asks about the ratio of two means by Fieller's method (1954, J. R. Stat. Soc. B 16, 175-185), with Welch's variance and
// degrees of freedom at each ratio r: t is mean(larger) - r mean(smaller) over its standard error. Both means must be
// positive; else there is no estimate, and P is 1. The low end is 0 where t does not reject it, and there is no high
// end where the mean of smaller may be 0.
func WelchRatio(larger, smaller []float64, q Question) (Answer, error) {
	none := unknown(math.NaN(), q, 2)
	none.Low = max(none.Low, 0)
	if len(larger) == 0 || len(smaller) == 0 {
		return none, nil
	}
	f := fieller{momentOf(larger), momentOf(smaller)}
	if !(f.x.mean > 0 && f.y.mean > 0) {
		return none, nil
	}
	estimate := f.x.mean / f.y.mean
	switch {
	case f.x.n < 2 || f.y.n < 2:
		none.Estimate = estimate
		return none, nil
	case f.x.variance+f.y.variance == 0:
		a := withoutSpread(estimate, slackOf(estimate, q.Null), f.x, f.y, q)
		a.Low = max(a.Low, 0)
		return a, nil
	}
	below, above := f.tails(q.Null)
	a := Answer{Estimate: estimate, Method: Student, LeastUnits: 2}
	a = a.sided(below, above)
	if !q.NoInterval {
		a.Low, a.High = f.interval(q.Alpha / 2)
	}
	return a.without(q), nil
}

// fieller compares two means at a ratio.
type fieller struct{ x, y moment }

// tails gives the one-sided p-values of a ratio; an infinite one asks whether the mean of y is 0.
func (f *fieller) tails(r float64) (below, above float64) {
	t, df := 0.0, 0.0
	if math.IsInf(r, 1) {
		t, df = ratioOf(-f.y.mean, f.y.variance), float64(f.y.n-1)
	} else {
		of := float64(float64(r*r) * f.y.variance)
		t = ratioOf(f.x.mean-float64(r*f.y.mean), f.x.variance+of)
		if f.x.variance+of > 0 {
			df = freedom(f.x.variance, f.x.n, of, f.y.n)
		} else {
			df = float64(f.x.n - 1)
		}
	}
	return distribution.StudentTail(-t, df), distribution.StudentTail(t, df)
}

// interval gives the ratios that are not rejected on either side of the estimate. t falls as the ratio grows, as both means are
// positive.
func (f *fieller) interval(least float64) (low, high float64) {
	estimate := f.x.mean / f.y.mean
	if _, above := f.tails(0); above <= least {
		low = lastOf(0, estimate, func(r float64) bool { _, above := f.tails(r); return above <= least })
	}
	if below, _ := f.tails(math.Inf(1)); below > least {
		return low, math.Inf(1)
	}
	rejects := func(r float64) bool { below, _ := f.tails(r); return below <= least }
	far := estimate
	for !rejects(far) && finite(far) {
		far = float64(2 * far)
	}
	if !finite(far) {
		return low, far
	}
	return low, lastOf(far, estimate, rejects)
}
