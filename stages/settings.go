package stages

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"sort"
	"strings"

	"spurion/stages/numeric/problem"
)

// Settings are an instance's settings in canonical form: every leaf attribute that applies, with
// defaults filled in, sorted by path. A path is dotted ("optimizer.rate", "optimizer.type" for a
// label); a value is compact JSON with sorted keys. The slices are shared between instances and
// never changed. Equal settings have equal Settings, however a spec wrote them.
type Settings struct {
	Paths  []string
	Values []string
}

// A Setting is one leaf: path and canonical JSON value.
type Setting struct {
	Path, Value string
}

// NewSettings sorts leaves by path. It takes ownership of the slice; paths must be distinct.
func NewSettings(leaves []Setting) Settings {
	sort.Slice(leaves, func(i, j int) bool { return leaves[i].Path < leaves[j].Path })
	s := Settings{Paths: make([]string, len(leaves)), Values: make([]string, len(leaves))}
	for i, l := range leaves {
		s.Paths[i], s.Values[i] = l.Path, l.Value
	}
	return s
}

// Get gives the canonical value at a path.
func (s Settings) Get(path string) (value string, ok bool) {
	i := sort.SearchStrings(s.Paths, path)
	if i < len(s.Paths) && s.Paths[i] == path {
		return s.Values[i], true
	}
	return "", false
}

// Decode fills a new settings struct (the result is a *S) from canonical settings: values by
// path, and a struct's own zero for what is absent. It refuses paths that the schema lacks.
func (s *Schema) Decode(in Settings) (any, error) {
	v := reflect.New(s.Type)
	used, err := s.decodeInto(v.Elem(), "", in)
	if err != nil {
		return nil, err
	}
	if used != len(in.Paths) {
		return nil, fmt.Errorf("%d of %d settings are unknown to %v", len(in.Paths)-used, len(in.Paths), s.Type)
	}
	return v.Interface(), nil
}

func (s *Schema) decodeInto(v reflect.Value, prefix string, in Settings) (used int, err error) {
	if label := s.DefaultLabel(); label != "" {
		v.Field(s.Label.index).SetString(label)
	}
	for i := range s.Attributes {
		a := &s.Attributes[i]
		n, err := a.decodeInto(v.Field(a.index), prefix+a.Name, in)
		if err != nil {
			return 0, err
		}
		used += n
	}
	return used, nil
}

func (a *Attribute) decodeInto(field reflect.Value, path string, in Settings) (used int, err error) {
	switch a.Type {
	case Block, Call:
		if !in.has(path + ".") {
			return 0, nil
		}
		if field.Kind() == reflect.Pointer {
			field.Set(reflect.New(field.Type().Elem()))
			field = field.Elem()
		}
		return a.Nested.decodeInto(field, path+".", in)
	case Blocks:
		field.Set(reflect.MakeMap(field.Type()))
		for _, label := range in.children(path + ".") {
			elem := reflect.New(field.Type().Elem()).Elem()
			n, err := a.Nested.decodeInto(elem, path+"."+label+".", in)
			if err != nil {
				return 0, err
			}
			used += n
			field.SetMapIndex(reflect.ValueOf(label), elem)
		}
		return used, nil
	}
	text, ok := in.Get(path)
	if !ok {
		return 0, nil
	}
	if a.Elem != nil && a.Elem.Type == Call {
		return 1, a.decodeCalls(field, text)
	}
	if err := json.Unmarshal([]byte(text), field.Addr().Interface()); err != nil {
		return 0, fmt.Errorf("setting %s = %s: %w", path, text, err)
	}
	return 1, nil
}

// decodeCalls reads a list of function values: each a JSON object of canonical leaves by path.
func (a *Attribute) decodeCalls(field reflect.Value, text string) error {
	var list []map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return err
	}
	if field.Kind() == reflect.Pointer {
		field.Set(reflect.New(field.Type().Elem()))
		field = field.Elem()
	}
	field.Set(reflect.MakeSlice(field.Type(), len(list), len(list)))
	for i, object := range list {
		var leaves []Setting
		for path, value := range object {
			leaves = append(leaves, Setting{path, string(value)})
		}
		if _, err := a.Elem.Nested.decodeInto(field.Index(i), "", NewSettings(leaves)); err != nil {
			return err
		}
	}
	return nil
}

// has reports whether some path starts with the prefix.
func (s Settings) has(prefix string) bool {
	i := sort.SearchStrings(s.Paths, prefix)
	return i < len(s.Paths) && strings.HasPrefix(s.Paths[i], prefix)
}

// children gives the distinct next elements of the paths under the prefix, sorted.
func (s Settings) children(prefix string) []string {
	var names []string
	for i := sort.SearchStrings(s.Paths, prefix); i < len(s.Paths) && strings.HasPrefix(s.Paths[i], prefix); i++ {
		name, _, _ := strings.Cut(s.Paths[i][len(prefix):], ".")
		if len(names) == 0 || names[len(names)-1] != name {
			names = append(names, name)
		}
	}
	return names
}

// Canonical gives v as compact JSON with sorted keys, integers without a fraction and floats in
// their shortest form, without escaping of <, > and &. v holds bool, string, int64, float64, nil,
// []any and map[string]any.
func Canonical(v any) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "", err
	}
	return strings.TrimSuffix(b.String(), "\n"), nil
}

// A Problem is a setting that is well typed but makes no sense; Path is dotted, as in Settings.
type Problem = problem.Problem

// A Checker is a settings struct that checks what tags cannot say. All problems come at once.
type Checker interface {
	Check() []Problem
}

// A Redirector is a settings struct that is written with a label or as a function, and knows labels or functions that its users look for
// in vain: by name, a sentence that says what to write instead.
type Redirector interface {
	Instead() map[string]string
}

// An InputChecker is a settings struct that checks what is only known beside inputs: given has, by input, the paths of
// files and the names of variables that it is given. The path of a problem may be an input's name.
type InputChecker interface {
	CheckInputs(given map[string][]string) []Problem
}
