package spec

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// maxChain bounds how deep named values may refer to one another.
const maxChain = 500

// A symbol is a local value or a sweep: evaluated when first used, so that order does not matter.
type symbol struct {
	root, name string
	at         hcl.Range // of its definition
	expr       hclsyntax.Expression
	body       *hclsyntax.Body // of a sweep

	state symbolState
	ok    bool
	value cty.Value
	grid  *grid // of a sweep: columns without rows until it is expanded

	secret      *variable // a sensitive one that it depends on, once secretKnown
	secretKnown bool
}

type symbolState uint8

const (
	fresh symbolState = iota
	busy
	done
)

func (s *symbol) String() string { return s.root + "." + s.name }

// symbolValue gives a local's value, or a sweep as a list of objects.
func (l *loader) symbolValue(s *symbol) (cty.Value, bool) {
	l.resolve(s)
	if !s.ok {
		return cty.NilVal, false
	}
	if s.root == "sweep" && s.value == cty.NilVal {
		n := s.grid.size()
		if n < 0 || n > l.elements {
			l.report(&problem{Err: ErrLimit, Summary: "Sweep too large", At: s.at,
				Detail: fmt.Sprintf("The sweep %q has more than %s points, too many to list.", s.name, grouped(l.elements))})
			s.ok = false
			return cty.NilVal, false
		}
		s.value = s.grid.listing()
	}
	return s.value, true
}

// resolve evaluates a symbol once, and reports a cycle once.
func (l *loader) resolve(s *symbol) {
	switch s.state {
	case done:
		return
	case busy:
		l.symbolCycle(s)
		return
	}
	if len(l.chain) >= maxChain {
		l.report(&problem{Err: ErrLimit, Summary: "Values refer to one another too deeply", At: s.at,
			Detail: fmt.Sprintf("At most %d local values may form a chain.", maxChain)})
		s.state = done
		return
	}
	s.state = busy
	l.chain = append(l.chain, s)
	if s.root == "sweep" {
		s.grid, s.ok = l.sweepGrid(s)
	} else {
		s.value, s.ok = l.constant(s.expr, &scope{where: "a local value", secrets: true})
		s.ok = s.ok && l.checkSize(s.value, s.expr.Range())
	}
	l.chain = l.chain[:len(l.chain)-1]
	if s.state == done { // found to be part of a cycle
		s.ok = false
	}
	s.state = done
}

// symbolCycle reports the cycle that ends at s.
func (l *loader) symbolCycle(s *symbol) {
	start := len(l.chain) - 1
	for l.chain[start] != s {
		start--
	}
	members := l.chain[start:]
	first := 0
	names := make([]string, 0, len(members)+1)
	for i, m := range members {
		m.state = done // those still being evaluated come out as not ok
		if before(m.at, members[first].at) {
			first = i
		}
	}
	for i := range members {
		names = append(names, members[(first+i)%len(members)].String())
	}
	names = append(names, names[0])
	summary := "Values refer to one another in a cycle"
	if len(members) == 1 {
		summary = "Value refers to itself"
	}
	l.report(&problem{Err: ErrCycle, Summary: summary, At: members[first].at,
		Detail: fmt.Sprintf("%s: none of them can be evaluated before the others. Break the cycle.", chainText(names))})
}

// chainText writes what leads to what: of a long chain both ends.
func chainText(names []string) string {
	if n := len(names); n > 12 {
		names = append(append(names[:8:8], fmt.Sprintf("(%s more)", grouped(n-11))), names[n-3:]...)
	}
	return strings.Join(names, " -> ")
}

// before orders ranges as the file does.
func before(a, b hcl.Range) bool {
	if a.Filename != b.Filename {
		return a.Filename < b.Filename
	}
	return a.Start.Byte < b.Start.Byte
}

