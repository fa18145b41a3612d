package spec

import (
	"fmt"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A term is one factor of a for_each: a sweep, a stage, or a value.
type term struct {
	sweep *symbol
	stage *stage
	grid  *grid // of a value, or the chosen rows of a stage
	at    hcl.Range
	text  string // for messages
}

// stageGrid gives the rows of a stage: one without for_each.
func (l *loader) stageGrid(st *stage) (*grid, bool) {
	attr := st.forEach()
	if attr == nil {
		if l.instances++; l.instances > l.maxInstances {
			l.tooMany(st, 1, st.header, "")
			return nil, false
		}
		return &grid{n: 1}, !st.cyclic
	}
	if st.cyclic {
		return nil, false
	}
	terms, ok := l.terms(attr.Expr)
	if !ok {
		return nil, false
	}
	// Inherited axes come first, so that a stage's address starts as that of its upstream does.
	sort.SliceStable(terms, func(i, j int) bool { return terms[i].stage != nil && terms[j].stage == nil })
	var g *grid
	for i := range terms {
		next, ok := l.termGrid(st, &terms[i])
		if !ok {
			return nil, false
		}
		if g == nil {
			g = next
		} else if g, ok = l.cross(st, g, next, attr.Expr, &terms[i]); !ok {
			return nil, false
		}
	}
	if l.instances+g.n > l.maxInstances {
		l.tooMany(st, g.n, attr.Expr.Range(), factors(g))
		return nil, false
	}
	l.instances += g.n
	return g, true
}

// tooMany refuses a graph before it is made.
func (l *loader) tooMany(st *stage, n int, at hcl.Range, factors string) {
	others := ""
	if l.instances > 0 {
		others = fmt.Sprintf(", beside %s of other stages", grouped(l.instances))
	}
	number := count(n, "instance")
	if n < 0 {
		number = "more than 2,147,483,647 instances"
	}
	l.report(&problem{Err: ErrLimit, Summary: "Too many instances", At: at,
		Detail: fmt.Sprintf("%s would have %s%s%s. At most %s are allowed; if that is what you want, raise the limit with --max-instances.",
			st.id(), number, factors, others, grouped(l.maxInstances))})
}

// factors words the size of each axis of a sweep: " (seed 20 x strength 5)".
func factors(g *grid) string {
	var parts []string
	for _, c := range g.cols {
		parts = append(parts, fmt.Sprintf("%s %s", c.name, grouped(len(c.values))))
	}
	if len(parts) == 0 {
		return ""
	}
	return " (" + strings.Join(parts, " x ") + ")"
}

// termGrid gives the rows of one factor.
func (l *loader) termGrid(st *stage, t *term) (*grid, bool) {
	switch {
	case t.grid != nil:
		return t.grid, true
	case t.stage != nil:
		if t.stage.grid == nil {
			return nil, false
		}
		g := *t.stage.grid
		g.origins = []origin{{stage: t.stage}}
		return &g, true
	}
	l.resolve(t.sweep)
	if !t.sweep.ok {
		return nil, false
	}
	if n := t.sweep.grid.size(); n < 0 || n > l.maxInstances {
		l.tooMany(st, n, t.at, factors(t.sweep.grid))
		return nil, false
	}
	return t.sweep.grid.product(), true
}

// terms reads a for_each. A list of sweeps and stages is their product; what else an expression
// gives is a list or a map of values.
func (l *loader) terms(expr hclsyntax.Expression) ([]term, bool) {
	if l.mentionsGrid(expr) {
		switch e := unwrap(expr).(type) {
		case *hclsyntax.ConditionalExpr:
			return l.conditionalTerms(e)
		case *hclsyntax.TupleConsExpr:
			return l.listTerms(e)
		case *hclsyntax.ScopeTraversalExpr:
			return l.traversalTerm(e.Traversal)
		default:
			if ref, ok := l.stageExpr(expr); ok {
				return l.stageTerm(ref)
			}
		}
	}
	v, ok := l.constant(expr, &scope{where: "for_each", eachHint: "for_each decides what each is, so it cannot use it."})
	if !ok {
		return nil, false
	}
	g, ok := l.valueGrid(expr, v)
	return []term{{grid: g, at: expr.Range(), text: "the list"}}, ok
}

// mentionsGrid reports whether an expression is, chooses or lists sweeps or stages.
func (l *loader) mentionsGrid(expr hclsyntax.Expression) bool {
	switch e := unwrap(expr).(type) {
	case *hclsyntax.ConditionalExpr:
		return l.mentionsGrid(e.TrueResult) || l.mentionsGrid(e.FalseResult)
	case *hclsyntax.TupleConsExpr:
		for _, x := range e.Exprs {
			if l.mentionsGrid(x) {
				return true
			}
		}
		return false
	case *hclsyntax.ScopeTraversalExpr:
		root := e.Traversal.RootName()
		return root == "sweep" || l.isStageRoot(root)
	}
	_, ok := l.stageExpr(expr)
	return ok
}

func (l *loader) conditionalTerms(e *hclsyntax.ConditionalExpr) ([]term, bool) {
	v, ok := l.constant(e.Condition, &scope{where: "for_each", eachHint: "for_each decides what each is, so it cannot use it."})
	if !ok {
		return nil, false
	}
	yes, ok := l.truth(v, e.Condition)
	if !ok {
		return nil, false
	}
	if yes {
		return l.terms(e.TrueResult)
	}
	return l.terms(e.FalseResult)
}

// truth wants true or false.
func (l *loader) truth(v cty.Value, expr hclsyntax.Expression) (yes, ok bool) {
	if v.IsNull() || v.Type() != cty.Bool {
		l.report(&problem{Err: ErrType, Summary: "Condition is not true or false", At: expr.Range(),
			Detail: fmt.Sprintf("A condition must be true or false, but this is %s.", describe(v))})
		return false, false
	}
	return v.True(), true
}

func (l *loader) listTerms(e *hclsyntax.TupleConsExpr) ([]term, bool) {
	var terms []term
	ok := true
	for _, x := range e.Exprs {
		more, good := l.terms(x)
		ok = ok && good
		for _, t := range more {
			for _, old := range terms {
				if t.stage != nil && t.stage == old.stage || t.sweep != nil && t.sweep == old.sweep {
					ok = false
					l.report(&problem{Err: ErrDuplicate, Summary: "Listed twice in for_each", At: t.at,
						Detail: fmt.Sprintf("%s stands in this for_each already.", t.text)})
				}
			}
			terms = append(terms, t)
		}
	}
	return terms, ok
}

// traversalTerm reads sweep.NAME and KIND.NAME.
func (l *loader) traversalTerm(t hcl.Traversal) ([]term, bool) {
	if t.RootName() != "sweep" {
		ref, ok := l.parseStageRef(t)
		if !ok {
			return nil, false
		}
		return l.stageTerm(ref)
	}
	sc := &scope{where: "for_each"}
	if stepName(t, 1) == "" || l.sweeps[stepName(t, 1)] == nil {
		_, ok := l.named("sweep", t, sc) // reports
		return nil, ok
	}
	if len(t) > 2 {
		l.report(&problem{Err: ErrType, Summary: "for_each takes a whole sweep", At: t.SourceRange(),
			Detail: fmt.Sprintf("Write sweep.%s. For a list of its points' values write [for p in sweep.%s : p.AXIS].", stepName(t, 1), stepName(t, 1))})
		return nil, false
	}
	s := l.sweeps[stepName(t, 1)]
	return []term{{sweep: s, at: t.SourceRange(), text: s.String()}}, true
}

// stageTerm reads KIND.NAME, KIND.NAME[*] and KIND.NAME[{axis = value}].
func (l *loader) stageTerm(ref *stageRef) ([]term, bool) {
	if ref.target == nil {
		return nil, false // reported
	}
	if ref.output != "" {
		l.report(&problem{Err: ErrType, Summary: "for_each takes a stage, not an output", At: ref.at,
			Detail: fmt.Sprintf("Write for_each = %s; its outputs are then each.NAME.", ref.target.id())})
		return nil, false
	}
	t := term{stage: ref.target, at: ref.at, text: ref.target.id()}
	if ref.selector == nil {
		return []term{t}, true
	}
	if ref.target.grid == nil {
		return nil, false
	}
	p, ok := l.prepare(ref.selector, &scope{where: "for_each", eachHint: "for_each decides what each is, so it cannot use it."})
	if !ok {
		return nil, false
	}
	v, ok := l.eval(p.expr, p.ctx)
	if !ok {
		return nil, false
	}
	cols, codes, ok := l.selection(ref, v)
	if !ok {
		return nil, false
	}
	found := ref.target.index(cols).rows[packed(codes)]
	t.grid = ref.target.grid.choose(found, ref.target)
	return []term{t}, true
}

// choose gives the rows of a stage's grid.
func (g *grid) choose(rows []int32, of *stage) *grid {
	out := &grid{n: len(rows), origins: []origin{{stage: of, rows: rows}}, listed: g.listed, valueClash: g.valueClash}
	for _, c := range g.cols {
		out.cols = append(out.cols, c.gather(rows))
	}
	if g.value != nil {
		out.value = g.value.gather(rows)
	}
	return out
}

func (c *column) gather(rows []int32) *column {
	out := *c
	out.codes = make([]int32, len(rows))
	for i, row := range rows {
		out.codes[i] = c.codes[row]
	}
	return &out
}
