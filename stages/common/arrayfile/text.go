package arrayfile

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// How many different texts are remembered, so that equal ones are held once.
const remembered = 1 << 16

// texts reads text of a fixed width, n rows of it. Zeros behind a text are no part of it, as for numpy.
func (s *stream) texts(l *layout, rows []int, n int, limit int64) ([]string, error) {
	t := reading{l: l, known: map[string]string{}, taken: int64(Text.Size()) * int64(n) * int64(l.rowLen), limit: limit}
	turned := l.turned()
	asked := rows
	if turned { // all are read, in the file's order, and put in their places
		rows = nil
		if t.taken += int64(Text.Size()) * int64(l.rows) * int64(l.rowLen); t.taken > limit {
			return nil, tooLarge("the values, which are in Fortran order, so that they are held twice,", uint64(t.taken), limit)
		}
	}
	if s.present >= 0 {
		count := n
		if turned {
			count = l.rows
		}
		t.texts = make([]string, 0, count*l.rowLen)
	}
	buf := make([]byte, max(l.width, window/l.width*l.width))
	err := s.eachRun(l, rows, func(run int) error {
		for left := run * l.rowLen; left > 0; {
			part := buf[:min(left, len(buf)/l.width)*l.width]
			at := s.at
			if err := s.fill(part); err != nil {
				return err
			}
			if err := t.add(part, at, asked, turned); err != nil {
				return err
			}
			left -= len(part) / l.width
		}
		return nil
	})
	if err != nil || !turned {
		return t.texts, err
	}
	dst := make([]string, n*l.rowLen)
	scatter(dst, t.texts, l, asked, 0)
	return dst, nil
}

// reading is texts, as far as they are read.
type reading struct {
	l     *layout
	texts []string
	known map[string]string
	taken int64 // bytes of memory so far, those of texts to come included
	limit int64
	buf   []byte
}

// add decodes the texts of a part of the file, which begins at an offset.
func (t *reading) add(part []byte, at int64, rows []int, turned bool) error {
	for ; len(part) > 0; part, at = part[t.l.width:], at+int64(t.l.width) {
		letters, fault := t.letters(part[:t.l.width])
		if fault != "" {
			return t.fault(at, fault, rows, turned)
		}
		text, ok := t.known[string(letters)]
		if !ok {
			if t.taken += int64(len(letters)); t.taken > t.limit {
				return tooLarge("the texts", uint64(t.taken), t.limit)
			}
			text = string(letters)
			if len(t.known) < remembered {
				t.known[text] = text
			}
		}
		t.texts = append(t.texts, text)
	}
	return nil
}

// letters gives a text as UTF-8, or says what is wrong with it. It is gone with the next call.
func (t *reading) letters(b []byte) (letters []byte, fault string) {
	if !t.l.ucs4 {
		b = bytes.TrimRight(b, "\x00")
		if !utf8.Valid(b) {
			return nil, fmt.Sprintf("the bytes %.40q are no text in UTF-8", b)
		}
		return b, ""
	}
	t.buf = t.buf[:0]
	end := 0 // behind the last letter that is not a zero
	for ; len(b) >= 4; b = b[4:] {
		c := binary.LittleEndian.Uint32(b)
		if t.l.big {
			c = binary.BigEndian.Uint32(b)
		}
		if c > utf8.MaxRune || !utf8.ValidRune(rune(c)) {
			return nil, fmt.Sprintf("%#x is no character of Unicode", c)
		}
		t.buf = utf8.AppendRune(t.buf, rune(c))
		if c != 0 {
			end = len(t.buf)
		}
	}
	return t.buf[:end], ""
}

func (t *reading) fault(at int64, fault string, rows []int, turned bool) error {
	i := len(t.texts)
	a := &Array{Shape: t.l.shape, picked: rows}
	if turned {
		a.picked = nil
		i = i%t.l.rows*t.l.rowLen + t.l.place(i/t.l.rows)
	}
	return &Error{Offset: at, Place: a.Place(i), Row: a.FileRow(i / max(1, t.l.rowLen)), Summary: fault, Remedy: "Write text with numpy as x.astype(\"U\")", Err: ErrValue}
}
