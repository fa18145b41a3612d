package frame

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"
)

// What makes the bytes of a Parquet file is pinned here, so that neither a new default of the
// library nor a setting of the machine changes them. The golden digests of the tests tell if one
// does after all.
const (
	createdBy = "spurion"
	zstdLevel = zstd.SpeedDefault
	// 20,000 images of Fashion-MNIST become 59.4 % of their size at this level, 58.6 % at zstdLevel and 56.7 % at the best, which take 1.7
	// and 22 times the processor's time.
	zstdPixelLevel     = zstd.SpeedFastest
	dataPageBytes      = 1 << 20
	batchLevels        = 1024 // pages are cut between batches of so many values
	maxStatisticsBytes = 4096
	// A row group ends before the row that would be one too many, or that would make its values
	// larger than this.
	groupRows  = 1 << 17
	groupBytes = 32 << 20
)

// zstdEncoders of a level wait to be used again. They are no sync.Pool: each takes megabytes, and a collection would drop them.
type zstdEncoders struct {
	level   zstd.EncoderLevel
	waiting chan *zstd.Encoder
}

var (
	zstdValues = &zstdEncoders{zstdLevel, make(chan *zstd.Encoder, 4)}
	zstdPixels = &zstdEncoders{zstdPixelLevel, make(chan *zstd.Encoder, 4)}
)

// zstdOf gives the encoders for pages of a type.
func zstdOf(t Type) *zstdEncoders {
	if t == Bytes {
		return zstdPixels
	}
	return zstdValues
}

// compress gives src compressed, and may use dst for it. The bytes depend on src and the level alone. (Arrow's codec makes an encoder for
// every page.)
func (z *zstdEncoders) compress(dst, src []byte) []byte {
	var enc *zstd.Encoder
	select {
	case enc = <-z.waiting:
	default:
		enc = newZstdEncoder(z.level)
	}
	defer func() {
		select {
		case z.waiting <- enc:
		default:
		}
	}()
	return enc.EncodeAll(src, dst[:0])
}

func newZstdEncoder(level zstd.EncoderLevel) *zstd.Encoder {
	enc, err := zstd.NewWriter(nil, zstd.WithZeroFrames(true), zstd.WithEncoderLevel(level),
		zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(dataPageBytes))
	if err != nil {
		panic(err)
	}
	return enc
}

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
