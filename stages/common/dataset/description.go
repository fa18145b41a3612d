package dataset

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spurion/stages/numeric/datalaw"
)

// MetaKey is the key of a table's metadata that holds a Description as JSON. Models carry that of
// the data that they were trained on under the same key.
const MetaKey = "spurion.dataset"

// MaxGroups bounds the groups of a data set: classes times values of the attribute.
const MaxGroups = 1 << 15

// A Description says what the samples of a data set are. Whatever is left out is as for Boolean data: two classes, an
// attribute of two values, inputs without a shape.
type Description struct {
	Dimensions int          `json:"dimensions"`    // of an input
	Law        *datalaw.Law `json:"law,omitempty"` // the distribution that samples come from; nil for external data
	Shape      *Shape       `json:"shape,omitempty"`
	// Classes names the labels 0, 1, ...; nil for two without names.
	Classes []string `json:"classes,omitempty"`
	// Attributes are those whose values together make the attribute of a sample, the first counting slowest: with two of 2
	// and 3 values, attribute 5 is the last value of both. nil for one of two values without names.
	Attributes []Attribute `json:"attributes,omitempty"`
	// Pairs holds, for each class, the attribute that goes with it: that of the majority where the attribute is spurious.
	// nil: as Pair says.
	Pairs   []int16  `json:"pairs,omitempty"`
	Parts   []Part   `json:"parts,omitempty"`
	Sources []Source `json:"sources,omitempty"`
}

// A Shape is that of an input that is an image: coordinates are channel by channel, row by row.
type Shape struct {
	Channels int `json:"channels"`
	Height   int `json:"height"`
	Width    int `json:"width"`
}

// Size gives the number of coordinates.
func (s Shape) Size() int { return s.Channels * s.Height * s.Width }

// String gives channels x height x width, such as "3 x 64 x 32".
func (s Shape) String() string { return fmt.Sprintf("%d x %d x %d", s.Channels, s.Height, s.Width) }

// An Attribute is something about a sample that is not its label, with the names of its values.
type Attribute struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// The names of parts of inputs.
const (
	CorePart     = "core"
	SpuriousPart = "spurious"
)

// A Part is a box of an input's coordinates that holds one feature. Bounds are half-open: from the first up to, and
// without, the second. The box of inputs without a shape is in their columns.
type Part struct {
	Name     string `json:"name"` // CorePart or SpuriousPart
	Channels [2]int `json:"channels"`
	Rows     [2]int `json:"rows"`
	Columns  [2]int `json:"columns"`
}

// A Source says where samples come from.
type Source struct {
	Name    string `json:"name"`              // a file, or what its maker calls it
	Digest  string `json:"sha256,omitempty"`  // of its bytes, in hexadecimal digits
	Licence string `json:"licence,omitempty"` // as its maker states it
	Filter  string `json:"filter,omitempty"`  // what was taken of it, and how it was changed
}

// ClassCount gives K, the number of classes.
func (d *Description) ClassCount() int {
	if d.Classes == nil {
		return 2
	}
	return len(d.Classes)
}

// ValueCount gives A, the number of values of the attribute: of all attributes' values together.
func (d *Description) ValueCount() int {
	if d.Attributes == nil {
		return 2
	}
	n := 1
	for _, a := range d.Attributes {
		n = min(n*len(a.Values), MaxGroups+1)
	}
	return n
}

// GroupCount gives G = K A, whether or not a group has samples.
func (d *Description) GroupCount() int { return d.ClassCount() * d.ValueCount() }

// Binary reports whether there are two classes, and two values of the attribute: the four groups 2y + s.
func (d *Description) Binary() bool { return d.ClassCount() == 2 && d.ValueCount() == 2 }

// GroupOf gives the group A y + s of a label and an attribute.
func (d *Description) GroupOf(label, attribute int16) int16 {
	return label*int16(d.ValueCount()) + attribute
}

