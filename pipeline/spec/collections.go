package spec

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// The functions here mean what Terraform's of the same name do. They are ours because the library's take time that grows
// with the square of what they are given, or look at all of a list for the sake of one element.

func anyParam(name string) function.Parameter {
	return function.Parameter{Name: name, Type: cty.DynamicPseudoType}
}

func nullable(p function.Parameter) function.Parameter {
	p.AllowNull = true
	return p
}

// ours makes a function of its parameters and what it does.
func ours(params []function.Parameter, rest *function.Parameter, impl func(args []cty.Value) (cty.Value, error)) callee {
	return callee{params, rest, impl}
}

var distinctFunc = ours([]function.Parameter{{Name: "list", Type: cty.List(cty.DynamicPseudoType)}}, nil, func(args []cty.Value) (cty.Value, error) {
	if !args[0].IsWhollyKnown() {
		return cty.DynamicVal, nil
	}
	var list []cty.Value
	seen := map[string]bool{}
	for _, e := range args[0].AsValueSlice() {
		if key := identity(e); !seen[key] {
			seen[key] = true
			list = append(list, e)
		}
	}
	return listOf(list, args[0].Type().ElementType()), nil
})

func listOf(elems []cty.Value, ty cty.Type) cty.Value {
	if len(elems) == 0 {
		return cty.ListValEmpty(ty)
	}
	return cty.ListVal(elems)
}

var containsFunc = ours([]function.Parameter{anyParam("list"), nullable(anyParam("value"))}, nil, func(args []cty.Value) (cty.Value, error) {
	if !isSequence(args[0]) {
		return cty.NilVal, function.NewArgErrorf(0, "must be a list or a set")
	}
	if !args[0].IsWhollyKnown() || !args[1].IsWhollyKnown() {
		return cty.DynamicVal, nil
	}
	for it := args[0].ElementIterator(); it.Next(); {
		if _, e := it.Element(); same(e, args[1]) {
			return cty.True, nil
		}
	}
	return cty.False, nil
})

func isSequence(v cty.Value) bool {
	ty := v.Type()
	return ty.IsTupleType() || ty.IsListType() || ty.IsSetType()
}

// flattenFunc gives the elements of a list with those of the lists in it, however deep.
var flattenFunc = ours([]function.Parameter{anyParam("list")}, nil, func(args []cty.Value) (cty.Value, error) {
	if !isSequence(args[0]) {
		return cty.NilVal, function.NewArgErrorf(0, "must be a list or a set")
	}
	return cty.TupleVal(flat(nil, args[0])), nil
})

func flat(out []cty.Value, v cty.Value) []cty.Value {
	for it := v.ElementIterator(); it.Next(); {
		if _, e := it.Element(); present(e) && isSequence(e) {
			out = flat(out, e)
		} else {
			out = append(out, e)
		}
	}
	return out
}

var elementFunc = ours([]function.Parameter{anyParam("list"), {Name: "index", Type: cty.Number}}, nil, func(args []cty.Value) (cty.Value, error) {
	ty := args[0].Type()
	if !ty.IsTupleType() && !ty.IsListType() {
		return cty.NilVal, function.NewArgErrorf(0, "must be a list")
	}
	n := int64(args[0].LengthInt())
	if n == 0 {
		return cty.NilVal, errors.New("cannot use element function with an empty list")
	}
	i, ok := toInt64(args[1].AsBigFloat())
	if !ok {
		return cty.NilVal, function.NewArgErrorf(1, "must be a whole number")
	}
	return args[0].Index(cty.NumberIntVal((i%n + n) % n)), nil
})

var lookupFunc = ours([]function.Parameter{anyParam("inputMap"), {Name: "key", Type: cty.String}, anyParam("default")}, nil, func(args []cty.Value) (cty.Value, error) {
	ty, key := args[0].Type(), args[1].AsString()
	switch {
	case ty.IsObjectType():
		if ty.HasAttribute(key) {
			return args[0].GetAttr(key), nil
		}
		return args[2], nil
	case ty.IsMapType():
		v, err := convert.Convert(args[2], ty.ElementType())
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(2, "the default value must have the same type as the map elements")
		}
		if args[0].HasIndex(args[1]).True() {
			return args[0].Index(args[1]), nil
		}
		return v, nil
	}
	return cty.NilVal, function.NewArgErrorf(0, "must be a map or an object")
})

// coalesceFunc gives the first argument that is not null, as the type that all have in common.
func coalesceFunc(b *budget) callee {
	rest := nullable(anyParam("vals"))
	return ours(nil, &rest, func(args []cty.Value) (cty.Value, error) {
		if len(args) == 0 {
			return cty.NilVal, errors.New("at least one argument is required")
		}
		ty, err := b.unify(args)
		if err != nil {
			return cty.NilVal, errors.New("all arguments must have the same type")
		}
		for i, v := range args {
			if v.IsNull() {
				continue
			}
			if v, err = b.conform(v, ty); err != nil {
				return cty.NilVal, function.NewArgErrorf(i, "%s", errorText(err))
			}
			return v, nil
		}
		return cty.NilVal, errors.New("no non-null arguments")
	})
}

