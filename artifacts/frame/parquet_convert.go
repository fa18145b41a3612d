package frame

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/big"
	"strconv"

	"github.com/apache/arrow/go/v17/arrow/float16"
	"github.com/apache/arrow/go/v17/parquet"

	"spurion/artifacts/frame/pages"
)

// A levelReader reads a chunk, as pages.Reader has it.
type levelReader[T any] interface {
	Next(def, rep []uint8, values []T) (n, exist int, err error)
}

// each makes a conversion of many values of one of a single value.
func each[P, T any](one func(P) (T, error)) pages.Convert[P, T] {
	return func(dst []T, src []P) (int, error) {
		for i, v := range src {
			var err error
			if dst[i], err = one(v); err != nil {
				return i, err
			}
		}
		return 0, nil
	}
}

// half gives a float16, exactly. Arrow's own conversion takes numbers below 2^-14, whose exponent is 0, for others.
func half(b []byte) float64 {
	bits := binary.LittleEndian.Uint16(b)
	if exponent := bits >> 10 & 31; exponent != 0 {
		return float64(float16.FromLEBytes(b).Float32())
	}
	x := float64(float64(bits&1023) * 0x1p-24)
	if bits>>15 != 0 {
		return -x
	}
	return x
}

// as is the conversion between numbers that loses nothing.
func as[P, T int8 | int32 | int64 | float32 | float64](dst []T, src []P) (int, error) {
	for i, v := range src {
		dst[i] = T(v)
	}
	return 0, nil
}

func keep[T any](dst, src []T) (int, error) { copy(dst, src); return 0, nil }

func readBools(c pages.Chunk, s storage) (levelReader[bool], error) {
	if s.physical == parquet.Types.Boolean {
		return pages.NewReader(c, pages.Bools, keep[bool]), nil
	}
	return nil, s.mismatch()
}

func readInt8s(c pages.Chunk, s storage) (levelReader[int8], error) {
	if s.physical != parquet.Types.Int32 {
		return nil, s.mismatch()
	}
	return pages.NewReader(c, pages.Int32s, each(func(v int32) (int8, error) {
		if v != int32(int8(v)) {
			return 0, fmt.Errorf("%d is not an int8", v)
		}
		return int8(v), nil
	})), nil
}

// readInt64s reads whole numbers, and what is a time.
func readInt64s(c pages.Chunk, s storage) (levelReader[int64], error) {
	factor := max(1, s.factor)
	scaled := each(s.scaled)
	switch {
	case s.physical == parquet.Types.Int32 && s.unsigned:
		return pages.NewReader(c, pages.Int32s, each(func(v int32) (int64, error) { return int64(uint32(v)), nil })), nil
	case s.physical == parquet.Types.Int32 && factor > 1:
		return pages.NewReader(c, pages.Int32s, each(func(v int32) (int64, error) { return int64(v) * factor, nil })), nil
	case s.physical == parquet.Types.Int32:
		return pages.NewReader(c, pages.Int32s, as[int32, int64]), nil
	case s.physical == parquet.Types.Int64 && s.unsigned:
		return pages.NewReader(c, pages.Int64s, each(signed)), nil
	case s.physical == parquet.Types.Int64 && factor > 1:
		return pages.NewReader(c, pages.Int64s, scaled), nil
	case s.physical == parquet.Types.Int64:
		return pages.NewReader(c, pages.Int64s, keep[int64]), nil
	case s.physical == parquet.Types.Int96:
		return pages.NewReader(c, pages.Fixed(s.width), each(nanosOfInt96)), nil
	}
	return nil, s.mismatch()
}

// scaled brings a count of time to its unit.
func (s storage) scaled(v int64) (int64, error) {
	factor := max(1, s.factor)
	if p := v * factor; p/factor == v {
		return p, nil
	}
	return 0, fmt.Errorf("%d is too far from 1970 for a timestamp in microseconds", v)
}

func signed(v int64) (int64, error) {
	if v < 0 {
		return 0, fmt.Errorf("%d is larger than an int64 may be; write it as float64 or text", uint64(v))
	}
	return v, nil
}

