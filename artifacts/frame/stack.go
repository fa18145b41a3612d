package frame

import (
	"fmt"
	"slices"
	"strings"
)

// A Stack holds many tables. Those with equal fields share a Block, so that a hundred thousand tables of one
// row take little more room than one table of as many rows. The zero value holds none.
type Stack struct {
	last   *Block // most tables follow one of their kind
	blocks map[string]*Block
	bytes  int64
}

// A Block is tables with equal fields, their rows under each other.
type Block struct {
	Fields []Field
	table  *Table // some of Fields, or all
	rows   int    // also where none of Fields is kept
}

// A Span is a table in a block, or a constant in so many rows.
type Span struct {
	Block    *Block
	From, To int // its rows in the block
	// Value, if it is not nil, is what each of the rows has in every column: a bool, int64, float64 or string. Such a
	// span needs no block.
	Value any
}

// Rows gives the number of rows.
func (s Span) Rows() int { return s.To - s.From }

// Add copies a table's rows, of the columns that keep is true for; nil stands for all.
func (s *Stack) Add(t *Table, keep func(name string) bool) Span {
	b := s.block(t, keep)
	from, rows := b.rows, t.Rows()
	b.rows += rows
	for i := range b.table.Columns {
		to := &b.table.Columns[i]
		c := t.Column(to.Name)
		to.appendRows(c, 0, rows)
		s.bytes += c.bytes()
	}
	return Span{Block: b, From: from, To: from + rows}
}

// Bytes gives the size of all values.
func (s *Stack) Bytes() int64 { return s.bytes }

// block gives the block for a table, made with the columns to keep if there is none.
func (s *Stack) block(t *Table, keep func(string) bool) *Block {
	if s.last != nil && s.last.fits(t) {
		return s.last
	}
	key := fieldsKey(t)
	b := s.blocks[key]
	if b == nil {
		b = &Block{Fields: t.Fields(), table: &Table{}}
		for _, f := range b.Fields {
			if keep == nil || keep(f.Name) {
				b.table.Columns = append(b.table.Columns, emptyTable([]Field{f}).Columns[0])
			}
		}
		if s.blocks == nil {
			s.blocks = map[string]*Block{}
		}
		s.blocks[key] = b
	}
	s.last = b
	return b
}

func (b *Block) fits(t *Table) bool {
	if len(b.Fields) != len(t.Columns) {
		return false
	}
	for i := range b.Fields {
		if b.Fields[i] != t.Columns[i].Field {
			return false
		}
	}
	return true
}

// fieldsKey tells lists of fields apart.
func fieldsKey(t *Table) string {
	var b strings.Builder
	for i := range t.Columns {
		f := &t.Columns[i].Field
		fmt.Fprintf(&b, "%q %d %q %q %t %q\n", f.Name, f.Type, f.Unit, f.Doc, f.Nullable, f.Mark)
	}
	return b.String()
}

// Field gives the field of a column, nil if the tables have none of the name.
func (b *Block) Field(name string) *Field {
	for i := range b.Fields {
		if b.Fields[i].Name == name {
			return &b.Fields[i]
		}
	}
	return nil
}

// Column gives a column of the rows that are held; nil if the name is not there or was not kept. It is to be read
// only, and grows as tables are added.
func (b *Block) Column(name string) *Column { return b.table.Column(name) }

// Table gives the span's own table; it shares memory with the block.
func (s Span) Table() *Table {
	return (&Table{Columns: s.Block.table.Columns}).Slice(s.From, s.To)
}

// OfTable gives the whole table as a span that shares its memory.
func OfTable(t *Table) Span {
	return Span{Block: &Block{Fields: t.Fields(), table: t, rows: t.Rows()}, To: t.Rows()}
}

// Join gives the values of the field's column in all spans, one after the other, in the field's type: see Unify. A span
// whose block lacks the column has nulls; the field must then be nullable.
func Join(spans []Span, f Field) (Column, error) {
	rows, elements := 0, 0
	for _, s := range spans {
		rows += s.Rows()
		if f.Type.IsList() {
			elements += s.elements(f.Name)
		}
	}
	if int64(elements) > maxElements {
		return Column{}, fmt.Errorf("frame: column %s: %d list elements are too many for one table", f.Name, elements)
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
		case c.Type == f.Type:
			out.appendRows(c, s.From, s.To)
		default:
			part := c.slice(s.From, s.To)
			part = part.Widen(f)
			out.appendRows(&part, 0, s.Rows())
		}
	}
	return out, nil
}

// elements gives the number of list elements of a column in the span.
func (s Span) elements(name string) int {
	if s.Block == nil {
		return 0
	}
	c := s.Block.table.Column(name)
	if c == nil || !c.Type.IsList() {
		return 0
	}
	return int(c.Offsets[s.To] - c.Offsets[s.From])
}

// grow makes room for so many rows, and list elements.
func (c *Column) grow(rows, elements int) {
	switch c.Type {
	case Bool:
		c.Bools = slices.Grow(c.Bools, rows)
	case Int8:
		c.Int8s = slices.Grow(c.Int8s, rows)
	case Int64:
		c.Int64s = slices.Grow(c.Int64s, rows)
	case Float32:
		c.Float32s = slices.Grow(c.Float32s, rows)
	case Float64:
		c.Float64s = slices.Grow(c.Float64s, rows)
	case String:
		c.Strings = slices.Grow(c.Strings, rows)
	case Int8List:
		c.Int8s, c.Offsets = slices.Grow(c.Int8s, elements), slices.Grow(c.Offsets, rows)
	case Float32List:
		c.Float32s, c.Offsets = slices.Grow(c.Float32s, elements), slices.Grow(c.Offsets, rows)
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
	if c.Type.IsList() {
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
	c.Float64s, c.Strings = appendPart(c.Float64s, o.Float64s, from, to), appendPart(c.Strings, o.Strings, from, to)
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
		c.Strings = appendRepeated(c.Strings, v, rows)
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

// Bytes gives the size of all values.
func (t *Table) Bytes() int64 {
	var n int64
	for i := range t.Columns {
		n += t.Columns[i].bytes()
	}
	return n
}

// bytes gives the size of the values.
func (c *Column) bytes() int64 {
	n := len(c.Bools) + len(c.Int8s) + 8*len(c.Int64s) + 4*len(c.Float32s) + 8*len(c.Float64s) + 4*len(c.Offsets) + len(c.Valid)
	for _, s := range c.Strings {
		n += 16 + len(s)
	}
	return int64(n)
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
