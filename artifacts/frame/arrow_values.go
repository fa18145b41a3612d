package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/float16"
)

// An arrowVector is a column of a batch: its buffers, unpacked, and its parts. The first buffer says which values exist.
type arrowVector struct {
	field   *arrowField
	rows    int64
	buffers [][]byte
	parts   []arrowVector
}

// read reads the column from all record batches.
func (f *arrowFile) read(l leaf, c *Column) error {
	c.Field = l.field
	if c.Type.hasOffsets() {
		c.Offsets = []int32{0}
	}
	field := &f.fields[l.column]
	elements, err := f.promised(l, field)
	if err != nil {
		return err
	}
	c.grow(int(f.rows), elements)
	r := arrowReader{file: f, leaf: l, column: c}
	for i := range f.messages {
		m := &f.messages[i]
		switch {
		case m.kind == arrowRecords:
			v, err := f.vector(&m.batch, field, m.starts[l.column])
			if err == nil && v.rows != m.batch.rows {
				err = fmt.Errorf("damaged: %d rows where %d were promised", v.rows, m.batch.rows)
			}
			if err == nil {
				err = r.append(&v)
			}
			if err != nil {
				return fmt.Errorf("record batch %d: %w", m.number, err)
			}
		case field.coded && m.id == field.id:
			if err := r.readDictionary(m, field); err != nil {
				return fmt.Errorf("dictionary batch %d: %w", m.number, err)
			}
		}
	}
	return nil
}

// promised holds what the rows of a column take, after it has looked whether their bytes are there. It gives how many elements its lists have at most.
func (f *arrowFile) promised(l leaf, field *arrowField) (elements int, err error) {
	var all int64
	for i := range f.messages {
		m := &f.messages[i]
		if m.kind != arrowRecords {
			continue
		}
		at := m.starts[l.column]
		if err := m.batch.enough(field, l.storage, &at, m.batch.rows); err != nil {
			return 0, fmt.Errorf("record batch %d: %w", m.number, err)
		}
		if c := field.children; l.field.Type.hasOffsets() && !field.coded {
			n := int64(binary.LittleEndian.Uint64(m.batch.nodes[16*at.node:]))
			if n < 0 || n > maxElements {
				return 0, fmt.Errorf("record batch %d: its lists have %d elements: %w", m.number, n, errElements(l.field.Type))
			}
			if err := m.batch.enough(&c[0], l.storage, &at, n); err != nil {
				return 0, fmt.Errorf("record batch %d: %w", m.number, err)
			}
			all += n
		}
	}
	if all > maxElements {
		return 0, errElements(l.field.Type)
	}
	if err := f.budget.holdRows(f.rows, l.rowBytes()); err != nil {
		return 0, err
	}
	return int(all), f.budget.hold(all * l.field.Type.width())
}

// enough looks whether a batch has the bytes that so many values of a column take, and moves to its first part.
func (r *arrowBatch) enough(f *arrowField, s storage, at *arrowPlace, rows int64) error {
	bits := int64(0) // of a value, in the second buffer
	switch {
	case f.coded:
		bits = int64(8 * f.width)
	case f.kind == arrowBool:
		bits = 1
	case f.kind == arrowUtf8 || f.kind == arrowList:
		bits = 32
	case f.kind == arrowLargeUtf8 || f.kind == arrowLargeList:
		bits = 64
	case f.kind == arrowUtf8View:
		bits = 128
	case f.kind != arrowNull && f.kind != arrowFixedList:
		bits = int64(8 * s.width)
	}
	if bits > 0 {
		stored, err := r.buffer(int(at.buffer) + 1)
		if err != nil {
			return err
		}
		size, err := r.size(stored)
		if err != nil {
			return err
		}
		if size < (rows*bits+7)/8 {
			return fmt.Errorf("damaged: %d bytes for %d values", size, rows)
		}
	}
	at.node++
	at.buffer += int32(f.buffers())
	return nil
}