// Pair gives the attribute that goes with a class, and whether there is one: that of Pairs, or s = y where there are as
// many attributes as classes.
func (d *Description) Pair(label int16) (attribute int16, ok bool) {
	if d.Pairs != nil {
		return d.Pairs[label], true
	}
	return label, d.ClassCount() == d.ValueCount()
}

// LabelOf gives the label of a group.
func (d *Description) LabelOf(group int16) int16 { return group / int16(d.ValueCount()) }

// AttributeOf gives the attribute of a group.
func (d *Description) AttributeOf(group int16) int16 { return group % int16(d.ValueCount()) }

// Followed gives the class that each attribute goes with, [A]; nil unless each goes with one class, and each class with it.
func (d *Description) Followed() []int16 {
	if d.ClassCount() != d.ValueCount() {
		return nil
	}
	classes := slices.Repeat([]int16{-1}, d.ValueCount())
	for y := range int16(d.ClassCount()) {
		s, ok := d.Pair(y)
		if !ok || classes[s] >= 0 {
			return nil
		}
		classes[s] = y
	}
	return classes
}

// ClassName names a label.
func (d *Description) ClassName(label int) string {
	if d.Classes == nil {
		return strconv.Itoa(label)
	}
	return d.Classes[label]
}

// AttributeName names a value of the attribute: the values of all attributes, with a comma between.
func (d *Description) AttributeName(attribute int) string {
	if d.Attributes == nil {
		return strconv.Itoa(attribute)
	}
	names := make([]string, len(d.Attributes))
	for i, a := range slices.Backward(d.Attributes) {
		names[i], attribute = a.Values[attribute%len(a.Values)], attribute/len(a.Values)
	}
	return strings.Join(names, ", ")
}

// GroupName names a group: label and attribute, as "01", or "landbird/water" if they have names.
func (d *Description) GroupName(group int) string {
	y, s := group/d.ValueCount(), group%d.ValueCount()
	if d.Classes == nil && d.Attributes == nil {
		return d.ClassName(y) + d.AttributeName(s)
	}
	return d.ClassName(y) + "/" + d.AttributeName(s)
}

// Part gives the part of a name; nil if there is none.
func (d *Description) Part(name string) *Part {
	if i := slices.IndexFunc(d.Parts, func(p Part) bool { return p.Name == name }); i >= 0 {
		return &d.Parts[i]
	}
	return nil
}

// Coordinates lists the coordinates of a part, ascending.
func (d *Description) Coordinates(p *Part) []int32 {
	shape := d.Box()
	var list []int32
	for c := p.Channels[0]; c < p.Channels[1]; c++ {
		for y := p.Rows[0]; y < p.Rows[1]; y++ {
			for x := p.Columns[0]; x < p.Columns[1]; x++ {
				list = append(list, int32((c*shape.Height+y)*shape.Width+x))
			}
		}
	}
	return list
}

// Box gives the shape of inputs; of those without one, a row of all coordinates.
func (d *Description) Box() Shape {
	if d.Shape == nil {
		return Shape{1, 1, d.Dimensions}
	}
	return *d.Shape
}

// JSON gives the description as it stands in metadata.
func (d *Description) JSON() string {
	text, err := json.Marshal(d)
	if err != nil {
		panic(fmt.Sprintf("dataset: description: %v", err)) // only numbers that no law has
	}
	return string(text)
}

// Describe reads the description in a table's metadata; nil without error if there is none. It has been checked.
func Describe(meta map[string]string) (*Description, error) {
	text, ok := meta[MetaKey]
	if !ok {
		return nil, nil
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	var d Description
	if err := dec.Decode(&d); err != nil {
		return nil, fmt.Errorf("data: metadata %s: %w", MetaKey, err)
	}
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("data: metadata %s: %w", MetaKey, err)
	}
	return &d, nil
}

