package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"

	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

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
	case a.NonEmpty: // nothing stands for it
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
	n := a.Nested
	label := n.DefaultLabel()
	if n.Label != nil && label == "" {
		return nil, refusal(ErrMissing, "needs a block %s %q { ... } (%s)", a.Name, n.Label.OneOf[0], docText(a.Doc))
	}
	var leaves []stages.Setting
	for i := range n.Attributes {
		if b := &n.Attributes[i]; b != n.Label && b.Applies(label) {
			own, bad := absentValue(n, b, path+"."+b.Name)
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