// nanosOfInt96 reads the deprecated form of timestamps: nanoseconds of the day, and the Julian day.
func nanosOfInt96(b []byte) (int64, error) {
	const julian1970 = 2440588
	nanos := int64(binary.LittleEndian.Uint64(b))
	days := int64(binary.LittleEndian.Uint32(b[8:])) - julian1970
	if nanos < 0 || nanos >= dayNanos || days >= math.MaxInt64/dayNanos || days <= math.MinInt64/dayNanos {
		return 0, fmt.Errorf("a timestamp (INT96) is beyond the years 1678 to 2261; write timestamps in microseconds")
	}
	return days*dayNanos + nanos, nil
}

func readFloat32s(c pages.Chunk, s storage) (levelReader[float32], error) {
	if s.physical == parquet.Types.Float {
		return pages.NewReader(c, pages.Float32s, keep[float32]), nil
	}
	return nil, s.mismatch()
}

// readFloat64s reads fractions, and what is cast to them.
func readFloat64s(c pages.Chunk, s storage) (levelReader[float64], error) {
	bytes := pages.Bytes
	if s.physical == parquet.Types.FixedLenByteArray && s.width > 0 {
		bytes = pages.Fixed(s.width)
	}
	switch {
	case s.half && s.physical == parquet.Types.FixedLenByteArray && s.width == 2:
		return pages.NewReader(c, bytes, each(func(b []byte) (float64, error) { return half(b), nil })), nil
	case s.decimal && s.physical == parquet.Types.Int32:
		return pages.NewReader(c, pages.Int32s, each(func(v int32) (float64, error) { return decimalOf(big.NewInt(int64(v)), s.scale) })), nil
	case s.decimal && s.physical == parquet.Types.Int64:
		return pages.NewReader(c, pages.Int64s, each(func(v int64) (float64, error) { return decimalOf(big.NewInt(v), s.scale) })), nil
	case s.decimal && (s.physical == parquet.Types.ByteArray || s.width > 0):
		return pages.NewReader(c, bytes, each(func(b []byte) (float64, error) {
			if len(b) > maxDecimalBytes {
				return 0, fmt.Errorf("a decimal of %d bytes is too long", len(b))
			}
			return decimalOf(signedBytes(b), s.scale)
		})), nil
	case s.physical == parquet.Types.Double:
		return pages.NewReader(c, pages.Float64s, keep[float64]), nil
	case s.physical == parquet.Types.Int32 && s.unsigned:
		return pages.NewReader(c, pages.Int32s, each(func(v int32) (float64, error) { return float64(uint32(v)), nil })), nil
	case s.physical == parquet.Types.Int32:
		return pages.NewReader(c, pages.Int32s, as[int32, float64]), nil
	case s.physical == parquet.Types.Int64:
		return pages.NewReader(c, pages.Int64s, each(func(v int64) (float64, error) { return exactly(v, s.unsigned) })), nil
	}
	return nil, s.mismatch()
}

// exactly casts a whole number that a float64 can hold.
func exactly(v int64, unsigned bool) (float64, error) {
	const most = 1 << 53
	switch {
	case unsigned && uint64(v) > most:
		return 0, fmt.Errorf("%d is beyond 2^53, up to which a float64 holds whole numbers", uint64(v))
	case !unsigned && (v > most || v < -most):
		return 0, fmt.Errorf("%d is beyond 2^53, up to which a float64 holds whole numbers", v)
	}
	return float64(v), nil
}

// signedBytes reads a whole number in two's complement, the highest byte first.
func signedBytes(b []byte) *big.Int {
	v := new(big.Int).SetBytes(b)
	if len(b) > 0 && b[0] >= 0x80 {
		v.Sub(v, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
	}
	return v
}

// decimalOf gives the float64 that is nearest to v / 10^scale.
func decimalOf(v *big.Int, scale int) (float64, error) {
	return strconv.ParseFloat(v.String()+"e-"+strconv.Itoa(scale), 64)
}

func (s storage) mismatch() error {
	return fmt.Errorf("damaged: stored as %s, not as its type says", s.physical)
}
