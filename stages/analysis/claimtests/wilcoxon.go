package claimtests

import (
	"cmp"
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
)

// maxSigned is the number of values up to which the signs of all are dealt exactly.
const maxSigned = 250

// signedRanks gives twice the ranks of |d|, equal ones sharing their mean rank, with the sign of d;
// zeros are left out, as Wilcoxon (1945, Biometrics Bull. 1, 80-83) did. Infinite values of both
// signs have one rank. Sizes within slack of the least of their run are equal: differences such as
// 0.97 - 0.95 and 0.96 - 0.94 differ by rounding alone.
func signedRanks(d []float64, slack float64) []int {
	var order []float64
	for _, x := range d {
		if math.Abs(x) > slack {
			order = append(order, x)
		}
	}
	slices.SortStableFunc(order, func(a, b float64) int { return cmp.Compare(math.Abs(a), math.Abs(b)) })
	ranks := make([]int, len(order))
	for i := 0; i < len(order); {
		least := math.Abs(order[i])
		j := i
		for j < len(order) && (math.Abs(order[j]) == least || math.Abs(order[j])-least <= slack) {
			j++
		}
		for k := i; k < j; k++ {
			ranks[k] = i + 1 + j // twice the mean of i+1 .. j
			if order[k] < 0 {
				ranks[k] = -ranks[k]
			}
		}
		i = j
	}
	return ranks
}

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

// positive gives twice the sum of the positive ranks.
func positive(ranks []int) int {
	sum := 0
	for _, r := range ranks {
		sum += max(r, 0)
	}
	return sum
}

// signedNull gives the distribution of twice the sum of the positive ranks when every sign is + or -
// with equal probability.
func signedNull(ranks []int) []float64 {
	null := []float64{1}
	for _, r := range ranks {
		r = max(r, -r)
		next := make([]float64, len(null)+r)
		for s, p := range null {
			next[s] += p / 2
			next[s+r] += p / 2
		}
		null = next
	}
	return null
}

// wilcoxonP gives the one-sided p-value of Wilcoxon's signed-rank test that the values tend to be
// above 0: the probability, over all signs, of a sum of positive ranks of at least the observed
// one. See signedRanks for slack. It is exact up to 250 values, also with ties, and else from random signs. Without a value other
// than 0 it is 1.
func wilcoxonP(d []float64, slack float64, permutations int, step func() error) (p float64, exact bool, err error) {
	ranks := signedRanks(d, slack)
	observed := positive(ranks)
	if len(ranks) <= maxSigned {
		return tail(signedNull(ranks), observed, true), true, nil
	}
	stream := kernel.NewStream(0, "claims/paired/signs")
	reached := 0
	for range permutations {
		sum, bits := 0, uint64(0)
		for i, r := range ranks {
			if i%64 == 0 {
				bits = stream.Uint64()
			}
			if bits&1 == 1 {
				sum += max(r, -r)
			}
			bits >>= 1
		}
		if sum >= observed {
			reached++
		}
		if err := step(); err != nil {
			return 0, false, err
		}
	}
	return float64(1+reached) / float64(1+permutations), false, nil
}

// halves gives 2^-n.
func halves(n int) float64 { return math.Ldexp(1, -n) }

// enoughSigns gives the least number of units whose signs, all alike, reach alpha.
func enoughSigns(alpha float64) int {
	n := 1
	for halves(n) > alpha {
		n++
	}
	return n
}
