package engine_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"spurion/pipeline/engine"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// A sweep is a stage of several seeds and one that gathers them.
type sweep struct {
	*bench
	runs, all *spec.Stage
	lacks     []stages.Lack // what the gathering stage was last told
}

// newSweep makes seeds of which those listed fail with the hook "fail".
func newSweep(t *testing.T, seeds int, allow spec.Allowance, failing ...int) *sweep {
	s := &sweep{bench: newBench(t)}
	s.hooks["fail"] = func(context.Context, *stages.Run) error { return errors.New("diverged") }
	s.hooks["gather"] = func(_ context.Context, r *stages.Run) error { s.lacks = r.Lacks; return nil }
	s.kind = stages.Define(stages.Kind{
		Name: "test", Version: 1, Doc: "A kind for tests.",
		Inputs: []stages.Input{
			{Name: "in", Type: stages.AnyType, Cardinality: stages.List, Axes: true},
			{Name: "one", Type: stages.AnyType, Cardinality: stages.Optional},
		},
		Outputs: []stages.Output{{Name: "out", Fields: valueField}},
	}, s.run)
	s.runs = &spec.Stage{Kind: s.kind, KindName: "test", Name: "runs", Axes: []string{"seed"}}
	for seed := range seeds {
		does := ""
		if slices.Contains(failing, seed) {
			does = "fail"
		}
		in := s.stage("runs", does, int64(seed)).Instances[0]
		in.Axes = []stages.Axis{{Name: "seed", Value: int64(seed)}}
		s.runs.Instances = append(s.runs.Instances, in)
	}
	s.all = s.gathering("all", allow, s.runs)
	return s
}

// gathering makes a stage that takes all instances of others.
func (s *sweep) gathering(name string, allow spec.Allowance, of ...*spec.Stage) *spec.Stage {
	st := s.stage(name, "gather", 1000)
	st.Uses, st.AllowFailed = of, allow
	in := spec.Input{Name: "in"}
	for _, u := range of {
		for i := range u.Instances {
			in.Refs = append(in.Refs, spec.Ref{Stage: u, Instance: i, Output: "out"})
		}
	}
	st.Instances[0].Inputs = []spec.Input{in}
	return st
}

func TestFailuresThatAreAllowed(t *testing.T) {
	s := newSweep(t, 5, spec.Allowance{Count: 1}, 3)
	after := s.gathering("after", spec.Allowance{}, s.all)
	want := map[string]engine.Status{"all": engine.Computed, "after": engine.Computed}
	p := s.plan(nil, s.runs, s.all, after)
	r := engine.Run(t.Context(), p, s.options())
	wantStatus(t, outcomes(p, r), want)
	if c := r.Counts(); c.Failed != 1 || c.Computed != 6 {
		t.Errorf("%+v", c)
	}
	if text := stages.LacksText(s.lacks); len(s.lacks) != 1 || !s.lacks[0].Upstream || text != "4 of 5 seeds, 1 failed (seed 3)" {
		t.Errorf("the last is told %q: %+v", text, s.lacks)
	}
	all, last := p.Node(s.all, 0), p.Node(after, 0)
	if l := all.Lacks[0]; l.Upstream || fmt.Sprint(l.Beside, l.Along) != "[0 1 2 3] [seed]" {
		t.Errorf("%+v", l)
	}

	// A run that fails likewise finds both in the store. One that does not computes them anew, and without
	// failures they are what they are without the attribute.
	p = s.plan(nil, s.runs, s.all, after)
	wantStatus(t, outcomes(p, engine.Run(t.Context(), p, s.options())), map[string]engine.Status{"all": engine.Cached, "after": engine.Cached})
	delete(s.hooks, "fail")
	p = s.plan(nil, s.runs, s.all, after)
	wantStatus(t, outcomes(p, engine.Run(t.Context(), p, s.options())), want)
	if p.Node(s.all, 0).Key == all.Key || p.Node(after, 0).Key == last.Key || p.Node(after, 0).Lacks != nil {
		t.Error("five of five have the key of four of five")
	}
	s.all.AllowFailed = spec.Allowance{}
	if c := s.plan(nil, s.runs, s.all, after).Counts(); c.Cached != 7 {
		t.Errorf("without allow_failed: %+v", c)
	}
}

