package debias

import (
	"context"
	"errors"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages/data"
	"spurion/stages/learn"
	"spurion/stages/nn"
)

// A rule selects one of the evaluated networks of a method. It sees validation data alone.
type rule struct {
	name   string
	score  func(validation *learn.Measures) float64 // the larger the better; the first of equals wins
	reads  frame.Mark                               // what of the validation data it reads; "" for nothing
	ledger data.Ledger

	chosen             bool
	best               float64
	step               int64
	untrained          bool
	measures, observed learn.Measures // on the law, and on validation data
	net                *nn.Network
}

// rules gives the selection rules, in the order of rows.
func rules(validation data.Split) []*rule {
	list := []*rule{
		{name: "last", score: nil},
		{name: "best_validation_accuracy", score: func(v *learn.Measures) float64 { return v.Accuracy }, reads: frame.MarkSplit},
		{name: "best_validation_worst_group", score: func(v *learn.Measures) float64 { return v.WorstAccuracy.Value }, reads: frame.MarkGroup},
	}
	for _, r := range list {
		if r.reads != "" {
			r.ledger.Note(r.reads, data.Selection, validation)
		}
	}
	return list
}

// consider offers the rule a network. An untrained one is chosen for want of another alone.
func (r *rule) consider(step int64, untrained bool, net *nn.Network, validation, measures *learn.Measures) {
	score := math.Inf(-1)
	if !untrained && r.score != nil {
		score = r.score(validation)
	}
	if r.chosen && r.score != nil && score <= r.best {
		return
	}
	r.best = score
	r.chosen, r.step, r.untrained, r.measures, r.observed = true, step, untrained, *measures, *validation
	if r.net == nil {
		r.net = net.Clone()
		return
	}
	r.net.CopyFrom(net)
}

// A record gathers what is measured while a method trains.
type record struct {
	method             string
	test, validation   *learn.Evaluator
	splits             *learn.SplitEvaluator
	unseen             *learn.UnseenEvaluator
	predict            func(label, attribute int8) int8 // of a reference row whose predictor is no network; nil otherwise
	ledger             *data.Ledger                     // of evaluation
	history, inference *frame.Builder
	rules              []*rule
}

// visit measures a network; that of the last stage is a candidate for selection. untrained says that the
// stage has taken no step yet.
func (r *record) visit(ctx context.Context, stage string, untrained bool, net *nn.Network, v learn.Visit) error {
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
func (r *record) note(stage string, untrained bool, net *nn.Network, v learn.Visit, validation, measures *learn.Measures) {
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
	b.EndRow()
}

// elsewhere measures the selected predictor on inputs whose core block is new, and on the data set's own
// splits; nothing without one. An output that is not a number there leaves them without measures.
func (r *record) elsewhere(ctx context.Context, selected *rule) (u learn.UnseenMeasures, s learn.SplitMeasures, err error) {
	switch {
	case !selected.chosen:
		return u, s, nil
	case r.predict != nil:
		if u, err = r.unseen.Follow(r.predict); err == nil {
			s, err = r.splits.Follow(r.predict, &selected.measures)
		}
		return u, s, err
	}
	if u, err = r.unseen.Evaluate(ctx, selected.net); err != nil && !errors.Is(err, nn.ErrDiverged) {
		return u, s, err
	}
	s, err = r.splits.Evaluate(ctx, selected.net, &selected.measures)
	return u, s, err
}
