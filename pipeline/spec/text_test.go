package spec

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestText loads texts that are odd as text: each is a clear error or works.
func TestText(t *testing.T) {
	deep := func(open, inside, shut string, n int) string {
		return "locals {\n x = " + strings.Repeat(open, n) + inside + strings.Repeat(shut, n) + "\n}\n"
	}
	tests := []struct {
		name, text string
		err        error // nil if it works
		line       int
	}{
		{"empty", "", nil, 0},
		{"blank", "\n \n# nothing\n", nil, 0},
		{"byte order mark", "\xef\xbb\xbfdescription = \"x\"\n", nil, 0},
		{"CRLF", "description = \"x\"\r\nlocals {\r\n  a = 1\r\n}\r\n", nil, 0},
		{"no last newline", `description = "x"`, nil, 0},
		{"NUL", "description = \"x\"\nlocals { a = \"\x00\" }\n", ErrSyntax, 2},
		{"invalid UTF-8", "description = \"x\"\n\nlocals { a = \"\xff\" }\n", ErrSyntax, 3},
		{"UTF-16", "d\x00e\x00", ErrSyntax, 1},
		{"nested lists", deep("[", "1", "]", 90), nil, 0},
		{"deep lists", deep("[", "1", "]", 101), ErrLimit, 2},
		{"very deep lists", deep("[", "1", "]", 100_000), ErrLimit, 2},
		{"deep parentheses", deep("(", "1", ")", 100_000), ErrLimit, 2},
		{"deep unary operators", deep("!", "true", "", 100_000), ErrLimit, 2},
		{"long sum", deep("1 + ", "1", "", 900), nil, 0},
		{"too long a sum", deep("1 + ", "1", "", 100_000), ErrLimit, 2},
		{"deep conditionals", deep("true ? 1 : ", "1", "", 100_000), ErrLimit, 2},
		{"deep templates", deep(`"${`, "1", `}"`, 10_000), ErrLimit, 2},
		{"deep template directives", "locals {\n x = \"" + strings.Repeat("%{if true}", 10_000) + strings.Repeat("%{endif}", 10_000) + "\"\n}\n", ErrLimit, 2},
		{"deep indexes", "locals {\n a = 1\n x = local.a" + strings.Repeat("[local.a]", 10_000) + "\n}\n", ErrLimit, 3},
		{"deep blocks", strings.Repeat("a {\n", 1000), ErrLimit, 100},
		{"long list", "locals {\n x = [" + strings.Repeat("1, ", 50_000) + "]\n}\n", nil, 0},
		{"huge number", "locals {\n x = 1e999999999999\n}\n", ErrLimit, 2},
		{"huge exponent", "locals {\n x = 1e999999999\n}\n", ErrLimit, 2},
		{"tiny number", "locals {\n x = 1e-999999999\n}\n", ErrLimit, 2},
		{"long number", "locals {\n x = " + strings.Repeat("7", 100_000) + "\n}\n", ErrLimit, 2},
		{"text of many lines", "description = <<EOT\n" + strings.Repeat(strings.Repeat("y", 80)+"\n", 20_000) + "EOT\n", ErrLimit, 7283},
		{"very many signs", "locals {\n x = [" + strings.Repeat("1,", 2_100_000) + "]\n}\n", ErrLimit, 2},
		{"many words", "locals {\n x = [" + strings.Repeat("1,", 600_000) + "]\n}\n", ErrLimit, 2},
		{"tiny product", "locals {\n x = 1e-300 * 1e-300\n}\n", ErrLimit, 2},
		{"long text as a number", "locals {\n x = \"" + strings.Repeat("7", 1_000_000) + "\"\n y = local.x + 1\n}\n", ErrLimit, 3},
		{"long text to a number", "locals {\n x = tonumber(\"" + strings.Repeat("7", 100_000) + "\")\n}\n", ErrFunction, 2},
		{"huge number of a text", "locals {\n x = \"${\"1e600000000\" + 0}\"\n}\n", ErrLimit, 2},
		{"huge number", "locals {\n x = tonumber(\"1e600000000\")\n}\n", ErrFunction, 2},
		{"deep JSON", "locals {\n x = jsondecode(join(\"\", [for i in range(100000) : \"[\"]))\n}\n", ErrFunction, 2},
		{"growing text", "locals {\n a = \"xxxxxxxxxx\"\n" + doublings(60) + "}\n", ErrLimit, 0},
		{"nested loops", "locals {\n x = [for a in range(100000) : [for b in range(100000) : b]]\n}\n", ErrLimit, 2},
		{"loops over a local", "locals {\n r = range(100000)\n x = [for a in local.r : [for b in local.r : b]]\n}\n", ErrLimit, 3},
		{"failing loop", "locals {\n x = [for a in range(1000000) : a.b]\n}\n", ErrLimit, 2},
		{"wide format", "locals {\n x = format(\"%1000000000d\", 1)\n}\n", ErrFunction, 2},
		{"huge product", "locals {\n r = range(10000)\n x = setproduct(local.r, local.r)\n}\n", ErrFunction, 3},
		{"long chain of locals", "locals {\n" + chainOfLocals(5_000) + "}\n", ErrLimit, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, diags := load(t, tt.text, Options{})
			checkDiagnostics(t, diags)
			if tt.err == nil {
				if s == nil || len(diags) > 0 {
					t.Errorf("got %v", diags)
				}
				return
			}
			if s != nil || !errors.Is(diags, tt.err) || tt.line > 0 && diags[0].Range.Line != tt.line {
				t.Errorf("got %.500v, want %v in line %d", diags, tt.err, tt.line)
			}
		})
	}
}

