package inference

import (
	"math"

	"spurion/stages/numeric/distribution"
)

// normalTails gives the one-sided p-values of a count that has about a normal distribution; half is half the distance
// between its neighbouring values. Without variance both are 1.
func normalTails(observed, mean, variance, half float64) (below, above float64, method Method) {
	if variance == 0 {
		return 1, 1, Normal
	}
	sd := math.Sqrt(variance)
	below = distribution.NormalTail((mean - observed - half) / sd)
	above = distribution.NormalTail((observed - mean - half) / sd)
	return below, above, Normal
}

// normalCut gives the largest c for which normalTails gives a p-value of at most alpha/2 to a count of c, in steps of 1; -1
// if there is none.
func normalCut(mean, variance, alpha float64) int {
	z := distribution.NormalAbove(alpha / 2)
	return max(-1, int(math.Floor(mean-0.5-float64(z*math.Sqrt(variance)))))
}
