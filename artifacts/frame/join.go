package frame

import (
	"fmt"
	"slices"
)

// Join gives the values of the field's column in all spans, one after the other, in the field's type: see Unify. A span
// whose block lacks the column has nulls; the field must then be nullable.
func Join(spans []Span, f Field) (Column, error) {
	rows, elements := 0, 0
	for _, s := range spans {
		rows += s.Rows()
		if f.Type.hasOffsets() {
			elements += s.elements(f.Name)
		}
	}
	if int64(elements) > maxElements {
		return Column{}, fmt.Errorf("frame: column %s: %w", f.Name, errElements(f.Type))
	}
	out := emptyTable([]Field{f}).Columns[0]
	out.grow(rows, elements)
	for _, s := range spans {
		if s.Value != nil {
			if err := out.appendConstant(s.Value, s.Rows()); err != nil {
				return Column{}, err
			}
			continue
		}
		switch c := s.Block.table.Column(f.Name); {
		case c == nil && s.Block.Field(f.Name) != nil:
			return Column{}, fmt.Errorf("frame: column %s was not kept", f.Name)
		case c == nil:
			none := Nulls(f, s.Rows())
			out.appendRows(&none, 0, s.Rows())
		case c.sameForm(&f):
			out.appendRows(c, s.From, s.To)
		default:
			part := c.slice(s.From, s.To)
			part = part.Widen(f)
			out.appendRows(&part, 0, s.Rows())
		}
	}
	return out, nil
}

// elements gives the number of list elements that a column has in the span, or will have once it is lists.
func (s Span) elements(name string) int {
	if s.Block == nil {
		return 0
	}
	c := s.Block.table.Column(name)
	switch {
	case c == nil:
		return 0
	case c.Type.isPacked():
		return s.Rows() * c.Length
	case c.Type.hasOffsets():
		return int(c.Offsets[s.To] - c.Offsets[s.From])
	}
	return 0
}

// grow makes room for so many rows, and list elements.
func (c *Column) grow(rows, elements int) {
	values := rows
	if c.Type.hasOffsets() {
		values, c.Offsets = elements, slices.Grow(c.Offsets, rows)
	}
	switch c.Type.stored() {
	case Bool:
		c.Bools = slices.Grow(c.Bools, values)
	case Int8:
		c.Int8s = slices.Grow(c.Int8s, values)
	case Int64:
		c.Int64s = slices.Grow(c.Int64s, values)
	case Float32:
		c.Float32s = slices.Grow(c.Float32s, values)
	case Float64:
		c.Float64s = slices.Grow(c.Float64s, values)
	case String:
		c.Strings.grow(values)
	case Signs:
		c.Words = slices.Grow(c.Words, values*c.words())
	case Bytes:
		c.Uint8s = slices.Grow(c.Uint8s, values*c.Length)
	}
}

// appendRows appends rows of a column of the same type.
func (c *Column) appendRows(o *Column, from, to int) {
	before := c.Len()
	if o.Valid != nil && c.Valid == nil {
		c.Valid = allTrue(before)
	}
	if c.Valid != nil {
		for row := from; row < to; row++ {
			c.Valid = append(c.Valid, !o.Null(row))
		}
	}
	if c.Type.hasOffsets() {
		first, last := o.Offsets[from], o.Offsets[to]
		c.Int8s, c.Float32s = appendPart(c.Int8s, o.Int8s, first, last), appendPart(c.Float32s, o.Float32s, first, last)
		c.Float64s = appendPart(c.Float64s, o.Float64s, first, last)
		base := c.Offsets[before] - first
		for _, offset := range o.Offsets[from+1 : to+1] {
			c.Offsets = append(c.Offsets, base+offset)
		}
		return
	}
	c.Bools, c.Int8s = appendPart(c.Bools, o.Bools, from, to), appendPart(c.Int8s, o.Int8s, from, to)
	c.Int64s, c.Float32s = appendPart(c.Int64s, o.Int64s, from, to), appendPart(c.Float32s, o.Float32s, from, to)
	c.Float64s = appendPart(c.Float64s, o.Float64s, from, to)
	if c.Type == String {
		c.Strings.appendTexts(&o.Strings, from, to)
	}
	c.Words = appendPart(c.Words, o.Words, from*o.words(), to*o.words())
	c.Uint8s = appendPart(c.Uint8s, o.Uint8s, from*o.Length, to*o.Length)
}

// appendPart appends values[from:to], and nothing of the slices that a column does not use.
func appendPart[T any, N int | int32](list, values []T, from, to N) []T {
	if len(values) == 0 {
		return list
	}
	return append(list, values[from:to]...)
}

// appendConstant appends rows of one value, which fits the type, or is a whole number for fractions.
func (c *Column) appendConstant(v any, rows int) error {
	if whole, ok := v.(int64); ok && c.Type == Float64 {
		v = float64(whole)
	}
	before := c.Len()
	switch v := v.(type) {
	case bool:
		c.Bools = appendRepeated(c.Bools, v, rows)
	case int64:
		c.Int64s = appendRepeated(c.Int64s, v, rows)
	case float64:
		c.Float64s = appendRepeated(c.Float64s, v, rows)
	case string:
		c.Strings.appendRepeated(v, rows)
	}
	if c.Len() != before+rows {
		return fmt.Errorf("frame: column %s holds %v; the constant is a %T", c.Name, c.Type, v)
	}
	if c.Valid != nil {
		c.Valid = appendRepeated(c.Valid, true, rows)
	}
	return nil
}

func appendRepeated[T any](list []T, v T, n int) []T {
	for range n {
		list = append(list, v)
	}
	return list
}

// Holds reports whether rows from..to all have the value, numbers compared as numbers; a null has none.
func (c *Column) Holds(v any, from, to int) bool {
	want, number := toFloat(v)
	for row := from; row < to; row++ {
		have := c.Value(row)
		if have == v {
			continue
		}
		x, ok := toFloat(have)
		if !number || !ok || x != want || c.Type == Int64 && have != int64(want) {
			return false
		}
	}
	return true
}

// toFloat gives a number as float64.
func toFloat(v any) (float64, bool) {
	switch v := v.(type) {
	case int8:
		return float64(v), true
	case int64:
		return float64(v), true
	case float32:
		return float64(v), true
	case float64:
		return v, true
	}
	return 0, false
}
