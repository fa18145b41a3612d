package inference

import (
	"math"
	"slices"

	"spurion/stages/numeric/distribution"
	"spurion/stages/numeric/kernel"
)

// A moment is the mean of values and the variance of that mean, Σ(v - mean)² / (n(n-1)); the latter is 0 for
// one value, and for values that differ by rounding alone.
type moment struct {
	n              int
	mean, variance float64
}

// momentOf adds in the order given.
func momentOf(values []float64) moment {
	m := moment{n: len(values)}
	n := float64(m.n)
	for _, v := range values {
		m.mean += v
	}
	m.mean /= n
	low, high := slices.Min(values), slices.Max(values)
	if low == high {
		m.mean = low // and not what adding made of it
	}
	if high-low <= slackOf(values...) {
		return m
	}
	for _, v := range values {
		d := v - m.mean
		m.variance += float64(d * d)
	}
	m.variance = m.variance / (n - 1) / n
	return m
}

// Mean asks Student's t about the mean of values that are drawn independently from one distribution, not too far from
// a normal one. Values that are all equal have no spread, which t would take for certainty: they are
// judged as signs, of which n alike have P = 2^(1-n), and their interval has ends if that is at most Alpha.
func Mean(values []float64, q Question) (Answer, error) {
	if len(values) == 0 {
		return unknown(math.NaN(), q, 2), nil
	}
	m := momentOf(values)
	switch {
	case m.n == 1:
		return unknown(m.mean, q, 2), nil
	case m.variance == 0:
		return allEqual(m, q), nil
	}
	a := student(m.mean, math.Sqrt(m.variance), float64(m.n-1), q)
	a.LeastUnits = 2
	return a, nil
}

// student gives the answer about an estimate with a standard error and degrees of freedom.
func student(estimate, se, df float64, q Question) Answer {
	a := Answer{Estimate: estimate, Method: Student}
	t := (estimate - q.Null) / se
	half := float64(se * distribution.StudentAbove(q.Alpha/2, df))
	a.Low, a.High = estimate-half, estimate+half
	return a.sided(distribution.StudentTail(-t, df), distribution.StudentTail(t, df)).without(q)
}

// allEqual judges n values, all equal, by their signs.
func allEqual(m moment, q Question) Answer {
	a := Answer{Estimate: m.mean, Low: m.mean, High: m.mean, Method: Exact, LeastUnits: enoughSigns(q.Alpha), LeastP: halves(m.n - 1)}
	return degenerate(a, halves(m.n), slackOf(m.mean, q.Null), q)
}

// degenerate answers where there is no spread: least is the smallest one-sided p-value that there can be.
func degenerate(a Answer, least, slack float64, q Question) Answer {
	switch d := a.Estimate - q.Null; {
	case d > slack:
		a = a.sided(1, least)
	case d < -slack:
		a = a.sided(least, 1)
	default:
		a = a.sided(1, 1)
	}
	if twice(least) > q.Alpha {
		return a.open(q)
	}
	return a.without(q)
}

// MeanBootstrapT asks the bootstrap-t about a mean: Student's statistic of resampled values takes the place
// of his distribution, so that skewed values get an interval that is longer on one side (Efron, Tibshirani 1993, An
// Introduction to the Bootstrap, §12.5; Davison, Hinkley 1997, §5.2.1). P is (1+c)/(1+B) a side. A resample of one
// value over and over has no spread, and counts as farther out than all others: with three or four values
// the interval may so lack an end.
func MeanBootstrapT(values []float64, resamples int, q Question) (Answer, error) {
	if len(values) < 2 {
		return Mean(values, q)
	}
	m := momentOf(values)
	if m.variance == 0 {
		return allEqual(m, q), nil
	}
	stream := q.stream()
	drawn, ts := make([]float64, len(values)), make([]float64, resamples)
	for i := range ts {
		draw(drawn, values, stream)
		r := momentOf(drawn)
		ts[i] = ratioOf(r.mean-m.mean, r.variance)
		if err := q.step(); err != nil {
			return Answer{}, err
		}
	}
	slices.Sort(ts)
	return bootstrapT(m, ts, q), nil
}

// ratioOf gives x/√variance; ±Inf without variance, and 0 for 0.
func ratioOf(x, variance float64) float64 {
	if x == 0 {
		return 0
	}
	return x / math.Sqrt(variance)
}

// bootstrapT compares the statistic of the values with those of resamples, in ascending order.
func bootstrapT(m moment, ts []float64, q Question) Answer {
	b := len(ts)
	all := float64(b + 1)
	se := math.Sqrt(m.variance)
	a := Answer{Estimate: m.mean, Method: Bootstrap, LeastP: min(1, 2/all), LeastUnits: 2}
	t := (m.mean - q.Null) / se
	less, _ := slices.BinarySearch(ts, t)
	upTo := b
	if next := math.Nextafter(t, math.Inf(1)); next > t {
		upTo, _ = slices.BinarySearch(ts, next)
	}
	a = a.sided(float64(1+upTo)/all, float64(1+b-less)/all)
	a.Low, a.High = math.Inf(-1), math.Inf(1)
	// P is at most alpha from the k-th outermost on.
	if k := int(math.Floor(float64(q.Alpha / 2 * all))); k >= 1 {
		a.Low = m.mean - float64(se*ts[b-k])
		a.High = m.mean - float64(se*ts[k-1])
	}
	return a.without(q)
}

// draw fills to with values drawn with replacement.
func draw[T any](to, values []T, stream *kernel.Stream) {
	for i := range to {
		to[i] = values[stream.IntN(len(values))]
	}
}