// Keys say what is missing also where nothing else tells the instances apart, and further down.
func TestMissingIsInTheKey(t *testing.T) {
	s := newSweep(t, 3, spec.Allowance{Count: 2}, 0)
	for i := range s.runs.Instances {
		s.runs.Instances[i].Axes = nil
	}
	s.runs.Axes = nil
	after := s.gathering("after", spec.Allowance{}, s.all)
	p := s.plan(nil, s.runs, s.all, after)
	engine.Run(t.Context(), p, s.options())
	with := p.Node(s.all, 0)
	if _, text, err := p.KeyText(with); err != nil || !strings.Contains(text, "missing in 1 of 3, beside 0-1: {}\n") {
		t.Errorf("%v:\n%s", err, text)
	}
	if _, text, err := p.KeyText(p.Node(after, 0)); err != nil || !strings.Contains(text, "missing in 1 of 3, beside what was made of 0: {}\n") {
		t.Errorf("%v:\n%s", err, text)
	}
}

// What was kept back by a failure is missing as what failed is.
func TestSkippedCountAsFailed(t *testing.T) {
	s := newSweep(t, 4, spec.Allowance{}, 1, 2)
	probes := &spec.Stage{Kind: s.kind, KindName: "test", Name: "probes", Axes: []string{"seed"}, Uses: []*spec.Stage{s.runs}}
	for i := range s.runs.Instances {
		in := s.stage("probes", "", int64(10+i)).Instances[0]
		in.Axes = s.runs.Instances[i].Axes
		in.Inputs = []spec.Input{{Name: "one", Refs: []spec.Ref{{Stage: s.runs, Instance: i, Output: "out"}}}}
		probes.Instances = append(probes.Instances, in)
	}
	all := s.gathering("both", spec.Allowance{Share: 0.5}, s.runs, probes)
	few := s.gathering("few", spec.Allowance{Count: 3}, s.runs, probes)
	last := s.gathering("last", spec.Allowance{}, few)
	got := s.do(s.runs, probes, all, few, last)
	wantStatus(t, got, map[string]engine.Status{"both": engine.Computed, "few": engine.Skipped, "last": engine.Skipped})
	if text := stages.LacksText(s.lacks); text != "2 of 4 seeds, 2 failed (seed 1; seed 2)" {
		t.Errorf("told %q", text)
	}
	if text := fmt.Sprint(got["few"].Err); text != "4 of 8 instances that feed it failed, and allow_failed is 3: test.runs[seed=1], test.runs[seed=2], test.probes[seed=1] and 1 more" {
		t.Errorf("few: %s", text)
	}
	if text := fmt.Sprint(got["last"].Err); text != "needs test.runs[seed=1], which failed" {
		t.Errorf("last: %s", text)
	}
}

// A stage does not do without what it takes in another way, nor without everything.
func TestFailuresThatAreNotAllowed(t *testing.T) {
	for name, change := range map[string]func(in *spec.Instance, failed spec.Ref){
		"depends_on": func(in *spec.Instance, failed spec.Ref) { failed.Output = ""; in.After = []spec.Ref{failed} },
		"one": func(in *spec.Instance, failed spec.Ref) {
			in.Inputs = append(in.Inputs, spec.Input{Name: "one", Refs: []spec.Ref{failed}})
		},
		"all": func(in *spec.Instance, failed spec.Ref) { in.Inputs[0].Refs = []spec.Ref{failed} },
	} {
		s := newSweep(t, 3, spec.Allowance{Count: 3}, 1)
		change(&s.all.Instances[0], spec.Ref{Stage: s.runs, Instance: 1, Output: "out"})
		got := s.do(s.runs, s.all)
		if got["all"].Status != engine.Skipped || name == "all" && !strings.Contains(fmt.Sprint(got["all"].Err), "all instances that its input in takes failed: test.runs[seed=1]") {
			t.Errorf("%s: %+v", name, got["all"])
		}
	}
}

// What was stopped has not failed: nothing is gathered of an interrupted run, nor after a first failure that
// is to be the last.
func TestStoppedIsNotFailed(t *testing.T) {
	s := newSweep(t, 3, spec.Allowance{Count: 2}, 1)
	ctx, cancel := context.WithCancel(t.Context())
	s.hooks["wait"] = func(ctx context.Context, _ *stages.Run) error { cancel(); <-ctx.Done(); return ctx.Err() }
	s.runs.Instances[2].Settings = s.stage("x", "wait", 2).Instances[0].Settings
	p := s.plan(nil, s.runs, s.all)
	o := s.options()
	o.Workers = 1
	wantStatus(t, outcomes(p, engine.Run(ctx, p, o)), map[string]engine.Status{"runs": engine.Canceled, "all": engine.Canceled})

	s = newSweep(t, 3, spec.Allowance{Count: 2}, 1)
	p = s.plan(nil, s.runs, s.all)
	o = s.options()
	o.Workers, o.FailFast = 1, true
	wantStatus(t, outcomes(p, engine.Run(t.Context(), p, o)), map[string]engine.Status{"all": engine.Canceled})
}
