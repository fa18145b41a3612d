package pages

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"sync"

	"github.com/golang/snappy"
	"github.com/klauspost/compress/zstd"
	brrr "github.com/molecule-man/go-brrr"
	"github.com/pierrec/lz4/v4"
)

// A Codec is how pages are compressed; the numbers are Parquet's.
type Codec int

// The codecs that are read.
const (
	Uncompressed Codec = 0
	Snappy       Codec = 1
	Gzip         Codec = 2
	Brotli       Codec = 4
	Zstd         Codec = 6
	LZ4Raw       Codec = 7

	// LZ4Frame is Arrow's, which Parquet does not have.
	LZ4Frame Codec = -1
)

// MaxBytes bounds what one page may unpack to.
const MaxBytes = 1 << 30

var zstdDecoder = sync.OnceValue(func() *zstd.Decoder {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(MaxBytes), zstd.WithDecodeAllCapLimit(true)) // no more than there is room for
	if err != nil {
		panic(err)
	}
	return dec
})

// most is how many bytes one byte can become, at the very most. A page that promises more is damaged, and
// no room is made for it. Brotli has no such bound that would help; its bytes are made as they come.
var most = map[Codec]int64{Snappy: 64, Gzip: 1040, Zstd: 1 << 16, LZ4Raw: 256, LZ4Frame: 256}

// CanUnpack reports whether a content may become so many bytes, of a codec with a bound.
func (c Codec) CanUnpack(content []byte, size int64) bool {
	return most[c] == 0 || size <= most[c]*(int64(len(content))+64)
}

// Unpack gives the size bytes that a buffer of Arrow's becomes, by Zstd or LZ4Frame. Unlike a page it may be of any size; the caller knows
// that there is memory for it.
func (c Codec) Unpack(content []byte, size int64) ([]byte, error) {
	if !c.CanUnpack(content, size) {
		return nil, fmt.Errorf("damaged: a buffer of %d bytes cannot unpack to %d", len(content), size)
	}
	out := make([]byte, size)
	var n int
	var err error
	switch c {
	case LZ4Frame:
		n, err = unpackLZ4Frame(out, content)
	case Zstd:
		n, err = unpackZstd(out, content)
	default:
		return nil, fmt.Errorf("its buffers are compressed with codec %d, which is not known", int(c))
	}
	if err != nil || int64(n) != size {
		return nil, fmt.Errorf("damaged: a buffer unpacks to %d bytes where %d were promised: %w", n, size, cmp.Or(err, io.ErrUnexpectedEOF))
	}
	return out, nil
}

// unpackZstd fills out with what a frame of zstd holds, and gives how many bytes those are.
func unpackZstd(out, content []byte) (n int, err error) {
	if len(out) <= MaxBytes {
		got, err := zstdDecoder().DecodeAll(content, out[:0])
		return len(got), err
	}
	r, err := zstd.NewReader(bytes.NewReader(content), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(MaxBytes))
	if err != nil {
		return 0, err
	}
	defer r.Close()
	if n, err = io.ReadFull(r, out); err != nil {
		return n, err
	}
	if more, err := r.Read(make([]byte, 1)); more != 0 || err != io.EOF {
		return n, errors.New("it holds more than it promised")
	}
	return n, nil
}

// unpack gives the size bytes that a page's content becomes. It may use the room in buf. It makes room in
// proportion to what is there, never to what is promised alone.
func (c Codec) unpack(buf, content []byte, size int64) ([]byte, error) {
	if c == Uncompressed || len(content) == 0 {
		if int64(len(content)) != size {
			return nil, fmt.Errorf("damaged: a page of %d bytes where %d were promised", len(content), size)
		}
		return content, nil
	}
	if size > MaxBytes {
		return nil, fmt.Errorf("a page unpacks to %d bytes, more than the %d that are read; write smaller pages", size, MaxBytes)
	}
	if !c.CanUnpack(content, size) {
		return nil, fmt.Errorf("damaged: a page of %d bytes cannot unpack to %d", len(content), size)
	}
	out, err := c.decompress(buf, content, size)
	if err != nil {
		return nil, err
	}
	if int64(len(out)) != size {
		return nil, fmt.Errorf("damaged: a page unpacks to %d bytes where %d were promised", len(out), size)
	}
	return out, nil
}

func (c Codec) decompress(buf, content []byte, size int64) (out []byte, err error) {
	switch c {
	case Snappy:
		if n, err := snappy.DecodedLen(content); err != nil || int64(n) != size {
			return nil, fmt.Errorf("damaged: a page does not unpack to the %d bytes that were promised", size)
		}
		out, err = snappy.Decode(room(buf, size), content)
	case Zstd:
		out, err = zstdDecoder().DecodeAll(content, room(buf, size)[:0])
	case LZ4Raw:
		var n int
		out = room(buf, size)
		if n, err = lz4.UncompressBlock(content, out); err == nil {
			out = out[:n]
		}
	case Gzip:
		var r *gzip.Reader
		if r, err = gzip.NewReader(bytes.NewReader(content)); err == nil {
			out, err = readAll(buf, r, size)
		}
	case Brotli:
		out, err = readAll(buf, brrr.NewReader(bytes.NewReader(content)), size)
	case 3, 5:
		return nil, fmt.Errorf("its pages are compressed with %s, which is not read; write with zstd or snappy", map[Codec]string{3: "LZO", 5: "Hadoop's LZ4"}[c])
	default:
		return nil, fmt.Errorf("its pages are compressed with codec %d, which is not known", int(c))
	}
	if err != nil {
		return nil, fmt.Errorf("damaged: a page cannot be unpacked: %w", err)
	}
	return out, nil
}

// room gives size bytes, those of buf if it has them.
func room(buf []byte, size int64) []byte {
	if int64(cap(buf)) >= size {
		return buf[:size]
	}
	return make([]byte, size)
}

// readAll reads size bytes, or one more if there are more.
func readAll(buf []byte, r io.Reader, size int64) ([]byte, error) {
	to := bytes.NewBuffer(buf[:0])
	_, err := to.ReadFrom(io.LimitReader(r, size+1))
	return to.Bytes(), err
}
