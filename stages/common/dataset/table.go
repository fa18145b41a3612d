package dataset

import (
	"fmt"
	"math"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
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
// split has none, and with lists of float32 as inputs if some split is not Boolean. It shares the
// memory of the samples where that of their splits lies together.
func (d *Dataset) Table() (*frame.Table, error) {
	if d.real() {
		return d.table(d.floats)
	}
	return d.table(func(int) (frame.Column, error) {
		f := Fields[4]
		f.Length = d.Dimensions
		return frame.PackedSigns(f, joined(each(d, func(s *Samples) []uint64 { return s.packed }))), nil
	})
}

// Lists is Table with Boolean inputs as lists of int8: ListField.
func (d *Dataset) Lists() (*frame.Table, error) {
	if d.real() {
		return d.table(d.floats)
	}
	return d.table(func(rows int) (frame.Column, error) {
		if err := d.fitsLists(rows); err != nil {
			return frame.Column{}, err
		}
		ints := make([]int8, rows*d.Dimensions)
		boolean.ExpandInt8(ints, joined(each(d, func(s *Samples) []uint64 { return s.packed })), rows, d.Dimensions)
		return frame.Int8Lists(ListField, ints, frame.EqualOffsets(rows, d.Dimensions)), nil
	})
}

// real reports whether some split is not Boolean.
func (d *Dataset) real() bool {
	return slices.ContainsFunc(Splits, func(split Split) bool { s := d.Split(split); return s != nil && s.packed == nil })
}

// floats gives the inputs as lists of float32.
func (d *Dataset) floats(rows int) (frame.Column, error) {
	if err := d.fitsLists(rows); err != nil {
		return frame.Column{}, err
	}
	inputs := make([]float32, rows*d.Dimensions)
	at := 0
	for _, split := range Splits {
		if s := d.Split(split); s != nil {
			s.Inputs(inputs[at*d.Dimensions:], 0, s.Rows)
			at += s.Rows
		}
	}
	f := ListField
	f.Doc = "The coordinates."
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
	rows, groups := 0, true
	for _, split := range Splits {
		if s := d.Split(split); s != nil {
			rows += s.Rows
			groups = groups && s.HasAttributes()
		}
	}
	var names [][]string
	for _, split := range Splits {
		if s := d.Split(split); s != nil {
			names = append(names, slices.Repeat([]string{string(split)}, s.Rows))
		}
	}
	t := &frame.Table{Meta: map[string]string{MetaKey: d.Description().JSON()}}
	t.Columns = append(t.Columns, frame.Strings(Fields[0], joined(names)),
		frame.Int8s(Fields[1], joined(each(d, func(s *Samples) []int8 { return s.labels }))))
	if groups {
		t.Columns = append(t.Columns, frame.Int8s(Fields[2], joined(each(d, func(s *Samples) []int8 { return s.attributes }))),
			frame.Int8s(Fields[3], d.groups(rows)))
	}
	c, err := inputs(rows)
	if err != nil {
		return nil, err
	}
	t.Columns = append(t.Columns, c)
	return t, nil
}

// groups gives the groups of all samples, which have attributes.
func (d *Dataset) groups(rows int) []int8 {
	all := make([]int8, 0, rows)
	for _, split := range Splits {
		if s := d.Split(split); s != nil {
			for i, y := range s.labels {
				all = append(all, datalaw.GroupOf(y, s.attributes[i]))
			}
		}
	}
	return all
}

// each gives something of each split that there is.
func each[T any](d *Dataset, of func(*Samples) []T) (parts [][]T) {
	for _, split := range Splits {
		if s := d.Split(split); s != nil {
			parts = append(parts, of(s))
		}
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
// everything: values in range, groups that are 2y + s, inputs of one length, and, with a law, labels
// and attributes that are its functions' values.
func FromTable(t *frame.Table) (*Dataset, error) {
	about, err := Describe(t.Meta)
	if err != nil {
		return nil, err
	}
	r := reader{table: t, dimensions: -1}
	if about != nil {
		r.dimensions = about.Dimensions
	}
	if err := r.read(); err != nil {
		return nil, fmt.Errorf("data: %w", err)
	}
	d := &Dataset{Dimensions: max(r.dimensions, 0)}
	if about != nil {
		d.Law = about.Law
	}
	for _, split := range Splits {
		s, err := r.samples(split)
		if err != nil {
			return nil, err
		}
		switch split {
		case TrainSplit:
			d.Train = s
		case ValidationSplit:
			d.Validation = s
		case TestSplit:
			d.Test = s
		}
	}
	if d.Law == nil && d.Train == nil {
		return nil, fmt.Errorf("data: no rows of the split train, and no law to draw samples from")
	}
	return d, d.checkLaw()
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
	for _, split := range Splits {
		if s := d.Split(split); s != nil {
			n += int64(8*len(s.packed) + 4*len(s.floats) + len(s.labels) + len(s.attributes))
		}
	}
	return n
}

// checkLaw compares finite samples with the law's functions.
func (d *Dataset) checkLaw() error {
	if d.Law == nil {
		return nil
	}
	c, err := d.Law.Compile()
	if err != nil {
		return fmt.Errorf("data: %w", err)
	}
	for _, split := range Splits {
		s := d.Split(split)
		if s == nil {
			continue
		}
		if s.packed == nil {
			return fmt.Errorf("data: %s: the law is of inputs -1 and +1, but there are others", split)
		}
		labels, attributes := make([]int8, s.Rows), make([]int8, s.Rows)
		c.Evaluate(s.packed, labels, attributes)
		for i := range labels {
			if labels[i] != s.labels[i] {
				return fmt.Errorf("data: %s, row %d of the split: label %d, but %v of its inputs is %d", split, i, s.labels[i], d.Law.Core, labels[i])
			}
			if s.attributes != nil && attributes[i] != s.attributes[i] {
				return fmt.Errorf("data: %s, row %d of the split: attribute %d, but %v of its inputs is %d", split, i, s.attributes[i], d.Law.Spurious, attributes[i])
			}
		}
	}
	return nil
}
