package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// An arrowVector is a column of a batch: its buffers, unpacked, and its parts. The first buffer says which values exist.
type arrowVector struct {
	field   *arrowField
	rows    int64
	buffers [][]byte
	parts   []arrowVector
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
