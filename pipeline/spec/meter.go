package spec

import (
	"reflect"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A meteredExpr charges what its expression does and yields. Functions charge what they are given, so meters stand where
// else an expression can do much: in loops, where values are compared, and where they become text or numbers.
type meteredExpr struct {
	*hclsyntax.ParenthesesExpr
	meter meter
}

// A meter says what is charged.
type meter struct {
	loop    bool  // it is evaluated in each step of a loop
	steps   int64 // for each evaluation
	deep    bool  // what the value holds, not itself alone
	each    int64 // for each element of the value
	operand bool  // text may be read as a number, in time that grows with the square of its length
	text    bool  // it becomes text
}

func (e meteredExpr) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	b := budgetOf(ctx)
	if b == nil {
		return e.ParenthesesExpr.Expression.Value(ctx)
	}
	b.spend(e.meter.steps)
	v, diags := e.ParenthesesExpr.Expression.Value(ctx)
	if diags.HasErrors() && e.meter.loop {
		b.spend(1 << 16) // hundreds of equal errors help nobody
	}
	if e.meter.deep {
		b.spend(deepSizeOf(v, b.left))
	} else {
		b.spend(sizeOf(v))
	}
	if e.meter.each > 0 && v.IsKnown() && !v.IsNull() && v.CanIterateElements() {
		b.spend(times(e.meter.each, int64(v.LengthInt())))
	}
	if e.meter.operand && v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
		b.spend(square(int64(len(v.AsString()))) / 1024)
		if isInfinite(v.AsString()) {
			diags = append(diags, infiniteOperand(e, v))
			return cty.DynamicVal, diags
		}
	}
	if e.meter.text {
		v = asText(v)
	}
	return v, diags
}

// asText gives a number as the text that HCL would make of it, in a fraction of the time.
func asText(v cty.Value) cty.Value {
	if present(v) && v.Type() == cty.Number {
		return cty.StringVal(decimal(v.AsBigFloat()))
	}
	return v
}

// A sealed value is an argument on its way to a function of ours: cty looks at all of a value for each call.
type sealed struct{ v cty.Value }

var sealedType = cty.Capsule("argument", reflect.TypeFor[sealed]())

// A sealedExpr seals what its expression yields.
type sealedExpr struct{ *hclsyntax.ParenthesesExpr }

func (e sealedExpr) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.ParenthesesExpr.Expression.Value(ctx)
	if !v.IsKnown() || diags.HasErrors() {
		return v, diags
	}
	return cty.CapsuleVal(sealedType, &sealed{v}), diags
}

func unseal(v cty.Value) cty.Value {
	if v.Type() == sealedType {
		return v.EncapsulatedValue().(*sealed).v
	}
	return v
}

// unsealed are calls whose arguments are not evaluated before them, or not at all: those of types.
var unsealed = map[string]bool{"try": true, "can": true, "list": true, "set": true, "map": true, "tuple": true, "object": true, "optional": true}

// seal seals the arguments of a call, but for one that is many.
func seal(e *hclsyntax.FunctionCallExpr) {
	if unsealed[e.Name] {
		return
	}
	n := len(e.Args)
	if e.ExpandFinal {
		n--
	}
	for i, arg := range e.Args[:max(n, 0)] {
		if _, done := arg.(sealedExpr); !done {
			e.Args[i] = sealedExpr{&hclsyntax.ParenthesesExpr{Expression: arg, SrcRange: arg.Range()}}
		}
	}
}

// metered puts a meter on an expression, once. A literal needs none.
func metered(e hclsyntax.Expression, m meter) hclsyntax.Expression {
	switch e.(type) {
	case nil, meteredExpr, branch, *hclsyntax.LiteralValueExpr:
		return e
	}
	return meteredExpr{&hclsyntax.ParenthesesExpr{Expression: e, SrcRange: e.Range()}, m}
}

// perStep is the price of going round a loop once, besides what its expressions are.
const perStep = 16

// meterAll puts meters on all of a tree, once.
func meterAll(node hclsyntax.Node) {
	_ = hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics {
		switch e := n.(type) {
		case *hclsyntax.ForExpr:
			meterLoop(e)
		case *hclsyntax.SplatExpr:
			e.Source = metered(e.Source, meter{each: perStep + textLength(e.Each)})
		case *hclsyntax.BinaryOpExpr:
			m := meter{deep: true, operand: e.Op != hclsyntax.OpEqual && e.Op != hclsyntax.OpNotEqual}
			e.Op = checkedOperation(e.Op)
			e.LHS, e.RHS = metered(e.LHS, m), metered(e.RHS, m)
		case *hclsyntax.UnaryOpExpr:
			e.Val = metered(e.Val, meter{deep: true, operand: true})
		case *hclsyntax.IndexExpr:
			e.Key = metered(e.Key, meter{deep: true, operand: true})
		case *hclsyntax.ConditionalExpr:
			meterChoice(e)
		case *hclsyntax.FunctionCallExpr:
			seal(e)
		case *hclsyntax.TemplateExpr:
			for i := range e.Parts {
				e.Parts[i] = metered(e.Parts[i], meter{deep: true, text: true})
			}
		case *hclsyntax.TemplateJoinExpr:
			e.Tuple = metered(e.Tuple, meter{deep: true})
		case *hclsyntax.ObjectConsKeyExpr:
			if p, ok := e.Wrapped.(*hclsyntax.ParenthesesExpr); ok {
				p.Expression = metered(p.Expression, meter{deep: true})
			}
		}
		return nil
	})
}

// meterLoop charges each step for the text that is evaluated in it.
func meterLoop(e *hclsyntax.ForExpr) {
	steps := perStep + textLength(e.ValExpr)
	if e.KeyExpr != nil {
		steps += textLength(e.KeyExpr)
		e.KeyExpr = metered(e.KeyExpr, meter{deep: true, text: true})
	}
	if e.CondExpr != nil {
		e.CondExpr = stepped(e.CondExpr, steps+textLength(e.CondExpr))
		e.ValExpr = stepped(e.ValExpr, 0)
		return
	}
	e.ValExpr = stepped(e.ValExpr, steps)
}

// stepped is metered for what a loop evaluates in each step, literals too.
func stepped(e hclsyntax.Expression, steps int64) hclsyntax.Expression {
	if _, done := e.(meteredExpr); done {
		return e
	}
	return meteredExpr{&hclsyntax.ParenthesesExpr{Expression: e, SrcRange: e.Range()}, meter{loop: true, steps: steps}}
}

// textLength gives the bytes of an expression's source: about the work of evaluating it once, besides what it makes.
func textLength(e hclsyntax.Expression) int64 {
	r := e.Range()
	return int64(max(0, r.End.Byte-r.Start.Byte))
}
