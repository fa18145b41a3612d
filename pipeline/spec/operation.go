package spec

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// HCL's numbers know infinity: 5 / 0 is one, 5 % 0 is 5, and a text "inf" is one as well. What is computed from them,
// such as 1 / (5 / 0), may be a number again. Nobody means that, so none comes into being.

var (
	checkedDivide = notByZero(hclsyntax.OpDivide, "a division by zero has no value")
	checkedModulo = notByZero(hclsyntax.OpModulo, "there is no remainder of a division by zero")
)

// checkedOperation gives the operation that is used in place of one of HCL's.
func checkedOperation(op *hclsyntax.Operation) *hclsyntax.Operation {
	switch op {
	case hclsyntax.OpDivide:
		return checkedDivide
	case hclsyntax.OpModulo:
		return checkedModulo
	}
	return op
}

// notByZero gives an operation that refuses 0 on its right.
func notByZero(op *hclsyntax.Operation, refusal string) *hclsyntax.Operation {
	checked := *op
	checked.Impl = function.New(&function.Spec{
		Params: op.Impl.Params(),
		Type:   function.StaticReturnType(op.Type),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if args[1].AsBigFloat().Sign() == 0 {
				return cty.NilVal, errors.New(refusal)
			}
			return op.Impl.Call(args)
		},
	})
	return &checked
}

// isInfinite reports whether a text stands for a number that is none.
func isInfinite(text string) bool {
	text = strings.TrimLeft(text, "+-")
	return strings.EqualFold(text, "inf") || strings.EqualFold(text, "infinity")
}

// infiniteOperand reports such a text where a number is needed.
func infiniteOperand(e hclsyntax.Expression, v cty.Value) *hcl.Diagnostic {
	at := e.Range()
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Invalid operand", Subject: &at,
		Detail: fmt.Sprintf("%q is no number that can be computed with.", v.AsString())}
}
