package frame

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"spurion/artifacts/frame/pages"
)

// Bytes are stored as a fixed-size binary, one byte a number. The field's metadata say how many there are in a row, and what a byte
// stands for: bytesKey, scaleKey and offsetKey.

// PackedBytes makes a column of type Bytes: row i is values[i*f.Length:(i+1)*f.Length]. The values become the column's own. A
// Scale of 0 stands for 1.
func PackedBytes(f Field, values []uint8) Column {
	f.Type = Bytes
	if f.Scale == 0 {
		f.Scale = 1
	}
	return Column{Field: f, Uint8s: values}
}

// ByteRow gives the bytes of the row; it shares the column's memory.
func (c *Column) ByteRow(row int) []uint8 {
	at, end := row*c.Length, (row+1)*c.Length
	return c.Uint8s[at:end:end]
}

// ByteNumbers gives what each byte of a field of type Bytes stands for: the float32 that is nearest to b*Scale + Offset, which is computed
// in float64 with two roundings.
func (f *Field) ByteNumbers() (numbers [256]float32) {
	for b := range numbers {
		numbers[b] = float32(f.byteNumber(uint8(b)))
	}
	return numbers
}

func (f *Field) byteNumber(b uint8) float64 { return float64(float64(b)*f.Scale) + f.Offset }

// checkScale refuses a scale of which some byte stands for no number.
func (f *Field) checkScale() error {
	if f.Scale == 0 {
		return fmt.Errorf("it holds bytes with a scale of 0; write 1 where a byte stands for itself")
	}
	for _, x := range []float32{float32(f.byteNumber(0)), float32(f.byteNumber(255))} {
		if x-x != 0 {
			return fmt.Errorf("it holds bytes with the scale %v and the offset %v, which give numbers beyond float32", f.Scale, f.Offset)
		}
	}
	return nil
}

// whole reports whether all bytes stand for whole numbers that are written without a point.
func (f *Field) whole() bool {
	const most = 1 << 24 // up to which a float32 holds whole numbers
	return f.Scale == math.Trunc(f.Scale) && f.Offset == math.Trunc(f.Offset) && math.Abs(f.byteNumber(0)) <= most && math.Abs(f.byteNumber(255)) <= most
}

// numbers gives the numbers of the row.
func (c *Column) numbers(row int) []float32 {
	list := make([]float32, c.Length)
	for j, b := range c.ByteRow(row) {
		list[j] = float32(c.byteNumber(b))
	}
	return list
}

// unpackedBytes gives a column of bytes as lists of float32, or of float64.
func (c *Column) unpackedBytes(to Type) Column {
	f := c.Field
	f.Type, f.Length, f.Scale, f.Offset = to, 0, 0, 0
	out := Column{Field: f, Valid: c.Valid, Offsets: make([]int32, 1, c.Len()+1)}
	numbers := c.ByteNumbers()
	for i := range c.Len() {
		switch {
		case c.Null(i):
		case to == Float64List:
			for _, b := range c.ByteRow(i) {
				out.Float64s = append(out.Float64s, c.byteNumber(b))
			}
		default:
			for _, b := range c.ByteRow(i) {
				out.Float32s = append(out.Float32s, numbers[b])
			}
		}
		out.Offsets = append(out.Offsets, int32(len(out.Float32s)+len(out.Float64s)))
	}
	return out
}

// appendByteNumbers appends the numbers of the row as a JSON list.
func (c *Column) appendByteNumbers(to []byte, row int) []byte {
	whole := c.whole()
	to = append(to, '[')
	for j, b := range c.ByteRow(row) {
		if j > 0 {
			to = append(to, ',')
		}
		if x := c.byteNumber(b); whole {
			to = strconv.AppendInt(to, int64(x), 10)
		} else {
			to = appendFloat(to, float64(float32(x)), 32)
		}
	}
	return append(to, ']')
}

func (c *Column) gatherBytes(rows []int) []uint8 {
	out := make([]uint8, 0, len(rows)*c.Length)
	for _, i := range rows {
		out = append(out, c.ByteRow(i)...)
	}
	return out
}

// storedBytes appends rows as they are stored.
func (c *Column) storedBytes(to []byte, first, last int) []byte {
	return append(to, c.Uint8s[first*c.Length:last*c.Length]...)
}

// batchRows is how many rows lie between two places where a page may end: so few bytes that a page stays small, one row if it is long.
func (f *Field) batchRows() int {
	if f.Type != Bytes {
		return batchLevels
	}
	return min(batchLevels, (dataPageBytes+f.Length-1)/f.Length)
}

// readBytes appends a row group's bytes, and nulls to c.Valid.
func readBytes(f *parquetFile, c *Column, l leaf, chunk pages.Chunk) error {
	return readFixed(f, c, l, chunk, func(rows int) {
		c.Uint8s = slices.Grow(c.Uint8s, rows*c.Length)
	}, func(row []byte) {
		c.Uint8s = append(c.Uint8s, row...)
	})
}
