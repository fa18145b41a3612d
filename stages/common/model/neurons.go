package model

import (
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// NeuronFields are the columns of what Neurons gives.
var NeuronFields = []frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken."},
	{Name: "neuron", Type: frame.Int64, Doc: "The neuron's place in the first hidden layer, from 0."},
	mass("core_mass", "Squared norm |w_c|² of the neuron's weights on the core block's coordinates; null for data without a law.", true),
	mass("core_relevant_mass", "The part of core_mass on coordinates that the core function reads; the rest of the block is inert.", true),
	mass("spurious_mass", "Squared norm |w_s|² of the weights on the spurious block's coordinates; null for data without a law.", true),
	mass("spurious_relevant_mass", "The part of spurious_mass on coordinates that the spurious function reads.", true),
	mass("independent_mass", "Squared norm |w_u|² of the weights on coordinates in neither block; null for data without a law.", true),
	mass("mass", "Squared norm |w|² of all weights that lead to the neuron, without its bias.", false),
	mass("core_share", "r = |w_c|² / (|w_c|² + |w_s|²), 1 for a neuron of the core subnetwork, 0 for one of the spurious one (Qiu, Kuang and Goel 2024); null if both are 0, and for data without a law.", true),
	mass("bias", "The neuron's bias; null if the network has none.", true),
	mass("outgoing_weight", "What the neuron's activation is multiplied by in the margin: the output weight of +1 less that of -1 (or the only one), times the output scale; null unless there is one hidden layer, and for more than two classes, where there is no margin.", true),
	mass("outgoing_mass", "Squared norm of the weights that lead from the neuron to the next layer, without the output scale.", false),
}

func mass(name, doc string, nullable bool) frame.Field {
	return frame.Field{Name: name, Type: frame.Float64, Unit: "1", Doc: doc, Nullable: nullable}
}

// Neurons says where the weights of the first hidden layer's neurons lie, one row for each
// checkpoint and neuron; none for a network without a hidden layer. The neurons of a CNN are the channels of its first convolution.
func (m *Model) Neurons() (*frame.Table, error) {
	b := frame.NewBuilder(NeuronFields)
	var w []float32
	for _, c := range m.Checkpoints {
		layers := weighted(c.Net)
		if len(layers) == 1 {
			break
		}
		first, next := layers[0], layers[1]
		for j := range first.Out {
			w = first.NeuronWeights(w, j)
			b.Int64("step", c.Step)
			b.Int("neuron", j)
			m.blocks(b, w, c.Net.Image == nil)
			optional(b, "bias", first.Biases != nil, func() float64 { return float64(first.Biases[j]) })
			optional(b, "outgoing_weight", c.Net.Image == nil && len(layers) == 2 && c.Net.ScoreWidth() == 1, func() float64 { return marginWeight(c.Net, j) })
			b.Float64("outgoing_mass", outgoing(next, j, first.Out))
			b.EndRow()
		}
	}
	t, err := b.Table()
	if err != nil {
		return nil, fmt.Errorf("model: neurons: %w", err)
	}
	return t, nil
}

// weighted gives a network's layers without batch normalisations.
func weighted(n *neuralnet.Network) []*neuralnet.Layer {
	return slices.DeleteFunc(n.All(), func(l *neuralnet.Layer) bool { return l.Mean != nil })
}

// outgoing adds the squares of the weights that lead from neuron j of a layer of so many on to the next. A convolution, and a
// dense layer on an image, has weights from it for each pixel.
func outgoing(next *neuralnet.Layer, j, neurons int) float64 {
	sum := 0.0
	for i := j; i < next.In; i += neurons {
		sum += squares(next.Weights[i*next.Out : (i+1)*next.Out])
	}
	return sum
}

// blocks sets the columns about the squared weights w on the coordinates of the law; whole says that w has one for each
// coordinate.
func (m *Model) blocks(b *frame.Builder, w []float32, whole bool) {
	b.Float64("mass", squares(w))
	law := m.Data.Law
	if law == nil || !whole {
		for _, name := range []string{"core_mass", "core_relevant_mass", "spurious_mass", "spurious_relevant_mass", "independent_mass", "core_share"} {
			b.Null(name)
		}
		return
	}
	core, spurious, independent := blocks(law, w)
	c, s := squares(core), squares(spurious)
	b.Float64("core_mass", c)
	b.Float64("core_relevant_mass", squares(core[:law.Core.Reads()]))
	b.Float64("spurious_mass", s)
	b.Float64("spurious_relevant_mass", squares(spurious[:law.Spurious.Reads()]))
	b.Float64("independent_mass", squares(independent))
	optional(b, "core_share", c+s > 0, func() float64 { return c / (c + s) })
}

// blocks gives the weights [Inputs] of the core block, of the spurious one, and of neither.
func blocks(law *datalaw.Law, w []float32) (core, spurious, independent []float32) {
	core, rest := w[:law.CoreLength], w[law.CoreLength:]
	return core, rest[:law.SpuriousLength], rest[law.SpuriousLength:]
}

// CoreShares gives r = |w_c|² / (|w_c|² + |w_s|²) of each neuron of a network's first hidden layer,
// [width], as the column core_share of Neurons; NaN where both are 0. It is nil for a network without
// a hidden layer, and for a CNN.
func CoreShares(net *neuralnet.Network, law *datalaw.Law) []float64 {
	if len(net.Layers) == 1 || net.Image != nil {
		return nil
	}
	first := &net.Layers[0]
	shares := make([]float64, first.Out)
	var w []float32
	for j := range shares {
		w = first.NeuronWeights(w, j)
		core, spurious, _ := blocks(law, w)
		c, s := squares(core), squares(spurious)
		shares[j] = c / (c + s)
	}
	return shares
}

// marginWeight gives the derivative of the margin by the activation of neuron j of the last hidden
// layer.
func marginWeight(net *neuralnet.Network, j int) float64 {
	last := &net.Layers[len(net.Layers)-1]
	weight := float64(last.Weights[j*last.Out+last.Out-1])
	if last.Out == 2 {
		weight -= float64(last.Weights[j*last.Out])
	}
	return float64(weight * float64(net.OutputScale))
}

func optional(b *frame.Builder, column string, exists bool, value func() float64) {
	if !exists {
		b.Null(column)
		return
	}
	b.Float64(column, value())
}

// squares adds the squares of w in order.
func squares(w []float32) float64 { return kernel.Dot64(w, w) }
