package spec

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// TestVariableSources sets one variable from every source and looks at its canonical value.
func TestVariableSources(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	hclFile := write("a.hcl", "x = 10 + 1\n")
	jsonFile := write("b.json", `{"x": 12}`)
	tests := []struct {
		name, declared string
		o              Options
		value, source  string
		err            error
	}{
		{name: "default", declared: `default = 1`, value: "1", source: "default"},
		{name: "environment", declared: `default = 1`, o: Options{Environ: []string{"SPURION_VAR_x=2", "SPURION_VAR_other=3", "x=4"}}, value: "2", source: "SPURION_VAR_x"},
		{name: "file before environment", declared: `default = 1`, o: Options{Environ: []string{"SPURION_VAR_x=2"}, VarFiles: []string{hclFile}}, value: "11", source: hclFile},
		{name: "later file", declared: `default = 1`, o: Options{VarFiles: []string{hclFile, jsonFile}}, value: "12", source: jsonFile},
		{name: "--var before file", declared: `default = 1`, o: Options{VarFiles: []string{hclFile}, Vars: []string{"x=3", "x=4"}}, value: "4", source: "--var"},
		{name: "number by type", declared: `type = number`, o: Options{Vars: []string{"x=0.50"}}, value: "0.5", source: "--var"},
		{name: "text by type", declared: `type = string`, o: Options{Vars: []string{"x=0.50"}}, value: `"0.50"`, source: "--var"},
		{name: "text by default", declared: `default = "a"`, o: Options{Vars: []string{"x=[1]"}}, value: `"[1]"`, source: "--var"},
		{name: "list", declared: `type = list(number)`, o: Options{Vars: []string{"x=[1, 2]"}}, value: "[1,2]", source: "--var"},
		{name: "object with optional attribute", declared: `type = object({ a = number, b = optional(string, "z") })`, o: Options{Vars: []string{`x={a = 1}`}}, value: `{"a":1,"b":"z"}`, source: "--var"},
		{name: "function", declared: `default = parity(2)`, o: Options{Vars: []string{"x=staircase(3, 0.5)"}}, value: `"staircase(3)"`, source: "--var"},
		{name: "guessed number", declared: ``, o: Options{Vars: []string{"x=3"}}, value: "3", source: "--var"},
		{name: "guessed text", declared: ``, o: Options{Vars: []string{"x=a b"}}, value: `"a b"`, source: "--var"},
		{name: "value with equals sign", declared: `type = string`, o: Options{Vars: []string{"x=a=b"}}, value: `"a=b"`, source: "--var"},
		{name: "unset", declared: ``, err: ErrVariable},
		{name: "unknown", declared: `default = 1`, o: Options{Vars: []string{"xx=3"}}, err: ErrVariable},
		{name: "malformed", declared: `default = 1`, o: Options{Vars: []string{"x"}}, err: ErrVariable},
		{name: "wrong type", declared: `type = number`, o: Options{Vars: []string{"x=many"}}, err: ErrVariable},
		{name: "wrong type of default", declared: `default = 1`, o: Options{Vars: []string{"x=many"}}, err: ErrVariable},
		{name: "missing file", declared: `default = 1`, o: Options{VarFiles: []string{filepath.Join(dir, "none.hcl")}}, err: ErrRead},
		{name: "unknown in file", declared: `default = 1`, o: Options{VarFiles: []string{write("c.hcl", "y = 1\n")}}, err: ErrVariable},
		{name: "reference in file", declared: `default = 1`, o: Options{VarFiles: []string{write("d.hcl", "x = local.y\n")}}, err: ErrUnknown},
		{name: "broken file", declared: `default = 1`, o: Options{VarFiles: []string{write("e.hcl", "x = = 3\n")}}, err: ErrSyntax},
		{name: "broken JSON", declared: `default = 1`, o: Options{VarFiles: []string{write("f.json", `{"x": `)}}, err: ErrSyntax},
		{name: "wrong type in file", declared: `type = number`, o: Options{VarFiles: []string{write("g.json", `{"x": [1]}`)}}, err: ErrType},
		{name: "validation", declared: "default = 1\nvalidation {\n condition = var.x < 3\n error_message = \"m\"\n}", o: Options{Vars: []string{"x=4"}}, err: ErrValidation},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, diags := load(t, "variable \"x\" {\n"+tt.declared+"\n}\n", tt.o)
			if tt.err != nil {
				if s != nil || len(diags) == 0 || tt.err != ErrSyntax && len(diags) != 1 || !errors.Is(diags, tt.err) {
					t.Errorf("got %v, want one diagnostic %v", diags, tt.err)
				}
				return
			}
			if s == nil {
				t.Fatal(diags)
			}
			if v := s.Variables[0]; v.Value != tt.value || v.Source != tt.source {
				t.Errorf("got %s from %s, want %s from %s", v.Value, v.Source, tt.value, tt.source)
			}
		})
	}
}
