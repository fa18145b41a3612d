package spec

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

func seedSpecs(f *testing.F) {
	f.Add([]byte(design))
	for _, pattern := range []string{"testdata/valid/*.hcl", "testdata/diagnostics/*.hcl", "testdata/diagnostics/*/*.hcl"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
}

// fuzzKinds is one registry for all runs: describing kinds takes longer than loading a small spec.
var fuzzKinds = sync.OnceValue(registry)

// A loading loads files in one folder that holds nothing else.
type loading struct{ dir string }

// newLoading makes the folder once for all runs of a fuzzing process.
func newLoading(f *testing.F) loading { return loading{f.TempDir()} }

func (l loading) write(t *testing.T, name string, data []byte) string {
	t.Helper()
	file := filepath.Join(l.dir, name)
	if err := os.WriteFile(file, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return file
}

// load loads a spec, with limits so low that no run takes long.
func (l loading) load(t *testing.T, data []byte, o Options) (*Spec, Diagnostics) {
	t.Helper()
	o.Kinds, o.Root, o.MaxInstances, o.maxElements = fuzzKinds(), l.dir, 300, 1000
	return Load(l.write(t, "main.hcl", data), o)
}

// check checks what every load promises.
func (l loading) check(t *testing.T, s *Spec, diags Diagnostics) {
	t.Helper()
	checkDiagnostics(t, diags)
	if (s == nil) != diags.HasErrors() {
		t.Errorf("spec %v with %v", s != nil, diags)
	}
	if s != nil {
		checkSpec(t, s)
	}
	for i, d := range diags {
		if i < 3 {
			d.Text(80, false)
			d.Text(30, true)
		}
	}
}

// FuzzLoad: nothing panics or takes long; each diagnostic has a cause and a place in the file, and shows no stack; a
// spec that loads keeps its promises. Run it with -fuzzminimizetime 20x: by default Go spends up to a minute on making
// each input smaller that reaches new code, which for whole specs is nearly all of the time.
func FuzzLoad(f *testing.F) {
	seedSpecs(f)
	l := newLoading(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		s, diags := l.load(t, data, Options{})
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("took %v", took)
		}
		l.check(t, s, diags)
	})
}

// fuzzVariables declares variables of all sorts.
const fuzzVariables = `
variable "any" { default = null }
variable "number" {
  default = 1
  type    = number
}
variable "text" { default = "a" }
variable "list" {
  default = []
  type    = list(number)
}
variable "law" { default = parity(2) }
variable "object" {
  default = {}
  type    = map(object({ rate = optional(number, 1), inner = optional(object({ a = optional(string) }), {}) }))
}
variable "checked" {
  default = 1
  validation {
    condition     = length("${var.checked}") < 5
    error_message = "It is ${var.checked}."
  }
}
`

// FuzzVarFile reads files of variables, HCL and JSON.
func FuzzVarFile(f *testing.F) {
	for _, text := range []string{
		"number = 2\ntext = \"b\"\n", "list = [1, 2]\nobject = { a = { rate = 2 } }\n", "object = { a = { rats = 2 } }\n", "any = range(5)\n",
		`{"number": 2, "text": "b", "list": [1, "2"], "object": {"a": {"inner": {"a": "x"}}}}`, `{"any": [[[{}]]], "law": 1}`, "law = staircase(3)\n",
		"\xef\xbb\xbfnumber = 2\r\n", "checked = \"123456\"\n", `{"text": "${1 + 1}", "checked": 1e999}`, "number = \"\x00\"", `{"number": "\xff"}`,
	} {
		f.Add([]byte(text), false)
		f.Add([]byte(text), true)
	}
	l := newLoading(f)
	f.Fuzz(func(t *testing.T, data []byte, json bool) {
		name := "values.hcl"
		if json {
			name = "values.json"
		}
		s, diags := l.load(t, []byte(fuzzVariables), Options{VarFiles: []string{l.write(t, name, data)}})
		l.check(t, s, diags)
	})
}

// FuzzVars sets variables by --var and by the environment.
func FuzzVars(f *testing.F) {
	for _, text := range []string{"number=2", "text=[1", "list=[1, 2]", "any={a = 1}", "law=staircase(3, 0.5)", "object={ a = { rats = 2 } }", "none=1", "=", "number",
		"checked=99999", "any=1e999999999", "any=<<EOT\nx\nEOT", "number=\x00", "text=\x1b[2J", "any=jsondecode(\"[1]\")", "any=[for x in range(9) : x]"} {
		f.Add(text)
	}
	l := newLoading(f)
	f.Fuzz(func(t *testing.T, entry string) {
		s, diags := l.load(t, []byte(fuzzVariables), Options{Vars: []string{entry}})
		l.check(t, s, diags)
		s, diags = l.load(t, []byte(fuzzVariables), Options{Environ: []string{environPrefix + entry, entry}})
		l.check(t, s, diags)
	})
}

// FuzzFormat: formatting twice is formatting once, and what the spec means does not change.
func FuzzFormat(f *testing.F) {
	seedSpecs(f)
	f.Add([]byte("a=1"))
	f.Add([]byte("locals{\r\na=1\r\n}"))
	f.Add([]byte("\xef\xbb\xbfa = <<EOT\r\n  x\r\nEOT\r\n"))
	l := newLoading(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		once, diags := Format(data, "main.hcl")
		if diags.HasErrors() {
			if once != nil {
				t.Error("text and errors")
			}
			return
		}
		twice, diags := Format(once, "main.hcl")
		if diags.HasErrors() || string(twice) != string(once) {
			t.Errorf("formatting %q once gives\n%q, twice\n%q %v", data, once, twice, diags)
		}
		before, beforeDiags := l.load(t, data, Options{})
		after, afterDiags := l.load(t, once, Options{})
		if (before == nil) != (after == nil) || len(beforeDiags) != len(afterDiags) {
			t.Errorf("before: %v\nafter: %v", beforeDiags, afterDiags)
		}
		if before != nil && after != nil && dump(before) != dump(after) {
			t.Errorf("formatting changed the meaning of %q", data)
		}
	})
}
