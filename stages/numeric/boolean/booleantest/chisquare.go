package booleantest

import (
	"math"
	"testing"
)

// ChiSquare fails if counts do not look drawn with the given probabilities. The statistic is
// compared with its quantile at z = 5 (Wilson and Hilferty, 1931): a right sampler fails with
// probability 3e-7 for a seed chosen at random. Seeds are fixed, so that a pass stays a pass.
func ChiSquare(t testing.TB, what string, counts []int, probabilities []float64) {
	t.Helper()
	if excess := ChiSquareExcess(t, what, counts, probabilities); excess > 0 {
		t.Errorf("%s: chi-square is %.1f above its limit", what, excess)
	}
}

// ChiSquareExcess gives the statistic less its limit.
func ChiSquareExcess(t testing.TB, what string, counts []int, probabilities []float64) float64 {
	t.Helper()
	total, statistic, degrees := 0, 0.0, -1
	for _, n := range counts {
		total += n
	}
	for i, p := range probabilities {
		if p == 0 {
			if counts[i] != 0 {
				t.Fatalf("%s: cell %d has probability 0 and count %d", what, i, counts[i])
			}
			continue
		}
		expected := p * float64(total)
		statistic += (float64(counts[i]) - expected) * (float64(counts[i]) - expected) / expected
		degrees++
	}
	if degrees == 0 {
		return 0
	}
	k := float64(degrees)
	return statistic - k*math.Pow(1-2/(9*k)+5*math.Sqrt(2/(9*k)), 3)
}
