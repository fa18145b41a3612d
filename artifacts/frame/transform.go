package frame

import "fmt"

// Concat gives the rows of all tables, one after the other. The tables must have the same fields in
// the same order (docs aside); the first table's docs are kept, metadata is not. No table gives an
// empty one.
func Concat(tables []*Table) (*Table, error) { panic("skeleton") }

// WithConstants gives the table with columns before its own that hold one value each in every row:
// a bool, int64, float64 or string that fits its field. The other columns share memory with t.
func (t *Table) WithConstants(fields []Field, values []any) (*Table, error) { panic("skeleton") }

// Select gives the columns with the names, in the order of the names; they share memory with t.
func (t *Table) Select(names ...string) (*Table, error) { panic("skeleton") }

// Filter gives the rows for which keep is true, in order.
func (t *Table) Filter(keep func(row int) bool) *Table { panic("skeleton") }

// Slice gives the rows from, from+1, ..., to-1; it may share memory with t. It panics unless
// 0 <= from <= to <= t.Rows().
func (t *Table) Slice(from, to int) *Table { panic("skeleton") }

var errSkeleton = fmt.Errorf("skeleton")
