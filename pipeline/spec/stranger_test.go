package spec

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMisspeltAttributes wants an error for an attribute that a type does not have, wherever a value comes from and
// however deep it stands, at the attribute's name where that is in a file.
func TestMisspeltAttributes(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return path
	}
	object := `object({ rate = number, momentum = optional(number, 0.9) })`
	tests := []struct {
		name, declared string
		o              Options
		at             string // the text that is meant
	}{
		{"default", "type = " + object + "\ndefault = { rate = 1, momentun = 2 }", Options{}, "momentun"},
		{"in a map", "type = map(" + object + ")\ndefault = {\n a = { rate = 1 }\n b = { rate = 1, momentun = 2 }\n}", Options{}, "momentun"},
		{"in a list", "type = list(" + object + ")\ndefault = [{ rate = 1 }, { rate = 1, \"momentun\" = 2 }]", Options{}, `"momentun"`},
		{"in a set", "type = set(" + object + ")\ndefault = [{ rate = 1, (\"momentun\") = 2 }]", Options{}, `("momentun")`},
		{"in a tuple", "type = tuple([number, " + object + "])\ndefault = [1, { rate = 1, momentun = 2 }]", Options{}, "momentun"},
		{"in an object", "type = object({ inner = optional(" + object + ") })\ndefault = { inner = { rate = 1, momentun = 2 } }", Options{}, "momentun"},
		{"of a computed map", "type = " + object + "\ndefault = merge({ rate = 1 }, { momentun = 2 })", Options{}, "merge({ rate = 1 }, { momentun = 2 })"},
		{"of a typed map", "type = " + object + "\ndefault = tomap({ rate = 1, momentun = 2 })", Options{}, "tomap({ rate = 1, momentun = 2 })"},
		{"in a loop", "type = list(" + object + ")\ndefault = [for i in range(2) : { rate = i, momentun = 2 }]", Options{}, "[for i in range(2) : { rate = i, momentun = 2 }]"},
		{"of an optional attribute", "type = object({ inner = optional(" + object + ", { rate = 1, momentun = 2 }) })\ndefault = {}", Options{}, "momentun"},
		{"--var", "type = " + object, Options{Vars: []string{"x={ rate = 1, momentun = 2 }"}}, `variable "x"`},
		{"environment", "type = list(" + object + ")", Options{Environ: []string{"SPURION_VAR_x=[{ rate = 1, momentun = 2 }]"}}, `variable "x"`},
		{"file", "type = map(" + object + ")", Options{VarFiles: []string{write("a.hcl", "x = {\n  a = { rate = 1, momentun = 2 }\n}\n")}}, "momentun"},
		{"JSON", "type = map(" + object + ")", Options{VarFiles: []string{write("a.json", `{"x": {"a": {"rate": 1, "momentun": 2}}}`)}}, `{"a": {"rate": 1, "momentun": 2}}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, diags := load(t, "variable \"x\" {\n"+tt.declared+"\n}\n", tt.o)
			checkDiagnostics(t, diags)
			if s != nil || len(diags) != 1 || !errors.Is(diags, ErrUnknown) {
				t.Fatalf("got %v", diags)
			}
			d := diags[0]
			text, err := os.ReadFile(d.Range.File)
			if err != nil {
				t.Fatal(err)
			}
			if got := string(text[d.Range.StartOffset:d.Range.EndOffset]); got != tt.at {
				t.Errorf("points to %q, want %q", got, tt.at)
			}
			if !strings.Contains(d.Summary, `"momentun"`) || !strings.Contains(d.Detail, `Did you mean "momentum"?`) {
				t.Errorf("got %s; %s", d.Summary, d.Detail)
			}
		})
	}
}

// TestOptionalAttributes fills in what is not given, in values of all shapes, as before.
func TestOptionalAttributes(t *testing.T) {
	object := `object({ rate = number, momentum = optional(number, 0.9) })`
	for _, tt := range []struct{ ty, given, want string }{
		{object, `{ rate = 1 }`, `{"momentum":0.9,"rate":1}`},
		{"list(" + object + ")", `[{ rate = 1 }, { rate = "2", momentum = 0 }]`, `[{"momentum":0.9,"rate":1},{"momentum":0,"rate":2}]`},
		{"list(" + object + ")", `tolist([{ rate = 1 }])`, `[{"momentum":0.9,"rate":1}]`},
		{"set(" + object + ")", `toset([{ rate = 1 }])`, `[{"momentum":0.9,"rate":1}]`},
		{"map(" + object + ")", `tomap({ a = { rate = 1 } })`, `{"a":{"momentum":0.9,"rate":1}}`},
		{"map(object({ inner = optional(" + object + ", { rate = 3 }) }))", `{ a = {} }`, `{"a":{"inner":{"momentum":0.9,"rate":3}}}`},
		{"map(any)", `{ a = 1, b = "x" }`, `{"a":"1","b":"x"}`},
		{"list(any)", `[1, 2]`, `[1,2]`},
	} {
		s, diags := load(t, "variable \"x\" {\n type = "+tt.ty+"\n default = "+tt.given+"\n}\n", Options{})
		if s == nil || s.Variables[0].Value != tt.want {
			t.Errorf("%s as %s: %v, want %s", tt.given, tt.ty, diags, tt.want)
		}
	}
}
