package inference

import (
	"math"
	"slices"
)

// walsh are the means of all pairs of values, each with itself too (Walsh 1949, Ann. Math. Statist. 20, 64-81), which are
// counted rather than listed: 5,000 values have 12 million.
type walsh []float64

// newWalsh sorts a copy of the values. They hold infinite numbers of one sign at most.
func newWalsh(values []float64) walsh { return slices.Sorted(slices.Values(values)) }

func (w walsh) pairs() int { return len(w) * (len(w) + 1) / 2 }

// upTo counts the means that are at most t.
func (w walsh) upTo(t float64) int {
	n, j := 0, len(w)
	for i, x := range w {
		for j > 0 && halfway(x, w[j-1]) > t {
			j--
		}
		if j <= i {
			break
		}
		n += j - i
	}
	return n
}

// at gives the k-th smallest mean, from 0.
func (w walsh) at(k int) float64 { return kth(k, w.upTo) }

// median gives the middle one, or the mean of the middle two.
func (w walsh) median() float64 {
	all := w.pairs()
	high := w.at(all / 2)
	if all%2 == 1 || math.IsInf(high, 0) {
		return high
	}
	return halfway(w.at(all/2-1), high)
}

// halfway gives the mean of two numbers, without overflow.
func halfway(a, b float64) float64 {
	if a == b {
		return a
	}
	return a/2 + b/2
}
