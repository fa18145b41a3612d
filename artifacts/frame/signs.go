package frame

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"

	"github.com/apache/arrow/go/v17/parquet"

	"spurion/artifacts/frame/pages"
)

// Signs are stored as a fixed-size binary of Length/8 bytes, rounded up: number j is +1 if bit j%8 of byte j/8 is set.
// In memory they are words of 64, as package boolean packs its rows.

// PackedSigns makes a column of type Signs from rows of words: see Column.Words. f says their Length.
func PackedSigns(f Field, packed []uint64) Column {
	f.Type = Signs
	return Column{Field: f, Words: packed}
}

func words(length int) int { return (length + 63) / 64 }

func signBytes(length int) int { return (length + 7) / 8 }

// words gives the words of a row.
func (c *Column) words() int { return words(c.Length) }

// row gives the words of the row.
func (c *Column) row(i int) []uint64 {
	w := c.words()
	return c.Words[i*w : (i+1)*w]
}

// signs gives the numbers of the row.
func (c *Column) signs(row int) []int8 {
	list := make([]int8, c.Length)
	for j := range list {
		list[j] = sign(c.row(row), j)
	}
	return list
}

func sign(row []uint64, j int) int8 { return int8(row[j>>6]>>(j&63)&1)*2 - 1 }

// unpacked gives a column of signs as lists of int8.
func (c *Column) unpacked() Column {
	f := c.Field
	f.Type, f.Length = Int8List, 0
	out := Column{Field: f, Valid: c.Valid, Offsets: []int32{0}}
	for i := range c.Len() {
		if !c.Null(i) {
			out.Int8s = append(out.Int8s, c.signs(i)...)
		}
		out.Offsets = append(out.Offsets, int32(len(out.Int8s)))
	}
	return out
}

// appendSigns appends the numbers as a JSON list.
func appendSigns(to []byte, row []uint64, length int) []byte {
	to = append(to, '[')
	for j := range length {
		if j > 0 {
			to = append(to, ',')
		}
		to = strconv.AppendInt(to, int64(sign(row, j)), 10)
	}
	return append(to, ']')
}

func (c *Column) checkSigns() error {
	if c.Length%64 == 0 {
		return nil
	}
	w := c.words()
	if w == 1 {
		var all uint64
		for _, word := range c.Words {
			all |= word
		}
		if all>>(c.Length%64) == 0 {
			return nil
		}
	}
	for i := w - 1; i < len(c.Words); i += w {
		if c.Words[i]>>(c.Length%64) != 0 {
			return fmt.Errorf("column %s, row %d: bits beyond the %d signs of a row are set", c.Name, i/w, c.Length)
		}
	}
	return nil
}

func (c *Column) gatherWords(rows []int) []uint64 {
	w := c.words()
	if w == 1 {
		return gather(c.Words, rows)
	}
	out := make([]uint64, 0, len(rows)*w)
	for _, i := range rows {
		out = append(out, c.row(i)...)
	}
	return out
}

// storedSigns appends rows as they are stored.
func (c *Column) storedSigns(to []byte, first, last int) []byte {
	n, w := signBytes(c.Length), c.words()
	at, end := len(to), len(to)+(last-first)*n
	to = slices.Grow(to, end-at+8)[:end+8] // whole words are written
	for i := first; i < last; i++ {
		for k, word := range c.Words[i*w : (i+1)*w] {
			binary.LittleEndian.PutUint64(to[at+8*k:], word)
		}
		at += n
	}
	return to[:end]
}

// incompressible gives about the size of a file of the table's signs and of some labels beside; 0 without signs.
func (t *Table) incompressible() (bytes int) {
	for i := range t.Columns {
		if c := &t.Columns[i]; c.Type == Signs {
			bytes += c.Len() * (signBytes(c.Length) + 1)
		}
	}
	return bytes
}

// appendFixed puts the rows from..to that exist into the page and gives their number; stored appends rows as they are stored.
func (e *chunkEncoder) appendFixed(from, to int, stored func(to []byte, first, last int) []byte) int {
	c := e.column
	if c.Valid == nil {
		e.values = stored(e.values, from, to)
		return to - from
	}
	n := 0
	for i := from; i < to; i++ {
		if c.Valid[i] {
			e.values = stored(e.values, i, i+1)
			n++
		}
	}
	return n
}

// readSigns appends a row group's signs, and nulls to c.Valid.
func readSigns(f *parquetFile, c *Column, l leaf, chunk pages.Chunk) error {
	return readFixed(f, c, l, chunk, func(rows int) {
		c.Words = slices.Grow(c.Words, rows*c.words())
	}, func(row []byte) {
		c.Words = appendWords(c.Words, row)
	})
}

// readFixed hands the rows of a row group to appendRow, a null as zeros, and appends nulls to c.Valid. When the file's first rows have come, it
// makes room for all, which hold was told of.
func readFixed(f *parquetFile, c *Column, l leaf, chunk pages.Chunk, grow func(rows int), appendRow func([]byte)) error {
	if l.physical != parquet.Types.FixedLenByteArray {
		return l.mismatch()
	}
	r := pages.NewReader(chunk, pages.Fixed(l.width), keep[[]byte])
	buf := make([][]byte, len(f.def))
	var null []byte
	for {
		n, exist, err := r.Next(f.def, nil, buf)
		if err != nil || n == 0 {
			return err
		}
		if c.Len() == 0 {
			grow(int(f.rows))
		}
		if exist < n && c.Valid == nil {
			c.Valid = allTrue(c.Len())
		}
		next := 0
		for _, d := range f.def[:n] {
			exists := int(d) == chunk.MaxDef
			if c.Valid != nil {
				c.Valid = append(c.Valid, exists)
			}
			if !exists {
				if null == nil {
					null = make([]byte, l.width)
				}
				appendRow(null)
				continue
			}
			appendRow(buf[next])
			next++
		}
	}
}

// appendWords appends a stored row.
func appendWords(to []uint64, b []byte) []uint64 {
	for ; len(b) >= 8; b = b[8:] {
		to = append(to, binary.LittleEndian.Uint64(b))
	}
	if len(b) > 0 {
		var last [8]byte
		copy(last[:], b)
		to = append(to, binary.LittleEndian.Uint64(last[:]))
	}
	return to
}
