package frame

import (
	"cmp"
	"encoding/binary"
	"math"
	"slices"

	"spurion/artifacts/frame/pages"
)

// An extent is from the least to the greatest value, in the order that Parquet gives values of the type: of whole numbers and truth
// values, of real numbers, or of texts.
type extent struct {
	any   bool
	ints  [2]int64
	reals [2]float64
	texts [2]string
}

func (x *extent) whole(values []int64) {
	if len(values) == 0 {
		return
	}
	low, high := ends(values)
	if !x.any {
		x.any, x.ints = true, [2]int64{low, high}
	}
	x.ints = [2]int64{min(x.ints[0], low), max(x.ints[1], high)}
}

func (x *extent) truths(values []bool) {
	for which := range 2 {
		if slices.Contains(values, which == 1) {
			x.whole([]int64{int64(which)})
		}
	}
}

func real[T float32 | float64](x *extent, values []T) {
	if len(values) == 0 {
		return
	}
	low, high := ends(values)
	if !x.any {
		x.any, x.reals = true, [2]float64{float64(low), float64(high)}
	}
	x.reals = [2]float64{min(x.reals[0], float64(low)), max(x.reals[1], float64(high))}
}

func (x *extent) text(v string) {
	if !x.any {
		x.any, x.texts = true, [2]string{v, v}
	}
	x.texts = [2]string{min(x.texts[0], v), max(x.texts[1], v)}
}

// add widens the extent to another of the same type.
func (x *extent) add(o *extent) {
	if !o.any || !x.any {
		if o.any {
			*x = *o
		}
		return
	}
	x.ints = [2]int64{min(x.ints[0], o.ints[0]), max(x.ints[1], o.ints[1])}
	x.reals = [2]float64{min(x.reals[0], o.reals[0]), max(x.reals[1], o.reals[1])}
	x.texts = [2]string{min(x.texts[0], o.texts[0]), max(x.texts[1], o.texts[1])}
}

// ends gives the least and the greatest of numbers, which are finite.
func ends[T cmp.Ordered](values []T) (low, high T) {
	low, high = values[0], values[0]
	for _, v := range values[1:] {
		if v < low {
			low = v
		}
		if v > high {
			high = v
		}
	}
	return low, high
}

// statistics gives what is said of a page or chunk with the extent; it is valid until it is called again.
func (e *chunkEncoder) statistics(x *extent, nulls int64, distinct bool) pages.Statistics {
	if e.column.Type.isPacked() { // none are in an order
		return pages.Statistics{Nulls: -1}
	}
	s := pages.Statistics{Nulls: nulls, Distinct: distinct}
	if !x.any {
		return s
	}
	for i := range e.bounds {
		e.bounds[i] = appendBound(e.bounds[i][:0], e.column.Type, x, i)
	}
	if len(e.bounds[0]) <= maxStatisticsBytes {
		s.Min = e.bounds[0]
	}
	if len(e.bounds[1]) <= maxStatisticsBytes {
		s.Max = e.bounds[1]
	}
	return s
}

// appendBound appends the least (0) or the greatest (1) value in Plain, a text without its length. The result is not nil.
func appendBound(to []byte, t Type, x *extent, which int) []byte {
	if to == nil {
		to = make([]byte, 0, 8)
	}
	real := x.reals[which]
	if real == 0 { // zeros of both signs are one value
		real = math.Copysign(0, float64(2*which-1))
	}
	switch t.stored() {
	case Bool:
		return append(to, byte(x.ints[which]))
	case Int8:
		return binary.LittleEndian.AppendUint32(to, uint32(x.ints[which]))
	case Float32:
		return binary.LittleEndian.AppendUint32(to, math.Float32bits(float32(real)))
	case Float64:
		return binary.LittleEndian.AppendUint64(to, math.Float64bits(real))
	case String:
		return append(to, x.texts[which]...)
	}
	if t == Date {
		return binary.LittleEndian.AppendUint32(to, uint32(x.ints[which]))
	}
	return binary.LittleEndian.AppendUint64(to, uint64(x.ints[which]))
}
