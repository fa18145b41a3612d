package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"spurion/stages"
)

// assertions reads what each instance of a claim says; of a stage, its description. Where the rows of
// a claim are wrong, its texts are checked as far as they do not depend on them.
func (l *loader) assertions(st *stage) {
	if st.claim == nil {
		if attr := st.attribute("description"); attr != nil && !st.unreadable {
			st.out.Description, _ = l.text(attr, &scope{where: "the description of a stage"})
		}
		return
	}
	n := 1
	if st.grid != nil {
		n = st.grid.n
	}
	of := make([]Assertion, n)
	if st.claim.Body.Attributes["says"] == nil {
		l.report(&problem{Err: ErrMissing, Summary: sentence(st.role()) + " without says", At: st.header,
			Detail: fmt.Sprintf("A %s needs the attribute says: what it asserts, in a sentence.", st.role())})
	}
	l.claimText(st, "says", func(row int, text string) bool { of[row].Says = text; return true })
	l.claimText(st, "source", func(row int, text string) bool { of[row].Source = text; return true })
	l.claimText(st, "source_says", func(row int, text string) bool { of[row].SourceSays = text; return true })
	l.claimText(st, "setting", func(row int, text string) bool {
		of[row].Setting = text
		if text == "paper" || text == "ours" {
			return true
		}
		l.report(&problem{Err: ErrValue, Summary: `Invalid value for "setting"`, At: st.claim.Body.Attributes["setting"].Expr.Range(),
			Detail: fmt.Sprintf("setting is \"paper\" where the %s is tested as the source did, and \"ours\" otherwise, but is %s.", st.role(), quoted(clip(text, 40)))})
		return false
	})
	st.out.Claim.Of = of
}

// claimText gives each row of a claim its text of an attribute, until take refuses one.
func (l *loader) claimText(st *stage, name string, take func(row int, text string) bool) {
	attr := st.claim.Body.Attributes[name]
	if attr == nil {
		return
	}
	p, ok := l.prepare(attr.Expr, l.eachScope(st, "a "+st.role()))
	if !ok || st.grid == nil && len(p.cols) > 0 {
		return
	}
	class, reps := []int32{0}, []int32{0}
	if len(p.cols) > 0 {
		class, reps = st.grid.classes(p.cols)
	} else if st.grid != nil {
		class = make([]int32, st.grid.n)
	}
	texts := make([]string, len(reps))
	for i, row := range reps {
		v, ok := l.evalRow(p, st.grid, int(row))
		if ok {
			texts[i], ok = l.textOf(attr, v)
		}
		if !ok {
			return
		}
	}
	for row, c := range class {
		if !take(row, texts[c]) {
			return
		}
	}
}

// claimFigures finds the instances that a claim names as its figures, when all stages are expanded:
// a figure may draw what a claim's test writes, so it is not upstream of the claim that shows it.
func (l *loader) claimFigures(st *stage) {
	if st.claim == nil || st.broken() {
		return
	}
	attr := st.claim.Body.Attributes[figuresAttribute]
	if attr == nil {
		return
	}
	st.out.Ranges[figuresAttribute] = l.rangeOf(attr.Expr.Range())
	r := &inputReader{l: l, st: st, attribute: figuresAttribute}
	f, ok := r.read(attr.Expr)
	if !ok || st.grid == nil {
		return
	}
	for row := range st.grid.n {
		refs, ok := f.refs(row)
		if !ok {
			return
		}
		st.out.Claim.Of[row].Figures = append([]Ref{}, refs...)
	}
}

// draws reports whether a stage makes images, and says so if it does not.
func (r *inputReader) draws(target *stage, at hcl.Range) bool {
	isImage := func(o stages.Output) bool { return slices.Contains(stages.PageImages, o.Extension) }
	if len(target.outputNames(isImage)) > 0 {
		return true
	}
	if _, _, complete := target.findOutput(""); complete {
		r.l.report(&problem{Err: ErrType, Summary: "Stage without a figure", At: at,
			Detail: fmt.Sprintf("figures names stages whose images the report shows under the %s, but no output of %s is an image (%s).",
				r.st.role(), target.id(), strings.Join(stages.PageImages, ", "))})
	}
	return false
}

// checkDistinct warns of instances of a claim that are one and the same test: each would pass or fail
// as the other does, and of claims Holm's correction would count it twice.
func (l *loader) checkDistinct(st *stage) {
	if st.claim == nil || st.forEach() == nil {
		return
	}
	seen := map[string]int{}
	for i := range st.out.Instances {
		in := &st.out.Instances[i]
		var key strings.Builder
		fmt.Fprintf(&key, "%q", in.Settings.Values)
		for _, input := range in.Inputs {
			fmt.Fprintf(&key, "\n%s", input.Name)
			for _, ref := range input.Refs {
				fmt.Fprintf(&key, " %p %d %s", ref.Stage, ref.Instance, ref.Output)
			}
		}
		first, twice := seen[key.String()]
		if !twice {
			seen[key.String()] = i
			continue
		}
		l.report(&problem{Err: ErrDuplicate, Warning: true, Summary: sentence(st.role()) + " tests the same twice", At: st.forEach().Expr.Range(),
			Detail: fmt.Sprintf("%s and %s test the same rows in the same way. A table of a %s is that of all instances: choose with each, as in where = { %s = each.%[4]s }.",
				st.address(first), st.address(i), st.role(), st.firstAxis())})
		return
	}
}

// firstAxis gives the name of an axis, for examples.
func (st *stage) firstAxis() string {
	if len(st.grid.cols) == 0 {
		return "key"
	}
	return st.grid.cols[0].name
}
