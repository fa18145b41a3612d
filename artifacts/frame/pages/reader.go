// Package pages reads the pages of Parquet files that anyone may have written: every page of version 1 and
// 2, every encoding that Parquet defines but the deprecated packing of levels, every codec but LZO and
// Hadoop's LZ4. It trusts no number in a file: nothing is read without getting on, and no room is made for
// what is only promised. Damaged input is an error within work in proportion to what is really there.
// It also writes files of the few forms that package frame needs.
//
// The format is that of github.com/apache/parquet-format, Encodings.md and README.md.
package pages

import (
	"fmt"
	"math/bits"
)

// A Chunk is what a file holds of one column in one row group.
type Chunk struct {
	Data           []byte // its pages with their headers; what is behind the last is not looked at
	Codec          Codec
	Values         int64 // as the footer says: nulls and empty lists are counted
	MaxDef, MaxRep int   // the highest levels, 0 to 255; 0: there are none
	// Spend is told how many bytes a page unpacks to, before it does, and Hold how many bytes are kept for
	// the rest of the chunk. Their error ends the reading.
	Spend, Hold func(bytes int64) error
}

// A Reader gives the values of a chunk as T. It is not safe for concurrent use.
type Reader[P, T any] struct {
	chunk    Chunk
	physical Physical[P]
	convert  Convert[P, T]
	left     int64 // values of the chunk
	inPage   int   // values of the page
	def, rep hybrid
	values   source[T]
	packed   []byte
	buf      []byte
	dict     *dictionary[T]
}

// A Convert fills dst with what the values of src become, which has the same length. The error is of value
// src[bad]; those before it are done.
type Convert[P, T any] func(dst []T, src []P) (bad int, err error)

// A ValueError says that a value cannot be converted. Index counts the values of the call of Next.
type ValueError struct {
	Index int
	Err   error
}

func (e *ValueError) Error() string { return e.Err.Error() }
func (e *ValueError) Unwrap() error { return e.Err }

// NewReader starts to read a chunk of values of the type.
func NewReader[P, T any](c Chunk, physical Physical[P], convert Convert[P, T]) *Reader[P, T] {
	return &Reader[P, T]{chunk: c, physical: physical, convert: convert, left: c.Values}
}

// Next reads what comes next, no more than len(def) at once: n definition levels, n repetition levels, and
// the values that exist, which are those with the highest definition level. All three slices are equally
// long, and rep may be nil where there are no repetition levels. At the end, n is 0. The error is a
// *ValueError if a value cannot be converted; n and values then say what was read with it.
func (r *Reader[P, T]) Next(def, rep []uint8, values []T) (n, exist int, err error) {
	for r.inPage == 0 {
		if r.left == 0 {
			return 0, 0, nil
		}
		if err := r.nextPage(); err != nil {
			return 0, 0, err
		}
	}
	n = min(len(def), r.inPage)
	if exist, err = r.levels(def[:n], rep); err != nil {
		return 0, 0, err
	}
	r.inPage -= n
	r.left -= int64(n)
	if exist > 0 && r.values == nil {
		return 0, 0, errShort
	}
	if exist > 0 {
		err = r.values.next(values[:exist])
	}
	return n, exist, err
}

// levels reads levels and gives the number of values that exist.
func (r *Reader[P, T]) levels(def, rep []uint8) (exist int, err error) {
	if r.chunk.MaxRep > 0 {
		if err := fill(&r.rep, rep[:len(def)]); err != nil {
			return 0, err
		}
		if err := atMost(rep[:len(def)], r.chunk.MaxRep); err != nil {
			return 0, err
		}
	}
	if r.chunk.MaxDef == 0 {
		clear(def)
		return len(def), nil
	}
	if err := fill(&r.def, def); err != nil {
		return 0, err
	}
	if err := atMost(def, r.chunk.MaxDef); err != nil {
		return 0, err
	}
	for _, d := range def {
		if int(d) == r.chunk.MaxDef {
			exist++
		}
	}
	return exist, nil
}

func atMost(levels []uint8, highest int) error {
	for _, l := range levels {
		if int(l) > highest {
			return fmt.Errorf("damaged: level %d where %d is the highest", l, highest)
		}
	}
	return nil
}

