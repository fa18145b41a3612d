package frame

import (
	"bytes"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/apache/arrow/go/v17/parquet/file"
)

// Encode gives the table as a Parquet file. Equal tables (see Equal) give equal bytes, on every
// machine and with every number of workers. The table is checked first (Check with nil fields).
func Encode(t *Table) ([]byte, error) {
	var buf bytes.Buffer
	if n := t.incompressible(); n > 0 {
		buf.Grow(n) // else it is copied, twice as large each time
	}
	w, err := NewWriter(&buf, t.Fields(), WriterOptions{Format: Parquet, Meta: t.Meta})
	if err != nil {
		return nil, err
	}
	if err := w.Write(t); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return buf.Bytes(), nil
}

// parquetWriter writes row groups column by column with Arrow's low-level writer, in the calling
// goroutine, from the columns' own slices.
type parquetWriter struct {
	out  *sink
	file *file.Writer
	scratch
}

// scratch holds what one batch of a column needs; it is used again for the next.
type scratch struct {
	def, rep []int16
	bools    []bool
	int32s   []int32
	int64s   []int64
	float32s []float32
	float64s []float64
	bytes    []parquet.ByteArray
	packed   []byte
	fixed    []parquet.FixedLenByteArray
}

func newParquetWriter(w io.Writer, fields []Field, meta map[string]string, compression string, mem memory.Allocator) (p *parquetWriter, err error) {
	p = &parquetWriter{out: &sink{w: w}}
	defer p.cause(&err)
	defer guard("parquet", &err)
	root, err := parquetSchema(fields)
	if err != nil {
		return nil, err
	}
	kv, err := fileMetadata(fields, meta)
	if err != nil {
		return nil, err
	}
	codec := map[string]compress.Compression{
		"zstd": compress.Codecs.Zstd, "snappy": compress.Codecs.Snappy,
		"gzip": compress.Codecs.Gzip, "none": compress.Codecs.Uncompressed,
	}[compression]
	p.file = file.NewParquetWriter(p.out, root,
		file.WithWriterProps(writerProperties(fields, codec, mem)), file.WithWriteMetadata(kv))
	return p, nil
}

// cause prefers the error of the underlying writer to what the library makes of it, or keeps for
// itself.
func (p *parquetWriter) cause(err *error) {
	if p.out.err != nil {
		*err = p.out.err
	}
}

// writeGroup writes the table, which has rows, as one row group.
func (p *parquetWriter) writeGroup(t *Table) (err error) {
	defer p.cause(&err)
	defer guard("parquet", &err)
	group := p.file.AppendRowGroup()
	for i := range t.Columns {
		cw, err := group.NextColumn()
		if err != nil {
			return err
		}
		if err := p.writeColumn(cw, &t.Columns[i]); err != nil {
			return fmt.Errorf("column %s: %w", t.Columns[i].Name, err)
		}
	}
	return group.Close()
}

// close writes the footer. Arrow's Close would drop the error of the write.
func (p *parquetWriter) close() (err error) {
	defer p.cause(&err)
	defer guard("parquet", &err)
	return p.file.FlushWithFooter()
}

// rowsPerBatch is a multiple of batchLevels, so that pages are cut as if a column were written at once.
const rowsPerBatch = 16 * batchLevels

func (p *parquetWriter) writeColumn(cw file.ColumnChunkWriter, c *Column) error {
	if c.Type.hasOffsets() {
		return p.writeLists(cw, c)
	}
	rows := c.Len()
	for from := 0; from < rows; from += rowsPerBatch {
		if err := p.writeBatch(cw, c, from, min(from+rowsPerBatch, rows)); err != nil {
			return err
		}
	}
	return nil
}

