package neuralnet

import (
	"math"
	"slices"
)

// A reference is a network in float64, written from the definitions alone, for the tests to measure against.
type reference struct {
	activation   string
	slope, scale float64
	layers       []referenceLayer
}

type referenceLayer struct {
	out     int
	weights []float64 // [in, out]
	biases  []float64 // [out]; nil if there are none
}

// referenceOf gives a reference with a network's weights.
func referenceOf(n *Network) *reference {
	r := &reference{activation: n.Activation, slope: float64(float32(n.Slope)), scale: float64(n.OutputScale)}
	for _, l := range n.Layers {
		layer := referenceLayer{out: l.Out, weights: widen(l.Weights)}
		if l.Biases != nil {
			layer.biases = widen(l.Biases)
		}
		r.layers = append(r.layers, layer)
	}
	return r
}

// loss gives the weighted sum of losses of the rows of x.
func (r *reference) loss(loss string, x [][]float64, labels []int16, weights []float64) float64 {
	total := 0.0
	for i, w := range weights {
		total += w * referenceRowLoss(loss, r.logits(x[i]), labels[i])
	}
	return total
}

func (r *reference) logits(h []float64) []float64 { return r.upTo(len(r.layers), h) }

// features gives the activations of the last hidden layer.
func (r *reference) features(h []float64) []float64 { return r.upTo(len(r.layers)-1, h) }

// upTo gives what the first layers make of one input.
func (r *reference) upTo(layers int, h []float64) []float64 {
	for i, l := range r.layers[:layers] {
		z := make([]float64, l.out)
		for o := range z {
			if l.biases != nil {
				z[o] = l.biases[o]
			}
			for k := range h {
				z[o] += h[k] * l.weights[k*l.out+o]
			}
			if i < len(r.layers)-1 {
				z[o] = r.activate(z[o])
			} else {
				z[o] *= r.scale
			}
		}
		h = z
	}
	return h
}

func (r *reference) activate(z float64) float64 {
	switch r.activation {
	case "relu":
		return max(0, z)
	case "leaky_relu":
		if z < 0 {
			return z * r.slope
		}
	case "tanh":
		return math.Tanh(z)
	case "quadratic":
		return z * z
	}
	return z
}

// outputsOf gives the outputs that a loss asks for.
func outputsOf(loss string, classes int) int {
	if loss == "cross_entropy" {
		return classes
	}
	return 1
}

func referenceRowLoss(loss string, logits []float64, label int16) float64 {
	y := float64(2*label - 1)
	f := logits[0]
	switch loss {
	case "cross_entropy":
		top, sum := slices.Max(logits), 0.0
		for _, z := range logits {
			sum += math.Exp(z - top)
		}
		return top + math.Log(sum) - logits[label]
	case "logistic":
		return math.Log1p(math.Exp(-y * f))
	case "hinge":
		return max(0, 1-y*f)
	case "squared":
		return (f - y) * (f - y)
	case "correlation":
		return -y * f
	}
	panic(loss)
}
