package spec

import (
	"encoding/json"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// A columnName is a column that a setting names.
type columnName struct {
	path string // of the setting
	name string
	at   hcl.Range
}

// namesColumns reports whether an attribute, or one inside it, names columns.
func namesColumns(a *stages.Attribute, depth int) bool {
	if a.Column != "" || a.Nested == nil || depth > schemaDepth {
		return a.Column != ""
	}
	for i := range a.Nested.Attributes {
		if namesColumns(&a.Nested.Attributes[i], depth+1) {
			return true
		}
	}
	return false
}

// schemaDepth bounds the search of schemas that contain themselves.
const schemaDepth = 4

// columns gives what names columns of an input in the leaves of a setting that was written.
func (u *unit) columns(leaves []stages.Setting, input string) []columnName {
	if u.expr == nil || u.expr.expr == nil {
		return nil
	}
	var names []columnName
	for _, leaf := range leaves {
		steps := u.steps(leaf)
		a := attributeAt(u.attr, steps)
		if a == nil || a.Column != input || leaf.Value == string(a.Default) {
			continue
		}
		expr := itemAt(u.expr.expr, steps)
		add := func(name string, at hcl.Range) {
			if a.Descending {
				name = strings.TrimPrefix(name, "-")
			}
			if name != "" {
				names = append(names, columnName{leaf.Path, name, at})
			}
		}
		for i, name := range leafNames(a, leaf.Value) {
			switch a.Type {
			case stages.ListValue:
				add(name, elementRange(expr, i))
			case stages.MapValue:
				add(name, keyRange(expr, name))
			default:
				add(name, expr.Range())
			}
		}
	}
	return names
}

// leafNames gives the names in a canonical value.
func leafNames(a *stages.Attribute, value string) []string {
	var names []string
	var err error
	switch a.Type {
	case stages.ListValue:
		err = json.Unmarshal([]byte(value), &names)
	case stages.MapValue:
		var values map[string]json.RawMessage
		err = json.Unmarshal([]byte(value), &values)
		names = keysOf(values)
	default:
		names = []string{""}
		err = json.Unmarshal([]byte(value), &names[0])
	}
	if err != nil {
		return nil // it does not decode, which is reported
	}
	return names
}

// attributeAt follows the steps of a path from an attribute.
func attributeAt(a *stages.Attribute, steps []string) *stages.Attribute {
	for len(steps) > 0 && a != nil {
		if a.Type == stages.Blocks {
			steps = steps[1:] // the block's own name
		}
		if a.Nested == nil || len(steps) == 0 {
			return nil
		}
		a, steps = a.Nested.Attribute(steps[0]), steps[1:]
	}
	return a
}

// itemAt follows the steps of a path through objects that are written out, as far as they are.
func itemAt(expr hclsyntax.Expression, steps []string) hclsyntax.Expression {
	for _, step := range steps {
		item, ok := objectItem(expr, step)
		if !ok {
			break
		}
		expr = item.ValueExpr
	}
	return expr
}

// keyRange gives the range of a key of an object that is written out, else of the whole.
func keyRange(expr hclsyntax.Expression, key string) hcl.Range {
	if item, ok := objectItem(expr, key); ok {
		return item.KeyExpr.Range()
	}
	return expr.Range()
}

func objectItem(expr hclsyntax.Expression, key string) (hclsyntax.ObjectConsItem, bool) {
	if object, ok := unwrap(expr).(*hclsyntax.ObjectConsExpr); ok {
		for _, item := range object.Items {
			if v, diags := item.KeyExpr.Value(nil); !diags.HasErrors() && !v.IsNull() && v.Type() == cty.String && v.AsString() == key {
				return item, true
			}
		}
	}
	return hclsyntax.ObjectConsItem{}, false
}
