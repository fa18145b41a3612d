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

// ValueType is the type of an attribute's values, as a spec's author sees it.
type ValueType uint8

// The value types. Block is a nested block or an object; Call a value made by a function named
// after one of its labels, such as parity(4); Blocks a set of labelled blocks of one shape.
const (
	BoolValue ValueType = iota + 1
	IntValue
	FloatValue
	StringValue
	ListValue
	MapValue
	Block
	Call
	Blocks
)

// A Schema describes a settings struct. It is made from these struct tags:
//
//	name     the attribute's name in a spec; a field without one is not a setting
//	doc      one line of documentation (required)
//	default  its default, as JSON ("0.1", "[100]", "true") or a bare string; or "each.AXIS": the
//	         value of that axis if the instance has it, else the zero value
//	min max  bounds of a number, or of a list's every element, inclusive; above, below: exclusive
//	required on a list, a map or a set of blocks: required:"true" wants at least one element; without a
//	         default it must then be given
//	unit     "steps", "per step", ...
//	oneof    the strings allowed, separated by commas
//	label    on a string field of a nested struct: the labels allowed; the struct is then written
//	         as `attr "label" { ... }`, or with call:"true" as label(arg, ...)
//	for      the labels for which the field applies, or all; it is absent for the others. Every
//	         field beside a label has it, so that none enters keys that it does not concern
//	call     on a field of such a struct type (or slice of it): written as a function call,
//	         arguments in field order
//	column   the input whose columns the field names: a string, a list of strings, or a map by its
//	         keys; "INPUT,descending" if "-" may stand before a name. A name that no table of the
//	         input has is then found before anything runs, unless it is empty or the default
//
// Go types: bool, int, int64, float64, string, slices of these, map[string]string,
// map[string]float64 and map[string]bool are attributes; a struct is a block, map[string]struct a
// set of labelled blocks. A pointer is optional, and nil if not given: so a *[]string or
// *map[string]string tells none from an empty one, which a slice or map, empty by default, does not.
// A field without a default that is not a pointer, block, slice or map is required.
type Schema struct {
	Attributes []Attribute // in field order
	// Label is the attribute that carries the block's label (or the function's name), or nil.
	Label *Attribute
	Type  reflect.Type
}

// An Attribute is one setting, nested block, or set of blocks.
type Attribute struct {
	Name, Doc, Unit string
	Type            ValueType
	Elem            *Attribute // of ListValue and MapValue: describes one element
	Nested          *Schema    // of Block, Call, Blocks
	Required        bool
	NonEmpty        bool            // a list, map or set of blocks has at least one element
	Default         json.RawMessage // nil if there is none
	DefaultAxis     string          // "seed" for default:"each.seed"
	Min, Max        float64         // infinite if unbounded
	Above, Below    bool            // Min, Max are exclusive
	OneOf           []string
	For             []string // labels for which it applies; nil for all
	// Column is the input whose columns (and, if it reads axes, axes) the values name; "" for none.
	// Descending says that "-" may stand before a name. An empty name stands for no column.
	Column     string
	Descending bool

	index int // the struct field
}

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
	if seen == nil {
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

// Attribute gives the attribute with the name, or nil.
func (s *Schema) Attribute(name string) *Attribute {
	for i := range s.Attributes {
		if s.Attributes[i].Name == name {
			return &s.Attributes[i]
		}
	}
	return nil
}

// Applies reports whether the attribute has a meaning under the label ("" where there is none).
func (a *Attribute) Applies(label string) bool {
	return a.For == nil || slices.Contains(a.For, label)
}

// CheckNumber says in words what is wrong with x as a value of a, or returns "".
func (a *Attribute) CheckNumber(x float64) string {
	if x < a.Min || a.Above && x == a.Min || x > a.Max || a.Below && x == a.Max || math.IsNaN(x) {
		return fmt.Sprintf("must be %s, but is %s", a.Bounds(), FormatFloat(x))
	}
	return ""
}

// Bounds gives the allowed range in words, such as "at least 0 and below 1", or "".
func (a *Attribute) Bounds() string {
	var parts []string
	if !math.IsInf(a.Min, -1) {
		parts = append(parts, map[bool]string{false: "at least ", true: "above "}[a.Above]+FormatFloat(a.Min))
	}
	if !math.IsInf(a.Max, 1) {
		parts = append(parts, map[bool]string{false: "at most ", true: "below "}[a.Below]+FormatFloat(a.Max))
	}
	return strings.Join(parts, " and ")
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

// Unit gives the unit of the setting at a dotted path, or "".
func (s *Schema) Unit(path string) string {
	name, rest, nested := strings.Cut(path, ".")
	a := s.Attribute(name)
	switch {
	case a == nil:
		return ""
	case !nested || a.Nested == nil:
		return a.Unit
	case a.Type == Blocks:
		_, rest, _ = strings.Cut(rest, ".")
	}
	return a.Nested.Unit(rest)
}
