package trainloop

import (
	"context"
	"errors"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

var smallNetwork = neuralnet.NetworkSettings{Hidden: []int{6}, Bias: true, Outputs: 2, InitScale: 4}

func untrained(t testing.TB) *neuralnet.Network {
	t.Helper()
	net, err := neuralnet.New(smallNetwork, 10, kernel.NewStream(3, "network"))
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// phase gives a phase of SGD, and its network.
func phase(t testing.TB, rate float64, source Source) (Phase, *neuralnet.Network) {
	t.Helper()
	net := untrained(t)
	trainer, err := neuralnet.NewTrainer(net, "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: rate}, source.MaxRows())
	if err != nil {
		t.Fatal(err)
	}
	return Phase{Source: source, Step: Descend(trainer, nil), Visit: func(Visit) (bool, error) { return false, nil }}, net
}

func TestFitVisits(t *testing.T) {
	s := datasettest.Drawn(t, datasettest.Law(t), 20)
	p, _ := phase(t, .1, Shuffled(s, All(20), 5, stream()))
	p.First, p.Last, p.Visits = 10, 16, []int64{0, 9, 10, 12, 16, 99}
	var visits []Visit
	p.Visit = func(v Visit) (bool, error) { visits = append(visits, v); return false, nil }
	taken := 10.
	p.Step = func(*Batch) (float64, error) { taken++; return taken, nil } // a loss that is the step's number
	var progress []int64
	p.Progress = func(step int64) { progress = append(progress, step) }
	out, err := Fit(t.Context(), p)
	if err != nil || out != (Outcome{Step: 16}) {
		t.Fatalf("%+v, %v", out, err)
	}
	if len(visits) != 3 || visits[0] != (Visit{Step: 10, Epoch: evaluation.Some(0)}) || visits[1].Step != 12 || visits[1].Epoch != evaluation.Some(.5) || visits[2].Step != 16 || visits[2].Epoch != evaluation.Some(1.5) {
		t.Errorf("visits %+v", visits)
	}
	if visits[1].TrainingLoss != evaluation.Some((11.+12)/2) || visits[2].TrainingLoss != evaluation.Some((13.+14+15+16)/4) {
		t.Errorf("training losses %v and %v", visits[1].TrainingLoss, visits[2].TrainingLoss)
	}
	if !slices.Equal(progress, []int64{11, 12, 13, 14, 15, 16}) {
		t.Errorf("progress %v", progress)
	}
}

// What is measured must not change what is learned.
func TestFitVisitsDoNotChangeSteps(t *testing.T) {
	law := datasettest.Law(t)
	var nets []*neuralnet.Network
	for _, visits := range [][]int64{nil, {0, 1, 2, 3, 20}} {
		p, net := phase(t, .1, Fresh(law, 8, stream(), law.Confounded()))
		p.Last, p.Visits = 20, visits
		e, err := evaluation.NewEvaluator(law, 8, "cross_entropy", stream(), &dataset.Ledger{})
		if err != nil {
			t.Fatal(err)
		}
		p.Visit = func(Visit) (bool, error) { _, err := e.Evaluate(t.Context(), net); return false, err }
		if _, err := Fit(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		nets = append(nets, net)
	}
	if !slices.Equal(nets[0].Layers[0].Weights, nets[1].Layers[0].Weights) {
		t.Error("weights depend on when they are looked at")
	}
	if slices.Equal(nets[0].Layers[0].Weights, untrained(t).Layers[0].Weights) {
		t.Error("nothing was learned")
	}
}

func TestFitEnds(t *testing.T) {
	law := datasettest.Law(t)
	source := Fresh(law, 8, stream(), law.Confounded())
	broken := errors.New("broken")

	p, _ := phase(t, .1, source)
	p.Last, p.Visits = 20, []int64{0, 5, 20}
	p.Visit = func(v Visit) (bool, error) { return v.Step == 5, nil }
	if out, err := Fit(t.Context(), p); err != nil || out != (Outcome{Step: 5, Stopped: true}) {
		t.Errorf("stopped by a visit: %+v, %v", out, err)
	}
	p.Visit = func(v Visit) (bool, error) { return false, broken }
	if _, err := Fit(t.Context(), p); !errors.Is(err, broken) {
		t.Errorf("a visit that fails: %v", err)
	}
	p.Visit = func(v Visit) (bool, error) {
		if v.Step == 5 {
			return false, neuralnet.ErrDiverged
		}
		return false, nil
	}
	if out, err := Fit(t.Context(), p); err != nil || out.Diverged != evaluation.Some(5) {
		t.Errorf("a visit that finds no numbers: %+v, %v", out, err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	p, _ = phase(t, .1, source)
	p.Last = 20
	p.Progress = func(step int64) {
		if step == 7 {
			cancel()
		}
	}
	if out, err := Fit(ctx, p); !errors.Is(err, context.Canceled) || out.Step != 7 {
		t.Errorf("cancelled after step 7: %+v, %v", out, err)
	}

	p, _ = phase(t, 1e30, source)
	p.Last = 20
	if out, err := Fit(t.Context(), p); err != nil || !out.Diverged.Valid || int64(out.Diverged.Value) != out.Step+1 {
		t.Errorf("with an absurd rate: %+v, %v", out, err)
	}
}

// Weights that are all 1/rows are no weights.
func TestDescendWeights(t *testing.T) {
	law := datasettest.Law(t)
	var nets []*neuralnet.Network
	for _, weigh := range []func(*Batch, []float32) []float32{
		nil,
		func(*Batch, []float32) []float32 { return nil },
		func(b *Batch, _ []float32) []float32 { return slices.Repeat([]float32{1 / float32(b.Rows)}, b.Rows) },
	} {
		net, err := neuralnet.New(smallNetwork, 10, kernel.NewStream(3, "network"))
		if err != nil {
			t.Fatal(err)
		}
		trainer, err := neuralnet.NewTrainer(net, "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: .1}, 12)
		if err != nil {
			t.Fatal(err)
		}
		p := Phase{Source: Fresh(law, 12, stream(), law.Confounded()), Step: Descend(trainer, weigh), Last: 10}
		if _, err := Fit(t.Context(), p); err != nil {
			t.Fatal(err)
		}
		nets = append(nets, net)
	}
	for _, net := range nets[1:] {
		if !slices.Equal(net.Layers[0].Weights, nets[0].Layers[0].Weights) {
			t.Error("weights of 1/rows change the steps")
		}
	}
}
