package frame

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"github.com/apache/arrow/go/v17/arrow/memory"
)

// A Format is a file format that a Writer writes.
type Format string

// The formats.
const (
	Parquet     Format = "parquet"
	ArrowFile   Format = "arrow"  // Arrow IPC file (Feather V2)
	ArrowStream Format = "arrows" // Arrow IPC stream
	CSV         Format = "csv"    // RFC 4180 with a header; LF line ends, nulls empty, lists as JSON text
	TSV         Format = "tsv"    // the same with tabs between cells
	JSON        Format = "json"   // one array of objects, nulls as null
	JSONLines   Format = "jsonl"  // one object a line, nulls as null
)

// A Writer writes tables with the same fields one after the other as one file. What it holds in
// memory is bounded: one row group (131,072 rows, or 32 MiB of values). The bytes depend on the
// rows, not on how they were divided into tables. A Writer is not safe for concurrent use.
type Writer struct {
	fields  []Field
	groups  groupWriter
	pending []*Table
	merged  int // of the pending tables: the first ones, which are made of many small ones
	rows    int // of the pending tables
	bytes   int64
	total   int64
	closed  bool
	err     error
	// flushed, if it is not nil, is told how many row groups and rows are in the file, after each.
	flushed func(groups int, rows int64)
	inFile  struct {
		groups int
		rows   int64
	}
}

// A groupWriter writes tables that are cut into row groups.
type groupWriter interface {
	writeGroup(*Table) error
	close() error
}

// WriterOptions say how a Writer writes.
type WriterOptions struct {
	Format Format
	// Compression: "" stands for the format's default (zstd for Parquet, none for others), "none"
	// for none; Compressions gives what a format takes.
	Compression string
	Meta        map[string]string // Parquet and Arrow: the file's metadata
	// Guard, of CSV and TSV, puts ' before a text that a spreadsheet would take for a formula.
	Guard bool
}

// compressions gives what each format can be compressed with, the default first.
var compressions = map[Format][]string{
	Parquet:     {"zstd", "none", "snappy", "gzip"},
	ArrowFile:   {"none", "zstd", "lz4"},
	ArrowStream: {"none", "zstd", "lz4"},
	CSV:         {"none", "gzip", "zstd"},
	TSV:         {"none", "gzip", "zstd"},
	JSON:        {"none", "gzip", "zstd"},
	JSONLines:   {"none", "gzip", "zstd"},
}

// IsText reports whether the format is text, which carries no metadata.
func (f Format) IsText() bool { return f == CSV || f == TSV || f == JSON || f == JSONLines }

// Formats gives the names of all formats, sorted.
func Formats() []Format { return slices.Sorted(maps.Keys(compressions)) }

// Compressions gives what the format can be compressed with, its default first; nil for no format.
func (f Format) Compressions() []string { return slices.Clone(compressions[f]) }

// NewWriter starts a file with the fields on w. The fields are checked as Table.Check does.
func NewWriter(w io.Writer, fields []Field, o WriterOptions) (*Writer, error) {
	return newWriter(w, fields, o, memory.DefaultAllocator)
}

func newWriter(w io.Writer, fields []Field, o WriterOptions, mem memory.Allocator) (*Writer, error) {
	known := compressions[o.Format]
	if known == nil {
		return nil, fmt.Errorf("frame: there is no format %q; there are %q", o.Format, Formats())
	}
	if o.Compression == "" {
		o.Compression = known[0]
	}
	if !slices.Contains(known, o.Compression) {
		return nil, fmt.Errorf("frame: %s cannot be compressed with %q; there are %q", o.Format, o.Compression, known)
	}
	if err := emptyTable(fields).Check(nil); err != nil {
		return nil, fmt.Errorf("frame: %w", err)
	}
	out := &Writer{fields: slices.Clone(fields)}
	var err error
	switch o.Format {
	case Parquet:
		out.groups, err = newParquetWriter(w, fields, o.Meta, o.Compression)
	case ArrowFile, ArrowStream:
		out.groups, err = newArrowWriter(w, fields, o, mem)
	default:
		out.groups, err = newTextWriter(w, fields, o)
	}
	if err != nil {
		return nil, fmt.Errorf("frame: %w", err)
	}
	return out, nil
}

// emptyTable gives a table with the fields and no rows.
func emptyTable(fields []Field) *Table {
	t := &Table{Columns: make([]Column, len(fields))}
	for i, f := range fields {
		t.Columns[i].Field = f
		if f.Type.hasOffsets() {
			t.Columns[i].Offsets = []int32{0}
		}
	}
	return t
}

