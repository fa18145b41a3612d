package inference

import (
	"cmp"
	"math"
	"slices"
)

// SignedRank asks Wilcoxon's signed-rank test (1945, Biometrics Bull. 1, 80-83) about the centre of values that
// are distributed symmetrically about it: differences within pairs, or the logarithms of ratios. The
// estimate is Hodges and Lehmann's (1963, Ann. Math. Statist. 34, 598-611), the median of the means of all pairs of
// values, each with itself too; the interval runs between two of those means (Tukey 1949). P is exact up to 250 values, also
// with ties, where values equal to Null are left out; with more it is the normal approximation, with ties and
// continuity regarded. The interval takes its place from the distribution without ties.
func SignedRank(values []Value, q Question) (Answer, error) {
	n := len(values)
	if n == 0 {
		return unknown(math.NaN(), q, enoughSigns(q.Alpha)), nil
	}
	a := Answer{LeastP: min(1, halves(n-1)), LeastUnits: enoughSigns(q.Alpha)}
	scores := Scores(values)
	slack := slackOf(append(slices.Clone(scores), q.Null)...)
	moved := make([]float64, n)
	for i, x := range scores {
		moved[i] = x - q.Null
	}
	ranks := signedRanks(moved, slack)
	below, above, method := rankTails(ranks, q.rough)
	a = a.sided(below, above)
	a.Method = method
	lows, highs := newWalsh(pick(values, least)), newWalsh(pick(values, most))
	a.Estimate = known(lows.median(), highs.median())
	if q.NoInterval {
		return a.without(q), nil
	}
	cut := signedCut(n, q.Alpha)
	if cut < 0 {
		return a.open(q), nil
	}
	all := n * (n + 1) / 2
	a.Low, a.High = lows.at(cut), highs.at(all-1-cut)
	return a.snapped(q, slack), q.step()
}

// maxSigned is the number of values up to which the signs of all are dealt exactly; roughSigned that for a rough P.
const maxSigned, roughSigned = 250, 50

// signedRanks gives twice the ranks of |d|, equal ones sharing their mean rank, with the sign of d;
// zeros are left out, as Wilcoxon did. Infinite values of both
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

// positive gives twice the sum of the positive ranks.
func positive(ranks []int) int {
	sum := 0
	for _, r := range ranks {
		sum += max(r, 0)
	}
	return sum
}

// rankTails gives the one-sided p-values of signed ranks, over all signs. Without a rank both are 1.
func rankTails(ranks []int, rough bool) (below, above float64, method Method) {
	observed, exactly := positive(ranks), maxSigned
	if rough {
		exactly = roughSigned
	}
	if len(ranks) <= exactly {
		null := signedNull(ranks)
		return tail(null, observed, false), tail(null, observed, true), Exact
	}
	sum, squares := 0, 0.0
	for _, r := range ranks {
		r = max(r, -r)
		sum += r
		squares += float64(r * r)
	}
	// Twice the sum is had in steps of 2 without ties.
	return normalTails(float64(observed), float64(sum)/2, squares/4, 1)
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

// signedCut gives the largest c for which the sum of the positive ranks of n values is c or less with a probability of at most
// alpha/2; -1 if there is none.
func signedCut(n int, alpha float64) int {
	if n > maxSigned {
		mean, variance := float64(n*(n+1))/4, float64(n*(n+1)*(2*n+1))/24
		return normalCut(mean, variance, alpha)
	}
	null := []float64{1}
	for r := 1; r <= n; r++ {
		next := make([]float64, len(null)+r)
		for s, p := range null {
			next[s] += p / 2
			next[s+r] += p / 2
		}
		null = next
	}
	return cutOf(null, alpha)
}

// cutOf gives the largest c up to which a distribution adds to alpha/2 at most; -1 if there is none.
func cutOf(null []float64, alpha float64) int {
	sum := 0.0
	for s, p := range null {
		if sum += p; sum > alpha/2 {
			return s - 1
		}
	}
	return len(null) - 1
}
