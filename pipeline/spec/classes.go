package spec

import (
	"encoding/binary"
	"fmt"
)

// A rowIndex finds the rows of a stage that have given codes in some columns.
type rowIndex struct {
	rows map[string][]int32 // by packed codes
}

// packed makes a map's key of codes.
func packed(codes []int32) string {
	var buf [64]byte
	b := buf[:0]
	for _, c := range codes {
		b = binary.LittleEndian.AppendUint32(b, uint32(c))
	}
	return string(b)
}

// index gives the stage's instances by their codes in some columns; it is made once.
func (st *stage) index(cols []int) *rowIndex {
	name := fmt.Sprint(cols)
	if x := st.indexes[name]; x != nil {
		return x
	}
	x := &rowIndex{rows: map[string][]int32{}}
	codes := make([]int32, len(cols))
	for row := range st.grid.n {
		for k, i := range cols {
			codes[k] = st.grid.cols[i].codes[row]
		}
		key := packed(codes)
		x.rows[key] = append(x.rows[key], int32(row))
	}
	if st.indexes == nil {
		st.indexes = map[string]*rowIndex{}
	}
	st.indexes[name] = x
	return x
}

// classes groups the rows that agree in some columns: the group of each row, and for each group
// its first row. Groups are numbered in the order of their first rows.
func (g *grid) classes(cols []int) (class []int32, reps []int32) {
	class = make([]int32, g.n)
	if g.n == 0 {
		return class, nil
	}
	card := int64(1)
	current := make([]int64, g.n)
	for _, i := range cols {
		c := g.at(i)
		seen := make(map[int64]int64, len(c.ctys))
		for row, code := range c.codes {
			k := current[row]*int64(len(c.ctys)) + int64(code)
			id, ok := seen[k]
			if !ok {
				id = int64(len(seen))
				seen[k] = id
			}
			current[row] = id
		}
		card = int64(len(seen))
	}
	reps = make([]int32, 0, card)
	for row, id := range current {
		if int(id) == len(reps) {
			reps = append(reps, int32(row))
		}
		class[row] = int32(id)
	}
	return class, reps
}
