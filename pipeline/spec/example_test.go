package spec_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"spurion/pipeline/spec"
	"spurion/stages"
)

// A spec of one stage over a sweep: its instances, with the settings of the last.
func ExampleLoad() {
	type settings struct {
		Rate  float64 `name:"rate" above:"0" doc:"The rate."`
		Steps int     `name:"steps" default:"100" doc:"The steps."`
	}
	kind := stages.Define(stages.Kind{Name: "train", Version: 1, Doc: "Trains.", Outputs: []stages.Output{{Name: "history"}}},
		func(context.Context, *settings, *stages.Run) error { return nil })

	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "rates.hcl")
	text := `
sweep "rates" { rate = logspace(-3, -1, 3) }

stage "train" "sgd" {
  for_each = sweep.rates
  rate     = each.rate
}
`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		panic(err)
	}
	s, diags := spec.Load(file, spec.Options{Kinds: &stages.Registry{Kinds: []*stages.Kind{kind}}})
	for _, d := range diags {
		fmt.Print(d.Text(80, false))
	}
	if diags.HasErrors() {
		return
	}
	train := s.Stages[0]
	for i := range train.Instances {
		fmt.Println(train.Address(i))
	}
	last := train.Instances[2].Settings
	for i, path := range last.Paths {
		fmt.Println(path, "=", last.Values[i])
	}
	// Output:
	// train.sgd[rate=0.001]
	// train.sgd[rate=0.01]
	// train.sgd[rate=0.1]
	// rate = 0.1
	// steps = 100
}
