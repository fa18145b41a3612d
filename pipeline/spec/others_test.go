package spec

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

type pickSettings struct {
	Keep []string `name:"keep" column:"tables" doc:"Columns to keep."`
	Add  []string `name:"add" doc:"Columns to make."`
	N    int      `name:"n" default:"0" doc:"A number."`
}

// pickRegistry has rows with a column x, and pick, whose table has the columns keep (all without it), those of
// add, and always n; and one whose columns only a run knows.
func pickRegistry() *stages.Registry {
	tables := stages.Input{Name: "tables", Type: stages.AnyType, Cardinality: stages.List, Axes: true, Doc: "Tables."}
	rows := stages.Output{Name: "out", Doc: "Rows.", Fields: []frame.Field{{Name: "x", Type: frame.Int64}, {Name: "y", Type: frame.Int64}}}
	pick := stages.Output{Name: "out", Doc: "A table.", Fields: []frame.Field{{Name: "n", Type: frame.Int64}}, Others: "others",
		OthersOf: func(settings any) stages.Others {
			s := settings.(*pickSettings)
			o := stages.Others{Names: slices.Concat(s.Keep, s.Add), Axes: []string{"tables"}}
			if len(s.Keep) == 0 {
				o.From = []string{"tables"}
			}
			return o
		}}
	dark := stages.Output{Name: "out", Doc: "A table.", Fields: rows.Fields, Others: "whatever the run makes"}
	one := func(name string, out stages.Output, in ...stages.Input) *stages.Kind {
		return stages.Define(stages.Kind{Name: name, Version: 1, Doc: "K.", Inputs: in, Outputs: []stages.Output{out}}, nothing[pickSettings])
	}
	for i := range rows.Fields {
		rows.Fields[i].Doc = "A number."
	}
	return &stages.Registry{Kinds: []*stages.Kind{
		one("rows", rows, stages.Input{Name: "tables", Type: stages.AnyType, Cardinality: stages.List, Doc: "Tables."}),
		one("pick", pick, tables), one("dark", dark, tables),
	}}
}

// TestColumnsThatSettingsName: a table's columns are known before a run where settings and inputs tell
// them, through any number of stages.
func TestColumnsThatSettingsName(t *testing.T) {
	const source = `
stage "rows" "r" { for_each = [for s in [1, 2] : { seed = s }] }
stage "pick" "all" { tables = rows.r[*].out }
stage "pick" "one" {
  tables = rows.r[*].out
  keep   = ["x"]
  add    = ["z"]
}
stage "pick" "each" {
  for_each = [for c in ["x", "y"] : { column = c }]
  tables   = rows.r[*].out
  keep     = [each.column]
}
stage "dark" "d" { tables = rows.r[*].out }
stage "pick" "behind" {
  tables = pick.all.out
  add    = ["w"]
}
stage "pick" "lost" { tables = dark.d.out }
`
	for _, c := range []struct {
		from string
		has  []string
		not  []string
	}{
		{"pick.all.out", []string{"seed", "x", "y", "n"}, []string{"z", "w"}},
		{"pick.one.out", []string{"seed", "x", "z", "n"}, []string{"y"}},
		{"pick.each[*].out", []string{"seed", "column", "x", "y", "n"}, []string{"z"}},
		{`pick.each[{ column = "x" }].out`, []string{"seed", "x", "n"}, []string{"y"}},
		{"pick.behind.out", []string{"seed", "x", "y", "n", "w"}, []string{"z"}},
		{"dark.d.out", []string{"x", "anything"}, nil},
		{"pick.lost.out", []string{"n", "anything"}, nil},
		{"concat([pick.one.out], pick.each[*].out)", []string{"x", "y", "z", "column"}, []string{"w"}},
	} {
		for want, names := range map[bool][]string{true: c.has, false: c.not} {
			for _, name := range names {
				text := fmt.Sprintf("%sstage \"pick\" \"last\" {\n tables = %s\n keep = [%q]\n}\n", source, c.from, name)
				_, diags := load(t, text, Options{Kinds: pickRegistry()})
				known := !slices.ContainsFunc(diags, func(d Diagnostic) bool { return errors.Is(d, ErrUnknownColumn) })
				if known != want || diags.HasErrors() == want {
					t.Errorf("column %s of %s: known is %v, want %v; %v", name, c.from, known, want, diags)
				}
			}
		}
	}
}
