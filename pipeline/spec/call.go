package spec

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"spurion/stages"
)

// A callValue is what a function of a kind, such as parity(4), gives: a value that only a setting
// of that kind can take, or an axis carry.
type callValue struct {
	text string // parity(4), in canonical form: arguments that equal their defaults at the end are left out
	// leaves are its settings by the type of the struct that takes them; paths have no prefix.
	// Functions of several kinds may share a name.
	leaves map[reflect.Type][]stages.Setting
}

var callType = cty.CapsuleWithOps("function", reflect.TypeFor[callValue](), &cty.CapsuleOps{
	GoString:     func(v any) string { return v.(*callValue).text },
	TypeGoString: func(reflect.Type) string { return "function" },
	Equals:       func(a, b any) cty.Value { return cty.BoolVal(a.(*callValue).text == b.(*callValue).text) },
	RawEquals:    func(a, b any) bool { return a.(*callValue).text == b.(*callValue).text },
	HashKey:      func(v any) string { return v.(*callValue).text },
})

func callOf(v cty.Value) *callValue { return v.EncapsulatedValue().(*callValue) }

// callSchemas lists, for each label of every setting that is written as a call, the schemas that
// have it, in the registry's order.
func callSchemas(r *stages.Registry) (labels []string, schemas map[string][]*stages.Schema) {
	schemas = map[string][]*stages.Schema{}
	seen := map[reflect.Type]bool{}
	var visit func(s *stages.Schema)
	visit = func(s *stages.Schema) {
		if s == nil || seen[s.Type] {
			return
		}
		seen[s.Type] = true
		for i := range s.Attributes {
			a := &s.Attributes[i]
			nested, call := a.Nested, a.Type == stages.Call
			if a.Elem != nil {
				nested, call = a.Elem.Nested, a.Elem.Type == stages.Call
			}
			if call && nested.Label != nil && !seen[nested.Type] {
				for _, label := range nested.Label.OneOf {
					if schemas[label] == nil {
						labels = append(labels, label)
					}
					schemas[label] = append(schemas[label], nested)
				}
			}
			visit(nested)
		}
	}
	for _, ks := range [][]*stages.Kind{r.Kinds, r.Tests} {
		for _, k := range ks {
			visit(k.Schema())
		}
	}
	return labels, schemas
}

// parametersOf gives the fields that are the arguments of a label, and how many of them, from the
// first on, must be given.
func parametersOf(s *stages.Schema, label string) (params []*stages.Attribute, required int) {
	for i := range s.Attributes {
		if a := &s.Attributes[i]; a != s.Label && a.Applies(label) {
			params = append(params, a)
			if a.Required && !isPointer(s, a) {
				required = len(params)
			}
		}
	}
	return params, required
}

// isPointer reports whether an attribute is optional by being a pointer.
func isPointer(s *stages.Schema, a *stages.Attribute) bool {
	for i := range s.Type.NumField() {
		if f := s.Type.Field(i); f.Tag.Get("name") == a.Name {
			return f.Type.Kind() == reflect.Pointer
		}
	}
	return false
}

// callFunction makes the function of a label.
func callFunction(label string, schemas []*stages.Schema) function.Function {
	params, required := parametersOf(schemas[0], label)
	if len(schemas) > 1 {
		required = 0 // each schema checks its own
	}
	spec := &function.Spec{Type: function.StaticReturnType(callType)}
	parameter := func(name string) function.Parameter {
		return function.Parameter{Name: name, Type: cty.DynamicPseudoType, AllowNull: true}
	}
	for i := range required {
		spec.Params = append(spec.Params, parameter(params[i].Name))
	}
	if len(params) > required || len(schemas) > 1 {
		rest := parameter("arguments")
		if len(params) > required {
			rest.Name = params[required].Name
		}
		spec.VarParam = &rest
	}
	spec.Impl = func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		call := &callValue{leaves: map[reflect.Type][]stages.Setting{}}
		var first error
		for _, s := range schemas {
			leaves, text, err := callLeaves(s, label, args)
			if err != nil {
				if first == nil {
					first = err
				}
				continue
			}
			call.leaves[s.Type], call.text = leaves, text
		}
		if len(call.leaves) == 0 {
			return cty.NilVal, first
		}
		return cty.CapsuleVal(callType, call), nil
	}
	return function.New(spec)
}