// buffer gives the bytes of a buffer as they are stored.
func (r *arrowBatch) buffer(i int) ([]byte, error) {
	if 16*i+16 > len(r.buffers) {
		return nil, errors.New("damaged: a buffer is missing")
	}
	offset, length := int64(binary.LittleEndian.Uint64(r.buffers[16*i:])), int64(binary.LittleEndian.Uint64(r.buffers[16*i+8:]))
	if n := int64(len(r.body)); offset < 0 || length < 0 || offset > n || length > n-offset {
		return nil, fmt.Errorf("damaged: a buffer of %d bytes at %d in a body of %d", length, offset, n)
	}
	return r.body[offset : offset+length : offset+length], nil
}

// size gives how many bytes a buffer has unpacked. Packed ones begin with that, or with -1 if they are not packed after all.
func (r *arrowBatch) size(stored []byte) (int64, error) {
	if !r.packed || len(stored) == 0 {
		return int64(len(stored)), nil
	}
	if len(stored) < 8 {
		return 0, fmt.Errorf("damaged: a compressed buffer of %d bytes", len(stored))
	}
	size := int64(binary.LittleEndian.Uint64(stored))
	switch {
	case size == -1:
		return int64(len(stored) - 8), nil
	case size < 0 || !r.codec.CanUnpack(stored[8:], size):
		return 0, fmt.Errorf("damaged: a buffer of %d bytes cannot unpack to %d", len(stored)-8, size)
	}
	return size, nil
}

// unpacked gives the bytes of a buffer.
func (f *arrowFile) unpacked(r *arrowBatch, i int) ([]byte, error) {
	stored, err := r.buffer(i)
	if err != nil {
		return nil, err
	}
	size, err := r.size(stored)
	if err != nil || !r.packed || len(stored) == 0 {
		return stored, err
	}
	if int64(binary.LittleEndian.Uint64(stored)) == -1 {
		return stored[8:], nil
	}
	if err := f.budget.spend(size); err != nil {
		return nil, err
	}
	return r.codec.Unpack(stored[8:], size)
}

// vector reads the buffers of a column that begins at a place, and of its parts.
func (f *arrowFile) vector(r *arrowBatch, field *arrowField, at arrowPlace) (arrowVector, error) {
	v, err := f.vectorAt(r, field, &at)
	return v, err
}

func (f *arrowFile) vectorAt(r *arrowBatch, field *arrowField, at *arrowPlace) (v arrowVector, err error) {
	v = arrowVector{field: field}
	if 16*int(at.node)+16 > len(r.nodes) {
		return v, errors.New("damaged: a column is missing")
	}
	if v.rows = int64(binary.LittleEndian.Uint64(r.nodes[16*at.node:])); v.rows < 0 || v.rows > maxRows {
		return v, fmt.Errorf("damaged: %d values", v.rows)
	}
	at.node++
	n := field.buffers()
	if field.isView() {
		more, err := r.texts(at)
		if err != nil {
			return v, err
		}
		n += more
	}
	for range n {
		b, err := f.unpacked(r, int(at.buffer))
		if err != nil {
			return v, err
		}
		v.buffers = append(v.buffers, b)
		at.buffer++
	}
	for i := range field.parts() {
		part, err := f.vectorAt(r, &field.children[i], at)
		if err != nil {
			return v, err
		}
		v.parts = append(v.parts, part)
	}
	return v, nil
}

// exist gives the bits that say which values exist, nil if all do.
func (v *arrowVector) exist() ([]byte, error) {
	if len(v.buffers) == 0 || len(v.buffers[0]) == 0 {
		return nil, nil
	}
	if b := v.buffers[0]; int64(len(b)) >= (v.rows+7)/8 {
		return b, nil
	}
	return nil, fmt.Errorf("damaged: %d bytes say which of %d values exist", len(v.buffers[0]), v.rows)
}

