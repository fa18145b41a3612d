package frame

import "io"

// A Format is a file format that a Writer writes.
type Format string

// The formats.
const (
	Parquet     Format = "parquet"
	ArrowFile   Format = "arrow"  // Arrow IPC file (Feather V2)
	ArrowStream Format = "arrows" // Arrow IPC stream
	CSV         Format = "csv"    // RFC 4180 with a header, LF line ends; nulls empty, lists as JSON text
	JSONLines   Format = "jsonl"  // one object a line, nulls as null
)

// A Writer writes tables with the same fields one after the other as one file. What it holds in
// memory is bounded: about one row group. The bytes depend on the rows, not on how they were
// divided into tables.
type Writer struct{}

// WriterOptions say how a Writer writes.
type WriterOptions struct {
	Format Format
	// Compression: "" stands for the format's default (zstd for Parquet, none for others);
	// "none", "zstd", and: "snappy", "gzip" for Parquet, "lz4" for Arrow, "gzip" for CSV and JSON lines.
	Compression string
	Meta        map[string]string // Parquet and Arrow: the file's metadata
}

// NewWriter starts a file with the fields on w.
func NewWriter(w io.Writer, fields []Field, o WriterOptions) (*Writer, error) { return nil, errSkeleton }

// Write appends the table's rows. Its fields must be the writer's (docs aside).
func (w *Writer) Write(t *Table) error { return errSkeleton }

// Close completes the file; it does not close the underlying writer. A file that was not closed
// without error is not whole.
func (w *Writer) Close() error { return errSkeleton }
