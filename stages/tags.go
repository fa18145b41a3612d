package stages

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// SchemaOf reads the tags of S. Errors are the programmer's.
func SchemaOf[S any]() (*Schema, error) {
	return schemaOf(reflect.TypeFor[S](), nil)
}

func schemaOf(t reflect.Type, seen map[reflect.Type]*Schema) (*Schema, error) {
	if s, ok := seen[t]; ok {
		return s, nil
	}
	if t.Kind() != reflect.Struct {
		return nil, fmt.Errorf("settings must be a struct, not %v", t)
	}
	s := &Schema{Type: t}
	nested := seen != nil
	if !nested {
		seen = map[reflect.Type]*Schema{}
	}
	seen[t] = s
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Tag.Get("name") == "" {
			continue
		}
		a, err := attributeOf(f, i, seen)
		if err != nil {
			return nil, fmt.Errorf("%v.%s: %w", t, f.Name, err)
		}
		if a.Unkeyed && nested {
			return nil, fmt.Errorf("%v.%s: tag unkeyed: only a whole setting of a kind stays out of the key, not a part of one", t, f.Name)
		}
		s.unkeyed = s.unkeyed || a.Unkeyed
		s.Attributes = append(s.Attributes, *a)
	}
	for i := range s.Attributes {
		if _, ok := t.Field(s.Attributes[i].index).Tag.Lookup("label"); ok {
			s.Label = &s.Attributes[i]
		}
	}
	if err := s.checkFor(); err != nil {
		return nil, fmt.Errorf("%v.%w", t, err)
	}
	return s, nil
}

// forAll is the tag for of a field that applies whatever the label.
const forAll = "all"

// checkFor makes the fields of a labelled struct say for which labels they are.
func (s *Schema) checkFor() error {
	for i := range s.Attributes {
		a := &s.Attributes[i]
		f := s.Type.Field(a.index)
		text, given := f.Tag.Lookup("for")
		switch {
		case s.Label == nil && given:
			return fmt.Errorf("%s: tag for: no field of the struct is a label", f.Name)
		case a == s.Label && given:
			return fmt.Errorf("%s: tag for: the label is there for all", f.Name)
		case s.Label == nil || a == s.Label || text == forAll:
			continue
		case len(a.For) == 0:
			return fmt.Errorf("%s: it would enter the key whatever %s is: name the labels that it is for, as in for:%q, or say for:%q",
				f.Name, s.Label.Name, s.Label.OneOf[0], forAll)
		}
		for _, label := range a.For {
			if !slices.Contains(s.Label.OneOf, label) {
				return fmt.Errorf("%s: tag for: %q is not among the labels %s", f.Name, label, strings.Join(s.Label.OneOf, ", "))
			}
		}
	}
	return nil
}

func attributeOf(f reflect.StructField, index int, seen map[reflect.Type]*Schema) (*Attribute, error) {
	tag := f.Tag
	a := &Attribute{
		Name: tag.Get("name"), Doc: tag.Get("doc"), Unit: tag.Get("unit"),
		Min: math.Inf(-1), Max: math.Inf(1), index: index,
		OneOf: words(tag.Get("oneof")), For: words(tag.Get("for")),
	}
	if tag.Get("for") == forAll {
		a.For = nil
	}
	for name, to := range map[string]*bool{"unkeyed": &a.Unkeyed, "secret": &a.Secret, "variables": &a.Variables} {
		text, given := tag.Lookup(name)
		if given && text != "true" {
			return nil, fmt.Errorf("tag %s: it is \"true\"", name)
		}
		*to = given
	}
	if a.Doc == "" {
		return nil, fmt.Errorf("has no doc")
	}
	if labels, ok := tag.Lookup("label"); ok {
		a.OneOf = words(labels)
	}
	if err := a.setType(f.Type, tag.Get("call") == "true", seen); err != nil {
		return nil, err
	}
	if err := a.setBounds(tag); err != nil {
		return nil, err
	}
	if err := a.setColumn(tag); err != nil {
		return nil, err
	}
	if err := a.setRequired(tag, f.Type); err != nil {
		return nil, err
	}
	if err := a.setDefault(tag, f.Type); err != nil {
		return nil, err
	}
	return a, nil
}

