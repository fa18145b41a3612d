package plan

import (
	"slices"

	"spurion/pipeline/spec"
)

// Lay lays out the instances of a spec and selects those that are asked for, as New does, without finding out what is
// stored: no node has a state or a key.
func Lay(s *spec.Spec, targets []Pattern) (*Plan, error) {
	p := graph(s)
	return p, p.selectTargets(targets)
}

// graph lays out the instances of a spec, upstream first. Stages keep their order in the file
// where references allow it.
func graph(s *spec.Spec) *Plan {
	p := &Plan{Spec: s, Order: StageOrder(s), first: make(map[*spec.Stage]int32, len(s.Stages))}
	total := 0
	for _, st := range p.Order {
		p.first[st] = int32(total)
		total += len(st.Instances)
		p.spares = p.spares || st.AllowFailed != spec.Allowance{}
	}
	p.Nodes = make([]Node, total)
	for _, st := range p.Order {
		base := p.first[st]
		for i := range st.Instances {
			n := &p.Nodes[int(base)+i]
			n.Stage, n.Index = st, i
			n.Deps = p.deps(&st.Instances[i])
			n.Resources = st.Instances[i].Resources
		}
	}
	return p
}

// StageOrder gives the stages of a spec, each after those it uses; where references allow it, in the
// order of the file.
func StageOrder(s *spec.Spec) []*spec.Stage {
	order, _ := spec.Order(s.Stages) // the loader has refused cycles
	return order
}

func (p *Plan) deps(in *spec.Instance) []int32 {
	count := len(in.After)
	for i := range in.Inputs {
		count += len(in.Inputs[i].Refs)
	}
	if count == 0 {
		return nil
	}
	ids := make([]int32, 0, count)
	for i := range in.Inputs {
		for _, r := range in.Inputs[i].Refs {
			if r.Stage != nil {
				ids = append(ids, p.first[r.Stage]+int32(r.Instance))
			}
		}
	}
	for _, r := range in.After {
		ids = append(ids, p.first[r.Stage]+int32(r.Instance))
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// selectTargets marks what the patterns ask for and everything upstream of it.
func (p *Plan) selectTargets(targets []Pattern) error {
	if len(targets) == 0 {
		for i := range p.Nodes {
			p.Nodes[i].Selected = true
		}
		return nil
	}
	for _, t := range targets {
		ids, err := p.Match(t)
		if err != nil {
			return err
		}
		for _, id := range ids {
			p.Nodes[id].Selected = true
		}
	}
	// Nodes come after their dependencies, so one sweep backwards reaches everything upstream.
	for i := len(p.Nodes) - 1; i >= 0; i-- {
		if p.Nodes[i].Selected {
			for _, d := range p.Nodes[i].Deps {
				p.Nodes[d].Selected = true
			}
		}
	}
	return nil
}

func (p *Plan) force(patterns []Pattern) error {
	for _, f := range patterns {
		ids, err := p.Match(f)
		if err != nil {
			return err
		}
		for _, id := range ids {
			p.Nodes[id].Forced = true
		}
	}
	return nil
}

// Match gives the nodes that a pattern names, in order; none is an ErrTarget that lists what there is.
func (p *Plan) Match(t Pattern) ([]int, error) {
	var ids []int
	for _, st := range p.Order {
		if !t.matchesStage(st.KindName, st.Name) {
			continue
		}
		if missing := t.missingAxis(st.Axes); missing != "" {
			if t.exactStage() {
				return nil, Targetf("%s: %s has no axis %q; it has %s", t.text, st.ID(), missing, nameList(st.Axes))
			}
			continue
		}
		for i := range st.Instances {
			if t.matchesAxes(st.Instances[i].Axes) {
				ids = append(ids, int(p.first[st])+i)
			}
		}
	}
	if len(ids) == 0 {
		return nil, p.noMatch(t)
	}
	return ids, nil
}

// Named gives the nodes that patterns name, each once and in the plan's order; no patterns name all.
func (p *Plan) Named(patterns []Pattern) ([]*Node, error) {
	if len(patterns) == 0 {
		patterns = []Pattern{{text: "*.*", kind: "*", name: "*"}}
	}
	var ids []int
	for _, t := range patterns {
		matched, err := p.Match(t)
		if err != nil {
			return nil, err
		}
		ids = append(ids, matched...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	nodes := make([]*Node, len(ids))
	for i, id := range ids {
		nodes[i] = &p.Nodes[id]
	}
	return nodes, nil
}

// Whole reports whether every instance is selected.
func (p *Plan) Whole() bool {
	for i := range p.Nodes {
		if !p.Nodes[i].Selected {
			return false
		}
	}
	return true
}

// noMatch says what a pattern could have meant.
func (p *Plan) noMatch(t Pattern) error {
	var names []string
	for _, st := range p.Order {
		if t.matchesStage(st.KindName, st.Name) {
			example := st.ID()
			if len(st.Instances) > 0 {
				example = st.Address(0)
			}
			return Targetf("no instance matches %s; one that exists is %s", t.text, example)
		}
		names = append(names, st.ID())
	}
	return Targetf("no stage matches %s; there are %s", t.text, nameList(names))
}
