package dataset

import (
	"fmt"
	"math"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/boolean"
)

// Fields are the columns of a data set of Boolean inputs with attributes: what generate writes.
var Fields = []frame.Field{
	{Name: "split", Type: frame.String, Doc: "The part of the data that the sample belongs to: train, validation or test.", Mark: frame.MarkSplit},
	{Name: "label", Type: frame.Int8, Doc: "The label y, 1 where the core function is +1, else 0."},
	{Name: "attribute", Type: frame.Int8, Doc: "The spurious attribute s, 1 where the spurious function is +1, else 0.", Mark: frame.MarkAttribute},
	{Name: "group", Type: frame.Int8, Doc: "The group 2y + s; groups 1 and 2 are the minority.", Mark: frame.MarkGroup},
	{Name: "inputs", Type: frame.Signs, Unit: "1", Doc: "The coordinates: the core block, the spurious block, independent ones. Coordinate j, from 0, is +1 if bit j%8 of byte j/8 is set, else -1."},
}

// ListField is the column inputs with a list of int8 for each row, as other programs write Boolean inputs,
// and generate did before its version 3.
var ListField = frame.Field{Name: "inputs", Type: frame.Int8List, Unit: "1", Doc: "The coordinates: the core block, the spurious block, independent ones."}

// Table gives the data set as a table: the columns of Fields, without attribute and group if some
// split has none. Inputs that are not all Boolean are bytes if all of them are, with one scale, else lists of float32. Labels, attributes and groups
// are int8 while there are at most 128 groups, else int64. The table shares the memory of the samples' inputs where that
// of their splits lies together.
func (d *Dataset) Table() (*frame.Table, error) {
	if d.real() {
		return d.table(d.numbers)
	}
	return d.table(func(int) (frame.Column, error) {
		f := Fields[4]
		f.Length = d.Dimensions
		return frame.PackedSigns(f, joined(each(d, func(s *Samples) []uint64 { return s.inputs.Signs }))), nil
	})
}

// Lists is Table with Boolean inputs as lists of int8: ListField.
func (d *Dataset) Lists() (*frame.Table, error) {
	if d.real() {
		return d.table(d.numbers)
	}
	return d.table(func(rows int) (frame.Column, error) {
		if err := d.fitsLists(rows); err != nil {
			return frame.Column{}, err
		}
		ints := make([]int8, rows*d.Dimensions)
		boolean.ExpandInt8(ints, joined(each(d, func(s *Samples) []uint64 { return s.inputs.Signs })), rows, d.Dimensions)
		return frame.Int8Lists(ListField, ints, frame.EqualOffsets(rows, d.Dimensions)), nil
	})
}

// real reports whether some split is not Boolean.
func (d *Dataset) real() bool {
	return slices.ContainsFunc(d.Finite(), func(s *Samples) bool { return !s.Signs() })
}

// numbers gives the inputs as bytes, or as lists of float32.
func (d *Dataset) numbers(rows int) (frame.Column, error) {
	splits := d.Finite()
	first := &splits[0].inputs
	if slices.ContainsFunc(splits, func(s *Samples) bool {
		return s.inputs.Bytes == nil || s.inputs.Scale != first.Scale || s.inputs.Offset != first.Offset
	}) {
		return d.floats(rows)
	}
	f := frame.Field{Name: "inputs", Unit: "1", Length: d.Dimensions, Scale: first.Scale, Offset: first.Offset, Doc: "The coordinates, one byte each: channel by channel, row by row."}
	return frame.PackedBytes(f, joined(each(d, func(s *Samples) []uint8 { return s.inputs.Bytes }))), nil
}

// floats gives the inputs as lists of float32.
func (d *Dataset) floats(rows int) (frame.Column, error) {
	if err := d.fitsLists(rows); err != nil {
		return frame.Column{}, err
	}
	f := ListField
	f.Doc = "The coordinates."
	splits := d.Finite()
	if !slices.ContainsFunc(splits, func(s *Samples) bool { return s.inputs.Floats == nil }) {
		all := joined(each(d, func(s *Samples) []float32 { return s.inputs.Floats }))
		return frame.Float32Lists(f, all, frame.EqualOffsets(rows, d.Dimensions)), nil
	}
	inputs := make([]float32, rows*d.Dimensions)
	at := 0
	for _, s := range splits {
		s.Inputs(inputs[at*d.Dimensions:], 0, s.Rows)
		at += s.Rows
	}
	return frame.Float32Lists(f, inputs, frame.EqualOffsets(rows, d.Dimensions)), nil
}

func (d *Dataset) fitsLists(rows int) error {
	if int64(rows)*int64(d.Dimensions) > math.MaxInt32 {
		return fmt.Errorf("data: %d samples of %d coordinates are more than one table of lists holds", rows, d.Dimensions)
	}
	return nil
}

// table makes the columns, of which inputs gives the last.
func (d *Dataset) table(inputs func(rows int) (frame.Column, error)) (*frame.Table, error) {
	if err := d.Check(); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	rows, groups := 0, true
	for _, s := range d.Finite() {
		if s.Classes() != d.ClassCount() || s.GroupCount() != d.GroupCount() {
			return nil, fmt.Errorf("data: %s: samples of %d classes and %d groups in a data set of %d and %d", s.Split, s.Classes(), s.GroupCount(), d.ClassCount(), d.GroupCount())
		}
		rows += s.Rows
		groups = groups && s.HasAttributes()
	}
	t := &frame.Table{Meta: map[string]string{MetaKey: d.JSON()}}
	t.Columns = append(t.Columns, d.splits(rows), d.column(Fields[1], rows, ""))
	if groups {
		t.Columns = append(t.Columns,
			d.column(Fields[2], rows, frame.MarkAttribute),
			d.column(Fields[3], rows, frame.MarkGroup))
	}
	c, err := inputs(rows)
	if err != nil {
		return nil, err
	}
	t.Columns = append(t.Columns, c)
	return t, nil
}

