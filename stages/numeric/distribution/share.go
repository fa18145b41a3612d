package distribution

import (
	"fmt"

	"gonum.org/v1/gonum/mathext"
)

// Up to mostTrials gonum's quantiles of the beta distribution differ by less than 1e-12 between builds;
// with more, and few successes, by 3e-10 at 100,000 and 2e-8 at ten million. Of those fewDigits are kept.
const mostTrials, fewDigits = 1000, 6

// Above this confidence gonum's quantiles of the beta distribution are wrong: of 100,000 trials without a success, the
// upper end at 0.999999 is 0.06 instead of 0.000145. Its distribution function is not.
const mostConfidence = 0.9999

// ClopperPearson gives the exact interval of a probability after k successes in n trials (Clopper, Pearson
// 1934, Biometrika 26, 404-413), of equal tails. Its ends are settled; those of more than 1000 trials are
// rounded to 6 digits. It panics unless 0 ≤ k ≤ n, n > 0 and the confidence lies in (0, 1).
func ClopperPearson(k, n int, confidence float64) (low, high float64) {
	if k < 0 || k > n || n < 1 || !(confidence > 0 && confidence < 1) {
		panic(fmt.Sprintf("distribution: interval of %d in %d at confidence %v", k, n, confidence))
	}
	digits := Digits
	if n > mostTrials {
		digits = fewDigits
	}
	tail := (1 - confidence) / 2
	high = 1
	if confidence > mostConfidence {
		if k > 0 {
			low = settle(solve(float64(k), float64(n-k+1), tail), digits)
		}
		if k < n {
			high = settle(1-solve(float64(n-k), float64(k+1), tail), digits)
		}
		return low, high
	}
	if k > 0 {
		low = settle(mathext.InvRegIncBeta(float64(k), float64(n-k+1), tail), digits)
	}
	if k < n {
		high = settle(1-mathext.InvRegIncBeta(float64(n-k), float64(k+1), tail), digits)
	}
	return low, high
}

// solve gives the p-quantile of the beta distribution by bisection, between numbers of all sizes.
func solve(alpha, beta, p float64) float64 {
	low, high := 0.0, 1.0
	for {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			return high
		}
		if settle(mathext.RegIncBeta(alpha, beta, middle), 12) < p {
			low = middle
		} else {
			high = middle
		}
	}
}
