package arrayfile

import (
	"fmt"
	"math/bits"
	"strings"
)

// A Type is what the values of an array are.
type Type uint8

// The types, and the slice that Array.Values is for each.
const (
	Bool     Type = 1 + iota // []uint8, 0 or 1
	Int8                     // []int8
	Int16                    // []int16
	Int32                    // []int32
	Int64                    // []int64
	Uint8                    // []uint8
	Uint16                   // []uint16
	Uint32                   // []uint32
	Uint64                   // []uint64
	Float16                  // []uint16, the bits of IEEE 754's binary16
	BFloat16                 // []uint16, the upper half of a float32's bits
	Float32                  // []float32
	Float64                  // []float64
	Text                     // []string, valid UTF-8
)

var typeNames = [...]string{"no type", "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "bfloat16", "float32", "float64", "text"}

func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("type %d", uint8(t))
}

// Size is how many bytes a value takes in memory. A text takes its letters besides, which equal texts share.
func (t Type) Size() int {
	switch t {
	case Bool, Int8, Uint8:
		return 1
	case Int16, Uint16, Float16, BFloat16:
		return 2
	case Int32, Uint32, Float32:
		return 4
	case Int64, Uint64, Float64:
		return 8
	case Text:
		return 16
	}
	return 0
}

// An Array is what was read: values in C order, the last axis fastest.
type Array struct {
	Type   Type
	Shape  []int // empty for a single value; the first axis is the rows
	Values any   // the slice that Type says, as long as the product of Shape
	picked []int // the rows of the file that these are; nil: all
}

// Rows is the length of the first axis, 1 for a single value.
func (a *Array) Rows() int {
	if len(a.Shape) == 0 {
		return 1
	}
	return a.Shape[0]
}

// RowLen is how many values a row has: the product of the other axes, at least 1.
func (a *Array) RowLen() int {
	n := 1
	for _, d := range a.Shape[min(1, len(a.Shape)):] {
		n *= d
	}
	return n
}

// Len is how many values there are.
func (a *Array) Len() int { return a.Rows() * a.RowLen() }

// FileRow is the row of the file that is row i here: another one only if rows were asked for.
func (a *Array) FileRow(i int) int {
	if a.picked == nil {
		return i
	}
	return a.picked[i]
}

// Place says where value i is, in words, by the rows of the file: "row 7", "row 7, column 12", "row 7, at [0, 3, 5]".
func (a *Array) Place(i int) string {
	per := max(1, a.RowLen())
	row := fmt.Sprintf("row %d", a.FileRow(i/per))
	switch i %= per; len(a.Shape) {
	case 0:
		return "the value"
	case 1:
		return row
	case 2:
		return fmt.Sprintf("%s, column %d", row, i)
	}
	at := make([]string, len(a.Shape)-1)
	for axis := len(at) - 1; axis >= 0; axis-- {
		n := a.Shape[axis+1]
		at[axis], i = fmt.Sprint(i%n), i/n
	}
	return row + ", at [" + strings.Join(at, ", ") + "]"
}

// maxValues bounds the values of an array, and the bytes they take: what fits an int with room to spare.
const maxValues = 1 << 56

// extent gives the rows of a shape and the values in a row. It is false if they are too many for any memory.
func extent(shape []int) (rows, rowLen int, ok bool) {
	rows, rowLen = 1, 1
	if len(shape) > 0 {
		rows = shape[0]
	}
	for _, n := range shape[min(1, len(shape)):] {
		hi, lo := bits.Mul64(uint64(rowLen), uint64(n))
		if hi != 0 || lo > maxValues {
			return 0, 0, false
		}
		rowLen = int(lo)
	}
	hi, lo := bits.Mul64(uint64(rows), uint64(rowLen))
	return rows, rowLen, rows <= maxValues && hi == 0 && lo <= maxValues
}