// splits gives the split of all samples.
func (d *Dataset) splits(rows int) frame.Column {
	names, codes := make([]string, 0, len(Splits)), make([]uint8, 0, rows)
	for i, s := range d.Finite() {
		names = append(names, string(s.Split))
		codes = append(codes, slices.Repeat([]uint8{uint8(i)}, s.Rows)...)
	}
	return frame.CodedStrings(Fields[0], names, codes)
}

// column makes a column of marks.
func (d *Dataset) column(f frame.Field, rows int, kind frame.Mark) frame.Column {
	if !d.Binary() || d.Classes != nil || d.Attributes != nil {
		f.Doc = markDocs[f.Name]
	}
	if d.GroupCount() > 128 {
		return frame.Int64s(f, marksOf[int64](d, rows, kind))
	}
	return frame.Int8s(f, marksOf[int8](d, rows, kind))
}

// marksOf gives the attributes of all splits, or the groups, or, without a mark, the labels.
func marksOf[T int8 | int64](d *Dataset, rows int, kind frame.Mark) []T {
	all := make([]T, rows)
	rest := all
	for _, s := range d.Finite() {
		m, to := &s.marks, rest[:s.Rows]
		switch kind {
		case frame.MarkGroup:
			attributes, values := m.Attributes[:len(to)], T(m.Values)
			for i, y := range m.Labels[:len(to)] {
				to[i] = T(y)*values + T(attributes[i])
			}
		case frame.MarkAttribute:
			convert(to, m.Attributes)
		default:
			convert(to, m.Labels)
		}
		rest = rest[s.Rows:]
	}
	return all
}

func convert[T int8 | int64](to []T, from []int16) {
	for i, v := range from[:len(to)] {
		to[i] = T(v)
	}
}

// markDocs are what columns of marks say where they are not those of a law.
var markDocs = map[string]string{
	"label":     "The label y, from 0 on.",
	"attribute": "The attribute s, from 0 on.",
	"group":     "The group A y + s, A being the number of values of the attribute.",
}

// each gives something of each split that there is.
func each[T any](d *Dataset, of func(*Samples) []T) (parts [][]T) {
	for _, s := range d.Finite() {
		parts = append(parts, of(s))
	}
	return parts
}

// joined gives the parts one after the other: where they lie if they lie so, else copied.
func joined[T any](parts [][]T) []T {
	var all []T
	for i, part := range parts {
		switch n := len(all); {
		case i == 0:
			all = part
		case len(part) == 0:
		case cap(all) >= n+len(part) && &all[:n+1][n] == &part[0]:
			all = all[:n+len(part)]
		default:
			return slices.Concat(parts...)
		}
	}
	return all[:len(all):len(all)]
}

// FromTable reads a data set from a table: one of Table or Lists, or of another program (see the
// package's doc). Where the splits' rows stand together it shares the table's memory. It checks
// everything: values in range, groups that follow from label and attribute, inputs of one length, and, with a law, labels
// and attributes that are its functions' values. Without a description there are as many classes as the largest label says.
func FromTable(t *frame.Table) (*Dataset, error) {
	about, err := Describe(t.Meta)
	if err != nil {
		return nil, err
	}
	r := reader{table: t, known: about != nil, about: Description{Dimensions: -1}}
	if about != nil {
		r.about = *about
	}
	if err := r.read(); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	d := &Dataset{Description: r.about}
	d.Dimensions = max(d.Dimensions, 0)
	for _, split := range Splits {
		s, err := r.samples(split)
		if err != nil {
			return nil, err
		}
		if s != nil {
			d.Set(s)
		}
	}
	if d.Law == nil && d.Train == nil {
		return nil, fmt.Errorf("data: no rows of the split train, and no law to draw samples from")
	}
	return d, d.checkSamples()
}

// Decoder makes a *Dataset of a table: FromTable.
var Decoder = &stages.Decoder{Name: Type, Decode: func(t *frame.Table) (any, int64, error) {
	d, err := FromTable(t)
	if err != nil {
		return nil, 0, err
	}
	return d, d.bytes(), nil
}}

// bytes gives what the samples take in memory.
func (d *Dataset) bytes() (n int64) {
	for _, s := range d.Finite() {
		n += s.bytes()
	}
	return n
}

// checkSamples compares finite samples with the law's functions.
func (d *Dataset) checkSamples() error {
	if d.Law == nil {
		return nil
	}
	c, err := d.Law.Compile()
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	for _, s := range d.Finite() {
		if !s.Signs() {
			return fmt.Errorf("data: %s: the law is of inputs -1 and +1, but there are others", s.Split)
		}
		labels, attributes := make([]int16, s.Rows), make([]int16, s.Rows)
		c.Evaluate(s.inputs.Signs, labels, attributes)
		for i := range labels {
			if y := s.marks.Labels[i]; labels[i] != y {
				return fmt.Errorf("data: %s, row %d of the split: label %d, but %v of its inputs is %d", s.Split, i, y, d.Law.Core, labels[i])
			}
			if s.HasAttributes() && attributes[i] != s.marks.Attributes[i] {
				return fmt.Errorf("data: %s, row %d of the split: attribute %d, but %v of its inputs is %d", s.Split, i, s.marks.Attributes[i], d.Law.Spurious, attributes[i])
			}
		}
	}
	return nil
}
