package debias

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
)

// A record gathers what is measured while a method trains.
type record struct {
	method             string
	test, validation   *evaluation.Evaluator
	splits             *evaluation.SplitEvaluator
	unseen             *evaluation.UnseenEvaluator
	predict            func(label, attribute int16) int16 // of a reference row whose predictor is no network; nil otherwise
	ledger             *dataset.Ledger                    // of evaluation
	data               *dataset.Description
	history, inference *frame.Builder
	groups             *frame.Builder
	allGroups          bool // whether there are rows of groups for every evaluation
	repeats            *frame.Builder
	rules              []*rule
}

// setUp chooses the points that networks are measured and selected on. trainingSet is nil if none is trained on.
func (r *record) setUp(s *Settings, d *dataset.Dataset, trainingSet *dataset.Samples, law *datalaw.Compiled) error {
	var err error
	repeats := s.repeats()
	switch {
	case law != nil:
		r.test, err = evaluation.NewEvaluator(law, s.Evaluation.Points, s.Loss, trainloop.EvaluationStream(s.Seed), r.ledger)
	case d.Test != nil:
		r.test, err = evaluation.NewSampleEvaluator(&d.Description, d.Test, dataset.Evaluation, s.Loss, r.ledger)
	default:
		err = errors.New("the data set has neither a law nor rows of the split test to evaluate on; the block split of import makes some")
	}
	if err == nil {
		if err = r.test.Repeat(trainloop.EvaluationStreams(s.Seed, repeats)); err != nil {
			return fmt.Errorf("evaluation.repeats = %d: %w", repeats, err)
		}
		r.splits, err = evaluation.NewSplitEvaluator(d, r.ledger)
	}
	if err == nil {
		r.unseen, err = evaluation.NewUnseenEvaluator(trainingSet, law, s.Evaluation.Points, trainloop.UnseenStream(s.Seed), r.ledger)
	}
	if err == nil {
		err = r.unseen.Repeat(trainloop.UnseenStreams(s.Seed, repeats))
	}
	if err != nil {
		return err
	}
	// Validation values are noted as read for evaluation here, because history shows them; what a
	// rule reads for selection is in its own ledger.
	switch {
	case d.Validation != nil:
		r.rules = rules(dataset.ValidationSplit, d.Validation.HasAttributes())
		r.validation, err = evaluation.NewSampleEvaluator(&d.Description, d.Validation, dataset.Evaluation, "", r.ledger)
	case law != nil:
		r.rules = rules("", true)
		r.validation, err = evaluation.NewDrawEvaluator(law, s.Validation, dataset.Evaluation, "", trainloop.ValidationStream(s.Seed), r.ledger)
	default:
		err = errors.New("the data set has neither a law nor rows of the split validation to select on; the block split of import makes some")
	}
	return err
}

// visit measures a network; that of the last stage is a candidate for selection. untrained says that the
// stage has taken no step yet.
func (r *record) visit(ctx context.Context, stage string, untrained bool, net *neuralnet.Network, v trainloop.Visit) error {
	validation, err := r.validation.Evaluate(ctx, net)
	if err != nil {
		return err
	}
	measures, err := r.test.Evaluate(ctx, net)
	if err != nil {
		return err
	}
	r.note(stage, untrained, net, v, &validation, &measures)
	return nil
}

// note takes down what was measured.
func (r *record) note(stage string, untrained bool, net *neuralnet.Network, v trainloop.Visit, validation, measures *evaluation.Measures) {
	if stage == "" {
		for _, rule := range r.rules {
			rule.consider(v.Step, untrained, net, validation, measures)
		}
		stage = "main"
	}
	b := r.history
	b.String("method", r.method)
	b.String("stage", stage)
	b.Int64("step", v.Step)
	v.Epoch.Float64(b, "epoch")
	v.TrainingLoss.Float64(b, "training_loss")
	b.Float64("validation_accuracy", validation.Accuracy)
	validation.WorstAccuracy.Float64(b, "validation_worst_group_accuracy")
	measures.Append(b, "")
	b.String("measured_on", r.test.On())
	b.EndRow()
	if r.allGroups {
		r.noteGroups(stage, v.Step, measures)
	}
	for k := range measures.Repeats {
		b := r.repeats
		b.String("method", r.method)
		b.String("stage", stage)
		b.Int64("step", v.Step)
		b.Int("repeat", k)
		measures.Repeats[k].Append(b, "")
		b.EndRow()
	}
}

// noteGroups takes down what was measured of each group.
func (r *record) noteGroups(stage string, step int64, m *evaluation.Measures) {
	m.AppendGroups(r.groups, r.data, func() {
		r.groups.String("method", r.method)
		r.groups.String("stage", stage)
		r.groups.Int64("step", step)
	})
}

// noteSelected takes down what was measured of each group at the steps that rules selected, once each, ascending.
func (r *record) noteSelected() {
	selected := map[int64]*evaluation.Measures{}
	for _, rule := range r.rules {
		if rule.chosen {
			selected[rule.step] = &rule.measures
		}
	}
	for _, step := range slices.Sorted(maps.Keys(selected)) {
		r.noteGroups("main", step, selected[step])
	}
}

var repeatFields = slices.Concat(historyFields[:3:3], []frame.Field{evaluation.RepeatField}, evaluation.MeasureFields(""))

// scores measures the outputs of the selected network; nothing without one.
func (r *record) scores(ctx context.Context, selected *rule) (evaluation.Scored, error) {
	if !selected.chosen || r.predict != nil {
		return evaluation.Scored{}, nil
	}
	return r.test.Score(ctx, selected.net)
}

// elsewhere measures the selected predictor on inputs whose core block is new, and on the data set's own
// splits; nothing without one. An output that is not a number there leaves them without measures.
func (r *record) elsewhere(ctx context.Context, selected *rule) (u evaluation.UnseenMeasures, s evaluation.SplitMeasures, err error) {
	switch {
	case !selected.chosen:
		return u, s, nil
	case r.predict != nil:
		if u, err = r.unseen.Follow(r.predict); err == nil {
			s, err = r.splits.Follow(r.predict, &selected.measures)
		}
		return u, s, err
	}
	if u, err = r.unseen.Evaluate(ctx, selected.net); err != nil && !errors.Is(err, neuralnet.ErrDiverged) {
		return u, s, err
	}
	s, err = r.splits.Evaluate(ctx, selected.net, &selected.measures)
	return u, s, err
}
