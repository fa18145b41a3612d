package thrift

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// A TCompactProtocolFactory makes protocols.
type TCompactProtocolFactory struct{}

// NewTCompactProtocolFactoryConf gives a factory; there is nothing to configure.
func NewTCompactProtocolFactoryConf(*TConfiguration) *TCompactProtocolFactory {
	return &TCompactProtocolFactory{}
}

// GetProtocol gives a protocol that reads from t, or writes to it.
func (*TCompactProtocolFactory) GetProtocol(t TTransport) TProtocol { return &TCompactProtocol{t: t} }

// A TCompactProtocol reads and writes Thrift's compact protocol. Its methods are called in the order in which a structure's
// parts stand; those whose part has no bytes do nothing.
type TCompactProtocol struct {
	t     TTransport
	last  int16   // the last field of the structure at hand
	outer []int16 // those of the structures round it
	waits int16   // the Boolean field that was begun and is written with its value, or 0
	value byte    // of the Boolean field that was begun and read with its value, or 0
	room  [10]byte
}

// The compact protocol's numbers of types.
const (
	compactTrue   = 1
	compactFalse  = 2
	compactByte   = 3
	compactI16    = 4
	compactI32    = 5
	compactI64    = 6
	compactDouble = 7
	compactBinary = 8
	compactList   = 9
	compactSet    = 10
	compactMap    = 11
	compactStruct = 12
	compactUUID   = 13
)

var (
	toCompact = [...]byte{BOOL: compactTrue, BYTE: compactByte, DOUBLE: compactDouble, I16: compactI16, I32: compactI32, I64: compactI64,
		STRING: compactBinary, STRUCT: compactStruct, MAP: compactMap, SET: compactSet, LIST: compactList, UUID: compactUUID}
	fromCompact = [...]TType{compactTrue: BOOL, compactFalse: BOOL, compactByte: BYTE, compactI16: I16, compactI32: I32, compactI64: I64,
		compactDouble: DOUBLE, compactBinary: STRING, compactList: LIST, compactSet: SET, compactMap: MAP, compactStruct: STRUCT, compactUUID: UUID}
)

var (
	errSize  = errors.New("a size of more than 100 MiB")
	errDepth = errors.New("values within values, more than 64 deep")
	errEnd   = errors.New("the end of a structure without its beginning")
)

// What is larger or deeper is refused, as by Thrift.
const (
	mostBytes = 100 << 20
	mostDepth = 64
)

// WriteStructBegin begins a structure.
func (p *TCompactProtocol) WriteStructBegin(context.Context, string) error {
	p.enter()
	return nil
}

// WriteStructEnd ends the structure.
func (p *TCompactProtocol) WriteStructEnd(context.Context) error { return p.leave() }

// WriteFieldBegin begins a field. A Boolean's waits for the value.
func (p *TCompactProtocol) WriteFieldBegin(_ context.Context, _ string, t TType, id int16) error {
	if t == BOOL {
		p.waits = id
		return nil
	}
	return p.field(toCompact[t], id)
}

func (p *TCompactProtocol) field(compact byte, id int16) error {
	step := int(id) - int(p.last)
	p.last = id
	if step > 0 && step <= 15 {
		return p.t.WriteByte(byte(step)<<4 | compact)
	}
	if err := p.t.WriteByte(compact); err != nil {
		return err
	}
	return p.signed(int64(id))
}

// WriteFieldEnd ends the field.
func (p *TCompactProtocol) WriteFieldEnd(context.Context) error { return nil }

// WriteFieldStop says that the structure has no more fields.
func (p *TCompactProtocol) WriteFieldStop(context.Context) error { return p.t.WriteByte(byte(STOP)) }

// WriteListBegin begins a list of size elements.
func (p *TCompactProtocol) WriteListBegin(_ context.Context, element TType, size int) error {
	if size <= 14 {
		return p.t.WriteByte(byte(size)<<4 | toCompact[element])
	}
	if err := p.t.WriteByte(0xf0 | toCompact[element]); err != nil {
		return err
	}
	return p.unsigned(uint64(size))
}

// WriteListEnd ends the list.
func (p *TCompactProtocol) WriteListEnd(context.Context) error { return nil }

