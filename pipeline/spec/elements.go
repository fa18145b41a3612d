package spec

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// valueGrid makes rows of a list or a map.
func (l *loader) valueGrid(expr hclsyntax.Expression, v cty.Value) (*grid, bool) {
	refuse := func(err error, at hcl.Range, detail string) (*grid, bool) {
		l.report(&problem{Err: err, Summary: "Invalid for_each", At: at, Detail: detail})
		return nil, false
	}
	if v.IsNull() {
		return refuse(ErrType, expr.Range(), "for_each is null. It takes a sweep, a stage, a list or a map.")
	}
	if ty := v.Type(); ty.IsObjectType() || ty.IsMapType() {
		values := v.AsValueMap()
		names := keysOf(values)
		keys, elems := make([]cty.Value, len(names)), make([]cty.Value, len(names))
		for i, k := range names {
			keys[i], elems[i] = cty.StringVal(k), values[k]
		}
		return keyed(keys, elems), true
	}
	elems, ok := listElements(v)
	if !ok {
		return refuse(ErrType, expr.Range(), fmt.Sprintf("for_each takes a sweep, a stage, a list or a map, but this is %s.", describe(v)))
	}
	if len(elems) == 0 && filters(expr) {
		return keyed(nil, nil), true
	}
	if len(elems) == 0 {
		l.report(&problem{Err: ErrEmpty, Warning: true, Summary: "for_each is empty", At: expr.Range(),
			Detail: "The list has no elements, so the stage has no instances."})
		return keyed(nil, nil), true
	}
	objects := 0
	for i, e := range elems {
		switch {
		case e.IsNull():
			return refuse(ErrType, elementRange(expr, i), fmt.Sprintf("Element %d is null.", i+1))
		case e.Type().IsObjectType() || e.Type().IsMapType():
			objects++
		case !e.Type().IsPrimitiveType() && e.Type() != callType:
			return refuse(ErrType, elementRange(expr, i), fmt.Sprintf("Element %d is %s. The elements are text, numbers, truth values or functions, which make the axis key; or objects, whose attributes make the axes: [for p in setproduct(a, b) : { x = p[0], y = p[1] }].", i+1, describe(e)))
		}
	}
	if objects == len(elems) {
		return l.objectGrid(expr, elems)
	}
	if objects > 0 {
		return refuse(ErrType, expr.Range(), "The list mixes objects with other values. Write objects alone, whose attributes make the axes.")
	}
	c, bad := newColumn("key", elems)
	if bad == nil && len(c.values) < len(elems) {
		bad = c.duplicate()
	}
	if bad != nil {
		return refuse(bad.Err, elementRange(expr, bad.element), fmt.Sprintf("The list %s.", bad.Detail))
	}
	return &grid{n: len(elems), cols: []*column{c}, value: &column{name: "value", ctys: c.ctys, codes: c.codes}, listed: true}, true
}

// keyed makes the axis key and the values of a map.
func keyed(keys, elems []cty.Value) *grid {
	c, _ := newColumn("key", keys)
	return &grid{n: len(keys), cols: []*column{c}, value: &column{name: "value", ctys: elems, codes: c.codes}}
}

// objectGrid makes an axis of each attribute, in alphabetical order.
func (l *loader) objectGrid(expr hclsyntax.Expression, elems []cty.Value) (*grid, bool) {
	refuse := func(err error, i int, detail string) (*grid, bool) {
		l.report(&problem{Err: err, Summary: "Invalid for_each", At: elementRange(expr, i), Detail: detail})
		return nil, false
	}
	first := elems[0].AsValueMap()
	names := keysOf(first)
	if len(names) == 0 {
		return refuse(ErrType, 0, "The objects have no attributes, so there are no axes.")
	}
	columns := make(map[string][]cty.Value, len(names))
	for i, e := range elems {
		own := e.AsValueMap()
		if got := keysOf(own); strings.Join(got, ",") != strings.Join(names, ",") {
			return refuse(ErrType, i, fmt.Sprintf("All objects must have the same attributes: element 1 has %s, element %d has %s.", enumerate(names), i+1, enumerate(got)))
		}
		for name, v := range own {
			columns[name] = append(columns[name], v)
		}
	}
	g := &grid{n: len(elems), listed: true}
	for _, name := range names {
		if !validName(name) || name == "value" {
			return refuse(ErrName, 0, fmt.Sprintf("%s cannot be the name of an axis. Names hold small letters, digits and underscores; value stands for the element.", quoted(name)))
		}
		c, bad := newColumn(name, columns[name])
		if bad != nil {
			return refuse(bad.Err, bad.element, fmt.Sprintf("The axis %q %s. For elements with inner structure write a map: each.value is then the element.", name, bad.Detail))
		}
		g.cols = append(g.cols, c)
	}
	all := make([]int, len(g.cols))
	for i := range all {
		all[i] = i
	}
	if class, reps := g.classes(all); len(reps) < g.n {
		for row, id := range class {
			if first := int(reps[id]); first != row {
				return refuse(ErrDuplicate, row, fmt.Sprintf("Elements %d and %d are the same.", first+1, row+1))
			}
		}
	}
	codes := make([]int32, g.n)
	for i := range codes {
		codes[i] = int32(i)
	}
	g.value = &column{name: "value", ctys: elems, codes: codes}
	return g, true
}

// filters reports whether a `for` in the expression has an `if`: then nothing may be left of the list.
func filters(expr hclsyntax.Expression) bool {
	found := false
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if f, ok := n.(*hclsyntax.ForExpr); ok && f.CondExpr != nil {
			found = true
		}
		return nil
	})
	return found
}
