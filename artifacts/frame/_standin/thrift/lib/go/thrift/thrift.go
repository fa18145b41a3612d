// Package thrift stands in for Apache Thrift's Go library (v0.20.0), of which Arrow's Parquet packages use what is here:
// structures in the compact protocol, in memory. Thrift's own brings its HTTP server and client, TLS and package testing
// along, which take as long to compile as all of Arrow.
//
// Names and meanings are Thrift's, so that Arrow's generated code compiles unchanged, and what is written has the same bytes
// (https://github.com/apache/thrift/blob/v0.20.0/doc/specs/thrift-compact-protocol.md). What is read is trusted no further than the bytes that are
// there: no length makes room before its bytes are seen.
package thrift

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
)

// A TType is the type of a field or an element.
type TType byte

// The types, with Thrift's numbers.
const (
	STOP   TType = 0
	BOOL   TType = 2
	BYTE   TType = 3
	DOUBLE TType = 4
	I16    TType = 6
	I32    TType = 8
	I64    TType = 10
	STRING TType = 11
	STRUCT TType = 12
	MAP    TType = 13
	SET    TType = 14
	LIST   TType = 15
	UUID   TType = 16
)

// ZERO is named by generated code, so that its import is in use.
const ZERO = 0

// A TStruct reads and writes itself. Generated structures do.
type TStruct interface {
	Read(ctx context.Context, p TProtocol) error
	Write(ctx context.Context, p TProtocol) error
}

// A TProtocol is how structures become bytes: there is one.
type TProtocol = *TCompactProtocol

// TConfiguration is empty: sizes are bounded by what is there to be read.
type TConfiguration struct{}

// A TTransport is where bytes come from or go to.
type TTransport interface {
	io.ByteReader
	io.ByteWriter
	io.StringWriter
	io.ReadWriter
}

// A TMemoryBuffer holds bytes in memory.
type TMemoryBuffer struct{ *bytes.Buffer }

// NewTMemoryBufferLen gives an empty buffer. It grows as it is written, whatever the size: Arrow asks for a megabyte for
// footers of some hundred bytes.
func NewTMemoryBufferLen(int) *TMemoryBuffer { return &TMemoryBuffer{&bytes.Buffer{}} }

// RemainingBytes is the number of bytes not yet read.
func (b *TMemoryBuffer) RemainingBytes() uint64 { return uint64(b.Len()) }

// NewStreamTransportR reads from r, ahead.
func NewStreamTransportR(r io.Reader) TTransport { return bufio.NewReadWriter(bufio.NewReader(r), nil) }

// NewStreamTransportW writes to w what 4096 bytes of room do not hold. As with Thrift's own nobody flushes it, so the rest is
// never written; Arrow writes the metadata of column chunks like that once more behind their pages, and the bytes of
// its files depend on it.
func NewStreamTransportW(w io.Writer) TTransport { return bufio.NewReadWriter(nil, bufio.NewWriter(w)) }

// A TSerializer makes bytes of structures, one after another.
type TSerializer struct {
	Transport *TMemoryBuffer
	Protocol  TProtocol
}

// Write gives the structure's bytes.
func (s *TSerializer) Write(ctx context.Context, msg TStruct) ([]byte, error) {
	s.Transport.Reset()
	if err := msg.Write(ctx, s.Protocol); err != nil {
		return nil, err
	}
	return bytes.Clone(s.Transport.Bytes()), nil
}

// WriteString gives the structure's bytes as a string.
func (s *TSerializer) WriteString(ctx context.Context, msg TStruct) (string, error) {
	data, err := s.Write(ctx, msg)
	return string(data), err
}

// INVALID_DATA is why a structure is refused that lacks a field.
const INVALID_DATA = 1

// NewTProtocolExceptionWithType gives err: nobody asks for an exception's type.
func NewTProtocolExceptionWithType(_ int, err error) error { return err }

// PrependError says before an error what was being read or written.
func PrependError(prefix string, err error) error { return fmt.Errorf("%s%w", prefix, err) }

// BoolPtr gives a pointer to v.
func BoolPtr(v bool) *bool { return &v }

// Int32Ptr gives a pointer to v.
func Int32Ptr(v int32) *int32 { return &v }
