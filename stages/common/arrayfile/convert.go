package arrayfile

import (
	"fmt"
	"math"
	"strconv"
)

// Float32 gives all values as float32, [Len]: the array's own slice if it is of float32, otherwise a new one. Values are
// rounded to the nearest float32. NaN, an infinity, and what float32 cannot hold are errors, and so is text.
func (a *Array) Float32() ([]float32, error) {
	if v, ok := a.Values.([]float32); ok {
		return v, a.finite(v, 0)
	}
	dst := make([]float32, a.Len())
	return dst, a.CopyFloat32(dst, 0)
}

// CopyFloat32 fills dst with the values from row on, for whoever converts so many rows at a time. Its
// errors are those of Float32; what comes before the value at fault is done.
func (a *Array) CopyFloat32(dst []float32, row int) error {
	from := row * a.RowLen()
	switch v := a.Values.(type) {
	case []float32:
		copy(dst, v[from:])
	case []float64:
		return a.narrow(dst, v[from:], from)
	case []uint8:
		return numbers(dst, v[from:])
	case []int8:
		return numbers(dst, v[from:])
	case []int16:
		return numbers(dst, v[from:])
	case []int32:
		return numbers(dst, v[from:])
	case []int64:
		return numbers(dst, v[from:])
	case []uint32:
		return numbers(dst, v[from:])
	case []uint64:
		return numbers(dst, v[from:])
	case []uint16:
		if a.Type == Uint16 {
			return numbers(dst, v[from:])
		}
		widen(dst, v[from:], a.Type)
	default:
		return a.cannot("numbers", "Give an array of numbers")
	}
	return a.finite(dst[:min(len(dst), a.Len()-from)], from)
}

// numbers converts whole numbers, of which float32 can hold all to its precision.
func numbers[T uint8 | int8 | int16 | uint16 | int32 | uint32 | int64 | uint64](dst []float32, src []T) error {
	for i := range min(len(dst), len(src)) {
		dst[i] = float32(src[i])
	}
	return nil
}

// widen converts halves, exactly.
func widen(dst []float32, src []uint16, t Type) {
	for i := range min(len(dst), len(src)) {
		if t == BFloat16 {
			dst[i] = math.Float32frombits(uint32(src[i]) << 16)
		} else {
			dst[i] = half(src[i])
		}
	}
}

// half converts the bits of a binary16 (IEEE 754-2019, 3.4), exactly.
func half(h uint16) float32 {
	sign, exponent, fraction := uint32(h>>15)<<31, uint32(h>>10)&31, uint32(h)&1023
	switch exponent {
	case 31: // infinity, NaN
		return math.Float32frombits(sign | 255<<23 | fraction<<13)
	case 0: // fraction * 2^-24: a product with a power of two is exact
		return float32(math.Float32frombits(sign|math.Float32bits(float32(fraction))) * 0x1p-24)
	}
	return math.Float32frombits(sign | (exponent+127-15)<<23 | fraction<<13)
}

// narrow rounds to float32, and refuses what is not finite or becomes infinite. Value 0 of src is value from of the array.
func (a *Array) narrow(dst []float32, src []float64, from int) error {
	for i := range min(len(dst), len(src)) {
		dst[i] = float32(src[i])
		if d := dst[i]; d-d != 0 { // NaN and the infinities alone
			return a.unfit(from+i, src[i])
		}
	}
	return nil
}

// finite refuses NaN and infinities.
func (a *Array) finite(v []float32, from int) error {
	for i, x := range v {
		if x-x != 0 {
			return a.unfit(from+i, float64(x))
		}
	}
	return nil
}

func (a *Array) unfit(i int, x float64) error {
	what := strconv.FormatFloat(x, 'g', -1, 64) + ", which float32 cannot hold"
	remedy := "Scale the values: float32 ends at 3.4e38"
	switch {
	case x != x:
		what, remedy = "NaN", "Replace missing values, or leave out their rows"
	case math.IsInf(x, 0):
		what, remedy = "an infinity", "Replace it by a number, or leave out its row"
	}
	return a.at(i, "the value is "+what, remedy)
}

