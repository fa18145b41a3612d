package spec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// eval gives the expression's value; what is wrong with it is reported. The expression's names
// were checked (see prepare).
func (l *loader) eval(expr hclsyntax.Expression, ctx *hcl.EvalContext) (v cty.Value, ok bool) {
	l.budget.start(32 * int64(l.elements))
	defer func() {
		switch r := recover().(type) {
		case nil:
		case overspent:
			v, ok = cty.NilVal, false
			l.tooMuch(expr, ctx)
		default:
			v, ok = cty.NilVal, false
			l.report(&problem{Err: ErrFunction, Summary: "Expression cannot be evaluated", At: expr.Range(), Expr: expr, Context: ctx,
				Detail: fmt.Sprintf("Spurion cannot deal with this expression (%s). This is a fault of Spurion: please report it.", faultText(r))})
		}
	}()
	v, diags := expr.Value(ctx)
	if l.budget.broken() {
		l.tooMuch(expr, ctx)
		return cty.NilVal, false
	}
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

// tooMuch reports an expression that has spent its budget.
func (l *loader) tooMuch(expr hclsyntax.Expression, ctx *hcl.EvalContext) {
	l.report(&problem{Err: ErrLimit, Summary: "Expression makes too much", At: expr.Range(), Expr: expr, Context: ctx,
		Detail: "The lists and texts of this expression, and the work of making them, exceed what a spec may reasonably hold. Check the bounds of its loops; a value that is the same in each step of a loop belongs in a local value of its own."})
}

// checkSize reports a named value that is too large to be meant, and numbers that no setting can
// hold: names are how a short spec can grow without bound.
func (l *loader) checkSize(v cty.Value, at hcl.Range) bool {
	left := 16 << 20
	summary := ""
	_ = cty.Walk(v, func(_ cty.Path, e cty.Value) (bool, error) {
		left -= 16
		switch {
		case !e.IsKnown() || e.IsNull():
		case e.Type() == cty.String:
			left -= len(e.AsString())
		case e.Type() == cty.Number:
			if _, ok := toFloat64(e.AsBigFloat()); !ok {
				summary = "Number out of range"
			}
		}
		if left < 0 {
			summary = "Value too large"
		}
		return summary == "", nil
	})
	if summary != "" {
		l.report(&problem{Err: ErrLimit, Summary: summary, At: at,
			Detail: "A value may hold at most 16 MiB, and its numbers must be below 1.8e308, and not nearer to 0 than 4.9e-324."})
	}
	return summary == ""
}
