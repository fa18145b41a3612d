package frame

import (
	"fmt"
	"io"
	"sync"

	"github.com/apache/arrow/go/v17/arrow/memory"
	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/compress"
	"github.com/klauspost/compress/zstd"

	"spurion/artifacts/frame/pages"
)

// What makes the bytes of a Parquet file is pinned here, so that neither a new default of the
// library nor a setting of the machine changes them. The golden digests of the tests tell if one
// does after all.
const (
	createdBy     = "spurion"
	zstdLevel     = zstd.SpeedDefault
	dataPageBytes = 1 << 20
	// A dictionary is never given up for being large: a column chunk with pages of both kinds has
	// its encoding statistics written in the order of a Go map (arrow v17, metadata.Finish).
	dictionaryBytes    = 1 << 30
	batchLevels        = 1024 // pages are cut between batches of so many values
	maxStatisticsBytes = 4096
	// A row group ends before the row that would be one too many, or that would make its values
	// larger than this.
	groupRows  = 1 << 17
	groupBytes = 32 << 20
)

func writerProperties(fields []Field, codec compress.Compression, mem memory.Allocator) *parquet.WriterProperties {
	options := []parquet.WriterProperty{
		parquet.WithAllocator(mem),
		parquet.WithVersion(parquet.V2_6),
		parquet.WithDataPageVersion(parquet.DataPageV1), // what every reader reads
		parquet.WithCreatedBy(createdBy),
		parquet.WithRootName("schema"),
		parquet.WithCompression(codec),
		parquet.WithCompressionLevel(compress.DefaultCompressionLevel), // zstd's is zstdLevel; gzip's its own
		parquet.WithDataPageSize(dataPageBytes),
		parquet.WithDictionaryPageSizeLimit(dictionaryBytes),
		parquet.WithBatchSize(batchLevels),
		parquet.WithMaxRowGroupLength(groupRows),
		parquet.WithMaxStatsSize(maxStatisticsBytes),
		parquet.WithStats(true),
		parquet.WithDictionaryDefault(false),
		parquet.WithEncoding(parquet.Encodings.Plain),
	}
	for _, f := range fields {
		// Strings repeat, and an int8 has 256 values; dictionaries of measured numbers would only
		// be given up later.
		switch f.Type {
		case String, Int8:
			options = append(options, parquet.WithDictionaryFor(f.Name, true))
		case Int8List:
			options = append(options, parquet.WithDictionaryFor(f.Name+".list.element", true))
		case Signs: // drawn bits: no bytes are rarer than others, and none are in an order
			options = append(options, parquet.WithCompressionFor(f.Name, compress.Codecs.Uncompressed), parquet.WithStatsFor(f.Name, false))
		}
	}
	return parquet.NewWriterProperties(options...)
}

// zstdCodec replaces Arrow's, which makes an encoder for every page (slow, large). The encoders'
// bytes depend on the input alone. Pages are read by package pages.
type zstdCodec struct{}

var (
	zstdEncoders = make(chan *zstd.Encoder, 4) // not a sync.Pool: each takes megabytes, and a collection would drop them
	zstdDecoder  = sync.OnceValue(func() *zstd.Decoder {
		dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(pages.MaxBytes))
		if err != nil {
			panic(err)
		}
		return dec
	})
)

func init() { compress.RegisterCodec(compress.Codecs.Zstd, zstdCodec{}) }

func (zstdCodec) Encode(dst, src []byte) []byte {
	var enc *zstd.Encoder
	select {
	case enc = <-zstdEncoders:
	default:
		enc = newZstdEncoder()
	}
	defer func() {
		select {
		case zstdEncoders <- enc:
		default:
		}
	}()
	return enc.EncodeAll(src, dst[:0])
}

func newZstdEncoder() *zstd.Encoder {
	enc, err := zstd.NewWriter(nil, zstd.WithZeroFrames(true), zstd.WithEncoderLevel(zstdLevel),
		zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(dataPageBytes))
	if err != nil {
		panic(err)
	}
	return enc
}

func (c zstdCodec) EncodeLevel(dst, src []byte, _ int) []byte { return c.Encode(dst, src) }

// Decode panics on damage, as the interface wants; Decode of the package recovers.
func (zstdCodec) Decode(dst, src []byte) []byte {
	out, err := zstdDecoder().DecodeAll(src, dst[:0])
	if err != nil {
		panic(err)
	}
	return out
}

func (zstdCodec) NewReader(r io.Reader) io.ReadCloser {
	dec, err := zstd.NewReader(r, zstd.WithDecoderMaxMemory(pages.MaxBytes))
	if err != nil {
		panic(err)
	}
	return dec.IOReadCloser()
}

func (c zstdCodec) NewWriter(w io.Writer) io.WriteCloser {
	enc, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstdLevel), zstd.WithEncoderConcurrency(1))
	if err != nil {
		panic(err)
	}
	return enc
}

func (c zstdCodec) NewWriterLevel(w io.Writer, _ int) (io.WriteCloser, error) {
	return c.NewWriter(w), nil
}

func (zstdCodec) CompressBound(n int64) int64 { return n + n>>8 + 64 }

// sink hands a file's bytes on, counts them and keeps the first error, since Arrow's writers
// drop some of theirs. It has no Close, which those writers would call.
type sink struct {
	w   io.Writer
	n   int64
	err error
}

func (s *sink) Write(p []byte) (int, error) {
	if s.err != nil {
		return 0, s.err
	}
	n, err := s.w.Write(p)
	s.n += int64(n)
	s.err = err
	return n, err
}

// Seek gives the position, which is all that Arrow's file writer asks for.
func (s *sink) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, fmt.Errorf("frame: cannot seek")
	}
	return s.n, nil
}

// guard turns a panic of a library into an error. Out-of-memory and our own bugs in the callers of
// guarded functions are not hidden: only the calls into the library are under it.
func guard(doing string, err *error) {
	if r := recover(); r != nil {
		*err = fmt.Errorf("%s: %v", doing, r)
	}
}

var _ io.WriteSeeker = (*sink)(nil)
