package frame

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"
)

// describe copies unit, description and mark from the Arrow schema that a Parquet file carries to
// the fields of the same names. What is not readable is left out: other programs may write what is
// not known here.
//
// The schema is a flatbuffer (Arrow's Schema.fbs), whose Go library trusts every length that it
// reads: one flipped bit asks for more memory than there is, which nothing can recover from. So
// this follows the few offsets that are needed with bounds checked.
func describe(leaves []leaf, place map[string]int, encoded string) {
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err == nil && len(raw) >= 8 {
		b := flat(raw[8:])                         // after the continuation mark and the length
		header := b.table(b.table(b.ref(0), 2), 1) // Message.header, Schema.fields
		left := 4 * len(raw)                       // what is read may overlap, so that it has no end otherwise
		for i := range b.length(header) {
			field := b.ref(header + 4 + 4*i)
			name, ok := b.text(b.table(field, 0))
			j, known := place[name]
			if left -= len(name); ok && known && left > 0 {
				b.describe(field, &leaves[j], &left)
			}
		}
	}
	for i := range leaves {
		if l := &leaves[i]; l.said != "" && !strings.HasSuffix(l.field.Doc, l.said+")") {
			l.field.Doc = strings.TrimSpace(l.field.Doc + " (" + l.said + ")")
		}
	}
}

// describe copies what is said of one field.
func (b flat) describe(field int, l *leaf, left *int) {
	switch {
	case b.byte(field, 2) == arrowDuration && l.field.Type == Int64:
		l.field.Unit = durations[b.timeUnit(b.table(field, 3), 0)]
	case l.field.Type == Timestamp || l.field.Type == TimestampNano:
		// files of version 1 do not say whether their clock is the world's, but their schema names a zone
		if zone, _ := b.text(b.table(b.table(field, 3), 1)); b.byte(field, 2) == arrowTimestamp && zone != "" {
			l.field.Type++
		}
	}
	scale, offset := "1", "0"
	defer func() { l.setScale(scale, offset) }()
	pairs := b.table(field, 6) // Field.custom_metadata
	for i := range b.length(pairs) {
		pair := b.ref(pairs + 4 + 4*i)
		key, _ := b.text(b.table(pair, 0))
		value, _ := b.text(b.table(pair, 1))
		if *left -= len(key) + len(value) + 1; *left < 0 {
			return
		}
		switch key {
		case unitKey:
			l.field.Unit = value
		case docKey:
			l.field.Doc = value
		case guessKey:
			if g := Guess(value); g == GuessPlain || g == GuessWords {
				l.field.Guess = g
			}
		case signsKey:
			l.setPacked(Signs, value)
		case bytesKey:
			l.setPacked(Bytes, value)
		case scaleKey:
			scale = value
		case offsetKey:
			offset = value
		case markKey:
			if m := Mark(value).With(""); m.Known() { // else it is another program's word for something else
				l.field.Mark = m
			}
		}
	}
}

// setPacked says that a fixed-size binary is of the type, and so long. Of two that are said, neither is taken.
func (l *leaf) setPacked(t Type, length string) {
	if !l.field.Type.isPacked() {
		return
	}
	n, err := strconv.Atoi(length)
	if err != nil || n < 1 || n > maxPacked || l.field.Length != 0 {
		n = -1
	}
	l.field.Type, l.field.Length = t, n
}

// setScale says what a byte stands for. What is no number is 0, which is no scale.
func (l *leaf) setScale(scale, offset string) {
	if l.field.Type != Bytes {
		return
	}
	var err1, err2 error
	l.field.Scale, err1 = strconv.ParseFloat(scale, 64)
	l.field.Offset, err2 = strconv.ParseFloat(offset, 64)
	if err1 != nil || err2 != nil || l.field.Scale == 0 {
		l.field.Scale, l.field.Offset = 0, 0
	}
	l.field.Offset += 0 // -0 is written as 0 is
}

// fitsWidth reports whether the field of a fixed-size binary says what the bytes are, and fits their number.
func (l *leaf) fitsWidth() bool {
	switch l.field.Type {
	case Signs:
		return l.field.Length >= 1 && l.width == signBytes(l.field.Length)
	case Bytes:
		return l.field.Length >= 1 && l.width == l.field.Length && l.field.checkScale() == nil
	}
	return true
}

// The numbers of types in Arrow's union Type.
const (
	arrowTimestamp = 10
	arrowDuration  = 18
)

// durations are the units of time that Arrow numbers.
var durations = [...]string{"seconds", "milliseconds", "microseconds", "nanoseconds"}

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

// member gives where the i-th member of the table at the position lies, or -1.
func (b flat) member(at, i int) int {
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
	if offset == 0 || at+offset > len(b)-2 {
		return -1
	}
	return at + offset
}

// table gives what the i-th member of the table at the position refers to.
func (b flat) table(at, i int) int { return b.ref(b.member(at, i)) }

// byte gives the i-th member, which is a byte; 0 if it is absent.
func (b flat) byte(at, i int) byte {
	if m := b.member(at, i); m >= 0 {
		return b[m]
	}
	return 0
}

// timeUnit gives the i-th member, which is one of Arrow's units of time; milliseconds are not written.
func (b flat) timeUnit(at, i int) int {
	if m := b.member(at, i); m >= 0 {
		return int(binary.LittleEndian.Uint16(b[m:])) % len(durations)
	}
	return 1
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
