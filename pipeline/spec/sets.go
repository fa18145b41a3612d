package spec

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// setFunc makes a set of those elements of all sets that keep takes, by how many of the n sets have them and whether the
// first does.
func setFunc(b *budget, params []function.Parameter, rest *function.Parameter, keep func(first bool, in, n int) bool) callee {
	return ours(params, rest, func(args []cty.Value) (cty.Value, error) {
		lists, ty, err := commonLists(b, args)
		if err != nil {
			return cty.NilVal, err
		}
		type place struct {
			v        cty.Value
			first    bool
			last, in int // the last list that it was in, counted from 1, and how many it was in
		}
		var order []*place
		places := map[string]*place{}
		for i, elems := range lists {
			for _, e := range elems {
				key := identity(e)
				p := places[key]
				if p == nil {
					p = &place{v: e, first: i == 0}
					places[key], order = p, append(order, p)
				}
				if p.last != i+1 {
					p.last = i + 1
					p.in++
				}
			}
		}
		var elems []cty.Value
		for _, p := range order {
			if keep(p.first, p.in, len(args)) {
				elems = append(elems, p.v)
			}
		}
		if len(elems) == 0 {
			return cty.SetValEmpty(ty), nil
		}
		return b.setOf(elems)
	})
}

// commonLists gives the elements of lists or sets as the type that all have in common; empty ones fit each.
func commonLists(b *budget, args []cty.Value) (lists [][]cty.Value, ty cty.Type, err error) {
	var typed []cty.Value
	values := make([]cty.Value, len(args))
	for i, v := range args {
		if values[i], err = b.conform(v, cty.List(cty.DynamicPseudoType)); err != nil {
			return nil, cty.NilType, function.NewArgErrorf(i, "%s", errorText(err))
		}
		if values[i].LengthInt() > 0 || values[i].Type().ElementType() != cty.DynamicPseudoType {
			typed = append(typed, values[i])
		}
	}
	ty = cty.List(cty.DynamicPseudoType)
	if len(typed) > 0 {
		if ty, err = b.unify(typed); err != nil {
			return nil, cty.NilType, errors.New("given sets must all have compatible element types")
		}
	}
	lists = make([][]cty.Value, len(args))
	for i, v := range values {
		list, err := b.conform(v, ty)
		if err != nil {
			return nil, cty.NilType, function.NewArgErrorf(i, "%s", errorText(err))
		}
		lists[i] = list.AsValueSlice()
	}
	return lists, ty.ElementType(), nil
}

// productFunc gives all combinations of the elements of lists, or of sets.
func productFunc(b *budget) callee {
	rest := anyParam("sets")
	return ours(nil, &rest, func(args []cty.Value) (cty.Value, error) {
		lists := make([]cty.Value, len(args))
		work := int64(1)
		for i, v := range args {
			lists[i] = v
			switch ty := v.Type(); {
			case ty.IsTupleType():
				var err error
				if lists[i], err = b.conform(v, cty.List(cty.DynamicPseudoType)); err != nil {
					return cty.NilVal, function.NewArgErrorf(i, "all elements must be of the same type")
				}
			case ty.IsSetType():
				work = times(work, b.collisions(v.AsValueSlice()))
			}
		}
		if work > 1 && !b.take(work) {
			return cty.NilVal, errOverspent
		}
		return stdlib.SetProductFunc.Call(lists)
	})
}

// setFunctions are those of sets.
func setFunctions(b *budget) map[string]callee {
	others := func() *function.Parameter { p := anyParam("other_sets"); return &p }
	return map[string]callee{
		"setunion": setFunc(b, []function.Parameter{anyParam("first_set")}, others(),
			func(bool, int, int) bool { return true }),
		"setintersection": setFunc(b, []function.Parameter{anyParam("first_set")}, others(),
			func(_ bool, in, n int) bool { return in == n }),
		"setsubtract": setFunc(b, []function.Parameter{anyParam("a"), anyParam("b")}, nil,
			func(first bool, in, _ int) bool { return first && in == 1 }),
	}
}
