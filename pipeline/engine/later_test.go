package engine_test

import (
	"testing"

	"spurion/artifacts"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// Of what a plan leaves for later nothing is computed. What gathers does without, and among the others it counts failures as ever;
// the record of the run names what was left.
func TestLaterIsNotComputed(t *testing.T) {
	s := newSweep(t, 5, spec.Allowance{Count: 1}, 1, 4)
	after := s.gathering("after", spec.Allowance{}, s.all)
	p := s.plan(nil, s.runs, s.all, after)
	keep := func(id int) bool { n := &p.Nodes[id]; return n.Stage != s.runs || n.Index < 3 }
	if err := p.Cut(keep, lookup{s.store}); err != nil {
		t.Fatal(err)
	}
	record, err := engine.Begin(s.store, p, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	r := engine.Run(t.Context(), p, s.options())
	if c := r.Counts(); c != (engine.Counts{Computed: 4, Failed: 1}) {
		t.Errorf("%+v", c)
	}
	if text := stages.LacksText(s.lacks); text != "2 of 3 seeds, 1 failed (seed 1)" {
		t.Errorf("the last is told %q", text)
	}
	if got, want := p.Node(after, 0).LacksText(), "PARTIAL: 3 of 5 seeds; 2 of 3 seeds, 1 failed (seed 1)"; got != want {
		t.Errorf("people are told %q, want %q", got, want)
	}
	if err := record.End(r, "done"); err != nil {
		t.Fatal(err)
	}
	run, err := s.store.LastRun("bench")
	if err != nil {
		t.Fatal(err)
	}
	var left []artifacts.Entry
	for _, e := range run.Entries {
		if e.Status == plan.LaterStatus {
			left = append(left, e)
		}
	}
	if len(run.Entries) != 7 || len(left) != 2 || left[0].Address != "test.runs[seed=3]" || !left[0].Key.IsZero() {
		t.Errorf("recorded are %+v", left)
	}

	// The rest is computed later, from what there is, and what gathers is made anew of all.
	delete(s.hooks, "fail")
	p = s.plan(nil, s.runs, s.all, after)
	if c := engine.Run(t.Context(), p, s.options()).Counts(); c != (engine.Counts{Cached: 2, Computed: 5}) || p.Partial() != "" {
		t.Errorf("%+v, %q", c, p.Partial())
	}
}
