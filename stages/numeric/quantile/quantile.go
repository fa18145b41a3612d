// Package quantile gives quantiles of a list of numbers, exact but for one rounding: for the kinds that sum
// up rows, and for claims about medians.
package quantile

import (
	"fmt"
	"math"
	"math/big"
)

// Of gives the q-quantile of values in ascending order, of which there is at least one: the one at place
// q (n-1), counted from 0, and Between two of them where that is no whole number. That is type 7 of
// Hyndman and Fan (1996, Am. Stat. 50, 361-365), what numpy and pandas do by default, and none of gonum's. The place is
// rounded once, so that the 0.1-quantile of eleven values is the second. A larger q never gives less. It
// panics for q outside [0, 1]; values hold no NaN.
func Of(sorted []float64, q float64) float64 {
	if !(q >= 0 && q <= 1) {
		panic(fmt.Sprintf("quantile: of %v", q))
	}
	at := float64(q * float64(len(sorted)-1))
	i := int(at)
	if i == len(sorted)-1 {
		return sorted[i]
	}
	return Between(sorted[i], sorted[i+1], at-float64(i))
}

// Median gives the middle one of values in ascending order, or the mean of the middle two.
func Median(sorted []float64) float64 { return Of(sorted, 0.5) }

// Between gives the number that lies the share t of the way from a to b ≥ a, a + t (b - a), rounded once. So
// it is a if b is, never leaves [a, b], and never falls as a, b or t rises. Between an infinite number and a
// finite one it is the infinite one for 0 < t < 1; between two of them it is NaN.
func Between(a, b, t float64) float64 {
	switch {
	case a == b || t == 0:
		return a
	case t == 1:
		return b
	case math.IsInf(a, 0) || math.IsInf(b, 0):
		return a + b
	}
	if x, y := a/2, b/2; t == 0.5 && 2*x == a && 2*y == b { // halves are exact, so the sum is what rounds
		return x + y
	}
	return exactly(a, b, t)
}

// exactly gives (1-t) a + t b from numbers of so many bits that only the last step rounds: a product of two
// float64 has none below 2^-2148, and the sum none above 2^1025.
func exactly(a, b, t float64) float64 {
	const bits = 2148 + 1025
	number := func(x float64) *big.Float { return new(big.Float).SetPrec(bits).SetFloat64(x) }
	share := number(t)
	rest := number(1)
	rest.Sub(rest, share)
	sum := rest.Mul(rest, number(a))
	sum.Add(sum, share.Mul(share, number(b)))
	x, _ := sum.Float64()
	return x
}
