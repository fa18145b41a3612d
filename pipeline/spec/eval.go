package spec

import (
	"fmt"
	"math/big"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A budget bounds what one evaluation may make: nested loops over small lists can ask for more than
// any machine has. A value costs 8 and 8 for each element, a text its bytes; a list of maxElements
// costs a quarter of the budget, which is 32 * maxElements.
type budget struct{ left int64 }

// overspent is what charge panics with; eval recovers it.
type overspent struct{}

func (b *budget) spend(n int64) {
	if b.left -= n; b.left < 0 {
		panic(overspent{})
	}
}

// charge takes the size of a value, without its nested parts, which were charged when made.
func (b *budget) charge(v cty.Value) {
	n := int64(8)
	if v.IsKnown() && !v.IsNull() && !v.IsMarked() {
		switch ty := v.Type(); {
		case ty == cty.String:
			n += int64(len(v.AsString()))
		case v.CanIterateElements():
			n += 8 * int64(v.LengthInt())
		}
	}
	b.spend(n)
}

// A meteredExpr charges what its expression yields: it stands for the body of every `for`.
type meteredExpr struct {
	*hclsyntax.ParenthesesExpr
	budget *budget
}

func (e meteredExpr) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.ParenthesesExpr.Expression.Value(ctx)
	if diags.HasErrors() {
		e.budget.spend(1 << 16) // hundreds of equal errors help nobody
	}
	e.budget.charge(v)
	return v, diags
}

// meter puts a meter on every `for` in the tree.
func (l *loader) meter(node hclsyntax.Node) {
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		if f, ok := n.(*hclsyntax.ForExpr); ok {
			if _, done := f.ValExpr.(meteredExpr); !done {
				f.ValExpr = meteredExpr{&hclsyntax.ParenthesesExpr{Expression: f.ValExpr, SrcRange: f.ValExpr.Range()}, &l.budget}
			}
		}
		return nil
	})
}

// eval gives the expression's value; what is wrong with it is reported. The expression's names
// were checked (see prepare).
func (l *loader) eval(expr hclsyntax.Expression, ctx *hcl.EvalContext) (v cty.Value, ok bool) {
	l.budget.left = 32 * int64(l.elements)
	defer func() {
		switch r := recover().(type) {
		case nil:
		case overspent:
			v, ok = cty.NilVal, false
			l.report(&problem{Err: ErrLimit, Summary: "Expression makes too much", At: expr.Range(), Expr: expr, Context: ctx,
				Detail: "The lists and texts of this expression exceed what a spec may reasonably hold. Check the bounds of its loops."})
		default:
			v, ok = cty.NilVal, false
			l.report(&problem{Err: ErrFunction, Summary: "Expression cannot be evaluated", At: expr.Range(), Expr: expr, Context: ctx,
				Detail: fmt.Sprintf("The evaluation failed: %v.", r)})
		}
	}()
	v, diags := expr.Value(ctx)
	for _, d := range diags {
		if d.Expression == nil {
			d.Expression, d.EvalContext = expr, ctx
		}
		l.fromHCL(d, causeOf(d))
	}
	if diags.HasErrors() {
		return cty.NilVal, false
	}
	if !v.IsWhollyKnown() {
		l.report(&problem{Err: ErrType, Summary: "Expression has no value", At: expr.Range(),
			Detail: "The value of this expression cannot be determined."})
		return cty.NilVal, false
	}
	return v, true
}

// checkSize reports a named value that is too large to be meant, and numbers that no setting can
// hold: names are how a short spec can grow without bound.
func (l *loader) checkSize(v cty.Value, at hcl.Range) bool {
	left := 16 << 20
	summary := ""
	limit := new(big.Float).SetMantExp(big.NewFloat(1), 1024)
	_ = cty.Walk(v, func(_ cty.Path, e cty.Value) (bool, error) {
		left -= 16
		switch {
		case !e.IsKnown() || e.IsNull():
		case e.Type() == cty.String:
			left -= len(e.AsString())
		case e.Type() == cty.Number && new(big.Float).Abs(e.AsBigFloat()).Cmp(limit) >= 0:
			summary = "Number out of range"
		}
		if left < 0 {
			summary = "Value too large"
		}
		return summary == "", nil
	})
	if summary != "" {
		l.report(&problem{Err: ErrLimit, Summary: summary, At: at,
			Detail: "A value may hold at most 16 MiB, and its numbers must be below 1.8e308."})
	}
	return summary == ""
}
