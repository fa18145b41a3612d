package frame

import (
	"fmt"
	"slices"
)

// Concat gives the rows of all tables, one after the other. The tables must have the same fields in
// the same order (docs aside); the first table's docs are kept, metadata is not. No table gives an
// empty one. A single table's columns are shared, not copied.
func Concat(tables []*Table) (*Table, error) {
	if len(tables) == 0 {
		return &Table{}, nil
	}
	first := tables[0]
	if len(tables) == 1 {
		return &Table{Columns: slices.Clone(first.Columns)}, nil
	}
	rows := 0
	for i, t := range tables {
		if err := sameFields(first.Fields(), t); err != nil {
			return nil, fmt.Errorf("frame: table %d does not continue table 0: %w", i, err)
		}
		rows += t.Rows()
	}
	out := &Table{Columns: make([]Column, len(first.Columns))}
	parts := make([]*Column, len(tables))
	for i := range out.Columns {
		for j, t := range tables {
			parts[j] = &t.Columns[i]
		}
		c, err := concatColumns(parts, rows)
		if err != nil {
			return nil, err
		}
		out.Columns[i] = c
	}
	return out, nil
}

// sameFields checks that the table has the fields, docs aside.
func sameFields(fields []Field, t *Table) error {
	for i := range max(len(fields), len(t.Columns)) {
		switch {
		case i >= len(fields):
			return fmt.Errorf("it also has the column %s (%v)", t.Columns[i].Name, t.Columns[i].Type)
		case i >= len(t.Columns):
			return fmt.Errorf("it lacks the column %s (%v)", fields[i].Name, fields[i].Type)
		}
		have, want := t.Columns[i].Field, fields[i]
		have.Doc = want.Doc
		switch {
		case have == want:
		case have.Name != want.Name:
			return fmt.Errorf("its column %d is %s, not %s", i, have.Name, want.Name)
		case have.Type != want.Type:
			return fmt.Errorf("its column %s holds %v, not %v", have.Name, have.Type, want.Type)
		case have.Length != want.Length:
			return fmt.Errorf("its column %s has %d %v in a row, not %d", have.Name, have.Length, have.Type, want.Length)
		case have.Scale != want.Scale || have.Offset != want.Offset:
			return fmt.Errorf("its column %s has the scale %v and the offset %v, not %v and %v", have.Name, have.Scale, have.Offset, want.Scale, want.Offset)
		case have.Unit != want.Unit:
			return fmt.Errorf("its column %s has the unit %q, not %q", have.Name, have.Unit, want.Unit)
		default:
			return fmt.Errorf("its column %s is nullable %v, mark %q, not %v, %q",
				have.Name, have.Nullable, have.Mark, want.Nullable, want.Mark)
		}
	}
	return nil
}

func concatColumns(parts []*Column, rows int) (Column, error) {
	out := Column{Field: parts[0].Field}
	elements := 0
	nulls := false
	for _, c := range parts {
		if c.Type.hasOffsets() {
			elements += len(c.Int8s) + len(c.Float32s) + len(c.Float64s)
		}
		nulls = nulls || c.Valid != nil
	}
	if out.Type.hasOffsets() && int64(elements) > maxElements {
		return Column{}, fmt.Errorf("frame: column %s: %w", out.Name, errElements(out.Type))
	}
	join(&out.Bools, parts, func(c *Column) []bool { return c.Bools })
	join(&out.Int8s, parts, func(c *Column) []int8 { return c.Int8s })
	join(&out.Int64s, parts, func(c *Column) []int64 { return c.Int64s })
	join(&out.Float32s, parts, func(c *Column) []float32 { return c.Float32s })
	join(&out.Float64s, parts, func(c *Column) []float64 { return c.Float64s })
	for _, c := range parts {
		out.Strings.appendTexts(&c.Strings, 0, c.Strings.Len())
	}
	join(&out.Words, parts, func(c *Column) []uint64 { return c.Words })
	join(&out.Uint8s, parts, func(c *Column) []uint8 { return c.Uint8s })
	if out.Type.hasOffsets() {
		out.Offsets = make([]int32, 1, rows+1)
		for _, c := range parts {
			base := out.Offsets[len(out.Offsets)-1]
			for _, o := range c.Offsets[1:] {
				out.Offsets = append(out.Offsets, base+o)
			}
		}
	}
	if nulls {
		out.Valid = make([]bool, 0, rows)
		for _, c := range parts {
			for i := range c.Len() {
				out.Valid = append(out.Valid, !c.Null(i))
			}
		}
	}
	return out, nil
}

func join[T any](to *[]T, parts []*Column, values func(*Column) []T) {
	n := 0
	for _, c := range parts {
		n += len(values(c))
	}
	if n == 0 {
		return
	}
	out := make([]T, 0, n)
	for _, c := range parts {
		out = append(out, values(c)...)
	}
	*to = out
}

