package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// A planned is the plan of a graph of some size, whose first instance is cached: so all keys of
// those that read it are computed and looked up.
type planned struct {
	Instances int     `json:"instances"`
	Load      figure  `json:"load"`
	Plan      figure  `json:"plan"`
	Total     figure  `json:"total"`
	Peak      float64 `json:"peak_memory_bytes"` // of the process
	Heap      float64 `json:"heap_bytes"`        // in use by spec and plan
}

// planTurns is how often a large plan is made; its time varies little.
const planTurns = 3

func (b *bench) plans(f engineFlags, r *engineReport) error {
	spec, err := b.scratch("plan", "fan.hcl")
	if err != nil {
		return err
	}
	if _, err := askOnce(b.ctx, "engine", engineRequest{Spec: spec, Targets: []string{"generate.one"}}, new(engineAnswer)); err != nil {
		return err
	}
	for _, n := range []int{f.planned / 4, f.planned / 2, f.planned} {
		p := planned{Instances: n}
		var load, plan, total sample
		for range planTurns {
			b.say("plan of %d instances", n)
			var a engineAnswer
			request := engineRequest{Spec: spec, Variables: map[string]int{"instances": n}, Plan: true}
			if _, err := askOnce(b.ctx, "engine", request, &a); err != nil {
				return err
			}
			load, plan, total = append(load, a.Load), append(plan, a.Plan), append(total, a.Total)
			p.Peak, p.Heap = max(p.Peak, a.Peak), max(p.Heap, a.Heap)
		}
		p.Load, p.Plan, p.Total = load.figure(), plan.figure(), total.figure()
		r.Plans = append(r.Plans, p)
	}
	return nil
}

// A computed is a run that computes instances which do nothing.
type computed struct {
	Instances int    `json:"instances"`
	Workers   int    `json:"workers"`
	Each      figure `json:"per_instance"`
	CPU       figure `json:"processor_time_per_instance"`
}

const computedTurns = 5

func (b *bench) computed(f engineFlags, r *engineReport) error {
	var samples [3]costs // by the number of workers
	var sync sample
	for range computedTurns {
		for _, workers := range []int{1, 2} {
			b.say("%d instances that do nothing, %d workers", f.idle, workers)
			spec, err := b.scratch("idle", "idle.hcl")
			if err != nil {
				return err
			}
			var a engineAnswer
			request := engineRequest{Spec: spec, Variables: map[string]int{"instances": f.idle}, Workers: workers}
			cpu, err := askOnce(b.ctx, "engine", request, &a)
			if err != nil {
				return err
			}
			if a.Computed != f.idle+1 {
				return fmt.Errorf("%d of %d instances were computed", a.Computed, f.idle+1)
			}
			n := float64(f.idle)
			samples[workers].add(cost{a.Total / n, cpu / n})
		}
		each, err := b.sync(min(f.idle, 100))
		if err != nil {
			return err
		}
		sync = append(sync, each)
	}
	r.Sync = sync.figure()
	for _, workers := range []int{1, 2} {
		c := computed{f.idle, workers, samples[workers].wall.figure(), samples[workers].cpu.figure()}
		r.Computed = append(r.Computed, c)
		r.goal(fmt.Sprintf("an instance that does nothing, %d workers, under 1 ms", workers), atMost(1e-3, c.Each.Least))
	}
	return nil
}

// sync measures what writing a small file and having it on disk takes, with count of them: the least
// that a durable store waits for, several times an instance.
func (b *bench) sync(count int) (seconds float64, err error) {
	dir, err := os.MkdirTemp(b.dir, "sync")
	if err != nil {
		return 0, err
	}
	begin := time.Now()
	for i := range count {
		f, err := os.Create(filepath.Join(dir, strconv.Itoa(i)))
		if err != nil {
			return 0, err
		}
		_, err = f.Write(make([]byte, 1500))
		if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
			return 0, err
		}
	}
	return time.Since(begin).Seconds() / float64(count), nil
}
