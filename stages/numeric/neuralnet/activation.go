package neuralnet

import (
	"fmt"

	"spurion/stages/numeric/kernel"
)

// An activation is applied in place to hidden layers [rows*width].
type activation struct {
	// forward turns pre-activations z into activations; if keep is set, z has been copied first
	// and is given to backward.
	forward func(z []float32)
	// backward turns the gradient of activations d into that of pre-activations; h holds the
	// activations, or z if keep is set.
	backward func(d, h []float32)
	keep     bool
	relu     bool // it is kernel.Relu
	// It is kernel.Relu or, with a slope other than 0, kernel.LeakyRelu.
	rectifies bool
	slope     float32
}

func activationOf(n *Network) (activation, error) {
	slope := float32(n.Slope)
	switch n.Activation {
	case "relu":
		return activation{forward: kernel.Relu, backward: kernel.ReluGradient, relu: true, rectifies: true}, nil
	case "leaky_relu":
		if slope == 0 {
			return activation{forward: kernel.Relu, backward: kernel.ReluGradient, relu: true, rectifies: true}, nil
		}
		return activation{
			forward:   func(z []float32) { kernel.LeakyRelu(z, slope) },
			backward:  func(d, h []float32) { kernel.LeakyReluGradient(d, h, slope) },
			rectifies: true, slope: slope,
		}, nil
	case "identity":
		return activation{forward: func([]float32) {}, backward: func(_, _ []float32) {}}, nil
	case "tanh":
		return activation{forward: kernel.Tanh, backward: kernel.TanhGradient}, nil
	case "quadratic":
		return activation{forward: kernel.Square, backward: kernel.SquareGradient, keep: true}, nil
	}
	return activation{}, fmt.Errorf("there is no activation %q", n.Activation)
}