// Write appends the table's rows. Its fields must be the writer's (docs aside), and its values
// pass Check. The table must not change until the writer is closed. After an error the file is lost.
func (w *Writer) Write(t *Table) error {
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return fmt.Errorf("frame: write after close")
	}
	if err := t.Check(nil); err != nil {
		return w.fail(err)
	}
	if err := sameFields(w.fields, t); err != nil {
		return w.fail(fmt.Errorf("the table does not fit the file: %w", err))
	}
	rows := t.Rows()
	sizes := newRowSizes(t)
	for from := 0; from < rows; {
		to := w.fit(&sizes, from, rows)
		if to > from {
			w.pending = append(w.pending, t.Slice(from, to))
			if err := w.merge(); err != nil {
				return err
			}
		}
		from = to
		if from < rows {
			if err := w.flush(); err != nil {
				return err
			}
		}
	}
	w.total += int64(rows)
	return nil
}

// fit counts in as many of the rows from..to as the row group has room for, and gives the first of the others.
func (w *Writer) fit(sizes *rowSizes, from, to int) int {
	if n := groupRows - w.rows; n <= to-from && w.bytes+int64(n)*sizes.most <= groupBytes {
		w.rows += n // the group is full, and its size asked for no more
		return from + n
	}
	for ; from < to && w.rows < groupRows; from++ {
		size := sizes.of(from)
		if w.rows > 0 && w.bytes+size > groupBytes {
			break
		}
		w.rows++
		w.bytes += size
	}
	return from
}

// Rows gives the number of rows written so far.
func (w *Writer) Rows() int64 { return w.total }

// Guarded gives how many cells of what is in the file got a ' before them: all, once the writer is closed.
func (w *Writer) Guarded() int64 {
	if t, ok := w.groups.(*textWriter); ok {
		return t.guarded
	}
	return 0
}

// Close completes the file; it does not close the underlying writer. A file that was not closed
// without error is not whole.
func (w *Writer) Close() error {
	if w.closed || w.err != nil {
		return w.err
	}
	w.closed = true
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.groups.close(); err != nil {
		return w.fail(err)
	}
	return nil
}

// mergeTables is how many pending tables are put together: a table of one row takes far more room than its values.
const mergeTables = 256

// merge puts the last tables together if they are many.
func (w *Writer) merge() error {
	if len(w.pending)-w.merged < mergeTables {
		return nil
	}
	one, err := Concat(w.pending[w.merged:])
	if err != nil {
		return w.fail(err)
	}
	clear(w.pending[w.merged:])
	w.pending = append(w.pending[:w.merged], one)
	w.merged++
	return nil
}

func (w *Writer) flush() error {
	if w.rows == 0 {
		return nil
	}
	group, err := Concat(w.pending)
	if err != nil {
		return w.fail(err)
	}
	clear(w.pending)
	w.pending, w.merged, w.rows, w.bytes = w.pending[:0], 0, 0, 0
	if err := w.groups.writeGroup(group); err != nil {
		return w.fail(err)
	}
	w.inFile.groups++
	w.inFile.rows += int64(group.Rows())
	if w.flushed != nil {
		w.flushed(w.inFile.groups, w.inFile.rows)
	}
	return nil
}

func (w *Writer) fail(err error) error {
	w.err = fmt.Errorf("frame: %w", err)
	return w.err
}

// rowSizes measures rows: the bytes of their values, and 4 for each string or list.
type rowSizes struct {
	fixed    int64
	variable []*Column
	most     int64 // no row is larger
}

func newRowSizes(t *Table) rowSizes {
	var s rowSizes
	for i := range t.Columns {
		c := &t.Columns[i]
		switch width := c.Type.width(); {
		case c.Type == Signs:
			s.fixed += int64(signBytes(c.Length))
		case c.Type == Bytes:
			s.fixed += int64(c.Length)
		case c.Type == String || c.Type.hasOffsets():
			s.fixed += 4
			s.variable = append(s.variable, c)
			s.most += c.longest()
		default:
			s.fixed += width
		}
	}
	s.most += s.fixed
	return s
}

// longest bounds the bytes of a value of coded texts; of others it says no more than that there is room for none in a group.
func (c *Column) longest() (most int64) {
	if !c.Strings.coded() {
		return groupBytes
	}
	for _, v := range c.Strings.values {
		most = max(most, int64(len(v)))
	}
	return most
}

func (s rowSizes) of(row int) int64 {
	size := s.fixed
	for _, c := range s.variable {
		switch c.Type {
		case String:
			size += int64(len(c.Strings.At(row)))
		case Int8List:
			size += int64(c.Offsets[row+1] - c.Offsets[row])
		case Float32List:
			size += 4 * int64(c.Offsets[row+1]-c.Offsets[row])
		case Float64List:
			size += 8 * int64(c.Offsets[row+1]-c.Offsets[row])
		}
	}
	return size
}
