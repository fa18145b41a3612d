package plan_test

import (
	"slices"
	"strings"
	"testing"

	"spurion/pipeline/plan"
)

// ofSeeds keeps the nodes of some seeds, and those of none.
func ofSeeds(p *plan.Plan, seeds ...int64) func(id int) bool {
	return func(id int) bool {
		axes := p.Nodes[id].Instance().Axes
		return len(axes) == 0 || slices.Contains(seeds, axes[0].Value.(int64))
	}
}

// What gathers the seeds that there are has the key that it has in a spec of these seeds alone, and says that it is not all.
func TestCutIsTheSmallerSpec(t *testing.T) {
	m := newMemory()
	m.complete(t, chain("0.1", 1, 2), byKey)
	small := mustPlan(t, chain("0.1", 1, 2), m, plan.Options{})
	p := mustPlan(t, chain("0.1", 1, 2, 3, 4), m, plan.Options{})
	if err := p.Cut(ofSeeds(p, 1, 2), m); err != nil {
		t.Fatal(err)
	}
	all := p.Node(p.Order[2], 0)
	if all.Status != plan.Cached || all.Key != small.Node(small.Order[2], 0).Key {
		t.Errorf("it is %v, of key %v", all.Status, all.Key)
	}
	if got := all.LacksText(); got != "PARTIAL: 2 of 4 seeds" || p.Partial() != got {
		t.Errorf("it is said to be %q, the plan %q", got, p.Partial())
	}
	if got := p.Counts(); got != (plan.Counts{Cached: 5}) {
		t.Errorf("counted are %+v", got)
	}
	var later []string
	for i := range p.Nodes {
		if n := &p.Nodes[i]; n.Later {
			later = append(later, n.Address())
			if n.Selected {
				t.Errorf("%s is selected", n.Address())
			}
		}
	}
	if got := strings.Join(later, " "); got != "data.d[seed=3] data.d[seed=4] fit.f[seed=3] fit.f[seed=4]" {
		t.Errorf("left are %s", got)
	}
}

// What needs one that is left is left, and so is what gathers nothing but such.
func TestCutTakesWhatNeedsIt(t *testing.T) {
	p := mustPlan(t, chain("0.1", 1, 2), newMemory(), plan.Options{})
	keep := func(id int) bool { return p.Nodes[id].Stage.Name != "d" }
	if err := p.Cut(keep, newMemory()); err != nil {
		t.Fatal(err)
	}
	if got := p.Counts(); got != (plan.Counts{}) {
		t.Errorf("counted are %+v", got)
	}
	if p.Partial() != "PARTIAL: 0 of 5 instances" {
		t.Errorf("it is said to be %q", p.Partial())
	}
}

// Whoever looks after a run that left some finds what it made of the others; with other seeds there, nothing.
func TestPlanShowsWhatABudgetMade(t *testing.T) {
	s := chain("0.1", 1, 2, 3, 4)
	m := newMemory()
	m.complete(t, chain("0.1", 1, 2), byKey)
	for _, a := range []string{"data.d[seed=3]", "data.d[seed=4]"} {
		m.previous[a] = plan.Digest{} // its key was not asked for
	}
	left := history{memory: m, status: map[string]string{"data.d[seed=3]": "later", "data.d[seed=4]": "later"}}
	p := lookAt(t, s, left, plan.Options{})
	all := p.Node(p.Order[2], 0)
	if all.Status != plan.Blocked || len(all.Outputs) != 1 || all.LacksText() != "PARTIAL: 2 of 4 seeds" || p.Partial() != all.LacksText() {
		t.Errorf("it is %v with %d outputs, %q", all.Status, len(all.Outputs), all.LacksText())
	}
	if r := p.Node(p.Order[0], 2).Reason; r.Text != "left for later by the last run's budget" {
		t.Errorf("one that was left is there for %+v", r)
	}
	left.status["data.d[seed=2]"] = "later" // its result is there all the same
	delete(m.previous, "data.d[seed=4]")
	p = lookAt(t, s, left, plan.Options{})
	if all := p.Node(p.Order[2], 0); len(all.Outputs) != 0 || all.LacksText() != "" {
		t.Errorf("without word of seed 4 it has %d outputs, %q", len(all.Outputs), all.LacksText())
	}
}

func TestShortage(t *testing.T) {
	for want, s := range map[string]plan.Shortage{
		"5 of 20 seeds":         {Have: 5, Of: 20, Along: "seed"},
		"1 of 3 values of rate": {Have: 1, Of: 3, Along: "rate"},
		"60 of 240 instances":   {Have: 60, Of: 240},
	} {
		if got := s.String(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}
