package frame

import (
	"encoding/binary"
	"math/bits"
)

// A dictionary holds the values of a column chunk that differ, in the order in which they come first: int8 values, or texts.
type dictionary struct {
	numbers []int8
	place   [256]uint16 // 1 more than a number's index, by the number as a uint8; 0: it has not come yet

	texts []string
	index map[string]uint32
}

// keptTexts bounds the dictionaries whose memory is used again.
const keptTexts = 1 << 10

func (d *dictionary) reset() {
	if len(d.numbers) > 0 {
		d.numbers, d.place = d.numbers[:0], [256]uint16{}
	}
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
	for _, v := range values {
		k := d.place[uint8(v)]
		if k == 0 {
			d.numbers = append(d.numbers, v)
			k = uint16(len(d.numbers))
			d.place[uint8(v)] = k
		}
		to = append(to, uint8(k-1))
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
