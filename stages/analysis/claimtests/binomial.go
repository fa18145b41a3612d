package claimtests

import "spurion/stages/numeric/kernel"

// binomialTail gives the probability of at least k successes in n trials of probability q, to about
// 1e-13 relative: each term is had from its logarithm, so that none is lost however large n is.
func binomialTail(k, n int, q float64) float64 {
	switch {
	case k <= 0:
		return 1
	case k > n || q <= 0:
		return 0
	case q >= 1:
		return 1
	}
	if k == n {
		all := 1.0
		for range n {
			all = float64(all * q)
		}
		return all
	}
	success, failure := kernel.Log64(q), kernel.Log1p64(-q)
	ways, sum := 0.0, 0.0 // ways: the logarithm of n over i
	for i := 0; i <= n; i++ {
		if i >= k {
			sum += kernel.Exp64(ways + float64(float64(i)*success) + float64(float64(n-i)*failure))
		}
		if i < n {
			ways += kernel.Log64(float64(n-i)) - kernel.Log64(float64(i+1))
		}
	}
	return min(sum, 1)
}

// clopperPearson gives the exact interval of a probability after k successes in n trials (Clopper,
// Pearson 1934, Biometrika 26, 404-413), of equal tails.
func clopperPearson(k, n int, confidence float64) (low, high float64) {
	tail := (1 - confidence) / 2
	solve := func(above func(q float64) bool) float64 {
		low, high := 0.0, 1.0
		for range 60 {
			if q := (low + high) / 2; above(q) {
				high = q
			} else {
				low = q
			}
		}
		return (low + high) / 2
	}
	high = 1
	if k > 0 {
		low = solve(func(q float64) bool { return binomialTail(k, n, q) > tail })
	}
	if k < n {
		high = solve(func(q float64) bool { return binomialTail(n-k, n, 1-q) < tail })
	}
	return low, high
}