// bit reports whether bit i is set; all are without bits.
func bit(bits []byte, i int) bool { return bits == nil || bits[i>>3]>>(i&7)&1 == 1 }

// An arrowReader appends the batches of a column to it.
type arrowReader struct {
	file   *arrowFile
	leaf   leaf
	column *Column

	dictionary *Column // nil before it comes
	codes      map[string]uint8
	shared     map[string]string
	plain      bool // texts are held one a row
}

// readDictionary reads the values that codes stand for, or more of them.
func (r *arrowReader) readDictionary(m *arrowMessage, field *arrowField) error {
	plain := *field
	plain.coded = false
	v, err := r.file.vector(&m.batch, &plain, arrowPlace{})
	if err != nil {
		return err
	}
	if v.rows != m.batch.rows {
		return fmt.Errorf("damaged: %d values where %d were promised", v.rows, m.batch.rows)
	}
	l := r.leaf
	l.field.Nullable = true
	c := &Column{Field: l.field}
	if r.dictionary != nil && m.delta {
		c = r.dictionary
	}
	if err := m.batch.enough(&plain, l.storage, &arrowPlace{}, v.rows); err != nil {
		return err
	}
	if err := r.file.budget.holdRows(v.rows, l.rowBytes()); err != nil {
		return err
	}
	of := arrowReader{file: r.file, leaf: l, column: c}
	if err := of.append(&v); err != nil {
		return err
	}
	r.dictionary = c
	return nil
}

// append appends a batch's rows.
func (r *arrowReader) append(v *arrowVector) error {
	c, rows := r.column, int(v.rows)
	exist, err := v.exist()
	if err != nil {
		return err
	}
	if v.field.coded {
		return r.appendCoded(v, exist)
	}
	if v.field.kind == arrowNull {
		exist = make([]byte, (rows+7)/8)
	}
	first := c.Len()
	if valid := validOf(exist, rows); valid != nil || c.Valid != nil {
		if valid != nil && !c.Nullable {
			return fmt.Errorf("damaged: row %d is null, in a column that says it has none", first+slices.Index(valid, false))
		}
		if valid == nil {
			valid = allTrue(rows)
		}
		if c.Valid == nil {
			c.Valid = slices.Grow(allTrue(first), max(0, int(r.file.rows)-first))
		}
		c.Valid = append(c.Valid, valid...)
	}
	switch {
	case v.field.kind == arrowNull:
		c.Strings.appendRepeated("", rows)
		return nil
	case c.Type.hasOffsets():
		return r.appendLists(v, exist)
	case c.Type == String:
		return r.appendTexts(v, exist)
	}
	if at, err := appendArrow(c, r.leaf.storage, v, 0, rows, exist); err != nil {
		return inArrowRow(first+at, err)
	}
	return nil
}

// inArrowRow says in which row a value cannot be converted.
func inArrowRow(row int, err error) error { return fmt.Errorf("row %d: %w", row, err) }

// validOf gives which of so many rows exist, nil if all do.
func validOf(bits []byte, rows int) []bool {
	var valid []bool
	for i := range rows {
		is := bit(bits, i)
		if !is && valid == nil {
			valid = allTrue(rows)
		}
		if !is {
			valid[i] = false
		}
	}
	return valid
}

// appendCoded appends the dictionary's values that a batch has the codes of.
func (r *arrowReader) appendCoded(v *arrowVector, exist []byte) error {
	c, rows := r.column, int(v.rows)
	places, err := r.places(v, exist)
	if err != nil {
		return err
	}
	values := r.dictionary.Take(places)
	if valid := validOf(exist, rows); valid != nil {
		for i := range valid {
			valid[i] = valid[i] && !values.Null(i)
		}
		values.Valid = valid
	}
	if i := slices.Index(values.Valid, false); i >= 0 && !c.Nullable {
		return fmt.Errorf("damaged: row %d is null, in a column that says it has none", c.Len()+i)
	}
	if c.Type == String && !r.plain && !values.Strings.coded() {
		if err := r.holdPlain(); err != nil {
			return err
		}
	}
	c.appendRows(&values, 0, rows)
	return nil
}

