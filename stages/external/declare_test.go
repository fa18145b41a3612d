package external

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/stagetest"
)

// decoded gives an output with settings in JSON.
func decoded(t *testing.T, parts ...string) *File {
	t.Helper()
	var given []string
	for _, p := range parts {
		if p != "" {
			given = append(given, p)
		}
	}
	s, err := stagetest.Settings(Kind, fmt.Sprintf(`{"command": ["sh"], "output": {"a": {"path": "x", %s}}}`, strings.Join(given, ", ")))
	if err != nil {
		t.Fatal(err)
	}
	f := s.(*Settings).Outputs["a"]
	return &f
}

// A Parquet file's columns get the declared names, units and types, if their values are of the type.
func TestDeclare(t *testing.T) {
	null := frame.Strings(frame.Field{Name: "none"}, []string{"", ""}).WithValid([]bool{false, false})
	columns := []frame.Column{
		frame.Int64s(frame.Field{Name: "Learned/Step", Unit: "s"}, []int64{5, 7}),
		frame.Float64s(frame.Field{Name: "share"}, []float64{1, 0.1}),
		frame.Float64s(frame.Field{Name: "whole"}, []float64{1, -3}).WithValid([]bool{true, false}),
		frame.Float32Lists(frame.Field{Name: "inputs"}, []float32{1, 2}, []int32{0, 1, 2}),
		null,
	}
	columns[2].Float64s[1] = 0
	table := &frame.Table{Columns: columns}
	for _, c := range []struct{ declaration, want string }{
		{`"columns": {"learned": {"from": "Learned/Step", "type": "float64", "unit": "steps"}}`, "learned float64 in steps 5 7; share float64 1 0.1; whole float64 1 -; inputs list<float32> [1] [2]; none string - -"},
		{`"undeclared": "drop", "columns": {"whole": {"type": "int64"}, "none": {"type": "list<float64>"}}`, "whole int64 1 -; none list<float64> - -"},
		{`"undeclared": "drop", "columns": {"whole": {"type": "int8"}, "s": {"from": "Learned/Step"}}`, "s int64 in s 5 7; whole int8 1 -"},
		{`"undeclared": "drop", "columns": {"share": {"type": "float32", "doc": "x"}}`, "share float32 1 0.1"},
		{`"undeclared": "drop", "columns": {"none": {"type": "bool"}}`, "none bool - -"},
	} {
		got, err := decoded(t, c.declaration).declare(table)
		if err != nil {
			t.Errorf("%s: %v", c.declaration, err)
		} else if describe(got) != c.want {
			t.Errorf("%s\n gives %s\n want  %s", c.declaration, describe(got), c.want)
		} else if err := got.Check(nil); err != nil {
			t.Error(err)
		}
	}
	for declaration, want := range map[string]string{
		`"columns": {"share": {"type": "int64"}}`:                                       `{ learned_step = { from = "Learned/Step" } }`,
		`"undeclared": "drop", "columns": {"share": {"type": "int64"}}`:                 "column share: row 1: 0.1 is no int64",
		`"undeclared": "drop", "columns": {"share": {"type": "string"}}`:                "it holds float64, and is declared as string",
		`"undeclared": "drop", "columns": {"inputs": {"type": "float32"}}`:              "it holds list<float32>",
		`"undeclared": "drop", "columns": {"learned": {"from": "learned/step"}}`:        `there is no column "learned/step"`,
		`"columns": {"share": {"from": "Learned/Step"}, "b": {"from": "whole"}}`:        `column "share" has the name that is declared for column "Learned/Step"`,
		`"undeclared": "drop", "columns": {"a": {"from": "x"}, "b": {"from": "share"}}`: `from which a is declared`,
	} {
		if got, err := decoded(t, declaration).declare(table); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want an error with %s", declaration, got, err, want)
		}
	}
}

// A Parquet file may have any names; the error has the declaration to copy.
func TestForeignNames(t *testing.T) {
	content, err := frame.Encode(&frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "learned_step"}, []int64{5}), frame.Float64s(frame.Field{Name: "acc"}, []float64{1}),
	}})
	if err != nil {
		t.Fatal(err)
	}
	// Our own writer has no such names: they are put where they stand in the file.
	content = bytes.ReplaceAll(content, []byte("learned_step"), []byte("Learned/Step"))
	const want = `declare columns = { learned_step = { from = "Learned/Step" } }`
	if got, err := decoded(t, `"format": "parquet"`).read(content); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("undeclared: %v, %v", got, err)
	}
	got, err := decoded(t, `"columns": {"learned": {"from": "Learned/Step", "type": "float64"}}`).read(content)
	if err != nil || describe(got) != "learned float64 5; acc float64 1" {
		t.Errorf("declared: %v, %v", got, err)
	}
}

// Whole numbers that a float64 cannot tell apart are not made one.
func TestRetype(t *testing.T) {
	large := frame.Int64s(frame.Field{Name: "n"}, []int64{1<<53 + 1})
	if _, err := retype(large, frame.Float64); err == nil {
		t.Error("2^53+1 becomes a float64")
	}
	if _, err := retype(frame.Float64s(frame.Field{Name: "n"}, []float64{1e300}), frame.Float32); err == nil {
		t.Error("1e300 becomes a float32")
	}
	if _, err := retype(frame.Int64s(frame.Field{Name: "n"}, []int64{300}), frame.Int8); err == nil {
		t.Error("300 becomes an int8")
	}
}

// What is declared and cannot be is refused before the program runs.
func TestCheckOutput(t *testing.T) {
	for declaration, want := range map[string]string{
		`"format": "csv", "columns": {"A": {}}`:                                          "name",
		`"format": "csv", "columns": {"a": {"from": "x"}, "b": {"from": "x"}}`:           "declared twice",
		`"format": "csv", "columns": {"a": {"type": "list<int8>"}}`:                      "CSV holds no lists",
		`"format": "csv", "columns": {"a": {"type": "int32"}}`:                           "int32",
		`"format": "csv", "separator": ""`:                                               "cannot separate",
		`"format": "csv", "separator": ";;"`:                                             "cannot separate",
		`"format": "csv", "separator": "\""`:                                             "cannot separate",
		`"separator": ";"`:                                                               "separator is for CSV",
		`"null": ["NA"]`:                                                                 "null is for CSV",
		`"format": "file", "columns": {"a": {}}`:                                         "a file has no columns",
		`"format": "folder", "undeclared": "keep"`:                                       "a folder has no columns",
		`"undeclared": "drop"`:                                                           "no column would be left",
		`"format": "folder", "type": "dataset"`:                                          "a folder is not a dataset",
		`"format": "csv", "undeclared": "ignore", "columns": {"a": {"unit": "seconds"}}`: "ignore",
	} {
		_, err := stagetest.Settings(Kind, fmt.Sprintf(`{"command": ["sh"], "output": {"a": {"path": "x", %s}}}`, declaration))
		if err == nil {
			_, err = stagetest.Try(t.Context(), Kind, fmt.Sprintf(`{"command": ["sh"], "output": {"a": {"path": "x", %s}}}`, declaration), nil, (&fake{}).option)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", declaration, err, want)
		}
	}
}
