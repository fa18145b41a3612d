package external

import (
	"fmt"

	"spurion/artifacts/frame"
)

// retype gives a column another type if each of its values has one equal to it there; a column without values takes
// any type.
func retype(c frame.Column, to frame.Type) (frame.Column, error) {
	rows := c.Len()
	out := frame.Column{Field: c.Field, Valid: c.Valid}
	out.Type = to
	switch {
	case c.Nulls() == rows:
		return empty(out, rows), nil
	case !c.Type.IsNumber() || !to.IsNumber():
		return c, fmt.Errorf("it holds %v, and is declared as %v", c.Type, to)
	}
	out = empty(out, rows)
	for i := range rows {
		if c.Null(i) {
			continue
		}
		if !convert(&c, &out, i) {
			return c, fmt.Errorf("row %d: %v is no %v, as which it is declared", i, c.Value(i), to)
		}
	}
	return out, nil
}

// empty makes room for the values of a column.
func empty(c frame.Column, rows int) frame.Column {
	switch c.Type {
	case frame.Bool:
		c.Bools = make([]bool, rows)
	case frame.Int8:
		c.Int8s = make([]int8, rows)
	case frame.Int64:
		c.Int64s = make([]int64, rows)
	case frame.Float32:
		c.Float32s = make([]float32, rows)
	case frame.Float64:
		c.Float64s = make([]float64, rows)
	case frame.String:
		c.Strings = frame.TextsOf(make([]string, rows))
	default: // a list; no time is declared
		c.Offsets = make([]int32, rows+1)
	}
	return c
}

// convert puts a number into a column of another type, and reports whether it is the same there. A float64 may be
// rounded to a float32, as everywhere.
func convert(from, to *frame.Column, i int) bool {
	var n int64
	var x float64
	integer := false
	switch from.Type {
	case frame.Int8:
		n, integer = int64(from.Int8s[i]), true
	case frame.Int64:
		n, integer = from.Int64s[i], true
	case frame.Float32:
		x = float64(from.Float32s[i])
	case frame.Float64:
		x = from.Float64s[i]
	}
	ok := true
	switch to.Type {
	case frame.Int8, frame.Int64:
		if !integer {
			n, ok = wholeNumber(x, 64)
		}
		if to.Type == frame.Int64 {
			to.Int64s[i] = n
			return ok
		}
		to.Int8s[i] = int8(n)
		return ok && int64(to.Int8s[i]) == n
	case frame.Float64:
		if integer {
			x = float64(n)
			ok = n >= -1<<53 && n <= 1<<53
		}
		to.Float64s[i] = x
		return ok
	}
	if integer {
		x = float64(n)
		ok = n >= -1<<24 && n <= 1<<24
	}
	to.Float32s[i] = float32(x)
	return ok && to.Float32s[i]-to.Float32s[i] == 0
}