func (a *Attribute) setType(t reflect.Type, call bool, seen map[reflect.Type]*Schema) error {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	var err error
	switch t.Kind() {
	case reflect.Bool:
		a.Type = BoolValue
	case reflect.Int, reflect.Int64:
		a.Type = IntValue
	case reflect.Float64:
		a.Type = FloatValue
	case reflect.String:
		a.Type = StringValue
	case reflect.Struct:
		a.Type = Block
		if call {
			a.Type = Call
		}
		a.Nested, err = schemaOf(t, seen)
	case reflect.Slice:
		a.Type = ListValue
		a.Elem = &Attribute{Name: a.Name, Min: a.Min, Max: a.Max}
		err = a.Elem.setType(t.Elem(), call, seen)
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			return fmt.Errorf("a map's keys must be strings")
		}
		a.Elem = &Attribute{Name: a.Name, Min: a.Min, Max: a.Max}
		err = a.Elem.setType(t.Elem(), call, seen)
		a.Type = MapValue
		if err == nil && a.Elem.Type == Block {
			a.Type, a.Nested, a.Elem = Blocks, a.Elem.Nested, nil
		}
	default:
		return fmt.Errorf("type %v cannot be a setting", t)
	}
	return err
}

func (a *Attribute) setBounds(tag reflect.StructTag) error {
	set := func(key string, to *float64, exclusive *bool) error {
		text, ok := tag.Lookup(key)
		if !ok {
			return nil
		}
		v, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return fmt.Errorf("tag %s: %w", key, err)
		}
		*to = v
		if exclusive != nil {
			*exclusive = true
		}
		return nil
	}
	for _, err := range []error{
		set("min", &a.Min, nil), set("max", &a.Max, nil),
		set("above", &a.Min, &a.Above), set("below", &a.Max, &a.Below),
	} {
		if err != nil {
			return err
		}
	}
	if a.Elem != nil {
		a.Elem.Min, a.Elem.Max, a.Elem.Above, a.Elem.Below = a.Min, a.Max, a.Above, a.Below
		a.Elem.OneOf, a.Elem.Unit = a.OneOf, a.Unit
	}
	return nil
}

func (a *Attribute) setColumn(tag reflect.StructTag) error {
	list := words(tag.Get("column"))
	if len(list) == 0 {
		return nil
	}
	if a.Type != StringValue && a.Type != MapValue && (a.Type != ListValue || a.Elem.Type != StringValue) {
		return fmt.Errorf("tag column: only a string, a list of strings or a map names columns")
	}
	a.Column, a.Descending = list[0], len(list) == 2 && list[1] == "descending"
	if len(list) > 1 && !a.Descending {
		return fmt.Errorf("tag column: %q is not INPUT or INPUT,descending", tag.Get("column"))
	}
	return nil
}

func (a *Attribute) setRequired(tag reflect.StructTag, t reflect.Type) error {
	text, ok := tag.Lookup("required")
	if !ok {
		return nil
	}
	if text != "true" || t.Kind() != reflect.Slice && t.Kind() != reflect.Map {
		return fmt.Errorf("tag required: it is \"true\", on a slice or a map; other fields without a default are required as they are")
	}
	a.NonEmpty = true
	return nil
}

func (a *Attribute) setDefault(tag reflect.StructTag, t reflect.Type) error {
	text, ok := tag.Lookup("default")
	axis, fromAxis := strings.CutPrefix(text, "each.")
	switch {
	case fromAxis:
		a.DefaultAxis = axis
		text = map[ValueType]string{IntValue: "0", FloatValue: "0", BoolValue: "false", StringValue: `""`}[a.Type]
	case !ok:
		optional := t.Kind() == reflect.Pointer || slices.Contains([]ValueType{Block, Blocks, ListValue, MapValue}, a.Type)
		a.Required = !optional || a.NonEmpty
		return nil
	}
	if a.Type == StringValue && !strings.HasPrefix(text, `"`) {
		text = strconv.Quote(text)
	}
	v := reflect.New(t)
	if err := json.Unmarshal([]byte(text), v.Interface()); err != nil {
		return fmt.Errorf("default %s: %w", text, err)
	}
	if a.NonEmpty && v.Elem().Len() == 0 {
		return fmt.Errorf("default %s: it is empty, but required", text)
	}
	a.Default = json.RawMessage(text)
	return nil
}

func words(s string) []string {
	if s == "" {
		return nil
	}
	list := strings.Split(s, ",")
	for i := range list {
		list[i] = strings.TrimSpace(list[i])
	}
	return list
}
