package pipeline_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spurion/artifacts"
	"spurion/pipeline"
	"spurion/pipeline/engine"
	"spurion/pipeline/plan"
	"spurion/pipeline/results"
	"spurion/pipeline/spec"
)

func open(t *testing.T, c pipeline.Config, access pipeline.Access) *pipeline.Experiment {
	t.Helper()
	e, err := pipeline.Open(c, access)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

func runTargets(t *testing.T, c pipeline.Config, targets ...string) *results.Report {
	t.Helper()
	e := open(t, c, pipeline.ReadWrite)
	p, err := e.Plan(t.Context(), pipeline.Selection{Targets: targets})
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Run(t.Context(), p, pipeline.RunOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// Reading commands leave no trace: planning in a new project makes no store.
func TestReadOnlyWritesNothing(t *testing.T) {
	c := writeFan(t, 3)
	e := open(t, c, pipeline.ReadOnly)
	p, err := e.Plan(t.Context(), pipeline.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Counts(); got.Run != 1 || got.Blocked != 4 {
		t.Errorf("counts %+v", got)
	}
	if _, err := e.Run(t.Context(), p, pipeline.RunOptions{}); err == nil {
		t.Error("a read-only experiment runs")
	}
	entries, err := os.ReadDir(c.Root)
	if err != nil || len(entries) != 1 {
		t.Errorf("the project holds %v, %v", entries, err)
	}
}

// A run of some targets still gathers everything that is there, and says what is missing.
func TestTargetsLeaveTheRest(t *testing.T) {
	c := writeFan(t, 3)
	runTargets(t, c, "leaf.each[index=1]")
	r := runTargets(t, c, "leaf.each[index=2]")
	if r.Counts != (engine.Counts{Cached: 1, Computed: 1}) {
		t.Errorf("counts %+v", r.Counts)
	}
	for _, table := range r.Tables {
		if table.Stage == "leaf.each" && (table.Rows != 2 || table.Missing != 1) {
			t.Errorf("leaf.each: %+v", table)
		}
	}
	// The first run's instance is still known, though the last run did not have it.
	e := open(t, c, pipeline.ReadOnly)
	d, err := e.Inspect(t.Context(), "leaf.each[index=1]", 1)
	if err != nil || len(d) != 1 || d[0].Status != "cached" || len(d[0].Since) != 0 {
		t.Errorf("%+v, %v", d, err)
	}
}

func TestInspect(t *testing.T) {
	c := writeFan(t, 2)
	fullRun(t, c)
	e := open(t, c, pipeline.ReadOnly)
	list, err := e.Inspect(t.Context(), "leaf.each", 5)
	if err != nil || len(list) != 2 {
		t.Fatalf("%v, %v", list, err)
	}
	d := list[1]
	if d.Address != "leaf.each[index=1]" || d.Status != "cached" || d.Computed == nil || d.Reason != nil {
		t.Errorf("%+v", d)
	}
	if len(d.Settings) != 1 || d.Settings[0].Path != "index" || d.Settings[0].Value != "1" ||
		!strings.HasSuffix(d.Settings[0].Place, "fan.hcl:6") {
		t.Errorf("settings %+v", d.Settings)
	}
	if len(d.Inputs) != 1 || d.Inputs[0].From != "root.one out" || len(d.Inputs[0].Digest) != 64 {
		t.Errorf("inputs %+v", d.Inputs)
	}
	if artifacts.Sum([]byte(d.KeyText)).String() != d.Key {
		t.Error("the text shown is not what the key hashes")
	}
	out := d.Outputs[0]
	if len(out.Head) != 1 || out.Head[0][0] != int64(1) || out.Columns[0].Name != "count" {
		t.Errorf("output %+v", out)
	}
	if data, err := os.ReadFile(out.Path); err != nil || artifacts.Sum(data).String() != out.Digest {
		t.Errorf("%s is not the blob: %v", out.Path, err)
	}
}

func TestMistakesAreDiagnostics(t *testing.T) {
	c := writeFan(t, 2)
	if err := os.WriteFile(c.Path, []byte(`stage "leef" "x" {}`), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := pipeline.Open(c, pipeline.ReadWrite)
	var ds spec.Diagnostics
	if !errors.As(err, &ds) || len(ds) != 1 || !errors.Is(err, spec.ErrUnknownKind) {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(c.Root, pipeline.DefaultStore)); err == nil {
		t.Error("a bad spec makes a store")
	}
}

func TestExport(t *testing.T) {
	c := writeFan(t, 3)
	if _, err := open(t, c, pipeline.ReadOnly).Export(t.Context(), "leaf.each.out", pipeline.ExportOptions{Format: "csv"}); !errors.Is(err, pipeline.ErrNoStore) {
		t.Errorf("without a store: %v", err)
	}
	fullRun(t, c)
	e := open(t, c, pipeline.ReadOnly)
	var b bytes.Buffer
	x, err := e.Export(t.Context(), "leaf.each", pipeline.ExportOptions{Format: "csv", Writer: &b, Where: []string{"index=0", "index=2"}})
	if err != nil || b.String() != "index,count\n0,0\n2,2\n" || x.Instances != 2 {
		t.Errorf("%q, %+v, %v", b.String(), x, err)
	}
	for target, want := range map[string]string{
		"leaf":          "not of the form",
		"leaf.none":     "there are root.one, leaf.each, all.gather",
		"leaf.each.put": "it has out",
	} {
		if _, err := e.Export(t.Context(), target, pipeline.ExportOptions{Format: "csv", Writer: &b}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", target, err, want)
		}
	}
	for _, o := range []pipeline.ExportOptions{{Format: "xls"}, {Format: "csv", Where: []string{"index"}}, {Format: "csv", Columns: []string{"none"}}} {
		o.Writer = &b
		if _, err := e.Export(t.Context(), "leaf.each", o); err == nil {
			t.Errorf("%+v is accepted", o)
		}
	}
}

// What is evicted is computed again; collecting garbage takes nothing that the last run refers to.
func TestStoreUpkeep(t *testing.T) {
	c := writeFan(t, 3)
	fullRun(t, c)
	e := open(t, c, pipeline.ReadWrite)
	evicted, err := e.Evict(t.Context(), []string{"leaf.each[index=1]"})
	if err != nil || evicted.Entries != 1 {
		t.Fatalf("%+v, %v", evicted, err)
	}
	p, err := e.Plan(t.Context(), pipeline.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	n := p.Node(p.Order[1], 1)
	if n.Status != plan.MustRun || n.Reason.Code != plan.ReasonMissing {
		t.Errorf("%s is %v: %+v", n.Address(), n.Status, n.Reason)
	}
	if r := fullRun(t, c); r.Counts != (engine.Counts{Cached: 4, Computed: 1}) {
		t.Errorf("after an eviction: %+v", r.Counts)
	}
	s, err := pipeline.OpenStore(c, pipeline.ReadWrite)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	gc, err := s.GC(t.Context(), artifacts.GCOptions{KeepRuns: 1, Delete: true})
	if err != nil || len(gc.Entries) != 0 || gc.KeptEntries != 5 {
		t.Errorf("%+v, %v", gc, err)
	}
	if r := fullRun(t, c); r.Counts.Cached != 5 {
		t.Errorf("after gc: %+v", r.Counts)
	}
}

func TestNoStoreYet(t *testing.T) {
	c := writeFan(t, 1)
	c.Store = filepath.Join(t.TempDir(), "store")
	if _, err := pipeline.OpenStore(c, pipeline.ReadOnly); !errors.Is(err, pipeline.ErrNoStore) {
		t.Errorf("%v", err)
	}
	open(t, c, pipeline.ReadWrite)
	format := filepath.Join(c.Store, "format") // is written last: without it, the first run is about to make the store
	if err := os.Remove(format); err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.OpenStore(c, pipeline.ReadOnly); !errors.Is(err, pipeline.ErrNoStore) {
		t.Errorf("while the store is being made: %v", err)
	}
	if err := os.WriteFile(filepath.Join(c.Store, "runs", "some.run"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := pipeline.OpenStore(c, pipeline.ReadOnly); err == nil || errors.Is(err, pipeline.ErrNoStore) {
		t.Errorf("of a store that has lost its format: %v", err)
	}
}

// A fully cached run writes none of its tables again.
func TestPublishIsIncremental(t *testing.T) {
	c := writeFan(t, 3)
	for _, table := range fullRun(t, c).Tables {
		if !table.Written {
			t.Errorf("%s was not written", table.Path)
		}
	}
	for _, table := range fullRun(t, c).Tables {
		if table.Written {
			t.Errorf("%s was written again", table.Path)
		}
	}
}

// A damaged blob that only out/ needs is computed again while the tables are gathered.
func TestPublishRepairs(t *testing.T) {
	c := writeFan(t, 2)
	fullRun(t, c)
	e := open(t, c, pipeline.ReadOnly)
	list, err := e.Inspect(t.Context(), "leaf.each[index=1]", 0)
	if err != nil {
		t.Fatal(err)
	}
	path := list[0].Outputs[0].Path
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)/2] ^= 4
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.RemoveAll(filepath.Join(c.Root, pipeline.DefaultOut)); err != nil {
		t.Fatal(err)
	}
	for _, table := range fullRun(t, c).Tables {
		if table.Stage == "leaf.each" && table.Rows != 2 {
			t.Errorf("%+v", table)
		}
	}
	repaired, err := os.ReadFile(path)
	if err != nil || artifacts.Sum(repaired).String() != list[0].Outputs[0].Digest {
		t.Errorf("the blob is not whole again: %v", err)
	}
}

// Events name what runs and why.
func TestWatch(t *testing.T) {
	c := writeFan(t, 1)
	e := open(t, c, pipeline.ReadWrite)
	p, err := e.Plan(t.Context(), pipeline.Selection{})
	if err != nil {
		t.Fatal(err)
	}
	var started []string
	_, err = e.Run(t.Context(), p, pipeline.RunOptions{Watch: func(ev pipeline.Event) {
		if ev.Type == engine.Started {
			started = append(started, ev.Address+": "+ev.Reason.Text)
		}
	}})
	want := "root.one: not computed before; leaf.each[index=0]: not computed before; all.gather: not computed before"
	if got := strings.Join(started, "; "); err != nil || got != want {
		t.Errorf("%s, %v\nwant %s", got, err, want)
	}
}
