package comparison

import (
	"slices"
	"strings"
	"testing"

	"spurion/stages/stagetest"
)

// TestMarks: numbers keep the marks of the measures, and of the columns that choose the rows behind
// them; names of rows keep their own.
func TestMarks(t *testing.T) {
	const numbers = "table.n table.missing table.failed table.capped table.mean table.low table.high table.interval table.value_se table.best table.pairs table.difference table.difference_low table.difference_high"
	for _, c := range []struct{ name, column, want string }{
		{"a number", "accuracy", "cells.accuracy cells.accuracy_difference " + numbers},
		{"a word", "worst_group", "cells.worst_group"},
		{"a name", "method", "cells.method cells.accuracy cells.accuracy_difference cells.worst_group table.method " + numbers},
	} {
		two := stagetest.Inputs{"tables": inputs()["tables"][:6]} // any of these six may be either method's
		unsorted := strings.Replace(settings, `"sort": "-accuracy", `, "", 1)
		stage := stagetest.Case{Name: c.name, Settings: unsorted, Inputs: two}
		if got := stagetest.KeepsMark(t, Kind, stage, "tables", c.column); !slices.Equal(got, strings.Fields(c.want)) {
			t.Errorf("%s: marked are %v, want %s", c.name, got, c.want)
		}
	}
	in := inputs()
	for i := range in["tables"] {
		table, err := in["tables"][i].Table()
		if err != nil {
			t.Fatal(err)
		}
		table.Column("worst_group").Mark = "group"
	}
	got := stagetest.Run(t, Kind, `{"rows": ["method"], "measures": ["accuracy"], "where": {"worst_group": "y1s0"}}`, in)
	if got["table"].Column("mean").Mark != "group" || got["cells"].Column("accuracy").Mark != "group" || got["table"].Column("method").Mark != "" {
		t.Errorf("of rows picked by a group the columns are %+v", got["table"].Fields())
	}
}
