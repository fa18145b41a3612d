package plan_test

import (
	"crypto/sha256"
	"strings"
	"testing"

	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
)

// A history is a store in which instances ended in several ways.
type history struct {
	*memory
	status map[string]string // by address; others as memory says
}

func (h history) Previous(address string) (plan.Previous, bool) {
	p, ok := h.memory.Previous(address)
	if s, other := h.status[address]; other {
		p.Status = s
	}
	return p, ok
}

// failed gives a history of the chain's three seeds in which fit.f[seed=2] ended as said, and all.a, which allows one failure,
// was made of the other two.
func failed(t *testing.T, s *spec.Spec, status string) history {
	t.Helper()
	h := history{newMemory(), map[string]string{"fit.f[seed=2]": status}}
	s.Stages[0].AllowFailed = spec.Allowance{Count: 1}
	p := mustPlan(t, s, h.memory, plan.Options{})
	store := func(n *plan.Node) {
		key, text, err := p.KeyText(n)
		if err != nil {
			t.Fatal(err)
		}
		h.previous[n.Address()] = key
		if n.Address() == "fit.f[seed=2]" {
			return
		}
		h.entries[key], h.outputs[key] = text, sha256.Sum256([]byte(n.Address()))
		n.Outputs, _ = h.Lookup(key)
	}
	for i := range p.Nodes[:6] {
		store(&p.Nodes[i])
	}
	if err := p.DoWithout(&p.Nodes[6], []int32{4}); err != nil {
		t.Fatal(err)
	}
	store(&p.Nodes[6])
	return h
}

func lookAt(t *testing.T, s *spec.Spec, h history, o plan.Options) *plan.Plan {
	t.Helper()
	o.Cache, o.External = h, h
	p, err := plan.New(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A plan after a run with a failure says that it waits for what failed, and shows what the run made.
func TestPlanShowsWhatWasMadeWithoutFailures(t *testing.T) {
	s := chain("0.1", 1, 2, 3)
	p := lookAt(t, s, failed(t, s, "failed"), plan.Options{})
	all := &p.Nodes[6]
	if all.Status != plan.Blocked || !all.Keyed || len(all.Outputs) != 1 || len(all.Lacks) != 1 {
		t.Fatalf("%+v", all)
	}
	want := "waits for fit.f[seed=2]; what is there is of 2 of 3 seeds, 1 failed (seed 2)"
	if all.Reason.Text != want {
		t.Errorf("reason %q, want %q", all.Reason.Text, want)
	}
	if c := p.Counts(); c != (plan.Counts{Cached: 5, Run: 1, Blocked: 1}) {
		t.Errorf("%+v", c)
	}
	if got := len(p.Sources(all, "tables")); got != 2 {
		t.Errorf("%d sources", got)
	}
}

// Nothing is shown of what is not known to have failed: it was stopped, is new, was changed since, is forced, or is
// one failure more than is allowed.
func TestPlanShowsNothingOfWhatIsNotDone(t *testing.T) {
	for name, change := range map[string]func(s *spec.Spec, h history, o *plan.Options){
		"stopped": func(_ *spec.Spec, h history, _ *plan.Options) { h.status["fit.f[seed=2]"] = "canceled" },
		"unknown": func(_ *spec.Spec, h history, _ *plan.Options) { delete(h.previous, "fit.f[seed=2]") },
		"forced":  func(_ *spec.Spec, _ history, o *plan.Options) { o.Force = []plan.Pattern{pattern(t, "fit.f[seed=2]")} },
		"forbids": func(s *spec.Spec, _ history, _ *plan.Options) { s.Stages[0].AllowFailed = spec.Allowance{} },
		"changed": func(s *spec.Spec, _ history, _ *plan.Options) {
			s.Stages[1].Instances[1].Settings = chain("0.2", 1).Stages[1].Instances[0].Settings
		},
		"upstream": func(s *spec.Spec, h history, _ *plan.Options) { delete(h.entries, h.previous["data.d[seed=1]"]) },
	} {
		s, o := chain("0.1", 1, 2, 3), plan.Options{}
		h := failed(t, s, "failed")
		change(s, h, &o)
		if all := &lookAt(t, s, h, o).Nodes[6]; all.Status != plan.Blocked || all.Keyed || all.Outputs != nil || all.Lacks != nil {
			t.Errorf("%s: %+v", name, all)
		}
	}
}

// One failure too many is told.
func TestPlanTellsOfTooManyFailures(t *testing.T) {
	s := chain("0.1", 1, 2, 3)
	h := failed(t, s, "failed")
	h.status["fit.f[seed=3]"] = "failed"
	delete(h.entries, h.previous["fit.f[seed=3]"])
	all := &lookAt(t, s, h, plan.Options{}).Nodes[6]
	want := "2 of 3 instances that feed it failed, and allow_failed is 1: fit.f[seed=2], fit.f[seed=3]"
	if all.Outputs != nil || all.KeptBack != want || !strings.HasSuffix(all.Reason.Text, "; in the last run "+want) {
		t.Errorf("%+v", all)
	}
}

// What is missing is a change like others.
func TestMissingIsExplained(t *testing.T) {
	s := chain("0.1", 1, 2, 3)
	h := failed(t, s, "failed")
	key := h.previous["fit.f[seed=2]"]
	h.entries[key], h.outputs[key] = "", sha256.Sum256([]byte("mended"))
	delete(h.status, "fit.f[seed=2]")
	all := &lookAt(t, s, h, plan.Options{}).Nodes[6]
	if all.Status != plan.MustRun || !strings.Contains(all.Reason.Text, `missing tables removed, was 1 of 3 along seed, beside 0-1: {"seed":2}`) {
		t.Errorf("%+v", all.Reason)
	}
}
