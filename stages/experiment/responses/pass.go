package responses

import (
	"spurion/stages/numeric/neuralnet"
)

// A first layer is that of a network, cut into what it does with each part of an input: what its neurons are given is the sum,
// so that a grid of n x m inputs needs n products and m, not n*m. The core's has the biases.
type firstLayer struct{ core, spurious, rest neuralnet.Layer }

func cut(l *neuralnet.Layer, p *parts) *firstLayer {
	rows := func(of []int32) neuralnet.Layer {
		part := neuralnet.Layer{In: len(of), Out: l.Out, Weights: make([]float32, 0, len(of)*l.Out)}
		for _, i := range of {
			part.Weights = append(part.Weights, l.Weights[int(i)*l.Out:(int(i)+1)*l.Out]...)
		}
		return part
	}
	f := &firstLayer{rows(p.core), rows(p.spurious), rows(p.rest)}
	f.core.Biases = l.Biases
	return f
}

// on gives what neurons are given by the part of so many inputs, [neurons, inputs].
func on(l *neuralnet.Layer, x columns, inputs int) []float32 {
	z := make([]float32, l.Out*inputs)
	l.Across(z, x, inputs, false)
	return z
}

// onGrid gives what neurons are given in each cell, [neurons, n*m].
func (f *firstLayer) onGrid(g *grid) []float32 {
	a, b := on(&f.core, g.core, g.n), on(&f.spurious, g.spurious, g.m)
	z := make([]float32, f.core.Out*g.n*g.m)
	for u := range f.core.Out {
		across := b[u*g.m : (u+1)*g.m]
		for i, x := range a[u*g.n : (u+1)*g.n] {
			cells := z[(u*g.n+i)*g.m:][:g.m]
			for j, y := range across {
				cells[j] = x + y
			}
		}
	}
	if f.rest.In > 0 {
		f.rest.Across(z, g.rest, g.n*g.m, true)
	}
	return z
}

// follow runs the layers from the given one on h, the activations of the layer before, [neurons, points], and gives the
// activations of each hidden layer that it passes, and the logits last.
func follow(net *neuralnet.Network, from int, h []float32, points int) [][]float32 {
	var found [][]float32
	for l := from; l < len(net.Layers); l++ {
		z := make([]float32, net.Layers[l].Out*points)
		net.Layers[l].Across(z, h, points, false)
		if l < len(net.Layers)-1 {
			net.Activate(z)
		}
		found = append(found, z)
		h = z
	}
	return found
}

// predict gives the predicted class of each of so many points from logits [outputs, points]: that of the largest logit, the first of
// equal ones; of two classes, 1 where its logit, or the only one, is at least that of 0. It is nil if a logit is not a number. The
// output scale, which is positive, does not matter.
func predict(logits []float32, points int) []int16 {
	for _, v := range logits {
		if v != v {
			return nil
		}
	}
	outputs := len(logits) / points
	classes := make([]int16, points)
	for i := range points {
		switch {
		case outputs == 1 && logits[i] >= 0, outputs == 2 && logits[points+i] >= logits[i]:
			classes[i] = 1
		case outputs > 2:
			best := 0
			for k := range outputs {
				if logits[k*points+i] > logits[best*points+i] {
					best = k
				}
			}
			classes[i] = int16(best)
		}
	}
	return classes
}
