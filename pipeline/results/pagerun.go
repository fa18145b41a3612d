package results

import (
	"fmt"
	"runtime"
	"time"

	"spurion/pipeline/lookup"
	"spurion/pipeline/page"
	"spurion/pipeline/plan"
	"spurion/pipeline/screen"
)

// pageRun describes the run itself, and what its results cost.
func pageRun(p *plan.Plan, r *Report, store *lookup.Store, now time.Time) page.Run {
	run := page.Run{
		ID: r.Run, Outcome: string(r.Outcome), Seconds: r.Seconds,
		Started: now.Add(-time.Duration(r.Seconds * float64(time.Second))).UTC().Format("2006-01-02 15:04 UTC"),
		Machine: fmt.Sprintf("%s/%s, %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version()),
	}
	for _, f := range r.Failures[:min(len(r.Failures), maxFailures)] {
		run.Failures = append(run.Failures, page.Failure{Address: f.Address, Error: screen.Text(f.Error)})
	}
	run.FailuresLeft = len(r.Failures) - len(run.Failures)
	cost := costs(p, store)
	for _, s := range r.Stages {
		run.Stages = append(run.Stages, page.StageRun{
			ID: s.Address, Cached: s.Cached, Computed: s.Computed, Failed: s.Failed, Skipped: s.Skipped, Canceled: s.Canceled,
			Seconds: s.Seconds, Cost: cost[s.Address],
		})
	}
	return run
}

// costs gives what the results of each stage took to compute, in seconds, by the stage's ID. What is not known is left out.
func costs(p *plan.Plan, store *lookup.Store) map[string]float64 {
	var nodes []*plan.Node
	var addresses []string
	for i := range p.Nodes {
		if n := &p.Nodes[i]; n.Keyed && len(n.Outputs) > 0 {
			nodes, addresses = append(nodes, n), append(addresses, n.Address())
		}
	}
	cost := map[string]float64{}
	took, err := store.Took(addresses)
	if err != nil {
		return cost
	}
	for i, n := range nodes {
		t := took[i]
		if t.Key != n.Key { // computed by a run that has no record
			t, _ = store.TookResult(n.Key)
		}
		cost[n.Stage.ID()] += t.Seconds
	}
	return cost
}
