// Package model is the "model" artifact: a network at one or more steps of its training, as a table
// and as values. As a table, one row is one neuron:
//
//	step     int64    gradient steps taken
//	layer    int64    1 is the first hidden layer, the last is the output layer
//	neuron   int64    the neuron's place in its layer, from 0
//	bias     float32  null if the network has no biases
//	weights  list     float32, one for each neuron of the layer before (each input, for layer 1)
//
// The layers of a CNN's image, its convolutions and batch normalisations, come first. A neuron of a convolution is a channel of what
// it makes: its weights are those of a window, row by row, pixel by pixel, channel by channel; the first dense layer's are in
// the same order. A neuron of a batch normalisation is a channel, its bias the shift, its weights the scale, the running mean
// and the running variance. Rows are
// sorted by step, layer and neuron. The table has the metadata keys "spurion.model" (a Description: the number
// of inputs, the network's settings) and "spurion.dataset" (the data that it was trained on, see
// package dataset), so that a model is enough to probe it.
package model

import (
	"encoding/json"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// Type is the type of the artifact, as inputs of kinds ask for it.
const Type = "model"

// MetaKey is the key of a table's metadata that holds a network's settings.
const MetaKey = "spurion.model"

// Fields are the columns of a model.
var Fields = []frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken."},
	{Name: "layer", Type: frame.Int64, Doc: "The layer: 1 is the first hidden one, the last is the output."},
	{Name: "neuron", Type: frame.Int64, Doc: "The neuron's place in its layer, from 0."},
	{Name: "bias", Type: frame.Float32, Unit: "1", Nullable: true, Doc: "The neuron's bias; null if the network has none."},
	{Name: "weights", Type: frame.Float32List, Unit: "1", Doc: "The neuron's weights, one for each neuron of the layer before, or each input."},
}

// A Model is a network at one or more steps of its training.
type Model struct {
	Network neuralnet.NetworkSettings
	Inputs  int // coordinates of an input
	// Data describes what the network was trained on.
	Data        dataset.Description
	Checkpoints []Checkpoint // ascending by step; at least one
}

// A Checkpoint is a network after some steps.
type Checkpoint struct {
	Step int64
	Net  *neuralnet.Network
}

// Read reads the model of a One or Optional input; nil without error if an Optional one was not given.
func Read(r *stages.Run, input string) (*Model, error) {
	t, err := r.Table(input)
	if err != nil || t == nil {
		return nil, err
	}
	return FromTable(t)
}

// New starts a model without checkpoints. The network's outputs and the shape of its images are set (NetworkSettings.For and On).
func New(network neuralnet.NetworkSettings, d dataset.Description) *Model {
	return &Model{Network: network, Inputs: d.Dimensions, Data: d}
}

// Fits says why the model's networks cannot be given data, which has other inputs or classes than what they were trained on; nil if they can.
func (m *Model) Fits(d *dataset.Description) error {
	if m.Inputs != d.Dimensions {
		shapes := ""
		if m.Data.Shape != nil && d.Shape != nil {
			shapes = fmt.Sprintf(" (images of %v, and of %v)", m.Data.Shape, d.Shape)
		}
		return fmt.Errorf("the network has %d inputs, but the data %d dimensions%s: give the data that it was trained on or others made alike, or a network that was trained on this data", m.Inputs, d.Dimensions, shapes)
	}
	if k, want := m.Data.ClassCount(), d.ClassCount(); k != want {
		return fmt.Errorf("the network tells %d classes apart, but the data has %d: give data of the same classes, or a network that was trained on this data", k, want)
	}
	return nil
}

// Add copies a network as the checkpoint of a step, in its place by step; one of the same step is
// replaced.
func (m *Model) Add(step int64, net *neuralnet.Network) {
	i, found := slices.BinarySearchFunc(m.Checkpoints, step, func(c Checkpoint, step int64) int {
		return int(min(1, max(-1, c.Step-step)))
	})
	if found {
		m.Checkpoints[i].Net = net.Clone()
		return
	}
	m.Checkpoints = slices.Insert(m.Checkpoints, i, Checkpoint{step, net.Clone()})
}

// Last gives the checkpoint of the largest step.
func (m *Model) Last() Checkpoint { return m.Checkpoints[len(m.Checkpoints)-1] }

type description struct {
	Inputs  int             `json:"inputs"`
	Network json.RawMessage `json:"network"`
}

// Settings gives the network's settings as a JSON object keyed by the names that a spec uses, keys sorted.
func (m *Model) Settings() (json.RawMessage, error) {
	network, err := encodeSettings(m.Network)
	if err != nil {
		return nil, fmt.Errorf("model: network settings: %w", err)
	}
	return network, nil
}

