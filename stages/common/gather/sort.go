package gather

import (
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// Sort sorts the rows by columns, "-column" for descending: stably, nulls last in either direction.
func Sort(t *frame.Table, by []string) (*frame.Table, error) {
	if len(by) == 0 {
		return t, nil
	}
	rows, err := Order(t, by)
	if err != nil {
		return nil, err
	}
	return t.Take(rows), nil
}

// Order gives the rows in the order that Sort puts them in.
func Order(t *frame.Table, by []string) ([]int, error) {
	columns, descending := make([]*frame.Column, len(by)), make([]bool, len(by))
	for i, name := range by {
		bare, down := strings.CutPrefix(name, "-")
		c := t.Column(bare)
		if c == nil {
			return nil, stages.NoColumn(bare, Names(t))
		}
		if c.Type.IsList() {
			return nil, fmt.Errorf("column %q holds %v, which has no order", bare, c.Type)
		}
		columns[i], descending[i] = c, down
	}
	rows := make([]int, t.Rows())
	for i := range rows {
		rows[i] = i
	}
	slices.SortStableFunc(rows, func(a, b int) int {
		for i, c := range columns {
			if o := Compare(c, a, b, descending[i]); o != 0 {
				return o
			}
		}
		return 0
	})
	return rows, nil
}

// Key joins a row's values of some columns, such that no two different rows can look alike.
func Key(t *frame.Table, columns []string, row int) string {
	var b strings.Builder
	for _, name := range columns {
		c := t.Column(name)
		if c.Null(row) {
			b.WriteString("null ")
			continue
		}
		text := Text(c, row)
		fmt.Fprintf(&b, "%d:%s ", len(text), text)
	}
	return b.String()
}
