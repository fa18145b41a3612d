package arrayfile

import (
	"encoding/binary"
	"fmt"
	"math/bits"
	"unsafe"
)

// A room is a typed slice that is filled through its bytes. It is made as large as it will be at once where all bytes are
// known to be there; otherwise it grows with them.
type room struct {
	typ    Type
	values any    // the typed slice, as long as what was filled
	raw    []byte // its bytes, all that are allocated
	filled int    // bytes
	want   int    // bytes, in the end
}

// A packed file is expected to unpack to so many times its size. What unpacks to more grows, by copying.
const likelyRatio = 16

// room makes room for n values of a stream.
func (s *stream) room(t Type, n int) *room {
	r := &room{typ: t, want: n * t.Size()}
	size := r.want
	if s.present < 0 {
		size = int(min(int64(size), max(1<<16, likelyRatio*s.packed)))
	}
	r.allocate(size)
	return r
}

func (r *room) allocate(size int) {
	old := r.raw[:r.filled]
	r.values, r.raw = alloc(r.typ, (size+r.typ.Size()-1)/r.typ.Size())
	copy(r.raw, old)
}

// next gives the next n bytes to be filled.
func (r *room) next(n int) []byte {
	for r.filled+n > len(r.raw) {
		r.allocate(min(r.want, max(2*len(r.raw), r.filled+n)))
	}
	r.filled += n
	return r.raw[r.filled-n : r.filled]
}

// alloc makes n values of a type, other than text, and gives their bytes.
func alloc(t Type, n int) (values any, raw []byte) {
	switch t {
	case Bool, Uint8:
		return made[uint8](n)
	case Int8:
		return made[int8](n)
	case Int16:
		return made[int16](n)
	case Int32:
		return made[int32](n)
	case Int64:
		return made[int64](n)
	case Uint16, Float16, BFloat16:
		return made[uint16](n)
	case Uint32:
		return made[uint32](n)
	case Uint64:
		return made[uint64](n)
	case Float32:
		return made[float32](n)
	case Float64:
		return made[float64](n)
	}
	panic(fmt.Sprintf("arrayfile: no room for %v", t))
}

func made[T any](n int) (any, []byte) {
	v := make([]T, n)
	return v, view[byte](v)
}

// view gives the memory of a slice of numbers as numbers of another type. Both are multiples of the same width, or T is a byte.
func view[T, S any](s []S) []T {
	var t T
	var e S
	return unsafe.Slice((*T)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(e))/int(unsafe.Sizeof(t)))
}

// nativeBig is whether this processor has the highest byte first.
var nativeBig = binary.NativeEndian.Uint16([]byte{1, 0}) != 1

// order turns values of so many bytes from the file's order of bytes into the processor's. Raw begins at a value of a room.
func order(raw []byte, width int, big bool) {
	if big == nativeBig {
		return
	}
	switch width {
	case 2:
		for v, i := view[uint16](raw), 0; i < len(v); i++ {
			v[i] = bits.ReverseBytes16(v[i])
		}
	case 4:
		for v, i := view[uint32](raw), 0; i < len(v); i++ {
			v[i] = bits.ReverseBytes32(v[i])
		}
	case 8:
		for v, i := view[uint64](raw), 0; i < len(v); i++ {
			v[i] = bits.ReverseBytes64(v[i])
		}
	}
}
