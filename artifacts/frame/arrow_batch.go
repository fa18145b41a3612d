package frame

import (
	"encoding/binary"
	"errors"
	"fmt"

	"spurion/artifacts/frame/pages"
)

// An arrowBatch is columns of as many rows each: nodes say how long they and their parts are, buffers where their bytes lie in the body.
type arrowBatch struct {
	rows           int64
	nodes, buffers []byte // structs of two int64
	views          []byte // of each column of views, how many buffers its texts lie in; int64
	packed         bool
	codec          pages.Codec
	body           []byte
}

// An arrowPlace is where a column begins among a batch's nodes, buffers and views.
type arrowPlace struct{ node, buffer, view int32 }

// arrowBatch makes sense of a table RecordBatch.
func (b flat) arrowBatch(at int, body []byte) (arrowBatch, error) {
	r := arrowBatch{rows: b.number(at, 0, 8, 0), nodes: b.structs(at, 1, 16), buffers: b.structs(at, 2, 16), views: b.structs(at, 4, 8), body: body}
	if at < 0 || r.rows < 0 || r.rows > maxRows {
		return r, fmt.Errorf("damaged: a batch of %d rows", r.rows)
	}
	if compression := b.table(at, 3); compression >= 0 {
		switch codec := b.byte(compression, 0); codec {
		case 0:
			r.codec = pages.LZ4Frame
		case 1:
			r.codec = pages.Zstd
		default:
			return r, fmt.Errorf("it is compressed with codec %d, which is not known", codec)
		}
		r.packed = true
	}
	return r, nil
}

// starts gives where each column begins.
func (r *arrowBatch) starts(fields []arrowField) ([]arrowPlace, error) {
	list := make([]arrowPlace, 0, len(fields))
	var at arrowPlace
	for i := range fields {
		list = append(list, at)
		if err := r.skip(&fields[i], &at); err != nil {
			return nil, err
		}
	}
	if 16*int(at.node) != len(r.nodes) || 16*int(at.buffer) != len(r.buffers) {
		return nil, fmt.Errorf("damaged: a batch of %d columns and parts, where the schema has %d", len(r.nodes)/16, at.node)
	}
	return list, nil
}

// skip moves behind a column and its parts.
func (r *arrowBatch) skip(f *arrowField, at *arrowPlace) error {
	buffers := f.buffers()
	if f.isView() {
		n, err := r.texts(at)
		if err != nil {
			return err
		}
		buffers += n
	}
	at.node++
	at.buffer += int32(buffers)
	if int(at.node) > len(r.nodes)/16 || int(at.buffer) > len(r.buffers)/16 {
		return fmt.Errorf("damaged: a batch of %d columns and parts with %d buffers, which are too few", len(r.nodes)/16, len(r.buffers)/16)
	}
	for i := range f.parts() {
		if err := r.skip(&f.children[i], at); err != nil {
			return err
		}
	}
	return nil
}

// texts gives how many buffers hold the texts of a column of views.
func (r *arrowBatch) texts(at *arrowPlace) (int, error) {
	i := 8 * int(at.view)
	if i+8 > len(r.views) {
		return 0, errors.New("damaged: a column of views without a number of buffers")
	}
	n := int64(binary.LittleEndian.Uint64(r.views[i:]))
	if n < 0 || n > int64(len(r.buffers)/16) {
		return 0, fmt.Errorf("damaged: views into %d buffers", n)
	}
	at.view++
	return int(n), nil
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
