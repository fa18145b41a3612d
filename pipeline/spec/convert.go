package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
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
		return "a list, each element " + wants(a.Elem)
	case stages.MapValue:
		return "a map, each element " + wants(a.Elem)
	case stages.Call:
		if a.Nested.Label != nil && len(a.Nested.Label.OneOf) > 0 {
			return fmt.Sprintf("a function such as %s(...)", a.Nested.Label.OneOf[0])
		}
		return "a function"
	case stages.Block:
		return "an object"
	}
	return "a map of objects"
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
		if best := nearest(s, a.OneOf); best != "" {
			hint = fmt.Sprintf(". Did you mean %q?", best)
		}
		return nil, refusal(ErrValue, "must be %s, but is %s%s", wants(a), quoted(s), hint)
	}
	return s, nil
}

func listValue(a *stages.Attribute, v cty.Value) (any, *valueProblem) {
	list := make([]any, 0, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		x, bad := elementValue(a.Elem, e)
		if bad != nil {
			bad = bad.within("element %d ", len(list))
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

// convertCall takes a function value; the prefix is "" or ends in a dot.
func convertCall(nested *stages.Schema, prefix string, v cty.Value) ([]stages.Setting, *valueProblem) {
	attr := &stages.Attribute{Type: stages.Call, Nested: nested}
	if v.IsNull() || v.Type() != callType {
		if v.IsNull() {
			return nil, refusal(ErrType, "must be %s, but is null", wants(attr))
		}
		return nil, mismatch(attr, v)
	}
	own, ok := callOf(v).leaves[nested.Type]
	if !ok {
		detail := fmt.Sprintf("cannot be %s", callOf(v).text)
		if nested.Label != nil {
			detail += fmt.Sprintf("; its functions are %s", enumerate(nested.Label.OneOf))
		}
		return nil, refusal(ErrType, "%s", detail)
	}
	leaves := make([]stages.Setting, len(own))
	for i, l := range own {
		leaves[i] = stages.Setting{Path: prefix + l.Path, Value: l.Value}
	}
	return leaves, nil
}

// convertObject takes an object in the place of a block.
func convertObject(s *stages.Schema, path string, v cty.Value) ([]stages.Setting, *valueProblem) {
	if ty := v.Type(); v.IsNull() || !ty.IsObjectType() && !ty.IsMapType() {
		return nil, refusal(ErrType, "must be an object or a block, but is %s", describe(v))
	}
	values := v.AsValueMap()
	label := ""
	if s.Label != nil {
		x, ok := values[s.Label.Name]
		if !ok || x.IsNull() || x.Type() != cty.String || !slices.Contains(s.Label.OneOf, x.AsString()) {
			return nil, refusal(ErrValue, "needs the attribute %s, %s", s.Label.Name, wants(s.Label))
		}
		label = x.AsString()
	}
	for _, name := range keysOf(values) {
		if a := s.Attribute(name); a == nil || !a.Applies(label) {
			return nil, refusal(ErrUnknown, "has no attribute %q.%s", name, didYouMean(name, "%q", "attributes", attributeNames(s, label)))
		}
	}
	var leaves []stages.Setting
	for i := range s.Attributes {
		a := &s.Attributes[i]
		if !a.Applies(label) {
			continue
		}
		var own []stages.Setting
		var bad *valueProblem
		if x, ok := values[a.Name]; ok && !x.IsNull() {
			own, bad = convertValue(a, path+"."+a.Name, x)
			if bad != nil {
				bad = bad.within("%s: ", a.Name)
			}
		} else {
			own, bad = absentValue(s, a, path+"."+a.Name)
		}
		if bad != nil {
			return nil, bad
		}
		leaves = append(leaves, own...)
	}
	return leaves, nil
}

func convertObjects(a *stages.Attribute, path string, v cty.Value) ([]stages.Setting, *valueProblem) {
	if ty := v.Type(); !ty.IsObjectType() && !ty.IsMapType() {
		return nil, refusal(ErrType, "must be a map of objects, but is %s", describe(v))
	}
	values := v.AsValueMap()
	var leaves []stages.Setting
	for _, key := range keysOf(values) {
		if !validName(key) {
			return nil, refusal(ErrName, "has the key %q, which is not a name of small letters, digits and underscores", key)
		}
		own, bad := convertObject(a.Nested, path+"."+key, values[key])
		if bad != nil {
			return nil, bad.within("%s: ", key)
		}
		leaves = append(leaves, own...)
	}
	return leaves, nil
}

// attributeNames lists what may be written under a label.
func attributeNames(s *stages.Schema, label string) []string {
	var names []string
	for i := range s.Attributes {
		if a := &s.Attributes[i]; a != s.Label && a.Applies(label) {
			names = append(names, a.Name)
		}
	}
	return names
}

// absentValue gives the settings of an attribute that was not given: its default, its empty
// value, or nothing if it is optional.
func absentValue(s *stages.Schema, a *stages.Attribute, path string) ([]stages.Setting, *valueProblem) {
	switch {
	case a.Default != nil:
		v, err := jsonValue(a.Default)
		if err != nil {
			return nil, refusal(ErrType, "has the unreadable default %s", a.Default)
		}
		unbounded := *a // a default stands, even outside the bounds that users get
		unbounded.Min, unbounded.Max, unbounded.OneOf = math.Inf(-1), math.Inf(1), nil
		return convertValue(&unbounded, path, v)
	case isPointer(s, a), a.Type == stages.Blocks:
		return nil, nil
	case a.Type == stages.ListValue:
		return []stages.Setting{{Path: path, Value: "[]"}}, nil
	case a.Type == stages.MapValue:
		return []stages.Setting{{Path: path, Value: "{}"}}, nil
	case a.Type == stages.Block:
		return absentBlock(a, path)
	}
	return nil, refusal(ErrMissing, "needs %s, %s (%s)", a.Name, wants(a), docText(a.Doc))
}

// absentBlock fills in a block of which nothing was given.
func absentBlock(a *stages.Attribute, path string) ([]stages.Setting, *valueProblem) {
	label := ""
	if n := a.Nested; n.Label != nil {
		var text string
		if n.Label.Default == nil || json.Unmarshal(n.Label.Default, &text) != nil {
			return nil, refusal(ErrMissing, "needs a block %s %q { ... } (%s)", a.Name, n.Label.OneOf[0], docText(a.Doc))
		}
		label = text
	}
	var leaves []stages.Setting
	for i := range a.Nested.Attributes {
		if b := &a.Nested.Attributes[i]; b.Applies(label) {
			own, bad := absentValue(a.Nested, b, path+"."+b.Name)
			if bad != nil {
				return nil, bad.within("needs a block %s { ... } (%s): it ", a.Name, docText(a.Doc))
			}
			leaves = append(leaves, own...)
		}
	}
	return leaves, nil
}

// jsonValue reads JSON without losing digits.
func jsonValue(text []byte) (cty.Value, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var x any
	if err := dec.Decode(&x); err != nil {
		return cty.NilVal, err
	}
	return goValue(x)
}

func goValue(x any) (cty.Value, error) {
	switch x := x.(type) {
	case nil:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case bool:
		return cty.BoolVal(x), nil
	case string:
		return cty.StringVal(x), nil
	case json.Number:
		return cty.ParseNumberVal(x.String())
	case []any:
		list := make([]cty.Value, len(x))
		for i := range x {
			v, err := goValue(x[i])
			if err != nil {
				return cty.NilVal, err
			}
			list[i] = v
		}
		return cty.TupleVal(list), nil
	case map[string]any:
		object := make(map[string]cty.Value, len(x))
		for _, k := range keysOf(x) {
			v, err := goValue(x[k])
			if err != nil {
				return cty.NilVal, err
			}
			object[k] = v
		}
		return cty.ObjectVal(object), nil
	}
	return cty.NilVal, fmt.Errorf("unexpected %T", x)
}
