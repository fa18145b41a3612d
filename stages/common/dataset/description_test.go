package dataset

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
)

// birds has three classes and two attributes of two values each, twelve groups, on inputs 1 x 2 x 3.
func birds() Description {
	return Description{
		Dimensions: 6, Shape: &Shape{1, 2, 3}, Classes: []string{"land", "water", "sea"},
		Attributes: []Attribute{{"place", []string{"forest", "shore"}}, {"season", []string{"summer", "winter"}}},
		Pairs:      []int16{0, 2, 3},
		Parts:      []Part{{CorePart, [2]int{0, 1}, [2]int{0, 1}, [2]int{0, 3}}, {SpuriousPart, [2]int{0, 1}, [2]int{1, 2}, [2]int{1, 3}}},
		Sources:    []Source{{Name: "birds.npz", Digest: strings.Repeat("ab", 32), Licence: "CC0", Filter: "first 4 rows"}},
	}
}

func TestGroupsOfManyClasses(t *testing.T) {
	d := birds()
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
	if d.ClassCount() != 3 || d.ValueCount() != 4 || d.GroupCount() != 12 || d.Binary() {
		t.Errorf("%d classes, %d values, %d groups, binary %v", d.ClassCount(), d.ValueCount(), d.GroupCount(), d.Binary())
	}
	if g := d.GroupOf(1, 2); g != 6 || d.GroupName(int(g)) != "water/shore, summer" {
		t.Errorf("group %d, %q", g, d.GroupName(int(g)))
	}
	if s, ok := d.Pair(2); s != 3 || !ok {
		t.Errorf("class 2 goes with %d, %v", s, ok)
	}
	if got := d.Coordinates(d.Part(SpuriousPart)); !slices.Equal(got, []int32{4, 5}) {
		t.Errorf("the spurious part has %v", got)
	}
	plain := Description{Dimensions: 3}
	if s, ok := plain.Pair(1); plain.GroupName(2) != "10" || !plain.Binary() || s != 1 || !ok || plain.Part(CorePart) != nil {
		t.Errorf("%q, %v, %d, %v", plain.GroupName(2), plain.Binary(), s, ok)
	}
	d.Pairs = nil
	if _, ok := d.Pair(0); ok {
		t.Error("three classes and four values pair up by themselves")
	}
}

// Samples of many classes go through a Parquet file, whatever their inputs are.
func TestManyClassesRoundTrip(t *testing.T) {
	many := Description{Dimensions: 1, Classes: numbers(200)}
	labels := make([]int16, 200)
	for i := range labels {
		labels[i] = int16(i)
	}
	for name, c := range map[string]struct {
		about Description
		in    Inputs
		m     Marks
		types frame.Type
	}{
		"signs": {birds(), Inputs{Dimensions: 6, Signs: []uint64{1, 2, 63, 0}}, Marks{3, 4, []int16{0, 1, 2, 2}, []int16{3, 0, 1, 3}}, frame.Int8},
		"reals": {birds(), Inputs{Dimensions: 6, Floats: make([]float32, 24)}, Marks{3, 4, []int16{0, 1, 2, 2}, []int16{3, 0, 1, 3}}, frame.Int8},
		"bytes": {birds(), Inputs{Dimensions: 6, Bytes: []uint8("abcdefghijklmnopqrstuvwx"), Scale: 1. / 255, Offset: -.5}, Marks{3, 4, []int16{0, 1, 2, 2}, []int16{3, 0, 1, 3}}, frame.Int8},
		"plain": {birds(), Inputs{Dimensions: 6, Floats: make([]float32, 24)}, Marks{3, 4, []int16{0, 1, 2, 2}, nil}, frame.Int8},
		"many":  {many, Inputs{Dimensions: 1, Signs: make([]uint64, 200)}, Marks{200, 2, labels, make([]int16, 200)}, frame.Int64},
	} {
		s, err := New(TrainSplit, c.in, c.m)
		if err != nil {
			t.Fatal(name, err)
		}
		d := &Dataset{Description: c.about, Train: s}
		table, err := d.Table()
		if err != nil {
			t.Fatal(name, err)
		}
		if got := table.Column("label").Type; got != c.types {
			t.Errorf("%s: labels are %v", name, got)
		}
		if got := through(t, d); !sameDataset(d, got) {
			t.Errorf("%s: %+v becomes %+v", name, d, got)
		}
	}
}

