package frame

import (
	"io"

	"github.com/apache/arrow/go/v17/arrow"
	"github.com/apache/arrow/go/v17/arrow/array"
	"github.com/apache/arrow/go/v17/arrow/bitutil"
	"github.com/apache/arrow/go/v17/arrow/ipc"
	"github.com/apache/arrow/go/v17/arrow/memory"
)

// arrowWriter writes record batches in an Arrow IPC file or stream.
type arrowWriter struct {
	out    *sink
	schema *arrow.Schema
	w      interface {
		Write(arrow.Record) error
		Close() error
	}
}

func newArrowWriter(w io.Writer, fields []Field, o WriterOptions, mem memory.Allocator) (a *arrowWriter, err error) {
	defer guard("arrow", &err)
	if err := checkMeta(o.Meta); err != nil {
		return nil, err
	}
	a = &arrowWriter{out: &sink{w: w}, schema: arrowSchema(fields, o.Meta)}
	options := []ipc.Option{ipc.WithSchema(a.schema), ipc.WithAllocator(mem), ipc.WithCompressConcurrency(1)}
	switch o.Compression {
	case "zstd":
		options = append(options, ipc.WithZstd())
	case "lz4":
		options = append(options, ipc.WithLZ4())
	}
	if o.Format == ArrowStream {
		a.w = ipc.NewWriter(a.out, options...)
		return a, nil
	}
	a.w, err = ipc.NewFileWriter(a.out, options...)
	return a, err
}

func (a *arrowWriter) writeGroup(t *Table) (err error) {
	defer a.cause(&err)
	defer guard("arrow", &err)
	columns := make([]arrow.Array, len(t.Columns))
	for i := range t.Columns {
		columns[i] = arrowArray(&t.Columns[i], a.schema.Field(i).Type)
		defer columns[i].Release()
	}
	record := array.NewRecord(a.schema, columns, int64(t.Rows()))
	defer record.Release()
	return a.w.Write(record)
}

func (a *arrowWriter) close() (err error) {
	defer a.cause(&err)
	defer guard("arrow", &err)
	return a.w.Close()
}

// cause prefers the error of the underlying writer to what the library makes of it.
func (a *arrowWriter) cause(err *error) {
	if a.out.err != nil {
		*err = a.out.err
	}
}

// arrowArray gives the column as an array that shares its memory where the layouts agree.
func arrowArray(c *Column, dt arrow.DataType) arrow.Array {
	n := c.Len()
	buffers := []*memory.Buffer{nil}
	nulls := c.Nulls()
	if nulls > 0 {
		buffers[0] = memory.NewBufferBytes(bitmap(c.Valid))
	}
	var children []arrow.ArrayData
	switch c.Type {
	case Bool:
		buffers = append(buffers, memory.NewBufferBytes(bitmap(c.Bools)))
	case Int8:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int8Traits.CastToBytes(c.Int8s)))
	case Date:
		days := make([]int32, n)
		for i, v := range c.Int64s {
			days[i] = int32(v)
		}
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(days)))
	case Int64, Timestamp, TimestampUTC, TimestampNano, TimestampNanoUTC, TimeOfDay:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int64Traits.CastToBytes(c.Int64s)))
	case Float32:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Float32Traits.CastToBytes(c.Float32s)))
	case Float64:
		buffers = append(buffers, memory.NewBufferBytes(arrow.Float64Traits.CastToBytes(c.Float64s)))
	case String:
		offsets, text := []int32{0}, []byte(nil)
		for row := range n {
			text = append(text, c.Strings.At(row)...)
			offsets = append(offsets, int32(len(text)))
		}
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(offsets)), memory.NewBufferBytes(text))
	case Signs:
		buffers = append(buffers, memory.NewBufferBytes(c.storedSigns(nil, 0, n)))
	case Bytes:
		buffers = append(buffers, memory.NewBufferBytes(c.Uint8s))
	case Int8List, Float32List, Float64List:
		element := Column{Field: Field{Type: c.Type.stored()}, Int8s: c.Int8s, Float32s: c.Float32s, Float64s: c.Float64s}
		child := arrowArray(&element, arrowType(element.Field))
		defer child.Release()
		children = append(children, child.Data())
		buffers = append(buffers, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(c.Offsets)))
	}
	data := array.NewData(dt, n, buffers, children, nulls, 0)
	defer data.Release()
	return array.MakeFromData(data)
}

func bitmap(values []bool) []byte {
	bits := make([]byte, bitutil.BytesForBits(int64(len(values))))
	for i, v := range values {
		if v {
			bitutil.SetBit(bits, i)
		}
	}
	return bits
}
