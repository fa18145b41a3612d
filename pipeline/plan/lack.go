package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spurion/pipeline/spec"
	"spurion/stages"
)

// Spares reports whether the node n can do without its dependency dep, should that fail: its stage has allow_failed,
// and takes dep by inputs that gather alone.
func (p *Plan) Spares(n *Node, dep int) bool {
	return n.Stage.AllowFailed != (spec.Allowance{}) && !p.needs(n, dep)
}

// needs reports whether the node n takes its dependency dep otherwise than by inputs that gather.
func (p *Plan) needs(n *Node, dep int) bool {
	in := n.Instance()
	is := func(r spec.Ref) bool { return r.Stage != nil && int(p.first[r.Stage])+r.Instance == dep }
	if slices.ContainsFunc(in.After, is) {
		return true
	}
	for i := range in.Inputs {
		if !n.Stage.Kind.Input(in.Inputs[i].Name).Gathers() && slices.ContainsFunc(in.Inputs[i].Refs, is) {
			return true
		}
	}
	return false
}

// gathered gives the Deps that the node gathers, and takes in no other way; ascending.
func (p *Plan) gathered(n *Node) []int32 {
	in := n.Instance()
	var ids, others []int32
	for i := range in.Inputs {
		to := &others
		if n.Stage.Kind.Input(in.Inputs[i].Name).Gathers() {
			to = &ids
		}
		for _, r := range in.Inputs[i].Refs {
			if r.Stage != nil {
				*to = append(*to, p.first[r.Stage]+int32(r.Instance))
			}
		}
	}
	for _, r := range in.After {
		others = append(others, p.first[r.Stage]+int32(r.Instance))
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	if len(others) > 0 {
		ids = slices.DeleteFunc(ids, func(id int32) bool { return slices.Contains(others, id) })
	}
	return ids
}

// DoWithout notes that the node does without the dependencies failed, ascending, each of which it Spares; the
// others are there. Its key and inputs are then those without them. The error says that more failed than are
// allowed, or that nothing is left; the node then stays as it is, but for KeptBack.
func (p *Plan) DoWithout(n *Node, failed []int32) error {
	err := p.tooMany(n, failed)
	if err != nil {
		n.KeptBack = err.Error()
		return err
	}
	n.Absent, n.KeptBack = failed, ""
	n.Lacks, n.Short = p.lacks(n), p.shortages(n)
	return nil
}

// tooMany is the error of DoWithout.
func (p *Plan) tooMany(n *Node, failed []int32) error {
	if len(failed) > 0 {
		feeding := len(p.gathered(n)) - len(n.Beyond)
		if allowed := n.Stage.AllowFailed.Of(feeding); len(failed) > allowed {
			return fmt.Errorf("%d of %d instances that feed it failed, and allow_failed is %s: %s",
				len(failed), feeding, allowance(n.Stage.AllowFailed, allowed), p.names(failed))
		}
		if input := p.emptied(n, failed); input != "" {
			return fmt.Errorf("all instances that its input %s takes failed: %s", input, p.names(failed))
		}
	}
	return nil
}

func allowance(a spec.Allowance, allowed int) string {
	if a.Share > 0 {
		return fmt.Sprintf("%s, so %d", stages.FormatFloat(a.Share), allowed)
	}
	return strconv.Itoa(allowed)
}

// names gives the first of some nodes' addresses.
func (p *Plan) names(ids []int32) string {
	const most = 3
	var parts []string
	for i, id := range ids {
		if i == most {
			return fmt.Sprintf("%s and %d more", strings.Join(parts, ", "), len(ids)-most)
		}
		parts = append(parts, p.Nodes[id].Address())
	}
	return strings.Join(parts, ", ")
}

// emptied gives an input of which nothing is left without the failed ones, or "".
func (p *Plan) emptied(n *Node, failed []int32) string {
	in := n.Instance()
	for i := range in.Inputs {
		left := slices.ContainsFunc(in.Inputs[i].Refs, func(r spec.Ref) bool {
			return r.Stage == nil || !p.among(failed, r) && !p.beyond(n, r)
		})
		if !left {
			return in.Inputs[i].Name
		}
	}
	return ""
}

// beyond reports whether what a reference points to is left for a later run, and the node does without.
func (p *Plan) beyond(n *Node, r spec.Ref) bool {
	return len(n.Beyond) > 0 && r.Stage != nil && p.among(n.Beyond, r)
}

// absent reports whether the node does without what a reference points to.
func (p *Plan) absent(n *Node, r spec.Ref) bool {
	return r.Stage != nil && (len(n.Absent) > 0 && p.among(n.Absent, r) || p.beyond(n, r))
}

// among reports whether a reference's instance is one of the nodes ids, ascending.
func (p *Plan) among(ids []int32, r spec.Ref) bool {
	_, found := slices.BinarySearch(ids, p.first[r.Stage]+int32(r.Instance))
	return found
}

// lacks says what is missing in all that the node is made of: of what it gathers itself, and of what it takes.
func (p *Plan) lacks(n *Node) []stages.Lack {
	if len(n.Absent) == 0 && !slices.ContainsFunc(n.Deps, func(d int32) bool { return p.Nodes[d].Lacks != nil }) {
		return nil
	}
	var list []stages.Lack
	in := n.Instance()
	for i := range in.Inputs {
		list = append(list, p.inputLacks(n, &in.Inputs[i])...)
	}
	slices.SortStableFunc(list, func(a, b stages.Lack) int {
		return slices.Compare(appendLack(nil, &a), appendLack(nil, &b))
	})
	return list
}

// inputLacks gives what one input lacks: of each output of a stage whose instances it takes, and of each table that
// itself lacks something.
func (p *Plan) inputLacks(n *Node, in *spec.Input) []stages.Lack {
	type of struct {
		stage  *spec.Stage
		output string
	}
	var list []stages.Lack
	own := map[of]*group{}
	var order []*group
	place := 0
	for _, r := range canonical(n.Stage.Kind.Input(in.Name), in.Refs) {
		if r.Stage == nil {
			place++
			continue
		}
		if p.beyond(n, r) {
			continue
		}
		g := own[of{r.Stage, r.Output}]
		if g == nil {
			g = &group{}
			own[of{r.Stage, r.Output}] = g
			order = append(order, g)
		}
		axes := refAxes(r)
		g.axes = append(g.axes, axes)
		if p.absent(n, r) {
			g.missing = append(g.missing, axes)
			continue
		}
		g.beside = append(g.beside, place)
		source := p.Node(r.Stage, r.Instance)
		for _, l := range source.Lacks {
			l.Input, l.Beside, l.Upstream = in.Name, []int{place}, true
			l.Mixed = l.Mixed || !source.Stage.Kind.Gathers()
			list = append(list, l)
		}
		place++
	}
	for _, g := range order {
		if len(g.missing) > 0 {
			list = append(list, stages.Lack{Input: in.Name, Missing: g.missing, Total: len(g.axes), Along: g.along(), Beside: g.beside})
		}
	}
	return list
}

// A group is the instances of one stage that an input takes.
type group struct {
	axes, missing [][]stages.Axis // of all, and of those that failed
	beside        []int           // the places of the others
}

// along gives the names of the axes that have several values.
func (g *group) along() []string {
	var names []string
	for k, a := range g.axes[0] {
		if slices.ContainsFunc(g.axes, func(other []stages.Axis) bool { return other[k] != a }) {
			names = append(names, a.Name)
		}
	}
	return names
}

// appendLack appends what a key hashes of a lack:
//
//	missing table 1 of 10 along seed, beside 0-8: {"seed":7}
func appendLack(b []byte, l *stages.Lack) []byte {
	b = append(b, "missing "...)
	b = append(b, l.Input...)
	b = append(b, fmt.Sprintf(" %d of %d", len(l.Missing), l.Total)...)
	if len(l.Along) > 0 {
		b = append(b, " along "...)
		b = append(b, strings.Join(l.Along, " ")...)
	}
	b = append(b, ", beside"...)
	if l.Upstream {
		b = append(b, " what was made of"...)
	}
	b = appendRanges(b, l.Beside)
	if l.Mixed {
		b = append(b, ", mixed"...)
	}
	b = append(b, ':')
	for _, axes := range l.Missing {
		b = appendAxes(append(b, ' '), axes)
	}
	return append(b, '\n')
}

// appendRanges appends ascending numbers: " 0-3 7".
func appendRanges(b []byte, places []int) []byte {
	for i := 0; i < len(places); {
		end := i
		for end+1 < len(places) && places[end+1] == places[end]+1 {
			end++
		}
		b = strconv.AppendInt(append(b, ' '), int64(places[i]), 10)
		if end > i {
			b = strconv.AppendInt(append(b, '-'), int64(places[end]), 10)
		}
		i = end + 1
	}
	return b
}

// hold finds what the last run made of a node that waits for others which failed in it: a run would try these again,
// but whoever looks sees what there is. The node stays Blocked, with Outputs. A node of which nothing can be
// made until others succeed is kept.
func (p *Plan) hold(n *Node, c Cache, buf []byte) ([]byte, error) {
	var failed, later []int32
	for _, d := range n.Deps {
		dep := &p.Nodes[d]
		switch {
		case p.cutOff(d), dep.Status == Cached, len(dep.Outputs) > 0:
		case dep.Later:
			later = append(later, d)
		case !dep.down:
			return buf, nil // not yet run is not failed
		case p.Spares(n, int(d)):
			failed = append(failed, d)
		default:
			n.down = true
			return buf, nil
		}
	}
	if len(later) > 0 {
		n.Beyond = later
		if !p.gathersAll(n, later) || p.emptied(n, failed) != "" {
			n.Beyond, n.Later = nil, true
			return buf, nil
		}
	}
	if p.DoWithout(n, failed) != nil {
		n.down = true
		return buf, nil
	}
	text, err := p.appendKeyText(buf, n)
	if err != nil {
		return buf, err
	}
	n.Key, n.Keyed = hash(text), true
	if n.Outputs, err = c.Lookup(n.Key); err != nil {
		n.Forget()
	}
	return text, nil
}

// Forget takes back what hold found: a run finds out by itself.
func (n *Node) Forget() {
	n.Key, n.Keyed, n.Outputs, n.KeptBack = Digest{}, false, nil, ""
	n.Absent, n.Lacks, n.Beyond, n.Short = nil, nil, nil, nil
}

// failedBefore reports whether the node, whose key is known, failed with it in the last run that tried.
func (p *Plan) failedBefore(n *Node, c Cache) bool {
	last, ok := c.Previous(n.Address())
	return ok && last.Status == "failed" && last.Key == n.Key
}
