package trainloop

import (
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// Every way to take a step serves more than two classes: all go down the same loss, and the evaluation's loss and accuracy are
// those of the training's scores.
func TestStepsOnThreeClasses(t *testing.T) {
	d := datasettest.Corners(t, 3, datasettest.Sizes{Train: 60})
	var trained []*neuralnet.Network
	for _, step := range []func(t *neuralnet.Trainer) Step{
		func(t *neuralnet.Trainer) Step { return Descend(t, nil) },
		func(t *neuralnet.Trainer) Step {
			return Descend(t, func(b *Batch, _ []float32) []float32 { return slices.Repeat([]float32{1 / float32(b.Rows)}, b.Rows) })
		},
		func(t *neuralnet.Trainer) Step {
			return DescendShaped(t, func(b *Batch, scores, losses, slopes []float32) {
				neuralnet.ScoreLosses("cross_entropy", losses, slopes, scores, b.Labels)
			})
		},
		func(t *neuralnet.Trainer) Step {
			return DescendPulled(t, func(*Batch, []float32) (gradient, weights []float32) { return nil, nil })
		},
	} {
		net, err := neuralnet.New(neuralnet.NetworkSettings{Hidden: []int{8}, Bias: true, Outputs: 3, InitScale: 1}, 2, kernel.NewStream(3, "network"))
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := neuralnet.NewTrainer(net, "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: .5}, 60)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Fit(t.Context(), Phase{Source: Whole(d.Train), Step: step(trainer), Last: 300})
		if err != nil || out.Step != 300 {
			t.Fatal(out, err)
		}
		trained = append(trained, net)
	}
	e, err := evaluation.NewSampleEvaluator(&d.Description, d.Train, dataset.Evaluation, "cross_entropy", &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	for i, net := range trained {
		if !slices.Equal(net.Layers[1].Weights, trained[0].Layers[1].Weights) {
			t.Errorf("way %d leads elsewhere", i)
		}
	}
	m, err := e.Evaluate(t.Context(), trained[0])
	if err != nil || m.Accuracy < .98 {
		t.Fatalf("accuracy %v, %v", m.Accuracy, err)
	}
	trainer, err := neuralnet.NewTrainer(trained[0], "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: 1}, 60)
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	Whole(d.Train).Next(&b)
	predicted, right := make([]int16, 60), 0.0
	mean := meanOf(b.Forward(trainer))
	neuralnet.Predict(predicted, trainer.Scores())
	for i, y := range b.Labels {
		if predicted[i] == y {
			right++
		}
	}
	if m.Loss != mean || m.Accuracy != right/60 {
		t.Errorf("measured are loss %v and accuracy %v, of the training %v and %v", m.Loss, m.Accuracy, mean, right/60)
	}
}

// A batch's groups are those of its samples, however many values the attribute has.
func TestBatchGroupsOfManyValues(t *testing.T) {
	in := dataset.Inputs{Dimensions: 1, Floats: []float32{0, 1, 2, 3}}
	s, err := dataset.New(dataset.TrainSplit, in, dataset.Marks{Classes: 3, Values: 4, Labels: []int16{0, 1, 2, 2}, Attributes: []int16{3, 0, 1, 3}})
	if err != nil {
		t.Fatal(err)
	}
	var b Batch
	Whole(s).Next(&b)
	if got := b.Groups(&dataset.Ledger{}); !slices.Equal(got, []int16{3, 4, 9, 11}) || !slices.Equal(got, s.Groups(&dataset.Ledger{}, dataset.Training)) {
		t.Errorf("groups %v", got)
	}
}