// Check reports what cannot be.
func (d *Description) Check() error {
	if d.Dimensions < 0 {
		return fmt.Errorf("%d dimensions", d.Dimensions)
	}
	if err := d.checkLaw(); err != nil {
		return err
	}
	if s := d.Shape; s != nil && (s.Channels < 1 || s.Height < 1 || s.Width < 1 || s.Channels > d.Dimensions ||
		s.Height > d.Dimensions || s.Width > d.Dimensions || s.Size() != d.Dimensions) {
		return fmt.Errorf("the shape %v is not that of %d dimensions", s, d.Dimensions)
	}
	if err := d.checkNames(); err != nil {
		return err
	}
	if err := d.checkGroups(); err != nil {
		return err
	}
	if d.Pairs != nil && len(d.Pairs) != d.ClassCount() {
		return fmt.Errorf("%d pairs for %d classes", len(d.Pairs), d.ClassCount())
	}
	for y, s := range d.Pairs {
		if s < 0 || int(s) >= d.ValueCount() {
			return fmt.Errorf("class %d goes with attribute %d; it must be from 0 to %d", y, s, d.ValueCount()-1)
		}
	}
	return d.checkParts()
}

func (d *Description) checkLaw() error {
	if d.Law == nil {
		return nil
	}
	if ps := d.Law.Check(); len(ps) > 0 {
		return fmt.Errorf("law: %s: %s", ps[0].Path, ps[0].Detail)
	}
	if n := d.Law.Dimensions(); n != d.Dimensions {
		return fmt.Errorf("%d dimensions, but the law has %d", d.Dimensions, n)
	}
	if !d.Binary() {
		return fmt.Errorf("a law has two classes and an attribute of two values, not %d and %d", d.ClassCount(), d.ValueCount())
	}
	return nil
}

func (d *Description) checkGroups() error {
	if d.GroupCount() > MaxGroups {
		return fmt.Errorf("%d classes and %d values of the attribute make more than %d groups; leave attributes out, or values", d.ClassCount(), d.ValueCount(), MaxGroups)
	}
	return nil
}

// checkNames wants every name once in its list, and none empty.
func (d *Description) checkNames() error {
	distinct := func(of string, names []string, least int) error {
		if names != nil && len(names) < least {
			return fmt.Errorf("%d %s; at least %d are needed", len(names), of, least)
		}
		seen := map[string]bool{}
		for _, name := range names {
			if name == "" || seen[name] {
				return fmt.Errorf("%s: the name %q is empty or given twice", of, name)
			}
			seen[name] = true
		}
		return nil
	}
	if d.Classes != nil {
		if err := distinct("classes", d.Classes, 2); err != nil {
			return err
		}
	}
	if d.Attributes != nil && len(d.Attributes) == 0 {
		return fmt.Errorf("an empty list of attributes")
	}
	var names []string
	for _, a := range d.Attributes {
		if err := distinct("values of the attribute "+a.Name, append([]string{}, a.Values...), 1); err != nil {
			return err
		}
		names = append(names, a.Name)
	}
	return distinct("attributes", names, 0)
}

func (d *Description) checkParts() error {
	s := d.Box()
	for i, p := range d.Parts {
		if p.Name != CorePart && p.Name != SpuriousPart || slices.ContainsFunc(d.Parts[:i], func(q Part) bool { return q.Name == p.Name }) {
			return fmt.Errorf("part %q: parts are one %s and one %s", p.Name, CorePart, SpuriousPart)
		}
		for _, side := range []struct {
			of   string
			is   [2]int
			most int
		}{{"channels", p.Channels, s.Channels}, {"rows", p.Rows, s.Height}, {"columns", p.Columns, s.Width}} {
			if side.is[0] < 0 || side.is[0] >= side.is[1] || side.is[1] > side.most {
				return fmt.Errorf("part %s: %s %d up to %d are not within 0 up to %d", p.Name, side.of, side.is[0], side.is[1], side.most)
			}
		}
	}
	return nil
}
