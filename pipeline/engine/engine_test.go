package engine_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"spurion/artifacts"
	"spurion/artifacts/frame"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
	"spurion/stages"
)

// settings tell the test kind what to do.
type settings struct {
	Does  string `name:"does" default:"" doc:"What the kind does."`
	Value int64  `name:"value" default:"0" doc:"What it writes, added to its inputs."`
}

var valueField = []frame.Field{{Name: "value", Type: frame.Int64, Unit: "1", Doc: "A value."}}

// A bench is a store with a test kind whose behaviour is set by hooks.
type bench struct {
	t     *testing.T
	dir   string
	store *artifacts.Store
	kind  *stages.Kind
	runs  atomic.Int64
	hooks map[string]func(context.Context, *stages.Run) error
	files map[string]string
}

func newBench(t *testing.T) *bench {
	b := &bench{t: t, dir: t.TempDir(), hooks: map[string]func(context.Context, *stages.Run) error{}, files: map[string]string{}}
	b.open()
	b.kind = stages.Define(stages.Kind{
		Name: "test", Version: 1, Doc: "A kind for tests.",
		Inputs: []stages.Input{
			{Name: "in", Type: stages.AnyType, Cardinality: stages.List},
			{Name: "files", Type: stages.FileType, Cardinality: stages.List},
		},
		Outputs: []stages.Output{{Name: "out", Fields: valueField}},
	}, b.run)
	return b
}

