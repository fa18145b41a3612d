package spec

import (
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// maxDigits is the longest text that is read as a number: reading takes the square of its length.
const maxDigits = 1000

// conform converts a value to a type as convert.Convert does. Where elements must find a common type it looks at each
// type once; the library compares all pairs of elements.
func (b *budget) conform(v cty.Value, ty cty.Type) (cty.Value, error) {
	if ty == cty.DynamicPseudoType || !present(v) || !v.IsWhollyKnown() {
		return convert.Convert(v, ty)
	}
	from := v.Type()
	switch {
	case ty == cty.Number && from == cty.String:
		if n := len(v.AsString()); n > maxDigits {
			return cty.NilVal, fmt.Errorf("%s characters are too many for a number", grouped(n))
		}
		if isInfinite(v.AsString()) {
			return cty.NilVal, fmt.Errorf("%q is no number that can be computed with", v.AsString())
		}
		x, err := convert.Convert(v, ty)
		if err == nil && sizeOf(x) > 8+maxDigits {
			return cty.NilVal, fmt.Errorf("the number %s is out of range", clip(v.AsString(), 40))
		}
		return x, err
	case ty == cty.String && from == cty.Number:
		return convert.Convert(asText(v), ty)
	case (ty.IsListType() || ty.IsSetType()) && (from.IsTupleType() || from.IsListType() || from.IsSetType()):
		return b.conformSequence(v, ty)
	case ty.IsMapType() && (from.IsObjectType() || from.IsMapType()):
		return b.conformMap(v, ty)
	case ty.IsObjectType() && from.IsObjectType():
		return b.conformObject(v, ty)
	}
	return convert.Convert(v, ty)
}

// conformSequence makes a list or a set. For a set it charges for elements that the library's hash does not tell apart.
func (b *budget) conformSequence(v cty.Value, ty cty.Type) (cty.Value, error) {
	from, want, noun := v.Type(), ty.ElementType(), "list"
	if ty.IsSetType() {
		noun = "set"
	}
	same := from.IsListType() && ty.IsListType() || from.IsSetType() && ty.IsSetType()
	if same && (want == cty.DynamicPseudoType || from.ElementType().Equals(want)) {
		return v, nil
	}
	elems, err := b.conformElements(v, want)
	switch {
	case err != nil:
		return cty.NilVal, err
	case len(elems) == 0:
		return convert.Convert(v, ty)
	case !cty.CanListVal(elems):
		return cty.NilVal, fmt.Errorf("element types must all match for conversion to %s", noun)
	case ty.IsSetType():
		return b.setOf(elems)
	}
	return cty.ListVal(elems), nil
}

// setOf makes a set of elements of one type.
func (b *budget) setOf(elems []cty.Value) (cty.Value, error) {
	var unique []cty.Value
	seen := map[string]bool{}
	for _, e := range elems {
		if key := identity(e); !seen[key] {
			seen[key] = true
			unique = append(unique, e)
		}
	}
	if !b.take(4 * b.collisions(unique)) {
		return cty.NilVal, errOverspent
	}
	return cty.SetVal(unique), nil
}

// collisions gives how many comparisons it takes to put different elements into a set of the library, which hashes the
// first ten digits of a number; or a number beyond the budget.
func (b *budget) collisions(elems []cty.Value) int64 {
	buckets := map[int]int64{}
	n := int64(0)
	for _, e := range elems {
		h := e.Hash()
		buckets[h]++
		if n += buckets[h]; n > b.left {
			break
		}
	}
	return n
}

// conformMap makes a map.
func (b *budget) conformMap(v cty.Value, ty cty.Type) (cty.Value, error) {
	want := ty.ElementType()
	if from := v.Type(); from.IsMapType() && (want == cty.DynamicPseudoType || from.ElementType().Equals(want)) {
		return v, nil
	}
	if v.LengthInt() == 0 {
		return convert.Convert(v, ty)
	}
	elems, err := b.conformElements(v, want)
	if err != nil {
		return cty.NilVal, err
	}
	if !cty.CanListVal(elems) {
		return cty.NilVal, fmt.Errorf("attribute types must all match for conversion to map")
	}
	values, i := make(map[string]cty.Value, len(elems)), 0
	for it := v.ElementIterator(); it.Next(); i++ {
		k, _ := it.Element()
		values[k.AsString()] = elems[i]
	}
	return cty.MapVal(values), nil
}

// conformObject converts each attribute; the library says which are missing, or fills them in.
func (b *budget) conformObject(v cty.Value, ty cty.Type) (cty.Value, error) {
	values := v.AsValueMap()
	for _, name := range keysOf(values) {
		if !ty.HasAttribute(name) {
			continue
		}
		e, err := b.conform(values[name], ty.AttributeType(name))
		if err != nil {
			return cty.NilVal, underStep(cty.StringVal(name), ty, err)
		}
		values[name] = e
	}
	return convert.Convert(cty.ObjectVal(values), ty)
}

// conformElements converts each element to a type, or, if that leaves something open, all to the type that they have in
// common.
func (b *budget) conformElements(v cty.Value, want cty.Type) ([]cty.Value, error) {
	elems := make([]cty.Value, 0, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		e, err := b.conform(e, want)
		if err != nil {
			return nil, underStep(k, v.Type(), err)
		}
		elems = append(elems, e)
	}
	if !want.HasDynamicTypes() || len(elems) == 0 {
		return elems, nil
	}
	common, err := b.unify(elems)
	if err != nil {
		return nil, err
	}
	if common == cty.DynamicPseudoType && slices.ContainsFunc(elems, func(e cty.Value) bool { return e.Type() != common }) {
		return nil, fmt.Errorf("all elements must have the same type")
	}
	for i, e := range elems {
		if e.Type().Equals(common) {
			continue
		}
		if elems[i], err = convert.Convert(e, common); err != nil {
			return nil, err
		}
	}
	return elems, nil
}

// unify gives the type that all values can be converted to; dynamic if some are null without a type.
func (b *budget) unify(values []cty.Value) (cty.Type, error) {
	var types []cty.Type
	for _, v := range values {
		// The last type is the likeliest.
		i := len(types) - 1
		for ; i >= 0 && !types[i].Equals(v.Type()); i-- {
		}
		if i < 0 {
			types = append(types, v.Type())
			if !b.take(16 * int64(len(types))) {
				return cty.NilType, errOverspent
			}
		}
	}
	if len(types) == 1 {
		return types[0], nil
	}
	ty, _ := convert.UnifyUnsafe(types)
	if ty == cty.NilType {
		return cty.NilType, fmt.Errorf("all elements must have the same type")
	}
	return ty, nil
}

// underStep puts the way to an element before an error's path.
func underStep(k cty.Value, in cty.Type, err error) error {
	if in.IsObjectType() {
		return cty.Path{cty.GetAttrStep{Name: k.AsString()}}.NewError(err)
	}
	return cty.Path{cty.IndexStep{Key: k}}.NewError(err)
}
