package frame

import (
	"encoding/base64"
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
		b := flat(raw[8:])                                             // after the continuation mark and the length
		b.describeAll(b.table(b.table(b.ref(0), 2), 1), leaves, place) // Message.header, Schema.fields
	}
	sayCasts(leaves)
}

// describeAll copies what is said of the fields in a vector.
func (b flat) describeAll(fields int, leaves []leaf, place map[string]int) {
	left := 4 * len(b) // what is read may overlap, so that it has no end otherwise
	for i := range b.length(fields) {
		field := b.ref(fields + 4 + 4*i)
		name, ok := b.text(b.table(field, 0))
		j, known := place[name]
		if left -= len(name); ok && known && left > 0 {
			b.describe(field, &leaves[j], &left)
		}
	}
}

// sayCasts says in the columns' descriptions what their values were cast from.
func sayCasts(leaves []leaf) {
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

// durations are the units of time that Arrow numbers.
var durations = [...]string{"seconds", "milliseconds", "microseconds", "nanoseconds"}
