package neuralnet

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
)

// A Network is a fully connected network with one activation after every layer but the last. That of a CNN is given what the
// image's layers make of its inputs.
type Network struct {
	Image      *Image  // nil but for a CNN
	Activation string  // of the hidden layers, as in NetworkSettings
	Slope      float64 // of leaky_relu
	// OutputScale is a factor on the logits: f = OutputScale * (W h + b).
	OutputScale float32
	Layers      []Layer // hidden layers first to last, then the output layer; All has the image's too
}

// A Layer maps [rows, In] to [rows, Out]. Its slices may be changed in place at any time.
type Layer struct {
	In, Out int
	// Weights is [In, Out], row by row: Weights[i*Out+o] leads from input i to neuron o.
	Weights []float32
	Biases  []float32 // [Out]; nil if the layer has none
	// Mean and Variance are the running ones of a batch normalisation, [Out]; nil for other layers.
	Mean, Variance []float32
}

// New makes a network with initial weights drawn from the stream: layer by layer, in each layer
// neuron by neuron, in each neuron input by input, and the layer's biases last.
func New(s NetworkSettings, inputs int, stream *kernel.Stream) (*Network, error) {
	if inputs < 1 {
		return nil, fmt.Errorf("a network with %d inputs", inputs)
	}
	n := &Network{Activation: s.Activation, Slope: s.Slope, OutputScale: 1}
	if n.Activation == "" {
		n.Activation = "relu"
	}
	if _, err := activationOf(n); err != nil {
		return nil, err
	}
	if ps := s.Check(); len(ps) > 0 {
		return nil, fmt.Errorf("%s: %s", ps[0].Path, ps[0].Detail)
	}
	if s.Outputs == 0 {
		return nil, fmt.Errorf("the number of outputs is left open; the loss and the classes decide it (NetworkSettings.For)")
	}
	in := inputs
	if s.Type == CNN {
		var err error
		if n.Image, err = s.image(inputs); err != nil {
			return nil, err
		}
		in = n.Image.Out.Size()
	}
	for i, width := range append(append([]int(nil), s.Hidden...), s.Outputs) {
		if width < 1 {
			return nil, fmt.Errorf("layer %d has width %d", i, width)
		}
		if float64(in)*float64(width) > maxWeights {
			return nil, fmt.Errorf("a layer of %d inputs and %d outputs has more than 2^30 weights: make it narrower, or what comes before it", in, width)
		}
		l := Layer{In: in, Out: width, Weights: make([]float32, in*width)}
		if s.Bias {
			l.Biases = make([]float32, width)
		}
		in = width
		n.Layers = append(n.Layers, l)
	}
	n.OutputScale = outputScale(s.OutputScale, n.Width())
	drawn := 0
	for i, l := range n.All() {
		if l.Mean != nil {
			continue
		}
		init, scale := s.initOf(drawn)
		drawn++
		if err := initialise(l, n.fanOut(i), init, scale, stream); err != nil {
			return nil, err
		}
		if !kernel.Finite(l.Weights) || !kernel.Finite(l.Biases) {
			return nil, fmt.Errorf("an initial weight of layer %d is not finite: its factor %v is too large", i+1, scale)
		}
	}
	return n, nil
}

// fanOut gives the numbers that an input of layer i of All goes to.
func (n *Network) fanOut(i int) int {
	if n.Image != nil && i < len(n.Image.Layers) {
		return n.Image.Layers[i].Out * n.Image.windows[i]
	}
	return n.All()[i].Out
}

func outputScale(scale string, width int) float32 {
	switch scale {
	case "1/sqrt(width)":
		return float32(1 / math.Sqrt(float64(width)))
	case "1/width":
		return float32(1 / float64(width))
	}
	return 1
}

// Inputs gives the number of inputs.
func (n *Network) Inputs() int {
	if n.Image != nil {
		return n.Image.In.Size()
	}
	return n.Layers[0].In
}

