// Package retrain is the kind "retrain": last-layer retraining.
package retrain

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

// Kind refits the last layer of networks on group-balanced data.
//
//	in   model    networks at one or more steps
//	in   data     optional: a data set whose validation split is fitted on
//	out  history  a row a checkpoint
//	out  by_group a row a checkpoint and group
//	out  summary  1 row: the last checkpoint, and when .9 was reached
//	out  model    the networks with their new last layers
//	out  repeats  a row a checkpoint and repeat of what is measured, if there are several
//
// Equal settings and inputs give equal bytes, on any machine.
var Kind = stages.Define(stages.Kind{
	Name:    "retrain",
	Version: 9,
	Doc: `Retrains the last layer of networks on group-balanced held-out data, and compares before and after.

The hidden layers stay as they are; the last layer becomes the logistic regression of the label (of more
than two classes, the multinomial one) on the last hidden layer's activations, with an L2 penalty and an unpenalised intercept (none if the network
has no biases), fitted until the gradient is small. This is last-layer retraining (LLR: Kirichenko,
Izmailov and Wilson 2023; Qiu, Kuang and Goel 2024) as one fit on one balanced set; the published deep
feature reweighting recipe (a search over L1 penalties, the average of several fits) is not executed.
Measures are as of the kind train; losses are the log-loss of the margin, or of the logits. repeats is
evaluation.repeats of that kind, for the points that networks are measured on.`,
	Inputs: []stages.Input{
		{Name: "model", Type: model.Type, Doc: "The networks to retrain."},
		{Name: "data", Type: dataset.Type, Cardinality: stages.Optional, Doc: "A data set with a validation split to fit on, and, if the model knows no law, a test split to measure on."},
	},
	Outputs: []stages.Output{
		{Name: "history", Doc: "One row for each checkpoint: the network before and after.", Fields: historyFields, Values: fitted},
		byGroup,
		{Name: "summary", Doc: "One row: the last checkpoint, and the first at which the worst group's accuracy reached 0.9.", Fields: summaryFields, Values: fitted},
		{Name: "model", Type: model.Type, Doc: "The networks after retraining, one row for each neuron.", Fields: model.Fields, Internal: true},
	},
	DynamicOutputs: func(settings any) []stages.Output { return settings.(*Settings).outputs() },
	Labels:         slices.Concat(labels, dataset.Reading),
}, run)

// labels is what the fit and the evaluations read.
var labels = []stages.LabelUse{
	{Mark: frame.MarkGroup, Purpose: dataset.Training},
	{Mark: frame.MarkSplit, Purpose: dataset.Training},
	{Mark: frame.MarkGroup, Purpose: dataset.Evaluation},
	{Mark: frame.MarkSplit, Purpose: dataset.Evaluation},
}

// fitted tells what the columns variant and held_out hold.
func fitted(settings any) map[string][]string {
	return map[string][]string{"variant": {settings.(*Settings).variant()}, "held_out": {"law", "validation"}}
}

var historyFields = slices.Concat([]frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps that the network had taken."},
	{Name: "variant", Type: frame.String, Doc: "What was fitted: l2_logistic, or l2_logistic_standardized with features scaled to variance 1."},
	{Name: "held_out", Type: frame.String, Doc: "Where the held-out points come from: law (drawn from its groups) or validation (the data set's split)."},
	{Name: "samples", Type: frame.Int64, Unit: "samples", Doc: "Held-out points, equally many from each group."},
	{Name: "converged", Type: frame.Bool, Doc: "Whether the fit reached its tolerance."},
	{Name: "fit_loss", Type: frame.Float64, Unit: "nats", Doc: "Mean log-loss on the held-out points after the fit, without the penalty."},
	{Name: "spurious_weight_share_before", Type: frame.Float64, Unit: "1", Nullable: true, Doc: shareDoc + " Before."},
	{Name: "spurious_weight_share_after", Type: frame.Float64, Unit: "1", Nullable: true, Doc: shareDoc + " After."},
	{Name: "worst_group_gain", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Worst-group accuracy after less that before."},
}, evaluation.MeasureFields("_before"), evaluation.MeasureFields("_after"), []frame.Field{evaluation.MeasuredOnField})

var byGroup = evaluation.GroupOutput("checkpoint", historyFields[:1], "_before", "_after")

