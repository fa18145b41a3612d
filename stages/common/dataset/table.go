package dataset

import (
	"fmt"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
)

// Fields are the columns of a data set of Boolean inputs with attributes: what generate writes.
var Fields = []frame.Field{
	{Name: "split", Type: frame.String, Doc: "The part of the data that the sample belongs to: train, validation or test.", Mark: frame.MarkSplit},
	{Name: "label", Type: frame.Int8, Doc: "The label y, 1 where the core function is +1, else 0."},
	{Name: "attribute", Type: frame.Int8, Doc: "The spurious attribute s, 1 where the spurious function is +1, else 0.", Mark: frame.MarkAttribute},
	{Name: "group", Type: frame.Int8, Doc: "The group 2y + s; groups 1 and 2 are the minority.", Mark: frame.MarkGroup},
	{Name: "inputs", Type: frame.Int8List, Unit: "1", Doc: "The coordinates: the core block, the spurious block, independent ones."},
}

// Table gives the data set as a table: the columns of Fields, without attribute and group if some
// split has none, and with float32 inputs if some split is not Boolean.
func (d *Dataset) Table() (*frame.Table, error) {
	rows, groups, real := 0, true, false
	for _, split := range Splits {
		if s := d.Split(split); s != nil {
			rows += s.Rows
			groups = groups && s.HasAttributes()
			real = real || s.packed == nil
		}
	}
	if int64(rows)*int64(d.Dimensions) > math.MaxInt32 {
		return nil, fmt.Errorf("data: %d samples of %d coordinates are more than one table holds", rows, d.Dimensions)
	}
	var names []string
	var labels, attributes, group, ints []int8
	var floats []float32
	for _, split := range Splits {
		s := d.Split(split)
		if s == nil {
			continue
		}
		for range s.Rows {
			names = append(names, string(split))
		}
		labels = append(labels, s.labels...)
		if groups {
			attributes = append(attributes, s.attributes...)
			for i, y := range s.labels {
				group = append(group, datalaw.GroupOf(y, s.attributes[i]))
			}
		}
		if real {
			part := make([]float32, s.Rows*d.Dimensions)
			s.Inputs(part, 0, s.Rows)
			floats = append(floats, part...)
		} else {
			part := make([]int8, s.Rows*d.Dimensions)
			boolean.ExpandInt8(part, s.packed, s.Rows, d.Dimensions)
			ints = append(ints, part...)
		}
	}
	t := &frame.Table{Meta: map[string]string{MetaKey: d.Description().JSON()}}
	t.Columns = append(t.Columns, frame.Strings(Fields[0], names), frame.Int8s(Fields[1], labels))
	if groups {
		t.Columns = append(t.Columns, frame.Int8s(Fields[2], attributes), frame.Int8s(Fields[3], group))
	}
	offsets := frame.EqualOffsets(rows, d.Dimensions)
	if real {
		f := Fields[4]
		f.Type, f.Doc = frame.Float32List, "The coordinates."
		t.Columns = append(t.Columns, frame.Float32Lists(f, floats, offsets))
	} else {
		t.Columns = append(t.Columns, frame.Int8Lists(Fields[4], ints, offsets))
	}
	return t, nil
}

// FromTable reads a data set from a table: one of Table, or of another program (see the package's
// doc). It checks everything: values in range, groups that are 2y + s, inputs of one length, and,
// with a law, labels and attributes that are its functions' values.
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
