package plan_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

type noSettings struct{}

func kind(name string, version int, in ...stages.Input) *stages.Kind {
	return stages.Define(stages.Kind{
		Name: name, Version: version, Doc: "A kind for tests.", Inputs: in,
		Outputs: []stages.Output{{Name: "out"}},
	}, func(context.Context, *noSettings, *stages.Run) error { return nil })
}

// memory is a store and a history in maps.
type memory struct {
	entries  map[plan.Digest]string // key -> text
	outputs  map[plan.Digest]plan.Digest
	previous map[string]plan.Digest
	status   string
	files    map[string]string
	left     map[plan.Digest]*plan.Left
	looks    int // for what was left
}

func newMemory() *memory {
	return &memory{
		entries: map[plan.Digest]string{}, outputs: map[plan.Digest]plan.Digest{},
		previous: map[string]plan.Digest{}, status: "computed", files: map[string]string{},
	}
}

func (m *memory) Lookup(key plan.Digest) ([]plan.Output, error) {
	if _, ok := m.entries[key]; !ok {
		return nil, fmt.Errorf("%w: absent", plan.ErrMiss)
	}
	return []plan.Output{{Name: "out", Digest: m.outputs[key]}}, nil
}

func (m *memory) Text(key plan.Digest) (string, bool) {
	text, ok := m.entries[key]
	return text, ok
}

func (m *memory) Previous(address string) (plan.Previous, bool) {
	key, ok := m.previous[address]
	return plan.Previous{Key: key, Status: m.status, Error: "out of luck\nand more"}, ok
}

func (m *memory) Left(key plan.Digest) (*plan.Left, bool) {
	m.looks++
	l, ok := m.left[key]
	return l, ok
}

func (m *memory) File(path string) (plan.Digest, error) {
	text, ok := m.files[path]
	if !ok {
		return plan.Digest{}, errors.New("no such file")
	}
	return sha256.Sum256([]byte(text)), nil
}

func (m *memory) Variable(name string) (plan.Digest, error) { return sha256.Sum256([]byte(name)), nil }

// complete marks everything that a plan can reach as computed: the content of an output is
// the hash of its key unless content says otherwise.
func (m *memory) complete(t *testing.T, s *spec.Spec, content func(n *plan.Node) string) {
	t.Helper()
	for range 10 {
		p := mustPlan(t, s, m, plan.Options{})
		counts := p.Counts()
		for i := range p.Nodes {
			n := &p.Nodes[i]
			if n.Status != plan.MustRun {
				continue
			}
			key, text, err := p.KeyText(n)
			if err != nil {
				t.Fatal(err)
			}
			m.entries[key] = text
			m.outputs[key] = sha256.Sum256([]byte(content(n)))
			m.previous[n.Address()] = key
		}
		if counts.Run == 0 && counts.Blocked == 0 {
			return
		}
	}
	t.Fatal("the graph does not get done")
}

func byKey(n *plan.Node) string { return n.Key.String() }

