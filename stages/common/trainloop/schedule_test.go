package trainloop

import (
	"slices"
	"testing"
)

func TestScheduleSteps(t *testing.T) {
	for _, c := range []struct {
		name  string
		s     ScheduleSettings
		total int64
		count int
		want  []int64
	}{
		{"nothing set", ScheduleSettings{}, 10, 5, []int64{0, 2, 4, 6, 8, 10}},
		{"nothing set, fewer steps than points", ScheduleSettings{}, 3, 10, []int64{0, 1, 2, 3}},
		{"even, the end off the grid", ScheduleSettings{Every: 4}, 10, 5, []int64{0, 4, 8, 10}},
		{"even, longer than the run", ScheduleSettings{Every: 99}, 10, 5, []int64{0, 10}},
		{"logarithmic", ScheduleSettings{PerDecade: 3}, 300, 5, []int64{0, 1, 2, 5, 10, 22, 46, 100, 215, 300}},
		{"powers of ten are exact", ScheduleSettings{PerDecade: 1}, 1_000_001, 5, []int64{0, 1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 1_000_001}},
		{"many a decade repeat no step", ScheduleSettings{PerDecade: 100}, 4, 5, []int64{0, 1, 2, 3, 4}},
		{"single steps, in any order", ScheduleSettings{At: []int{7, 3, 3, 10, 11}}, 10, 5, []int64{0, 3, 7, 10}},
		{"the union", ScheduleSettings{Every: 5, PerDecade: 1, At: []int{7}}, 12, 5, []int64{0, 1, 5, 7, 10, 12}},
	} {
		if got := c.s.Steps(c.total, c.count); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestScheduleCheck(t *testing.T) {
	if p := (ScheduleSettings{Every: 1}).Check("evaluation", 1_000_000); p != nil {
		t.Errorf("a million points are refused: %v", p)
	}
	if p := (ScheduleSettings{Every: 1}).Check("evaluation", 2_000_000); len(p) != 1 || p[0].Path != "evaluation.every" {
		t.Errorf("two million points: %v", p)
	}
}
