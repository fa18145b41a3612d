// Package interval gives confidence intervals of means: Student's t on few repetitions, such as seeds.
package interval

import "math"

// A Mean is a mean with its 95 % confidence interval.
type Mean struct {
	Value     float64
	Low, High float64 // equal to Value if N is 1: Known is false then
	N         int
}

// Known reports whether there are enough values for an interval.
func (m Mean) Known() bool { return m.N > 1 }

// Of gives the mean of values, of which there is at least one, and its 95 % interval: mean ±
// t(.975, n-1) sqrt(Σ(v - mean)² / (n(n-1))). It supposes values that are drawn independently from one
// distribution, not too far from a normal one. Sums run in the order given, so that equal values in equal
// order give equal bits.
func Of(values []float64) Mean {
	n := float64(len(values))
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	m := Mean{Value: sum / n, N: len(values)}
	m.Low, m.High = m.Value, m.Value
	if len(values) > 1 {
		squares := 0.0
		for _, v := range values {
			squares += float64((v - m.Value) * (v - m.Value))
		}
		half := float64(Student(len(values)-1) * math.Sqrt(squares/(n-1)/n))
		m.Low, m.High = m.Value-half, m.Value+half
	}
	return m
}

// students are the .975 quantiles of Student's t for 1 to 30 degrees of freedom.
var students = [30]float64{12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228,
	2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
	2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042}

// Student gives the .975 quantile of Student's t for at least one degree of freedom; between those of the
// usual tables the one for fewer, so that an interval is never too narrow.
func Student(df int) float64 {
	switch {
	case df <= 30:
		return students[df-1]
	case df < 40:
		return 2.042
	case df < 60:
		return 2.021
	case df < 120:
		return 2.000
	}
	return 1.980
}
