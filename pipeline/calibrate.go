package pipeline

import (
	"context"

	"spurion/pipeline/calibrate"
)

// CalibrateOptions say how to try claims on samples in which they are false.
type CalibrateOptions struct {
	Draws    int // samples of each claim
	Workers  int // claims at a time
	Progress func(done, total int64)
}

// Calibrate tries the claims of the spec where they are false, from what the store holds.
func (e *Experiment) Calibrate(ctx context.Context, o CalibrateOptions) (*calibrate.Report, error) {
	p, err := e.Plan(ctx, Selection{})
	if err != nil {
		return nil, err
	}
	return calibrate.All(ctx, p, calibrate.Options{
		Draws: o.Draws, Workers: o.Workers, Progress: o.Progress, Read: e.stored.Blob, Try: e.config.Kinds.Calibrate,
	})
}
