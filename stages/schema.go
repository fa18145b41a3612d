package stages

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
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
//	         as `attr "label" { ... }`, or with call:"true" as label(arg, ...). One with a default may be left
//	         out: `attr { ... }` has the default label, which is not in the key
//	for      the labels for which the field applies, or all; it is absent for the others. Every
//	         field beside a label has it, so that none enters keys that it does not concern
//	call     on a field of such a struct type (or slice of it): written as a function call,
//	         arguments in field order
//	unkeyed  unkeyed:"true" on a setting of a kind: it is about the doing, such as a time limit, and can change
//	         no result; so it is not in the key, and a change of it alone computes nothing
//	secret   secret:"true": it may hold what is sensitive, such as a token, as it reaches no result by itself
//	variables variables:"true" on a list of strings of a kind: it names environment variables that a program is handed;
//	         what they hold is masked in all that is shown
//	column   the input whose columns the field names: a string, a list of strings, or a map by its
//	         keys; "INPUT,descending" if "-" may stand before a name. A name that no table of the
//	         input has is then found before anything runs, unless it is empty or the default. The
//	         values of a map of strings, without oneof, are conditions (ReadCondition) on what it names:
//	         one that no value fulfils which is known to be there is found, too
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

	unkeyed bool // some attribute is
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
	Unkeyed         bool     // it is not in the key, nor is anything in it
	Secret          bool     // it may hold what is sensitive
	Variables       bool     // it names environment variables whose values are not to be seen
	// Column is the input whose columns (and, if it reads axes, axes) the values name; "" for none.
	// Descending says that "-" may stand before a name. An empty name stands for no column.
	Column     string
	Descending bool

	index int // the struct field
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

// DefaultLabel gives the label of a block that is written without one; "" if there is none.
func (s *Schema) DefaultLabel() string {
	if s.Label == nil || s.Label.Default == nil {
		return ""
	}
	var label string
	if err := json.Unmarshal(s.Label.Default, &label); err != nil {
		panic(fmt.Sprintf("stages: the default %s of a label: %v", s.Label.Default, err)) // SchemaOf has read it
	}
	return label
}

// LabelLeaves gives the setting that a label is, at the path of its attribute: none for the default label.
func (s *Schema) LabelLeaves(path, label string) []Setting {
	if label == s.DefaultLabel() {
		return nil
	}
	text, err := Canonical(label)
	if err != nil {
		panic(fmt.Sprintf("stages: label %q: %v", label, err))
	}
	return []Setting{{path, text}}
}

// Keyed reports whether the setting at a dotted path is part of the key.
func (s *Schema) Keyed(path string) bool {
	if !s.unkeyed {
		return true
	}
	name, _, _ := strings.Cut(path, ".")
	a := s.Attribute(name)
	return a == nil || !a.Unkeyed
}

// Conditions reports whether the attribute is a map of conditions on the columns that its keys name.
func (a *Attribute) Conditions() bool {
	return a.Type == MapValue && a.Column != "" && a.Elem.Type == StringValue && len(a.OneOf) == 0
}

// Applies reports whether the attribute has a meaning under the label ("" where there is none).
func (a *Attribute) Applies(label string) bool {
	return a.For == nil || slices.Contains(a.For, label)
}

// Of gives the field of a settings struct, v, that the attribute is.
func (a *Attribute) Of(v reflect.Value) reflect.Value { return v.Field(a.index) }

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