func (b *bench) open() {
	b.t.Helper()
	store, err := artifacts.Open(b.dir, artifacts.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	b.store = store
	b.t.Cleanup(func() { store.Close() })
}

// run adds the inputs' values to its own, unless a hook does something else.
func (b *bench) run(ctx context.Context, s *settings, r *stages.Run) error {
	b.runs.Add(1)
	if hook := b.hooks[s.Does]; hook != nil {
		if err := hook(ctx, r); err != nil {
			return err
		}
	}
	sum := s.Value
	for _, a := range r.Inputs["in"] {
		t, err := a.Table()
		if err != nil {
			return err
		}
		sum += t.Column("value").Int64s[0]
	}
	r.Progress(1, 1)
	return write(r, sum)
}

func write(r *stages.Run, value int64) error {
	return r.Write("out", &frame.Table{Columns: []frame.Column{frame.Int64s(valueField[0], []int64{value})}})
}

// stage makes a stage of one instance that reads others.
func (b *bench) stage(name, does string, value int64, uses ...*spec.Stage) *spec.Stage {
	st := &spec.Stage{Kind: b.kind, KindName: "test", Name: name, Uses: uses}
	in := spec.Instance{Settings: stages.NewSettings([]stages.Setting{
		{Path: "does", Value: fmt.Sprintf("%q", does)}, {Path: "value", Value: fmt.Sprint(value)},
	})}
	if len(uses) > 0 {
		refs := spec.Input{Name: "in"}
		for _, u := range uses {
			refs.Refs = append(refs.Refs, spec.Ref{Stage: u, Output: "out"})
		}
		in.Inputs = append(in.Inputs, refs)
	}
	st.Instances = []spec.Instance{in}
	return st
}

// lookup shows the store to the planner.
type lookup struct{ *artifacts.Store }

func (l lookup) Lookup(key plan.Digest) ([]plan.Output, error) {
	m, err := l.Get(artifacts.Digest(key))
	if errors.Is(err, artifacts.ErrMiss) {
		return nil, fmt.Errorf("%w: %w", plan.ErrMiss, err)
	}
	if err != nil {
		return nil, err
	}
	var outputs []plan.Output
	for _, o := range m.Outputs {
		outputs = append(outputs, plan.Output{Name: o.Name, Digest: plan.Digest(o.Digest), Size: o.Size, Rows: o.Rows})
	}
	return outputs, nil
}
func (lookup) Text(plan.Digest) (string, bool)            { return "", false }
func (lookup) Previous(string) (p plan.Previous, ok bool) { return }
func (lookup) Left(plan.Digest) (*plan.Left, bool)        { return nil, false }

func (b *bench) ReadFile(path string) ([]byte, error) {
	text, ok := b.files[path]
	if !ok {
		return nil, os.ErrNotExist
	}
	return []byte(text), nil
}
func (b *bench) CopyFile(path string, w io.Writer) (plan.Digest, error) {
	data, err := b.ReadFile(path)
	if err == nil {
		_, err = w.Write(data)
	}
	return sha256.Sum256(data), err
}
func (b *bench) OpenFile(path string) (stages.File, error) {
	data, err := b.ReadFile(path)
	a := stages.Artifact{Bytes: func() ([]byte, error) { return data, err }}
	return a.OpenFile()
}
func (b *bench) Recheck(path string) (plan.Digest, error) { return b.CopyFile(path, io.Discard) }
func (b *bench) IsFile(path string) bool                  { return b.files[path] != "" }
func (b *bench) VariableValue(string) string              { return "" }

// frozen takes digests of files once, as the pipeline does.
type frozen struct {
	b    *bench
	seen map[string]plan.Digest
}

func (f frozen) File(path string) (plan.Digest, error) {
	if _, ok := f.seen[path]; !ok {
		data, err := f.b.ReadFile(path)
		if err != nil {
			return plan.Digest{}, err
		}
		f.seen[path] = sha256.Sum256(data)
	}
	return f.seen[path], nil
}
func (f frozen) Variable(string) (plan.Digest, error) { return plan.Digest{}, nil }

func (b *bench) plan(force []string, stages ...*spec.Stage) *plan.Plan {
	b.t.Helper()
	o := plan.Options{Cache: lookup{b.store}, External: frozen{b, map[string]plan.Digest{}}}
	for _, f := range force {
		p, err := plan.ParsePattern(f)
		if err != nil {
			b.t.Fatal(err)
		}
		o.Force = append(o.Force, p)
	}
	p, err := plan.New(b.t.Context(), &spec.Spec{Name: "bench", Stages: stages}, o)
	if err != nil {
		b.t.Fatal(err)
	}
	return p
}

func (b *bench) options() engine.Options {
	return engine.Options{Store: b.store, Cache: lookup{b.store}, External: b, Workers: 2}
}

// do plans and runs, and gives the statuses by stage name.
func (b *bench) do(stages ...*spec.Stage) map[string]engine.Outcome {
	b.t.Helper()
	p := b.plan(nil, stages...)
	return outcomes(p, engine.Run(b.t.Context(), p, b.options()))
}

func outcomes(p *plan.Plan, r *engine.Result) map[string]engine.Outcome {
	byName := map[string]engine.Outcome{}
	for i := range p.Nodes {
		byName[p.Nodes[i].Stage.Name] = r.Outcomes[i]
	}
	return byName
}

func wantStatus(t *testing.T, got map[string]engine.Outcome, want map[string]engine.Status) {
	t.Helper()
	for name, status := range want {
		if got[name].Status != status {
			t.Errorf("%s is %q (%v), want %q", name, got[name].Status, got[name].Err, status)
		}
	}
}

func TestRunThenCached(t *testing.T) {
	b := newBench(t)
	a := b.stage("a", "", 1)
	c := b.stage("c", "", 10, a)
	wantStatus(t, b.do(a, c), map[string]engine.Status{"a": engine.Computed, "c": engine.Computed})
	p := b.plan(nil, a, c)
	if counts := p.Counts(); counts.Cached != 2 {
		t.Fatalf("after a run the plan counts %+v", counts)
	}
	r := engine.Run(t.Context(), p, b.options())
	wantStatus(t, outcomes(p, r), map[string]engine.Status{"a": engine.Cached, "c": engine.Cached})
	if got := b.runs.Load(); got != 2 {
		t.Errorf("the kind ran %d times, want 2", got)
	}
	data, err := r.Reader(t.Context())(p.Nodes[1].Output("out").Digest.String())
	if err != nil {
		t.Fatal(err)
	}
	table, err := frame.Decode(data)
	if err != nil || table.Column("value").Int64s[0] != 11 {
		t.Errorf("c is %v, %v; want 11", table, err)
	}
}

// A change upstream that gives the same bytes runs nothing below.
func TestEarlyCutoff(t *testing.T) {
	b := newBench(t)
	a := b.stage("a", "", 1)
	b.do(a, b.stage("c", "", 10, a))
	changed := b.stage("a", "anything", 1) // another key, the same value
	got := b.do(changed, b.stage("c", "", 10, changed))
	wantStatus(t, got, map[string]engine.Status{"a": engine.Computed, "c": engine.Cached})
}

// Two stages that are the same computation are computed once.
func TestEqualStagesShare(t *testing.T) {
	b := newBench(t)
	got := b.do(b.stage("a", "", 1), b.stage("same", "", 1))
	if b.runs.Load() != 1 {
		t.Errorf("the kind ran %d times: %v", b.runs.Load(), got)
	}
}

func TestFailureKeepsGoing(t *testing.T) {
	b := newBench(t)
	b.hooks["fail"] = func(context.Context, *stages.Run) error { return errors.New("out of luck") }
	bad := b.stage("bad", "fail", 1)
	below := b.stage("below", "", 2, bad)
	last := b.stage("last", "", 3, below)
	good := b.stage("good", "", 4)
	got := b.do(bad, below, last, good)
	wantStatus(t, got, map[string]engine.Status{
		"bad": engine.Failed, "below": engine.Skipped, "last": engine.Skipped, "good": engine.Computed,
	})
	if err := got["last"].Err; err == nil || !strings.Contains(err.Error(), "needs test.bad, which failed") {
		t.Errorf("last does not name its root cause: %v", err)
	}
	// Nothing of a failure is kept: it runs again.
	delete(b.hooks, "fail")
	wantStatus(t, b.do(bad, below, last), map[string]engine.Status{"bad": engine.Computed, "last": engine.Computed})
}

func TestFailFast(t *testing.T) {
	b := newBench(t)
	b.hooks["fail"] = func(context.Context, *stages.Run) error { return errors.New("no") }
	p := b.plan(nil, b.stage("a", "fail", 1), b.stage("b", "", 2), b.stage("c", "", 3))
	o := b.options()
	o.Workers, o.FailFast = 1, true
	got := outcomes(p, engine.Run(t.Context(), p, o))
	wantStatus(t, got, map[string]engine.Status{"a": engine.Failed, "b": engine.Canceled, "c": engine.Canceled})
}

// Whatever a kind does wrong fails its instance with a clear error and stores nothing.
func TestBadKinds(t *testing.T) {
	nan := []frame.Field{{Name: "value", Type: frame.Float64}}
	tests := map[string]struct {
		hook func(context.Context, *stages.Run) error
		want string
	}{
		"panic":      {func(context.Context, *stages.Run) error { panic("ouch") }, "panic: ouch"},
		"undeclared": {func(_ context.Context, r *stages.Run) error { return r.Write("x", &frame.Table{}) }, `output "x" is not declared`},
		"twice":      {func(_ context.Context, r *stages.Run) error { return write(r, 1) }, `output "out" is written twice`},
		"file":       {func(_ context.Context, r *stages.Run) error { return r.WriteFile("out", nil) }, "is a table, not a file"},
		"schema": {func(_ context.Context, r *stages.Run) error {
			return r.Write("out", &frame.Table{Columns: []frame.Column{frame.Float64s(nan[0], []float64{1})}})
		}, `output "out"`},
	}
	for name, tt := range tests {
		b := newBench(t)
		b.hooks[name] = tt.hook
		got := b.do(b.stage("a", name, 1))["a"]
		if got.Status != engine.Failed || !strings.Contains(got.Err.Error(), tt.want) {
			t.Errorf("%s: %s, %v; want an error with %q", name, got.Status, got.Err, tt.want)
		}
		if u, err := b.store.Usage(t.Context()); err != nil || u.Entries != 0 || u.Blobs != 0 {
			t.Errorf("%s: the store holds %+v, %v", name, u, err)
		}
	}
}

func TestNaNIsRefused(t *testing.T) {
	b := newBench(t)
	fields := []frame.Field{{Name: "loss", Type: frame.Float64, Unit: "nats", Doc: "Loss."}}
	b.kind = stages.Define(stages.Kind{
		Name: "nan", Version: 1, Doc: "Writes a NaN.", Outputs: []stages.Output{{Name: "out", Fields: fields}},
	}, func(_ context.Context, _ *settings, r *stages.Run) error {
		return r.Write("out", &frame.Table{Columns: []frame.Column{frame.Float64s(fields[0], []float64{math.NaN()})}})
	})
	got := b.do(b.stage("a", "", 1))["a"]
	if got.Status != engine.Failed || !strings.Contains(got.Err.Error(), "loss") || !strings.Contains(got.Err.Error(), "NaN") {
		t.Errorf("%s, %v", got.Status, got.Err)
	}
}

func TestMissingOutput(t *testing.T) {
	b := newBench(t)
	b.kind = stages.Define(stages.Kind{
		Name: "lazy", Version: 1, Doc: "Writes nothing.", Outputs: []stages.Output{{Name: "out", Fields: valueField}},
	}, func(context.Context, *settings, *stages.Run) error { return nil })
	got := b.do(b.stage("a", "", 1))["a"]
	if got.Status != engine.Failed || !strings.Contains(got.Err.Error(), `output "out" was not written`) {
		t.Errorf("%s, %v", got.Status, got.Err)
	}
}

// A kind that runs past its limit fails, even if it never looks at its context.
func TestTimeout(t *testing.T) {
	b := newBench(t)
	b.hooks["wait"] = func(ctx context.Context, _ *stages.Run) error { <-ctx.Done(); return ctx.Err() }
	p := b.plan(nil, b.stage("a", "wait", 1), b.stage("b", "", 2))
	o := b.options()
	o.Timeout = 20 * time.Millisecond
	got := outcomes(p, engine.Run(t.Context(), p, o))
	wantStatus(t, got, map[string]engine.Status{"a": engine.Failed, "b": engine.Computed})
	if !errors.Is(got["a"].Err, engine.ErrTimeout) {
		t.Errorf("a: %v", got["a"].Err)
	}
}

// An interrupt stops what runs, keeps what is finished, and the next run goes on from there.
func TestInterrupt(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	b.hooks["wait"] = func(ctx context.Context, _ *stages.Run) error { cancel(); <-ctx.Done(); return ctx.Err() }
	a := b.stage("a", "", 1)
	w := b.stage("w", "wait", 2, a)
	last := b.stage("last", "", 3, w)
	p := b.plan(nil, a, w, last)
	got := outcomes(p, engine.Run(ctx, p, b.options()))
	wantStatus(t, got, map[string]engine.Status{"a": engine.Computed, "w": engine.Canceled, "last": engine.Canceled})
	b.hooks["wait"] = nil
	wantStatus(t, b.do(a, w, last), map[string]engine.Status{"a": engine.Cached, "w": engine.Computed, "last": engine.Computed})
}

// An interruption is no failure, whatever says it: the context's error or its cause, or the engine for a kind that
// does not notice, or notices in the middle of something that fails for it.
func TestInterrupted(t *testing.T) {
	interrupted := errors.New("the user wants it")
	for name, hook := range map[string]func(context.Context) error{
		"its error": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
		"its cause": func(ctx context.Context) error { <-ctx.Done(); return fmt.Errorf("sh: %w", context.Cause(ctx)) },
		"deaf":      func(context.Context) error { time.Sleep(time.Hour); return nil },
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBench(t)
			ctx, cancel := context.WithCancelCause(t.Context())
			b.hooks["wait"] = func(_ context.Context, _ *stages.Run) error { cancel(interrupted); return hook(ctx) }
			p := b.plan(nil, b.stage("w", "wait", 2))
			got := outcomes(p, engine.Run(ctx, p, b.options()))
			wantStatus(t, got, map[string]engine.Status{"w": engine.Canceled})
			time.Sleep(2 * time.Hour) // until the deaf one has ended
			if t.Failed() {
				t.Log(name)
			}
		})
	}
}

