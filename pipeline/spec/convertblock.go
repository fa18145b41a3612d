package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

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
	label := s.DefaultLabel()
	if s.Label != nil {
		x, given := values[s.Label.Name]
		named := given && !x.IsNull() && x.Type() == cty.String
		if named {
			label = x.AsString()
		}
		switch {
		case named && !slices.Contains(s.Label.OneOf, label):
			if instead, known := insteadOf(s)[label]; known {
				return nil, refusal(ErrValue, "has the %s %q, which there is not. %s", s.Label.Name, label, strings.TrimSuffix(instead, "."))
			}
			return nil, refusal(ErrValue, "has the %s %q, but needs %s", s.Label.Name, label, wants(s.Label))
		case given && !named || label == "":
			return nil, refusal(ErrValue, "needs the attribute %s, %s", s.Label.Name, wants(s.Label))
		}
	}
	for _, name := range keysOf(values) {
		if a := s.Attribute(name); a == nil || !a.Applies(label) {
			return nil, refusal(ErrUnknown, "has no attribute %q.%s", name, didYouMean(name, "%q", "attributes", attributeNames(s, label)))
		}
	}
	var leaves []stages.Setting
	for i := range s.Attributes {
		a := &s.Attributes[i]
		if a == s.Label {
			leaves = append(leaves, s.LabelLeaves(path+"."+a.Name, label)...)
			continue
		}
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
	if bad := emptiness(a, len(values)); bad != nil {
		return nil, bad
	}
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
