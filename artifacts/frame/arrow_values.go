package frame

import (
	"encoding/binary"
	"fmt"
	"slices"
)

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
