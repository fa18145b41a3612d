package frame

import (
	"fmt"
	"io"
	"math/bits"
	"slices"
	"sync"

	"github.com/apache/arrow/go/v17/parquet/compress"

	"spurion/artifacts/frame/pages"
)

// Encode gives the table as a Parquet file. Equal tables (see Equal) give equal bytes, on every
// machine and with every number of workers. The table is checked first (Check with nil fields).
func Encode(t *Table) ([]byte, error) {
	size := t.Bytes()
	if size <= smallTable {
		file := smallFiles.Get().(*fileBytes)
		file.bytes = file.bytes[:0]
		defer smallFiles.Put(file)
		data, err := file.encode(t)
		return slices.Clone(data), err // which is as large as it need be: many wait to be stored together
	}
	var file fileBytes
	file.reserve(t.incompressible())
	if size > groupBytes {
		file.reserve(groupBytes + groupBytes/32) // until the first row group tells the size of all
	}
	data, err := file.encode(t)
	if cap(data) > 2*len(data) {
		return slices.Clone(data), err
	}
	return data, err
}

// smallTable bounds the tables whose files are made in memory that is used again.
const smallTable = 1 << 16

var smallFiles = sync.Pool{New: func() any { return new(fileBytes) }}

// encode appends the table's file, and gives all that there is, nothing with an error.
func (f *fileBytes) encode(t *Table) ([]byte, error) {
	w, err := NewWriter(f, t.Fields(), WriterOptions{Format: Parquet, Meta: t.Meta})
	if err != nil {
		return nil, err
	}
	w.flushed = func(groups int, rows int64) { f.foresee(groups, rows, int64(t.Rows())) }
	if err := w.Write(t); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return f.bytes, nil
}

// fileBytes is a file in memory. A large one is not copied time and again while it grows.
type fileBytes struct{ bytes []byte }

func (f *fileBytes) Write(p []byte) (int, error) {
	if len(p) > cap(f.bytes)-len(f.bytes) {
		more := len(f.bytes)
		if more >= groupBytes { // beyond what was foreseen
			more /= 4
		}
		f.reserve(len(p) + more)
	}
	f.bytes = append(f.bytes, p...)
	return len(p), nil
}

// reserve makes room for so many bytes more.
func (f *fileBytes) reserve(n int) {
	if n > cap(f.bytes)-len(f.bytes) {
		f.bytes = append(make([]byte, 0, len(f.bytes)+n), f.bytes...)
	}
}

// foresee makes room for all rows, of which some have been written in so many groups, if the rest takes as much; a few times at most, since the
// file is copied.
func (f *fileBytes) foresee(groups int, rows, all int64) {
	const spare = 1 << 16 // the footer and what is uneven
	if left := all - rows; left > 0 && bits.OnesCount(uint(groups)) == 1 {
		if n := int(float64(len(f.bytes)) / float64(rows) * float64(left)); n > cap(f.bytes)-len(f.bytes) {
			f.reserve(n + n/32 + spare)
		}
	}
}

// parquetWriter writes row groups column by column, in the calling goroutine, from the columns' own slices. Package pages lays out
// the file; what stands in its pages is made here. The bytes are those that Arrow's writer gives with the properties of the tests, since
// they are in the keys of all stores.
type parquetWriter struct {
	schema  *writtenSchema
	columns []pages.Column
	*parquetBuffers
}

// parquetBuffers are what the writing of a file takes and that of the next can use again.
type parquetBuffers struct {
	out pages.Writer
	chunkEncoder
}

var parquetBuffersPool = sync.Pool{New: func() any { return new(parquetBuffers) }}

// codecs gives what the names of WriterOptions.Compression stand for.
var codecs = map[string]compress.Compression{
	"zstd": compress.Codecs.Zstd, "snappy": compress.Codecs.Snappy,
	"gzip": compress.Codecs.Gzip, "none": compress.Codecs.Uncompressed,
}

