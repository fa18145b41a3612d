package budget

import (
	"strings"

	"spurion/pipeline/plan"
)

// An estimate is how long a node of a plan may take, in seconds.
type estimate struct {
	seconds float64
	own     bool // recorded of this very instance
}

// A mean is a sum and of how many.
type mean struct {
	sum float64
	n   int
}

// estimates gives how long the nodes that would run may take. What no run has recorded is taken for the mean of what it resembles most: the
// instances of its stage with its values of all axes but the unit's, its stage, its kind, all. It is false if nothing is recorded.
func estimates(p *plan.Plan, o *Options) (list []estimate, known bool) {
	list = make([]estimate, len(p.Nodes))
	means := map[string]mean{}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if !n.Selected {
			continue
		}
		if list[i].seconds, list[i].own = o.Seconds(n.Address()); list[i].own {
			for _, like := range likenesses(n, o.Unit) {
				m := means[like]
				means[like] = mean{m.sum + list[i].seconds, m.n + 1}
			}
		}
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if !n.Selected || list[i].own {
			continue
		}
		for _, like := range likenesses(n, o.Unit) {
			if m := means[like]; m.n > 0 {
				list[i].seconds = m.sum / float64(m.n)
				break
			}
		}
	}
	return list, len(means) > 0
}

// likenesses names what a node resembles, what it resembles most first.
func likenesses(n *plan.Node, unit string) []string {
	var setting strings.Builder
	setting.WriteString("setting " + n.Stage.ID())
	for _, a := range n.Instance().Axes {
		if a.Name != unit {
			setting.WriteString("\x00" + a.Name + "\x00" + a.Text())
		}
	}
	return []string{setting.String(), "stage " + n.Stage.ID(), "kind " + n.Stage.Kind.Name, "all"}
}
