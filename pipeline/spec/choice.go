package spec

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A choice is a conditional, whose two results HCL brings to one type. It does so in time that grows with the square of
// their elements where they are written-out lists of different lengths, so long ones are made lists before it sees them.
type choice struct{ yes, no hclsyntax.Expression }

// A branch stands for one result of a choice.
type branch struct {
	*hclsyntax.ParenthesesExpr
	of  *choice
	yes bool
}

// An outcome is what a result came to.
type outcome struct {
	value cty.Value
	diags hcl.Diagnostics
}

func meterChoice(e *hclsyntax.ConditionalExpr) {
	if _, done := e.TrueResult.(branch); done {
		return
	}
	c := &choice{e.TrueResult, e.FalseResult}
	e.TrueResult = branch{&hclsyntax.ParenthesesExpr{Expression: c.yes, SrcRange: c.yes.Range()}, c, true}
	e.FalseResult = branch{&hclsyntax.ParenthesesExpr{Expression: c.no, SrcRange: c.no.Range()}, c, false}
}

// Value evaluates both results when the first is asked for, and keeps the second until it is.
func (e branch) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	b := budgetOf(ctx)
	if b == nil {
		return e.ParenthesesExpr.Expression.Value(ctx)
	}
	if !e.yes {
		if kept, ok := b.choices[e.of]; ok {
			delete(b.choices, e.of)
			return kept.value, kept.diags
		}
		return e.of.no.Value(ctx)
	}
	yes, yesDiags := e.of.yes.Value(ctx)
	no, noDiags := e.of.no.Value(ctx)
	b.spend(sizeOf(yes) + sizeOf(no))
	if !yesDiags.HasErrors() && !noDiags.HasErrors() {
		yes, no = b.align(yes, no)
	}
	if b.choices == nil {
		b.choices = map[*choice]outcome{}
	}
	b.choices[e.of] = outcome{no, noDiags}
	return yes, yesDiags
}

// alignFrom is the length from which on results are brought to one type here; a variable for tests.
var alignFrom = 64

// align makes lists of two lists, or maps of two objects, as HCL would, if they are long and differ in type.
func (b *budget) align(yes, no cty.Value) (cty.Value, cty.Value) {
	if yes.Type() == cty.String || no.Type() == cty.String {
		return asText(yes), asText(no)
	}
	if !present(yes) || !present(no) || max(elements(yes), elements(no)) < alignFrom || yes.Type().Equals(no.Type()) {
		return yes, no
	}
	var want cty.Type
	a, c := yes.Type(), no.Type()
	switch {
	case a.IsTupleType() && c.IsTupleType() && a.Length() != c.Length(), a.IsTupleType() && c.IsListType(), a.IsListType() && c.IsTupleType():
		want = cty.List(cty.DynamicPseudoType)
	case a.IsObjectType() && c.IsObjectType() && !sameAttributes(a, c), a.IsObjectType() && c.IsMapType(), a.IsMapType() && c.IsObjectType():
		want = cty.Map(cty.DynamicPseudoType)
	default:
		b.spend(unifyCost(a) + unifyCost(c))
		return yes, no
	}
	x, errX := b.conform(yes, want)
	y, errY := b.conform(no, want)
	switch {
	case errX != nil || errY != nil || untyped(yes) || untyped(no):
		b.spend(square(int64(elements(yes)+elements(no))) / 8) // HCL finds out why, in its own time
		return yes, no
	case x.LengthInt() == 0:
		x = emptyLike(y)
	case y.LengthInt() == 0:
		y = emptyLike(x)
	}
	return x, y
}

// present reports whether a value can be looked into.
func present(v cty.Value) bool { return v.IsKnown() && !v.IsMarked() && !v.IsNull() }

// untyped reports whether an element is null without a type, which HCL has rules of its own for.
func untyped(v cty.Value) bool {
	for it := v.ElementIterator(); it.Next(); {
		if _, e := it.Element(); e.Type() == cty.DynamicPseudoType {
			return true
		}
	}
	return false
}

func elements(v cty.Value) int {
	if present(v) && v.CanIterateElements() {
		return v.LengthInt()
	}
	return 0
}

func emptyLike(v cty.Value) cty.Value {
	if v.Type().IsMapType() {
		return cty.MapValEmpty(v.Type().ElementType())
	}
	return cty.ListValEmpty(v.Type().ElementType())
}

func sameAttributes(a, b cty.Type) bool {
	x, y := a.AttributeTypes(), b.AttributeTypes()
	for name := range x {
		if _, ok := y[name]; !ok {
			return false
		}
	}
	return len(x) == len(y)
}

// unifyCost bounds the work of bringing a type and another of its shape to one.
func unifyCost(ty cty.Type) int64 {
	n := int64(0)
	switch {
	case ty.IsTupleType():
		for _, e := range ty.TupleElementTypes() {
			n += unifyInside(e)
		}
	case ty.IsObjectType():
		for _, e := range ty.AttributeTypes() {
			n += unifyInside(e)
		}
	}
	return n
}

func unifyInside(ty cty.Type) int64 {
	switch {
	case ty.IsTupleType():
		return 8 + square(int64(ty.Length()))/8 + unifyCost(ty)
	case ty.IsObjectType():
		return 8 + square(int64(len(ty.AttributeTypes())))/8 + unifyCost(ty)
	}
	return 8
}
