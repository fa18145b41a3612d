package table

import (
	"slices"
	"testing"

	"spurion/stages/stagetest"
)

// TestMarks: every column is a copy and keeps its own mark, whatever picks or sorts the rows.
func TestMarks(t *testing.T) {
	for _, c := range []struct{ settings, column, want string }{
		{`{}`, "run", "table.run"},
		{`{"columns": ["t95", "run"]}`, "t95", "table.t95"},
		{`{"columns": ["run"], "missing": "null"}`, "run", "table.run"},
	} {
		got := stagetest.KeepsMark(t, Kind, stagetest.Case{Name: c.settings, Settings: c.settings, Inputs: inputs()}, "tables", c.column)
		if !slices.Equal(got, []string{c.want}) {
			t.Errorf("%s: marked are %v, want %v", c.settings, got, c.want)
		}
	}
	in := inputs()
	first, err := in["tables"][0].Table()
	if err != nil {
		t.Fatal(err)
	}
	first.Column("run").Mark = "split" // in one table of three
	got := stagetest.Run(t, Kind, `{"where": {"run": "a"}, "sort": ["run"]}`, in)["table"]
	if got.Column("run").Mark != "split" || got.Column("t95").Mark != "" || got.Column("seed").Mark != "" {
		t.Errorf("the columns are %+v", got.Fields())
	}
}
