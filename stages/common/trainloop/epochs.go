package trainloop

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/neuralnet"
)

// A Pass is the number of steps in an epoch, a pass over the training set; 0 where there is none, as every step draws
// fresh samples. It is that of plain training: ceil(n / batch) for n samples, in a new order each epoch (whose last
// batch is smaller if batch does not divide n) or drawn with replacement (in batches that are all whole); and 1 where
// each step takes all samples.
type Pass int64

// PassOf gives the steps of an epoch of a data set, in batches of so many samples, taken as the setting sampling says.
func PassOf(d *dataset.Dataset, sampling string, batch int) Pass {
	switch {
	case d.Train == nil || sampling == SampleFresh:
		return 0
	case sampling == SampleFull:
		return 1
	}
	return Pass((d.Train.Rows + batch - 1) / batch)
}

// ErrNoEpoch says that something is so many epochs long where there are none.
var ErrNoEpoch = errors.New("an epoch needs a finite training set, and here every step draws fresh samples: " +
	"give the stage that makes the data set a number of training samples, or state the length in steps")

// maxSteps bounds the steps of a training.
const maxSteps = 1_000_000_000

// Steps gives the step that is nearest to a number of epochs: half a step is rounded up.
func (p Pass) Steps(epochs float64) (int64, error) {
	if p == 0 {
		return 0, ErrNoEpoch
	}
	steps := float64(epochs * float64(p))
	if steps > maxSteps {
		return 0, fmt.Errorf("%s epochs of %d steps are more than %d steps, the most of a training", stages.FormatFloat(epochs), p, maxSteps)
	}
	return int64(steps + 0.5), nil
}

// Length gives Steps of what takes one step at least.
func (p Pass) Length(epochs float64) (int64, error) {
	steps, err := p.Steps(epochs)
	return max(1, steps), err
}

// Length resolves a length that is in steps or in epochs, of which one is given.
func Length(steps *int, epochs *float64, p Pass) (int64, error) {
	if epochs == nil {
		return int64(*steps), nil
	}
	n, err := p.Length(*epochs)
	if err != nil {
		return 0, fmt.Errorf("epochs: %w", err)
	}
	return n, nil
}

// CheckLength reports a training whose length is not given once: by the attribute steps, or by epochs.
func CheckLength(steps *int, epochs *float64) []stages.Problem {
	switch {
	case steps == nil && epochs == nil:
		return []stages.Problem{{Path: "steps", Summary: "How long the training is, is missing",
			Detail: "Write steps = 10000, or epochs = 20 for passes over a finite training set."}}
	case steps != nil && epochs != nil:
		return []stages.Problem{{Path: "epochs", Summary: "The length of the training is set twice",
			Detail: fmt.Sprintf("steps = %d and epochs = %s are two lengths. Leave one of them out.", *steps, stages.FormatFloat(*epochs))}}
	}
	return nil
}

// AnyEpochs reports whether some setting is in epochs, as CheckEpochs is told.
func AnyEpochs(given map[string]bool) bool {
	return slices.Contains(slices.Collect(maps.Values(given)), true)
}

// CheckEpochs reports settings in epochs, by their paths, where the setting sampling is of fresh samples; those given
// are true.
func CheckEpochs(sampling string, given map[string]bool) []stages.Problem {
	if sampling != SampleFresh {
		return nil
	}
	var problems []stages.Problem
	for _, path := range slices.Sorted(maps.Keys(given)) {
		if !given[path] {
			continue
		}
		problems = append(problems, stages.Problem{Path: path, Summary: "Epochs of fresh samples",
			Detail: "An epoch needs a finite training set, and with sampling = \"fresh\" every step draws new samples. State the length in steps, or choose another sampling."})
	}
	return problems
}

// Joined gives problems as an error, for settings whose lengths are known in steps only once the data are; nil without.
func Joined(problems []stages.Problem) error {
	if len(problems) == 0 {
		return nil
	}
	texts := make([]string, len(problems))
	for i, p := range problems {
		texts[i] = p.Path + ": " + p.Summary + ": " + p.Detail
	}
	return errors.New(strings.Join(texts, "; "))
}

// OptimizerIn gives an optimizer's settings with all lengths of its schedule in steps.
func OptimizerIn(o neuralnet.OptimizerSettings, p Pass) (neuralnet.OptimizerSettings, error) {
	o, err := o.InSteps(func(epochs float64) (int, error) {
		steps, err := p.Steps(epochs)
		return int(steps), err
	})
	if err != nil {
		return o, fmt.Errorf("optimizer.%w", err)
	}
	return o, nil
}
