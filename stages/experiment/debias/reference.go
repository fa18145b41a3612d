package debias

import (
	"context"
	"errors"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// constant is the reference row of a predictor that looks at nothing.
var constant = &Method{
	Name:    "constant",
	Version: 1,
	Doc:     "A reference: takes no steps and predicts the most frequent label of the training data for every input (of two that are equally frequent 1, of more the first). Its network has an output that is its biases alone; one without biases predicts 1, or of more than two classes 0.",
	Source:  "reference row",
	Run: func(ctx context.Context, t *Trial) error {
		net := t.Network("")
		last := &net.Layers[len(net.Layers)-1]
		clear(last.Weights)
		shares := t.shares(t.byClass())
		frequent := slices.Index(shares, slices.Max(shares))
		if len(shares) == 2 && shares[0] == shares[1] {
			frequent = 1
		}
		setConstant(last, frequent)
		switch {
		case last.Biases != nil:
		case len(shares) == 2 && frequent == 0:
			t.Say("The network has no biases, so that the constant is 1 although label 0 is the more frequent.")
		case len(shares) > 2 && frequent > 0:
			t.Say("The network has no biases, so that the constant is 0 although label %d is the most frequent.", frequent)
		}
		return t.record.visit(ctx, "", false, net, trainloop.Visit{})
	},
}

// setConstant sets the biases of an output layer so that it predicts a class, if its weights are 0 and it has biases.
func setConstant(last *neuralnet.Layer, class int) {
	switch {
	case last.Biases == nil:
	case last.Out > 2:
		clear(last.Biases)
		last.Biases[class] = 1
	default: // the margin is the last output, less the first of two
		bias := float32(2*class - 1)
		last.Biases[0], last.Biases[last.Out-1] = -bias, bias
	}
}

// spurious is the reference row of a predictor that follows the spurious feature alone.
var spurious = &Method{
	Name:    "spurious",
	Version: 1,
	Doc:     "A reference: takes no steps and predicts the class that the spurious attribute goes with, of two classes and attributes the attribute itself. Each attribute must go with one class. There is no network that does so in general: the output model holds the untrained one, and losses are null.",
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
		classes := t.dataset.Followed()
		if classes == nil {
			return errors.New("it predicts the class that an attribute goes with, and in this data set not every attribute goes with one class and every class with one attribute: say which do when the data set is made, or leave this reference out")
		}
		t.record.predict = func(_, attribute int16) int16 { return classes[attribute] }
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
