package train

import (
	"context"
	"fmt"

	"spurion/stages/data"
	"spurion/stages/learn"
)

// fourier measures the sets of the settings, if there are any.
func fourier(s *Settings, d *data.Dataset) (*learn.Fourier, error) {
	if len(s.Spectrum) == 0 {
		return nil, nil
	}
	if d.Law == nil {
		for _, split := range data.Splits {
			if samples := d.Split(split); samples != nil && samples.Packed() == nil {
				return nil, fmt.Errorf("the inputs are not all -1 or +1, so there is no cube: %s", split)
			}
		}
	}
	return learn.NewFourier(s.Spectrum, d.Dimensions, s.Evaluation.Points, learn.SpectrumStream(s.Seed))
}

// expand measures the sets at a step.
func (t *training) expand(ctx context.Context, step int64) error {
	if t.fourier == nil {
		return nil
	}
	found, err := t.fourier.Measure(ctx, t.net)
	if err != nil {
		return err
	}
	t.fourier.Append(t.spectrum, step, found)
	return nil
}
