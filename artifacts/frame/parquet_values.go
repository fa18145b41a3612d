package frame

import (
	"fmt"
	"math"

	"github.com/apache/arrow/go/v17/parquet"
	"github.com/apache/arrow/go/v17/parquet/file"
)

// maxElements bounds the elements of a list column, whose offsets are int32.
const maxElements = math.MaxInt32

// levels is the scratch space of a reader.
type levels struct {
	def, rep []int16
}

const readBatch = 1 << 14

// read reads the column from all row groups.
func (f *parquetFile) read(l leaf, c *Column) error {
	c.Field = l.field
	if c.Type.IsList() {
		c.Offsets = []int32{0}
	}
	// never more than the file's rows for what is not a list, nor one long list at once
	batch := max(64, min(readBatch, f.r.NumRows()))
	if f.def == nil {
		f.def, f.rep = make([]int16, batch), make([]int16, batch)
	}
	for g := range f.r.NumRowGroups() {
		group := f.r.RowGroup(g)
		if err := f.checkChunk(group, l.column); err != nil {
			return fmt.Errorf("row group %d: %w", g, err)
		}
		chunk, err := group.Column(l.column)
		if err != nil {
			return err
		}
		before := c.Len()
		if c.Type.IsList() {
			err = f.readLists(l, chunk, c)
		} else {
			err = f.readScalars(l, chunk, c)
		}
		if err == nil {
			err = chunk.Err()
		}
		if err != nil {
			return fmt.Errorf("row group %d: %w", g, err)
		}
		if got := int64(c.Len() - before); got != group.NumRows() {
			return fmt.Errorf("row group %d: damaged: %d rows where %d were promised", g, got, group.NumRows())
		}
	}
	if int64(c.Len()) != f.r.NumRows() {
		return fmt.Errorf("damaged: %d rows where %d were promised", c.Len(), f.r.NumRows())
	}
	return nil
}

// checkChunk refuses a column chunk that does not lie in the file: the library would make room for
// it first.
func (f *parquetFile) checkChunk(group *file.RowGroupReader, column int) error {
	m, err := group.MetaData().ColumnChunk(column)
	if err != nil {
		return err
	}
	start, size := m.DataPageOffset(), m.TotalCompressedSize()
	if m.HasDictionaryPage() && m.DictionaryPageOffset() > 0 {
		start = min(start, m.DictionaryPageOffset())
	}
	if start < 0 || size < 0 || size > f.size || start > f.size-size {
		return fmt.Errorf("damaged: %d bytes from %d on are not in the file", size, start)
	}
	return nil
}

// readScalars appends the values of one row group to a column that holds no lists.
func (f *parquetFile) readScalars(l leaf, chunk file.ColumnChunkReader, c *Column) error {
	switch r := chunk.(type) {
	case *file.BooleanColumnChunkReader:
		return readInto(f, c, r.ReadBatch, &c.Bools, keep[bool])
	case *file.Int32ColumnChunkReader:
		if l.field.Type == Int8 {
			return readInto(f, c, r.ReadBatch, &c.Int8s, toInt8)
		}
		if l.convert == unsigned32 {
			return readInto(f, c, r.ReadBatch, &c.Int64s, func(v int32) (int64, error) { return int64(uint32(v)), nil })
		}
		return readInto(f, c, r.ReadBatch, &c.Int64s, func(v int32) (int64, error) { return int64(v), nil })
	case *file.Int64ColumnChunkReader:
		if l.convert == unsigned64 {
			return readInto(f, c, r.ReadBatch, &c.Int64s, toInt64)
		}
		return readInto(f, c, r.ReadBatch, &c.Int64s, keep[int64])
	case *file.Float32ColumnChunkReader:
		return readInto(f, c, r.ReadBatch, &c.Float32s, keep[float32])
	case *file.Float64ColumnChunkReader:
		return readInto(f, c, r.ReadBatch, &c.Float64s, keep[float64])
	case *file.ByteArrayColumnChunkReader:
		return readInto(f, c, r.ReadBatch, &c.Strings, interned())
	}
	return fmt.Errorf("stored as %s, not as its type says", chunk.Type())
}

func keep[T any](v T) (T, error) { return v, nil }

