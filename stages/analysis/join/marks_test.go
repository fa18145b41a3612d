package join

import (
	"slices"
	"testing"

	"spurion/stages/stagetest"
)

// TestMarks: what is taken keeps its mark, and has those of what it was looked up by, on either side;
// the rows of tables keep their own alone.
func TestMarks(t *testing.T) {
	for _, c := range []struct {
		name, settings, input, column string
		want                          []string
	}{
		{"taken", `{"on": ["step"], "columns": ["core"], "missing": "null"}`, "with", "core", []string{"table.core"}},
		{"looked up by", `{"on": ["step"], "columns": ["core"], "missing": "null"}`, "with", "step", []string{"table.core"}},
		{"looked up for", `{"on": ["step"], "columns": ["core"], "missing": "null"}`, "tables", "step", []string{"table.step", "table.core"}},
		{"copied", `{"on": ["step"], "columns": ["core"], "missing": "null"}`, "tables", "rule", []string{"table.rule"}},
		{"where", `{"columns": ["core"], "where": {"step": "10"}, "missing": "null"}`, "with", "step", []string{"table.core"}},
	} {
		got := stagetest.KeepsMark(t, Kind, stagetest.Case{Name: c.name, Settings: c.settings, Inputs: inputs()}, c.input, c.column)
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: marked are %v, want %v", c.name, got, c.want)
		}
	}
}
