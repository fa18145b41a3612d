package frame

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// appendArrow appends values from..to of a vector of numbers, truth values, times or packed rows, zeros for those that do not exist. With an error it
// gives how many come before the value that is wrong.
func appendArrow(c *Column, s storage, v *arrowVector, from, to int, exist []byte) (at int, err error) {
	if from == to {
		return 0, nil
	}
	raw := v.buffers[1]
	if c.Type == Bool {
		if len(raw) < (to+7)/8 {
			return 0, fmt.Errorf("damaged: %d bytes for %d values", len(raw), to)
		}
	} else if err := v.holds(s.width, from, to); err != nil {
		return 0, err
	}
	switch c.Type.stored() {
	case Bool:
		return appendEach(&c.Bools, from, to, exist, func(i int) (bool, error) { return bit(raw, i), nil })
	case Int8:
		return appendEach(&c.Int8s, from, to, exist, func(i int) (int8, error) { return int8(raw[i]), nil })
	case Int64:
		return appendEach(&c.Int64s, from, to, exist, func(i int) (int64, error) { return s.arrowWhole(raw, i) })
	case Float64:
		return appendEach(&c.Float64s, from, to, exist, func(i int) (float64, error) { return s.arrowFraction(raw, i) })
	case Float32: // most values of most files, and so without a call for each
		n := len(c.Float32s)
		c.Float32s = slices.Grow(c.Float32s, to-from)[:n+to-from]
		stored := raw[4*from : 4*to]
		for i := range c.Float32s[n:] {
			c.Float32s[n+i] = math.Float32frombits(binary.LittleEndian.Uint32(stored[4*i:]))
			if exist != nil && !bit(exist, from+i) {
				c.Float32s[n+i] = 0
			}
		}
		return 0, nil
	}
	null := make([]byte, s.width)
	for i := from; i < to; i++ {
		row := raw[i*s.width : (i+1)*s.width]
		if !bit(exist, i) {
			row = null
		}
		if c.Type == Signs {
			c.Words = appendWords(c.Words, row)
		} else {
			c.Uint8s = append(c.Uint8s, row...)
		}
	}
	return 0, nil
}

// appendEach appends what get makes of values from..to, zeros for those that do not exist.
func appendEach[T any](values *[]T, from, to int, exist []byte, get func(i int) (T, error)) (at int, err error) {
	list := slices.Grow(*values, to-from)
	for i := from; i < to; i++ {
		var x T
		if bit(exist, i) {
			if x, err = get(i); err != nil {
				return i - from, err
			}
		}
		list = append(list, x)
	}
	*values = list
	return 0, nil
}

// arrowWhole gives a whole number, or a count of time in its unit.
func (s *storage) arrowWhole(raw []byte, i int) (int64, error) {
	x, err := s.count(raw, i)
	if err != nil {
		return 0, err
	}
	if s.unsigned && s.width == 8 {
		return signed(x)
	}
	if d := s.divisor; d > 1 {
		if x%d != 0 {
			return 0, fmt.Errorf("%d ms after 1970 are no whole day", x)
		}
		return x / d, nil
	}
	return s.scaled(x)
}

// arrowFraction gives a number, or what is cast to one.
func (s *storage) arrowFraction(raw []byte, i int) (float64, error) {
	b := raw[i*s.width : (i+1)*s.width]
	switch {
	case s.half:
		return half(b), nil
	case s.decimal:
		b = slices.Clone(b)
		slices.Reverse(b)
		return decimalOf(signedBytes(b), s.scale)
	case s.whole:
		x, err := s.count(raw, i)
		if err != nil {
			return 0, err
		}
		return exactly(x, s.unsigned)
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
}

// count gives a whole number of any width as it is stored.
func (s *storage) count(raw []byte, i int) (int64, error) {
	switch s.width {
	case 1:
		if s.unsigned {
			return int64(raw[i]), nil
		}
		return int64(int8(raw[i])), nil
	case 2:
		u := binary.LittleEndian.Uint16(raw[2*i:])
		if s.unsigned {
			return int64(u), nil
		}
		return int64(int16(u)), nil
	case 4:
		u := binary.LittleEndian.Uint32(raw[4*i:])
		if s.unsigned {
			return int64(u), nil
		}
		return int64(int32(u)), nil
	case 8:
		return int64(binary.LittleEndian.Uint64(raw[8*i:])), nil
	}
	return 0, fmt.Errorf("damaged: a whole number of %d bytes", s.width)
}
