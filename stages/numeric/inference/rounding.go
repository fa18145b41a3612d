package inference

import (
	"math"
	"slices"
)

// rounding is the relative size below which a difference is one of rounding.
const rounding = 1e-12

// slackOf gives what rounding may make of sums and differences of the values; infinite ones do not count.
func slackOf(values ...float64) float64 {
	largest := 0.0
	for _, x := range values {
		if finite(x) {
			largest = max(largest, math.Abs(x))
		}
	}
	return float64(rounding * largest)
}

func finite(x float64) bool { return x-x == 0 }

// levelled gives the values in ascending order, those of a run that differ by slack at most from their neighbours
// made equal to its least.
func levelled(values []float64, slack float64) []float64 {
	order := slices.Sorted(slices.Values(values))
	for i, last := 1, 0.0; i < len(order); i++ {
		if i == 1 {
			last = order[0]
		}
		x := order[i]
		if x-last <= slack {
			order[i] = order[i-1]
		}
		last = x
	}
	return order
}