func mustPlan(t *testing.T, s *spec.Spec, m *memory, o plan.Options) *plan.Plan {
	t.Helper()
	o.Cache, o.External = m, m
	p, err := plan.New(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// chain makes data[seed] -> fit[seed] -> all, with one setting each.
func chain(rate string, seeds ...int64) *spec.Spec {
	one := stages.Input{Name: "data", Type: stages.AnyType}
	many := stages.Input{Name: "tables", Type: stages.AnyType, Cardinality: stages.List, Axes: true}
	data := &spec.Stage{Kind: kind("data", 1), KindName: "data", Name: "d", Axes: []string{"seed"}}
	fit := &spec.Stage{
		Kind: kind("fit", 1, one), KindName: "fit", Name: "f", Axes: []string{"seed"}, Uses: []*spec.Stage{data},
		Ranges: map[string]spec.Range{"rate": {File: "x.hcl", Line: 7}},
	}
	all := &spec.Stage{Kind: kind("all", 1, many), KindName: "all", Name: "a", Uses: []*spec.Stage{fit}}
	var refs []spec.Ref
	for i, seed := range seeds {
		axes := []stages.Axis{{Name: "seed", Value: seed}}
		data.Instances = append(data.Instances, spec.Instance{
			Axes:     axes,
			Settings: stages.NewSettings([]stages.Setting{{Path: "seed", Value: fmt.Sprint(seed)}}),
		})
		fit.Instances = append(fit.Instances, spec.Instance{
			Axes:     axes,
			Settings: stages.NewSettings([]stages.Setting{{Path: "rate", Value: rate}}),
			Inputs:   []spec.Input{{Name: "data", Refs: []spec.Ref{{Stage: data, Instance: i, Output: "out"}}}},
		})
		refs = append(refs, spec.Ref{Stage: fit, Instance: i, Output: "out"})
	}
	all.Instances = []spec.Instance{{Inputs: []spec.Input{{Name: "tables", Refs: refs}}}}
	// The file's order is not an order of execution.
	return &spec.Spec{Name: "test", Stages: []*spec.Stage{all, fit, data}}
}

func states(p *plan.Plan) string {
	var lines []string
	for i := range p.Nodes {
		if n := &p.Nodes[i]; n.Selected {
			lines = append(lines, n.Address()+" "+n.Status.String())
		}
	}
	return strings.Join(lines, "\n")
}

func TestStates(t *testing.T) {
	m := newMemory()
	s := chain("0.1", 1, 2)
	p := mustPlan(t, s, m, plan.Options{})
	want := "data.d[seed=1] run\ndata.d[seed=2] run\nfit.f[seed=1] blocked\nfit.f[seed=2] blocked\nall.a blocked"
	if got := states(p); got != want {
		t.Errorf("an empty store gives\n%s\nwant\n%s", got, want)
	}
	if r := p.Nodes[4].Reason; r.Code != plan.ReasonWaits || r.Text != "waits for fit.f[seed=1] and 1 more" {
		t.Errorf("all.a: %+v", r)
	}
	m.complete(t, s, byKey)
	if c := mustPlan(t, s, m, plan.Options{}).Counts(); c != (plan.Counts{Cached: 5}) {
		t.Errorf("all done, but the plan counts %+v", c)
	}
}

// A changed setting runs the instances that have it; what depends on them waits.
func TestChangeIsExplained(t *testing.T) {
	m := newMemory()
	m.complete(t, chain("0.1", 1, 2), byKey)
	p := mustPlan(t, chain("0.2", 1, 2), m, plan.Options{})
	if c := p.Counts(); c != (plan.Counts{Cached: 2, Run: 2, Blocked: 1}) {
		t.Errorf("counts %+v", c)
	}
	r := p.Nodes[2].Reason
	if r.Code != plan.ReasonChanged || r.Text != "rate 0.1 -> 0.2 (x.hcl:7)" {
		t.Errorf("reason %+v", r)
	}
}

// A raised part is told by its name and versions, and computes again what uses it, and nothing else; at its first
// version it leaves keys as they were before there were parts.
func TestPartsHaveVersions(t *testing.T) {
	type method struct {
		Name string `name:"name" label:"erm,jtt" doc:"Which."`
	}
	type settings struct {
		Method method `name:"method" doc:"The method."`
	}
	debias := func(jtt int) *spec.Spec {
		var parts []stages.Part
		if jtt > 0 {
			parts = []stages.Part{{Setting: "method.name", Name: "erm", Version: 1}, {Setting: "method.name", Name: "jtt", Version: jtt}}
		}
		k := stages.Define(stages.Kind{Name: "debias", Version: 13, Doc: ".", Parts: parts, Outputs: []stages.Output{{Name: "out"}}},
			func(context.Context, *settings, *stages.Run) error { return nil })
		st := &spec.Stage{Kind: k, KindName: "debias", Name: "d", Axes: []string{"method"}, Ranges: map[string]spec.Range{"method": {File: "x.hcl", Line: 3}}}
		for _, name := range []string{"erm", "jtt"} {
			st.Instances = append(st.Instances, spec.Instance{Axes: []stages.Axis{{Name: "method", Value: name}},
				Settings: stages.NewSettings([]stages.Setting{{Path: "method.name", Value: strconv.Quote(name)}})})
		}
		return &spec.Spec{Name: "s", Stages: []*spec.Stage{st}}
	}
	m := newMemory()
	m.complete(t, debias(0), byKey)
	if c := mustPlan(t, debias(1), m, plan.Options{}).Counts(); c.Cached != 2 {
		t.Errorf("first versions change keys: %+v", c)
	}
	p := mustPlan(t, debias(2), m, plan.Options{})
	erm, jtt := &p.Nodes[0], &p.Nodes[1]
	if erm.Status != plan.Cached || jtt.Status != plan.MustRun || jtt.Reason.Text != "part jtt 1 -> 2 (x.hcl:3)" {
		t.Errorf("erm %v; jtt %v: %s", erm.Status, jtt.Status, jtt.Reason.Text)
	}
	_, text, err := p.KeyText(jtt)
	if want := "spurion action 1\nkind debias 13\npart method.name jtt 2\nsetting method.name \"jtt\"\n"; err != nil || text != want {
		t.Errorf("the key hashes\n%s\nwant\n%s", text, want)
	}
	m.complete(t, debias(2), byKey)
	if got := mustPlan(t, debias(3), m, plan.Options{}).Nodes[1].Reason.Text; got != "part jtt 2 -> 3 (x.hcl:3)" {
		t.Error(got)
	}
	// Taken back, it is what was computed first.
	if p := mustPlan(t, debias(1), m, plan.Options{}); p.Counts().Cached != 2 {
		t.Errorf("%+v", p.Counts())
	} else if changes := p.Since(&p.Nodes[1], m); len(changes) != 1 || changes[0].String() != "part jtt 2 -> 1 (x.hcl:3)" {
		t.Errorf("%v", changes)
	}
	// Another method is another setting, not another version.
	was, now := "setting method.name \"erm\"\n", "part method.name jtt 2\nsetting method.name \"jtt\"\n"
	for _, changes := range [][]plan.Change{plan.Diff(was, now), plan.Diff(now, was)} {
		if len(changes) != 1 || changes[0].What != "setting" {
			t.Errorf("%v", changes)
		}
	}
}

// A setting that is about the doing is in no key: a change of it alone is cached, and no change at all.
func TestUnkeyed(t *testing.T) {
	type settings struct {
		Rate  float64 `name:"rate" doc:"."`
		Limit float64 `name:"limit" unkeyed:"true" doc:"."`
	}
	k := stages.Define(stages.Kind{Name: "fit", Version: 1, Doc: ".", Outputs: []stages.Output{{Name: "out"}}},
		func(context.Context, *settings, *stages.Run) error { return nil })
	fit := func(rate, limit string) *spec.Spec {
		st := &spec.Stage{Kind: k, KindName: "fit", Name: "f", Instances: []spec.Instance{
			{Settings: stages.NewSettings([]stages.Setting{{Path: "rate", Value: rate}, {Path: "limit", Value: limit}})},
		}}
		return &spec.Spec{Name: "s", Stages: []*spec.Stage{st}}
	}
	m := newMemory()
	m.complete(t, fit("0.1", "60"), byKey)
	p := mustPlan(t, fit("0.1", "90"), m, plan.Options{})
	if n := &p.Nodes[0]; n.Status != plan.Cached || len(p.Since(n, m)) != 0 {
		t.Errorf("another limit: %v, %v", n.Status, p.Since(n, m))
	}
	if _, text, err := p.KeyText(&p.Nodes[0]); err != nil || text != "spurion action 1\nkind fit 1\nsetting rate 0.1\n" {
		t.Errorf("the key hashes\n%s", text)
	}
	p = mustPlan(t, fit("0.2", "120"), m, plan.Options{})
	if n := &p.Nodes[0]; n.Status != plan.MustRun || n.Reason.Text != "rate 0.1 -> 0.2" {
		t.Errorf("another rate: %v, %s", n.Status, n.Reason.Text)
	}
}

// An upstream result with the same bytes stops the wave: nothing below it runs.
func TestEarlyCutoff(t *testing.T) {
	m := newMemory()
	same := func(n *plan.Node) string { return n.Stage.ID() }
	m.complete(t, chain("0.1", 1), same)
	changed := chain("0.1", 1)
	changed.Stages[2].Kind = kind("data", 2)
	p := mustPlan(t, changed, m, plan.Options{})
	if got := p.Nodes[0].Reason.Text; got != "kind data 1 -> 2" {
		t.Errorf("reason %q", got)
	}
	if p.Nodes[1].Status != plan.Blocked {
		t.Errorf("fit.f is %v before its input is known", p.Nodes[1].Status)
	}
	p.Nodes[0].Outputs = []plan.Output{{Name: "out", Digest: sha256.Sum256([]byte("data.d"))}}
	key, _, err := p.KeyText(&p.Nodes[1])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.Lookup(key); err != nil {
		t.Errorf("the same bytes upstream give another key: %v", err)
	}
}

// Names, places and the order of a gathering input's references are in no key.
func TestKeysIgnoreNamesAndOrder(t *testing.T) {
	m := newMemory()
	a, b := chain("0.1", 1, 2), chain("0.1", 2, 1)
	m.complete(t, a, byKey)
	for _, st := range b.Stages {
		st.Name += "_renamed"
		st.Range = spec.Range{File: "elsewhere.hcl", Line: 99}
	}
	if c := mustPlan(t, b, m, plan.Options{}).Counts(); c != (plan.Counts{Cached: 5}) {
		t.Errorf("after renaming and reordering: %+v", c)
	}
}

func TestTargetsAndForce(t *testing.T) {
	tests := []struct {
		targets, force []string
		want           string
	}{
		{targets: []string{"fit.f[seed=2]"}, want: "data.d[seed=2] cached\nfit.f[seed=2] cached"},
		{targets: []string{"d*.*[seed=1]"}, want: "data.d[seed=1] cached"},
		{targets: []string{"fit.f"}, force: []string{"data.d[seed=1]"},
			want: "data.d[seed=1] run\ndata.d[seed=2] cached\nfit.f[seed=1] blocked\nfit.f[seed=2] cached"},
	}
	m := newMemory()
	s := chain("0.1", 1, 2)
	m.complete(t, s, byKey)
	for _, tt := range tests {
		o := plan.Options{}
		for _, x := range tt.targets {
			o.Targets = append(o.Targets, pattern(t, x))
		}
		for _, x := range tt.force {
			o.Force = append(o.Force, pattern(t, x))
		}
		if got := states(mustPlan(t, s, m, o)); got != tt.want {
			t.Errorf("targets %v, force %v:\n%s\nwant\n%s", tt.targets, tt.force, got, tt.want)
		}
	}
}

func TestTargetErrors(t *testing.T) {
	s, m := chain("0.1", 1, 2), newMemory()
	for target, want := range map[string]string{
		"fit.g":         "there are data.d, fit.f, all.a",
		"fit.f[seed=9]": "one that exists is fit.f[seed=1]",
		"fit.f[rate=1]": `has no axis "rate"; it has seed`,
	} {
		_, err := plan.New(t.Context(), s, plan.Options{Targets: []plan.Pattern{pattern(t, target)}, Cache: m, External: m})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", target, err, want)
		}
	}
}

func TestExternalInputs(t *testing.T) {
	files := stages.Input{Name: "files", Type: stages.FileType, Cardinality: stages.List}
	st := &spec.Stage{Kind: kind("exec", 1, files), KindName: "exec", Name: "x", Instances: []spec.Instance{{
		Inputs: []spec.Input{{Name: "files", Refs: []spec.Ref{{Path: "fit.py"}}}},
	}}}
	s := &spec.Spec{Stages: []*spec.Stage{st}}
	m := newMemory()
	if _, err := plan.New(t.Context(), s, plan.Options{Cache: m, External: m}); err == nil ||
		!strings.Contains(err.Error(), "exec.x: input files: no such file") {
		t.Errorf("a missing file gives %v", err)
	}
	m.files["fit.py"] = "one"
	m.complete(t, s, byKey)
	m.files["fit.py"] = "two"
	p := mustPlan(t, s, m, plan.Options{})
	if r := p.Nodes[0].Reason; len(r.Changes) != 1 || r.Changes[0].Path != `files "fit.py"` {
		t.Errorf("a changed file gives %+v", r)
	}
}

// halting ends a context when it is asked for its second file.
type halting struct {
	*memory
	end   func()
	asked int
}

func (h *halting) File(path string) (plan.Digest, error) {
	if h.asked++; h.asked == 2 {
		h.end()
	}
	return h.memory.File(path)
}

// TestStopsAmongFiles: a plan stops between two files of one instance; one that is whole reads files after its context has ended.
func TestStopsAmongFiles(t *testing.T) {
	files := stages.Input{Name: "files", Type: stages.FileType, Cardinality: stages.List}
	refs := []spec.Ref{{Path: "a"}, {Path: "b"}, {Path: "c"}, {Path: "d"}}
	st := &spec.Stage{Kind: kind("exec", 1, files), KindName: "exec", Name: "x", Instances: []spec.Instance{{Inputs: []spec.Input{{Name: "files", Refs: refs}}}}}
	m := newMemory()
	for _, r := range refs {
		m.files[r.Path] = r.Path
	}
	ctx, cancel := context.WithCancel(t.Context())
	h := &halting{memory: m, end: cancel}
	if _, err := plan.New(ctx, &spec.Spec{Stages: []*spec.Stage{st}}, plan.Options{Cache: m, External: h}); !errors.Is(err, context.Canceled) || h.asked != 2 {
		t.Errorf("after %d files: %v", h.asked, err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	p, err := plan.New(ctx, &spec.Spec{Stages: []*spec.Stage{st}}, plan.Options{Cache: m, External: m})
	cancel()
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := p.KeyText(&p.Nodes[0]); err != nil {
		t.Error(err)
	}
}

func TestReasons(t *testing.T) {
	s, m := chain("0.1", 1), newMemory()
	m.complete(t, s, byKey)
	first := mustPlan(t, s, m, plan.Options{}).Nodes[0].Key
	delete(m.entries, first)
	if r := mustPlan(t, s, m, plan.Options{}).Nodes[0].Reason; r.Code != plan.ReasonMissing {
		t.Errorf("an evicted entry gives %+v", r)
	}
	m.status = "failed"
	if r := mustPlan(t, s, m, plan.Options{}).Nodes[0].Reason; r.Code != plan.ReasonFailed || r.Text != "failed in the last run: out of luck" {
		t.Errorf("a failure gives %+v", r)
	}
	m.previous = map[string]plan.Digest{}
	if r := mustPlan(t, s, m, plan.Options{}).Nodes[0].Reason; r.Code != plan.ReasonNew {
		t.Errorf("an unknown address gives %+v", r)
	}
}

func pattern(t *testing.T, text string) plan.Pattern {
	t.Helper()
	p, err := plan.ParsePattern(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// An expecting cache notes what it is told of, and what is looked up then.
type expecting struct {
	*memory
	mu               sync.Mutex
	expected, looked []plan.Digest
}

func (e *expecting) Expect(_ context.Context, keys func() ([]plan.Digest, error)) error {
	list, err := keys()
	e.expected = append(e.expected, list...)
	return err
}

func (e *expecting) Lookup(key plan.Digest) ([]plan.Output, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !slices.Contains(e.expected, key) {
		return nil, errors.New("looked up without having been expected")
	}
	e.looked = append(e.looked, key)
	return e.memory.Lookup(key)
}

// A cache is told of what a plan looks up, all of it and nothing else.
func TestExpect(t *testing.T) {
	s := chain("1", 1, 2)
	full := newMemory()
	full.complete(t, s, byKey)
	for what, m := range map[string]*memory{"empty": newMemory(), "full": full} {
		e := &expecting{memory: m}
		if _, err := plan.New(t.Context(), s, plan.Options{Cache: e, External: m, Force: []plan.Pattern{pattern(t, s.Stages[1].ID())}}); err != nil {
			t.Fatal(err)
		}
		if len(e.looked) == 0 || len(e.looked) != len(e.expected) {
			t.Errorf("%s: %d keys were expected, %d looked up", what, len(e.expected), len(e.looked))
		}
	}
}
