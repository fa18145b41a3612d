package debias

import (
	"context"
	"fmt"

	"spurion/stages"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// firstStage trains a first network by ERM, as long as first_steps or first_epochs say, and gives the
// set that infer finds with it after the last step. It notes those that infer finds at each
// evaluation; infer may find none, without Members, before the last.
func (t *Trial) firstStage(ctx context.Context, infer func(ctx context.Context, first *neuralnet.Network, last bool) (Set, error)) (Set, error) {
	steps, err := t.firstSteps()
	if err != nil {
		return Set{}, err
	}
	if steps >= t.Remaining() {
		return Set{}, fmt.Errorf("the first stage takes %d of %d steps (an epoch has %d): nothing is left for the second; use a smaller first_epochs or first_steps, or more steps",
			steps, t.Remaining(), t.pass())
	}
	source, err := t.Natural("first")
	if err != nil {
		return Set{}, err
	}
	first := t.Network("first")
	end := t.Taken() + steps
	var set Set
	err = t.Train(ctx, Stage{Name: "first", Net: first, Source: source, Steps: steps, Visit: func(v trainloop.Visit) error {
		if set, err = infer(ctx, first, v.Step == end); err != nil || set.Members == nil {
			return err
		}
		set.Used = v.Step == end
		return t.Infer(v, set)
	}})
	return set, err
}

// checkFirst reports a first stage that leaves no steps for the second. What is in steps on one side and in epochs on the
// other is compared once it is in steps.
func checkFirst(s *Settings) []stages.Problem {
	f, total := s.Method.FirstSteps, s.total()
	switch {
	case f != nil && total > 0 && int64(*f) >= total:
		return []stages.Problem{{Path: "method.first_steps", Summary: "No steps left for the second stage",
			Detail: fmt.Sprintf("The first stage takes %d of %d steps, and its steps count. Write a smaller first_steps, or more steps.", *f, total)}}
	case f == nil && s.Epochs != nil && s.Method.FirstEpochs >= *s.Epochs:
		return []stages.Problem{{Path: "method.first_epochs", Summary: "No epochs left for the second stage",
			Detail: fmt.Sprintf("The first stage takes %s of %s epochs, and its steps count. Write a smaller first_epochs, or more epochs.",
				stages.FormatFloat(s.Method.FirstEpochs), stages.FormatFloat(*s.Epochs))}}
	}
	return nil
}

// firstSteps gives the length of the first stage.
func (t *Trial) firstSteps() (int64, error) {
	if t.Method.FirstSteps != nil {
		return int64(*t.Method.FirstSteps), nil
	}
	steps, err := t.pass().Length(t.Method.FirstEpochs)
	if err != nil {
		return 0, fmt.Errorf("first_epochs: %w", err)
	}
	return steps, nil
}

// pass gives the number of steps in an epoch.
func (t *Trial) pass() trainloop.Pass {
	return trainloop.PassOf(t.dataset, t.settings.Sampling, t.batch)
}

// Wrong says for each training sample whether the network gets its label wrong.
func (t *Trial) Wrong(ctx context.Context, net *neuralnet.Network) ([]bool, error) {
	predicted, err := t.predictions(ctx, net)
	if err != nil {
		return nil, err
	}
	return wrongOf(predicted, t.Labels()), nil
}

// predictions gives the label that the network predicts for each training sample, [Rows].
func (t *Trial) predictions(ctx context.Context, net *neuralnet.Network) ([]int16, error) {
	predicted := make([]int16, t.Rows())
	err := t.scores(ctx, net, func(row int, scores []float32) { predicted[row] = predictionOf(scores) })
	return predicted, err
}

// wrongOf says which predictions are not the labels.
func wrongOf(predicted, labels []int16) []bool {
	wrong := make([]bool, len(labels))
	for i, y := range labels {
		wrong[i] = predicted[i] != y
	}
	return wrong
}

// predictionOf gives the label that the scores of a sample stand for.
func predictionOf(scores []float32) int16 {
	var one [1]int16
	neuralnet.Predict(one[:], scores)
	return one[0]
}