// nextPage reads one page. Each takes some bytes of the chunk, so that it ends.
func (r *Reader[P, T]) nextPage() error {
	if len(r.chunk.Data) == 0 {
		return fmt.Errorf("damaged: its pages hold %d values where %d were promised", r.chunk.Values-r.left, r.chunk.Values)
	}
	h, content, rest, err := readHeader(r.chunk.Data)
	if err != nil {
		return err
	}
	r.chunk.Data = rest
	switch h.kind {
	case pageData, pageDataV2:
		if h.values > r.left {
			return fmt.Errorf("damaged: a page of %d values where %d are left", h.values, r.left)
		}
		return r.dataPage(h, content)
	case pageDictionary:
		return r.readDictionary(h, content)
	}
	return nil // an index: nothing to read
}

// dataPage makes the page ready: its levels and its values.
func (r *Reader[P, T]) dataPage(h header, content []byte) (err error) {
	var rep, def []byte
	if h.kind == pageDataV2 {
		if h.repSize > int64(len(content)) || h.defSize > int64(len(content))-h.repSize || h.repSize+h.defSize > h.unpacked {
			return errHeader
		}
		rep, content = content[:h.repSize], content[h.repSize:]
		def, content = content[:h.defSize], content[h.defSize:]
		h.unpacked -= h.repSize + h.defSize
	}
	if content, err = r.unpack(h, content); err != nil {
		return err
	}
	if h.kind == pageData {
		if rep, content, err = levelsOf(h.reps, r.chunk.MaxRep, content); err != nil {
			return err
		}
		if def, content, err = levelsOf(h.defs, r.chunk.MaxDef, content); err != nil {
			return err
		}
	}
	r.rep = hybrid{data: rep, width: uint(bits.Len(uint(r.chunk.MaxRep)))}
	r.def = hybrid{data: def, width: uint(bits.Len(uint(r.chunk.MaxDef)))}
	r.inPage = int(h.values)
	r.values, err = r.source(h, content)
	return err
}

func (r *Reader[P, T]) unpack(h header, content []byte) ([]byte, error) {
	if r.chunk.Codec == Uncompressed || h.plain {
		return Uncompressed.unpack(nil, content, h.unpacked)
	}
	if err := r.chunk.Spend(h.unpacked); err != nil {
		return nil, err
	}
	if r.chunk.Codec == Zstd { // whose decoder keeps what it read last, and with a part of a file all of it
		r.packed = append(r.packed[:0], content...)
		content = r.packed
	}
	buf, err := r.chunk.Codec.unpack(r.buf, content, h.unpacked)
	if len(content) > 0 && err == nil {
		r.buf = buf
	}
	return buf, err
}

// levelsOf gives the levels at the start of a page of version 1, and what is behind them.
func levelsOf(e Encoding, highest int, content []byte) (levels, rest []byte, err error) {
	if highest == 0 {
		return nil, content, nil
	}
	if e != RLE {
		return nil, nil, fmt.Errorf("its levels are stored as %v, which is not read; write it with a newer program", e)
	}
	return prefixed(content)
}

// source gives the values of a page.
func (r *Reader[P, T]) source(h header, content []byte) (source[T], error) {
	switch e := h.encoding; e {
	case PlainDictionary, RLEDictionary:
		if len(content) == 0 { // a page of nulls
			return nil, nil
		}
		if r.dict == nil {
			return nil, fmt.Errorf("damaged: a page needs a dictionary, which does not stand before it")
		}
		if content[0] > 32 {
			return nil, fmt.Errorf("damaged: indices of %d bits", content[0])
		}
		return &looked[T]{dict: r.dict, index: hybrid{data: content[1:], width: uint(content[0])}}, nil
	case Plain:
		return &converted[P, T]{of: r.physical.plain(content, r.physical.width), convert: r.convert}, nil
	default:
		if len(content) == 0 {
			return nil, nil
		}
		of, err := r.physical.other(e, content, r.physical.width, int(h.values))
		if err == nil && of == nil {
			err = fmt.Errorf("values of type %s are stored as %v, which is not known", r.physical.name, e)
		}
		return &converted[P, T]{of: of, convert: r.convert}, err
	}
}

// converted are values of one type that become those of another.
type converted[P, T any] struct {
	of      source[P]
	convert Convert[P, T]
	buf     []P
}

func (s *converted[P, T]) next(dst []T) error {
	if len(s.buf) < len(dst) {
		s.buf = make([]P, len(dst))
	}
	src := s.buf[:len(dst)]
	if err := s.of.next(src); err != nil {
		return err
	}
	if bad, err := s.convert(dst, src); err != nil {
		return &ValueError{bad, err}
	}
	return nil
}
