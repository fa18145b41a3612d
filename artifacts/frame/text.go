package frame

import (
	"bytes"
	"math"
	"slices"
	"strconv"
)

// equalValues reports whether row i of two columns of one type holds equal values; none is null.
func equalValues(a, b *Column, i int) bool {
	if !a.Type.hasOffsets() && a.Type.stored() == Int64 {
		return a.Int64s[i] == b.Int64s[i]
	}
	switch a.Type {
	case Bool:
		return a.Bools[i] == b.Bools[i]
	case Int8:
		return a.Int8s[i] == b.Int8s[i]
	case Float32:
		return math.Float32bits(a.Float32s[i]) == math.Float32bits(b.Float32s[i])
	case Float64:
		return math.Float64bits(a.Float64s[i]) == math.Float64bits(b.Float64s[i])
	case String:
		return a.Strings.At(i) == b.Strings.At(i)
	case Signs:
		return slices.Equal(a.row(i), b.row(i))
	case Bytes:
		return bytes.Equal(a.ByteRow(i), b.ByteRow(i))
	case Int8List:
		return slices.Equal(a.Int8List(i), b.Int8List(i))
	case Float32List:
		return slices.EqualFunc(a.Float32List(i), b.Float32List(i), func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
	case Float64List:
		return slices.EqualFunc(a.Float64List(i), b.Float64List(i), func(x, y float64) bool { return math.Float64bits(x) == math.Float64bits(y) })
	}
	return false
}

// Text gives the value of the row as people read it: floats in their shortest form that reads back
// as the same number, what is a time as ISO 8601 has it (2024-01-02T03:04:05.000000Z), lists as JSON, ""
// for a null.
func (c *Column) Text(row int) string { return string(appendText(nil, c, row)) }

func appendText(to []byte, c *Column, row int) []byte {
	if c.Null(row) {
		return to
	}
	switch c.Type {
	case Bool:
		return strconv.AppendBool(to, c.Bools[row])
	case Int8:
		return strconv.AppendInt(to, int64(c.Int8s[row]), 10)
	case Int64:
		return strconv.AppendInt(to, c.Int64s[row], 10)
	case Float32:
		return appendFloat(to, float64(c.Float32s[row]), 32)
	case Float64:
		return appendFloat(to, c.Float64s[row], 64)
	case String:
		return append(to, c.Strings.At(row)...)
	}
	switch {
	case c.Type == Signs:
		return appendSigns(to, c.row(row), c.Length)
	case c.Type == Bytes:
		return c.appendByteNumbers(to, row)
	case c.Type.IsTime():
		return appendTime(to, c.Type, c.Int64s[row])
	}
	to = append(to, '[')
	for i, n := 0, int(c.Offsets[row+1]-c.Offsets[row]); i < n; i++ {
		if i > 0 {
			to = append(to, ',')
		}
		switch c.Type {
		case Int8List:
			to = strconv.AppendInt(to, int64(c.Int8List(row)[i]), 10)
		case Float32List:
			to = appendFloat(to, float64(c.Float32List(row)[i]), 32)
		default:
			to = appendFloat(to, c.Float64List(row)[i], 64)
		}
	}
	return append(to, ']')
}

func formatFloat(x float64, bits int) string { return string(appendFloat(nil, x, bits)) }

// appendFloat appends the shortest decimal that reads back as x. As in Python's repr, a whole
// number keeps ".0", so that a reader that guesses types sees a float, and the exponent form is
// for what is below 1e-4 or from 1e16 on.
func appendFloat(to []byte, x float64, bits int) []byte {
	a := math.Abs(x)
	if a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.AppendFloat(to, x, 'e', -1, bits)
	}
	start := len(to)
	to = strconv.AppendFloat(to, x, 'f', -1, bits)
	if bytes.IndexByte(to[start:], '.') < 0 && a < 1e16 {
		to = append(to, ".0"...)
	}
	return to
}
