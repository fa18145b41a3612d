package pages

import "encoding/binary"

// AppendRuns appends numbers of the width, 0 to 32 bits, as Parquet's mixture of runs and bit-packed numbers: eight equal ones
// begin a run, others are packed in groups of eight, of which no more than 63 have a head in common. These are the bytes that
// Arrow's encoder gives (parquet/internal/utils/rle.go of v17).
func AppendRuns[T uint8 | uint32](to []byte, values []T, width int) []byte {
	const none = -1
	head, groups := none, 0 // where the head of the packed groups stands, and how many there are
	end := func() {
		if head != none {
			to[head] = byte(groups<<1 | 1)
		}
		head, groups = none, 0
	}
	for len(values) >= 8 {
		if equal((*[8]T)(values)) {
			n := run(values)
			end()
			to = appendRun(to, n, values[0], width)
			values = values[n:]
			continue
		}
		if head == none {
			head, to = len(to), append(to, 0)
		}
		to = appendPacked(to, (*[8]T)(values), width)
		values = values[8:]
		if groups++; groups == 63 {
			end()
		}
	}
	switch n := len(values); {
	case n > 0 && head == none && run(values) == n:
		to = appendRun(to, n, values[0], width)
	case n > 0:
		if head == none {
			head, to = len(to), append(to, 0)
		}
		var last [8]T
		copy(last[:], values)
		to = appendPacked(to, &last, width)
		groups++
	}
	end()
	return to
}

// equal reports whether all are, without a branch: in most columns nobody can tell beforehand.
func equal[T uint8 | uint32](v *[8]T) bool {
	return (v[0]^v[1])|(v[0]^v[2])|(v[0]^v[3])|(v[0]^v[4])|(v[0]^v[5])|(v[0]^v[6])|(v[0]^v[7]) == 0
}

// word gives eight numbers below 256 as the bytes of one; the compiler makes a single load of it where they are bytes.
func word[T uint8 | uint32](v *[8]T) uint64 {
	return uint64(v[0]) | uint64(v[1])<<8 | uint64(v[2])<<16 | uint64(v[3])<<24 | uint64(v[4])<<32 | uint64(v[5])<<40 | uint64(v[6])<<48 | uint64(v[7])<<56
}

// run gives how many of the first values are equal.
func run[T uint8 | uint32](values []T) int {
	first := values[0]
	for i, v := range values {
		if v != first {
			return i
		}
	}
	return len(values)
}

func appendRun[T uint8 | uint32](to []byte, n int, value T, width int) []byte {
	to = binary.AppendUvarint(to, uint64(n)<<1)
	for bit := 0; bit < width; bit += 8 {
		to = append(to, byte(uint32(value)>>bit))
	}
	return to
}

// appendPacked appends eight numbers in as many bytes as a number has bits, the first in the lowest ones.
func appendPacked[T uint8 | uint32](to []byte, v *[8]T, width int) []byte {
	switch width {
	case 1:
		return append(to, byte(word(v)*0x0102040810204080>>56)) // bit 8i, times 2^(56-7i), is bit 56+i
	case 2:
		pairs := word(v)
		pairs |= pairs >> 6 // in bytes 0, 2, 4 and 6
		pairs &= 0x000f000f000f000f
		pairs |= pairs >> 12 // in bytes 0 and 4
		return append(to, byte(pairs), byte(pairs>>32))
	}
	var bits uint64
	have := 0
	for _, x := range v {
		bits |= uint64(x) << have
		for have += width; have >= 8; have -= 8 {
			to = append(to, byte(bits))
			bits >>= 8
		}
	}
	return to
}

// RunsBound gives no less than the bytes that AppendRuns appends for n numbers: what Arrow's writer takes for the size of a page.
func RunsBound(n, width int) int {
	groups := (n + 7) / 8
	return groups*(1+max(width, (width+7)/8)) + max(1+64*width, 5+(width+7)/8)
}
