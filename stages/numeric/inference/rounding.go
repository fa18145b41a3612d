package inference

import "math"

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
