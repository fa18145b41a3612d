package kernel

import (
	"sync"
	"unsafe"
)

// A room is what a function needs for its own numbers. Rooms are kept between calls, so that steps of a training allocate nothing.
type room struct {
	floats []float32
	words  []uint32
	from   int // the first of floats that is not given away
	wide   []float64
}

var rooms = sync.Pool{New: func() any { return new(room) }}

// cacheLine is how many float32 a line of the caches has.
const cacheLine = 16

// newRoom gives room for so many numbers in so many slices, and words.
func newRoom(floats, slices, words int) *room {
	r := rooms.Get().(*room)
	if floats += slices * cacheLine; len(r.floats) < floats {
		r.floats = make([]float32, floats)
	}
	if len(r.words) < words {
		r.words = make([]uint32, words)
	}
	for r.from = 0; len(r.floats) > 0 && uintptr(unsafe.Pointer(&r.floats[r.from]))%(4*cacheLine) != 0; r.from++ {
	}
	return r
}

// free hands the room back.
func (r *room) free() { rooms.Put(r) }

// slice gives n numbers that start with a cache line and are as an earlier use left them.
func (r *room) slice(n int) []float32 {
	z := r.floats[r.from : r.from+n]
	r.from += (n + cacheLine - 1) &^ (cacheLine - 1)
	return z
}

// doubles gives n float64 numbers, as an earlier use left them; no others are given.
func (r *room) doubles(n int) []float64 {
	if len(r.wide) < n {
		r.wide = make([]float64, n)
	}
	return r.wide[:n]
}