// WriteBool writes a Boolean: with its field, or as an element.
func (p *TCompactProtocol) WriteBool(_ context.Context, v bool) error {
	compact, id := byte(compactFalse), p.waits
	if v {
		compact = compactTrue
	}
	if p.waits = 0; id != 0 {
		return p.field(compact, id)
	}
	return p.t.WriteByte(compact)
}

// WriteByte writes a number of 8 bits.
func (p *TCompactProtocol) WriteByte(_ context.Context, v int8) error { return p.t.WriteByte(byte(v)) }

// WriteI16 writes a number of 16 bits.
func (p *TCompactProtocol) WriteI16(_ context.Context, v int16) error { return p.signed(int64(v)) }

// WriteI32 writes a number of 32 bits.
func (p *TCompactProtocol) WriteI32(_ context.Context, v int32) error { return p.signed(int64(v)) }

// WriteI64 writes a number of 64 bits.
func (p *TCompactProtocol) WriteI64(_ context.Context, v int64) error { return p.signed(v) }

// WriteString writes a text.
func (p *TCompactProtocol) WriteString(_ context.Context, v string) error {
	if err := p.unsigned(uint64(len(v))); err != nil || v == "" {
		return err
	}
	_, err := p.t.WriteString(v)
	return err
}

// WriteBinary writes bytes.
func (p *TCompactProtocol) WriteBinary(_ context.Context, v []byte) error {
	if err := p.unsigned(uint64(len(v))); err != nil || len(v) == 0 {
		return err
	}
	_, err := p.t.Write(v)
	return err
}

func (p *TCompactProtocol) signed(v int64) error { return p.unsigned(uint64(v<<1) ^ uint64(v>>63)) }

func (p *TCompactProtocol) unsigned(v uint64) error {
	_, err := p.t.Write(binary.AppendUvarint(p.room[:0], v))
	return err
}

// ReadStructBegin begins a structure.
func (p *TCompactProtocol) ReadStructBegin(context.Context) (name string, err error) {
	p.enter()
	return "", nil
}

// ReadStructEnd ends the structure.
func (p *TCompactProtocol) ReadStructEnd(context.Context) error { return p.leave() }

// ReadFieldBegin gives the type and number of the next field; its type is STOP after the last.
func (p *TCompactProtocol) ReadFieldBegin(context.Context) (name string, t TType, id int16, err error) {
	head, err := p.t.ReadByte()
	if err != nil || head&0x0f == byte(STOP) {
		return "", STOP, 0, err
	}
	id = p.last + int16(head>>4)
	if head>>4 == 0 {
		var v int64
		if v, err = p.readSigned(); err != nil {
			return "", STOP, 0, err
		}
		id = int16(v)
	}
	if t, err = typeOf(head & 0x0f); err != nil {
		return "", STOP, 0, err
	}
	if t == BOOL {
		p.value = head & 0x0f
	}
	p.last = id
	return "", t, id, nil
}

// ReadFieldEnd ends the field.
func (p *TCompactProtocol) ReadFieldEnd(context.Context) error { return nil }

// ReadListBegin gives the type and number of a list's elements. Each has at least a byte, so a number of more than there are bytes
// is refused before anyone makes room for it.
func (p *TCompactProtocol) ReadListBegin(context.Context) (element TType, size int, err error) {
	head, err := p.t.ReadByte()
	if err != nil {
		return STOP, 0, err
	}
	size = int(head >> 4)
	if size == 15 {
		if size, err = p.size(); err != nil {
			return STOP, 0, err
		}
	}
	if memory, ok := p.t.(*TMemoryBuffer); ok && size > memory.Len() {
		return STOP, 0, fmt.Errorf("a list of %d elements in %d bytes", size, memory.Len())
	}
	element, err = typeOf(head & 0x0f)
	return element, size, err
}

// ReadListEnd ends the list.
func (p *TCompactProtocol) ReadListEnd(context.Context) error { return nil }

// ReadBool reads a Boolean: that of the field at hand, or an element.
func (p *TCompactProtocol) ReadBool(context.Context) (bool, error) {
	v := p.value
	if p.value = 0; v != 0 {
		return v == compactTrue, nil
	}
	v, err := p.t.ReadByte()
	return v == compactTrue, err
}

// ReadByte reads a number of 8 bits.
func (p *TCompactProtocol) ReadByte(context.Context) (int8, error) {
	v, err := p.t.ReadByte()
	return int8(v), err
}

