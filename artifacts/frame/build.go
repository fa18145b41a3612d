package frame

import "fmt"

// A Builder fills a table row by row:
//
//	b := frame.NewBuilder(historyFields)
//	for ... {
//		b.Int64("step", step)
//		b.Float64("loss", loss)
//		b.Null("t95")
//		b.EndRow()
//	}
//	table, err := b.Table()
//
// Setting columns in the order of the fields is fastest. Mistakes (an unknown column, another type,
// a column set twice or not at all, a null in a column that is not nullable) are kept, and the
// first is what Table returns. Builders are not safe for concurrent use.
type Builder struct {
	columns []Column
	index   map[string]int
	set     []int // per column: the number of rows that it has a value for
	rows    int
	next    int // the column that is likely set next
	err     error
}

// NewBuilder starts an empty table with the fields.
func NewBuilder(fields []Field) *Builder {
	b := &Builder{
		columns: make([]Column, len(fields)),
		index:   make(map[string]int, len(fields)),
		set:     make([]int, len(fields)),
	}
	for i, f := range fields {
		if _, ok := b.index[f.Name]; ok {
			b.fail("two fields are named %q", f.Name)
		}
		b.columns[i].Field = f
		b.index[f.Name] = i
		if f.Type.hasOffsets() {
			b.columns[i].Offsets = []int32{0}
		}
	}
	return b
}

// Bool sets the value of a Bool column in the current row.
func (b *Builder) Bool(name string, v bool) {
	if c := b.column(name, Bool); c != nil {
		c.Bools = append(c.Bools, v)
	}
}

// Int8 sets the value of an Int8 column in the current row.
func (b *Builder) Int8(name string, v int8) {
	if c := b.column(name, Int8); c != nil {
		c.Int8s = append(c.Int8s, v)
	}
}

// Int64 sets the value of an Int64 column in the current row.
func (b *Builder) Int64(name string, v int64) {
	if c := b.column(name, Int64); c != nil {
		c.Int64s = append(c.Int64s, v)
	}
}

// Int sets the value of an Int64 column in the current row.
func (b *Builder) Int(name string, v int) { b.Int64(name, int64(v)) }

// Float32 sets the value of a Float32 column in the current row.
func (b *Builder) Float32(name string, v float32) {
	if c := b.column(name, Float32); c != nil {
		c.Float32s = append(c.Float32s, v)
	}
}

// Float64 sets the value of a Float64 column in the current row.
func (b *Builder) Float64(name string, v float64) {
	if c := b.column(name, Float64); c != nil {
		c.Float64s = append(c.Float64s, v)
	}
}

// String sets the value of a String column in the current row.
func (b *Builder) String(name, v string) {
	if c := b.column(name, String); c != nil {
		c.Strings.append(v)
	}
}

// Int8List sets the value of an Int8List column in the current row; it copies the list.
func (b *Builder) Int8List(name string, v []int8) {
	if c := b.column(name, Int8List); c != nil {
		c.Int8s = append(c.Int8s, v...)
		b.endList(c, len(c.Int8s))
	}
}

// Float32List sets the value of a Float32List column in the current row; it copies the list.
func (b *Builder) Float32List(name string, v []float32) {
	if c := b.column(name, Float32List); c != nil {
		c.Float32s = append(c.Float32s, v...)
		b.endList(c, len(c.Float32s))
	}
}

// endList ends a list at an element of its column.
func (b *Builder) endList(c *Column, at int) {
	if at > maxElements {
		b.fail("column %s: %w", c.Name, errElements(c.Type))
	}
	c.Offsets = append(c.Offsets, int32(at))
}

// Bytes sets the value of a Bytes column in the current row, which has as many bytes as the field's Length; it copies them.
func (b *Builder) Bytes(name string, v []uint8) {
	if c := b.column(name, Bytes); c != nil {
		if len(v) != c.Length {
			b.fail("row %d: column %s has %d bytes, not %d", b.rows, name, len(v), c.Length)
		}
		c.Uint8s = append(c.Uint8s, v...)
	}
}

// BoolIf sets the value of a Bool column in the current row: v, or null unless it exists.
func (b *Builder) BoolIf(exists bool, name string, v bool) {
	if !exists {
		b.Null(name)
		return
	}
	b.Bool(name, v)
}

// Int64If sets the value of an Int64 column in the current row: v, or null unless it exists.
func (b *Builder) Int64If(exists bool, name string, v int64) {
	if !exists {
		b.Null(name)
		return
	}
	b.Int64(name, v)
}

