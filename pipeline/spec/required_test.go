package spec_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"spurion/pipeline/spec"
	"spurion/stages"
)

// A list that a kind cannot do without is asked for, as a single input is.
func TestRequiredList(t *testing.T) {
	type settings struct{}
	k := stages.Define(stages.Kind{
		Name: "join", Version: 1, Doc: "Joins tables.",
		Inputs: []stages.Input{
			{Name: "tables", Doc: "what to join", Type: stages.AnyType, Cardinality: stages.List, Required: true},
			{Name: "more", Doc: "what else", Type: stages.AnyType, Cardinality: stages.List},
		},
		Outputs: []stages.Output{{Name: "table"}},
	}, func(context.Context, *settings, *stages.Run) error { return nil })
	path := filepath.Join(t.TempDir(), "x.hcl")
	if err := os.WriteFile(path, []byte("stage \"join\" \"all\" {\n}\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	_, ds := spec.Load(path, spec.Options{Kinds: &stages.Registry{Kinds: []*stages.Kind{k}}})
	if len(ds) != 1 || !errors.Is(ds[0].Err, spec.ErrMissing) || !strings.Contains(ds[0].Summary, `"tables"`) || ds[0].Range.Line != 1 {
		t.Errorf("%v", ds)
	}
}