// sweepGrid evaluates the axes of a sweep.
func (l *loader) sweepGrid(s *symbol) (*grid, bool) {
	g := &grid{}
	ok := true
	for _, b := range s.body.Blocks {
		ok = false
		l.report(&problem{Err: ErrUnknown, Summary: "Block in a sweep", At: b.DefRange(),
			Detail: "A sweep holds only axes, each a list: seed = range(3)."})
	}
	for _, attr := range attributesInOrder(s.body) {
		col, good := l.sweepAxis(attr)
		ok = ok && good
		if good {
			g.cols = append(g.cols, col)
		}
	}
	if ok && len(g.cols) == 0 {
		ok = false
		l.report(&problem{Err: ErrMissing, Summary: "Sweep without axes", At: s.at,
			Detail: "A sweep holds one attribute for each axis, a list of its values: seed = range(3)."})
	}
	return g, ok
}

// sweepAxis evaluates one axis.
func (l *loader) sweepAxis(attr *hclsyntax.Attribute) (*column, bool) {
	if !l.checkName("axis", attr.Name, attr.NameRange) {
		return nil, false
	}
	if attr.Name == "key" || attr.Name == "value" {
		l.report(&problem{Err: ErrName, Summary: "Reserved name of an axis", At: attr.NameRange,
			Detail: fmt.Sprintf("each.%s stands for the elements of a map. Choose another name for the axis.", attr.Name)})
		return nil, false
	}
	v, ok := l.constant(attr.Expr, &scope{where: "a sweep", eachHint: "A sweep is not part of an instance, so there is no each."})
	if !ok {
		return nil, false
	}
	elems, ok := listElements(v)
	if !ok {
		hint := ""
		if !v.IsNull() && v.Type().IsPrimitiveType() {
			hint = fmt.Sprintf(" For a single value write %s = [%s].", attr.Name, strings.TrimPrefix(statement(v), "is "))
		}
		l.report(&problem{Err: ErrType, Summary: "Axis is not a list", At: attr.Expr.Range(), Expr: attr.Expr,
			Detail: fmt.Sprintf("The axis %q must be a list of its values, but is %s.%s", attr.Name, describe(v), hint)})
		return nil, false
	}
	col, bad := newColumn(attr.Name, elems)
	if bad == nil && len(col.values) < len(elems) {
		bad = col.duplicate()
	}
	if bad != nil {
		l.report(&problem{Err: bad.Err, Summary: "Invalid axis " + quoted(clip(attr.Name, 40)), At: elementRange(attr.Expr, bad.element),
			Detail: fmt.Sprintf("The axis %q %s.", attr.Name, bad.Detail)})
		return nil, false
	}
	if len(elems) == 0 {
		l.report(&problem{Err: ErrEmpty, Warning: true, Summary: "Axis without values", At: attr.Expr.Range(),
			Detail: fmt.Sprintf("The axis %q is an empty list, so what uses this sweep has no instances.", attr.Name)})
	}
	col.codes = nil // the rows of a sweep are those of its product
	return col, true
}

// listElements gives the elements of a list, tuple or set.
func listElements(v cty.Value) ([]cty.Value, bool) {
	if v.IsNull() {
		return nil, false
	}
	if ty := v.Type(); !ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType() {
		return nil, false
	}
	return v.AsValueSlice(), true
}

// elementRange gives the range of an element of a list that is written out, else of the whole.
func elementRange(expr hclsyntax.Expression, i int) hcl.Range {
	if list, ok := unwrap(expr).(*hclsyntax.TupleConsExpr); ok && i >= 0 && i < len(list.Exprs) {
		return list.Exprs[i].Range()
	}
	return expr.Range()
}

// unwrap removes parentheses.
func unwrap(expr hclsyntax.Expression) hclsyntax.Expression {
	for {
		switch e := expr.(type) {
		case *hclsyntax.ParenthesesExpr:
			expr = e.Expression
		case *hclsyntax.TemplateWrapExpr:
			expr = e.Wrapped
		case meteredExpr:
			expr = e.ParenthesesExpr.Expression
		case sealedExpr:
			expr = e.ParenthesesExpr.Expression
		case branch:
			expr = e.ParenthesesExpr.Expression
		default:
			return expr
		}
	}
}