// callLeaves gives the settings that a call stands for, and its canonical text.
func callLeaves(s *stages.Schema, label string, args []cty.Value) ([]stages.Setting, string, error) {
	params, required := parametersOf(s, label)
	if len(args) < required {
		return nil, "", fmt.Errorf("%s takes %s; the argument %q is missing", label, signature(s, label), params[len(args)].Name)
	}
	if len(args) > len(params) {
		err := fmt.Errorf("%s takes %s, not %d", label, signature(s, label), len(args))
		if len(params) == 0 {
			return nil, "", err
		}
		return nil, "", function.NewArgError(len(params), err)
	}
	leaves := []stages.Setting{{Path: s.Label.Name, Value: canonicalString(label)}}
	var texts []string
	keep := 0
	for i, a := range params {
		v := cty.NullVal(cty.DynamicPseudoType)
		if i < len(args) {
			v = args[i]
		}
		given := !v.IsNull()
		var own []stages.Setting
		var bad *valueProblem
		if given {
			own, bad = convertValue(a, a.Name, v)
		} else {
			own, bad = absentValue(s, a, a.Name)
		}
		if bad != nil {
			if i < len(args) {
				return nil, "", function.NewArgError(i, bad)
			}
			return nil, "", bad
		}
		leaves = append(leaves, own...)
		text := "null"
		if given {
			text = argumentText(v, own)
			if def, bad := absentValue(s, a, a.Name); bad != nil || !equalLeaves(def, own) {
				keep = i + 1
			}
		}
		texts = append(texts, text)
	}
	return leaves, label + "(" + strings.Join(texts[:keep], ", ") + ")", nil
}

func equalLeaves(a, b []stages.Setting) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// argumentText writes an argument in canonical form.
func argumentText(v cty.Value, leaves []stages.Setting) string {
	if v.Type() == callType {
		return callOf(v).text
	}
	if v.CanIterateElements() {
		var parts []string
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			if e.IsNull() || e.Type() != callType {
				break
			}
			parts = append(parts, callOf(e).text)
		}
		if len(parts) > 0 {
			return "[" + strings.Join(parts, ", ") + "]"
		}
	}
	if len(leaves) == 1 {
		return leaves[0].Value
	}
	text, err := json.Marshal(leaves)
	if err != nil {
		return "?"
	}
	return string(text)
}

// signature words what a function takes: "1 argument (degree)".
func signature(s *stages.Schema, label string) string {
	params, required := parametersOf(s, label)
	names := make([]string, len(params))
	for i, p := range params {
		names[i] = p.Name
		if i >= required {
			names[i] += ", optional"
		}
	}
	if len(params) == 0 {
		return "no arguments"
	}
	return fmt.Sprintf("%s (%s)", count(len(params), "argument"), strings.Join(names, "; "))
}

// A valueProblem says why a value cannot be a setting.
type valueProblem struct {
	Err    error  // the cause
	Detail string // a sentence without its subject: `must be a whole number, but is 0.5`
	// element is the number of a list's element that is wrong, counted from 1; 0 for the whole.
	element int
}

func refusal(cause error, form string, args ...any) *valueProblem {
	return &valueProblem{Err: cause, Detail: fmt.Sprintf(form, args...)}
}

// within prefixes a problem with the part of a value that has it.
func (p *valueProblem) within(form string, args ...any) *valueProblem {
	return &valueProblem{Err: p.Err, Detail: fmt.Sprintf(form, args...) + p.Detail}
}

func (p *valueProblem) Error() string { return p.Detail }
func (p *valueProblem) Unwrap() error { return p.Err }