// holdPlain holds what texts take one a row.
func (r *arrowReader) holdPlain() error {
	r.plain = true
	return r.file.budget.holdRows(r.file.rows, 16)
}

// places gives where in the dictionary a batch's values are; 0 for a null.
func (r *arrowReader) places(v *arrowVector, exist []byte) ([]int, error) {
	s := storage{width: v.field.width, unsigned: v.field.unsigned}
	rows := int(v.rows)
	if err := v.holds(s.width, 0, rows); err != nil {
		return nil, err
	}
	n := int64(0)
	if r.dictionary != nil {
		n = int64(r.dictionary.Len())
	}
	places := make([]int, rows)
	for i := range places {
		if !bit(exist, i) {
			continue
		}
		at, err := s.count(v.buffers[1], i)
		if err != nil || at < 0 || at >= n {
			return nil, fmt.Errorf("damaged: row %d has the code %d, of a dictionary of %d values", r.column.Len()+i, at, n)
		}
		places[i] = int(at)
	}
	if n == 0 { // all are null
		one := Nulls(r.column.Field, 1)
		r.dictionary = &one
	}
	return places, nil
}

// holds looks whether the second buffer has values from..to of so many bytes each.
func (v *arrowVector) holds(width, from, to int) error {
	if have := len(v.buffers[1]); width < 1 || from < 0 || from > to || to > have/width {
		return fmt.Errorf("damaged: values %d to %d of %d bytes in a buffer of %d", from, to, width, have)
	}
	return nil
}

// bounds gives where the values of a row begin and end, of lists or texts with offsets.
func (v *arrowVector) bounds(length int64) (of func(i int) (from, to int64), err error) {
	rows := int(v.rows)
	ends := rows + min(rows, 1) // there may be none without rows
	switch v.field.kind {
	case arrowFixedList:
		return func(i int) (from, to int64) { return int64(i) * length, int64(i+1) * length }, nil
	case arrowLargeList, arrowLargeUtf8:
		return func(i int) (from, to int64) {
			b := v.buffers[1][8*i:]
			return int64(binary.LittleEndian.Uint64(b)), int64(binary.LittleEndian.Uint64(b[8:]))
		}, v.holds(8, 0, ends)
	}
	return func(i int) (from, to int64) {
		b := v.buffers[1][4*i:]
		return int64(int32(binary.LittleEndian.Uint32(b))), int64(int32(binary.LittleEndian.Uint32(b[4:])))
	}, v.holds(4, 0, ends)
}

// appendLists appends lists: the elements of those that exist, as many at once as stand together.
func (r *arrowReader) appendLists(v *arrowVector, exist []byte) error {
	c, part := r.column, &v.parts[0]
	length := r.file.schema.number(v.field.typ, 0, 4, 0)
	if length < 0 {
		return fmt.Errorf("damaged: lists of %d elements", length)
	}
	bounds, err := v.bounds(length)
	if err != nil {
		return err
	}
	elements, err := part.exist()
	if err != nil {
		return err
	}
	total, read := int64(c.Offsets[len(c.Offsets)-1]), int64(0)
	begun, next := 0, 0 // elements that have been found and not been appended
	flush := func() error {
		_, err := appendArrow(c, r.leaf.storage, part, begun, next, nil)
		if begun = next; err != nil {
			return inArrowRow(c.Len()-1, err)
		}
		return nil
	}
	for i := range int(v.rows) {
		from, to := int64(next), int64(next)
		if bit(exist, i) {
			from, to = bounds(i)
		}
		if read += to - from; from < 0 || from > to || to > part.rows || read > part.rows {
			return fmt.Errorf("damaged: row %d has elements %d to %d of %d", c.Len(), from, to, part.rows)
		}
		for at := int(from); at < int(to) && elements != nil; at++ {
			if !bit(elements, at) {
				return fmt.Errorf("row %d: null in a list; a list's elements must exist", c.Len())
			}
		}
		if int(from) != next || r.leaf.whole { // whole numbers may be beyond what a row can have
			if err := flush(); err != nil {
				return err
			}
			begun = int(from)
		}
		next = int(to)
		total += to - from
		c.Offsets = append(c.Offsets, int32(total))
	}
	return flush()
}

