package engine

import (
	"spurion/pipeline/plan"
	"spurion/stages"
)

// A run is over when its longest chain of instances is. So of the ready ones that is begun first after which most work
// is still to come, in seconds, along the longest way through what depends on it (list scheduling by the critical path:
// Hu 1961; Graham 1969 bounds what it may lose). Seconds are those of an instance's last computation; where there was none, the
// mean of those of its kind, or 1. With equal ranks the plan's order decides. No result depends on any of this.

func (r *runner) runs(i int) bool {
	n := &r.plan.Nodes[i]
	return n.Selected && n.Status != plan.Cached
}

// estimates gives how long each node may take, in seconds: 0 if it does not run.
func (r *runner) estimates() []float64 {
	nodes := r.plan.Nodes
	own := make([]float64, len(nodes))
	known := make([]bool, len(nodes))
	type mean struct {
		sum float64
		n   int
	}
	kinds := map[*stages.Kind]mean{}
	for i := range nodes {
		if r.options.Seconds == nil || !r.runs(i) {
			continue
		}
		kind := nodes[i].Stage.Kind
		if own[i], known[i] = r.options.Seconds(nodes[i].Address()); known[i] {
			m := kinds[kind]
			kinds[kind] = mean{m.sum + own[i], m.n + 1}
		}
	}
	for i := range nodes {
		if known[i] || !r.runs(i) {
			continue
		}
		own[i] = 1
		if m := kinds[nodes[i].Stage.Kind]; m.n > 0 {
			own[i] = m.sum / float64(m.n)
		}
	}
	return own
}
