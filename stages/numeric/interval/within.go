package interval

import (
	"fmt"
	"math"
)

// Within gives the mean of values that lie in [low, high], of which there is at least one, and a 95 % interval that
// lies there too. It panics if a value does not.
//
// The interval is Wilson's (1927, J. Am. Stat. Assoc. 22, 209) as surveys use it for shares that are no plain counts
// (Franco, Little, Louis, Slud 2019, J. Survey Stat. Methodol. 7, 334): with p the mean scaled to [0, 1], s² the
// variance of the n values and N = n p(1-p)/s² the number of yes-or-no answers that would vary as much, it holds
// every π with |p - π| <= t sqrt(π(1-π)/N), t being Student's quantile t(.975, n-1). Near the middle of the range
// or where values vary little it is Student's interval; near an end it is longer on the other side. Values that are
// all equal give a point, as in Of: they do not say how much others would vary. It holds the true mean of skewed shares
// more often than Student's does (the tests have numbers). Of differences of shares, whose mean d lies in [-1, 1], it
// leaves out 0 where |d| sqrt(1 - d²) is above t standard errors, so Student's leaves it out too. Equal values in equal
// order give equal bits.
func Within(values []float64, low, high float64) Mean {
	for _, v := range values {
		if !(v >= low && v <= high) {
			panic(fmt.Sprintf("interval: %v does not lie in [%v, %v]", v, low, high))
		}
	}
	m, deviation, t := spread(values)
	width := high - low
	p := (m.Value - low) / width
	if m.Value-float64(t*deviation) == m.Value || p <= 0 || p >= 1 { // equal, at an end up to rounding
		return m
	}
	deviation /= width
	variance := float64(deviation * deviation)
	answers := float64(p*(1-p)) / variance // N
	c := float64(t*t) / answers
	middle := (p + float64(c/2)) / (1 + c)
	half := float64(t / (1 + c) * math.Sqrt(variance+float64(c/answers/4)))
	m.Low = math.Min(math.Max(low, low+float64((middle-half)*width)), m.Value)
	m.High = math.Max(math.Min(high, low+float64((middle+half)*width)), m.Value)
	return m
}
