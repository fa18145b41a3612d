package inference

import "spurion/stages/numeric/kernel"

// binomialTail gives the probability of at least k successes in n trials of probability q, to about
// 1e-13 relative: each term is had from its logarithm, so that none is lost however large n is. Verdicts are
// decided by it, so it is arithmetic of our own, equal on all machines: gonum's incomplete beta function is off
// by 1e-11 at 10,000 trials, and by as much from build to build.
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