// Table gives the model as a table.
func (m *Model) Table() (*frame.Table, error) {
	network, err := m.Settings()
	if err != nil {
		return nil, err
	}
	about, err := json.Marshal(description{m.Inputs, network})
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	b := frame.NewBuilder(Fields)
	var weights []float32
	for _, c := range m.Checkpoints {
		for l, layer := range c.Net.All() {
			weights = slices.Grow(weights[:0], layer.In)[:layer.In]
			for j := range layer.Out {
				b.Int64("step", c.Step)
				b.Int("layer", l+1)
				b.Int("neuron", j)
				if len(layer.Biases) > 0 {
					b.Float32("bias", layer.Biases[j])
				} else {
					b.Null("bias")
				}
				layer.NeuronWeights(weights, j)
				if layer.Mean != nil {
					weights = append(weights[:1], layer.Mean[j], layer.Variance[j])
				}
				b.Float32List("weights", weights)
				b.EndRow()
			}
		}
	}
	t, err := b.Table()
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	t.Meta = map[string]string{MetaKey: string(about), dataset.MetaKey: m.Data.JSON()}
	return t, nil
}

// FromTable reads a model. It checks that every checkpoint has every neuron of the network that
// the metadata describes, once, in order.
func FromTable(t *frame.Table) (*Model, error) {
	var about description
	if err := json.Unmarshal([]byte(t.Meta[MetaKey]), &about); err != nil {
		return nil, fmt.Errorf("model: metadata %s: %w", MetaKey, err)
	}
	network, err := decodeSettings[neuralnet.NetworkSettings](about.Network)
	if err != nil {
		return nil, fmt.Errorf("model: metadata %s: network: %w", MetaKey, err)
	}
	d, err := dataset.Describe(t.Meta)
	if err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	if d == nil || d.Dimensions != about.Inputs {
		return nil, fmt.Errorf("model: the metadata %s is missing, or not about %d inputs", dataset.MetaKey, about.Inputs)
	}
	if k := d.ClassCount(); network.Outputs != k && (k > 2 || network.Outputs != 1) {
		return nil, fmt.Errorf("model: a network with %d outputs, trained on data of %d classes", network.Outputs, k)
	}
	if err := checkColumns(t); err != nil {
		return nil, err
	}
	if *network, err = network.On((*neuralnet.ImageShape)(d.Shape)); err != nil {
		return nil, fmt.Errorf("model: %w", err)
	}
	m := New(*network, *d)
	r := reader{steps: t.Column("step").Int64s, layers: t.Column("layer").Int64s, neurons: t.Column("neuron").Int64s,
		bias: t.Column("bias"), weights: t.Column("weights")}
	for r.row < t.Rows() {
		// The initial weights are overwritten, so the stream does not matter.
		net, err := neuralnet.New(*network, about.Inputs, kernel.NewStream(0, "model"))
		if err != nil {
			return nil, fmt.Errorf("model: %w", err)
		}
		step := r.steps[r.row]
		if n := len(m.Checkpoints); n > 0 && step <= m.Checkpoints[n-1].Step {
			return nil, fmt.Errorf("model: row %d: step %d follows step %d", r.row, step, m.Checkpoints[n-1].Step)
		}
		if err := r.read(net, step); err != nil {
			return nil, fmt.Errorf("model: %w", err)
		}
		m.Checkpoints = append(m.Checkpoints, Checkpoint{step, net})
	}
	if len(m.Checkpoints) == 0 {
		return nil, fmt.Errorf("model: the table has no rows")
	}
	return m, nil
}

func checkColumns(t *frame.Table) error {
	for _, f := range Fields {
		if c := t.Column(f.Name); c == nil || c.Type != f.Type {
			return fmt.Errorf("model: a model needs a column %s that holds %v", f.Name, f.Type)
		}
	}
	return nil
}

type reader struct {
	steps, layers, neurons []int64
	bias, weights          *frame.Column
	row                    int
}

// read fills net with the rows of one checkpoint.
func (r *reader) read(net *neuralnet.Network, step int64) error {
	for l, layer := range net.All() {
		in := layer.In
		if layer.Mean != nil {
			in = 3
		}
		for j := range layer.Out {
			i := r.row
			if i == len(r.steps) || r.steps[i] != step || r.layers[i] != int64(l+1) || r.neurons[i] != int64(j) {
				return fmt.Errorf("row %d: neuron %d of layer %d at step %d is missing", i, j, l+1, step)
			}
			weights := r.weights.Float32List(i)
			if len(weights) != in {
				return fmt.Errorf("row %d: %d weights, but layer %d has %d", i, len(weights), l+1, in)
			}
			if r.bias.Null(i) != (len(layer.Biases) == 0) {
				return fmt.Errorf("row %d: a bias where the network has none, or none where it has one", i)
			}
			if len(layer.Biases) > 0 {
				layer.Biases[j] = r.bias.Float32s[i]
			}
			if layer.Mean != nil {
				layer.Mean[j], layer.Variance[j], weights = weights[1], weights[2], weights[:1]
			}
			layer.SetNeuronWeights(j, weights)
			r.row++
		}
	}
	return nil
}
