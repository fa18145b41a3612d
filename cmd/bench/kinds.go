package main

import (
	"context"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/analysis/table"
	"spurion/stages/experiment/generate"
	"spurion/stages/experiment/train"
)

// registry holds the kinds of the embedded specs: real ones, and two that compute nothing.
func registry() *stages.Registry {
	return &stages.Registry{Kinds: []*stages.Kind{generate.Kind, table.Kind, train.Kind, idleRoot(), idleLeaf()}}
}

type rootSettings struct{}

type leafSettings struct {
	Index int64 `name:"index" doc:"Which one it is."`
}

var idleOutputs = []stages.Output{{Name: "out", Doc: "One row.",
	Fields: []frame.Field{{Name: "number", Type: frame.Int64, Unit: "1", Doc: "A number."}}}}

func idleRoot() *stages.Kind {
	return stages.Define(stages.Kind{Name: "root", Version: 1, Doc: "Writes a number.", Outputs: idleOutputs},
		func(_ context.Context, _ *rootSettings, r *stages.Run) error { return writeNumber(r, 0) })
}

func idleLeaf() *stages.Kind {
	return stages.Define(stages.Kind{Name: "leaf", Version: 1, Doc: "Writes its number.", Outputs: idleOutputs,
		Inputs: []stages.Input{{Name: "in", Doc: "The root.", Type: stages.AnyType}},
	}, func(_ context.Context, s *leafSettings, r *stages.Run) error { return writeNumber(r, s.Index) })
}

func writeNumber(r *stages.Run, n int64) error {
	return r.Write("out", &frame.Table{Columns: []frame.Column{frame.Int64s(idleOutputs[0].Fields[0], []int64{n})}})
}
