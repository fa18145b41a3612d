package stages_test

import (
	"testing"

	"spurion/stages"
)

func TestLackInWords(t *testing.T) {
	seed := func(n int64) []stages.Axis {
		return []stages.Axis{{Name: "strength", Value: 0.9}, {Name: "seed", Value: n}}
	}
	for _, c := range []struct {
		lack stages.Lack
		want string
	}{
		{stages.Lack{Total: 10, Missing: [][]stages.Axis{seed(3)}, Along: []string{"seed"}}, "9 of 10 seeds, 1 failed (seed 3)"},
		{stages.Lack{Total: 30, Missing: [][]stages.Axis{seed(3), seed(4)}, Along: []string{"strength", "seed"}},
			"28 of 30 instances, 2 failed (strength 0.9, seed 3; strength 0.9, seed 4)"},
		{stages.Lack{Total: 9, Missing: [][]stages.Axis{seed(1), seed(2), seed(3), seed(4), seed(5)}, Along: []string{"seed"}},
			"4 of 9 seeds, 5 failed (seed 1; seed 2; seed 3; and 2 more)"},
		{stages.Lack{Total: 2, Missing: [][]stages.Axis{nil}}, "1 of 2 instances, 1 failed"},
	} {
		if got := c.lack.String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
	a := stages.Lack{Total: 2, Missing: [][]stages.Axis{nil}}
	b, c, d, e := a, a, a, a
	b.Total, c.Total, d.Total, e.Total = 3, 4, 5, 6
	if got := stages.LacksText([]stages.Lack{a, a, b}); got != "1 of 2 instances, 1 failed; 2 of 3 instances, 1 failed" {
		t.Errorf("%q", got)
	}
	if got := stages.LacksText([]stages.Lack{a, b, c, d, e}); got != "1 of 2 instances, 1 failed; 2 of 3 instances, 1 failed; 3 of 4 instances, 1 failed; and 2 more like these" {
		t.Errorf("%q", got)
	}
}
