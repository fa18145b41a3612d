package debias

import (
	"testing"

	"spurion/stages/learn"
)

func TestQuality(t *testing.T) {
	none, some := learn.Optional{}, learn.Some
	for _, c := range []struct {
		name                             string
		inferred, minority               []bool
		precision, recall, jaccard, lift learn.Optional
	}{
		{"half of each", bools("1100"), bools("0110"), some(.5), some(.5), some(1. / 3), some(1)},
		{"equal", bools("0100"), bools("0100"), some(1), some(1), some(1), some(4)},
		{"disjoint", bools("1000"), bools("0001"), some(0), some(0), some(0), some(0)},
		{"all", bools("1111"), bools("0100"), some(.25), some(1), some(.25), some(1)},
		{"empty set", bools("0000"), bools("0100"), none, some(0), some(0), none},
		{"no minority", bools("0100"), bools("0000"), some(0), none, some(0), none},
		{"both empty", bools("0000"), bools("0000"), none, none, none, none},
		{"no points", nil, nil, none, none, none, none},
	} {
		q := Compare(c.inferred, c.minority)
		if q.Precision() != c.precision || q.Recall() != c.recall || q.Jaccard() != c.jaccard || q.Lift() != c.lift {
			t.Errorf("%s: %+v: precision %v, recall %v, Jaccard %v, lift %v; want %v, %v, %v, %v", c.name, q,
				q.Precision(), q.Recall(), q.Jaccard(), q.Lift(), c.precision, c.recall, c.jaccard, c.lift)
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
