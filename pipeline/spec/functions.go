package spec

import (
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// maxElements is the longest list that a function may make: what is longer is a slip.
const maxElements = 1_000_000

// builtins gives the functions of the language, without those that kinds add. Names and meaning
// are Terraform's where it has them; none reads the clock, the environment or chance.
func (l *loader) builtins() map[string]function.Function {
	fs := map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "max": stdlib.MaxFunc,
		"min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "signum": stdlib.SignumFunc,
		"chomp": stdlib.ChompFunc, "join": stdlib.JoinFunc, "lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc,
		"regexall": stdlib.RegexAllFunc, "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc,
		"substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc,
		"trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc, "trimspace": stdlib.TrimSpaceFunc,
		"upper": stdlib.UpperFunc, "replace": stdlib.ReplaceFunc, "regexreplace": stdlib.RegexReplaceFunc,
		"chunklist": stdlib.ChunklistFunc, "coalesce": stdlib.CoalesceFunc, "coalescelist": stdlib.CoalesceListFunc,
		"compact": stdlib.CompactFunc, "concat": stdlib.ConcatFunc, "contains": stdlib.ContainsFunc,
		"distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc, "flatten": stdlib.FlattenFunc,
		"keys": stdlib.KeysFunc, "lookup": stdlib.LookupFunc, "merge": stdlib.MergeFunc,
		"reverse": stdlib.ReverseListFunc, "setintersection": stdlib.SetIntersectionFunc,
		"setsubtract": stdlib.SetSubtractFunc, "setunion": stdlib.SetUnionFunc, "slice": stdlib.SliceFunc,
		"sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
		"csvdecode": stdlib.CSVDecodeFunc, "jsondecode": stdlib.JSONDecodeFunc, "jsonencode": stdlib.JSONEncodeFunc,
		"can": tryfunc.CanFunc, "try": tryfunc.TryFunc,
		"tobool": stdlib.MakeToFunc(cty.Bool), "tonumber": stdlib.MakeToFunc(cty.Number),
		"tostring": stdlib.MakeToFunc(cty.String), "tolist": stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)),
		"tomap": stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)), "toset": stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)),
		"length": lengthFunc, "sum": sumFunc, "alltrue": allFunc(true), "anytrue": allFunc(false),
		"startswith": affixFunc(strings.HasPrefix), "endswith": affixFunc(strings.HasSuffix),
		"range": rangeFunc(l.elements), "linspace": linspaceFunc(l.elements), "logspace": logspaceFunc,
		"pow": powFunc, "log": logFunc, "round": roundFunc,
		"format": guarded(stdlib.FormatFunc, checkFormat), "formatlist": guarded(stdlib.FormatListFunc, checkFormat),
		"indent": guarded(stdlib.IndentFunc, checkIndent), "setproduct": guarded(stdlib.SetProductFunc, checkProduct(l.elements)),
		"filesha256": l.filesha256Func(), "fileset": l.filesetFunc(), "external": l.externalFunc(),
	}
	for name, f := range fs {
		if name != "try" && name != "can" {
			fs[name] = l.metered(f)
		}
	}
	return fs
}

// metered charges a function's result to the budget of the expression.
func (l *loader) metered(f function.Function) function.Function {
	return wrapped(f, nil, func(v cty.Value) { l.budget.charge(v) })
}

// guarded refuses arguments before a function allocates for them.
func guarded(f function.Function, check func(args []cty.Value) error) function.Function {
	return wrapped(f, check, nil)
}

// wrapped leaves all checks to the call: the types of an evaluation's values are never asked for alone,
// and finding them twice would cost as much as most calls.
func wrapped(f function.Function, before func([]cty.Value) error, after func(cty.Value)) function.Function {
	return function.New(&function.Spec{
		Params: f.Params(), VarParam: f.VarParam(),
		Type: function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if before != nil {
				if err := before(args); err != nil {
					return cty.NilVal, err
				}
			}
			v, err := f.Call(args)
			if err == nil && after != nil {
				after(v)
			}
			return v, err
		},
	})
}

