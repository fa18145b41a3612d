package frame

import (
	"fmt"
	"strings"
)

// A Stack holds many tables. Those with equal fields share a Block, so that a hundred thousand tables of one
// row take little more room than one table of as many rows. The zero value holds none.
type Stack struct {
	last   *Block // most tables follow one of their kind
	blocks map[string]*Block
	bytes  int64
}

// A Block is tables with equal fields, their rows under each other.
type Block struct {
	Fields []Field
	table  *Table // some of Fields, or all
	rows   int    // also where none of Fields is kept
}

// A Span is a table in a block, or a constant in so many rows.
type Span struct {
	Block    *Block
	From, To int // its rows in the block
	// Value, if it is not nil, is what each of the rows has in every column: a bool, int64, float64 or string. Such a
	// span needs no block.
	Value any
}

// Rows gives the number of rows.
func (s Span) Rows() int { return s.To - s.From }

// Add copies a table's rows, of the columns that keep is true for; nil stands for all.
func (s *Stack) Add(t *Table, keep func(name string) bool) Span {
	b := s.block(t, keep)
	from, rows := b.rows, t.Rows()
	b.rows += rows
	for i := range b.table.Columns {
		to := &b.table.Columns[i]
		c := t.Column(to.Name)
		to.appendRows(c, 0, rows)
		s.bytes += c.bytes()
	}
	return Span{Block: b, From: from, To: from + rows}
}

// Bytes gives the size of all values.
func (s *Stack) Bytes() int64 { return s.bytes }

// block gives the block for a table, made with the columns to keep if there is none.
func (s *Stack) block(t *Table, keep func(string) bool) *Block {
	if s.last != nil && s.last.fits(t) {
		return s.last
	}
	key := fieldsKey(t)
	b := s.blocks[key]
	if b == nil {
		b = &Block{Fields: t.Fields(), table: &Table{}}
		for _, f := range b.Fields {
			if keep == nil || keep(f.Name) {
				b.table.Columns = append(b.table.Columns, emptyTable([]Field{f}).Columns[0])
			}
		}
		if s.blocks == nil {
			s.blocks = map[string]*Block{}
		}
		s.blocks[key] = b
	}
	s.last = b
	return b
}

func (b *Block) fits(t *Table) bool {
	if len(b.Fields) != len(t.Columns) {
		return false
	}
	for i := range b.Fields {
		if b.Fields[i] != t.Columns[i].Field {
			return false
		}
	}
	return true
}

// fieldsKey tells lists of fields apart.
func fieldsKey(t *Table) string {
	var b strings.Builder
	for i := range t.Columns {
		f := &t.Columns[i].Field
		fmt.Fprintf(&b, "%q %d %q %q %t %q %q %d %v %v\n", f.Name, f.Type, f.Unit, f.Doc, f.Nullable, f.Mark, f.Guess, f.Length, f.Scale, f.Offset)
	}
	return b.String()
}

// Field gives the field of a column, nil if the tables have none of the name.
func (b *Block) Field(name string) *Field {
	for i := range b.Fields {
		if b.Fields[i].Name == name {
			return &b.Fields[i]
		}
	}
	return nil
}

// Column gives a column of the rows that are held; nil if the name is not there or was not kept. It is to be read
// only, and grows as tables are added.
func (b *Block) Column(name string) *Column { return b.table.Column(name) }

// Table gives the span's own table; it shares memory with the block.
func (s Span) Table() *Table {
	return (&Table{Columns: s.Block.table.Columns}).Slice(s.From, s.To)
}

// OfTable gives the whole table as a span that shares its memory.
func OfTable(t *Table) Span {
	return Span{Block: &Block{Fields: t.Fields(), table: t, rows: t.Rows()}, To: t.Rows()}
}

// Bytes gives the size of all values.
func (t *Table) Bytes() int64 {
	var n int64
	for i := range t.Columns {
		n += t.Columns[i].bytes()
	}
	return n
}

// bytes gives the size of the values.
func (c *Column) bytes() int64 {
	n := len(c.Bools) + len(c.Int8s) + 8*len(c.Int64s) + 4*len(c.Float32s) + 8*len(c.Float64s) + 8*len(c.Words) + len(c.Uint8s) + 4*len(c.Offsets) + len(c.Valid)
	return int64(n + c.Strings.bytes())
}
