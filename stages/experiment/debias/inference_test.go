package debias

import (
	"testing"

	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/kernel"
)

func TestQuality(t *testing.T) {
	none, some := evaluation.Optional{}, evaluation.Some
	for _, c := range []struct {
		name                                 string
		inferred, minority                   []bool
		precision, recall, jaccard, lift, f1 evaluation.Optional
	}{
		{"half of each", bools("1100"), bools("0110"), some(.5), some(.5), some(1. / 3), some(1), some(.5)},
		{"equal", bools("0100"), bools("0100"), some(1), some(1), some(1), some(4), some(1)},
		{"disjoint", bools("1000"), bools("0001"), some(0), some(0), some(0), some(0), some(0)},
		{"all", bools("1111"), bools("0100"), some(.25), some(1), some(.25), some(1), some(.4)},
		{"empty set", bools("0000"), bools("0100"), none, some(0), some(0), none, some(0)},
		{"no minority", bools("0100"), bools("0000"), some(0), none, some(0), none, some(0)},
		{"both empty", bools("0000"), bools("0000"), none, none, none, none, none},
		{"no points", nil, nil, none, none, none, none, none},
	} {
		q := Compare(c.inferred, c.minority)
		if q.Precision() != c.precision || q.Recall() != c.recall || q.Jaccard() != c.jaccard || q.Lift() != c.lift || q.F1() != c.f1 {
			t.Errorf("%s: %+v: precision %v, recall %v, Jaccard %v, lift %v, F1 %v; want %v, %v, %v, %v, %v", c.name, q,
				q.Precision(), q.Recall(), q.Jaccard(), q.Lift(), q.F1(), c.precision, c.recall, c.jaccard, c.lift, c.f1)
		}
	}
}

func bools(s string) []bool {
	b := make([]bool, len(s))
	for i := range s {
		b[i] = s[i] == '1'
	}
	return b
}

// The values of a random set and of the set of all points are those that the definitions give.
func TestChance(t *testing.T) {
	minority := bools("0100010000")
	q := Compare(bools("1111111111"), minority)
	if q.Chance() != evaluation.Some(.2) || q.Precision() != q.Chance() || q.Jaccard() != q.Chance() || q.F1OfAll() != q.F1() || q.F1() != evaluation.Some(4./12) {
		t.Errorf("%+v: chance %v, F1 of all %v", q, q.Chance(), q.F1OfAll())
	}
	if got := Compare(nil, nil); got.Chance().Valid || got.F1OfAll().Valid {
		t.Error("without points there is a chance")
	}
}

// AUC by sorting is AUC by comparing all pairs.
func TestAUC(t *testing.T) {
	stream := kernel.NewStream(1, "auc")
	for range 50 {
		n := 1 + stream.IntN(40)
		weights, minority := make([]float64, n), make([]bool, n)
		for i := range weights {
			weights[i], minority[i] = float64(stream.IntN(6)), stream.IntN(3) == 0
		}
		var won, pairs float64
		for i := range weights {
			for j := range weights {
				if !minority[i] || minority[j] {
					continue
				}
				pairs++
				if weights[i] > weights[j] {
					won++
				} else if weights[i] == weights[j] {
					won += .5
				}
			}
		}
		got := AUC(weights, minority)
		if got.Valid != (pairs > 0) || got.Valid && got.Value != won/pairs {
			t.Fatalf("AUC of %v, %v is %v, want %v of %v", weights, minority, got, won, pairs)
		}
	}
	nan := 0.0
	nan /= nan
	if AUC([]float64{1, nan}, bools("10")).Valid || WeightRatio([]float64{1, nan}, bools("10")).Valid {
		t.Error("weights that are no numbers have an AUC or a ratio")
	}
}

func TestWeightRatio(t *testing.T) {
	for _, c := range []struct {
		weights  []float64
		minority string
		want     evaluation.Optional
	}{
		{[]float64{1, 3, 2, 6}, "0101", evaluation.Some(3)},
		{[]float64{0, 3, 0, 6}, "0101", evaluation.Optional{}},
		{[]float64{1, 3}, "11", evaluation.Optional{}},
		{[]float64{1, 3}, "00", evaluation.Optional{}},
		{nil, "", evaluation.Optional{}},
	} {
		if got := WeightRatio(c.weights, bools(c.minority)); got != c.want {
			t.Errorf("ratio of %v by %s is %v, want %v", c.weights, c.minority, got, c.want)
		}
	}
}
