package frame

import (
	"encoding/binary"
	"math"
	"math/bits"
	"slices"

	"spurion/artifacts/frame/pages"
)

// chunkEncoder makes the pages of one column chunk after the other: their levels, values and statistics.
type chunkEncoder struct {
	column *Column
	chunk  pages.ChunkWriter
	dict   dictionary
	ends   extent // of all pages
	nulls  int64
	pages  int

	// of the page that is being filled
	levels   int // values with nulls and empty lists
	exist    int // values
	def, rep []uint8
	values   []byte   // in Plain, or
	bytes    []uint8  // indices of int8 values and of coded texts, or
	words    []uint32 // indices of texts
	flags    flagBuffer
	page     extent

	content []byte
	bounds  [2][]byte // of an extent
	space   scratch
}

// scratch holds the values of one batch that exist; it is used again for the next.
type scratch struct {
	bools    []bool
	int8s    []int8
	int64s   []int64
	float32s []float32
	float64s []float64
	strings  []string
	codes    []uint8
}

func (e *chunkEncoder) begin(c *Column, chunk pages.ChunkWriter) {
	e.column, e.chunk = c, chunk
	e.ends, e.nulls, e.pages = extent{}, 0, 0
	e.dict.reset()
	e.flags = flagBuffer{}
	e.beginPage()
	e.reserve(c.Len())
}

func (e *chunkEncoder) beginPage() {
	e.levels, e.exist, e.page, e.flags.bits = 0, 0, extent{}, 0
	e.def, e.rep, e.values, e.bytes, e.words = e.def[:0], e.rep[:0], e.values[:0], e.bytes[:0], e.words[:0]
}

// reserve makes room for the page of a column of so many rows, which would be copied, twice as large each time; not of lists, whose
// pages are as long as their elements are.
func (e *chunkEncoder) reserve(rows int) {
	c := e.column
	if c.Nullable {
		e.def = slices.Grow(e.def, rows)
	}
	switch c.Type.stored() {
	case Int8:
		e.bytes = slices.Grow(e.bytes, rows)
	case String:
		if c.Strings.coded() {
			e.bytes = slices.Grow(e.bytes, rows)
		} else {
			e.words = slices.Grow(e.words, rows)
		}
	case Bool:
		e.values = slices.Grow(e.values, rows/8)
	default:
		width := int(c.Type.width())
		switch c.Type {
		case Signs:
			width = signBytes(c.Length) + 1 // whole words are written
		case Bytes:
			width = c.Length
		}
		e.values = slices.Grow(e.values, min(rows*width, dataPageBytes+c.batchRows()*width))
	}
}

// forget lets go of what is the table's.
func (e *chunkEncoder) forget() {
	e.column, e.chunk = nil, pages.ChunkWriter{}
	e.ends, e.page = extent{}, extent{}
	e.dict.reset()
	clear(e.space.strings[:cap(e.space.strings)])
}

// isDictionary reports whether pages hold indices into a dictionary.
func (e *chunkEncoder) isDictionary() bool { return isDictionary(e.column.Type) }

// isDictionary reports whether values of the type are written with a dictionary. Strings repeat, and an int8 has 256 values;
// dictionaries of measured numbers would only grow. None is given up for being large.
func isDictionary(t Type) bool { return t.stored() == Int8 || t == String }

// append puts the values of rows from..to that exist into the page; of lists, elements from..to.
func (e *chunkEncoder) append(from, to int) {
	c := e.column
	valid := c.Valid
	if c.Type.hasOffsets() {
		valid = nil // a list that does not exist has no elements
	}
	n := 0
	switch c.Type.stored() {
	case Bool:
		values := dense(&e.space.bools, valid, c.Bools, from, to)
		n, e.values = len(values), e.flags.append(e.values, values)
		e.page.truths(values)
	case Int8:
		values := dense(&e.space.int8s, valid, c.Int8s, from, to)
		n, e.bytes = len(values), e.dict.appendBytes(e.bytes, values)
	case String:
		if c.Strings.coded() {
			codes := dense(&e.space.codes, valid, c.Strings.codes, from, to)
			n, e.bytes = len(codes), e.dict.appendCodes(e.bytes, codes, c.Strings.values)
			break
		}
		values := dense(&e.space.strings, valid, c.Strings.values, from, to)
		n, e.words = len(values), e.dict.appendTexts(e.words, values)
	case Int64:
		values := dense(&e.space.int64s, valid, c.Int64s, from, to)
		n = len(values)
		if c.Type == Date {
			for _, v := range values {
				e.values = binary.LittleEndian.AppendUint32(e.values, uint32(v))
			}
		} else {
			for _, v := range values {
				e.values = binary.LittleEndian.AppendUint64(e.values, uint64(v))
			}
		}
		e.page.whole(values)
	case Float32:
		values := dense(&e.space.float32s, valid, c.Float32s, from, to)
		n = len(values)
		for _, v := range values {
			e.values = binary.LittleEndian.AppendUint32(e.values, math.Float32bits(v))
		}
		real(&e.page, values)
	case Float64:
		values := dense(&e.space.float64s, valid, c.Float64s, from, to)
		n = len(values)
		for _, v := range values {
			e.values = binary.LittleEndian.AppendUint64(e.values, math.Float64bits(v))
		}
		real(&e.page, values)
	case Signs:
		n = e.appendFixed(from, to, e.column.storedSigns)
	case Bytes:
		n = e.appendFixed(from, to, e.column.storedBytes)
	}
	e.exist += n
}

