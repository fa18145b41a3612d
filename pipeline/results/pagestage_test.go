package results

import (
	"testing"

	"spurion/pipeline/plan"
	"spurion/pipeline/spec"
)

// The lines of a block end with its own brace, not an inner one; text that is not the block's is not
// shown for it.
func TestLines(t *testing.T) {
	const text = "# first\nstage \"a\" \"b\" {\r\n  x {\r\n    y = 1\r\n  }\r\n}\nclaim \"c\" {}\nlocals {}\n"
	w := &reporter{plan: &plan.Plan{Spec: &spec.Spec{}}, source: map[string]string{"s.hcl": text}}
	for offset, want := range map[int]string{
		8: "stage \"a\" \"b\" {\n  x {\n    y = 1\n  }\n}", 50: `claim "c" {}`, 0: "", 9999: "", -1: "",
	} {
		st := &spec.Stage{Range: spec.Range{File: "s.hcl", Line: 2, StartOffset: offset}}
		if got := w.lines(st); got.Text != want || got.Place != "s.hcl:2" {
			t.Errorf("at %d there is %q, want %q", offset, got.Text, want)
		}
	}
}
