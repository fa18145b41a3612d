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
		x, labels := make([]float32, rows*inputs), make([]int8, rows)
		for i := range x {
			if s.Float64() >= background {
				x[i] = float32(s.Float64())
			}
		}
		for i := range labels {
			labels[i] = int8(s.Uint64() & 1)
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
