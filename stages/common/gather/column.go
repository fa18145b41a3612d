package gather

import (
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// Names gives the names of the table's columns in order.
func Names(t *frame.Table) []string {
	names := make([]string, len(t.Columns))
	for i := range t.Columns {
		names[i] = t.Columns[i].Name
	}
	return names
}

// Numbers gives a column of numbers as float64, with valid[i] false where row i is null (its value
// is then 0). Whole numbers beyond 2^53 are rounded. A column that is missing or holds something
// else is an error that lists the columns of numbers of the parts, if they are given, which t was made of, and says
// which of them holds what.
func Numbers(t *frame.Table, name string, of []Part) (values []float64, valid []bool, err error) {
	c := t.Column(name)
	if c == nil || !numeric(c.Type) {
		return nil, nil, noNumbers(c, name, of)
	}
	values, valid = make([]float64, c.Len()), make([]bool, c.Len())
	for i := range values {
		valid[i] = !c.Null(i)
		values[i] = numberAt(c, i)
	}
	return values, valid, nil
}

func numeric(t frame.Type) bool {
	return t == frame.Int8 || t == frame.Int64 || t == frame.Float32 || t == frame.Float64
}

func numberAt(c *frame.Column, row int) float64 {
	switch v := c.Value(row).(type) {
	case int8:
		return float64(v)
	case int64:
		return float64(v)
	case float32:
		return float64(v)
	case float64:
		return v
	}
	return 0
}

// Text gives the value of a row as it stands in an address, but for quotes: 0.9, 3, true, parity;
// "null" where there is none.
func Text(c *frame.Column, row int) string {
	switch v := c.Value(row).(type) {
	case nil:
		return "null"
	case float64:
		return stages.FormatFloat(v)
	}
	return c.Text(row)
}

// axisField gives the field of an axis's column.
func axisField(a stages.Axis) frame.Field {
	f := frame.Field{Name: a.Name, Doc: "axis of the grid"}
	switch a.Value.(type) {
	case string:
		f.Type = frame.String
	case int64:
		f.Type = frame.Int64
	case float64:
		f.Type = frame.Float64
	case bool:
		f.Type = frame.Bool
	default:
		panic(fmt.Sprintf("gather: axis %s has a value of type %T", a.Name, a.Value))
	}
	return f
}

func fieldNames(fields []frame.Field) []string {
	names := make([]string, len(fields))
	for i := range fields {
		names[i] = fields[i].Name
	}
	return names
}

// TakeOrNull is frame.Table.Take in which a negative row stands for a row of nulls; columns are then nullable.
func TakeOrNull(t *frame.Table, rows []int) *frame.Table {
	if !slices.ContainsFunc(rows, func(row int) bool { return row < 0 }) {
		return t.Take(rows)
	}
	end := t.Rows()
	rows = slices.Clone(rows)
	for i, row := range rows {
		if row < 0 {
			rows[i] = end
		}
	}
	out := &frame.Table{Columns: make([]frame.Column, len(t.Columns)), Meta: t.Meta}
	for i := range t.Columns {
		field := t.Columns[i].Field
		field.Nullable = true
		none := frame.Nulls(field, 1)
		own := t.Columns[i]
		own.Field = field
		both, err := frame.Concat([]*frame.Table{{Columns: []frame.Column{own}}, {Columns: []frame.Column{none}}})
		if err != nil {
			panic(fmt.Sprintf("gather: %v", err)) // the fields are equal
		}
		out.Columns[i] = both.Columns[0].Take(rows)
	}
	return out
}