func toInt8(v int32) (int8, error) {
	if v != int32(int8(v)) {
		return 0, fmt.Errorf("%d is not an int8", v)
	}
	return int8(v), nil
}

func toInt64(v int64) (int64, error) {
	if v < 0 {
		return 0, fmt.Errorf("%d is larger than an int64 may be", uint64(v))
	}
	return v, nil
}

// interned gives a conversion that makes one string of equal neighbours: dictionary-coded columns
// repeat few values.
func interned() func(parquet.ByteArray) (string, error) {
	seen := map[string]string{}
	return func(v parquet.ByteArray) (string, error) {
		if s, ok := seen[string(v)]; ok {
			return s, nil
		}
		s := string(v)
		if len(seen) < 1<<12 {
			seen[s] = s
		}
		return s, nil
	}
}

// readInto appends a row group's values, converted, to values, and nulls to c.Valid.
func readInto[P, T any](f *parquetFile, c *Column, read func(int64, []P, []int16, []int16) (int64, int, error), values *[]T, convert func(P) (T, error)) error {
	buf := make([]P, len(f.def))
	for {
		n, got, err := read(int64(len(buf)), buf, f.def, nil)
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		if got < 0 || int64(got) > n || !c.Nullable && int64(got) != n {
			return fmt.Errorf("damaged: %d values in %d rows", got, n)
		}
		if int64(got) < n && c.Valid == nil {
			c.Valid = allTrue(len(*values))
		}
		next := 0
		for i := range int(n) {
			exists := !c.Nullable || f.def[i] == 1
			var v T
			if exists {
				if next == got {
					return fmt.Errorf("damaged: fewer values than rows that have one")
				}
				if v, err = convert(buf[next]); err != nil {
					return fmt.Errorf("row %d: %w", len(*values), err)
				}
				next++
			}
			*values = append(*values, v)
			if c.Valid != nil {
				c.Valid = append(c.Valid, exists)
			}
		}
	}
}

func allTrue(n int) []bool {
	out := make([]bool, n)
	for i := range out {
		out[i] = true
	}
	return out
}

// readLists appends the lists of one row group.
func (f *parquetFile) readLists(l leaf, chunk file.ColumnChunkReader, c *Column) error {
	switch r := chunk.(type) {
	case *file.Int32ColumnChunkReader:
		if c.Type == Int8List {
			return readElements(f, l, c, r.ReadBatch, &c.Int8s, toInt8)
		}
	case *file.Float32ColumnChunkReader:
		if c.Type == Float32List {
			return readElements(f, l, c, r.ReadBatch, &c.Float32s, keep[float32])
		}
	}
	return fmt.Errorf("stored as %s, not as its type says", chunk.Type())
}

func readElements[P, T any](f *parquetFile, l leaf, c *Column, read func(int64, []P, []int16, []int16) (int64, int, error), values *[]T, convert func(P) (T, error)) error {
	buf := make([]P, len(f.def))
	open := false // a row has begun
	closeRow := func() {
		if open {
			c.Offsets = append(c.Offsets, int32(len(*values)))
		}
	}
	for {
		n, got, err := read(int64(len(buf)), buf, f.def, f.rep)
		if err != nil {
			return err
		}
		if n == 0 {
			closeRow()
			return nil
		}
		next := 0
		for i := range int(n) {
			switch {
			case f.rep[i] == 0:
				closeRow()
				open = true
				exists := l.listDef == 0 || f.def[i] >= l.listDef
				if !exists && c.Valid == nil {
					c.Valid = allTrue(len(c.Offsets) - 1)
				}
				if c.Valid != nil {
					c.Valid = append(c.Valid, exists)
				}
			case !open:
				return fmt.Errorf("damaged: the first list has no beginning")
			}
			switch {
			case f.def[i] == l.elementDef:
				if next >= got {
					return fmt.Errorf("damaged: fewer elements than promised")
				}
				v, err := convert(buf[next])
				if err != nil {
					return fmt.Errorf("row %d: %w", len(c.Offsets)-1, err)
				}
				*values = append(*values, v)
				next++
			case f.def[i] > l.listDef:
				return fmt.Errorf("row %d: null in a list; a list's elements must exist", len(c.Offsets)-1)
			}
		}
		if int64(len(*values)) > maxElements {
			return fmt.Errorf("more than %d list elements", maxElements)
		}
	}
}
