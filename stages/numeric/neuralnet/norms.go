package neuralnet

import "math"

// WeightNorms gives the Euclidean norm of each layer's weights (without biases).
func (n *Network) WeightNorms() []float64 {
	layers := n.All()
	norms := make([]float64, len(layers))
	for i, l := range layers {
		norms[i] = l.WeightNorm()
	}
	return norms
}

// WeightNorm gives the Euclidean norm of the weights, without biases.
func (l *Layer) WeightNorm() float64 { return math.Sqrt(sumSquares(l.Weights)) }

// BiasNorm gives the Euclidean norm of the biases; 0 if there are none.
func (l *Layer) BiasNorm() float64 { return math.Sqrt(sumSquares(l.Biases)) }

// WeightDistance gives the Euclidean distance of the weights from those of a layer of the same
// shape, without biases.
func (l *Layer) WeightDistance(from *Layer) float64 {
	sum := 0.0
	for i, w := range l.Weights {
		d := float64(w) - float64(from.Weights[i])
		sum += float64(d * d)
	}
	return math.Sqrt(sum)
}

// GradientNorm gives the Euclidean norm of the gradient of the last Backward over all layers that
// are not frozen: before clipping, also after Update.
func (t *Trainer) GradientNorm() float64 {
	t.sumGradients()
	sum := 0.0
	t.each(func(_ int, _ *Layer, s *layerState) {
		sum += s.squares
		sum += s.squaresBiases
	})
	return math.Sqrt(sum)
}

// LayerGradientNorm is GradientNorm for the weights and biases of layer i of Network.All; 0 if it is frozen.
func (t *Trainer) LayerGradientNorm(i int) float64 {
	t.sumGradients()
	s := t.state(i)
	return math.Sqrt(s.squares + s.squaresBiases)
}

// Frozen reports whether layer i of Network.All is not trained.
func (t *Trainer) Frozen(i int) bool { return t.state(i).rate == 0 }

// sumGradients sets the layers' squares, unless gradients have been scaled down since they were
// set.
func (t *Trainer) sumGradients() {
	if t.clipped {
		return
	}
	t.turnGradient()
	t.each(func(_ int, _ *Layer, s *layerState) {
		if s.rate != 0 {
			s.squares, s.squaresBiases = sumSquares(s.dWeights), sumSquares(s.dBiases)
		}
	})
}

// sumSquares adds squares in float64, in eight interleaved chains that are then added in order.
func sumSquares(x []float32) float64 {
	var s [8]float64
	n := len(x) &^ 7
	for i := 0; i < n; i += 8 {
		for l, v := range x[i : i+8] {
			s[l] += float64(float64(v) * float64(v))
		}
	}
	for l, v := range x[n:] {
		s[l] += float64(float64(v) * float64(v))
	}
	return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]))
}
