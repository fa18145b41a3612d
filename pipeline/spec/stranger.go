package spec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// A stranger is an attribute of a value that its type does not have. The library's conversion drops such attributes, so
// that a misspelt one would leave the default in force.
type stranger struct {
	path  cty.Path // to the object
	name  string
	known []string // the attributes of its type, sorted
}

// strangers lists the attributes in a value that a type does not have.
func strangers(v cty.Value, ty cty.Type) []stranger {
	var out []stranger
	addStrangers(v, ty, nil, &out)
	return out
}

func addStrangers(v cty.Value, ty cty.Type, path cty.Path, out *[]stranger) {
	v, _ = v.Unmark()
	if !present(v) || !v.CanIterateElements() || !holdsObjects(ty) {
		return
	}
	keyed := v.Type().IsObjectType() || v.Type().IsMapType()
	if named := ty.IsObjectType() || ty.IsMapType(); named != keyed {
		return // the conversion says what is wrong
	}
	place := 0
	for it := v.ElementIterator(); it.Next(); place++ {
		k, e := it.Element()
		if v.Type().IsSetType() {
			k = cty.NumberIntVal(int64(place))
		}
		inner, ok := elementType(ty, k, place)
		if !ok {
			if ty.IsObjectType() {
				*out = append(*out, stranger{append(cty.Path(nil), path...), k.AsString(), keysOf(ty.AttributeTypes())})
			}
			continue
		}
		addStrangers(e, inner, append(path[:len(path):len(path)], cty.IndexStep{Key: k}), out)
	}
}

// elementType gives the type that an element of a value is to have.
func elementType(ty cty.Type, key cty.Value, place int) (cty.Type, bool) {
	switch {
	case ty.IsCollectionType():
		return ty.ElementType(), true
	case ty.IsObjectType():
		if key.Type() == cty.String && ty.HasAttribute(key.AsString()) {
			return ty.AttributeType(key.AsString()), true
		}
	case ty.IsTupleType():
		if place < ty.Length() {
			return ty.TupleElementType(place), true
		}
	}
	return cty.NilType, false
}

// holdsObjects reports whether a type has attributes to be misspelt.
func holdsObjects(ty cty.Type) bool {
	switch {
	case ty.IsObjectType():
		return true
	case ty.IsCollectionType():
		return holdsObjects(ty.ElementType())
	case ty.IsTupleType():
		for _, e := range ty.TupleElementTypes() {
			if holdsObjects(e) {
				return true
			}
		}
	}
	return false
}

// refuseStrangers reports attributes that the type of a variable does not have, each at its name if the expression has
// it. What, such as `The default of "x"`, begins the sentence.
func (l *loader) refuseStrangers(value cty.Value, ty cty.Type, what string, expr hcl.Expression, at hcl.Range) bool {
	found := strangers(value, ty)
	for _, s := range found {
		where := ""
		if len(s.path) > 0 {
			where = " at " + pathText(s.path)
		}
		p := &problem{Err: ErrUnknown, Summary: clip("Unknown attribute "+quoted(clip(s.name, 40)), 59), At: at,
			Detail: fmt.Sprintf("%s has an attribute %s%s, which its type does not have.%s", what, quoted(s.name), where, didYouMean(s.name, "%q", "attributes", s.known))}
		if native, ok := expr.(hclsyntax.Expression); ok {
			p.At = attributeRange(native, s.path, s.name)
		}
		l.report(p)
	}
	return len(found) > 0
}

// attributeRange gives the place of an attribute's name in an expression that is written out, else that of the innermost
// part that can be found.
func attributeRange(expr hclsyntax.Expression, path cty.Path, name string) hcl.Range {
	steps := append(path[:len(path):len(path)], cty.IndexStep{Key: cty.StringVal(name)})
	for i, step := range steps {
		key := step.(cty.IndexStep).Key
		switch e := unwrap(expr).(type) {
		case *hclsyntax.ObjectConsExpr:
			item := itemOf(e, key)
			if item == nil {
				return expr.Range()
			}
			if i == len(steps)-1 {
				return item.KeyExpr.Range()
			}
			expr = item.ValueExpr
		case *hclsyntax.TupleConsExpr:
			n, ok := int64(0), key.Type() == cty.Number
			if ok {
				n, ok = toInt64(key.AsBigFloat())
			}
			if !ok || n >= int64(len(e.Exprs)) {
				return expr.Range()
			}
			expr = e.Exprs[n]
		default:
			return expr.Range()
		}
	}
	return expr.Range()
}

// itemOf finds an attribute of an object that is written out.
func itemOf(e *hclsyntax.ObjectConsExpr, key cty.Value) *hclsyntax.ObjectConsItem {
	if key.Type() != cty.String {
		return nil
	}
	for i := range e.Items {
		if v, diags := e.Items[i].KeyExpr.Value(nil); !diags.HasErrors() && v.Type() == cty.String && present(v) && v.AsString() == key.AsString() {
			return &e.Items[i]
		}
	}
	return nil
}

// checkTypeDefaults looks for strangers in the defaults of optional attributes.
func (l *loader) checkTypeDefaults(expr hclsyntax.Expression) bool {
	ok := true
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		call, is := n.(*hclsyntax.FunctionCallExpr)
		if !is || call.Name != "optional" || len(call.Args) != 2 {
			return nil
		}
		ty, _, diags := typeexpr.TypeConstraintWithDefaults(call.Args[0])
		value, more := call.Args[1].Value(nil)
		if !diags.HasErrors() && !more.HasErrors() {
			ok = !l.refuseStrangers(value, ty, "The default of an optional attribute", call.Args[1], call.Args[1].Range()) && ok
		}
		return nil
	})
	return ok
}

// loose makes tuples of lists and objects of maps, whose elements may differ in type until defaults are filled in.
func loose(v cty.Value) cty.Value {
	if !present(v) || !v.CanIterateElements() {
		return v
	}
	if ty := v.Type(); ty.IsObjectType() || ty.IsMapType() {
		values := v.AsValueMap()
		for k, e := range values {
			values[k] = loose(e)
		}
		return cty.ObjectVal(values)
	}
	values := v.AsValueSlice()
	for i, e := range values {
		values[i] = loose(e)
	}
	return cty.TupleVal(values)
}