// Ints gives all values as int64, [Len]: the array's own slice if it is of int64, otherwise a new one. Bools are 0 and 1. A number
// with a fraction, NaN and what int64 cannot hold are errors, and so is text.
func (a *Array) Ints() ([]int64, error) {
	switch v := a.Values.(type) {
	case []int64:
		return v, nil
	case []uint8:
		return whole(v), nil
	case []int8:
		return whole(v), nil
	case []int16:
		return whole(v), nil
	case []int32:
		return whole(v), nil
	case []uint32:
		return whole(v), nil
	case []uint16:
		if a.Type == Uint16 {
			return whole(v), nil
		}
		wide := make([]float32, len(v))
		widen(wide, v, a.Type)
		return round(a, wide)
	case []uint64:
		for i, x := range v {
			if x > math.MaxInt64 {
				return nil, a.at(i, fmt.Sprintf("the value is %d, above 2^63-1", x), "Give labels from 0 on")
			}
		}
		return whole(v), nil
	case []float32:
		return round(a, v)
	case []float64:
		return round(a, v)
	}
	return nil, a.cannot("whole numbers", "Read it as text, or write numbers")
}

func whole[T uint8 | int8 | int16 | uint16 | int32 | uint32 | uint64](src []T) []int64 {
	dst := make([]int64, len(src))
	for i, x := range src {
		dst[i] = int64(x)
	}
	return dst
}

// round takes floats that are whole numbers below 2^63.
func round[T float32 | float64](a *Array, src []T) ([]int64, error) {
	dst := make([]int64, len(src))
	for i, x := range src {
		f := float64(x)
		if f != math.Trunc(f) || f < -0x1p63 || f >= 0x1p63 { // NaN is not equal to itself, infinities are out of range
			return nil, a.at(i, "the value is "+strconv.FormatFloat(f, 'g', -1, 64)+", no whole number of 64 bits", "Give whole numbers")
		}
		dst[i] = int64(f)
	}
	return dst, nil
}

// Strings gives all values as text, [Len]: the array's own slice if it is text. Numbers become the shortest decimal text that is read
// back as the same number (7, -1, 0.1), bools "false" and "true". NaN and infinities are errors: they name nothing.
func (a *Array) Strings() ([]string, error) {
	if v, ok := a.Values.([]string); ok {
		return v, nil
	}
	dst := make([]string, a.Len())
	if a.Type == Bool {
		for i, b := range a.Values.([]uint8) {
			dst[i] = strconv.FormatBool(b != 0)
		}
		return dst, nil
	}
	switch v := a.Values.(type) {
	case []uint64:
		for i, x := range v {
			dst[i] = strconv.FormatUint(x, 10)
		}
		return dst, nil
	case []float64:
		return dst, a.decimals(dst, func(i int) float64 { return v[i] }, 64)
	case []float32:
		return dst, a.decimals(dst, func(i int) float64 { return float64(v[i]) }, 32)
	}
	if a.Type == Float16 || a.Type == BFloat16 {
		wide := make([]float32, len(dst))
		widen(wide, a.Values.([]uint16), a.Type)
		return dst, a.decimals(dst, func(i int) float64 { return float64(wide[i]) }, 32)
	}
	v, err := a.Ints()
	for i, x := range v {
		dst[i] = strconv.FormatInt(x, 10)
	}
	return dst, err
}

func (a *Array) decimals(dst []string, value func(i int) float64, bits int) error {
	for i := range dst {
		x := value(i)
		if x-x != 0 {
			return a.unfit(i, x)
		}
		dst[i] = strconv.FormatFloat(x, 'g', -1, bits)
	}
	return nil
}

// Bytes gives the array's own slice, [Len], if it is of uint8 (or bool: 0 and 1), as pixels are.
func (a *Array) Bytes() ([]byte, bool) {
	v, ok := a.Values.([]uint8)
	return v, ok
}

// at is an error about value i.
func (a *Array) at(i int, summary, remedy string) error {
	return &Error{Offset: -1, Place: a.Place(i), Row: a.FileRow(i / max(1, a.RowLen())), Summary: summary, Remedy: remedy, Err: ErrValue}
}

func (a *Array) cannot(become, remedy string) error {
	return &Error{Offset: -1, Summary: "the values are " + a.Type.String() + ", not " + become, Remedy: remedy, Err: ErrUnsupported}
}
