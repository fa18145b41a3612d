package brotli

import (
	"errors"
	"io"
)

// DefaultCompression is a level of compression.
const DefaultCompression = 6

// errWrite is what writers answer: the encoder is not here.
var errWrite = errors.New("brotli: this program reads Brotli and does not write it; write zstd, gzip or snappy")

// A Writer refuses what it is given.
type Writer struct{}

// NewWriter gives a writer that refuses.
func NewWriter(io.Writer) *Writer { return &Writer{} }

// NewWriterLevel gives a writer that refuses.
func NewWriterLevel(io.Writer, int) *Writer { return &Writer{} }

// Write refuses.
func (*Writer) Write([]byte) (int, error) { return 0, errWrite }

// Close refuses.
func (*Writer) Close() error { return errWrite }