// dense gives the values of rows from..to that exist: a part of values if all do, else a copy in the scratch space.
func dense[T any](space *[]T, valid []bool, values []T, from, to int) []T {
	if valid == nil {
		return values[from:to]
	}
	out := (*space)[:0]
	for i := from; i < to; i++ {
		if valid[i] {
			out = append(out, values[i])
		}
	}
	*space = out
	return out
}

// cut ends the page if it has become large. Its size is estimated as Arrow's writer does.
func (e *chunkEncoder) cut() error {
	size := len(e.values) + (e.flags.bits+7)/8
	if e.isDictionary() {
		size = 1 + pages.RunsBound(e.exist, e.dict.width())
	}
	if size < dataPageBytes {
		return nil
	}
	return e.endPage()
}

func (e *chunkEncoder) endPage() error {
	if e.isDictionary() {
		if e.pages == 0 {
			e.page = e.dict.extent(nil, nil)
		} else {
			e.page = e.dict.extent(e.bytes, e.words)
		}
	}
	nulls := int64(e.levels - e.exist)
	if err := e.chunk.Page(e.levels, e.body(), e.statistics(&e.page, nulls, e.pages == 0)); err != nil {
		return err
	}
	e.ends.add(&e.page)
	e.nulls += nulls
	e.pages++
	e.beginPage()
	return nil
}

// body gives the page's content, until it is called again.
func (e *chunkEncoder) body() []byte {
	c := e.column
	highest := 0
	to := e.content[:0]
	if c.Nullable {
		highest++
	}
	if c.Type.hasOffsets() {
		highest++
		to = appendLevels(to, e.rep, 1)
	}
	if highest > 0 {
		to = appendLevels(to, e.def, bits.Len(uint(highest)))
	}
	switch {
	case e.isDictionary():
		width := e.dict.width()
		to = pages.AppendRuns(append(to, byte(width)), e.bytes, width)
		to = pages.AppendRuns(to, e.words, width)
	case c.Type == Bool:
		to = append(append(to, e.values...), e.flags.bytes[:(e.flags.bits+7)/8]...)
	case highest == 0:
		return e.values
	default:
		to = append(to, e.values...)
	}
	e.content = to
	return to
}

// appendLevels appends levels with the length of what they take before them.
func appendLevels(to []byte, levels []uint8, width int) []byte {
	at := len(to)
	to = pages.AppendRuns(append(to, 0, 0, 0, 0), levels, width)
	binary.LittleEndian.PutUint32(to[at:], uint32(len(to)-at-4))
	return to
}

// A flagBuffer packs truth values, a bit each. The bits behind the last value of a page mean nothing, but they are bytes of the file:
// they are what the buffer of Arrow's writer happens to hold there.
type flagBuffer struct {
	bytes [1024]byte
	bits  int  // of the values in bytes
	last  byte // the byte that the last batch ended with or in
}

// append appends the values to the buffer, and to the bytes what the buffer held whenever it is full.
func (f *flagBuffer) append(to []byte, values []bool) []byte {
	for {
		n := min(8*len(f.bytes)-f.bits, len(values))
		if n > 0 {
			f.bytes[f.bits/8] = f.last
			for _, v := range values[:n] {
				if bit := byte(1) << (f.bits % 8); v {
					f.bytes[f.bits/8] |= bit
				} else {
					f.bytes[f.bits/8] &^= bit
				}
				f.bits++
			}
			f.last = f.bytes[(f.bits-1)/8]
		}
		if values = values[n:]; len(values) == 0 {
			return to
		}
		to = append(to, f.bytes[:]...)
		f.bits, f.last = 0, f.bytes[0]
	}
}

// end ends the chunk.
func (e *chunkEncoder) end() error {
	if e.levels > 0 {
		if err := e.endPage(); err != nil {
			return err
		}
	}
	if e.isDictionary() {
		e.content = e.dict.appendEntries(e.content[:0])
		if err := e.chunk.Entries(e.dict.len(), e.content); err != nil {
			return err
		}
	}
	e.chunk.End(e.statistics(&e.ends, e.nulls, true))
	return nil
}
