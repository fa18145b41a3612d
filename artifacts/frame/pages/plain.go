package pages

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A source gives a page's values in order.
type source[T any] interface {
	// next reads the next len(dst) values; if there are fewer, that is an error.
	next(dst []T) error
}

// A Physical is a type of values as Parquet stores them: what P is, and how its encodings are read.
type Physical[P any] struct {
	name string
	// width is the number of bytes of a value; 0 if a value says how long it is, or has one bit.
	width int
	// plain reads values that lie one after the other.
	plain func(data []byte, width int) source[P]
	// other gives a source for another encoding, or nil. A page has levels values at most.
	other func(e Encoding, data []byte, width, levels int) (source[P], error)
}

// The types. Bytes share memory with the page: they are good until the next call of Next.
var (
	Bools    = Physical[bool]{name: "BOOLEAN", plain: func(data []byte, _ int) source[bool] { return &boolBits{data: data} }, other: packedBools}
	Int32s   = Physical[int32]{name: "INT32", width: 4, plain: fixed(getInt32), other: integers(getInt32)}
	Int64s   = Physical[int64]{name: "INT64", width: 8, plain: fixed(getInt64), other: integers(getInt64)}
	Float32s = Physical[float32]{name: "FLOAT", width: 4, plain: fixed(getFloat32), other: splitOnly(getFloat32)}
	Float64s = Physical[float64]{name: "DOUBLE", width: 8, plain: fixed(getFloat64), other: splitOnly(getFloat64)}
	Bytes    = Physical[[]byte]{name: "BYTE_ARRAY", plain: func(data []byte, _ int) source[[]byte] { return &byteArrays{data} }, other: deltaBytes}
)

// Fixed is the type of values of width bytes each, for a width from 1 on.
func Fixed(width int) Physical[[]byte] {
	own := func(b []byte) []byte { return b }
	return Physical[[]byte]{name: "FIXED_LEN_BYTE_ARRAY", width: width, plain: fixed(own),
		other: func(e Encoding, data []byte, width, levels int) (source[[]byte], error) {
			if e == DeltaByteArray {
				s, err := deltaBytes(e, data, width, levels)
				return &ofWidth{s, width}, err
			}
			return splitOnly(own)(e, data, width, levels)
		}}
}

func getInt32(b []byte) int32     { return int32(binary.LittleEndian.Uint32(b)) }
func getInt64(b []byte) int64     { return int64(binary.LittleEndian.Uint64(b)) }
func getFloat32(b []byte) float32 { return math.Float32frombits(binary.LittleEndian.Uint32(b)) }
func getFloat64(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) }

// fixedValues are values of equal width, one after the other.
type fixedValues[P any] struct {
	data  []byte
	width int
	get   func([]byte) P
}

func fixed[P any](get func([]byte) P) func(data []byte, width int) source[P] {
	return func(data []byte, width int) source[P] { return &fixedValues[P]{data, width, get} }
}

func (s *fixedValues[P]) next(dst []P) error {
	if len(dst) > len(s.data)/s.width {
		return errShort
	}
	copied := 0
	switch to := any(dst).(type) { // the common types without a call for each value
	case []int64:
		for i := range to {
			to[i] = getInt64(s.data[8*i:])
		}
		copied = 8 * len(to)
	case []float64:
		for i := range to {
			to[i] = getFloat64(s.data[8*i:])
		}
		copied = 8 * len(to)
	case []float32:
		for i := range to {
			to[i] = getFloat32(s.data[4*i:])
		}
		copied = 4 * len(to)
	default:
		for i := range dst {
			dst[i] = s.get(s.data[copied : copied+s.width : copied+s.width])
			copied += s.width
		}
	}
	s.data = s.data[copied:]
	return nil
}

// boolBits are truth values of one bit each.
type boolBits struct {
	data []byte
	bit  int
}

func (s *boolBits) next(dst []bool) error {
	if len(dst) > 8*len(s.data)-s.bit {
		return errShort
	}
	for i := range dst {
		dst[i] = s.data[s.bit>>3]>>(s.bit&7)&1 == 1
		s.bit++
	}
	return nil
}

// packedBools reads truth values in runs, before which their length in bytes stands.
func packedBools(e Encoding, data []byte, _, _ int) (source[bool], error) {
	if e != RLE {
		return nil, nil
	}
	run, _, err := prefixed(data)
	return &boolRuns{h: hybrid{data: run, width: 1}}, err
}

// prefixed gives the bytes that follow their number, and what is behind them.
func prefixed(data []byte) (bytes, rest []byte, err error) {
	if len(data) < 4 {
		return nil, nil, errShort
	}
	n := binary.LittleEndian.Uint32(data)
	if int64(n) > int64(len(data)-4) {
		return nil, nil, errShort
	}
	return data[4 : 4+n], data[4+n:], nil
}

type boolRuns struct {
	h   hybrid
	buf [256]uint8
}

func (s *boolRuns) next(dst []bool) error {
	for len(dst) > 0 {
		n := min(len(dst), len(s.buf))
		if err := fill(&s.h, s.buf[:n]); err != nil {
			return err
		}
		for i, b := range s.buf[:n] {
			dst[i] = b != 0
		}
		dst = dst[n:]
	}
	return nil
}

// byteArrays are values with their length before them.
type byteArrays struct{ data []byte }

func (s *byteArrays) next(dst [][]byte) (err error) {
	for i := range dst {
		if dst[i], s.data, err = prefixed(s.data); err != nil {
			return err
		}
	}
	return nil
}

// ofWidth checks that byte arrays have the width that their type says.
type ofWidth struct {
	of    source[[]byte]
	width int
}

func (s *ofWidth) next(dst [][]byte) error {
	if err := s.of.next(dst); err != nil {
		return err
	}
	for _, b := range dst {
		if len(b) != s.width {
			return fmt.Errorf("damaged: a value of %d bytes where all have %d", len(b), s.width)
		}
	}
	return nil
}

// splitOnly reads BYTE_STREAM_SPLIT: the first bytes of all values, then the second bytes of all, and so on.
func splitOnly[P any](get func([]byte) P) func(Encoding, []byte, int, int) (source[P], error) {
	return func(e Encoding, data []byte, width, _ int) (source[P], error) {
		if e != ByteStreamSplit {
			return nil, nil
		}
		return &split[P]{data: data, width: width, get: get}, nil
	}
}

type split[P any] struct {
	data  []byte
	width int
	at    int
	get   func([]byte) P
}

func (s *split[P]) next(dst []P) error {
	count := len(s.data) / s.width
	if len(dst) > count-s.at {
		return errShort
	}
	whole := make([]byte, len(dst)*s.width) // values of bytes keep it
	for i := range dst {
		value := whole[i*s.width : (i+1)*s.width : (i+1)*s.width]
		for k := range value {
			value[k] = s.data[k*count+s.at]
		}
		dst[i] = s.get(value)
		s.at++
	}
	return nil
}
