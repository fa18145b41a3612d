package frame

import (
	"encoding/base64"
	"encoding/binary"
)

// describe copies unit, description and mark from the Arrow schema that a Parquet file carries to
// the fields of the same names. What is not readable is left out: other programs may write what is
// not known here.
//
// The schema is a flatbuffer (Arrow's Schema.fbs), whose Go library trusts every length that it
// reads: one flipped bit asks for more memory than there is, which nothing can recover from. So
// this follows the few offsets that are needed with bounds checked.
func describe(fields []Field, encoded string) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) < 8 {
		return
	}
	b := flat(raw[8:])                         // after the continuation mark and the length
	header := b.table(b.table(b.ref(0), 2), 1) // Message.header, Schema.fields
	for i := range b.length(header) {
		field := b.ref(header + 4 + 4*i)
		name, ok := b.text(b.table(field, 0))
		if !ok {
			continue
		}
		for j := range fields {
			if fields[j].Name == name {
				b.describe(field, &fields[j])
			}
		}
	}
}

func (b flat) describe(field int, f *Field) {
	pairs := b.table(field, 6) // Field.custom_metadata
	for i := range b.length(pairs) {
		pair := b.ref(pairs + 4 + 4*i)
		key, _ := b.text(b.table(pair, 0))
		value, _ := b.text(b.table(pair, 1))
		switch key {
		case unitKey:
			f.Unit = value
		case docKey:
			f.Doc = value
		case markKey:
			if m := Mark(value).With(""); m.Known() { // else it is another program's word for something else
				f.Mark = m
			}
		}
	}
}

// flat is a flatbuffer. Positions are offsets into it; -1 stands for what is absent or outside, and
// whatever is asked of -1 is absent too.
type flat []byte

// ref follows the offset that is stored at the position.
func (b flat) ref(at int) int {
	if at < 0 || at > len(b)-4 {
		return -1
	}
	to := int64(at) + int64(binary.LittleEndian.Uint32(b[at:]))
	if to > int64(len(b)-4) {
		return -1
	}
	return int(to)
}

// table gives what the i-th member of the table at the position refers to.
func (b flat) table(at, i int) int {
	if at < 0 || at > len(b)-4 {
		return -1
	}
	vtable := int64(at) - int64(int32(binary.LittleEndian.Uint32(b[at:])))
	if vtable < 0 || vtable > int64(len(b)-4) {
		return -1
	}
	size := int(binary.LittleEndian.Uint16(b[vtable:]))
	entry := 4 + 2*i
	if entry+2 > size || int(vtable)+entry+2 > len(b) {
		return -1
	}
	offset := int(binary.LittleEndian.Uint16(b[int(vtable)+entry:]))
	if offset == 0 {
		return -1
	}
	return b.ref(at + offset)
}

// length gives the number of 4-byte elements of the vector at the position, 0 if they are not all
// in the buffer.
func (b flat) length(at int) int {
	if at < 0 || at > len(b)-4 {
		return 0
	}
	n := binary.LittleEndian.Uint32(b[at:])
	if int64(n)*4 > int64(len(b)-at-4) {
		return 0
	}
	return int(n)
}

// text gives the string at the position.
func (b flat) text(at int) (string, bool) {
	if at < 0 || at > len(b)-4 {
		return "", false
	}
	n := binary.LittleEndian.Uint32(b[at:])
	if int64(n) > int64(len(b)-at-4) {
		return "", false
	}
	return string(b[at+4 : at+4+int(n)]), true
}