// ReadI16 reads a number of 16 bits.
func (p *TCompactProtocol) ReadI16(context.Context) (int16, error) {
	v, err := p.readSigned()
	return int16(v), err
}

// ReadI32 reads a number of 32 bits.
func (p *TCompactProtocol) ReadI32(context.Context) (int32, error) {
	v, err := p.readSigned()
	return int32(v), err
}

// ReadI64 reads a number of 64 bits.
func (p *TCompactProtocol) ReadI64(context.Context) (int64, error) { return p.readSigned() }

// ReadString reads a text.
func (p *TCompactProtocol) ReadString(context.Context) (string, error) {
	data, err := p.bytes()
	return string(data), err
}

// ReadBinary reads bytes: a slice of its own, not nil.
func (p *TCompactProtocol) ReadBinary(context.Context) ([]byte, error) {
	data, err := p.bytes()
	return append([]byte{}, data...), err
}

// bytes gives the bytes behind their number. They are good until the next read.
func (p *TCompactProtocol) bytes() ([]byte, error) {
	n, err := p.size()
	if err != nil {
		return nil, err
	}
	if memory, ok := p.t.(*TMemoryBuffer); ok {
		if n > memory.Len() {
			return nil, io.ErrUnexpectedEOF
		}
		return memory.Next(n), nil
	}
	var data bytes.Buffer // which grows with what comes
	_, err = io.CopyN(&data, p.t, int64(n))
	return data.Bytes(), err
}

func (p *TCompactProtocol) size() (int, error) {
	v, err := binary.ReadUvarint(p.t)
	if err == nil && v > mostBytes {
		err = errSize
	}
	return int(v), err
}

func (p *TCompactProtocol) readSigned() (int64, error) {
	v, err := binary.ReadUvarint(p.t)
	return int64(v>>1) ^ -int64(v&1), err
}

// Skip reads a value of the type and forgets it.
func (p *TCompactProtocol) Skip(ctx context.Context, t TType) error { return p.skip(ctx, t, mostDepth) }

func (p *TCompactProtocol) skip(ctx context.Context, t TType, depth int) error {
	if depth == 0 {
		return errDepth
	}
	var err error
	switch t {
	case BOOL:
		_, err = p.ReadBool(ctx)
	case BYTE:
		_, err = p.t.ReadByte()
	case I16, I32, I64:
		_, err = p.readSigned()
	case DOUBLE:
		err = p.drop(8)
	case UUID:
		err = p.drop(16)
	case STRING:
		var n int
		if n, err = p.size(); err == nil {
			err = p.drop(n)
		}
	case LIST, SET:
		var element TType
		var size int
		if element, size, err = p.ReadListBegin(ctx); err != nil {
			return err
		}
		return p.skipAll(ctx, size, depth-1, element)
	case MAP:
		size, err := p.size()
		if err != nil || size == 0 {
			return err
		}
		types, err := p.t.ReadByte()
		if err != nil {
			return err
		}
		key, err := typeOf(types >> 4)
		if err != nil {
			return err
		}
		value, err := typeOf(types & 0x0f)
		if err != nil {
			return err
		}
		return p.skipAll(ctx, size, depth-1, key, value)
	case STRUCT:
		p.enter()
		for {
			_, field, _, err := p.ReadFieldBegin(ctx)
			if err != nil {
				return err
			}
			if field == STOP {
				return p.leave()
			}
			if err := p.skip(ctx, field, depth-1); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("no value is of type %d", t)
	}
	return err
}

func (p *TCompactProtocol) skipAll(ctx context.Context, n, depth int, types ...TType) error {
	for range n {
		for _, t := range types {
			if err := p.skip(ctx, t, depth); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *TCompactProtocol) drop(n int) error {
	_, err := io.CopyN(io.Discard, p.t, int64(n))
	return err
}

func typeOf(compact byte) (TType, error) {
	if compact == 0 || int(compact) >= len(fromCompact) {
		return STOP, fmt.Errorf("no type has the number %d", compact)
	}
	return fromCompact[compact], nil
}

func (p *TCompactProtocol) enter() {
	p.outer = append(p.outer, p.last)
	p.last = 0
}

func (p *TCompactProtocol) leave() error {
	if len(p.outer) == 0 {
		return errEnd
	}
	p.last = p.outer[len(p.outer)-1]
	p.outer = p.outer[:len(p.outer)-1]
	return nil
}
