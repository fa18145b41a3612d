package boolean

import "math/bits"

// LowMask gives a word whose n lowest bits are set, n from 0 to 64.
func LowMask(n int) uint64 {
	if n >= 64 {
		return ^uint64(0)
	}
	return 1<<uint(n) - 1
}

// field gives the n bits (at most 64) of a row that start at bit off.
func field(row []uint64, off, n int) uint64 {
	i, shift := off>>6, uint(off&63)
	v := row[i] >> shift
	if int(shift)+n > 64 {
		v |= row[i+1] << (64 - shift)
	}
	return v & LowMask(n)
}

// setField stores the n lowest bits of v, whose other bits are zero, from bit off on.
func setField(row []uint64, off, n int, v uint64) {
	i, shift := off>>6, uint(off&63)
	mask := LowMask(n)
	row[i] = row[i]&^(mask<<shift) | v<<shift
	if int(shift)+n > 64 {
		row[i+1] = row[i+1]&^(mask>>(64-shift)) | v>>(64-shift)
	}
}

// flipBit inverts bit i of a row.
func flipBit(row []uint64, i int) { row[i>>6] ^= 1 << uint(i&63) }

// count gives the number of ones among the n bits from bit off on.
func count(row []uint64, off, n int) int {
	ones := 0
	for i := 0; i < n; i += 64 {
		ones += bits.OnesCount64(field(row, off+i, min(64, n-i)))
	}
	return ones
}

// invert inverts the n bits from bit off on.
func invert(row []uint64, off, n int) {
	for i := 0; i < n; i += 64 {
		m := min(64, n-i)
		setField(row, off+i, m, field(row, off+i, m)^LowMask(m))
	}
}

// flipNth inverts the j-th (from 0) of those of the n bits from bit off on that equal bit (0 or 1).
// There must be more than j of them.
func flipNth(row []uint64, off, n int, bit uint64, j int) {
	for i := 0; i < n; i += 64 {
		m := min(64, n-i)
		v := field(row, off+i, m)
		if bit == 0 {
			v ^= LowMask(m)
		}
		if ones := bits.OnesCount64(v); j >= ones {
			j -= ones
			continue
		}
		for ; j > 0; j-- {
			v &= v - 1
		}
		flipBit(row, off+i+bits.TrailingZeros64(v))
		return
	}
	panic("boolean: flipNth: not so many bits")
}

// prefixParities gives the word whose bit i is the parity of bits 0 to i of v.
func prefixParities(v uint64) uint64 {
	v ^= v << 1
	v ^= v << 2
	v ^= v << 4
	v ^= v << 8
	v ^= v << 16
	v ^= v << 32
	return v
}

// toPrefixes replaces the n coordinates from bit off on by their prefix products.
func toPrefixes(row []uint64, off, n int) {
	carry := uint64(0) // all ones if the product so far is -1
	for i := 0; i < n; i += 64 {
		m := min(64, n-i)
		negative := prefixParities(field(row, off+i, m)^LowMask(m)) ^ carry
		setField(row, off+i, m, ^negative&LowMask(m))
		carry = -(negative >> 63)
	}
}

// fromPrefixes undoes toPrefixes.
func fromPrefixes(row []uint64, off, n int) {
	before := uint64(1) // the prefix product before the word, 1 for +1
	for i := 0; i < n; i += 64 {
		m := min(64, n-i)
		p := field(row, off+i, m)
		setField(row, off+i, m, ^(p^(p<<1|before))&LowMask(m))
		before = p >> 63
	}
}

// Expand and ExpandInt8 are not inlined: in another package the call of a generic function would let what it is
// given escape to the heap, and samplers have it on the stack.

// octets holds, for each byte, its bits as numbers, lowest first: +1 for a one, else -1.
var octets, octets8 = expandOctets()

func expandOctets() (floats [256][8]float32, ints [256][8]int8) {
	for b := range floats {
		for i := range 8 {
			sign := int8(b>>i&1)*2 - 1
			floats[b][i], ints[b][i] = float32(sign), sign
		}
	}
	return floats, ints
}

// Expand writes packed rows as numbers -1 and +1: packed holds rows of ceil(n/64) words, dst is
// [rows, n] row-major. It panics if either is too short.
//
//go:noinline
func Expand(dst []float32, packed []uint64, rows, n int) { expand(dst, packed, rows, n, &octets) }

// ExpandInt8 is Expand to int8.
//
//go:noinline
func ExpandInt8(dst []int8, packed []uint64, rows, n int) { expand(dst, packed, rows, n, &octets8) }

func expand[T int8 | float32](dst []T, packed []uint64, rows, n int, table *[256][8]T) {
	words := (n + 63) / 64
	dst, packed = dst[:rows*n], packed[:rows*words]
	for i, word := range packed {
		r, w := i, 0
		if words > 1 {
			r, w = i/words, i%words
		}
		out := dst[r*n+64*w:]
		left := min(64, n-64*w)
		// The last octet of a row may reach into the rows after it, which are written later.
		for left > 0 && len(out) >= 8 {
			*(*[8]T)(out) = table[word&255]
			word >>= 8
			left -= 8
			out = out[8:]
		}
		for j := range max(0, min(left, len(out))) {
			out[j] = table[word&255][j]
		}
	}
}
