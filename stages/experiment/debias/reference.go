package debias

import (
	"context"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
)

// constant is the reference row of a predictor that looks at nothing.
var constant = &Method{
	Name:    "constant",
	Version: 1,
	Doc:     "A reference: takes no steps and predicts the more frequent label of the training data for every input (1 if both are equally frequent). Its network has an output that is its biases alone; one without biases predicts 1.",
	Source:  "reference row",
	Run: func(ctx context.Context, t *Trial) error {
		net := t.Network("")
		last := &net.Layers[len(net.Layers)-1]
		clear(last.Weights)
		bias := float32(1)
		if shares := t.shares(byClass); shares[0] > shares[1] {
			bias = -1
		}
		if last.Biases == nil && bias < 0 {
			t.Say("The network has no biases, so that the constant is 1 although label 0 is the more frequent.")
		}
		if n := len(last.Biases); n > 0 { // the margin is the last output, less the first of two
			last.Biases[0], last.Biases[n-1] = -bias, bias
		}
		return t.record.visit(ctx, "", false, net, trainloop.Visit{})
	},
}

// spurious is the reference row of a predictor that follows the spurious feature alone.
var spurious = &Method{
	Name:    "spurious",
	Version: 1,
	Doc:     "A reference: takes no steps and predicts the spurious attribute itself. There is no network that does so in general: the output model holds the untrained one, and losses are null.",
	Source:  "reference row",
	Reads:   []Access{{frame.MarkAttribute, dataset.TrainSplit}},
	Run: func(ctx context.Context, t *Trial) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		split := dataset.TrainSplit
		if t.fresh() {
			split = ""
		}
		t.ledger.Note(frame.MarkAttribute, dataset.Training, split)
		t.record.predict = func(_, attribute int16) int16 { return attribute }
		validation, err := t.record.validation.Follow(t.record.predict)
		if err != nil {
			return err
		}
		measures, err := t.record.test.Follow(t.record.predict)
		if err != nil {
			return err
		}
		t.Say("The measures are those of the spurious attribute; the output model holds the untrained network.")
		t.record.note("", false, t.Network(""), trainloop.Visit{}, &validation, &measures)
		return nil
	},
}