// checkFormat refuses verbs with widths of thousands of columns.
func checkFormat(args []cty.Value) error {
	if !args[0].IsKnown() || args[0].IsNull() || args[0].Type() != cty.String {
		return nil
	}
	digits := 0
	for _, r := range args[0].AsString() {
		if r < '0' || r > '9' {
			digits = 0
		} else if digits++; digits > 3 {
			return function.NewArgErrorf(0, "a width may have at most 3 digits")
		}
	}
	return nil
}

func checkIndent(args []cty.Value) error {
	if !args[0].IsKnown() || args[0].IsNull() {
		return nil
	}
	if n, ok := toInt64(args[0].AsBigFloat()); !ok || n < 0 || n > 1000 {
		return function.NewArgErrorf(0, "must be an integer from 0 to 1000")
	}
	return nil
}

// checkProduct refuses products of more elements than the limit.
func checkProduct(limit int) func(args []cty.Value) error {
	return func(args []cty.Value) error {
		n := 1
		for _, a := range args {
			if !a.IsKnown() || a.IsNull() || !a.CanIterateElements() {
				return nil
			}
			size := a.LengthInt()
			if size > 0 && n > limit/size {
				return fmt.Errorf("the product would have more than %s elements", grouped(limit))
			}
			n *= size
		}
		return nil
	}
}

// numberParams declares parameters that are numbers.
func numberParams(names ...string) []function.Parameter {
	ps := make([]function.Parameter, len(names))
	for i, n := range names {
		ps[i] = function.Parameter{Name: n, Type: cty.Number}
	}
	return ps
}

var lengthFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
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
	},
})

var sumFunc = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if ty := args[0].Type(); !ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType() {
			return cty.NilVal, function.NewArgErrorf(0, "must be a list of numbers")
		}
		sum := cty.Zero
		for it := args[0].ElementIterator(); it.Next(); {
			_, v := it.Element()
			if v.IsNull() || v.Type() != cty.Number {
				return cty.NilVal, function.NewArgErrorf(0, "must be a list of numbers")
			}
			sum = sum.Add(v)
		}
		return sum, nil
	},
})

// allFunc reports whether all (or any) of a list of truth values hold.
func allFunc(all bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			for it := args[0].ElementIterator(); it.Next(); {
				if _, v := it.Element(); v.IsNull() || v.True() != all {
					return cty.BoolVal(!all), nil
				}
			}
			return cty.BoolVal(all), nil
		},
	})
}

func affixFunc(has func(s, affix string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "string", Type: cty.String}, {Name: "affix", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(has(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// filesha256Func gives the hex SHA-256 of a file in the project, so that a setting, and with it
// the key, follows the file's content.
func (l *loader) filesha256Func() function.Function {
	return pathFunc(func(name string) (cty.Value, error) {
		path, err := l.projectFile(name)
		if err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		digest, err := l.fileDigest(path)
		if err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		return cty.StringVal(digest), nil
	}, cty.String)
}

func listOfNumbers(values []cty.Value) cty.Value {
	if len(values) == 0 {
		return cty.ListValEmpty(cty.Number)
	}
	return cty.ListVal(values)
}

// elementsArg reads a number of elements.
func elementsArg(v cty.Value, arg, limit int) (int, error) {
	n, ok := toInt64(v.AsBigFloat())
	switch {
	case !ok || n < 0:
		return 0, function.NewArgErrorf(arg, "must be a whole number, at least 0")
	case n > int64(limit):
		return 0, function.NewArgErrorf(arg, "%s elements are more than the %s allowed", numberText(v.AsBigFloat()), grouped(limit))
	}
	return int(n), nil
}

// wide gives x at the precision of the language's own arithmetic.
func wide(v cty.Value) *big.Float { return new(big.Float).SetPrec(512).Set(v.AsBigFloat()) }
