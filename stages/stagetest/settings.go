package stagetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"spurion/stages"
)

// Settings makes a kind's settings from a JSON object shaped like the stage in a spec: nested
// objects for blocks, a block's label or a function's name under the name of its label attribute
// ({"core": {"type": "parity", "degree": 4}}). Defaults are filled in, defaults from an axis with
// the zero value; everything is checked against the schema and by the settings' own Check. The
// result is what a pipeline would pass: decoded from canonical settings.
func Settings(kind *stages.Kind, text string) (any, error) {
	leaves, err := canonical(kind, text)
	if err != nil {
		return nil, err
	}
	settings, err := kind.Schema().Decode(leaves)
	if err != nil {
		return nil, err
	}
	return settings, Check(settings)
}

// canonical gives the settings that a pipeline would hash.
func canonical(kind *stages.Kind, text string) (stages.Settings, error) {
	var object map[string]any
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&object); err != nil {
		return stages.Settings{}, fmt.Errorf("settings %s: %w", text, err)
	}
	var leaves []stages.Setting
	if err := flatten(kind.Schema(), "", object, &leaves); err != nil {
		return stages.Settings{}, err
	}
	return stages.NewSettings(leaves), nil
}

// Check gives the problems that the settings find in themselves as one error.
func Check(settings any) error {
	checker, ok := settings.(stages.Checker)
	if !ok {
		return nil
	}
	var lines []string
	for _, p := range checker.Check() {
		lines = append(lines, fmt.Sprintf("%s: %s: %s", p.Path, p.Summary, p.Detail))
	}
	if len(lines) > 0 {
		return fmt.Errorf("%s", strings.Join(lines, "\n"))
	}
	return nil
}

// flatten appends the leaves of an object to out.
func flatten(s *stages.Schema, prefix string, object map[string]any, out *[]stages.Setting) error {
	names := make([]string, 0, len(object))
	for name := range object {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		if s.Attribute(name) == nil {
			return fmt.Errorf("there is no setting %q", prefix+name)
		}
	}
	label := s.DefaultLabel()
	if s.Label != nil && object[s.Label.Name] != nil {
		label, _ = object[s.Label.Name].(string)
	}
	for i := range s.Attributes {
		a := &s.Attributes[i]
		v, given := object[a.Name]
		if a == s.Label && label == s.DefaultLabel() {
			continue // not in the key
		}
		if !a.Applies(label) {
			if given {
				return fmt.Errorf("setting %s does not apply to %q", prefix+a.Name, label)
			}
			continue
		}
		if err := flattenOne(s, a, prefix+a.Name, v, given, out); err != nil {
			return err
		}
	}
	return nil
}

func flattenOne(s *stages.Schema, a *stages.Attribute, path string, v any, given bool, out *[]stages.Setting) error {
	switch a.Type {
	case stages.Block, stages.Call:
		object, isObject := v.(map[string]any)
		switch {
		case isObject:
			return flatten(a.Nested, path+".", object, out)
		case given:
			return fmt.Errorf("setting %s is not an object", path)
		case a.Required:
			return fmt.Errorf("setting %s is required", path)
		case !optional(s, a):
			return flatten(a.Nested, path+".", nil, out)
		}
		return nil
	case stages.Blocks:
		object, _ := v.(map[string]any)
		if a.NonEmpty && len(object) == 0 {
			return fmt.Errorf("setting %s is required: at least one block", path)
		}
		for _, label := range sortedKeys(object) {
			nested, _ := object[label].(map[string]any)
			if err := flatten(a.Nested, path+"."+label+".", nested, out); err != nil {
				return err
			}
		}
		return nil
	}
	if !given {
		switch {
		case a.Default != nil:
			*out = append(*out, stages.Setting{Path: path, Value: string(a.Default)})
		case a.Required:
			return fmt.Errorf("setting %s is required", path)
		}
		return nil
	}
	if err := checkValue(a, path, v); err != nil {
		return err
	}
	if list, isList := v.([]any); isList && a.Elem != nil && a.Elem.Type == stages.Call {
		var err error
		if v, err = calls(a.Elem.Nested, path, list); err != nil {
			return err
		}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	*out = append(*out, stages.Setting{Path: path, Value: strings.TrimSpace(b.String())})
	return nil
}

// calls gives a list of functions as canonical settings have it: each an object of leaves by path, with defaults filled in.
func calls(s *stages.Schema, path string, list []any) ([]any, error) {
	filled := make([]any, len(list))
	for i, e := range list {
		object, isObject := e.(map[string]any)
		if !isObject {
			return nil, fmt.Errorf("setting %s: element %d is not an object", path, i+1)
		}
		var leaves []stages.Setting
		if err := flatten(s, "", nested(object), &leaves); err != nil {
			return nil, fmt.Errorf("setting %s: element %d: %w", path, i+1, err)
		}
		values := map[string]any{}
		for _, l := range leaves {
			values[l.Path] = json.RawMessage(l.Value)
		}
		filled[i] = values
	}
	return filled, nil
}

// nested gives an object whose members may be leaves by path ("of.degree") as objects in objects.
func nested(object map[string]any) map[string]any {
	out := map[string]any{}
	for _, path := range sortedKeys(object) {
		at, name := out, path
		for head, rest, cut := strings.Cut(name, "."); cut; head, rest, cut = strings.Cut(name, ".") {
			inner, _ := at[head].(map[string]any)
			if inner == nil {
				inner = map[string]any{}
				at[head] = inner
			}
			at, name = inner, rest
		}
		at[name] = object[path]
	}
	return out
}

// optional reports whether a block that is not given is nil rather than made of its defaults.
func optional(s *stages.Schema, a *stages.Attribute) bool {
	for i := range s.Type.NumField() {
		if f := s.Type.Field(i); f.Tag.Get("name") == a.Name {
			return f.Type.Kind().String() == "ptr"
		}
	}
	return false
}

func checkValue(a *stages.Attribute, path string, v any) error {
	switch x := v.(type) {
	case json.Number:
		f, err := x.Float64()
		if err != nil {
			return fmt.Errorf("setting %s: %w", path, err)
		}
		if wrong := a.CheckNumber(f); wrong != "" {
			return fmt.Errorf("setting %s %s", path, wrong)
		}
	case string:
		if a.OneOf != nil && !slices.Contains(a.OneOf, x) {
			return fmt.Errorf("setting %s is %q, not one of %v", path, x, a.OneOf)
		}
	case map[string]any:
		if a.NonEmpty && len(x) == 0 {
			return empty(path)
		}
	case []any:
		if a.Elem == nil {
			return fmt.Errorf("setting %s is a list", path)
		}
		if a.NonEmpty && len(x) == 0 {
			return empty(path)
		}
		for _, e := range x {
			if err := checkValue(a.Elem, path, e); err != nil {
				return err
			}
		}
	}
	return nil
}

func empty(path string) error {
	return fmt.Errorf("setting %s is empty; it needs at least one element", path)
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