// concatFunc puts lists together: to a list if all are lists whose elements have a type in common, else to a tuple.
func concatFunc(b *budget) callee {
	rest := anyParam("seqs")
	return ours(nil, &rest, func(args []cty.Value) (cty.Value, error) {
		if len(args) == 0 {
			return cty.NilVal, errors.New("at least one argument is required")
		}
		all := true
		var elems []cty.Value
		for i, v := range args {
			ty := v.Type()
			if !ty.IsTupleType() && !ty.IsListType() {
				return cty.NilVal, function.NewArgErrorf(i, "all arguments must be lists or tuples; got %s", ty.FriendlyName())
			}
			all = all && ty.IsListType()
			elems = append(elems, v.AsValueSlice()...)
		}
		if !all {
			return cty.TupleVal(elems), nil
		}
		ty, err := b.unify(args)
		if err != nil || !ty.IsListType() {
			return cty.TupleVal(elems), nil
		}
		elems = elems[:0]
		for i, v := range args {
			list, err := b.conform(v, ty)
			if err != nil {
				return cty.NilVal, function.NewArgErrorf(i, "%s", errorText(err))
			}
			elems = append(elems, list.AsValueSlice()...)
		}
		return listOf(elems, ty.ElementType()), nil
	})
}

// toFunc converts to a collection of whatever its elements have in common.
func toFunc(b *budget, want cty.Type) callee {
	return ours([]function.Parameter{nullable(anyParam("v"))}, nil, func(args []cty.Value) (cty.Value, error) {
		v, err := b.conform(args[0], want)
		if err != nil {
			if _, inside := err.(cty.PathError); inside {
				return cty.NilVal, function.NewArgErrorf(0, "%s", errorText(err))
			}
			return cty.NilVal, function.NewArgErrorf(0, "cannot convert %s to %s", args[0].Type().FriendlyName(), want.FriendlyNameForConstraint())
		}
		return v, nil
	})
}

// numberFunc is the library's tonumber, but for texts that no number is as long or as large as.
func numberFunc() callee {
	f := stdlib.MakeToFunc(cty.Number)
	return ours([]function.Parameter{nullable(anyParam("v"))}, nil, func(args []cty.Value) (cty.Value, error) {
		if present(args[0]) && args[0].Type() == cty.String {
			if n := len(args[0].AsString()); n > maxDigits {
				return cty.NilVal, function.NewArgErrorf(0, "%s characters are too many for a number", grouped(n))
			}
			if isInfinite(args[0].AsString()) {
				return cty.NilVal, function.NewArgErrorf(0, "%q is no number that can be computed with", args[0].AsString())
			}
		}
		v, err := f.Call(args)
		if err == nil && sizeOf(v) > 8+maxDigits {
			return cty.NilVal, function.NewArgErrorf(0, "the number %s is out of range", clip(textOf(args[0]), 40))
		}
		return v, err
	})
}

var lengthFunc = ours([]function.Parameter{anyParam("value")}, nil, func(args []cty.Value) (cty.Value, error) {
	v := args[0]
	switch {
	case v.Type() == cty.String:
		return stdlib.Strlen(v)
	case v.Type().IsObjectType():
		return cty.NumberIntVal(int64(len(v.Type().AttributeTypes()))), nil
	case v.CanIterateElements():
		return cty.NumberIntVal(int64(v.LengthInt())), nil
	}
	return cty.NilVal, function.NewArgErrorf(0, "must be a list, a map or text")
})

func closures(name string) function.Parameter {
	return function.Parameter{Name: name, Type: customdecode.ExpressionClosureType}
}

// tryFunc gives the first of its arguments that can be evaluated. The library's evaluates each twice, and so what is
// nested in n of them 2^n times.
func tryFunc() callee {
	rest := closures("expressions")
	return ours(nil, &rest, func(args []cty.Value) (cty.Value, error) {
		if len(args) == 0 {
			return cty.NilVal, errors.New("at least one argument is required")
		}
		var all hcl.Diagnostics
		for _, a := range args {
			v, diags := customdecode.ExpressionClosureFromVal(a).Value()
			if !diags.HasErrors() {
				return v, nil
			}
			all = append(all, diags...)
		}
		var b strings.Builder
		for i, d := range all {
			if i == 3 {
				fmt.Fprintf(&b, "; and %d more", len(all)-i)
				break
			}
			fmt.Fprintf(&b, "; %s: %s", d.Summary, strings.TrimSuffix(d.Detail, "."))
		}
		return cty.NilVal, fmt.Errorf("none of its expressions can be evaluated%s", b.String())
	})
}

var canFunc = ours([]function.Parameter{closures("expression")}, nil, func(args []cty.Value) (cty.Value, error) {
	v, diags := customdecode.ExpressionClosureFromVal(args[0]).Value()
	if !diags.HasErrors() && !v.IsWhollyKnown() {
		return cty.UnknownVal(cty.Bool), nil
	}
	return cty.BoolVal(!diags.HasErrors()), nil
})