func doublings(n int) string {
	var b strings.Builder
	name := "a"
	for range n {
		b.WriteString(" " + name + "a = \"${local." + name + "}${local." + name + "}\"\n")
		name += "a"
	}
	return b.String()
}

func chainOfLocals(n int) string {
	name := func(i int) string {
		digits := []byte{'a'}
		for ; i > 0; i /= 26 {
			digits = append(digits, byte('a'+i%26))
		}
		return string(digits) + "_"
	}
	var b strings.Builder
	for i := range n {
		b.WriteString(" " + name(i) + " = local." + name(i+1) + "\n")
	}
	return b.String() + " " + name(n) + " = 1\n"
}

// TestLargeFile refuses a file that cannot be meant.
func TestLargeFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "main.hcl")
	if err := os.WriteFile(file, bytes.Repeat([]byte("# comment\n"), maxFileBytes/10+1), 0o644); err != nil {
		t.Fatal(err)
	}
	if s, diags := Load(file, Options{Kinds: registry()}); s != nil || !errors.Is(diags, ErrRead) {
		t.Errorf("got %v", diags)
	}
}

// TestPath refuses paths that are no spec.
func TestPath(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(other, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, other, filepath.Join(dir, "none.hcl"), filepath.Join(dir, "none")} {
		if s, diags := Load(path, Options{Kinds: registry()}); s != nil || len(diags) != 1 || !errors.Is(diags, ErrRead) || diags[0].Detail == "" {
			t.Errorf("%s: got %v", path, diags)
		}
	}
}

// TestCRLFOffsets wants offsets into the file as it is, not as it is read.
func TestCRLFOffsets(t *testing.T) {
	text := "\xef\xbb\xbflocals {\r\n  a = 1\r\n  b = var.nothing\r\n}\r\n"
	_, diags := load(t, text, Options{})
	if len(diags) != 1 {
		t.Fatal(diags)
	}
	r := diags[0].Range
	if got := text[r.StartOffset:r.EndOffset]; got != "var.nothing" || r.Line != 3 || r.Column != 7 {
		t.Errorf("got %q at %d,%d", got, r.Line, r.Column)
	}
	if diags[0].Snippet.Code != "  b = var.nothing" {
		t.Errorf("snippet %q", diags[0].Snippet.Code)
	}
}