// All gives all layers that have weights: those of the image first.
func (n *Network) All() []*Layer {
	var list []*Layer
	if n.Image != nil {
		for i := range n.Image.Layers {
			list = append(list, &n.Image.Layers[i])
		}
	}
	for i := range n.Layers {
		list = append(list, &n.Layers[i])
	}
	return list
}

// Outputs gives the number of logits.
func (n *Network) Outputs() int { return n.Layers[len(n.Layers)-1].Out }

// ScoreWidth gives S, the number of scores of an input: 1, the margin, of a network with one or two outputs; else one
// for each output.
func (n *Network) ScoreWidth() int {
	if out := n.Outputs(); out > 2 {
		return out
	}
	return 1
}

// Width gives the width of the last hidden layer; if there is none, of the inputs, or of what the image's layers make of them.
func (n *Network) Width() int { return n.Layers[len(n.Layers)-1].In }

// SetScores changes the output layer so that the scores of an input with the last hidden layer's activations h, [Width],
// are weights·h + intercepts, of weights [S, Width] and intercepts [S], S being ScoreWidth. Of two outputs each gets half of
// the margin, with opposite signs. A layer without biases goes without the intercepts.
func (n *Network) SetScores(weights, intercepts []float64) {
	last := &n.Layers[len(n.Layers)-1]
	if len(intercepts) != n.ScoreWidth() || len(weights) != len(intercepts)*last.In {
		panic(fmt.Sprintf("network: %d weights and %d intercepts for %d outputs of %d activations", len(weights), len(intercepts), last.Out, last.In))
	}
	factor := 1 / float64(n.OutputScale)
	set := func(o, score int, factor float64) {
		for i, w := range weights[score*last.In : (score+1)*last.In] {
			last.Weights[i*last.Out+o] = float32(w * factor)
		}
		if last.Biases != nil {
			last.Biases[o] = float32(intercepts[score] * factor)
		}
	}
	if last.Out == 2 {
		set(0, 0, -factor/2)
		set(1, 0, factor/2)
		return
	}
	for o := range last.Out {
		set(o, o, factor)
	}
}

// Clone gives a copy that shares nothing that changes.
func (n *Network) Clone() *Network {
	c := *n
	c.Image, c.Layers = n.Image.clone(), cloneLayers(n.Layers)
	return &c
}

func cloneLayers(layers []Layer) []Layer {
	c := make([]Layer, len(layers))
	for i, l := range layers {
		c[i] = Layer{In: l.In, Out: l.Out, Weights: slices.Clone(l.Weights), Biases: slices.Clone(l.Biases), Mean: slices.Clone(l.Mean), Variance: slices.Clone(l.Variance)}
	}
	return c
}

// CopyFrom sets n's weights and biases to those of a network of the same shape, and the running means and variances.
func (n *Network) CopyFrom(from *Network) {
	source := from.All()
	for i, l := range n.All() {
		if len(l.Weights) != len(source[i].Weights) || len(l.Biases) != len(source[i].Biases) {
			panic("network: CopyFrom of a network with another shape")
		}
		copy(l.Weights, source[i].Weights)
		copy(l.Biases, source[i].Biases)
		copy(l.Mean, source[i].Mean)
		copy(l.Variance, source[i].Variance)
	}
}

// NeuronWeights sets dst [In] to the weights that lead to neuron o, and returns it; nil makes a
// new slice.
func (l *Layer) NeuronWeights(dst []float32, o int) []float32 {
	if dst == nil {
		dst = make([]float32, l.In)
	}
	for i := range l.In {
		dst[i] = l.Weights[i*l.Out+o]
	}
	return dst
}

// SetNeuronWeights sets the weights that lead to neuron o from weights [In].
func (l *Layer) SetNeuronWeights(o int, weights []float32) {
	for i := range l.In {
		l.Weights[i*l.Out+o] = weights[i]
	}
}

// Parameters gives the number of weights and biases.
func (n *Network) Parameters() int {
	total := 0
	for _, l := range n.All() {
		total += len(l.Weights) + len(l.Biases)
	}
	return total
}
