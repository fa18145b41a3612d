package frame

import (
	"fmt"
	"maps"
	"slices"
)

var typeNames = [...]string{
	Bool: "bool", Int8: "int8", Int64: "int64", Float32: "float32", Float64: "float64",
	String: "string", Int8List: "list<int8>", Float32List: "list<float32>", Float64List: "list<float64>",
	Timestamp: "timestamp[us]", TimestampUTC: "timestamp[us, UTC]", TimestampNano: "timestamp[ns]", TimestampNanoUTC: "timestamp[ns, UTC]",
	Date: "date", TimeOfDay: "time[ns]", Signs: "signs", Bytes: "bytes",
}

// String gives the type's name as it stands in messages and in index.json, such as "float64" or
// "list<int8>".
func (t Type) String() string {
	if int(t) < len(typeNames) && typeNames[t] != "" {
		return typeNames[t]
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// IsList reports whether a value of the type is a list.
func (t Type) IsList() bool { return t.hasOffsets() || t.isPacked() }

// isPacked reports whether each row of a column of the type has as many numbers as its field says.
func (t Type) isPacked() bool { return t == Signs || t == Bytes }

// maxPacked bounds the numbers in a row of such a column.
const maxPacked = 1 << 27

// hasOffsets reports whether a column of the type has lists of any length, and so Offsets.
func (t Type) hasOffsets() bool { return t == Int8List || t == Float32List || t == Float64List }

// IsTime reports whether a value of the type is a timestamp, a date or a time of day.
func (t Type) IsTime() bool { return t >= Timestamp && t <= TimeOfDay }

// IsNumber reports whether a value of the type is one number, with which one can compute.
func (t Type) IsNumber() bool { return t == Int8 || t == Int64 || t == Float32 || t == Float64 }

// stored gives the type whose slice holds the values: Int64 for what is a time, the type of the elements
// for a list.
func (t Type) stored() Type {
	switch {
	case t.IsTime():
		return Int64
	case t == Int8List:
		return Int8
	case t == Float32List:
		return Float32
	case t == Float64List:
		return Float64
	}
	return t
}

// ParseType gives the type with the name that String gives, and false if there is none.
func ParseType(name string) (Type, bool) {
	i := slices.Index(typeNames[1:], name)
	return Type(i + 1), i >= 0
}

// width gives the bytes of a value in its slice, of an element for a list, 0 for a string.
func (t Type) width() int64 {
	switch t.stored() {
	case Bool, Int8:
		return 1
	case Float32:
		return 4
	case Int64, Float64:
		return 8
	}
	return 0
}

// Rows gives the number of rows: the length of the first column, 0 without columns.
func (t *Table) Rows() int {
	if len(t.Columns) == 0 {
		return 0
	}
	return t.Columns[0].Len()
}

// Column gives the column with the name, or nil. It points into the table.
func (t *Table) Column(name string) *Column {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return &t.Columns[i]
		}
	}
	return nil
}

// Fields gives the columns' fields in order.
func (t *Table) Fields() []Field {
	fields := make([]Field, len(t.Columns))
	for i := range t.Columns {
		fields[i] = t.Columns[i].Field
	}
	return fields
}

// Len gives the number of rows of the column.
func (c *Column) Len() int {
	if c.Type.hasOffsets() {
		return max(0, len(c.Offsets)-1)
	}
	switch c.Type.stored() {
	case Bool:
		return len(c.Bools)
	case Int8:
		return len(c.Int8s)
	case Int64:
		return len(c.Int64s)
	case Float32:
		return len(c.Float32s)
	case Float64:
		return len(c.Float64s)
	case String:
		return c.Strings.Len()
	case Signs:
		return len(c.Words) / max(1, c.words())
	case Bytes:
		return len(c.Uint8s) / max(1, c.Length)
	}
	return 0
}

// Null reports whether the value of the row does not exist.
func (c *Column) Null(row int) bool { return c.Valid != nil && !c.Valid[row] }

// Nulls gives the number of rows whose value does not exist.
func (c *Column) Nulls() int {
	n := 0
	for _, valid := range c.Valid {
		if !valid {
			n++
		}
	}
	return n
}

// Value gives the value of the row as bool, int8, int64, float32, float64, string, []int8, []float32 or
// []float64 (which share the column's memory, but for signs and bytes, which give the numbers that they stand for), what is a time
// as its text, and nil for a null.
func (c *Column) Value(row int) any {
	if c.Null(row) {
		return nil
	}
	switch c.Type {
	case Bool:
		return c.Bools[row]
	case Int8:
		return c.Int8s[row]
	case Int64:
		return c.Int64s[row]
	case Float32:
		return c.Float32s[row]
	case Float64:
		return c.Float64s[row]
	case String:
		return c.Strings.At(row)
	case Int8List:
		return c.Int8List(row)
	case Float32List:
		return c.Float32List(row)
	case Float64List:
		return c.Float64List(row)
	case Signs:
		return c.signs(row)
	case Bytes:
		return c.numbers(row)
	}
	if c.Type.IsTime() {
		return c.Text(row)
	}
	return nil
}

// Int8List gives the list of the row; it shares the column's memory. A null gives an empty list.
func (c *Column) Int8List(row int) []int8 {
	from, to := c.Offsets[row], c.Offsets[row+1]
	return c.Int8s[from:to:to]
}

// Float32List gives the list of the row; it shares the column's memory. A null gives an empty list.
func (c *Column) Float32List(row int) []float32 {
	from, to := c.Offsets[row], c.Offsets[row+1]
	return c.Float32s[from:to:to]
}

// Float64List gives the list of the row; it shares the column's memory. A null gives an empty list.
func (c *Column) Float64List(row int) []float64 {
	from, to := c.Offsets[row], c.Offsets[row+1]
	return c.Float64s[from:to:to]
}

// Equal reports whether a and b have equal fields, values, nulls and metadata: whether they encode
// to equal bytes. What stands in the slot of a null does not count; floats are equal if their bits
// are.
func Equal(a, b *Table) bool {
	if len(a.Columns) != len(b.Columns) || !maps.Equal(a.Meta, b.Meta) {
		return false
	}
	for i := range a.Columns {
		if !equalColumns(&a.Columns[i], &b.Columns[i]) {
			return false
		}
	}
	return true
}

func equalColumns(a, b *Column) bool {
	if a.Field != b.Field || a.Len() != b.Len() {
		return false
	}
	for i := range a.Len() {
		if a.Null(i) != b.Null(i) {
			return false
		}
		if !a.Null(i) && !equalValues(a, b, i) {
			return false
		}
	}
	return true
}
