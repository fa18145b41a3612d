// Package modeltest makes small networks for tests.
package modeltest

import (
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// Network is a network of one hidden layer of 16 ReLUs, all else as a spec that does not say has it.
func Network(outputs int) neuralnet.NetworkSettings {
	return neuralnet.NetworkSettings{Hidden: []int{16}, Activation: "relu", Slope: .01, Bias: true, Outputs: outputs, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1"}
}

// Relying gives a model with the named steps, ascending, of a training by ERM on the law Easy(.9). Of a Network, those
// up to 120 have learned both features and still rely on the spurious one.
func Relying(t testing.TB, s neuralnet.NetworkSettings, steps ...int64) *model.Model {
	t.Helper()
	return Trained(t, datasettest.Easy(.9), s, steps...)
}

// Trained gives a model with the named steps, ascending, of a training by ERM on a law.
func Trained(t testing.TB, of *datalaw.Law, s neuralnet.NetworkSettings, steps ...int64) *model.Model {
	t.Helper()
	law := datasettest.Compile(t, of)
	net, err := neuralnet.New(s, law.Dimensions(), kernel.NewStream(1, "init"))
	if err != nil {
		t.Fatal(err)
	}
	loss := map[int]string{1: "logistic", 2: "cross_entropy"}[s.Outputs]
	const batch = 32
	trainer, err := neuralnet.NewTrainer(net, loss, neuralnet.OptimizerSettings{Type: "sgd", Rate: .5}, batch)
	if err != nil {
		t.Fatal(err)
	}
	m := model.New(s, dataset.Description{Dimensions: law.Dimensions(), Law: of})
	_, err = trainloop.Fit(t.Context(), trainloop.Phase{
		Source: trainloop.Fresh(law, batch, kernel.NewStream(1, "order"), law.Confounded()), Step: trainloop.Descend(trainer, nil),
		Last: slices.Max(steps), Visits: steps,
		Visit: func(v trainloop.Visit) (bool, error) { m.Add(v.Step, net); return false, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}
