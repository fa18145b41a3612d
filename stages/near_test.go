package stages

import (
	"fmt"
	"testing"
)

func TestNoColumn(t *testing.T) {
	many := []string{"loss", "core_correlation"}
	for i := range 58 {
		many = append(many, fmt.Sprintf("x%d", i))
	}
	for _, c := range []struct {
		name string
		have []string
		want string
	}{
		{"los", []string{"step", "loss"}, `there is no column "los"; the columns are step, loss; did you mean "loss"?`},
		{"core", many, `there is no column "core"; the columns are loss, core_correlation, x0, x1, x2, x3, x4, x5, x6, x7, x8, x9, x10, x11 and 46 more; did you mean "core_correlation"?`},
		{"auroc", []string{"step"}, `there is no column "auroc"; the columns are step`},
	} {
		if got := NoColumn(c.name, c.have).Error(); got != c.want {
			t.Errorf("%s: %s\nwant %s", c.name, got, c.want)
		}
	}
}

func TestNearest(t *testing.T) {
	for name, want := range map[string]string{"strenght": "strength", "Seed": "seed", "rate": "", "se": "", "strengths_of": "strength"} {
		if got := Nearest(name, []string{"strength", "seed", "evaluation", "step"}); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
