package pages

import (
	"encoding/binary"
	"fmt"
	"math"
)

// A hybrid reads Parquet's mixture of runs and bit-packed numbers, in which levels, indices into a
// dictionary and truth values are stored.
type hybrid struct {
	data   []byte
	width  uint   // bits of a number, 0 to 32
	left   uint64 // numbers left in the run
	packed bool
	value  uint32 // of a run that is not packed
	bit    int    // the next bit of a packed run
}

var errShort = fmt.Errorf("damaged: a page ends early")

// fill reads the next len(dst) numbers, or there is an error. Numbers beyond T must have been excluded by
// the width.
func fill[T uint8 | uint32](h *hybrid, dst []T) error {
	for len(dst) > 0 {
		if h.left == 0 {
			if err := h.start(); err != nil {
				return err
			}
			continue
		}
		n := int(min(uint64(len(dst)), h.left))
		if h.packed {
			unpackBits(h, dst[:n])
		} else {
			for i := range dst[:n] {
				dst[i] = T(h.value)
			}
		}
		h.left -= uint64(n)
		dst = dst[n:]
		if h.left == 0 && h.packed {
			h.data = h.data[min(len(h.data), (h.bit+7)/8):]
		}
	}
	return nil
}

// start reads the head of a run.
func (h *hybrid) start() error {
	head, n := binary.Uvarint(h.data)
	if n <= 0 {
		return errShort
	}
	h.data = h.data[n:]
	h.packed = head&1 == 1
	if !h.packed {
		size := int(h.width+7) / 8
		if size > len(h.data) {
			return errShort
		}
		h.value = 0
		for i := range size {
			h.value |= uint32(h.data[i]) << (8 * i)
		}
		if h.width < 32 && h.value>>h.width != 0 {
			return fmt.Errorf("damaged: %d does not fit into %d bits", h.value, h.width)
		}
		h.data, h.left = h.data[size:], head>>1
		return nil
	}
	groups := head >> 1
	if groups > math.MaxUint32 {
		return errShort
	}
	h.bit, h.left = 0, 8*groups
	if h.width > 0 {
		// the last group may be cut off after its last number
		h.left = min(h.left, uint64(len(h.data))*8/uint64(h.width))
		if h.left == 0 && groups > 0 {
			return errShort
		}
	}
	return nil
}

// unpackBits reads packed numbers, which the data have.
func unpackBits[T uint8 | uint32](h *hybrid, dst []T) {
	width, bit := int(h.width), h.bit
	mask := uint64(1)<<width - 1
	for i := range dst {
		at := bit >> 3
		var word uint64
		if at+8 <= len(h.data) {
			word = binary.LittleEndian.Uint64(h.data[at:])
		} else {
			for k, b := range h.data[min(at, len(h.data)):] {
				word |= uint64(b) << (8 * k)
			}
		}
		dst[i] = T(word >> (bit & 7) & mask)
		bit += width
	}
	h.bit = bit
}
