package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"

	"spurion/pipeline/describe"
)

// TestReference keeps docs/reference.md true: it must be what the kinds say of themselves.
func TestReference(t *testing.T) {
	path := filepath.Join("..", "..", "docs", "reference.md")
	want := reference(describe.Kinds(registry()))
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if d := diff.Diff("docs/reference.md", got, "generated", []byte(want)); d != nil {
		t.Errorf("run go test ./cmd/spurion -run Reference -update and read the difference:\n%s", d)
	}
}

// TestReferenceNamesEverything: no setting, input, output or column of a kind is left out.
func TestReferenceNamesEverything(t *testing.T) {
	docs := describe.Kinds(testRegistry())
	text := reference(docs)
	var need []string
	for _, d := range docs {
		for _, s := range d.Settings {
			need = append(need, "| `"+s.Name+"` | ")
		}
		for _, in := range d.Inputs {
			need = append(need, "| `"+in.Name+"` | ")
		}
		for _, o := range d.Outputs {
			need = append(need, "Output `"+o.Name+"` (")
			for _, c := range o.Columns {
				need = append(need, "| `"+c.Name+"` | `"+c.Type+"` |")
			}
		}
	}
	for _, part := range need {
		if !strings.Contains(text, part) {
			t.Errorf("the reference lacks %q", part)
		}
	}
	if len(need) < 50 {
		t.Errorf("only %d things were looked for", len(need))
	}
}
