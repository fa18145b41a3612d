package frame

import (
	"errors"
	"fmt"
	"slices"

	"spurion/artifacts/frame/pages"
)

// levels is the scratch space of a reader.
type levels struct {
	def, rep []uint8
	seen     int64 // levels of a column of lists that were read
}

const readBatch = 1 << 14

// read reads the column from all row groups.
func (f *parquetFile) read(l leaf, c *Column) error {
	c.Field = l.field
	rows := f.rows
	if err := f.budget.holdRows(rows, l.rowBytes()); err != nil {
		return err
	}
	if f.def == nil {
		// never more than the file's rows for what is not a list, nor one long list at once
		batch := max(64, min(readBatch, rows))
		f.def, f.rep = make([]uint8, batch), make([]uint8, batch)
	}
	f.seen = 0
	if c.Type.hasOffsets() {
		c.Offsets = []int32{0}
	}
	for g := range f.groups {
		group := &f.groups[g]
		before := c.Len()
		err := f.readGroup(group, l, c)
		if err != nil {
			return fmt.Errorf("row group %d: %w", g, err)
		}
		if got := int64(c.Len() - before); got != group.Rows {
			return fmt.Errorf("row group %d: damaged: %d rows where %d were promised", g, got, group.Rows)
		}
	}
	if int64(c.Len()) != rows {
		return fmt.Errorf("damaged: %d rows where %d were promised", c.Len(), rows)
	}
	return nil
}

// rowBytes is what a row takes in memory, without the text of strings and the elements of lists.
func (l leaf) rowBytes() int64 {
	size := l.field.Type.width()
	switch {
	case l.field.Type == String:
		size = 1 // the code: see readTexts
	case l.field.Type.hasOffsets():
		size = 4
	case l.field.Type == Signs:
		size = 8 * int64(words(l.field.Length))
	case l.field.Type == Bytes:
		size = int64(l.field.Length)
	}
	if l.field.Nullable {
		size++
	}
	return size
}

func (f *parquetFile) readGroup(group *pages.RowGroup, l leaf, c *Column) error {
	chunk, err := f.chunk(group, l)
	if err != nil {
		return err
	}
	if l.none {
		return f.readNulls(chunk, c)
	}
	switch c.Type {
	case Bool:
		return readInto(f, c, l, chunk, readBools, &c.Bools)
	case Int8:
		return readInto(f, c, l, chunk, readInt8s, &c.Int8s)
	case Float32:
		return readInto(f, c, l, chunk, readFloat32s, &c.Float32s)
	case Float64:
		return readInto(f, c, l, chunk, readFloat64s, &c.Float64s)
	case String:
		return f.readTexts(l, chunk, c)
	case Int8List:
		return readLists(f, c, l, chunk, readInt8s, &c.Int8s)
	case Float32List:
		return readLists(f, c, l, chunk, readFloat32s, &c.Float32s)
	case Float64List:
		return readLists(f, c, l, chunk, readFloat64s, &c.Float64s)
	case Signs:
		return readSigns(f, c, l, chunk)
	case Bytes:
		return readBytes(f, c, l, chunk)
	}
	return readInto(f, c, l, chunk, readInt64s, &c.Int64s)
}

// chunk gives a column's part of a row group, which must lie in the file.
func (f *parquetFile) chunk(group *pages.RowGroup, l leaf) (pages.Chunk, error) {
	if l.column >= len(group.Chunks) {
		return pages.Chunk{}, fmt.Errorf("damaged: it has %d columns", len(group.Chunks))
	}
	m := &group.Chunks[l.column]
	start, size := m.Data, m.Size
	if m.Dictionary > 0 {
		start = min(start, m.Dictionary)
	}
	if length := int64(len(f.data)); start < 0 || size < 0 || size > length || start > length-size {
		return pages.Chunk{}, fmt.Errorf("damaged: %d bytes from %d on are not in the file", size, start)
	}
	if m.Values < 0 || !l.field.Type.hasOffsets() && m.Values != group.Rows {
		return pages.Chunk{}, fmt.Errorf("damaged: %d values in %d rows", m.Values, group.Rows)
	}
	column := f.schema.arrow.Column(l.column)
	return pages.Chunk{
		Data: f.data[start : start+size], Codec: m.Codec, Values: m.Values,
		MaxDef: int(column.MaxDefinitionLevel()), MaxRep: int(column.MaxRepetitionLevel()),
		Spend: f.budget.spend, Hold: f.budget.hold,
	}, nil
}

// readNulls appends rows of a column that has no values at all.
func (f *parquetFile) readNulls(chunk pages.Chunk, c *Column) error {
	n := int(chunk.Values) // of which hold has been told
	c.Strings.appendRepeated("", n)
	c.Valid = append(c.Valid, make([]bool, n)...)
	return nil
}

type opener[T any] func(pages.Chunk, storage) (levelReader[T], error)

// readInto appends a row group's values to values, and nulls to c.Valid.
func readInto[T any](f *parquetFile, c *Column, l leaf, chunk pages.Chunk, open opener[T], values *[]T) error {
	r, err := open(chunk, l.storage)
	if err != nil {
		return err
	}
	buf := make([]T, len(f.def))
	for {
		n, exist, err := r.Next(f.def, nil, buf)
		if err != nil {
			return inRow(err, len(*values), f.def[:n], uint8(chunk.MaxDef))
		}
		if n == 0 {
			return nil
		}
		if cap(*values) == 0 { // what hold was told of all rows, now that the first have come
			*values = make([]T, 0, f.rows)
		}
		if exist < n && c.Valid == nil {
			c.Valid = slices.Grow(allTrue(len(*values)), int(f.rows)-len(*values))
		}
		if exist == n {
			*values = append(*values, buf[:n]...)
			if c.Valid != nil {
				c.Valid = append(c.Valid, slices.Repeat([]bool{true}, n)...)
			}
			continue
		}
		next := 0
		for _, d := range f.def[:n] {
			var v T
			exists := int(d) == chunk.MaxDef
			if exists {
				v = buf[next]
				next++
			}
			*values, c.Valid = append(*values, v), append(c.Valid, exists)
		}
	}
}

// inRow says in which row a value cannot be converted; the definition levels are of the rows from first on.
func inRow(err error, first int, def []uint8, highest uint8) error {
	var bad *pages.ValueError
	var large *TooLargeError
	if !errors.As(err, &bad) || errors.As(err, &large) {
		return err
	}
	left := bad.Index
	for i, d := range def {
		if d != highest {
			continue
		}
		if left == 0 {
			return fmt.Errorf("row %d: %w", first+i, bad.Err)
		}
		left--
	}
	return err
}

func allTrue(n int) []bool { return slices.Repeat([]bool{true}, n) }