// A table that does not describe itself has as many classes as its labels say.
func TestCountsOfUndescribedTables(t *testing.T) {
	table := func(labels, attributes, groups []int64) *frame.Table {
		n := len(labels)
		t := &frame.Table{Columns: []frame.Column{
			frame.Strings(Fields[0], slices.Repeat([]string{"train"}, n)), frame.Int64s(Fields[1], labels),
			frame.Float32Lists(ListField, make([]float32, n), frame.EqualOffsets(n, 1)),
		}}
		if attributes != nil {
			t.Columns = append(t.Columns, frame.Int64s(Fields[2], attributes))
		}
		if groups != nil {
			t.Columns = append(t.Columns, frame.Int64s(Fields[3], groups))
		}
		return t
	}
	for _, c := range []struct {
		labels, attributes, groups []int64
		classes, values            int
		says                       string
	}{
		{[]int64{0, 2, 1}, nil, nil, 3, 2, ""},
		{[]int64{0, 0}, nil, nil, 2, 2, ""},
		{[]int64{0, 1}, []int64{4, 0}, nil, 2, 5, ""},
		{[]int64{0, 2, 1}, []int64{0, 1, 1}, []int64{0, 5, 3}, 3, 2, ""},
		{[]int64{0, 2, 1}, nil, []int64{2, 8, 3}, 3, 3, ""},
		{[]int64{0, 2, 1}, nil, []int64{2, 8, 2}, 0, 0, "row 2: group 2, but label 1 and attribute 2 make group 5"},
		{[]int64{0, 3, 1}, nil, nil, 0, 0, "row 1: label is 3, but no row has the label 2"},
		{[]int64{0, 40000, 1}, nil, nil, 0, 0, "row 1: label is 40000"},
		{[]int64{0, 1}, []int64{20000, 0}, nil, 0, 0, "more than 32768 groups"},
	} {
		d, err := FromTable(table(c.labels, c.attributes, c.groups))
		switch {
		case c.says != "":
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("%v: %v, want %q", c, err, c.says)
			}
		case err != nil || d.ClassCount() != c.classes || d.ValueCount() != c.values:
			t.Errorf("%v: %v, %+v", c, err, d)
		}
	}
}

// Bytes stand for themselves times the scale.
func TestBytes(t *testing.T) {
	s, err := New(TestSplit, Inputs{Dimensions: 2, Bytes: []uint8{0, 255, 51, 1}, Scale: 1. / 255}, Marks{2, 2, []int16{0, 1}, nil})
	if err != nil {
		t.Fatal(err)
	}
	got := make([]float32, 4)
	s.Gather(got, []int32{1, 0})
	if want := []float32{.2, 1. / 255, 0, 1}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if s.Signs() || s.Packed() != nil {
		t.Error("bytes are not signs")
	}
}

func TestDescriptionRefuses(t *testing.T) {
	for says, change := range map[string]func(*Description){
		"shape 1 x 2 x 4":               func(d *Description) { d.Shape = &Shape{1, 2, 4} },
		`the name "land" is empty or`:   func(d *Description) { d.Classes[1] = "land" },
		"1 classes; at least 2":         func(d *Description) { d.Classes = d.Classes[:1] },
		"0 values of the attribute":     func(d *Description) { d.Attributes[0].Values = nil },
		"an empty list of attributes":   func(d *Description) { d.Attributes = []Attribute{} },
		"more than 32768 groups":        func(d *Description) { d.Attributes[0].Values = numbers(6000) },
		"2 pairs for 3 classes":         func(d *Description) { d.Pairs = d.Pairs[:2] },
		"class 1 goes with attribute 4": func(d *Description) { d.Pairs[1] = 4 },
		`part "both"`:                   func(d *Description) { d.Parts[0].Name = "both" },
		`part "core": parts are one`:    func(d *Description) { d.Parts[1].Name = CorePart },
		"columns 1 up to 4":             func(d *Description) { d.Parts[1].Columns[1] = 4 },
	} {
		d := birds()
		change(&d)
		if err := d.Check(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

// The class that an attribute goes with exists only where each goes with one, and each class with it.
func TestFollowed(t *testing.T) {
	names := func(n int) []string { return []string{"a", "b", "c", "d"}[:n] }
	for _, c := range []struct {
		classes, values int
		pairs           []int16
		want            []int16
	}{
		{2, 2, nil, []int16{0, 1}}, {3, 3, nil, []int16{0, 1, 2}}, {3, 3, []int16{2, 0, 1}, []int16{1, 2, 0}},
		{3, 3, []int16{0, 0, 1}, nil}, {3, 2, []int16{0, 1, 1}, nil}, {2, 3, []int16{0, 1}, nil},
	} {
		d := Description{Classes: names(c.classes), Attributes: []Attribute{{"shade", names(c.values)}}, Pairs: c.pairs}
		if got := d.Followed(); !slices.Equal(got, c.want) {
			t.Errorf("%d classes, %d values, pairs %v: %v, want %v", c.classes, c.values, c.pairs, got, c.want)
		}
		for g := range int16(d.GroupCount()) {
			if y, s := d.LabelOf(g), d.AttributeOf(g); d.GroupOf(y, s) != g {
				t.Errorf("group %d has label %d and attribute %d", g, y, s)
			}
		}
	}
}
