package train

import (
	"context"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
)

// visit evaluates and keeps what is due at a step.
func (t *training) visit(ctx context.Context, v trainloop.Visit) (stop bool, err error) {
	if _, due := slices.BinarySearch(t.evaluate, v.Step); due || v.Step == int64(t.settings.Steps) {
		m, err := t.measure(ctx, v.Step)
		if err != nil {
			return false, err
		}
		t.record(v, &m)
		if rule := t.stop.Reached(v, &m.Measures); rule != "" {
			t.ended, stop = rule, true
		}
	}
	if _, due := slices.BinarySearch(t.keep, v.Step); due || stop {
		t.model.Add(v.Step, t.net)
	}
	return stop, nil
}

// findings are what is measured at a step for history.
type findings struct {
	evaluation.Measures
	unseen evaluation.UnseenMeasures
}

// measure measures all that is to be measured, so that an evaluation is told in full or not at all.
func (t *training) measure(ctx context.Context, step int64) (m findings, err error) {
	if m.Measures, err = t.evaluator.Evaluate(ctx, t.net); err != nil {
		return m, err
	}
	if m.unseen, err = t.unseen.Evaluate(ctx, t.net); err != nil {
		return m, err
	}
	return m, t.expand(ctx, step)
}

func (t *training) record(v trainloop.Visit, m *findings) {
	t.history.Int64("step", v.Step)
	v.Epoch.Float64(t.history, "epoch")
	v.TrainingLoss.Float64(t.history, "training_loss")
	rate, norm := evaluation.Optional{}, evaluation.Optional{}
	if t.trainer.Steps() > 0 {
		rate, norm = evaluation.Some(t.trainer.Rate()), evaluation.Finite(t.trainer.GradientNorm())
	}
	rate.Float64(t.history, "rate")
	norm.Float64(t.history, "gradient_norm")
	m.Append(t.history, "")
	m.unseen.Append(t.history)
	t.history.EndRow()
	t.recordRepeats(v.Step, m)
	t.recordLayers(v.Step)
	t.milestones.Note(v.Step, &m.Measures)
	t.last = *m
}

var repeatFields = slices.Concat([]frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken."},
	evaluation.RepeatField,
}, evaluation.MeasureFields(""), evaluation.UnseenFields())

// recordRepeats tells what each repeat found, if there are several.
func (t *training) recordRepeats(step int64, m *findings) {
	for k := range m.Repeats {
		t.repeats.Int64("step", step)
		t.repeats.Int("repeat", k)
		m.Repeats[k].Append(t.repeats, "")
		unseen := m.unseen.OfRepeat(k)
		unseen.Append(t.repeats)
		t.repeats.EndRow()
	}
}

func (t *training) recordLayers(step int64) {
	b := t.layers
	for i := range t.net.Layers {
		l := &t.net.Layers[i]
		biases, gradient := evaluation.Optional{}, evaluation.Optional{}
		if l.Biases != nil {
			biases = evaluation.Some(l.BiasNorm())
		}
		if t.trainer.Steps() > 0 && !t.trainer.Frozen(i) {
			gradient = evaluation.Finite(t.trainer.LayerGradientNorm(i))
		}
		b.Int64("step", step)
		b.Int("layer", i+1)
		b.Float64("weight_norm", l.WeightNorm())
		b.Float64("weight_change", l.WeightDistance(&t.initial.Layers[i]))
		biases.Float64(b, "bias_norm")
		gradient.Float64(b, "gradient_norm")
		b.EndRow()
	}
}

// fourier measures the sets of the settings, if there are any.
func fourier(s *Settings, d *dataset.Dataset) (*evaluation.Fourier, error) {
	if len(s.Spectrum) == 0 {
		return nil, nil
	}
	if d.Law == nil {
		for _, split := range dataset.Splits {
			if samples := d.Split(split); samples != nil && samples.Packed() == nil {
				return nil, fmt.Errorf("the inputs are not all -1 or +1, so there is no cube: %s", split)
			}
		}
	}
	f, err := evaluation.NewFourier(s.Spectrum, d.Dimensions, s.Evaluation.Points, trainloop.SpectrumStream(s.Seed))
	if err != nil {
		return nil, err
	}
	f.Repeat(trainloop.SpectrumStreams(s.Seed, s.repeats()))
	return f, nil
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
