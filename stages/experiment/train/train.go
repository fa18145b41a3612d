// Package train is the kind "train".
package train

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
)

// Kind trains a network.
//
//	in   data     data set: a law, finite samples, or both
//	in   start    optional: a network to begin with
//	out  history  a row an evaluation
//	out  by_group a row an evaluation and group
//	out  layers   a row an evaluation and layer: norms of weights and gradients
//	out  spectrum a row an evaluation and set: Fourier coefficients of the network
//	out  neurons  a row a checkpoint and neuron of the first hidden layer: where its weights lie
//	out  summary  1 row: the end, and when the core feature was learned
//	out  model    a row a checkpoint and neuron
//	out  repeats  a row an evaluation and repeat, if there are several
//	out  predictions  a row a validation or test sample, if asked for
//
// Equal settings and data give equal bytes, on any machine.
var Kind = stages.Define(stages.Kind{
	Name:    "train",
	Version: 10,
	Doc: `Trains a fully connected network by empirical risk minimisation, and follows what it learns.

Each step takes a batch of fresh samples from the data set's law, or of its finite training set, and
follows the gradient of the mean loss. At each evaluation the network is measured on fixed points:
loss and accuracy under the data's law and on each group, and core and spurious correlation (Qiu,
Kuang and Goel 2024: E[f_c sign(net)] and E[f_s sign(net)] on the uniform cube). A cube of at most
2^14 points is enumerated; else the points are equally many uniform draws from each group, weighted
by the groups' exact masses. Data without a law is measured on its test split, or its validation split:
core and spurious correlation are then balanced estimates, each group counting as much as another, if the
split has samples of every group. measured_on says which it is. With a finite training set of a law, inputs whose core block no sample has are measured
apart: there a network cannot know the core by heart. With a start, only the samples of this stage
count as seen.

With evaluation.repeats = 5 the points are drawn five times, so many each time. What history, summary and spectrum tell is
then the mean over the repeats (of the worst group: of the one that is worst on all points together), and its standard
error is s / sqrt(5), s being the standard deviation over the repeats, or what the number of all points gives, if that is more: five
values may lie together by luck. Numbers of points are those of all repeats together. What each repeat found is the output
repeats; its first row of an evaluation is what there is without repeats. Where nothing is drawn, since the cube is enumerated or the data has
no law, repeats are an error.

The setting spectrum asks for the network's own Fourier coefficients on chosen sets.

With the input start a training goes on from a checkpoint of another one, on data of its own: the weights
are those of the checkpoint, and all else begins afresh, the optimiser's memory, its schedule and the
step count, which is of this stage's own steps; so step 0 is the network as it was given, and
weight_change is since then. The network's settings must describe the same layers; how weights are drawn
does not matter then. The data's order has another random stream than in a training without start.

With epochs in place of steps a training is as long as so many passes over the finite training set, and what is due at points of
it can be in epochs as well: every_epochs of evaluation and checkpoints, at_epochs, and the lengths of a schedule of the
rate. An epoch is ceil(n / batch) steps for n samples: the last batch of a shuffled epoch is smaller if batch does not divide n.

Loss and accuracy on the whole training set (training_set_loss, training_set_accuracy) are measured at the end, or as the
setting training_set says, and can be stop rules. training_loss is another number: the mean over the batches
since the evaluation before, each as it was before its step. A run that had stop rules and took all its steps, with none of
them met, is capped in summary; claims and comparisons on such runs say how many there are.

Where the store has a training that differs only in steps or epochs, evaluation, checkpoints, spectrum, training_set, stop, learned or per_sample, this one goes on from it, as far
as its evaluations and checkpoints are at steps that are known there; the result is the same.

A run whose numbers overflow ends at that step with diverged_step set, and what was measured before
stands. A run that a stop rule ends does so at an evaluation.`,
	Inputs: []stages.Input{
		{Name: "data", Type: dataset.Type, Doc: "The data set to train on."},
		{Name: "start", Type: model.Type, Cardinality: stages.Optional, Doc: "A model whose checkpoint the training goes on from, such as that of another train stage."},
	},
	Outputs: []stages.Output{
		{Name: "history", Doc: "One row for each evaluation.", Fields: historyFields},
		byGroup,
		{Name: "layers", Doc: "One row for each evaluation and layer: the norms of its weights and of its gradient.", Fields: layerFields},
		{Name: "spectrum", Doc: "One row for each evaluation and set of the setting spectrum: the network's Fourier coefficients. Empty without sets.", Fields: evaluation.FourierFields},
		{Name: "neurons", Doc: "One row for each checkpoint and neuron of the first hidden layer: where its weights lie, and what it is for. Empty for a linear model.", Fields: model.NeuronFields},
		{Name: "summary", Doc: "One row: the measures at the last evaluation, with auroc and expected_calibration_error, which are null if the training diverged; and the steps at which the core feature was learned.", Fields: summaryFields, Diverged: trainloop.DivergedAdvice,
			Values: stages.AlwaysValues(map[string][]string{"ended": append([]string{"steps", "diverged"}, trainloop.StopRules...)})},
		{Name: "model", Type: model.Type, Doc: "The network at each checkpoint, one row for each neuron.", Fields: model.Fields, Internal: true},
	},
	DynamicOutputs: func(settings any) []stages.Output { return settings.(*Settings).outputs() },
	Labels:         slices.Concat(labels, dataset.Reading),
	Continuation:   &stages.Continuation{Thread: thread, Way: way},
}, run)

