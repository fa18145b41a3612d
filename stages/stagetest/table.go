package stagetest

import (
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// Built makes artifacts of what gives a table, such as a data set or a model.
func Built(t testing.TB, of ...interface{ Table() (*frame.Table, error) }) []stages.Artifact {
	t.Helper()
	list := make([]stages.Artifact, len(of))
	for i, b := range of {
		table, err := b.Table()
		if err != nil {
			t.Fatal(err)
		}
		list[i] = Table(table)
	}
	return list
}

// Text gives a table as one line to compare, "seed step: 1 10, 1 null": values are as gather.Text has them.
func Text(t *frame.Table) string {
	var rows []string
	for row := range t.Rows() {
		var cells []string
		for c := range t.Columns {
			cells = append(cells, gather.Text(&t.Columns[c], row))
		}
		rows = append(rows, strings.Join(cells, " "))
	}
	return strings.Join(gather.Names(t), " ") + ": " + strings.Join(rows, ", ")
}

// Value gives a value of a column, nil for a null; -1 is the last row. Without the column the test fails.
func Value(t testing.TB, table *frame.Table, column string, row int) any {
	t.Helper()
	c := table.Column(column)
	if c == nil {
		t.Fatalf("there is no column %s; the columns are %s", column, strings.Join(gather.Names(table), ", "))
	}
	if row < 0 {
		row += c.Len()
	}
	return c.Value(row)
}