func newParquetWriter(w io.Writer, fields []Field, meta map[string]string, compression string) (*parquetWriter, error) {
	schema, err := writtenSchemaOf(fields, meta)
	if err != nil {
		return nil, err
	}
	p := &parquetWriter{schema: schema, columns: make([]pages.Column, len(fields))}
	for i, f := range fields {
		if p.columns[i], err = parquetColumn(f, schema.leaves[i], codecs[compression]); err != nil {
			return nil, err
		}
	}
	p.parquetBuffers = parquetBuffersPool.Get().(*parquetBuffers)
	return p, p.out.Begin(w)
}

// parquetColumn says how the chunks of a column are written.
func parquetColumn(f Field, l writtenLeaf, codec compress.Compression) (pages.Column, error) {
	out := pages.Column{Type: l.physical, Path: l.path, Signed: l.signed, Dictionary: isDictionary(f.Type)}
	if f.Type == Signs { // drawn bits: no bytes are rarer than others
		return out, nil
	}
	out.Codec = pages.Codec(codec)
	switch codec {
	case compress.Codecs.Uncompressed:
		return out, nil
	case compress.Codecs.Zstd:
		out.Compress = zstdOf(f.Type).compress
		return out, nil
	}
	c, err := compress.GetCodec(codec)
	out.Compress = func(dst, src []byte) []byte { return c.EncodeLevel(dst, src, compress.DefaultCompressionLevel) }
	return out, err
}

// writeGroup writes the table, which has rows, as one row group.
func (p *parquetWriter) writeGroup(t *Table) (err error) {
	defer guard("parquet", &err) // codecs panic
	for i := range t.Columns {
		p.begin(&t.Columns[i], p.out.Chunk(&p.columns[i]))
		if err := p.writeColumn(); err != nil {
			return fmt.Errorf("column %s: %w", t.Columns[i].Name, err)
		}
	}
	p.out.EndGroup(int64(t.Rows()))
	return nil
}

// close writes the footer.
func (p *parquetWriter) close() error {
	err := p.out.End(p.schema.elements, len(p.columns), p.schema.meta, createdBy)
	p.forget()
	parquetBuffersPool.Put(p.parquetBuffers)
	p.parquetBuffers = nil
	return err
}

// rowsPerBlock is a multiple of batchLevels. Pages are cut between batches of so many levels, which are counted from the beginning of a
// block; a block of lists ends with the row that makes it so long.
const rowsPerBlock = 16 * batchLevels

func (e *chunkEncoder) writeColumn() error {
	if e.column.Type.hasOffsets() {
		return e.writeLists()
	}
	rows, batch := e.column.Len(), e.column.batchRows()
	for from := 0; from < rows; from += batch {
		to := min(from+batch, rows)
		if e.column.Nullable {
			for i := from; i < to; i++ {
				level := uint8(1)
				if e.column.Null(i) {
					level = 0
				}
				e.def = append(e.def, level)
			}
		}
		e.levels += to - from
		e.append(from, to)
		if err := e.cut(); err != nil {
			return err
		}
	}
	return e.end()
}

// writeLists writes a list column. With base 1 for a nullable column and 0 for others, the definition level is base+1 for an element, base
// for an empty list, 0 for a null; the repetition level is 0 where a row begins and 1 for the further elements.
func (e *chunkEncoder) writeLists() error {
	c := e.column
	base := uint8(0)
	if c.Nullable {
		base = 1
	}
	block, batch := 0, 0 // levels of the block, and of the batch
	first := 0           // the first element of the batch
	step := func(element int) error {
		e.append(first, element)
		first, batch = element, 0
		return e.cut()
	}
	for row := range c.Len() {
		from, to := int(c.Offsets[row]), int(c.Offsets[row+1])
		for i := from; i < max(to, from+1); i++ {
			def, rep := base+1, uint8(1)
			if i == from {
				rep = 0
			}
			next := i + 1
			if from == to {
				def, next = base, from
				if c.Null(row) {
					def = 0
				}
			}
			e.def, e.rep = append(e.def, def), append(e.rep, rep)
			e.levels++
			block++
			if batch++; batch == batchLevels {
				if err := step(next); err != nil {
					return err
				}
			}
		}
		if block >= rowsPerBlock {
			if batch > 0 {
				if err := step(to); err != nil {
					return err
				}
			}
			block = 0
		}
	}
	if batch > 0 {
		if err := step(int(c.Offsets[c.Len()])); err != nil {
			return err
		}
	}
	return e.end()
}