// TestSameMeaning writes one spec in several ways; the settings, which are what keys are made of,
// are equal.
func TestSameMeaning(t *testing.T) {
	base := `
stage "generate" "a" {
  seed       = 3
  dimensions = 50
  core       = parity(4)
  spurious   = staircase(2)
  strength   = 0.5
}
stage "train" "b" {
  data  = generate.a.dataset
  steps = 1000
  network {
    hidden     = [10, 20]
    activation = "tanh"
  }
  optimizer "sgd" { rate = 0.001 }
}
`
	variants := map[string]string{
		"comments and spaces": `
# one
stage "generate" "a" { # two
    seed=3 /* three */
    dimensions   =   50
    core = parity( 4 ) // four
    spurious = staircase(
      2,
    )
    strength = 0.5
}

stage "train" "b" {
    data = generate.a.dataset
    steps = 1000
    network {
      hidden = [
        10,
        20,
      ]
      activation = "tanh"
    }
    optimizer "sgd" {
      rate = 0.001
    }
}
`,
		"order": `
stage "train" "b" {
  optimizer "sgd" { rate = 0.001 }
  network {
    activation = "tanh"
    hidden     = [10, 20]
  }
  steps = 1000
  data  = generate.a.dataset
}
stage "generate" "a" {
  strength   = 0.5
  spurious   = staircase(2)
  core       = parity(4)
  dimensions = 50
  seed       = 3
}
`,
		"other expressions": `
variable "degree" { default = 4 }
locals {
  widths = [for i in range(1, 3) : i * 10]
  net    = { hidden = local.widths, activation = lower("TANH") }
}
stage "generate" "a" {
  seed       = 1 + 2
  dimensions = 5e1
  core       = parity(var.degree)
  spurious   = staircase(2.0, 0.50)
}
stage "train" "b" {
  data      = generate.a
  steps     = pow(10, 3)
  batch     = null
  network   = local.net
  shuffle   = true
  schedule  = []
  optimizer = { type = "sgd", rate = logspace(-3, -1, 3)[0], momentum = 0 }
}
`,
		"carriage returns": strings.ReplaceAll(base, "\n", "\r\n"),
	}
	want := mustLoad(t, base)
	for name, text := range variants {
		got := mustLoad(t, text)
		for _, id := range []string{"generate.a", "train.b"} {
			w, g := stageOf(t, want, id).Instances[0], stageOf(t, got, id).Instances[0]
			if strings.Join(w.Settings.Paths, " ") != strings.Join(g.Settings.Paths, " ") || strings.Join(w.Settings.Values, " ") != strings.Join(g.Settings.Values, " ") {
				t.Errorf("%s: %s differs:\n%q\n%q", name, id, w.Settings, g.Settings)
			}
		}
	}
}

// TestDeterminism wants equal results, to the last diagnostic, of equal loads.
func TestDeterminism(t *testing.T) {
	t.Chdir("testdata")
	for _, path := range []string{"valid/references.hcl", "diagnostics/references.hcl", "diagnostics/graph.hcl", "diagnostics/broken"} {
		root := filepath.Dir(path)
		var first string
		for i := range 5 {
			s, diags := Load(path, Options{Kinds: registry(), Root: root})
			text := diags.Error()
			if s != nil {
				text += dump(s)
			}
			if i == 0 {
				first = text
			} else if text != first {
				t.Errorf("%s: loads differ", path)
			}
		}
	}
}

// TestLimit counts instances before it makes them, over the whole spec.
func TestLimit(t *testing.T) {
	text := func(n string) string {
		return "sweep \"s\" { seed = range(" + n + ") }\n" +
			"stage \"generate\" \"a\" {\n for_each = sweep.s\n" + generateBody + "}\n" +
			"stage \"train\" \"b\" {\n for_each = generate.a\n data = each.dataset\n" + trainBody + "}\n"
	}
	if s, diags := load(t, text("50"), Options{MaxInstances: 100}); s == nil {
		t.Errorf("100 of 100: %v", diags)
	}
	_, diags := load(t, text("51"), Options{MaxInstances: 100})
	if len(diags) != 1 || !errors.Is(diags, ErrLimit) || diags[0].Range.Line != 9 || !strings.Contains(diags[0].Detail, "--max-instances") || !strings.Contains(diags[0].Detail, "51") {
		t.Errorf("102 of 100: %v", diags)
	}
	if s, diags := load(t, text("51"), Options{MaxInstances: 102}); s == nil {
		t.Errorf("102 of 102: %v", diags)
	}
}