// appendTexts appends texts, which lie one after the other, or which views say the places of.
func (r *arrowReader) appendTexts(v *arrowVector, exist []byte) error {
	text := v.viewed
	if v.field.kind == arrowUtf8View {
		if err := v.holds(16, 0, int(v.rows)); err != nil {
			return err
		}
	} else {
		bounds, err := v.bounds(0)
		if err != nil {
			return err
		}
		text = func(i int) ([]byte, error) {
			from, to := bounds(i)
			if from < 0 || from > to || to > int64(len(v.buffers[2])) {
				return nil, fmt.Errorf("damaged: a text from %d to %d of %d bytes", from, to, len(v.buffers[2]))
			}
			return v.buffers[2][from:to], nil
		}
	}
	for i := range int(v.rows) {
		var b []byte
		if bit(exist, i) {
			var err error
			if b, err = text(i); err != nil {
				return inArrowRow(r.column.Strings.Len(), err)
			}
		}
		if err := r.appendText(b); err != nil {
			return err
		}
	}
	return nil
}

// viewed gives a text by its view: 12 bytes of it at most, or where the others lie.
func (v *arrowVector) viewed(i int) ([]byte, error) {
	view := v.buffers[1][16*i : 16*i+16]
	n := int64(int32(binary.LittleEndian.Uint32(view)))
	if n >= 0 && n <= 12 {
		return view[4 : 4+n], nil
	}
	buffer, from := int64(binary.LittleEndian.Uint32(view[8:])), int64(int32(binary.LittleEndian.Uint32(view[12:])))
	if n < 0 || buffer >= int64(len(v.buffers)-2) {
		return nil, fmt.Errorf("damaged: a text of %d bytes in buffer %d of %d", n, buffer, len(v.buffers)-2)
	}
	b := v.buffers[2+buffer]
	if from < 0 || from > int64(len(b))-n {
		return nil, fmt.Errorf("damaged: a text of %d bytes at %d of %d", n, from, len(b))
	}
	return b[from : from+n], nil
}

// appendText appends a text: as a code as long as few differ, else one a row; of those, equal ones share memory while few have been seen.
func (r *arrowReader) appendText(b []byte) error {
	t, budget := &r.column.Strings, &r.file.budget
	if err := budget.spend(int64(len(b))); err != nil {
		return err
	}
	if t.coded() || t.Len() == 0 {
		if t.Len() == 0 {
			*t = Coded(nil, t.codes)
		}
		if r.codes == nil {
			r.codes = map[string]uint8{}
		}
		code, ok := r.codes[string(b)]
		if !ok {
			if err := budget.hold(int64(len(b))); err != nil {
				return err
			}
			text := string(b)
			if code, ok = t.code(text); ok {
				r.codes[text] = code
			}
		}
		if ok {
			t.codes = append(t.codes, code)
			return nil
		}
		if err := r.holdPlain(); err != nil {
			return err
		}
		t.plain(max(0, int(r.file.rows)-t.Len()))
	}
	text, ok := r.shared[string(b)]
	if !ok {
		if err := budget.hold(int64(len(b))); err != nil {
			return err
		}
		text = string(b)
		if r.shared == nil {
			r.shared = map[string]string{}
		}
		if len(r.shared) < 1<<12 {
			r.shared[text] = text
		}
	}
	t.values = append(t.values, text)
	return nil
}

