package neuralnet

import (
	"math"
	"testing"

	"spurion/stages/numeric/kernel"
)

// Networks that pass over zeros, of ReLU and of inputs that are mostly background, get the weights that dense products give.
func TestZerosPassedOverDoNotShow(t *testing.T) {
	const inputs, rows = 200, 2*chunkRows + 37
	for name, background := range map[string]float64{"background": 0.6, "full": 0} {
		s := kernel.NewStream(3, name)
		x, labels := make([]float32, rows*inputs), make([]int16, rows)
		for i := range x {
			if s.Float64() >= background {
				x[i] = float32(s.Float64())
			}
		}
		for i := range labels {
			labels[i] = int16(s.Uint64() & 1)
		}
		if manyZeros(x) != (background > 0) {
			t.Fatalf("%s: many zeros is %t", name, background == 0)
		}
		trained := func(columns int) []Layer {
			defer func(was int) { sparseColumns = was }(sparseColumns)
			sparseColumns = columns
			net, err := New(NetworkSettings{Hidden: []int{201, 195}, Activation: "relu", Bias: true, Outputs: 2, InitScale: 1}, inputs, kernel.NewStream(1, "weights"))
			if err != nil {
				t.Fatal(err)
			}
			tr, err := NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "adam", Rate: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}, rows)
			if err != nil {
				t.Fatal(err)
			}
			for range 5 {
				tr.Forward(x, labels, rows)
				tr.Backward(nil)
				if err := tr.Update(); err != nil {
					t.Fatal(err)
				}
			}
			return net.Layers
		}
		dense, sparse := trained(math.MaxInt), trained(sparseColumns)
		for l := range dense {
			for i, w := range dense[l].Weights {
				if math.Float32bits(w) != math.Float32bits(sparse[l].Weights[i]) {
					t.Fatalf("%s, layer %d, weight %d: %v, dense %v", name, l, i, sparse[l].Weights[i], w)
				}
			}
		}
	}
}

// A first layer whose gradient an Update turns by itself gets the weights, and gives the norms, that it has when the gradient
// was turned before because somebody asked for it.
func TestAskingForGradientsChangesNothing(t *testing.T) {
	const inputs, rows = 205, 40 // of which an Update turns 80, 80 and 45
	for _, o := range []OptimizerSettings{
		{Type: "sgd", Rate: 0.1},
		{Type: "sgd", Rate: 0.1, Momentum: 0.9, Nesterov: true, WeightDecay: 0.1, Decoupled: true},
		{Type: "sign", Rate: 0.01, WeightDecay: 0.1, Decoupled: true},
		{Type: "sgd", Rate: 0.1, ClipNorm: 1e-3},
		{Type: "adamw", Rate: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.1},
	} {
		j := job{inputs: inputs, hidden: []int{201}, rows: rows, act: "relu", outputs: 2, opt: o}
		quiet, x, labels := j.trainer(t)
		asked, _, _ := j.trainer(t)
		if !quiet.turnsFirst() {
			t.Fatal("the first layer's gradient is not turned")
		}
		for range 3 {
			var before float64
			for _, tr := range []*Trainer{quiet, asked} {
				tr.Forward(x, labels, rows)
				tr.Backward(nil)
				if tr == asked {
					tr.Gradients(0)
					before = tr.GradientNorm()
				}
				if err := tr.Update(); err != nil {
					t.Fatal(err)
				}
			}
			if after := quiet.GradientNorm(); after != before || before == 0 {
				t.Fatalf("%s: the gradient's norm is %v after an update, %v before", o.Type, after, before)
			}
			got, _ := quiet.Gradients(0)
			want, _ := asked.Gradients(0)
			for i := range want {
				if got[i] != want[i] {
					t.Fatalf("%s: gradient %d is %v, asked for before the update %v", o.Type, i, got[i], want[i])
				}
			}
		}
		for i, w := range asked.net.Layers[0].Weights {
			if math.Float32bits(w) != math.Float32bits(quiet.net.Layers[0].Weights[i]) {
				t.Fatalf("%s: weight %d is %v, with gradients asked for %v", o.Type, i, quiet.net.Layers[0].Weights[i], w)
			}
		}
	}
}
