package debias

import (
	"context"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// jtt is Just Train Twice.
var jtt = &Method{
	Name:    "jtt",
	Version: 1,
	Doc: "Trains a first network by ERM for T steps; the error set E holds the training samples that it then gets wrong. A second network starts afresh and is trained with each sample of E counting λ = `upweight` times, in one of the ways that go by the name: " +
		"repeat, passes over the training set with each sample of E in it λ times (the paper's algorithm; its code has them 1 + λ_up times), so that a pass is longer; weights, samples in ERM's order and the loss of those in E times λ (the paper's objective; Yang et al. 2023), which raises the rate too; " +
		"normalised_weights, the same over the mean weight of the training set, 1 + (λ-1) |E|/n: on average the gradient of repeat. The steps of both stages count. If E is empty the second stage is ERM, and the note says so.",
	Source: "Liu et al. 2021, algorithm 1",
	Finite: true,
	Check:  checkFirst,
	Run:    runJTT,
}

func runJTT(ctx context.Context, t *Trial) error {
	errors, err := t.firstStage(ctx, func(ctx context.Context, first *neuralnet.Network, _ bool) (Set, error) {
		wrong, err := t.Wrong(ctx, first)
		return Set{What: errorsOf, Members: wrong}, err
	})
	if err != nil {
		return err
	}
	size, upweight := sizeOf(errors.Members), t.Method.Upweight
	if upweight == 0 {
		upweight = max(1, (t.Rows()-size)/max(1, size))
		t.Say("A point of the error set counts %d times.", upweight)
	}
	switch {
	case size == 0:
		t.Say("The error set is empty after %d steps: the second stage is ERM.", t.Taken())
	case size == t.Rows() && t.Method.UpweightBy == byWeights:
		t.Say("The error set is the whole training set after %d steps: the second stage is ERM at %d times the rate.", t.Taken(), upweight)
	case size == t.Rows():
		t.Say("The error set is the whole training set after %d steps: the second stage is ERM.", t.Taken())
	}
	t.use(byCells("set", []string{"right", "error"}, cellsOf(errors.Members)), func() []float64 { return often(t.Rows(), repeated(errors.Members, max(1, upweight))) })
	stage := Stage{Net: t.Network(""), Steps: t.Remaining()}
	if t.Method.UpweightBy == byRepeating {
		stage.Source, err = t.Listed("", repeated(errors.Members, upweight))
	} else {
		stage.Source, err = t.Natural("")
		stage.Weigh = upweigh(errors.Members, upweight, size, t.Method.UpweightBy == byNormalisedWeights)
	}
	if err != nil {
		return err
	}
	return t.Train(ctx, stage)
}

// The ways in which the error set counts more, beside byWeights.
const (
	byRepeating         = "repeat"
	byNormalisedWeights = "normalised_weights"
)

// repeated lists every sample once, and the members of a set times times.
func repeated(members []bool, times int) []int32 {
	list := trainloop.All(len(members))
	for row, in := range members {
		for i := 1; in && i < times; i++ {
			list = append(list, int32(row))
		}
	}
	return list
}

// upweigh gives weights of the rows of a batch, over its size: weight for the members of a set of
// size, else 1; or those over their mean in the training set.
func upweigh(members []bool, weight, size int, normalised bool) func(*trainloop.Batch, []float32) []float32 {
	scale := 1.0
	if normalised {
		scale += float64(weight-1) * float64(size) / float64(len(members))
	}
	var weights []float32
	return func(b *trainloop.Batch, _ []float32) []float32 {
		weights = weights[:0]
		for _, row := range b.Index {
			w := 1.0
			if members[row] {
				w = float64(weight)
			}
			weights = append(weights, float32(w/scale/float64(b.Rows)))
		}
		return weights
	}
}
