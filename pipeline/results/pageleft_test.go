package results

import (
	"fmt"
	"slices"
	"testing"

	"spurion/pipeline/page"
)

// Of many instances of a claim those that do not hold are shown first, in their order, and the others are counted.
func TestMostTelling(t *testing.T) {
	var list []Claim
	for i := range 20 {
		verdict := "reproduced"
		switch {
		case i%9 == 4:
			verdict = "not reproduced"
		case i%9 == 7:
			verdict = "inconclusive"
		}
		list = append(list, Claim{Role: "claim", Name: "c", Verdict: verdict})
	}
	for _, c := range []struct {
		n    int
		some []int
		left []page.Left
	}{
		{20, []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19}, nil},
		{6, []int{0, 1, 4, 7, 13, 16}, []page.Left{{Claim: "c", Verdict: "reproduced", Count: 14}}},
		{3, []int{4, 7, 13}, []page.Left{{Claim: "c", Verdict: "inconclusive", Count: 1}, {Claim: "c", Verdict: "reproduced", Count: 16}}},
	} {
		some, left := mostTelling(list, c.n)
		if !slices.Equal(some, c.some) || fmt.Sprint(left) != fmt.Sprint(c.left) {
			t.Errorf("%d: %v, %+v", c.n, some, left)
		}
	}
}
