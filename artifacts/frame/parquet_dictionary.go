package frame

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v17/arrow"
)

// A dictionary holds the values of a column chunk that differ, in the order in which they come first: int8 values, or texts.
type dictionary struct {
	numbers []int8
	place   [256]uint16 // 1 more than the index, by the number as a uint8 or by a text's code; 0: it has not come yet

	texts []string
	index map[string]uint32
}

// keptTexts bounds the dictionaries whose memory is used again.
const keptTexts = 1 << 10

func (d *dictionary) reset() {
	d.numbers, d.place = d.numbers[:0], [256]uint16{}
	if len(d.texts) > keptTexts {
		d.texts, d.index = nil, nil
	}
	clear(d.texts)
	clear(d.index)
	d.texts = d.texts[:0]
}

func (d *dictionary) len() int { return len(d.numbers) + len(d.texts) }

// width gives the bits of an index.
func (d *dictionary) width() int {
	if d.len() == 1 {
		return 1
	}
	return bits.Len(uint(max(d.len()-1, 0)))
}

// appendBytes appends the indices of the values.
func (d *dictionary) appendBytes(to []uint8, values []int8) []uint8 {
	at := len(to)
	to = slices.Grow(to, len(values))[:at+len(values)]
	own := to[at:]
	if d.indicesOfBits(own, values) {
		return to
	}
	for !d.indices(own, values) {
		d.learn(values)
	}
	return to
}

// indices puts the values' indices into own; false if some are not there.
func (d *dictionary) indices(own []uint8, values []int8) bool {
	var highest uint16
	own = own[:len(values)]
	for i, v := range values {
		k := d.place[uint8(v)] - 1
		own[i] = uint8(k)
		highest |= k
	}
	return highest < 1<<8
}

// indicesOfBits is indices, eight at a time, where all values are 0 or 1, which it puts into the dictionary; false if they are
// not, or other values stand there.
func (d *dictionary) indicesOfBits(own []uint8, values []int8) bool {
	d.learn(values[:min(1, len(values))])
	if len(d.numbers) == 0 || len(d.numbers) > 2 || d.numbers[0]&^1 != 0 {
		return false
	}
	first := uint8(d.numbers[0]) // its index is 0, that of the other 1
	bytes := arrow.Int8Traits.CastToBytes(values)
	var all, others uint64
	i := 0
	for ; i+8 <= len(bytes); i += 8 {
		eight := binary.LittleEndian.Uint64(bytes[i:])
		all |= eight
		eight ^= uint64(first) * 0x0101010101010101
		others |= eight
		binary.LittleEndian.PutUint64(own[i:], eight)
	}
	for ; i < len(bytes); i++ {
		all |= uint64(bytes[i])
		own[i] = bytes[i] ^ first
		others |= uint64(own[i])
	}
	if all&^0x0101010101010101 != 0 {
		return false
	}
	if others != 0 && len(d.numbers) == 1 {
		d.learn([]int8{int8(first ^ 1)})
	}
	return others == 0 || d.numbers[1] == int8(first^1)
}

// learn puts values into the dictionary that are not there.
func (d *dictionary) learn(values []int8) {
	for _, v := range values {
		if d.place[uint8(v)] == 0 {
			d.numbers = append(d.numbers, v)
			d.place[uint8(v)] = uint16(len(d.numbers))
		}
	}
}

// appendCodes appends the indices of the texts with the codes.
func (d *dictionary) appendCodes(to []uint8, codes []uint8, texts []string) []uint8 {
	for len(codes) > 0 {
		n := equalBytes(codes)
		k := d.place[codes[0]]
		if k == 0 {
			d.texts = append(d.texts, texts[codes[0]])
			k = uint16(len(d.texts))
			d.place[codes[0]] = k
		}
		to = appendRepeated(to, uint8(k-1), n)
		codes = codes[n:]
	}
	return to
}

// appendTexts appends the indices of the values.
func (d *dictionary) appendTexts(to []uint32, values []string) []uint32 {
	if d.index == nil {
		d.index = map[string]uint32{}
	}
	last := ^uint32(0) // the index of the value before, which is often the same
	for i, v := range values {
		if i == 0 || v != values[i-1] {
			k, ok := d.index[v]
			if !ok {
				k = uint32(len(d.texts))
				d.texts = append(d.texts, v)
				d.index[v] = k
			}
			last = k
		}
		to = append(to, last)
	}
	return to
}

// appendEntries appends the values in Plain.
func (d *dictionary) appendEntries(to []byte) []byte {
	for _, v := range d.numbers {
		to = binary.LittleEndian.AppendUint32(to, uint32(int32(v)))
	}
	for _, v := range d.texts {
		to = append(binary.LittleEndian.AppendUint32(to, uint32(len(v))), v...)
	}
	return to
}

// extent gives the extent of the values with the indices, of all values if both are nil.
func (d *dictionary) extent(bytes []uint8, words []uint32) (x extent) {
	var used []bool
	if bytes != nil || words != nil {
		used = make([]bool, d.len())
		for _, k := range bytes {
			used[k] = true
		}
		for _, k := range words {
			used[k] = true
		}
	}
	for i, v := range d.numbers {
		if used == nil || used[i] {
			x.whole([]int64{int64(v)})
		}
	}
	for i, v := range d.texts {
		if used == nil || used[i] {
			x.text(v)
		}
	}
	return x
}