// labels is what evaluations read.
var labels = []stages.LabelUse{
	{Mark: frame.MarkGroup, Purpose: dataset.Evaluation},
	{Mark: frame.MarkSplit, Purpose: dataset.Evaluation},
}

var historyFields = slices.Concat([]frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken."},
	{Name: "epoch", Type: frame.Float64, Unit: "epochs", Nullable: true, Doc: "Passes over the finite training set; null with fresh samples."},
	{Name: "training_loss", Type: frame.Float64, Unit: "nats", Nullable: true, Doc: "Mean loss of the batches since the evaluation before, each before its step, in the unit of loss; null at the start."},
}, evaluation.FitFields(), []frame.Field{
	{Name: "rate", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Learning rate of the last step, as the schedule had it; null at the start."},
	{Name: "gradient_norm", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Euclidean norm of the last step's gradient: of its batch's mean loss by all weights and biases that are not frozen, before clipping, without weight decay. Null at the start."},
}, evaluation.MeasureFields(""), []frame.Field{evaluation.MeasuredOnField}, evaluation.UnseenFields())

var byGroup = evaluation.GroupOutput("evaluation", historyFields[:1], "")

var layerFields = []frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken."},
	{Name: "layer", Type: frame.Int64, Doc: "The layer: 1 is the first hidden one, the last is the output."},
	{Name: "weight_norm", Type: frame.Float64, Unit: "1", Doc: "Euclidean (Frobenius) norm of the layer's weights, without biases."},
	{Name: "weight_change", Type: frame.Float64, Unit: "1", Doc: "Euclidean distance of the layer's weights from their initial values."},
	{Name: "bias_norm", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Euclidean norm of the layer's biases; null if the network has none."},
	{Name: "gradient_norm", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "The layer's part of the gradient norm in history; null at the start, and for a frozen layer."},
}

var summaryFields = slices.Concat(
	[]frame.Field{
		{Name: "steps", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken: the end of the observation for whatever was not reached."},
		{Name: "ended", Type: frame.String, Doc: "Why the training ended: steps (all taken); core_correlation, loss, training_loss, training_set_loss, training_set_accuracy or no_gain (the stop rule that held); diverged."},
		{Name: "capped", Type: frame.Bool, Nullable: true, Doc: "Whether the training ended at its cap: it took all its steps, and none of its stop rules held by then. False if a rule ended it, or it diverged; null without stop rules, as it was to take all its steps."},
		{Name: "diverged_step", Type: frame.Int64, Unit: "steps", Nullable: true, Doc: "The step whose result was not finite; null if none."},
	},
	evaluation.MilestoneFields(),
	evaluation.FitFields(),
	evaluation.MeasureFields(""),
	evaluation.ScoredFields(""),
	evaluation.FloorFields(),
	evaluation.UnseenFields(),
	evaluation.UnseenCountFields(),
	evaluation.PointFields(),
)

// training is one run of the kind.
type training struct {
	settings  *Settings
	data      *dataset.Description
	dataset   *dataset.Dataset
	law       *datalaw.Compiled // nil for external data
	net       *neuralnet.Network
	initial   *neuralnet.Network
	trainer   *neuralnet.Trainer
	evaluator *evaluation.Evaluator
	unseen    *evaluation.UnseenEvaluator
	fourier   *evaluation.Fourier      // nil without sets
	fit       *evaluation.FitEvaluator // nil without a finite training set
	when      string                   // it is measured
	stop      *trainloop.Stopper
	evaluate  []int64 // steps, ascending
	keep      []int64
	tally     *trainloop.Tally
	source    trainloop.Source
	pass      trainloop.Pass

	history    *frame.Builder
	groups     *frame.Builder
	allGroups  bool // whether there are rows of groups for every evaluation
	layers     *frame.Builder
	spectrum   *frame.Builder
	repeats    *frame.Builder
	milestones evaluation.Milestones
	last       findings
	lastFit    *evaluation.Fit
	lastStep   int64 // of last
	model      *model.Model
	ended      string
	diverged   evaluation.Optional
	steps      int64
	looks      []look // all, in order
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	t, phase, err := prepare(s, r)
	if err != nil {
		return err
	}
	known, err := t.resume(ctx, r, &phase)
	switch {
	case err != nil && ctx.Err() != nil:
		return err
	case err != nil: // what was left is of no use
		if t, phase, err = prepare(s, r); err != nil {
			return err
		}
	}
	out, total := trainloop.Outcome{Step: known.end}, t.settings.total()
	if !known.whole {
		phase.Visit = func(v trainloop.Visit) (bool, error) { return t.visit(ctx, v) }
		phase.Progress = func(step int64) { r.Progress(step, total) }
		if out, err = trainloop.Fit(ctx, phase); err != nil {
			t.leaveMidway(r, phase.First, out.Step, err)
			return err
		}
	}
	if t.history.Rows() == 0 {
		return fmt.Errorf("the initial network's outputs are not numbers: %w; lower init_scale", neuralnet.ErrDiverged)
	}
	t.steps = out.Step
	if out.Diverged.Valid {
		t.ended, t.diverged = "diverged", out.Diverged
	}
	r.Progress(total, total)
	if err := t.write(ctx, r); err != nil {
		return err
	}
	if !known.whole {
		t.leave(r)
	}
	return nil
}

// prepare reads the data and sets everything up for the first step.
func prepare(s *Settings, r *stages.Run) (*training, trainloop.Phase, error) {
	var phase trainloop.Phase
	d, law, err := trainloop.AnyData(r, "data")
	if err != nil {
		return nil, phase, err
	}
	network, err := trainloop.NetworkFor(s.Network, s.Loss, d.ClassCount(), &d.Description)
	if err != nil {
		return nil, phase, err
	}
	pass := trainloop.PassOf(d, s.Sampling, s.Batch)
	if s, err = s.inSteps(pass); err != nil {
		return nil, phase, err
	}
	ledger := &dataset.Ledger{}
	t := &training{settings: s, data: &d.Description, dataset: d, when: s.whenMeasured(), pass: pass, law: law, model: model.New(network, d.Description), ended: "steps", milestones: evaluation.Milestones{Levels: s.Learned.Levels()},
		history: frame.NewBuilder(historyFields), groups: frame.NewBuilder(byGroup.Fields), layers: frame.NewBuilder(layerFields), spectrum: frame.NewBuilder(evaluation.FourierFields), repeats: frame.NewBuilder(repeatFields)}
	if t.evaluator, err = evaluation.EvaluatorFor(d, law, s.Evaluation.Points, s.Loss, trainloop.EvaluationStream(s.Seed), ledger); err != nil {
		return nil, phase, err
	}
	if err := t.evaluator.Repeat(trainloop.EvaluationStreams(s.Seed, s.repeats())); err != nil {
		return nil, phase, fmt.Errorf("evaluation.repeats = %d: %w", s.repeats(), err)
	}
	if t.fourier, err = fourier(s, d); err != nil {
		return nil, phase, fmt.Errorf("spectrum: %w", err)
	}
	if t.stop, err = s.Stop.Rules(t.evaluator, pass > 0); err != nil {
		return nil, phase, err
	}
	if t.net, err = neuralnet.New(network, d.Dimensions, trainloop.InitStream(s.Seed, "")); err != nil {
		return nil, phase, fmt.Errorf("network: %w", err)
	}
	order, err := t.begin(r)
	if err != nil {
		return nil, phase, fmt.Errorf("start: %w", err)
	}
	source, err := trainloop.Natural(d, law, s.Sampling, s.Batch, trainloop.OrderStream(s.Seed, order))
	if err != nil {
		return nil, phase, err
	}
	if source, err = trainloop.Augmented(source, s.Augment, &d.Description, trainloop.AugmentStream(s.Seed, order)); err != nil {
		return nil, phase, err
	}
	var samples *dataset.Samples
	if source.EpochRows() > 0 {
		samples = d.Train
	}
	if t.fit, err = t.fitEvaluator(samples, ledger); err != nil {
		return nil, phase, err
	}
	if t.unseen, err = evaluation.NewUnseenEvaluator(samples, law, s.Evaluation.Points, trainloop.UnseenStream(s.Seed), ledger); err != nil {
		return nil, phase, err
	}
	if err := t.unseen.Repeat(trainloop.UnseenStreams(s.Seed, s.repeats())); err != nil {
		return nil, phase, err
	}
	if err := ledger.Check(labels); err != nil {
		return nil, phase, err
	}
	if t.trainer, err = neuralnet.NewTrainer(t.net, s.Loss, s.Optimizer.Over(s.total()), source.MaxRows()); err != nil {
		return nil, phase, fmt.Errorf("optimizer: %w", err)
	}
	t.initial = t.net.Clone()
	visits := s.visits()
	t.evaluate, t.keep, t.tally, t.source = visits.evaluate, visits.keep, trainloop.NewTally(lookBack), source
	t.allGroups = t.evaluator.KeepsGroups(len(t.evaluate))
	phase = trainloop.Phase{Source: source, Step: trainloop.Descend(t.trainer, nil), Last: s.total(), Visits: visits.all, Tally: t.tally}
	return t, phase, nil
}

// visits are the steps at which a training is looked at, each list ascending.
type visits struct{ evaluate, keep, all []int64 }

// fitEvaluator measures on the training samples, where that is wanted; it is nil without any.
func (t *training) fitEvaluator(samples *dataset.Samples, ledger *dataset.Ledger) (*evaluation.FitEvaluator, error) {
	switch {
	case samples == nil && t.settings.TrainingSet != nil && t.when != neverMeasured:
		return nil, fmt.Errorf("training_set = %q: here every step draws fresh samples, so there is no training set to measure on: leave it out, "+
			"or give the stage that makes the data set a number of training samples", t.when)
	case samples == nil || t.when == neverMeasured:
		return nil, nil
	}
	return evaluation.NewFitEvaluator(t.data, samples, t.settings.Loss, ledger)
}

func (s *Settings) visits() visits {
	total := s.total()
	v := visits{evaluate: s.Evaluation.Steps(total), keep: s.Checkpoints.Steps(total, checkpoints)}
	v.all = slices.Concat(v.evaluate, v.keep)
	slices.Sort(v.all)
	v.all = slices.Compact(v.all)
	return v
}

func (t *training) write(ctx context.Context, r *stages.Run) error {
	var scored evaluation.Scored
	if !t.diverged.Valid { // the network is that of the last evaluation
		var err error
		if scored, err = t.evaluator.Score(ctx, t.net); err != nil {
			return err
		}
	}
	neurons, err := t.model.Neurons()
	if err != nil {
		return err
	}
	b := frame.NewBuilder(summaryFields)
	b.Int64("steps", t.steps)
	b.String("ended", t.ended)
	b.BoolIf(t.settings.Stop.Any(), "capped", t.ended == "steps")
	t.diverged.Int64(b, "diverged_step")
	t.milestones.Append(b)
	t.lastFit.Append(b)
	t.last.Append(b, "")
	scored.Append(b, "")
	evaluation.AppendFloors(b, t.law)
	t.last.Unseen.Append(b)
	t.unseen.AppendCounts(b)
	t.evaluator.AppendPoints(b)
	b.EndRow()
	if t.settings.repeats() > 1 {
		if err := r.WriteBuilt("repeats", t.repeats); err != nil {
			return err
		}
	}
	if t.settings.perSample() {
		predictions, err := t.predictions(ctx)
		if err != nil {
			return err
		}
		if err := r.WriteBuilt("predictions", predictions); err != nil {
			return err
		}
	}
	if !t.allGroups {
		t.recordGroups(t.lastStep)
	}
	return errors.Join(r.WriteBuilt("history", t.history), r.WriteBuilt("by_group", t.groups), r.WriteBuilt("layers", t.layers),
		r.WriteBuilt("spectrum", t.spectrum), r.Write("neurons", neurons), r.WriteBuilt("summary", b), r.WriteBuilt("model", t.model))
}
