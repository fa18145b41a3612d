package inference

import (
	"math"
	"slices"

	"spurion/stages/numeric/quantile"
)

// Median asks the sign test about a median, and takes its interval from order statistics: both are exact for
// values of any distribution. Values equal to Null are left out of P, as in Conover (1999, Practical Nonparametric
// Statistics, §3.4).
func Median(values []Value, q Question) (Answer, error) {
	n := len(values)
	if n == 0 {
		return unknown(math.NaN(), q, enoughSigns(q.Alpha)), nil
	}
	scores := Scores(values)
	slack := slackOf(append(slices.Clone(scores), q.Null)...)
	above, below := 0, 0
	for _, x := range scores {
		switch {
		case x-q.Null > slack:
			above++
		case q.Null-x > slack:
			below++
		}
	}
	a := Answer{Method: Exact, LeastP: min(1, halves(n-1)), LeastUnits: enoughSigns(q.Alpha)}
	a = a.sided(binomialTail(below, above+below, 0.5), binomialTail(above, above+below, 0.5))
	lows, highs := slices.Sorted(slices.Values(pick(values, least))), slices.Sorted(slices.Values(pick(values, most)))
	a.Estimate = known(quantile.Median(lows), quantile.Median(highs))
	if q.NoInterval {
		return a.without(q), nil
	}
	cut := signsCut(n, q.Alpha)
	if cut < 0 {
		return a.open(q), nil
	}
	a.Low, a.High = lows[cut], highs[n-1-cut]
	return a.snapped(q, slack), nil
}

// known gives an estimate of which bounds are known: the lower one, if there is one.
func known(least, most float64) float64 {
	switch {
	case math.IsNaN(least) || math.IsInf(least, 0):
		return math.NaN()
	case math.IsNaN(most):
		return math.NaN()
	}
	return least
}

// signsCut gives the largest c for which c or fewer of n fair signs are positive with a probability of at most
// alpha/2; -1 if there is none.
func signsCut(n int, alpha float64) int {
	c := -1
	for c+1 <= n && binomialTail(n-c-1, n, 0.5) <= alpha/2 {
		c++
	}
	return c
}

// halves gives 2^-n.
func halves(n int) float64 { return math.Ldexp(1, -n) }

// enoughSigns gives the least number of values whose signs, all alike, reach alpha on either side.
func enoughSigns(alpha float64) int {
	n := 1
	for halves(n-1) > alpha {
		n++
	}
	return n
}
