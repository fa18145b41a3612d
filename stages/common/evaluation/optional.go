package evaluation

import (
	"math"

	"spurion/artifacts/frame"
)

// An Optional is a number that may not exist, such as the step at which a feature was learned. The
// zero value does not exist.
type Optional struct {
	Value float64
	Valid bool
}

// Some gives an Optional that exists.
func Some(x float64) Optional { return Optional{x, true} }

// Finite gives x, or nothing if x is NaN or infinite: a table holds neither.
func Finite(x float64) Optional {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return Optional{}
	}
	return Some(x)
}

// Float64 sets the float64 column of b's current row, null if o does not exist.
func (o Optional) Float64(b *frame.Builder, column string) {
	b.Float64If(o.Valid, column, o.Value)
}

// Int64 sets the int64 column of b's current row, null if o does not exist. o is a whole number.
func (o Optional) Int64(b *frame.Builder, column string) {
	b.Int64If(o.Valid, column, int64(o.Value))
}
