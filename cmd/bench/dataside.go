package main

import (
	"context"
	"crypto/sha256"
	"io"
	"os"

	"spurion/artifacts/frame"
	"spurion/pipeline"
	"spurion/stages"
	"spurion/stages/experiment/generate"
	"spurion/stages/numeric/boolean"
)

// A dataRequest asks for a data set to be drawn and saved: a parity of 4 coordinates beside one of 2.
type dataRequest struct {
	Rows       int     `json:"rows"`
	Dimensions int     `json:"dimensions"`
	Strength   float64 `json:"strength"`
	Seed       int64   `json:"seed"`
	Path       string  `json:"path"`
}

// A dataAnswer comes when the file is written.
type dataAnswer struct {
	Program string `json:"program"` // and its version
}

func serveData(in io.Reader, out io.Writer) error {
	pipeline.Tune() // as Spurion's own main does
	return serve(in, out, func(r *dataRequest) (any, error) { return r.do(context.Background()) })
}

// do runs the kind as an engine does: all outputs are checked and encoded, their digests taken. The data set is written to
// the path.
func (r *dataRequest) do(ctx context.Context) (*dataAnswer, error) {
	settings := &generate.Settings{
		Dimensions: r.Dimensions, Strength: r.Strength, Seed: r.Seed, Samples: r.Rows, Law: "paper", FourierTerms: 32, NoiseRate: .1,
		Core: boolean.Function{Type: boolean.Parity, Degree: 4}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 2},
	}
	outputs := generate.Kind.OutputsOf(settings)
	err := generate.Kind.Run(ctx, &stages.Run{Settings: settings, Progress: func(done, total int64) {}, Write: func(name string, t *frame.Table) error {
		for i := range outputs {
			if outputs[i].Name == name {
				if err := outputs[i].Check(t); err != nil {
					return err
				}
			}
		}
		data, err := frame.Encode(t)
		if err != nil {
			return err
		}
		sha256.Sum256(data)
		if name != "dataset" {
			return nil
		}
		return os.WriteFile(r.Path, data, 0o644)
	}})
	return &dataAnswer{Program: "Spurion"}, err
}