var repeatFields = slices.Concat([]frame.Field{historyFields[0], evaluation.RepeatField}, evaluation.MeasureFields("_before"), evaluation.MeasureFields("_after"))

const shareDoc = "Share of the last layer's weight (scaled by each activation's standard deviation on the held-out points) on neurons with more squared weight on the spurious block than on the core block; null unless there is one hidden layer and a law."

var summaryFields = slices.Concat([]frame.Field{
	{Name: "robust_step_before", Type: frame.Int64, Unit: "steps", Nullable: true, Doc: "The first checkpoint whose own worst-group accuracy is at least 0.9; null if none."},
	{Name: "robust_step_after", Type: frame.Int64, Unit: "steps", Nullable: true, Doc: "The first checkpoint whose worst-group accuracy after retraining is at least 0.9; null if none."},
	{Name: "robust_lead", Type: frame.Int64, Unit: "steps", Nullable: true, Doc: "How much earlier the retrained network is robust: robust_step_before less robust_step_after; null unless both exist."},
}, evaluation.PointFields()[1:], historyFields, evaluation.ScoredFields("_before"), evaluation.ScoredFields("_after"))

// robust is the worst-group accuracy from which a network counts as robust.
const robust = .9

// retraining is one run of the kind.
type retraining struct {
	settings  *Settings
	law       *datalaw.Compiled // nil if the model knows none
	sample    *sample
	evaluator *evaluation.Evaluator

	history, summary, repeats *frame.Builder
	groups                    *frame.Builder
	data                      *dataset.Description
	allGroups                 bool // whether there are rows of groups for every checkpoint
	robustBefore, robustAfter evaluation.Optional
	after                     *model.Model
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	m, t, err := prepare(s, r)
	if err != nil {
		return err
	}
	checkpoints := m.Checkpoints
	t.allGroups = t.evaluator.KeepsGroups(len(checkpoints))
	if s.Checkpoints == "last" {
		checkpoints = checkpoints[len(checkpoints)-1:]
	}
	for i, c := range checkpoints {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := t.retrain(ctx, c, i == len(checkpoints)-1); err != nil {
			return fmt.Errorf("checkpoint of step %d: %w", c.Step, err)
		}
		r.Progress(int64(i+1), int64(len(checkpoints)))
	}
	return t.write(r)
}

func prepare(s *Settings, r *stages.Run) (*model.Model, *retraining, error) {
	m, err := model.Read(r, "model")
	if err != nil {
		return nil, nil, err
	}
	d, _, err := trainloop.AnyData(r, "data")
	if err != nil {
		return nil, nil, err
	}
	if d != nil {
		if err := m.Fits(&d.Description); err != nil {
			return nil, nil, err
		}
	}
	t := &retraining{settings: s, history: frame.NewBuilder(historyFields), summary: frame.NewBuilder(summaryFields), repeats: frame.NewBuilder(repeatFields), groups: frame.NewBuilder(byGroup.Fields), data: &m.Data, after: model.New(m.Network, m.Data)}
	if m.Data.Law != nil {
		if t.law, err = m.Data.Law.Compile(); err != nil {
			return nil, nil, err
		}
	}
	ledger := &dataset.Ledger{}
	if t.sample, err = heldOut(s, t.law, d, ledger); err != nil {
		return nil, nil, err
	}
	const loss = "cross_entropy" // of two classes the logistic loss of the margin
	switch {
	case t.law != nil:
		t.evaluator, err = evaluation.NewEvaluator(t.law, s.Points, loss, trainloop.EvaluationStream(s.Seed), ledger)
	case d != nil && d.Test != nil:
		t.data = &d.Description
		t.evaluator, err = evaluation.NewSampleEvaluator(&d.Description, d.Test, dataset.Evaluation, loss, ledger)
	default:
		err = errors.New("the model knows no law, and there is no test split to measure on: give the input data")
	}
	if err != nil {
		return nil, nil, err
	}
	if err := t.evaluator.Repeat(trainloop.EvaluationStreams(s.Seed, s.repeats())); err != nil {
		return nil, nil, fmt.Errorf("repeats = %d: %w", s.repeats(), err)
	}
	return m, t, ledger.Check(labels)
}

