package spec

import (
	"errors"
	"fmt"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// values are small ones of all sorts.
func someValues(t *testing.T) []cty.Value {
	t.Helper()
	var out []cty.Value
	for _, text := range []string{
		`null`, `true`, `0`, `-0`, `1`, `1.5`, `0.1`, `0.1 + 0.2`, `1e30`, `1 / 3`, `12345678901234567890`, `""`, `"a"`, `"1"`, `"<é>"`, `[]`, `{}`,
		`[1]`, `[1, 2, 1]`, `["a", "b", "a"]`, `[1, "a"]`, `["1", 1]`, `[null]`, `[1, null]`, `[true, "true"]`, `[[1], [1, 2]]`, `[[1], ["a"], []]`, `[{}, { a = 1 }]`,
		`[{ a = 1 }, { a = "x" }]`, `[{ a = 1 }, { b = 1 }]`, `[0.1, 0.10, 1 / 10, 0.1 + 0.2, 0.3]`, `[12345678901, 12345678902]`,
		`{ a = 1 }`, `{ a = 1, b = 2 }`, `{ a = 1, b = "x" }`, `{ a = [1], b = [] }`, `{ a = null }`, `{ "1" = 2 }`,
	} {
		expr, diags := hclsyntax.ParseExpression([]byte(text), "value", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(text, diags)
		}
		v, diags := expr.Value(nil)
		if diags.HasErrors() {
			t.Fatal(text, diags)
		}
		out = append(out, v)
		for _, ty := range []cty.Type{cty.List(cty.DynamicPseudoType), cty.Set(cty.DynamicPseudoType), cty.Map(cty.DynamicPseudoType)} {
			if c, err := convert.Convert(v, ty); err == nil && !c.RawEquals(v) && !c.IsNull() {
				out = append(out, c)
			}
		}
	}
	return out
}

// TestLikeTheLibrary compares our functions with those whose names they have.
func TestLikeTheLibrary(t *testing.T) {
	values := someValues(t)
	theirs := map[string]function.Function{
		"distinct": stdlib.DistinctFunc, "contains": stdlib.ContainsFunc, "flatten": stdlib.FlattenFunc, "element": stdlib.ElementFunc,
		"lookup": stdlib.LookupFunc, "coalesce": stdlib.CoalesceFunc, "concat": stdlib.ConcatFunc, "setunion": stdlib.SetUnionFunc,
		"setintersection": stdlib.SetIntersectionFunc, "setsubtract": stdlib.SetSubtractFunc, "setproduct": stdlib.SetProductFunc,
		"tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
		"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "jsonencode": stdlib.JSONEncodeFunc, "compact": stdlib.CompactFunc,
		"sort": stdlib.SortFunc, "zipmap": stdlib.ZipmapFunc, "merge": stdlib.MergeFunc, "keys": stdlib.KeysFunc, "join": stdlib.JoinFunc,
	}
	l := newLoader(Options{})
	for _, name := range keysOf(theirs) {
		f := theirs[name]
		ours := func(args []cty.Value) (cty.Value, error) {
			l.budget.start(1 << 30)
			return l.functions[name].Call(args)
		}
		plain := func(args []cty.Value) (cty.Value, error) {
			converted := make([]cty.Value, len(args))
			for i, v := range args {
				p := f.VarParam()
				if i < len(f.Params()) {
					p = &f.Params()[i]
				}
				var err error
				if converted[i], err = convert.Convert(v, p.Type); err != nil {
					return cty.NilVal, err
				}
			}
			return f.Call(converted)
		}
		n := len(f.Params())
		if f.VarParam() != nil {
			n = 2
		}
		for _, args := range tuples(values, n) {
			want, wantErr := plain(args)
			got, err := ours(args)
			switch {
			case wantErr == nil && !want.IsKnown(): // cty cannot tell the type
			case errors.As(wantErr, new(function.PanicError)): // ours need not
			case (err == nil) != (wantErr == nil):
				t.Errorf("%s%v: got %v, %.60v, want %v, %.60v", name, show(args), show([]cty.Value{got}), err, show([]cty.Value{want}), wantErr)
			case err == nil && !got.RawEquals(want) && !(got.IsNull() && want.IsNull()):
				t.Errorf("%s%v = %v, want %v", name, show(args), show([]cty.Value{got}), show([]cty.Value{want}))
			}
		}
	}
}

// tuples gives lists of n values: all of one, and of two; of three those whose second is text.
func tuples(values []cty.Value, n int) [][]cty.Value {
	var out [][]cty.Value
	for _, a := range values {
		if n == 1 {
			out = append(out, []cty.Value{a})
			continue
		}
		for _, b := range values {
			if n == 2 {
				out = append(out, []cty.Value{a, b})
			} else {
				out = append(out, []cty.Value{a, cty.StringVal("a"), b})
			}
		}
	}
	return out
}

func show(values []cty.Value) string {
	text := ""
	for _, v := range values {
		text += fmt.Sprintf(" %#v", v)
	}
	return "(" + text + " )"
}

// TestConformLikeTheLibrary compares conversions.
func TestConformLikeTheLibrary(t *testing.T) {
	types := []cty.Type{cty.Bool, cty.Number, cty.String}
	for range 2 {
		for _, ty := range append([]cty.Type{cty.DynamicPseudoType}, types...) {
			types = append(types, cty.List(ty), cty.Set(ty), cty.Map(ty))
		}
	}
	types = append(types, cty.Object(map[string]cty.Type{"a": cty.Number}), cty.Object(map[string]cty.Type{"a": cty.String}),
		cty.ObjectWithOptionalAttrs(map[string]cty.Type{"a": cty.List(cty.Number), "b": cty.String}, []string{"b"}), cty.Tuple([]cty.Type{cty.String}))
	b := &budget{}
	for _, v := range someValues(t) {
		for _, ty := range types {
			b.start(1 << 30)
			want, wantErr := convert.Convert(v, ty)
			got, err := b.conform(v, ty)
			if wantErr != nil && err == nil && ty.HasDynamicTypes() {
				continue // the library gives up on sets of lists whose elements differ in type
			}
			if (err == nil) != (wantErr == nil) || err == nil && !got.RawEquals(want) {
				t.Errorf("%#v as %#v: got %#v, %v, want %#v, %v", v, ty, got, err, want, wantErr)
			}
		}
	}
}

// TestChoicesLikeHCL compares conditionals with those that have no meter.
func TestChoicesLikeHCL(t *testing.T) {
	defer func(n int) { alignFrom = n }(alignFrom)
	alignFrom = 0
	l := newLoader(Options{})
	for _, args := range tuples(someValues(t), 2) {
		for _, condition := range []string{"true", "false"} {
			values := map[string]cty.Value{"a": args[0], "b": args[1], budgetName: l.budgetValue}
			expr, _ := hclsyntax.ParseExpression([]byte(condition+" ? a : b"), "value", hcl.InitialPos)
			want, wantDiags := expr.Value(&hcl.EvalContext{Variables: values})
			meterAll(expr)
			l.budget.start(1 << 30)
			got, diags := expr.Value(&hcl.EvalContext{Variables: values})
			if wantDiags.HasErrors() || !diags.HasErrors() && elements(want) == 0 && elements(got) == 0 {
				continue // nothing is lost where it can be done, and the type of what is empty says little
			}
			if diags.HasErrors() || !got.RawEquals(want) {
				t.Errorf("%s ? %#v : %#v: got %#v, %v, want %#v, %v", condition, args[0], args[1], got, diags, want, wantDiags)
			}
			if len(l.budget.choices) > 0 {
				t.Fatal("a result was kept")
			}
		}
	}
}

// TestTryOnce evaluates what is nested in many tries once.
func TestTryOnce(t *testing.T) {
	text := "1"
	for range 40 {
		text = "try(" + text + ")"
	}
	if got, diags := evaluate(t, text); got != "1" {
		t.Errorf("got %s %v", got, diags)
	}
	_ = tryfunc.TryFunc // what it replaces
}
