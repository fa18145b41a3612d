package neuralnet

import "spurion/stages/numeric/kernel"

// Across sets z [Out, points] to what the layer's neurons are given, a row for each neuron: the weights times h [In, points],
// plus the biases. Each number is the same chain as in a pass row by row over real numbers, so its bits are the same. With
// more, the product goes on from what z holds, and biases are left out.
func (l *Layer) Across(z, h []float32, points int, more bool) {
	if l.Biases != nil && !more {
		for o, bias := range l.Biases {
			row := z[o*points : (o+1)*points]
			for i := range row {
				row[i] = bias
			}
		}
		more = true
	}
	kernel.MatMul(z, points, l.Weights, 1, l.Out, h, points, l.Out, points, l.In, nil, more)
}

// Activate applies the activation of the hidden layers to z, in place.
func (n *Network) Activate(z []float32) {
	act, err := activationOf(n)
	if err != nil {
		panic(err)
	}
	act.forward(z)
}
