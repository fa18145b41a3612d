// Package interval gives confidence intervals of means: Student's t on few repetitions, such as seeds.
package interval

import (
	"math"

	"spurion/stages/numeric/distribution"
)

// A Mean is a mean with its 95 % confidence interval.
type Mean struct {
	Value     float64
	Low, High float64 // equal to Value if N is 1: Known is false then
	N         int
}

// Known reports whether there are enough values for an interval.
func (m Mean) Known() bool { return m.N > 1 }

// Average gives the mean of values alone, of which there is at least one, added in the order given. Infinite values of one sign
// give that infinity.
func Average(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// Of gives the mean of values, of which there is at least one, and its 95 % interval: mean ±
// t(.975, n-1) sqrt(Σ(v - mean)² / (n(n-1))). It supposes values that are drawn independently from one
// distribution, not too far from a normal one. The quantile is settled to 9 significant digits; sums run in
// the order given, so that equal values in equal order give equal bits.
func Of(values []float64) Mean {
	m, deviation, t := spread(values)
	half := float64(t * deviation)
	m.Low, m.High = m.Value-half, m.Value+half
	return m
}

// spread gives the mean of values with the interval that is a point, the standard error of the mean and t(.975, n-1);
// of one value both are 0.
func spread(values []float64) (m Mean, deviation, t float64) {
	n := float64(len(values))
	m = Mean{Value: Average(values), N: len(values)}
	m.Low, m.High = m.Value, m.Value
	if len(values) > 1 {
		squares := 0.0
		for _, v := range values {
			squares += float64((v - m.Value) * (v - m.Value))
		}
		deviation, t = math.Sqrt(squares/(n-1)/n), distribution.Student(0.975, len(values)-1)
	}
	return m, deviation, t
}
