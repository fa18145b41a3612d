package plan

import (
	"cmp"
	"slices"

	"spurion/pipeline/spec"
	"spurion/stages"
)

// A Source is one thing given to an input: an output of another node, or something external.
type Source struct {
	Key  string // in a Map input
	Path string // external: a file's path or a variable's name; else empty
	Node *Node  // nil if external
	// Output is the name of the node's output.
	Output string
}

// Sources gives what a node's input was given, in the order in which the kind receives it, which is
// also the order of the key's text, without those that failed and that it does without.
func (p *Plan) Sources(n *Node, input string) []Source {
	in := n.Instance()
	for i := range in.Inputs {
		if in.Inputs[i].Name != input {
			continue
		}
		refs := canonical(n.Stage.Kind.Input(input), in.Inputs[i].Refs)
		list := make([]Source, 0, len(refs))
		for _, r := range refs {
			if p.absent(n, r) {
				continue
			}
			s := Source{Key: r.Key, Path: r.Path, Output: r.Output}
			if r.Stage != nil {
				s.Node = p.Node(r.Stage, r.Instance)
			}
			list = append(list, s)
		}
		return list
	}
	return nil
}

// canonical orders references by their axes where the kind reads axes (ties stay in the spec's order),
// by key in a map, else as written.
func canonical(port *stages.Input, refs []spec.Ref) []spec.Ref {
	switch {
	case len(refs) < 2:
		return refs
	case port.Cardinality == stages.Map:
		refs = slices.Clone(refs)
		slices.SortStableFunc(refs, func(a, b spec.Ref) int { return cmp.Compare(a.Key, b.Key) })
	case port.Axes:
		refs = slices.Clone(refs)
		slices.SortStableFunc(refs, func(a, b spec.Ref) int { return stages.CompareAxes(refAxes(a), refAxes(b)) })
	}
	return refs
}

func refAxes(r spec.Ref) []stages.Axis {
	if r.Stage == nil {
		return nil
	}
	return r.Stage.Instances[r.Instance].Axes
}
