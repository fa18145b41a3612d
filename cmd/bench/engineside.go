package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"spurion/pipeline"
	"spurion/pipeline/results"
)

// An engineRequest asks for one run or plan of a spec, timed inside the process.
type engineRequest struct {
	Spec      string // the path of a spec
	Variables map[string]int
	Workers   int
	Targets   []string
	Plan      bool // plan only, and read-only
}

// An engineAnswer says how long it took, in seconds, and what came of it.
type engineAnswer struct {
	Load     float64 `json:"load_seconds"` // reading the spec and opening the store
	Plan     float64 `json:"plan_seconds"`
	Run      float64 `json:"run_seconds"` // with the record of the run and out/
	Total    float64 `json:"total_seconds"`
	Cached   int     `json:"cached"`
	Computed int     `json:"computed"`
	Peak     float64 `json:"peak_memory_bytes"` // of the whole process
	Heap     float64 `json:"heap_bytes"`        // that spec and plan hold
}

// serveEngine is the hidden side command that runs the engine as the program does.
func serveEngine(in io.Reader, out io.Writer) error {
	return serve(in, out, func(r *engineRequest) (any, error) { return r.do(context.Background()) })
}

func (r *engineRequest) do(ctx context.Context) (*engineAnswer, error) {
	root := filepath.Dir(r.Spec)
	// An out/ of its own: tables say which program wrote them, and are written again for another one.
	c := pipeline.Config{Path: r.Spec, Kinds: registry(), Root: root, Out: filepath.Join(root, "out-bench"), Program: "bench"}
	for name, value := range r.Variables {
		c.Vars = append(c.Vars, name+"="+strconv.Itoa(value))
	}
	access := pipeline.ReadWrite
	if r.Plan {
		access = pipeline.ReadOnly
	}
	var a engineAnswer
	pipeline.Tune()
	begin := time.Now()
	e, err := pipeline.Open(c, access)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	loaded := time.Now()
	p, err := e.Plan(ctx, pipeline.Selection{Targets: r.Targets})
	if err != nil {
		return nil, err
	}
	planned := time.Now()
	a.Load, a.Plan = loaded.Sub(begin).Seconds(), planned.Sub(loaded).Seconds()
	if r.Plan {
		a.Total, a.Peak = planned.Sub(begin).Seconds(), peakMemory()
		a.Heap = heap()
		runtime.KeepAlive(p)
		return &a, nil
	}
	result, err := e.Run(ctx, p, pipeline.RunOptions{Workers: r.Workers})
	if err != nil {
		return nil, err
	}
	if result.Outcome != results.Done {
		return nil, fmt.Errorf("the run is %s: %v", result.Outcome, result.Failures)
	}
	a.Run, a.Total = time.Since(planned).Seconds(), time.Since(begin).Seconds()
	a.Cached, a.Computed, a.Peak = result.Counts.Cached, result.Counts.Computed, peakMemory()
	return &a, nil
}

// heap gives the bytes that are still in use after a collection.
func heap() float64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc)
}
