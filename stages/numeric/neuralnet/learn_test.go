package neuralnet

import (
	"testing"

	"spurion/stages/numeric/kernel"
)

// parityBatch fills x [rows, inputs] with random signs; the label is the parity of the first degree.
func parityBatch(s *kernel.Stream, x []float32, labels []int16, inputs, degree int) {
	for r := range labels {
		parity := uint64(0)
		for i := range inputs {
			bit := s.Uint64() >> 63
			x[r*inputs+i] = float32(1 - 2*int(bit))
			if i < degree {
				parity ^= bit
			}
		}
		labels[r] = int16(1 - parity)
	}
}

// Every combination of loss, optimizer and activation that can learn the parity of two bits does.
func TestTrainingLearnsParity(t *testing.T) {
	const inputs, degree, batch = 6, 2, 32
	cases := []struct {
		loss, activation string
		hidden           []int
		opt              OptimizerSettings
	}{
		{"cross_entropy", "relu", []int{16}, OptimizerSettings{Type: "sgd", Rate: 0.5}},
		{"logistic", "tanh", []int{16}, OptimizerSettings{Type: "sgd", Rate: 0.3, Momentum: 0.9}},
		{"hinge", "leaky_relu", []int{16, 8}, OptimizerSettings{Type: "adam", Rate: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}},
		{"squared", "quadratic", []int{16}, OptimizerSettings{Type: "sgd", Rate: 0.02, Momentum: 0.5, Nesterov: true}},
		{"cross_entropy", "relu", []int{12, 12, 12}, OptimizerSettings{Type: "adamw", Rate: 0.01, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: 0.01}},
		{"logistic", "relu", []int{16}, OptimizerSettings{Type: "sign", Rate: 0.002}},
	}
	for _, c := range cases {
		t.Run(c.loss+" "+c.activation+" "+c.opt.Type, func(t *testing.T) {
			s := NetworkSettings{Hidden: c.hidden, Activation: c.activation, Slope: 0.01, Bias: true,
				Outputs: outputsOf(c.loss, 2), InitScale: 1}
			net, err := New(s, inputs, kernel.NewStream(1, "weights"))
			if err != nil {
				t.Fatal(err)
			}
			tr, err := NewTrainer(net, c.loss, c.opt, batch)
			if err != nil {
				t.Fatal(err)
			}
			stream := kernel.NewStream(1, "data")
			x, labels := make([]float32, batch*inputs), make([]int16, batch)
			for range 800 {
				parityBatch(stream, x, labels, inputs, degree)
				tr.Forward(x, labels, batch)
				tr.Backward(nil)
				if err := tr.Update(); err != nil {
					t.Fatal(err)
				}
			}
			if got := accuracy(net, kernel.NewStream(1, "test"), degree); got < 0.99 {
				t.Errorf("accuracy after training: %v", got)
			}
		})
	}
}

func accuracy(net *Network, stream *kernel.Stream, degree int) float64 {
	const rows = 1000
	in := net.Inputs()
	x, labels, m := make([]float32, rows*in), make([]int16, rows), make([]float32, rows)
	parityBatch(stream, x, labels, in, degree)
	net.Margins(m, x, rows)
	right := 0
	for i, f := range m {
		if (f >= 0) == (labels[i] == 1) {
			right++
		}
	}
	return float64(right) / rows
}
