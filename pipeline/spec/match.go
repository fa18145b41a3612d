package spec

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"spurion/stages"
)

// reference reads KIND.NAME.OUTPUT: the instances that agree with the row on all axes that both
// stages have; [*] takes all instead, and [{axis = value}] gives those axes another value. The test of
// a claim compares instances, so for its inputs axes need not agree.
func (r *inputReader) reference(ref *stageRef) (*feed, bool) {
	target := ref.target
	if target.broken() || target.grid == nil {
		return nil, false
	}
	if r.in != nil {
		if ref.output == "" && !r.soleOutput(ref) {
			return nil, false
		}
		if !r.fits(target, ref.output, ref.outputAt) {
			return nil, false
		}
	} else if ref.output != "" {
		r.l.report(&problem{Err: ErrType, Summary: r.attribute + " takes a stage, not an output", At: ref.at,
			Detail: fmt.Sprintf("Write %s.", target.id())})
		return nil, false
	} else if r.attribute == figuresAttribute && !r.draws(target, ref.at) {
		return nil, false
	}
	r.from(target)
	m := &matcher{r: r, ref: ref, one: r.one, cache: map[string][]Ref{}}
	f := &feed{refs: m.refs}
	if ref.all {
		return f, true
	}
	if ref.selector != nil {
		p, ok := r.l.prepare(ref.selector, r.l.eachScope(r.st, "a selection"))
		if !ok {
			return nil, false
		}
		m.selector, f.cols = p, p.cols
	}
	if r.st.grid == nil || r.st.claim != nil && r.in != nil {
		return f, true // the tables of a claim are of all instances, whatever its own axes
	}
	for i, c := range r.st.grid.cols {
		if j := target.grid.column(c.name); j >= 0 {
			m.mine, m.theirs = append(m.mine, i), append(m.theirs, j)
			m.codes = append(m.codes, translate(target.grid.cols[j], c))
		}
	}
	f.cols = union(f.cols, m.mine)
	return f, true
}

// soleOutput completes KIND.NAME where the stage has a single fitting output; internal ones, such as
// what a program printed, have to be named if there are others.
func (r *inputReader) soleOutput(ref *stageRef) bool {
	names := ref.target.outputNames(func(o stages.Output) bool { return stages.Fits(r.in.Type, o) })
	public := ref.target.outputNames(func(o stages.Output) bool { return stages.Fits(r.in.Type, o) && !o.Internal })
	if len(public) > 0 {
		names = public
	}
	if len(names) == 1 {
		ref.output, ref.outputAt = names[0], ref.at
		return true
	}
	if _, _, complete := ref.target.findOutput(""); !complete {
		return false
	}
	detail := fmt.Sprintf("The input %q must be %s, and no output of %s is.", r.in.Name, inputWants(r.in), ref.target.id())
	if len(names) > 1 {
		detail = fmt.Sprintf("Several outputs of %s fit the input %q: %s. Write one of them: %s.%s.", ref.target.id(), r.in.Name, enumerate(names), ref.target.id(), names[0])
	}
	r.l.report(&problem{Err: ErrUnknownOutput, Summary: "Reference without an output", At: ref.at, Detail: detail})
	return false
}

// A matcher finds the instances of a reference for a row.
type matcher struct {
	r        *inputReader
	ref      *stageRef
	one      bool
	selector *prepared
	// The axes that both stages have: columns of each, and the target's codes for mine.
	mine, theirs []int
	codes        [][]int32
	cache        map[string][]Ref
}

func (m *matcher) refs(row int) ([]Ref, bool) {
	var cols []int
	var codes []int32
	if m.selector != nil {
		v, ok := m.r.l.evalRow(m.selector, m.r.st.grid, row)
		if !ok {
			return nil, false
		}
		if cols, codes, ok = m.r.l.selection(m.ref, v); !ok {
			return nil, false
		}
	}
	shared := m.shared(cols)
	for _, k := range shared {
		cols = append(cols, m.theirs[k])
		codes = append(codes, m.codes[k][m.r.st.grid.cols[m.mine[k]].codes[row]])
	}
	key := fmt.Sprint(cols) + packed(codes)
	refs, ok := m.cache[key]
	if !ok {
		found := m.ref.target.index(cols).rows[packed(codes)]
		refs = make([]Ref, len(found))
		for i, instance := range found {
			refs[i] = Ref{Stage: m.ref.target.out, Instance: int(instance), Output: m.ref.output}
			if !m.r.hasOutput(m.ref.target, int(instance), m.ref.output, m.ref.outputAt) {
				return nil, false
			}
		}
		m.cache[key] = refs
	}
	none := !m.one && len(refs) == 0 && m.ref.target.grid.n > 0 && m.r.attribute != dependsOn
	if m.one && len(refs) != 1 || none {
		m.mismatch(row, refs, shared)
		return nil, false
	}
	return refs, true
}

