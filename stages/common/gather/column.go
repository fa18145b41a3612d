package gather

import (
	"fmt"
	"slices"
	"strings"

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

// NoColumn is the error for a column that does not exist among those that do.
func NoColumn(name string, have []string) error {
	return fmt.Errorf("there is no column %q; the columns are %s", name, strings.Join(have, ", "))
}

// Numbers gives a column of numbers as float64, with valid[i] false where row i is null (its value
// is then 0). Whole numbers beyond 2^53 are rounded. A column that is missing or holds something
// else is an error that lists the columns in have (see Numeric).
func Numbers(t *frame.Table, name string, have []string) (values []float64, valid []bool, err error) {
	c := t.Column(name)
	if c == nil || !numeric(c.Type) {
		wrong := fmt.Sprintf("there is no column %q", name)
		if c != nil {
			wrong = fmt.Sprintf("column %q holds %v, not numbers", name, c.Type)
		}
		return nil, nil, fmt.Errorf("%s; the columns of numbers are %s", wrong, strings.Join(have, ", "))
	}
	values, valid = make([]float64, c.Len()), make([]bool, c.Len())
	for i := range values {
		valid[i] = !c.Null(i)
		values[i] = numberAt(c, i)
	}
	return values, valid, nil
}

// Numeric gives the names of all axes and columns of numbers, in order of first appearance.
func Numeric(parts []Part) []string {
	var names []string
	add := func(c *frame.Column) {
		if numeric(c.Type) && !slices.Contains(names, c.Name) {
			names = append(names, c.Name)
		}
	}
	for _, p := range parts {
		for _, a := range p.Axes {
			c := constant(a, 0)
			add(&c)
		}
	}
	for _, p := range parts {
		for i := range p.Table.Columns {
			add(&p.Table.Columns[i])
		}
	}
	return names
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

// constant gives an axis as a column of n equal values.
func constant(a stages.Axis, n int) frame.Column {
	field := frame.Field{Name: a.Name, Doc: "axis of the grid"}
	switch v := a.Value.(type) {
	case string:
		return frame.Strings(field, slices.Repeat([]string{v}, n))
	case int64:
		return frame.Int64s(field, slices.Repeat([]int64{v}, n))
	case float64:
		return frame.Float64s(field, slices.Repeat([]float64{v}, n))
	case bool:
		return frame.Bools(field, slices.Repeat([]bool{v}, n))
	}
	panic(fmt.Sprintf("gather: axis %s has a value of type %T", a.Name, a.Value))
}

// holds reports whether every row of a column has the axis's value.
func holds(c *frame.Column, a stages.Axis) bool {
	for i := range c.Len() {
		v := c.Value(i)
		if whole, ok := a.Value.(int64); ok && c.Type == frame.Float64 {
			if v != float64(whole) {
				return false
			}
		} else if v != a.Value {
			return false
		}
	}
	return true
}

// fit gives a column the field of the result: fractions for whole numbers where the field says so,
// and rows nulls for no column at all.
func fit(c *frame.Column, f frame.Field, rows int) frame.Column {
	if c == nil {
		return nulls(f, rows)
	}
	out := *c
	out.Field = f
	if c.Type == frame.Int64 && f.Type == frame.Float64 {
		out.Int64s, out.Float64s = nil, make([]float64, rows)
		for i, v := range c.Int64s {
			out.Float64s[i] = float64(v)
		}
	}
	return out
}

func nulls(f frame.Field, rows int) frame.Column {
	none := frame.Nulls(f, rows)
	none.Nullable = f.Nullable
	return none
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
		none := nulls(field, 1)
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
