package plan

import (
	"fmt"
	"slices"
	"strings"

	"spurion/pipeline/spec"
	"spurion/stages"
)

// A run may leave instances for a later one, as its budget ends before them. What gathers others does without those then: its key is the
// one that it would have if they were not in the spec, since which of them there are does not depend on what they give. So nothing is wrong
// with the result but its size, which is told beside it (Node.LacksText). A run records what it left, and so whoever looks
// afterwards finds what it made, as they find what was made without failures (hold).

// LaterStatus is how the record of a run says that it left an instance for a later one.
const LaterStatus = "later"

// A Shortage says how many of the instances that a node gathers, or that were gathered upstream of it, there are.
type Shortage struct {
	Have, Of int
	// Along is the axis of which they are all instances with some of its values, and none with the others; empty if there is no such
	// axis. Have and Of count its values then.
	Along string
}

// String gives "5 of 20 seeds".
func (s Shortage) String() string {
	what := "instances"
	switch s.Along {
	case "":
	case "seed":
		what = "seeds"
	default:
		what = "values of " + s.Along
	}
	return fmt.Sprintf("%d of %d %s", s.Have, s.Of, what)
}

// partial says it of several, each once; "" of none.
func partial(list []Shortage) string {
	const most = 3
	var parts []string
	for i, s := range list {
		if i == most {
			parts = append(parts, fmt.Sprintf("and %d more like these", len(list)-most))
			break
		}
		parts = append(parts, s.String())
	}
	if parts == nil {
		return ""
	}
	return "PARTIAL: " + strings.Join(parts, ", ")
}

// LacksText says in a sentence what is missing in all that the node is made of, as a budget left it for later or as it failed; "" if nothing is.
func (n *Node) LacksText() string {
	text := partial(n.Short)
	if failed := stages.LacksText(n.Lacks); failed != "" && text != "" {
		return text + "; " + failed
	} else if failed != "" {
		return failed
	}
	return text
}

// PartialText is what LacksText says of what a budget left for later.
func (n *Node) PartialText() string { return partial(n.Short) }

// Partial says in a sentence how much there is of a plan of which instances are left for a later run; "" of a whole one.
func (p *Plan) Partial() string {
	left := 0
	var whole, parts []Shortage
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Later && len(n.Outputs) == 0 {
			left++
		}
		for _, s := range n.Short {
			to := &parts
			if s.Along != "" {
				to = &whole
			}
			if !slices.Contains(*to, s) {
				*to = append(*to, s)
			}
		}
	}
	switch {
	case left == 0:
		return ""
	case len(whole) > 0:
		return partial(whole)
	case len(parts) > 0:
		return partial(parts)
	}
	return partial([]Shortage{{Have: len(p.Nodes) - left, Of: len(p.Nodes)}})
}

// Needed gives the dependencies without which the node cannot be made, those that it does not merely gather; ascending.
func (p *Plan) Needed(n *Node) []int32 {
	gathered := p.gathered(n)
	if len(gathered) == 0 {
		return n.Deps
	}
	return slices.DeleteFunc(slices.Clone(n.Deps), func(d int32) bool {
		_, found := slices.BinarySearch(gathered, d)
		return found
	})
}

// Cut leaves those of the selected nodes for a later run that are not to be kept, and those that cannot be made without them: they are
// no longer selected. The states of the others are then what a run of them would find.
func (p *Plan) Cut(keep func(id int) bool, c Cache) error {
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if !n.Selected {
			continue
		}
		before := n.Status
		if before == Blocked {
			n.Forget()
		}
		if n.Later = !keep(i) || !p.without(n); n.Later {
			n.Selected, n.Status = false, Unknown
			continue
		}
		if before != Blocked {
			continue
		}
		n.Status = Unknown
		if _, err := p.resolve(n, c, nil); err != nil {
			return err
		}
		n.Short = p.shortages(n)
		switch {
		case n.Status == Blocked:
			n.Reason = p.waits(n)
		case n.Status == MustRun && !n.Forced && n.Reason.Code != ReasonUnread:
			n.Reason = p.Explain(n, c)
		}
	}
	return nil
}

// without finds what the node does without, of those that were cut off; it is false if it cannot.
func (p *Plan) without(n *Node) bool {
	n.Beyond = nil
	for _, d := range n.Deps {
		if p.cutOff(d) {
			n.Beyond = append(n.Beyond, d)
		}
	}
	return p.gathersAll(n, n.Beyond) && (n.Beyond == nil || p.emptied(n, nil) == "")
}

// cutOff reports whether a node is left for a later run than the plan's.
func (p *Plan) cutOff(id int32) bool { return p.Nodes[id].Later && !p.Nodes[id].Selected }

// gathersAll reports whether the node takes some of its dependencies by inputs that gather alone.
func (p *Plan) gathersAll(n *Node, deps []int32) bool {
	return len(deps) == 0 || !slices.ContainsFunc(p.Needed(n), func(d int32) bool { return slices.Contains(deps, d) })
}

// leftBefore reports whether the last run that had the node left it for a later one.
func (p *Plan) leftBefore(n *Node, c Cache) bool {
	last, ok := c.Previous(n.Address())
	return ok && last.Status == LaterStatus
}

// Begin prepares a node for a run: what a look at earlier runs found is forgotten, and what the plan has cut off is done without.
func (p *Plan) Begin(n *Node) {
	n.Absent, n.Lacks, n.Later = nil, nil, false
	if n.Status == Blocked {
		n.Forget() // what the last run made of it without what failed in it, or was left by it
		p.without(n)
		n.Short = p.shortages(n)
	}
}

// shortages says how many there are of what is gathered in the node, and upstream of it, each thing once.
func (p *Plan) shortages(n *Node) []Shortage {
	var list []Shortage
	add := func(s Shortage) {
		if !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	if len(n.Beyond) > 0 {
		in := n.Instance()
		for i := range in.Inputs {
			for _, g := range p.groups(n, in.Inputs[i].Refs) {
				if len(g.missing) > 0 {
					add(g.shortage())
				}
			}
		}
	}
	for _, d := range n.Deps {
		for _, s := range p.Nodes[d].Short {
			add(s)
		}
	}
	return list
}

// groups gives the references of an input by the outputs of stages that they point to; missing are those that are left for later.
func (p *Plan) groups(n *Node, refs []spec.Ref) []*group {
	type of struct {
		stage  *spec.Stage
		output string
	}
	own := map[of]*group{}
	var order []*group
	for _, r := range refs {
		if r.Stage == nil {
			continue
		}
		g := own[of{r.Stage, r.Output}]
		if g == nil {
			g = &group{}
			own[of{r.Stage, r.Output}] = g
			order = append(order, g)
		}
		g.axes = append(g.axes, refAxes(r))
		if p.among(n.Beyond, r) {
			g.missing = append(g.missing, refAxes(r))
		}
	}
	return order
}

// shortage says how many of a group there are: by the axis whose values it is short of, if it is that.
func (g *group) shortage() Shortage {
	short := Shortage{Have: len(g.axes) - len(g.missing), Of: len(g.axes)}
	for k, a := range g.axes[0] {
		all, missing := map[any]int{}, map[any]int{} // how many instances have a value
		for _, axes := range g.axes {
			all[axes[k].Value]++
		}
		for _, axes := range g.missing {
			missing[axes[k].Value]++
		}
		whole := len(missing) < len(all)
		for value, count := range missing {
			whole = whole && count == all[value]
		}
		if whole {
			return Shortage{Have: len(all) - len(missing), Of: len(all), Along: a.Name}
		}
	}
	return short
}
