package frame

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"spurion/artifacts/frame/pages"
)

// maxElements bounds the elements of a list column, whose offsets are int32: 2.1 GB of int8, 8.6 GB of float32, 17.2 GB of float64. Columns of
// signs and bytes have no offsets, and no bound but the memory.
const maxElements = math.MaxInt32

// errElements is the error for a list column that would have more.
func errElements(t Type) error {
	return fmt.Errorf("its lists have more than %d elements, which are %s of %v; write fewer rows into one table", maxElements, size(maxElements*t.width()), t.stored())
}

// readLists appends the lists of one row group. With base 1 where a list may be null and 0 elsewhere, the
// definition level is base for an empty list; the repetition level is 0 where a row begins.
func readLists[T any](f *parquetFile, c *Column, l leaf, chunk pages.Chunk, open opener[T], values *[]T) error {
	r, err := open(chunk, l.storage)
	if err != nil {
		return err
	}
	buf := make([]T, len(f.def))
	last := listNone
	for {
		n, exist, err := r.Next(f.def, f.rep, buf)
		if err != nil {
			return l.inList(err, c.Len(), last != listNone, f.def[:n], f.rep[:n])
		}
		if n == 0 {
			if last != listNone {
				c.Offsets = append(c.Offsets, int32(len(*values)))
			}
			return nil
		}
		if err := f.budget.hold(int64(exist) * c.Type.width()); err != nil {
			return err
		}
		if int64(len(*values)+exist) > maxElements {
			return errElements(c.Type)
		}
		before := len(*values)
		f.seen += int64(n)
		if before+exist > cap(*values) {
			*values = slices.Grow(*values, exist+f.toCome(l, before+exist))
		}
		*values = append(*values, buf[:exist]...)
		if last, err = l.rows(c, f.def[:n], f.rep[:n], before, last); err != nil {
			return err
		}
		if int64(c.Len()) > f.rows {
			return fmt.Errorf("damaged: more rows than the %d that were promised", f.rows)
		}
	}
}

// toCome gives how many elements of the column are likely still to come, after so many, and no more than may be held: so that lists are not copied
// while they grow, nor room made that nulls and empty lists do not need.
func (f *parquetFile) toCome(l leaf, elements int) int {
	promised := 0.
	for g := range f.groups {
		if chunks := f.groups[g].Chunks; l.column < len(chunks) {
			promised += float64(chunks[l.column].Values)
		}
	}
	left := float64(promised*(float64(elements)/float64(f.seen))) - float64(elements)
	may := float64((f.budget.limit - f.budget.held) / l.field.Type.width())
	return int(max(0, min(left, may)))
}

// A listState says of the row that was begun last whether it may go on.
type listState uint8

const (
	listNone  listState = iota // there is no row yet
	listEnded                  // a null or an empty list
	listOpen                   // a list with an element
)

// rows appends the rows that begin in a batch of levels, whose first element is number next of the column; last
// is the state of the row before, and what it gives that of the last row of the batch.
func (l leaf) rows(c *Column, def, rep []uint8, next int, last listState) (listState, error) {
	for i, d := range def {
		if rep[i] == 0 {
			if last != listNone {
				c.Offsets = append(c.Offsets, int32(next))
			}
			exists := l.listDef == 0 || d >= l.listDef
			if !exists && c.Valid == nil {
				c.Valid = allTrue(c.Len())
			}
			if c.Valid != nil {
				c.Valid = append(c.Valid, exists)
			}
			if last = listEnded; d > l.listDef {
				last = listOpen
			}
		} else if last == listNone {
			return last, fmt.Errorf("damaged: the first list has no beginning")
		} else if d <= l.listDef {
			return last, fmt.Errorf("damaged: row %d goes on without an element", c.Len())
		} else if last == listEnded {
			return last, fmt.Errorf("damaged: row %d goes on, which is null or empty", c.Len())
		}
		switch {
		case d == l.elementDef:
			next++
		case d > l.listDef:
			return last, fmt.Errorf("row %d: null in a list; a list's elements must exist", c.Len())
		}
	}
	return last, nil
}

// inList says in which row an element cannot be converted; row is the one that goes on if it has begun, else
// the one that begins.
func (l leaf) inList(err error, row int, begun bool, def, rep []uint8) error {
	var bad *pages.ValueError
	var large *TooLargeError
	if !errors.As(err, &bad) || errors.As(err, &large) {
		return err
	}
	if !begun {
		row--
	}
	left := bad.Index
	for i, d := range def {
		if rep[i] == 0 {
			row++
		}
		if d != l.elementDef {
			continue
		}
		if left == 0 {
			return fmt.Errorf("row %d: %w", row, bad.Err)
		}
		left--
	}
	return err
}