// retrain refits one network and compares.
func (t *retraining) retrain(ctx context.Context, c model.Checkpoint, last bool) error {
	before, err := t.evaluator.Evaluate(ctx, c.Net)
	if err != nil {
		return err
	}
	rows, width := t.sample.rows, c.Net.Width()
	features := make([]float32, rows*width)
	c.Net.Features(features, t.sample.x, rows)
	fit, err := refit(t.settings, features, width, t.sample.labels, t.after.Data.ClassCount(), t.after.Network.Bias)
	if err != nil {
		return err
	}
	net := install(c.Net, fit)
	after, err := t.evaluator.Evaluate(ctx, net)
	if err != nil {
		return err
	}
	t.after.Add(c.Step, net)
	var shareBefore, shareAfter evaluation.Optional
	if t.law != nil {
		sd := deviations(features, rows, width)
		shareBefore.Value, shareBefore.Valid = spuriousShare(c.Net, t.law.Law(), sd)
		shareAfter.Value, shareAfter.Valid = spuriousShare(net, t.law.Law(), sd)
	}
	t.reach(&t.robustBefore, c.Step, &before)
	t.reach(&t.robustAfter, c.Step, &after)
	row := func(b *frame.Builder) {
		b.Int64("step", c.Step)
		b.String("variant", t.settings.variant())
		b.String("held_out", t.sample.source)
		b.Int("samples", rows)
		b.Bool("converged", fit.Converged)
		b.Float64("fit_loss", fit.Loss)
		shareBefore.Float64(b, "spurious_weight_share_before")
		shareAfter.Float64(b, "spurious_weight_share_after")
		gain := evaluation.Optional{}
		if before.WorstAccuracy.Valid {
			gain = evaluation.Some(after.WorstAccuracy.Value - before.WorstAccuracy.Value)
		}
		gain.Float64(b, "worst_group_gain")
		before.Append(b, "_before")
		after.Append(b, "_after")
		b.String("measured_on", t.evaluator.On())
	}
	row(t.history)
	t.history.EndRow()
	if last || t.allGroups {
		begin := func() { t.groups.Int64("step", c.Step) }
		evaluation.AppendGroups(t.groups, t.data, begin, []string{"_before", "_after"}, &before, &after)
	}
	for k := range before.Repeats {
		t.repeats.Int64("step", c.Step)
		t.repeats.Int("repeat", k)
		before.Repeats[k].Append(t.repeats, "_before")
		after.Repeats[k].Append(t.repeats, "_after")
		t.repeats.EndRow()
	}
	if last {
		t.robustBefore.Int64(t.summary, "robust_step_before")
		t.robustAfter.Int64(t.summary, "robust_step_after")
		t.lead().Int64(t.summary, "robust_lead")
		t.summary.Int("evaluation_points", t.evaluator.Points())
		t.summary.Bool("evaluation_exact", t.evaluator.Exact())
		row(t.summary)
		if err := t.score(ctx, c.Net, "_before"); err != nil {
			return err
		}
		if err := t.score(ctx, net, "_after"); err != nil {
			return err
		}
		t.summary.EndRow()
	}
	return nil
}

// score sets what summary alone has of a network.
func (t *retraining) score(ctx context.Context, net *neuralnet.Network, suffix string) error {
	scored, err := t.evaluator.Score(ctx, net)
	scored.Append(t.summary, suffix)
	return err
}

// lead gives how much earlier the retrained network is robust.
func (t *retraining) lead() evaluation.Optional {
	if !t.robustBefore.Valid || !t.robustAfter.Valid {
		return evaluation.Optional{}
	}
	return evaluation.Some(t.robustBefore.Value - t.robustAfter.Value)
}

// reach notes the first step at which a network is robust.
func (t *retraining) reach(first *evaluation.Optional, step int64, m *evaluation.Measures) {
	if !first.Valid && m.WorstAccuracy.Valid && m.WorstAccuracy.Value >= robust {
		*first = evaluation.Some(float64(step))
	}
}

func (t *retraining) write(r *stages.Run) error {
	if t.settings.repeats() > 1 {
		if err := r.WriteBuilt("repeats", t.repeats); err != nil {
			return err
		}
	}
	return errors.Join(r.WriteBuilt("history", t.history), r.WriteBuilt("by_group", t.groups), r.WriteBuilt("summary", t.summary), r.WriteBuilt("model", t.after))
}
