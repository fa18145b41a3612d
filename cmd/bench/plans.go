package main

import (
	"fmt"
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
	spec, remove, err := b.scratch("plan", "fan.hcl")
	if err != nil {
		return err
	}
	defer remove()
	if err := askOnce(b.ctx, "engine", engineRequest{Spec: spec, Targets: []string{"generate.one"}}, new(engineAnswer)); err != nil {
		return err
	}
	for _, n := range []int{f.planned / 4, f.planned / 2, f.planned} {
		p := planned{Instances: n}
		var load, plan, total sample
		for range planTurns {
			b.say("plan of %d instances", n)
			var a engineAnswer
			request := engineRequest{Spec: spec, Variables: map[string]int{"instances": n}, Plan: true}
			if err := askOnce(b.ctx, "engine", request, &a); err != nil {
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
}

const computedTurns = 5

func (b *bench) computed(f engineFlags, r *engineReport) error {
	samples := map[int]sample{}
	for range computedTurns {
		for _, workers := range []int{1, 2} {
			b.say("%d instances that do nothing, %d workers", f.idle, workers)
			spec, remove, err := b.scratch("idle", "idle.hcl")
			if err != nil {
				return err
			}
			var a engineAnswer
			request := engineRequest{Spec: spec, Variables: map[string]int{"instances": f.idle}, Workers: workers}
			err = askOnce(b.ctx, "engine", request, &a)
			remove()
			if err != nil {
				return err
			}
			if a.Computed != f.idle+1 {
				return fmt.Errorf("%d of %d instances were computed", a.Computed, f.idle+1)
			}
			samples[workers] = append(samples[workers], a.Total/float64(f.idle))
		}
	}
	for _, workers := range []int{1, 2} {
		c := computed{f.idle, workers, samples[workers].figure()}
		r.Computed = append(r.Computed, c)
		r.goal(fmt.Sprintf("an instance that does nothing, %d workers, under 1 ms", workers), atMost(1e-3, c.Each.Median))
	}
	return nil
}