// A damaged blob is found when it is read, set aside, and computed again.
func TestDamageIsRepaired(t *testing.T) {
	b := newBench(t)
	a := b.stage("a", "", 1)
	b.do(a)
	for _, path := range b.blobs() {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		data[len(data)/2] ^= 1
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wantStatus(t, b.do(a, b.stage("c", "", 10, a)), map[string]engine.Status{"a": engine.Cached, "c": engine.Computed})
	if b.runs.Load() != 3 {
		t.Errorf("the kind ran %d times, want a, a again, c", b.runs.Load())
	}
	report, err := b.store.Verify(t.Context(), nil)
	if err != nil || len(report.Damaged)+len(report.Incomplete) != 0 {
		t.Errorf("after the repair: %+v, %v", report, err)
	}
}

func (b *bench) blobs() (paths []string) {
	b.t.Helper()
	err := filepath.WalkDir(filepath.Join(b.dir, "blobs"), func(path string, d os.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil || len(paths) == 0 {
		b.t.Fatalf("no blobs: %v", err)
	}
	return paths
}

// A kind that gives other bytes when it is forced to run again is told apart from one that does not.
func TestForceFindsNondeterminism(t *testing.T) {
	b := newBench(t)
	a := b.stage("a", "", 1)
	b.do(a)
	p := b.plan([]string{"test.a"}, a)
	wantStatus(t, outcomes(p, engine.Run(t.Context(), p, b.options())), map[string]engine.Status{"a": engine.Computed})
	var calls int64
	b.kind = stages.Define(stages.Kind{
		Name: "drifts", Version: 1, Doc: "Never the same.", Outputs: []stages.Output{{Name: "out", Fields: valueField}},
	}, func(_ context.Context, _ *settings, r *stages.Run) error { calls++; return write(r, calls) })
	drift := b.stage("d", "", 1)
	b.do(drift)
	p = b.plan([]string{"test.d"}, drift)
	got := outcomes(p, engine.Run(t.Context(), p, b.options()))["d"]
	if got.Status != engine.Failed || !errors.Is(got.Err, artifacts.ErrConflict) {
		t.Errorf("%s, %v", got.Status, got.Err)
	}
}

// If other code of the same version computed what is stored, it is that code's bytes that differ, not the kind's.
func TestForceFindsChangedCode(t *testing.T) {
	b := newBench(t)
	options, value := b.options(), int64(1)
	b.kind = stages.Define(stages.Kind{
		Name: "edited", Version: 1, Doc: "Its code changes.", Outputs: []stages.Output{{Name: "out", Fields: valueField}},
	}, func(_ context.Context, _ *settings, r *stages.Run) error { return write(r, value) })
	options.Program = func(k *stages.Kind) string { return fmt.Sprintf("test, code %d of %s", value, k.Name) }
	a := b.stage("a", "", 1)
	for value = 1; value <= 2; value++ {
		p := b.plan([]string{"test.a"}, a)
		got := outcomes(p, engine.Run(t.Context(), p, options))["a"]
		if value == 1 {
			if got.Status != engine.Computed {
				t.Fatal(got.Err)
			}
			continue
		}
		const want = `which other code of the same version computed (test, code 1 of edited, now test, code 2 of edited): raise the Version of kind "edited" or of the part that changed, or evict`
		if got.Status != engine.Failed || !errors.Is(got.Err, artifacts.ErrConflict) || !strings.Contains(got.Err.Error(), want) {
			t.Errorf("%s, %v", got.Status, got.Err)
		}
	}
}

func (b *bench) readsFile(name, path string) *spec.Stage {
	st := b.stage(name, "file", 1)
	st.Instances[0].Inputs = []spec.Input{{Name: "files", Refs: []spec.Ref{{Path: path}}}}
	return st
}

// A file that changes while it is in use, before or after it is read, is never behind a result.
func TestFileChangesDuringRun(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		b := newBench(t)
		b.files["x.txt"] = "one"
		b.hooks["file"] = func(_ context.Context, r *stages.Run) error {
			if when == "before" {
				b.files["x.txt"] = "two"
			}
			_, err := r.Inputs["files"][0].Bytes()
			b.files["x.txt"] = "two"
			return err
		}
		got := b.do(b.readsFile("a", "x.txt"))["a"]
		var changed *engine.ChangedError
		if got.Status != engine.Failed || !errors.As(got.Err, &changed) || changed.Path != "x.txt" {
			t.Errorf("%s it is read: %s, %v", when, got.Status, got.Err)
		}
		wantStatus(t, b.do(b.readsFile("a", "x.txt")), map[string]engine.Status{"a": engine.Computed})
	}
}

// Two runs on one store at once compute each instance once; the second waits and shares.
func TestTwoRunsAtOnce(t *testing.T) {
	b := newBench(t)
	var list []*spec.Stage
	for i := range 20 {
		list = append(list, b.stage(fmt.Sprintf("s%d", i), "", int64(i)))
	}
	var wg sync.WaitGroup
	for range 3 {
		p := b.plan(nil, list...)
		wg.Go(func() {
			for _, o := range engine.Run(context.Background(), p, b.options()).Outcomes {
				if o.Status != engine.Computed && o.Status != engine.Cached {
					t.Errorf("%s: %v", o.Status, o.Err)
				}
			}
		})
	}
	wg.Wait()
	if got := b.runs.Load(); got != 20 {
		t.Errorf("20 instances were computed %d times", got)
	}
}

// Results do not depend on the number of workers.
func TestWorkersGiveSameBytes(t *testing.T) {
	var digests [2][]plan.Output
	for i, workers := range []int{1, 4} {
		b := newBench(t)
		a, c := b.stage("a", "", 1), b.stage("c", "", 2)
		p := b.plan(nil, a, c, b.stage("d", "", 3, a, c))
		o := b.options()
		o.Workers = workers
		engine.Run(t.Context(), p, o)
		digests[i] = p.Nodes[2].Outputs
	}
	if len(digests[0]) != 1 || digests[0][0] != digests[1][0] {
		t.Errorf("%v with one worker, %v with four", digests[0], digests[1])
	}
}

// Events tell of every instance that is begun, in an order that makes sense.
func TestEvents(t *testing.T) {
	b := newBench(t)
	a := b.stage("a", "", 1)
	p := b.plan(nil, a, b.stage("c", "", 10, a))
	var seen []string
	o := b.options()
	o.Events = func(e engine.Event) { seen = append(seen, p.Nodes[e.Node].Stage.Name+" "+string(e.Type)) }
	engine.Run(t.Context(), p, o)
	want := "a started,a progress,a finished,c started,c progress,c finished"
	if got := strings.Join(seen, ","); got != want {
		t.Errorf("events %s\nwant   %s", got, want)
	}
}

// TestInputsAreDecodedOnce: several instances that are given the same content decode it once, whoever made it.
func TestInputsAreDecodedOnce(t *testing.T) {
	b := newBench(t)
	var decoded atomic.Int64
	decoder := &stages.Decoder{Name: "value", Decode: func(t *frame.Table) (any, int64, error) {
		decoded.Add(1)
		return t.Column("value").Int64s[0], 8, nil
	}}
	b.hooks["decode"] = func(_ context.Context, r *stages.Run) error {
		v, err := r.Decoded("in", decoder)
		if err == nil && v != int64(5) {
			err = fmt.Errorf("decoded %v", v)
		}
		return err
	}
	root, twin := b.stage("root", "", 5), b.stage("twin", "anything", 5)
	list := []*spec.Stage{root, twin}
	want := map[string]engine.Status{"root": engine.Computed}
	for i := range 6 {
		name := fmt.Sprint("reader", i)
		list = append(list, b.stage(name, "decode", int64(i), list[i%2]))
		want[name] = engine.Computed
	}
	wantStatus(t, b.do(list...), want)
	if n := decoded.Load(); n != 1 {
		t.Errorf("decoded %d times", n)
	}
}
