package nn

import "math"

// A network in float64, written from the definitions alone, for the tests to measure against.

// referenceLoss gives the weighted sum of losses of x [rows, inputs].
func referenceLoss(n *Network, loss string, x []float32, labels []int8, weights []float64) float64 {
	total := 0.0
	in := n.Inputs()
	for r, w := range weights {
		total += w * referenceRowLoss(loss, referenceLogits(n, float64s(x[r*in:(r+1)*in])), labels[r])
	}
	return total
}

func float64s(x []float32) []float64 {
	list := make([]float64, len(x))
	for i, v := range x {
		list[i] = float64(v)
	}
	return list
}

func referenceLogits(n *Network, h []float64) []float64 { return referenceLayers(n, h, len(n.Layers)) }

// referenceFeatures gives the activations of the last hidden layer.
func referenceFeatures(n *Network, h []float64) []float64 {
	return referenceLayers(n, h, len(n.Layers)-1)
}

// referenceLayers gives what the first layers make of one input.
func referenceLayers(n *Network, h []float64, layers int) []float64 {
	for i, l := range n.Layers[:layers] {
		z := make([]float64, l.Out)
		for o := range z {
			if l.Biases != nil {
				z[o] = float64(l.Biases[o])
			}
			for k := range h {
				z[o] += h[k] * float64(l.Weights[k*l.Out+o])
			}
			if i < len(n.Layers)-1 {
				z[o] = referenceActivation(n, z[o])
			} else {
				z[o] *= float64(n.OutputScale)
			}
		}
		h = z
	}
	return h
}

func referenceActivation(n *Network, z float64) float64 {
	switch n.Activation {
	case "relu":
		return max(0, z)
	case "leaky_relu":
		if z < 0 {
			return z * float64(float32(n.Slope))
		}
	case "tanh":
		return math.Tanh(z)
	case "quadratic":
		return z * z
	}
	return z
}

func referenceRowLoss(loss string, logits []float64, label int8) float64 {
	y := float64(2*label - 1)
	f := logits[0]
	switch loss {
	case "cross_entropy":
		top := max(logits[0], logits[1])
		return top + math.Log(math.Exp(logits[0]-top)+math.Exp(logits[1]-top)) - logits[label]
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
