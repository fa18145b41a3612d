package plan

import (
	"spurion/pipeline/spec"
	"spurion/stages"
)

// Given lays out a spec of which the caller knows what is stored, as a task of a batch does: every instance is selected and must run,
// until it is given its outputs. External answers for what is outside; program is as in Options.
func Given(s *spec.Spec, external External, program func(*stages.Kind) string) *Plan {
	p := graph(s)
	p.external, p.program = external, program
	for i := range p.Nodes {
		n := &p.Nodes[i]
		n.Selected, n.Status = true, Blocked
		n.Reason = Reason{Code: ReasonNew, Text: "handed over"}
	}
	return p
}

// Give says that a node's outputs are stored.
func (n *Node) Give(outputs []Output) { n.Status, n.Outputs = Cached, outputs }
