package arrayfile

import (
	"bufio"
	"fmt"
	"math"
)

// A layout is how an array's values lie in a file, and how many there are.
type layout struct {
	typ     Type
	width   int  // bytes of a value in the file, from 1 on
	big     bool // the highest byte comes first
	ucs4    bool // text in code points of 4 bytes, otherwise in UTF-8
	fortran bool // the first axis is the fastest
	shape   []int

	before, after int                // bytes that a record of the file has before and after each row's values
	check         func(*Array) error // of the values; nil: none

	rows, rowLen int // of shape, by settle
}

// settle works out the extent of a layout. Rows without values are refused, since nothing in the file bounds their number.
func (l *layout) settle() error {
	var ok bool
	l.rows, l.rowLen, ok = extent(l.shape)
	if !ok || uint64(l.rows)*uint64(l.rowLen) > math.MaxInt64/uint64(16*l.width) {
		return damaged(-1, "the header promises %s values, more than any file has", shapeText(l.shape))
	}
	if l.rows > 0 && l.rowLen == 0 {
		return &Error{Offset: -1, Summary: "the array has the shape " + shapeText(l.shape) + ", rows without values", Remedy: "Leave it out", Err: ErrUnsupported}
	}
	return nil
}

// bytes is what the values take in the file.
func (l *layout) bytes() int64 {
	return int64(l.rows) * (int64(l.rowLen)*int64(l.width) + int64(l.before+l.after))
}

// fits compares with the bytes that are there from an offset on.
func (l *layout) fits(at, present int64) error {
	switch want := l.bytes(); {
	case present < want:
		return cut(at, "the header promises %s values of %d bytes, %d bytes; %d follow", shapeText(l.shape), l.width, want, present)
	case present > want:
		return surplus(at+want, fmt.Sprintf("%d bytes follow", present-want))
	}
	return nil
}

// checkRows wants rows to ascend, and to be there.
func (l *layout) checkRows(rows []int) error {
	for i, row := range rows {
		if row < 0 || row >= l.rows || i > 0 && row <= rows[i-1] {
			return &Error{Offset: -1, Summary: fmt.Sprintf("row %d is asked for in place %d; there are %d rows, from 0", row, i, l.rows),
				Remedy: "Ask for rows in ascending order, each once", Err: ErrRow}
		}
	}
	return nil
}

// read reads the given rows, or all if rows is nil.
func (s *stream) read(l *layout, rows []int, limit int64) (*Array, error) {
	if s.present >= 0 {
		if err := l.fits(s.at, s.present); err != nil {
			return nil, err
		}
	}
	n := l.rows
	a := &Array{Type: l.typ, Shape: append([]int(nil), l.shape...)}
	if rows != nil {
		n, a.picked, a.Shape = len(rows), append([]int{}, rows...), append([]int{len(rows)}, l.shape[min(1, len(l.shape)):]...)
	}
	if need := uint64(n) * uint64(l.rowLen) * uint64(l.typ.Size()); need > uint64(max(0, limit)) {
		return nil, tooLarge("the values", need, limit)
	}
	var err error
	switch {
	case l.typ == Text:
		a.Values, err = s.texts(l, rows, n, limit)
	case l.turned():
		a.Values, err = s.columns(l, rows, n, limit)
	default:
		a.Values, err = s.inOrder(l, rows, n)
	}
	if err == nil {
		err = s.end()
	}
	if err == nil && l.check != nil {
		err = l.check(a)
	}
	if err == nil && l.typ == Bool {
		err = a.onlyBools()
	}
	if err != nil {
		return nil, err
	}
	return a, nil
}

// inOrder reads rows that lie one behind the other, n of them.
func (s *stream) inOrder(l *layout, rows []int, n int) (any, error) {
	room := s.room(l.typ, n*l.rowLen)
	if l.before+l.after > 0 {
		s.Reader = bufio.NewReaderSize(s.Reader, 1<<18)
	}
	err := s.eachRun(l, rows, func(run int) error {
		for left := run * l.rowLen * l.width; left > 0; {
			part := room.next(min(left, window))
			if err := s.fill(part); err != nil {
				return err
			}
			order(part, l.width, l.big)
			left -= len(part)
		}
		return nil
	})
	return room.values, err
}

// window is how many bytes are read at once: few enough to stay in a cache while they are put in order.
const window = 1 << 18

// eachRun calls f for each run of rows that follow each other in the file, at their first value; f passes them. Rows
// between are passed over, and those behind the last if the end is checked.
func (s *stream) eachRun(l *layout, rows []int, f func(run int) error) error {
	pitch := int64(l.rowLen)*int64(l.width) + int64(l.before+l.after)
	at := 0
	for {
		first, run := l.nextRun(rows, at)
		if run == 0 {
			break
		}
		if rows != nil {
			rows = rows[run:]
		}
		if err := s.skip(int64(first-at)*pitch + int64(l.before)); err != nil {
			return err
		}
		if err := f(run); err != nil {
			return err
		}
		if err := s.skip(int64(l.after)); err != nil {
			return err
		}
		at = first + run
	}
	if s.checked {
		return s.skip(int64(l.rows-at) * pitch)
	}
	return nil
}

// nextRun gives the first rows to be read from row at on, and how many they are; 0 if none is left. Rows with other
// bytes between them come one at a time.
func (l *layout) nextRun(rows []int, at int) (first, run int) {
	first, run = at, l.rows-at
	if rows != nil {
		if run = 0; len(rows) > 0 {
			first = rows[0]
		}
		for run < len(rows) && rows[run] == first+run {
			run++
		}
	}
	if l.before+l.after > 0 {
		run = min(run, 1)
	}
	return first, run
}

// onlyBools refuses bytes other than 0 and 1.
func (a *Array) onlyBools() error {
	for i, b := range a.Values.([]uint8) {
		if b > 1 {
			return a.at(i, fmt.Sprintf("the byte is %d in an array of bools, where 0 and 1 are", b), "The file is damaged, or the array was written as another type")
		}
	}
	return nil
}