// writeBatch writes rows from..to of a column that holds no lists: the definition levels (1 for a
// value, 0 for a null) of a nullable column, and the values that exist.
func (p *parquetWriter) writeBatch(cw file.ColumnChunkWriter, c *Column, from, to int) error {
	var def, rep []int16
	if c.Nullable {
		p.def = p.def[:0]
		for i := from; i < to; i++ {
			level := int16(1)
			if c.Null(i) {
				level = 0
			}
			p.def = append(p.def, level)
		}
		def = p.def
	}
	var err error
	switch cw := cw.(type) {
	case *file.BooleanColumnChunkWriter:
		_, err = cw.WriteBatch(dense(&p.bools, c, c.Bools, from, to), def, rep)
	case *file.Int32ColumnChunkWriter:
		if c.Type == Date {
			_, err = cw.WriteBatch(toInt32s(&p.int32s, c, c.Int64s, from, to), def, rep)
		} else {
			_, err = cw.WriteBatch(toInt32s(&p.int32s, c, c.Int8s, from, to), def, rep)
		}
	case *file.Int64ColumnChunkWriter:
		_, err = cw.WriteBatch(dense(&p.int64s, c, c.Int64s, from, to), def, rep)
	case *file.Float32ColumnChunkWriter:
		_, err = cw.WriteBatch(dense(&p.float32s, c, c.Float32s, from, to), def, rep)
	case *file.Float64ColumnChunkWriter:
		_, err = cw.WriteBatch(dense(&p.float64s, c, c.Float64s, from, to), def, rep)
	case *file.ByteArrayColumnChunkWriter:
		p.bytes = p.bytes[:0]
		for i := from; i < to; i++ {
			if !c.Null(i) {
				p.bytes = append(p.bytes, parquet.ByteArray(c.Strings[i]))
			}
		}
		_, err = cw.WriteBatch(p.bytes, def, rep)
	case *file.FixedLenByteArrayColumnChunkWriter:
		_, err = cw.WriteBatch(p.signs(c, from, to), def, rep)
	}
	return err
}

// dense gives the values of rows from..to that exist: a part of values if all do, else a copy in
// the scratch space.
func dense[T any](space *[]T, c *Column, values []T, from, to int) []T {
	if c.Valid == nil {
		return values[from:to]
	}
	out := (*space)[:0]
	for i := from; i < to; i++ {
		if c.Valid[i] {
			out = append(out, values[i])
		}
	}
	*space = out
	return out
}

// toInt32s is dense for int8 values and dates, which Parquet stores as int32.
func toInt32s[T int8 | int64](space *[]int32, c *Column, values []T, from, to int) []int32 {
	out := (*space)[:0]
	for i := from; i < to; i++ {
		if !c.Null(i) {
			out = append(out, int32(values[i]))
		}
	}
	*space = out
	return out
}

// writeLists writes a list column in batches of levels. With base 1 for a nullable column and 0
// for others, the definition level is base+1 for an element, base for an empty list, 0 for a null;
// the repetition level is 0 where a row begins and 1 for the further elements.
func (p *parquetWriter) writeLists(cw file.ColumnChunkWriter, c *Column) error {
	base := int16(0)
	if c.Nullable {
		base = 1
	}
	rows := c.Len()
	first := 0 // the first element of the batch
	p.def, p.rep = p.def[:0], p.rep[:0]
	for row := range rows {
		from, to := int(c.Offsets[row]), int(c.Offsets[row+1])
		if from == to {
			level := base
			if c.Null(row) {
				level = 0
			}
			p.def, p.rep = append(p.def, level), append(p.rep, 0)
		}
		for e := from; e < to; e++ {
			level := int16(1)
			if e == from {
				level = 0
			}
			p.def, p.rep = append(p.def, base+1), append(p.rep, level)
		}
		if len(p.def) >= rowsPerBatch || row == rows-1 {
			if err := p.writeElements(cw, c, first, to); err != nil {
				return err
			}
			first = to
			p.def, p.rep = p.def[:0], p.rep[:0]
		}
	}
	return nil
}

func (p *parquetWriter) writeElements(cw file.ColumnChunkWriter, c *Column, from, to int) error {
	var err error
	switch cw := cw.(type) {
	case *file.Int32ColumnChunkWriter:
		p.int32s = p.int32s[:0]
		for _, v := range c.Int8s[from:to] {
			p.int32s = append(p.int32s, int32(v))
		}
		_, err = cw.WriteBatch(p.int32s, p.def, p.rep)
	case *file.Float32ColumnChunkWriter:
		_, err = cw.WriteBatch(c.Float32s[from:to], p.def, p.rep)
	case *file.Float64ColumnChunkWriter:
		_, err = cw.WriteBatch(c.Float64s[from:to], p.def, p.rep)
	}
	return err
}
