package ink

import (
	"encoding/binary"
	"hash/adler32"
)

// deflate compresses data (RFC 1950 and 1951) in one block with the fixed codes. It finds the last
// earlier place with the same four bytes and no other: drawings are mostly empty, and the standard
// library's compressor, which finds more, may find something else in the next release.
func deflate(data []byte) []byte {
	w := bits{out: []byte{0x78, 0x01}}
	w.put(1, 1) // the last block
	w.put(1, 2) // fixed codes
	var last [1 << 14]int32
	hash := func(i int) uint32 { return binary.LittleEndian.Uint32(data[i:]) * 2654435761 >> 18 }
	for i := 0; i < len(data); {
		length := 0
		if i+4 <= len(data) {
			h := hash(i)
			if from := int(last[h]) - 1; from >= 0 && i-from <= 32768 {
				if length = match(data[from:], data[i:]); length >= 4 {
					w.length(length)
					w.distance(i - from)
				}
			}
			last[h] = int32(i + 1)
		}
		if length < 4 {
			w.literal(int(data[i]))
			i++
			continue
		}
		// places inside a match count too, or what repeats soon after would not be found
		for k := i + 1; k < i+length && k+4 <= len(data); k++ {
			last[hash(k)] = int32(k + 1)
		}
		i += length
	}
	w.literal(256)
	w.put(0, (8-int(w.count))&7)
	return binary.BigEndian.AppendUint32(w.out, adler32.Checksum(data))
}

// match gives how many bytes are equal, at most 258.
func match(a, b []byte) int {
	n := min(len(b), 258)
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// bits writes bits, the least significant first.
type bits struct {
	out   []byte
	word  uint64
	count uint
}

func (w *bits) put(value, n int) {
	w.word |= uint64(value) << w.count
	for w.count += uint(n); w.count >= 8; w.count -= 8 {
		w.out = append(w.out, byte(w.word))
		w.word >>= 8
	}
}

// code writes a Huffman code, whose most significant bit is first.
func (w *bits) code(value, n int) {
	for i := n - 1; i >= 0; i-- {
		w.put(value>>i&1, 1)
	}
}

// literal writes a byte, or with 256 the end (RFC 1951, section 3.2.6).
func (w *bits) literal(v int) {
	switch {
	case v < 144:
		w.code(0x30+v, 8)
	case v < 256:
		w.code(0x190+v-144, 9)
	case v < 280:
		w.code(v-256, 7)
	default:
		w.code(0xC0+v-280, 8)
	}
}

// length writes the length of a match (RFC 1951, section 3.2.5).
func (w *bits) length(n int) {
	if n == 258 {
		w.literal(285)
		return
	}
	code, extra, base := 257, 0, 3
	for {
		if size := 1 << extra; n < base+size {
			break
		} else {
			base += size
		}
		code++
		if code >= 265 && (code-265)%4 == 0 {
			extra++
		}
	}
	w.literal(code)
	w.put(n-base, extra)
}

// distance writes how far back a match is.
func (w *bits) distance(n int) {
	code, extra, base := 0, 0, 1
	for n >= base+1<<extra {
		base += 1 << extra
		code++
		if code >= 4 && code%2 == 0 {
			extra++
		}
	}
	w.code(code, 5)
	w.put(n-base, extra)
}
