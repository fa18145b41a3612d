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

// A look is what a training tells of a step at which it is looked at: all that its rows need, so that a run which goes
// on from there can tell it again.
type look struct {
	Step  int64
	Epoch evaluation.Optional
	// Sums are those of the batches' losses since each of the looks before, the last one first; not of all.
	Sums           []float64
	Rate, Gradient evaluation.Optional
	Layers         []layerLook
	Found          *findings       // nil where nothing was measured
	Fit            *evaluation.Fit // nil where it was not measured
}

// A layerLook is what a look tells of a layer.
type layerLook struct {
	Weight, Change float64
	Bias, Gradient evaluation.Optional
}

// findings are what is measured of a network.
type findings struct {
	evaluation.Measures
	Unseen   evaluation.UnseenMeasures
	Spectrum []evaluation.Coefficient
}

// visit evaluates and keeps what is due at a step.
func (t *training) visit(ctx context.Context, v trainloop.Visit) (stop bool, err error) {
	l := t.look(v)
	if t.measures(v.Step) {
		if l.Found, err = t.measure(ctx); err != nil {
			return false, err
		}
	}
	return t.take(ctx, &l, v.TrainingLoss)
}

// measures reports whether a step is one at which the network is measured.
func (t *training) measures(step int64) bool {
	_, due := slices.BinarySearch(t.evaluate, step)
	return due
}

// look tells of the step that the network is at, but for what must be measured.
func (t *training) look(v trainloop.Visit) look {
	l := look{Step: v.Step, Epoch: v.Epoch, Sums: slices.Clone(t.tally.Sums)}
	began := t.trainer.Steps() > 0
	if began {
		l.Rate, l.Gradient = evaluation.Some(t.trainer.Rate()), evaluation.Finite(t.trainer.GradientNorm())
	}
	initial := t.initial.All()
	for i, layer := range t.net.All() {
		of := layerLook{Weight: layer.WeightNorm(), Change: layer.WeightDistance(initial[i])}
		if layer.Biases != nil {
			of.Bias = evaluation.Some(layer.BiasNorm())
		}
		if began && !t.trainer.Frozen(i) {
			of.Gradient = evaluation.Finite(t.trainer.LayerGradientNorm(i))
		}
		l.Layers = append(l.Layers, of)
	}
	return l
}

// take records a look, and reports whether a rule ends the training there. If the network is kept at the step, or
// something is still to be measured, it is at it. An error is told before anything is recorded.
func (t *training) take(ctx context.Context, l *look, loss evaluation.Optional) (stop bool, err error) {
	if l.Found != nil {
		fit, err := t.fitAt(ctx, l, t.when == atEvaluations)
		if err != nil {
			return false, err
		}
		rule := t.stop.Reached(trainloop.Visit{Step: l.Step, Epoch: l.Epoch, TrainingLoss: loss}, &l.Found.Measures, fit)
		if stop = rule != ""; stop || l.Step == t.settings.total() {
			if fit, err = t.fitAt(ctx, l, t.when != neverMeasured); err != nil {
				return false, err
			}
		}
		t.record(l, loss, fit)
		if stop {
			t.ended = rule
		}
	}
	if _, due := slices.BinarySearch(t.keep, l.Step); due || stop {
		t.model.Add(l.Step, t.net)
	}
	t.looks = append(t.looks, *l)
	return stop, nil
}

// fitAt gives how well the network fits the training set at a look, where that is due: what the look tells, or else
// what is measured now, which the look then tells.
func (t *training) fitAt(ctx context.Context, l *look, due bool) (*evaluation.Fit, error) {
	if !due || t.fit == nil {
		return nil, nil
	}
	if l.Fit == nil {
		var err error
		if l.Fit, err = t.fit.Evaluate(ctx, t.net); err != nil {
			return nil, err
		}
	}
	return l.Fit, nil
}

// measure measures all that is to be measured, so that an evaluation is told in full or not at all.
func (t *training) measure(ctx context.Context) (m *findings, err error) {
	m = &findings{}
	if m.Measures, err = t.evaluator.Evaluate(ctx, t.net); err != nil {
		return nil, err
	}
	if m.Unseen, err = t.unseen.Evaluate(ctx, t.net); err != nil {
		return nil, err
	}
	if t.fourier != nil {
		found, err := t.fourier.Measure(ctx, t.net)
		if err != nil {
			return nil, err
		}
		m.Spectrum = slices.Clone(found)
	}
	return m, nil
}

func (t *training) record(l *look, loss evaluation.Optional, fit *evaluation.Fit) {
	m := l.Found
	t.history.Int64("step", l.Step)
	l.Epoch.Float64(t.history, "epoch")
	loss.Float64(t.history, "training_loss")
	fit.Append(t.history)
	l.Rate.Float64(t.history, "rate")
	l.Gradient.Float64(t.history, "gradient_norm")
	m.Append(t.history, "")
	t.history.String("measured_on", t.evaluator.On())
	m.Unseen.Append(t.history)
	t.history.EndRow()
	if t.fourier != nil {
		t.fourier.Append(t.spectrum, l.Step, m.Spectrum)
	}
	t.recordRepeats(l.Step, m)
	t.recordLayers(l)
	t.milestones.Note(l.Step, &m.Measures)
	t.last, t.lastFit, t.lastStep = *m, fit, l.Step
	if t.allGroups {
		t.recordGroups(l.Step)
	}
}

// recordGroups tells what each group has at the last evaluation, which was at a step.
func (t *training) recordGroups(step int64) {
	t.last.AppendGroups(t.groups, t.data, func() { t.groups.Int64("step", step) })
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
		unseen := m.Unseen.OfRepeat(k)
		unseen.Append(t.repeats)
		t.repeats.EndRow()
	}
}

func (t *training) recordLayers(l *look) {
	b := t.layers
	for i, of := range l.Layers {
		b.Int64("step", l.Step)
		b.Int("layer", i+1)
		b.Float64("weight_norm", of.Weight)
		b.Float64("weight_change", of.Change)
		of.Bias.Float64(b, "bias_norm")
		of.Gradient.Float64(b, "gradient_norm")
		b.EndRow()
	}
}

// fourier measures the sets of the settings, if there are any.
func fourier(s *Settings, d *dataset.Dataset) (*evaluation.Fourier, error) {
	if len(s.Spectrum) == 0 {
		return nil, nil
	}
	if d.Law == nil {
		for _, samples := range d.Finite() {
			if !samples.Signs() {
				return nil, fmt.Errorf("the inputs of the split %s are not all -1 or +1, so there is no cube; leave spectrum out", samples.Split)
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