// appendArrow appends values from..to of a vector of numbers, truth values, times or packed rows, zeros for those that do not exist. With an error it
// gives how many come before the value that is wrong.
func appendArrow(c *Column, s storage, v *arrowVector, from, to int, exist []byte) (at int, err error) {
	if from == to {
		return 0, nil
	}
	raw := v.buffers[1]
	if c.Type == Bool {
		if len(raw) < (to+7)/8 {
			return 0, fmt.Errorf("damaged: %d bytes for %d values", len(raw), to)
		}
	} else if err := v.holds(s.width, from, to); err != nil {
		return 0, err
	}
	switch c.Type.stored() {
	case Bool:
		return appendEach(&c.Bools, from, to, exist, func(i int) (bool, error) { return bit(raw, i), nil })
	case Int8:
		return appendEach(&c.Int8s, from, to, exist, func(i int) (int8, error) { return int8(raw[i]), nil })
	case Int64:
		return appendEach(&c.Int64s, from, to, exist, func(i int) (int64, error) { return s.arrowWhole(raw, i) })
	case Float64:
		return appendEach(&c.Float64s, from, to, exist, func(i int) (float64, error) { return s.arrowFraction(raw, i) })
	case Float32:
		return appendEach(&c.Float32s, from, to, exist, func(i int) (float32, error) {
			return math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:])), nil
		})
	}
	null := make([]byte, s.width)
	for i := from; i < to; i++ {
		row := raw[i*s.width : (i+1)*s.width]
		if !bit(exist, i) {
			row = null
		}
		if c.Type == Signs {
			c.Words = appendWords(c.Words, row)
		} else {
			c.Uint8s = append(c.Uint8s, row...)
		}
	}
	return 0, nil
}

// appendEach appends what get makes of values from..to, zeros for those that do not exist.
func appendEach[T any](values *[]T, from, to int, exist []byte, get func(i int) (T, error)) (at int, err error) {
	list := slices.Grow(*values, to-from)
	for i := from; i < to; i++ {
		var x T
		if bit(exist, i) {
			if x, err = get(i); err != nil {
				return i - from, err
			}
		}
		list = append(list, x)
	}
	*values = list
	return 0, nil
}

// arrowWhole gives a whole number, or a count of time in its unit.
func (s *storage) arrowWhole(raw []byte, i int) (int64, error) {
	x, err := s.count(raw, i)
	if err != nil {
		return 0, err
	}
	if s.unsigned && s.width == 8 {
		return signed(x)
	}
	if d := s.divisor; d > 1 {
		if x%d != 0 {
			return 0, fmt.Errorf("%d ms after 1970 are no whole day", x)
		}
		return x / d, nil
	}
	return s.scaled(x)
}

// arrowFraction gives a number, or what is cast to one.
func (s *storage) arrowFraction(raw []byte, i int) (float64, error) {
	b := raw[i*s.width : (i+1)*s.width]
	switch {
	case s.half:
		return float64(float16.FromLEBytes(b).Float32()), nil
	case s.decimal:
		b = slices.Clone(b)
		slices.Reverse(b)
		return decimalOf(signedBytes(b), s.scale)
	case s.whole:
		x, err := s.count(raw, i)
		if err != nil {
			return 0, err
		}
		return exactly(x, s.unsigned)
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
}

// count gives a whole number of any width as it is stored.
func (s *storage) count(raw []byte, i int) (int64, error) {
	switch s.width {
	case 1:
		if s.unsigned {
			return int64(raw[i]), nil
		}
		return int64(int8(raw[i])), nil
	case 2:
		u := binary.LittleEndian.Uint16(raw[2*i:])
		if s.unsigned {
			return int64(u), nil
		}
		return int64(int16(u)), nil
	case 4:
		u := binary.LittleEndian.Uint32(raw[4*i:])
		if s.unsigned {
			return int64(u), nil
		}
		return int64(int32(u)), nil
	case 8:
		return int64(binary.LittleEndian.Uint64(raw[8*i:])), nil
	}
	return 0, fmt.Errorf("damaged: a whole number of %d bytes", s.width)
}
