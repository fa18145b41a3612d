package pages

import (
	"bytes"
	"compress/gzip"
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
)

// MaxBytes bounds what one page may unpack to.
const MaxBytes = 1 << 30

var zstdDecoder = sync.OnceValue(func() *zstd.Decoder {
	dec, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(0), zstd.WithDecoderMaxMemory(MaxBytes))
	if err != nil {
		panic(err)
	}
	return dec
})

// most is how many bytes one byte can become, at the very most. A page that promises more is damaged, and
// no room is made for it. Brotli has no such bound that would help; its bytes are made as they come.
var most = map[Codec]int64{Snappy: 64, Gzip: 1040, Zstd: 1 << 16, LZ4Raw: 256}

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
	if ratio := most[c]; ratio > 0 && size > ratio*(int64(len(content))+64) {
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
