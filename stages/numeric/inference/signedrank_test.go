package inference

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// signsBy enumerates all signs of the ranks and gives the share that reaches the observed sum, by
// definition: values other than 0, ranked by size, ties sharing their mean rank.
func signsBy(d []float64) float64 {
	var kept []float64
	for _, x := range d {
		if x != 0 {
			kept = append(kept, x)
		}
	}
	n := len(kept)
	ranks := make([]float64, n)
	for i := range kept {
		for j := range kept {
			switch a, b := math.Abs(kept[j]), math.Abs(kept[i]); {
			case a < b:
				ranks[i]++
			case a == b:
				ranks[i] += 0.5
			}
		}
		ranks[i] += 0.5
	}
	sum := func(positive func(i int) bool) float64 {
		s := 0.0
		for i, r := range ranks {
			if positive(i) {
				s += r
			}
		}
		return s
	}
	observed := sum(func(i int) bool { return kept[i] > 0 })
	reached := 0
	for signs := range 1 << n {
		if sum(func(i int) bool { return signs>>i&1 == 1 }) >= observed {
			reached++
		}
	}
	return float64(reached) / float64(int(1)<<n)
}

func TestWilcoxonByEnumeration(t *testing.T) {
	inf := math.Inf(1)
	for _, d := range [][]float64{
		{1, 2, 3, 4, 5}, {-1, -2, -3}, {1, -2, 3, -4, 5, 6, -7}, {1, 1, -1, 2, 2}, {0, 0, 1, -2, 3}, {0, 0}, {},
		{inf, 3, -1, inf, -inf}, {2.5, -2.5, 2.5, -2.5}, {0.1, 0.4, -0.2, 0.4, 0.3, -0.9, 1.2, 3, 3, -3},
	} {
		_, p, method := rankTails(signedRanks(d, 0), false)
		if want := signsBy(d); method != Exact || math.Abs(p-want) > 1e-13 {
			t.Errorf("%v: p is %v (%v), want %v", d, p, method, want)
		}
	}
}

// TestWilcoxonTable checks critical values: of 10 and 20 values, the largest sums of negative ranks
// with a one-sided p of at most 0.05 are 10 and 60 (Wilcoxon, Wilcox 1964, table 2).
func TestWilcoxonTable(t *testing.T) {
	for n, critical := range map[int]int{5: 0, 6: 2, 8: 5, 10: 10, 15: 30, 20: 60} {
		ranks := make([]int, n)
		for i := range ranks {
			ranks[i] = 2 * (i + 1)
		}
		null, all := signedNull(ranks), n*(n+1)
		if p := tail(null, all-2*critical, true); p > 0.05 {
			t.Errorf("n = %d: p of %d is %v", n, critical, p)
		}
		if p := tail(null, all-2*critical-2, true); p <= 0.05 {
			t.Errorf("n = %d: p of %d is %v", n, critical+1, p)
		}
	}
}

// TestManySigns: with more values than are dealt exactly, the p-value is near the exact one, with ties and without.
func TestManySigns(t *testing.T) {
	stream := kernel.NewStream(6, "test/signs")
	for _, levels := range []float64{0, 10} {
		d := make([]float64, maxSigned+50)
		for i := range d {
			d[i] = stream.Normal() + 0.08
			if levels > 0 {
				d[i] = math.Round(levels * d[i])
			}
		}
		ranks := signedRanks(d, 0)
		below, above, method := rankTails(ranks, false)
		null := signedNull(ranks)
		for _, c := range []struct{ got, want float64 }{{below, tail(null, positive(ranks), false)}, {above, tail(null, positive(ranks), true)}} {
			if method != Normal || math.Abs(c.got/c.want-1) > 0.06 {
				t.Errorf("%v levels: p is %v (%v), want %v", levels, c.got, method, c.want)
			}
		}
	}
}

// TestBinomial compares with sums of products.
func TestBinomial(t *testing.T) {
	for _, n := range []int{1, 2, 7, 30, 60} {
		for _, q := range []float64{0.01, 0.3, 0.5, 0.95} {
			want := 0.0
			for k := n; k >= 0; k-- {
				want += binomial(n, k) * math.Pow(q, float64(k)) * math.Pow(1-q, float64(n-k))
				if got := binomialTail(k, n, q); math.Abs(got-want) > 1e-11*want {
					t.Errorf("P(X >= %d of %d, %v) is %v, want %v", k, n, q, got, want)
				}
			}
		}
	}
	if got, want := binomialTail(3000, 3000, 0.5), 0.0; got != want {
		t.Errorf("2^-3000 is %v", got)
	}
}

// TestBinomialOfMany compares with whole numbers: half of all signs and more, over 2^n.
func TestBinomialOfMany(t *testing.T) {
	for _, n := range []int{13, 250, 999} {
		ways := new(big.Int)
		for k := n; k > n/3; k-- {
			ways.Add(ways, new(big.Int).Binomial(int64(n), int64(k)))
			want, _ := new(big.Rat).SetFrac(ways, new(big.Int).Lsh(big.NewInt(1), uint(n))).Float64()
			if got := binomialTail(k, n, 0.5); math.Abs(got-want) > 1e-12*want {
				t.Errorf("P(X >= %d of %d) is %v, want %v", k, n, got, want)
			}
		}
	}
}

// TestRounding: what differs by rounding alone is equal.
func TestRounding(t *testing.T) {
	one, two, three := 0.1, 0.2, 0.3
	d := []float64{three - one, 0.4 - two, three - one - two, 0.5}
	if d[0] == d[1] || d[2] == 0 {
		t.Fatal("nothing to test")
	}
	if got := signedRanks(d, slackOf(one, two, three)); !slices.Equal(got, []int{3, 3, 6}) {
		t.Errorf("ranks %v", got)
	}
}
