package aggregate

import (
	"slices"
	"strings"
	"testing"

	"spurion/stages/stagetest"
)

// TestMarks: a result keeps the mark of every column that it is computed from: its own, those that
// make the groups, those that choose among a group's rows, and the order where it decides; and hands it
// on to what is derived from it.
func TestMarks(t *testing.T) {
	for _, c := range []struct{ name, settings, column, want string }{
		{"value", `{"result": {"m": {"function": "mean", "column": "core"}, "n": {"function": "count"}}}`, "core", "m"},
		{"values that exist", `{"by": ["step"], "result": {"n": {"function": "count", "column": "core"}, "all": {"function": "count"}}}`, "core", "n"},
		{"every function", `{"result": {"f": {"function": "first", "column": "core"}, "l": {"function": "last", "column": "core"}, "s": {"function": "sum", "column": "core"}, "d": {"function": "median", "column": "core"},
			"a": {"function": "min", "column": "core"}, "z": {"function": "max", "column": "core"}, "v": {"function": "std", "column": "core"}, "q": {"function": "quantile", "q": 0.1, "column": "core"},
			"h": {"function": "share", "where": {"core": "> 0.2"}}, "other": {"function": "max", "column": "step"}}}`, "core", "a d f h l q s v z"},
		{"groups", `{"by": ["kind"], "result": {"m": {"function": "mean", "column": "core"}, "n": {"function": "count"}}}`, "kind", "kind m n"},
		{"where of a result", `{"result": {"m": {"function": "mean", "column": "core", "where": {"kind": "even"}}, "all": {"function": "mean", "column": "core"}}}`, "kind", "m"},
		{"until", `{"result": {"n": {"function": "count", "until": {"core": "> 0.4"}}, "all": {"function": "count"}}}`, "core", "n"},
		{"order", `{"sort": ["-core"], "result": {"top": {"function": "first", "column": "step"}, "sum": {"function": "sum", "column": "step"}}}`, "core", "top"},
		{"derived", `{"result": {"m": {"function": "mean", "column": "core"}, "n": {"function": "count"}}, "derive": {"twice": "2 * m", "plain": "n + 1"}}`, "core", "m twice"},
		{"derived of a group", `{"by": ["step"], "result": {"n": {"function": "count"}}, "derive": {"later": "step + 1"}}`, "step", "step n later"},
	} {
		stage := stagetest.Case{Name: c.name, Settings: c.settings, Inputs: inputs()}
		got := stagetest.KeepsMark(t, Kind, stage, "tables", c.column)
		for i := range got {
			got[i] = strings.TrimPrefix(got[i], "table.")
		}
		if want := strings.Fields(c.want); !slices.Equal(got, want) {
			t.Errorf("%s: marked are %v, want %v", c.name, got, want)
		}
	}
}

// TestMarksOfWhere: the rows that the stage keeps choose every result.
func TestMarksOfWhere(t *testing.T) {
	in := inputs()
	for i := range in["tables"] {
		table, err := in["tables"][i].Table()
		if err != nil {
			t.Fatal(err)
		}
		table.Column("kind").Mark = "group"
		table.Column("step").Mark = "split"
	}
	got := stagetest.Run(t, Kind, `{"where": {"kind": "even"}, "result": {"n": {"function": "count"}, "s": {"function": "sum", "column": "step"}}}`, in)["table"]
	for name, want := range map[string]string{"seed": "", "n": "group", "s": "group,split"} {
		if c := got.Column(name); string(c.Mark) != want {
			t.Errorf("%s is marked %q, want %q", name, c.Mark, want)
		}
	}
}
