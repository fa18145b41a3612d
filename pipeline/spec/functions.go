package spec

import (
	"math/big"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// maxElements is the longest list that a function may make: what is longer is a slip.
const maxElements = 1_000_000

// builtins gives the functions of the language, without those that kinds add. Names and meaning
// are Terraform's where it has them; none reads the clock, the environment or chance.
func (l *loader) builtins() map[string]function.Function {
	fs, prices := map[string]function.Function{}, l.prices()
	for _, group := range []map[string]callee{l.numberFunctions(), l.textFunctions(), l.listFunctions(), l.ourFunctions(), setFunctions(&l.budget)} {
		for name, c := range group {
			fs[name] = l.builtin(c, prices[name])
		}
	}
	return fs
}

func (l *loader) numberFunctions() map[string]callee {
	return libraryFuncs(map[string]function.Function{
		"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "floor": stdlib.FloorFunc, "max": stdlib.MaxFunc,
		"min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "signum": stdlib.SignumFunc, "sum": sumFunc,
		"range": rangeFunc(l.elements), "linspace": linspaceFunc(l.elements), "logspace": logspaceFunc,
		"pow": powFunc, "log": logFunc, "round": roundFunc,
	})
}

func (l *loader) textFunctions() map[string]callee {
	return libraryFuncs(map[string]function.Function{
		"chomp": stdlib.ChompFunc, "join": stdlib.JoinFunc, "lower": stdlib.LowerFunc, "regex": stdlib.RegexFunc,
		"regexall": stdlib.RegexAllFunc, "split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc,
		"substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc, "trim": stdlib.TrimFunc,
		"trimprefix": stdlib.TrimPrefixFunc, "trimsuffix": stdlib.TrimSuffixFunc, "trimspace": stdlib.TrimSpaceFunc,
		"upper": stdlib.UpperFunc, "replace": stdlib.ReplaceFunc, "regexreplace": stdlib.RegexReplaceFunc,
		"startswith": affixFunc(strings.HasPrefix), "endswith": affixFunc(strings.HasSuffix),
		"format": stdlib.FormatFunc, "formatlist": stdlib.FormatListFunc, "indent": stdlib.IndentFunc,
		"csvdecode": stdlib.CSVDecodeFunc, "jsondecode": stdlib.JSONDecodeFunc,
		"tobool": stdlib.MakeToFunc(cty.Bool), "tostring": stdlib.MakeToFunc(cty.String),
		"filesha256": l.filesha256Func(), "fileset": l.filesetFunc(), "external": l.externalFunc(),
	})
}

func (l *loader) listFunctions() map[string]callee {
	return libraryFuncs(map[string]function.Function{
		"chunklist": stdlib.ChunklistFunc, "coalescelist": stdlib.CoalesceListFunc, "compact": stdlib.CompactFunc,
		"keys": stdlib.KeysFunc, "merge": stdlib.MergeFunc, "reverse": stdlib.ReverseListFunc, "slice": stdlib.SliceFunc,
		"sort": stdlib.SortFunc, "values": stdlib.ValuesFunc, "zipmap": stdlib.ZipmapFunc,
		"alltrue": allFunc(true), "anytrue": allFunc(false),
	})
}

func (l *loader) ourFunctions() map[string]callee {
	b := &l.budget
	return map[string]callee{
		"coalesce": coalesceFunc(b), "concat": concatFunc(b), "contains": containsFunc, "distinct": distinctFunc,
		"element": elementFunc, "flatten": flattenFunc, "length": lengthFunc, "lookup": lookupFunc,
		"setproduct": productFunc(b), "tolist": toFunc(b, cty.List(cty.DynamicPseudoType)),
		"tomap": toFunc(b, cty.Map(cty.DynamicPseudoType)), "toset": toFunc(b, cty.Set(cty.DynamicPseudoType)),
		"tonumber": numberFunc(), "can": canFunc, "try": tryFunc(), "jsonencode": jsonFunc,
	}
}

// prices are those of functions that make more than they are given, or look at less of it.
func (l *loader) prices() map[string]price {
	return map[string]price{
		"pow": fixed(3000), "log": fixed(2000), "round": fixed(200), "logspace": logspacePrice, "parseint": digitsPrice,
		"length": lengthPrice, "element": free, "lookup": free, "can": free, "try": free,
		"join": joinPrice, "split": splitPrice, "replace": replacePrice, "trim": trimPrice, "indent": indentPrice,
		"format": formatPrice, "formatlist": formatListPrice,
		"regex": regexPrice(0, 1, false), "regexall": regexPrice(0, 1, true), "regexreplace": regexPrice(1, 0, true),
		"setproduct": productPrice(l.elements), "jsondecode": nestedPrice,
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