// IntIf is Int64If.
func (b *Builder) IntIf(exists bool, name string, v int) { b.Int64If(exists, name, int64(v)) }

// Float64If sets the value of a Float64 column in the current row: v, or null unless it exists.
func (b *Builder) Float64If(exists bool, name string, v float64) {
	if !exists {
		b.Null(name)
		return
	}
	b.Float64(name, v)
}

// FiniteOrNull sets the value of a Float64 column in the current row: v, or null if it is infinite or NaN, which a column
// does not hold.
func (b *Builder) FiniteOrNull(name string, v float64) { b.Float64If(v-v == 0, name, v) }

// Float64OrNull sets the value of a Float64 column in the current row: *v, or null if v is nil.
func (b *Builder) Float64OrNull(name string, v *float64) {
	if v == nil {
		b.Null(name)
		return
	}
	b.Float64(name, *v)
}

// Int64OrNull sets the value of an Int64 column in the current row: *v, or null if v is nil.
func (b *Builder) Int64OrNull(name string, v *int64) {
	if v == nil {
		b.Null(name)
		return
	}
	b.Int64(name, *v)
}

// StringUnlessEmpty sets the value of a String column in the current row: v, or null for the empty string.
func (b *Builder) StringUnlessEmpty(name, v string) {
	if v == "" {
		b.Null(name)
		return
	}
	b.String(name, v)
}

// Null says that the nullable column has no value in the current row.
func (b *Builder) Null(name string) {
	c := b.column(name, 0)
	if c == nil {
		return
	}
	if !c.Nullable {
		b.fail("row %d: column %s is not nullable", b.rows, name)
	}
	if c.Valid == nil {
		c.Valid = make([]bool, b.rows, max(8, 2*b.rows))
		for i := range c.Valid {
			c.Valid[i] = true
		}
	}
	c.Valid = append(c.Valid, false)
	c.appendZero()
}

// EndRow completes the current row: every column must have been set.
func (b *Builder) EndRow() {
	b.rows++
	b.next = 0
	for i, n := range b.set {
		c := &b.columns[i]
		if n != b.rows {
			b.fail("row %d: column %s was not set", b.rows-1, c.Name)
		}
		if c.Valid != nil && len(c.Valid) < b.rows {
			c.Valid = append(c.Valid, true)
		}
	}
}

// Rows gives the number of completed rows.
func (b *Builder) Rows() int { return b.rows }

// Table gives the completed rows. The builder must not be used afterwards. The error is the first
// mistake that was made in building; the values are not checked (see Table.Check).
func (b *Builder) Table() (*Table, error) {
	for i, n := range b.set {
		if n > b.rows {
			b.fail("row %d was not ended: column %s is set", b.rows, b.columns[i].Name)
		}
	}
	if b.err != nil {
		return nil, b.err
	}
	return &Table{Columns: b.columns}, nil
}

// column gives the column to append a value of the type to (0: any), or nil after a mistake.
func (b *Builder) column(name string, t Type) *Column {
	if b.err != nil {
		return nil
	}
	i := b.next
	if i >= len(b.columns) || b.columns[i].Name != name {
		var ok bool
		if i, ok = b.index[name]; !ok {
			b.fail("there is no column %q", name)
			return nil
		}
	}
	c := &b.columns[i]
	switch {
	case t != 0 && c.Type != t:
		b.fail("column %s holds %v, not %v", name, c.Type, t)
		return nil
	case b.set[i] != b.rows:
		b.fail("row %d: column %s was set twice", b.rows, name)
		return nil
	}
	b.set[i]++
	b.next = i + 1
	return c
}

func (b *Builder) fail(format string, args ...any) {
	if b.err == nil {
		b.err = fmt.Errorf("frame: build: "+format, args...)
	}
}

func (c *Column) appendZero() {
	if c.Type.hasOffsets() {
		c.Offsets = append(c.Offsets, c.Offsets[len(c.Offsets)-1])
		return
	}
	switch c.Type.stored() {
	case Bool:
		c.Bools = append(c.Bools, false)
	case Int8:
		c.Int8s = append(c.Int8s, 0)
	case Int64:
		c.Int64s = append(c.Int64s, 0)
	case Float32:
		c.Float32s = append(c.Float32s, 0)
	case Float64:
		c.Float64s = append(c.Float64s, 0)
	case String:
		c.Strings.append("")
	case Signs:
		c.Words = append(c.Words, make([]uint64, c.words())...)
	case Bytes:
		c.Uint8s = append(c.Uint8s, make([]uint8, c.Length)...)
	}
}
