package frame

import (
	"encoding/binary"
	"fmt"
)

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

// holdPlain holds what texts take one a row.
func (r *arrowReader) holdPlain() error {
	r.plain = true
	return r.file.budget.holdRows(r.file.rows, 16)
}