// shared gives the common axes without those that the selection gave.
func (m *matcher) shared(chosen []int) []int {
	var out []int
	for k, theirs := range m.theirs {
		taken := false
		for _, c := range chosen {
			taken = taken || c == theirs
		}
		if !taken {
			out = append(out, k)
		}
	}
	return out
}

// mismatch reports none or several instances where one is wanted.
func (m *matcher) mismatch(row int, refs []Ref, shared []int) {
	target := m.ref.target
	who := m.r.st.address(row)
	var names []string
	for _, k := range shared {
		names = append(names, target.grid.cols[m.theirs[k]].name)
	}
	agree := "There is nothing to tell them apart by, since the two stages share no axes"
	if m.r.st.claim != nil {
		agree = fmt.Sprintf("A %s takes all instances", m.r.st.role())
	}
	if len(names) > 0 {
		agree = fmt.Sprintf("Instances must agree with %s on %s", who, enumerate(names))
	}
	p := &problem{Err: ErrMatch, At: m.ref.at}
	if len(refs) == 0 {
		p.Summary = "No matching instance"
		p.Detail = fmt.Sprintf("%s has %s, none of which matches %s. %s.", target.id(), count(target.grid.n, "instance"), who, agree)
	} else {
		var some []string
		for i, ref := range refs {
			if i == 3 && len(refs) > 4 {
				some = append(some, fmt.Sprintf("%s more", grouped(len(refs)-i)))
				break
			}
			some = append(some, target.address(ref.Instance))
		}
		p.Summary = "Several matching instances"
		p.Detail = fmt.Sprintf("The input %q takes one artifact, but %s is given %s: %s. %s. Choose one by its axes, as in %s.", m.r.in.Name, who,
			grouped(len(refs)), enumerate(some), agree, m.example(refs))
	}
	m.r.l.report(p)
}

// example writes a reference that selects the first instance.
func (m *matcher) example(refs []Ref) string {
	g := m.ref.target.grid
	var parts []string
	for _, c := range g.cols {
		if m.r.st.grid.column(c.name) < 0 {
			parts = append(parts, fmt.Sprintf("%s = %s", c.name, literal(c.values[c.codes[refs[0].Instance]])))
		}
	}
	if len(parts) == 0 {
		for _, c := range g.cols {
			parts = append(parts, fmt.Sprintf("%s = %s", c.name, literal(c.values[c.codes[refs[0].Instance]])))
		}
	}
	return fmt.Sprintf("%s[{%s}].%s", m.ref.target.id(), strings.Join(parts, ", "), m.ref.output)
}

// choice reads condition ? a : b.
func (r *inputReader) choice(e *hclsyntax.ConditionalExpr) (*feed, bool) {
	p, ok := r.l.prepare(e.Condition, r.l.eachScope(r.st, "a condition"))
	yes, good := r.node(e.TrueResult)
	no, fine := r.node(e.FalseResult)
	if !ok || !good || !fine {
		return nil, false
	}
	shape := yes.shape
	if shape == valueRefs {
		shape = no.shape
	}
	if no.shape != shape && no.shape != valueRefs {
		r.l.report(&problem{Err: ErrType, Summary: "Branches of different shape", At: e.Range(),
			Detail: "Both sides of a condition must be references, lists of them, or objects of them."})
		return nil, false
	}
	f := &feed{shape: shape, perRow: yes.perRow || no.perRow, cols: union(p.cols, union(yes.cols, no.cols))}
	f.refs = func(row int) ([]Ref, bool) {
		v, ok := r.l.evalRow(p, r.st.grid, row)
		if !ok {
			return nil, false
		}
		take, ok := r.l.truth(v, e.Condition)
		switch {
		case !ok:
			return nil, false
		case take:
			return yes.refs(row)
		}
		return no.refs(row)
	}
	return f, true
}