// WithConstants gives the table with columns before its own that hold one value each in every row:
// a bool, int64, float64 or string that fits its field. The other columns share memory with t.
func (t *Table) WithConstants(fields []Field, values []any) (*Table, error) {
	if len(fields) != len(values) {
		return nil, fmt.Errorf("frame: %d fields for %d constants", len(fields), len(values))
	}
	rows := t.Rows()
	out := &Table{Columns: make([]Column, 0, len(fields)+len(t.Columns)), Meta: t.Meta}
	for i, f := range fields {
		if t.Column(f.Name) != nil {
			return nil, fmt.Errorf("frame: column %s is there already", f.Name)
		}
		c := Column{Field: f}
		ok := false
		switch v := values[i].(type) {
		case bool:
			c.Bools, ok = slices.Repeat([]bool{v}, rows), f.Type == Bool
		case int64:
			c.Int64s, ok = slices.Repeat([]int64{v}, rows), f.Type == Int64
		case float64:
			c.Float64s, ok = slices.Repeat([]float64{v}, rows), f.Type == Float64
		case string:
			c.Strings, ok = repeated(v, rows), f.Type == String
		}
		if !ok {
			return nil, fmt.Errorf("frame: column %s holds %v; the constant is a %T", f.Name, f.Type, values[i])
		}
		out.Columns = append(out.Columns, c)
	}
	out.Columns = append(out.Columns, t.Columns...)
	return out, nil
}

// Select gives the columns with the names, in the order of the names; they share memory with t.
func (t *Table) Select(names ...string) (*Table, error) {
	out := &Table{Columns: make([]Column, 0, len(names)), Meta: t.Meta}
	for _, name := range names {
		c := t.Column(name)
		if c == nil {
			return nil, fmt.Errorf("frame: there is no column %q", name)
		}
		out.Columns = append(out.Columns, *c)
	}
	return out, nil
}

// Filter gives the rows for which keep is true, in order.
func (t *Table) Filter(keep func(row int) bool) *Table {
	var rows []int
	for i := range t.Rows() {
		if keep(i) {
			rows = append(rows, i)
		}
	}
	return t.Take(rows)
}

// Take gives the given rows, in that order; a row may be given twice.
func (t *Table) Take(rows []int) *Table {
	out := &Table{Columns: make([]Column, len(t.Columns)), Meta: t.Meta}
	for i := range t.Columns {
		out.Columns[i] = t.Columns[i].Take(rows)
	}
	return out
}

// Take gives the given rows, in that order; a row may be given twice.
func (c *Column) Take(rows []int) Column {
	out := Column{Field: c.Field}
	if c.Valid != nil {
		out.Valid = gather(c.Valid, rows)
	}
	switch c.Type {
	case Int8List:
		out.Int8s, out.Offsets = gatherLists(c.Int8s, c.Offsets, rows)
		return out
	case Float32List:
		out.Float32s, out.Offsets = gatherLists(c.Float32s, c.Offsets, rows)
		return out
	case Float64List:
		out.Float64s, out.Offsets = gatherLists(c.Float64s, c.Offsets, rows)
		return out
	}
	switch c.Type.stored() {
	case Bool:
		out.Bools = gather(c.Bools, rows)
	case Int8:
		out.Int8s = gather(c.Int8s, rows)
	case Int64:
		out.Int64s = gather(c.Int64s, rows)
	case Float32:
		out.Float32s = gather(c.Float32s, rows)
	case Float64:
		out.Float64s = gather(c.Float64s, rows)
	case String:
		out.Strings = c.Strings.take(rows)
	case Signs:
		out.Words = c.gatherWords(rows)
	case Bytes:
		out.Uint8s = c.gatherBytes(rows)
	}
	return out
}

func gatherLists[T any](values []T, offsets []int32, rows []int) (out []T, to []int32) {
	to = make([]int32, 1, len(rows)+1)
	for _, row := range rows {
		out = append(out, values[offsets[row]:offsets[row+1]]...)
		to = append(to, int32(len(out)))
	}
	return out, to
}

func gather[T any](values []T, rows []int) []T {
	out := make([]T, len(rows))
	for i, row := range rows {
		out[i] = values[row]
	}
	return out
}

// Slice gives the rows from, from+1, ..., to-1; it may share memory with t. It panics unless
// 0 <= from <= to <= t.Rows().
func (t *Table) Slice(from, to int) *Table {
	if from == 0 && to == t.Rows() {
		return t
	}
	out := &Table{Columns: make([]Column, len(t.Columns)), Meta: t.Meta}
	for i := range t.Columns {
		out.Columns[i] = t.Columns[i].slice(from, to)
	}
	return out
}

func (c *Column) slice(from, to int) Column {
	out := Column{Field: c.Field}
	if c.Valid != nil {
		out.Valid = c.Valid[from:to:to]
	}
	if c.Type.hasOffsets() {
		return c.sliceLists(out, from, to)
	}
	switch c.Type.stored() {
	case Bool:
		out.Bools = c.Bools[from:to:to]
	case Int8:
		out.Int8s = c.Int8s[from:to:to]
	case Int64:
		out.Int64s = c.Int64s[from:to:to]
	case Float32:
		out.Float32s = c.Float32s[from:to:to]
	case Float64:
		out.Float64s = c.Float64s[from:to:to]
	case String:
		out.Strings = c.Strings.slice(from, to)
	case Signs:
		w := c.words()
		out.Words = c.Words[from*w : to*w : to*w]
	case Bytes:
		out.Uint8s = c.Uint8s[from*c.Length : to*c.Length : to*c.Length]
	}
	return out
}

func (c *Column) sliceLists(out Column, from, to int) Column {
	first, last := c.Offsets[from], c.Offsets[to]
	out.Offsets = make([]int32, to-from+1)
	for i := range out.Offsets {
		out.Offsets[i] = c.Offsets[from+i] - first
	}
	switch c.Type {
	case Int8List:
		out.Int8s = c.Int8s[first:last:last]
	case Float32List:
		out.Float32s = c.Float32s[first:last:last]
	case Float64List:
		out.Float64s = c.Float64s[first:last:last]
	}
	return out
}
