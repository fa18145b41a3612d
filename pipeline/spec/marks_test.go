package spec

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// markedRegistry has a kind that makes groups, and some that declare more or less of what they read.
func markedRegistry() *stages.Registry {
	out := stages.Output{Name: "out", Doc: "Rows.", Fields: []frame.Field{
		{Name: "value", Type: frame.Int64}, {Name: "by", Type: frame.Int64, Mark: frame.Mark("group").With(frame.MarkSplit)},
	}}
	reader := func(name string, marks ...frame.Mark) *stages.Kind {
		k := stages.Kind{Name: name, Version: 1, Doc: "R.", Outputs: []stages.Output{out},
			Inputs: []stages.Input{
				{Name: "first", Type: stages.AnyType, Cardinality: stages.Optional, Doc: "A table."},
				{Name: "tables", Type: stages.AnyType, Cardinality: stages.List, Doc: "Tables."},
			}}
		for _, m := range marks {
			k.Labels = append(k.Labels, stages.LabelUse{Mark: m, Purpose: "evaluation"})
		}
		return stages.Define(k, nothing[empty])
	}
	plain := stages.Define(stages.Kind{Name: "plain", Version: 1, Doc: "P.",
		Outputs: []stages.Output{{Name: "out", Doc: "Any rows."}}}, nothing[empty])
	return &stages.Registry{Kinds: []*stages.Kind{plain, reader("rows", frame.Marks...), reader("blind"), reader("grouped", frame.MarkGroup)}}
}

// TestMarkedColumns: a kind is not given a column whose mark it does not declare, and the place and
// the column are named before anything runs.
func TestMarkedColumns(t *testing.T) {
	const source = "stage \"rows\" \"r\" {}\nstage \"plain\" \"p\" {}\n"
	for _, c := range []struct {
		name, text string
		lines      []int // of the errors
		says       string
	}{
		{"all declared", `stage "rows" "s" { first = rows.r.out }`, nil, ""},
		{"none declared", `stage "blind" "s" { first = rows.r.out }`, []int{3}, `The output out of rows.r has the column "by", marked group`},
		{"one of two", `stage "grouped" "s" { tables = [plain.p.out, rows.r.out, rows.r.out] }`, []int{3}, "marked split"},
		{"both inputs", "stage \"blind\" \"s\" {\n first = rows.r.out\n tables = rows.r.out\n}", []int{4, 5}, ""},
		{"not known yet", `stage "blind" "s" { first = plain.p.out }`, nil, ""},
		{"for some instances", "stage \"blind\" \"s\" {\n for_each = [\"rows\", \"plain\"]\n first = each.key == \"rows\" ? rows.r.out : plain.p.out\n}", []int{5}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, diags := load(t, source+c.text, Options{Kinds: markedRegistry()})
			var lines []int
			for _, d := range diags {
				if !errors.Is(d.Err, ErrMarked) {
					t.Fatalf("\n%s", d.Text(0, false))
				}
				lines = append(lines, d.Range.Line)
				if !strings.Contains(d.Detail, c.says) || !strings.Contains(d.Detail, "Labels") {
					t.Errorf("the detail is %q", d.Detail)
				}
			}
			if !slices.Equal(lines, c.lines) {
				t.Errorf("errors on lines %v, want %v", lines, c.lines)
			}
		})
	}
}
