package inference

import (
	"math"

	"spurion/stages/numeric/kernel"
)

// Share asks about the probability with which a unit keeps to something, of which kept of n do: the interval is
// Clopper and Pearson's (1934, Biometrika 26, 404-413), P that of the binomial distribution at Null. LeastP and LeastUnits are for n of n.
func Share(kept, n int, q Question) Answer {
	units := allKept(q.Null, q.Alpha)
	if n == 0 {
		a := unknown(math.NaN(), q, units)
		a.Low, a.High = 0, 1
		return a.without(q)
	}
	a := Answer{Estimate: float64(kept) / float64(n), Method: Exact, LeastUnits: units, LeastP: min(1, twice(binomialTail(n, n, q.Null)))}
	if !q.NoInterval {
		a.Low = lastOf(0, a.Estimate, func(p float64) bool { return binomialTail(kept, n, p) <= q.Alpha/2 })
		a.High = lastOf(1, a.Estimate, func(p float64) bool { return binomialTail(n-kept, n, 1-p) <= q.Alpha/2 })
	}
	return a.sided(binomialTail(n-kept, n, 1-q.Null), binomialTail(kept, n, q.Null)).without(q)
}

// allKept gives the least n of which n that keep to it show a share above null; 0 if there is none.
func allKept(null, alpha float64) int {
	switch {
	case null >= 1 || alpha <= 0:
		return 0
	case null <= 0:
		return 1
	}
	n := max(1, int(math.Floor(kernel.Log64(alpha/2)/kernel.Log64(null)))-1)
	for twice(binomialTail(n, n, null)) > alpha {
		n++
	}
	return n
}
