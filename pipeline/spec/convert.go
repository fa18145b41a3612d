package spec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// convertValue turns a value into the canonical settings of an attribute, one leaf or, for a
// block or a function, several. The value is known and not null.
func convertValue(a *stages.Attribute, path string, v cty.Value) ([]stages.Setting, *valueProblem) {
	switch a.Type {
	case stages.Block:
		return convertObject(a.Nested, path, v)
	case stages.Blocks:
		return convertObjects(a, path, v)
	case stages.Call:
		return convertCall(a.Nested, path+".", v)
	}
	x, bad := plainValue(a, v)
	if bad != nil {
		return nil, bad
	}
	return leaf(path, x)
}

// unitOf ends a sentence with an attribute's unit.
func unitOf(a *stages.Attribute) string {
	if a.Unit == "" {
		return ""
	}
	return "; its unit is " + a.Unit
}

// docText is a line of documentation to stand in parentheses.
func docText(doc string) string { return strings.TrimSuffix(doc, ".") }

func leaf(path string, x any) ([]stages.Setting, *valueProblem) {
	text, err := stages.Canonical(x)
	if err != nil {
		return nil, refusal(ErrType, "%v", err)
	}
	return []stages.Setting{{Path: path, Value: text}}, nil
}

func canonicalString(s string) string {
	text, err := stages.Canonical(s)
	if err != nil {
		return strconv.Quote(s)
	}
	return text
}

// wants words the type that an attribute takes.
func wants(a *stages.Attribute) string {
	switch a.Type {
	case stages.BoolValue:
		return "true or false"
	case stages.IntValue:
		return "a whole number"
	case stages.FloatValue:
		return "a number"
	case stages.StringValue:
		if a.OneOf != nil {
			return "one of " + enumerate(quotedList(a.OneOf))
		}
		return "text in quotes"
	case stages.ListValue:
		return "a list" + atLeastOne(a) + ", each element " + wants(a.Elem)
	case stages.MapValue:
		return "a map" + atLeastOne(a) + ", each element " + wants(a.Elem)
	case stages.Call:
		if a.Nested.Label != nil && len(a.Nested.Label.OneOf) > 0 {
			return fmt.Sprintf("a function such as %s(...)", a.Nested.Label.OneOf[0])
		}
		return "a function"
	case stages.Block:
		return "an object"
	}
	return "a map of objects" + atLeastOne(a)
}

func atLeastOne(a *stages.Attribute) string {
	if a.NonEmpty {
		return " with at least one element"
	}
	return ""
}

// emptiness refuses what has no element where one is needed.
func emptiness(a *stages.Attribute, elements int) *valueProblem {
	if a.NonEmpty && elements == 0 {
		return refusal(ErrValue, "must be %s, but is empty", wants(a))
	}
	return nil
}

func quotedList(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = strconv.Quote(s)
	}
	return out
}

// describe words a value for "must be x, but is y".
func describe(v cty.Value) string {
	return strings.TrimPrefix(statement(v), "is ")
}

func mismatch(a *stages.Attribute, v cty.Value) *valueProblem {
	detail := fmt.Sprintf("must be %s, but is %s", wants(a), describe(v))
	if v.Type() == cty.String && (a.Type == stages.IntValue || a.Type == stages.FloatValue) {
		if _, err := strconv.ParseFloat(v.AsString(), 64); err == nil {
			detail += "; write it without quotes"
		}
	}
	return refusal(ErrType, "%s", detail)
}

// plainValue gives what stages.Canonical takes for an attribute that is one leaf.
func plainValue(a *stages.Attribute, v cty.Value) (any, *valueProblem) {
	if v.IsNull() {
		return nil, refusal(ErrType, "must be %s, but is null", wants(a))
	}
	ty := v.Type()
	switch a.Type {
	case stages.BoolValue:
		if ty == cty.Bool {
			return v.True(), nil
		}
	case stages.IntValue, stages.FloatValue:
		if ty == cty.Number {
			return numberValue(a, v)
		}
	case stages.StringValue:
		return textValue(a, v)
	case stages.ListValue:
		if ty.IsTupleType() || ty.IsListType() || ty.IsSetType() {
			return listValue(a, v)
		}
	case stages.MapValue:
		if ty.IsObjectType() || ty.IsMapType() {
			return mapValue(a, v)
		}
	}
	return nil, mismatch(a, v)
}

func numberValue(a *stages.Attribute, v cty.Value) (any, *valueProblem) {
	x := v.AsBigFloat()
	f, ok := toFloat64(x)
	if !ok {
		return nil, refusal(ErrValue, "must be a number that a 64-bit float can hold, but is %s", x.Text('g', 10))
	}
	if a.Type == stages.IntValue {
		i, ok := toInt64(x)
		if !ok && x.IsInt() {
			return nil, refusal(ErrValue, "must be below 2^63, but is %s", x.Text('g', 20))
		}
		if !ok {
			return nil, refusal(ErrType, "must be a whole number, but is %s", numberText(x))
		}
		if wrong := a.CheckNumber(float64(i)); wrong != "" {
			return nil, refusal(ErrValue, "%s%s", wrong, unitOf(a))
		}
		return i, nil
	}
	if wrong := a.CheckNumber(f); wrong != "" {
		return nil, refusal(ErrValue, "%s%s", wrong, unitOf(a))
	}
	return f, nil
}

// textValue takes text, and numbers and truth values for free text, as in a command's arguments.
func textValue(a *stages.Attribute, v cty.Value) (any, *valueProblem) {
	var s string
	switch v.Type() {
	case cty.String:
		s = v.AsString()
	case cty.Number:
		s = numberText(v.AsBigFloat())
	case cty.Bool:
		s = strconv.FormatBool(v.True())
	default:
		return nil, mismatch(a, v)
	}
	if a.OneOf == nil {
		return s, nil
	}
	if v.Type() != cty.String {
		return nil, mismatch(a, v)
	}
	if !slices.Contains(a.OneOf, s) {
		hint := ""
		if best := stages.Nearest(s, a.OneOf); best != "" {
			hint = fmt.Sprintf(". Did you mean %q?", best)
		}
		return nil, refusal(ErrValue, "must be %s, but is %s%s", wants(a), quoted(s), hint)
	}
	return s, nil
}

func listValue(a *stages.Attribute, v cty.Value) (any, *valueProblem) {
	if bad := emptiness(a, v.LengthInt()); bad != nil {
		return nil, bad
	}
	list := make([]any, 0, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		x, bad := elementValue(a.Elem, e)
		if bad != nil {
			bad = bad.within("element %d ", len(list)+1)
			bad.element = len(list) + 1
			return nil, bad
		}
		list = append(list, x)
	}
	return list, nil
}

func elementValue(elem *stages.Attribute, v cty.Value) (any, *valueProblem) {
	if elem.Type != stages.Call {
		return plainValue(elem, v)
	}
	leaves, bad := convertCall(elem.Nested, "", v)
	if bad != nil {
		return nil, bad
	}
	object := make(map[string]any, len(leaves))
	for _, l := range leaves {
		object[l.Path] = json.RawMessage(l.Value)
	}
	return object, nil
}

func mapValue(a *stages.Attribute, v cty.Value) (any, *valueProblem) {
	if bad := emptiness(a, v.LengthInt()); bad != nil {
		return nil, bad
	}
	object := map[string]any{}
	for it := v.ElementIterator(); it.Next(); {
		k, e := it.Element()
		x, bad := elementValue(a.Elem, e)
		if bad != nil {
			return nil, bad.within("element %q ", k.AsString())
		}
		object[k.AsString()] = x
	}
	return object, nil
}
