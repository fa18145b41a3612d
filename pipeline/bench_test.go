package pipeline_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"spurion/artifacts/frame"
	"spurion/pipeline"
	"spurion/pipeline/results"
	"spurion/stages"
)

var countField = []frame.Field{{Name: "count", Type: frame.Int64, Unit: "1", Doc: "A number."}}

type leafSettings struct {
	Index int64 `name:"index" default:"0" doc:"Which one it is."`
}

type noSettings struct{}

func writeCount(r *stages.Run, n int64) error {
	return r.Write("out", &frame.Table{Columns: []frame.Column{frame.Int64s(countField[0], []int64{n})}})
}

// fanRegistry holds three kinds: one that reads nothing, one that reads it, one that reads them all.
func fanRegistry() *stages.Registry {
	out := []stages.Output{{Name: "out", Doc: "One row.", Fields: countField}}
	root := stages.Define(stages.Kind{Name: "root", Version: 1, Doc: "A root.", Outputs: out},
		func(_ context.Context, _ *noSettings, r *stages.Run) error { return writeCount(r, 1) })
	leaf := stages.Define(stages.Kind{
		Name: "leaf", Version: 1, Doc: "A leaf.", Outputs: out,
		Inputs: []stages.Input{{Name: "in", Doc: "The root.", Type: stages.AnyType}},
	}, func(_ context.Context, s *leafSettings, r *stages.Run) error { return writeCount(r, s.Index) })
	all := stages.Define(stages.Kind{
		Name: "all", Version: 1, Doc: "Reads all leaves.", Outputs: out,
		Inputs: []stages.Input{{Name: "in", Doc: "The leaves.", Type: stages.AnyType, Cardinality: stages.List, Axes: true}},
	}, func(_ context.Context, _ *noSettings, r *stages.Run) error {
		return writeCount(r, int64(len(r.Inputs["in"])))
	})
	return &stages.Registry{Kinds: []*stages.Kind{root, leaf, all}}
}

// writeFan writes a spec of one job, n that read it, and one that reads them all.
func writeFan(tb testing.TB, n int) pipeline.Config {
	tb.Helper()
	dir := tb.TempDir()
	path := filepath.Join(dir, "fan.hcl")
	text := fmt.Sprintf(`
sweep "many" { index = range(%d) }
stage "root" "one" {}
stage "leaf" "each" {
  for_each = sweep.many
  index    = each.index
  in       = root.one.out
}
stage "all" "gather" { in = leaf.each[*].out }
`, n)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		tb.Fatal(err)
	}
	return pipeline.Config{Path: path, Kinds: fanRegistry(), Root: dir, Program: "test"}
}

// fullRun is all that `spurion run` does in the engine: load, plan, run, record, publish.
func fullRun(tb testing.TB, c pipeline.Config) *results.Report {
	tb.Helper()
	e, err := pipeline.Open(c, pipeline.ReadWrite)
	if err != nil {
		tb.Fatal(err)
	}
	defer e.Close()
	p, err := e.Plan(tb.Context(), pipeline.Selection{})
	if err != nil {
		tb.Fatal(err)
	}
	r, err := e.Run(tb.Context(), p, pipeline.RunOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	return r
}

// BenchmarkCachedRun is a run with nothing to do: the promise is 100 ms for 5,000 instances.
func BenchmarkCachedRun(b *testing.B) {
	for _, n := range []int{500, 5000} {
		b.Run(fmt.Sprintf("instances=%d", n), func(b *testing.B) {
			c := writeFan(b, n)
			fullRun(b, c)
			for b.Loop() {
				if r := fullRun(b, c); r.Counts.Cached != n+2 {
					b.Fatalf("%+v", r.Counts)
				}
			}
		})
	}
}

// BenchmarkComputedRun measures what the engine adds to each instance that is computed.
func BenchmarkComputedRun(b *testing.B) {
	const n = 1000
	for b.Loop() {
		b.StopTimer()
		c := writeFan(b, n)
		b.StartTimer()
		started := time.Now()
		if r := fullRun(b, c); r.Counts.Computed != n+2 {
			b.Fatalf("%+v", r.Counts)
		}
		b.ReportMetric(float64(time.Since(started).Microseconds())/n, "µs/instance")
	}
}

// BenchmarkPlan plans large graphs in an empty store: time and memory are linear in their size.
func BenchmarkPlan(b *testing.B) {
	for _, n := range []int{10_000, 100_000} {
		b.Run(fmt.Sprintf("instances=%d", n), func(b *testing.B) {
			c := writeFan(b, n)
			b.ReportAllocs()
			for b.Loop() {
				e, err := pipeline.Open(c, pipeline.ReadOnly)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := e.Plan(b.Context(), pipeline.Selection{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