// TestEmptySweep loads, with a warning, to no instances.
func TestEmptySweep(t *testing.T) {
	s, diags := load(t, "sweep \"s\" { seed = [] }\nstage \"generate\" \"a\" {\n for_each = sweep.s\n"+generateBody+"}\n"+
		"stage \"train\" \"b\" {\n for_each = generate.a\n data = each.dataset\n"+trainBody+"}\n"+
		"claim \"c\" {\n says = \"x\"\n test \"trend\" {\n table = train.b.summary\n x = \"\"\n y = \"\"\n direction = \"increasing\"\n}\n}\n", Options{})
	if s == nil || len(diags) != 1 || diags[0].Severity != Warning || !errors.Is(diags, ErrEmpty) {
		t.Fatal(diags)
	}
	if n := len(s.Stages[0].Instances) + len(s.Stages[1].Instances); n != 0 || len(s.Stages[2].Instances) != 1 {
		t.Errorf("%d instances", n)
	}
}

// TestJSON wants the field names of Terraform's diagnostics.
func TestJSON(t *testing.T) {
	_, diags := load(t, "variable \"x\" { default = -1 }\nstage \"train\" \"b\" {\n  data = train.b\n  steps = var.x\n  optimizer \"sgd\" { rate = 1 }\n}\n", Options{})
	if len(diags) != 2 {
		t.Fatal(diags)
	}
	data, err := json.Marshal(diags[1])
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(data, &got); err != nil {
		t.Fatal(err)
	}
	snippet := got["snippet"].(map[string]any)
	values := snippet["values"].([]any)[0].(map[string]any)
	if got["severity"] != "error" || got["range"].(map[string]any)["line"] != 4.0 || snippet["context"] != `stage "train" "b"` ||
		snippet["code"] != "  steps = var.x" || snippet["start_line"] != 4.0 || snippet["highlight_start_offset"] != 10.0 ||
		snippet["highlight_end_offset"] != 15.0 || values["traversal"] != "var.x" || values["statement"] != "is -1" {
		t.Errorf("got %s", data)
	}
}

// TestRender wraps, colors, and keeps the box whole for wide characters, tabs and long lines.
func TestRender(t *testing.T) {
	_, diags := load(t, "locals {\n\ta = \"日本\" + var.nothing + \""+strings.Repeat("x", 300)+"\"\n}\n", Options{})
	if len(diags) != 1 {
		t.Fatal(diags)
	}
	for _, width := range []int{0, 10, 40, 80} {
		for _, color := range []bool{false, true} {
			text := diags[0].Text(width, color)
			if color != strings.Contains(text, "\x1b[") || !strings.HasSuffix(text, "\n") {
				t.Errorf("width %d, color %v: %q", width, color, text)
			}
			for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
				if !color && width >= 40 && columns(line) > width+1 && !strings.Contains(line, " on ") {
					t.Errorf("width %d: line of %d columns: %q", width, columns(line), line)
				}
			}
		}
	}
	lines := strings.Split(diags[0].Text(80, false), "\n")
	var code, carets string
	for i, line := range lines {
		if strings.Contains(line, "var.nothing") && strings.Contains(line, "2:") {
			code, carets = line, lines[i+1]
		}
	}
	at := strings.Index(code, "var.nothing")
	if columns(code[:at]) != columns(carets[:strings.Index(carets, "^")]) || strings.Count(carets, "^") != len("var.nothing") {
		t.Errorf("the underline does not fit:\n%s\n%s", code, carets)
	}
}
