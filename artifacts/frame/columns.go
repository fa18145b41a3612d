package frame

// Bools makes a column of type Bool. The values become the column's own; like the other
// constructors it sets the field's type, so that a literal field needs a name and a doc only.
func Bools(f Field, values []bool) Column {
	f.Type = Bool
	return Column{Field: f, Bools: values}
}

// Int8s makes a column of type Int8.
func Int8s(f Field, values []int8) Column {
	f.Type = Int8
	return Column{Field: f, Int8s: values}
}

// Int64s makes a column of type Int64.
func Int64s(f Field, values []int64) Column {
	f.Type = Int64
	return Column{Field: f, Int64s: values}
}

// Float32s makes a column of type Float32.
func Float32s(f Field, values []float32) Column {
	f.Type = Float32
	return Column{Field: f, Float32s: values}
}

// Float64s makes a column of type Float64.
func Float64s(f Field, values []float64) Column {
	f.Type = Float64
	return Column{Field: f, Float64s: values}
}

// Strings makes a column of type String.
func Strings(f Field, values []string) Column {
	f.Type = String
	return Column{Field: f, Strings: TextsOf(values)}
}

// CodedStrings makes a column of type String of which few values differ: row i is values[codes[i]]. See Coded.
func CodedStrings(f Field, values []string, codes []uint8) Column {
	f.Type = String
	return Column{Field: f, Strings: Coded(values, codes)}
}

// Int8Lists makes a column of type Int8List: row i is values[offsets[i]:offsets[i+1]], and offsets
// has one element more than there are rows.
func Int8Lists(f Field, values []int8, offsets []int32) Column {
	f.Type = Int8List
	return Column{Field: f, Int8s: values, Offsets: offsets}
}

// Float32Lists makes a column of type Float32List: row i is values[offsets[i]:offsets[i+1]], and
// offsets has one element more than there are rows.
func Float32Lists(f Field, values []float32, offsets []int32) Column {
	f.Type = Float32List
	return Column{Field: f, Float32s: values, Offsets: offsets}
}

// Float64Lists makes a column of type Float64List: row i is values[offsets[i]:offsets[i+1]], and
// offsets has one element more than there are rows.
func Float64Lists(f Field, values []float64, offsets []int32) Column {
	f.Type = Float64List
	return Column{Field: f, Float64s: values, Offsets: offsets}
}

// EqualOffsets gives the offsets of rows lists of the same length each: 0, length, 2 length, ... A list column has at most 2^31-1 elements:
// 8.6 GB of float32.
func EqualOffsets(rows, length int) []int32 {
	offsets := make([]int32, rows+1)
	for i := range offsets {
		offsets[i] = int32(i * length)
	}
	return offsets
}

// WithValid gives the column as nullable, with null where valid is false. A nil valid says that
// every value exists.
func (c Column) WithValid(valid []bool) Column {
	c.Nullable, c.Valid = true, valid
	return c
}

// Nulls makes a nullable column of the field's type with rows nulls.
func Nulls(f Field, rows int) Column {
	f.Nullable = true
	c := Column{Field: f, Valid: make([]bool, rows)}
	if f.Type.hasOffsets() {
		c.Offsets = make([]int32, rows+1)
		return c
	}
	switch f.Type.stored() {
	case Bool:
		c.Bools = make([]bool, rows)
	case Int8:
		c.Int8s = make([]int8, rows)
	case Int64:
		c.Int64s = make([]int64, rows)
	case Float32:
		c.Float32s = make([]float32, rows)
	case Float64:
		c.Float64s = make([]float64, rows)
	case String:
		c.Strings = repeated("", rows)
	case Signs:
		c.Words = make([]uint64, rows*c.words())
	case Bytes:
		c.Uint8s = make([]uint8, rows*c.Length)
	}
	return c
}
