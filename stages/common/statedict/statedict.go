// Package statedict writes a network as PyTorch holds one: tensors by the names and in the layouts of a state_dict, and a
// description that is enough to build the module.
//
//	image.0.weight         [out, in, height, width]  a convolution; 0 is its place in the list layers
//	image.1.weight         [channels]                a batch normalisation; bias, running_mean and running_var likewise
//	image.3.layers.0...                              a layer of a residual; those of its shortcut are image.3.shortcut.0...
//	hidden.0.weight        [out, in]                 a hidden layer
//	output.weight          [out, in]                 the output layer
//
// and a bias [out] beside each weight, but where the network has none. The first dense layer of a CNN takes an image channel by
// channel, as torch.flatten gives it; inside Spurion it is pixel by pixel.
package statedict

import (
	"encoding/json"
	"errors"
	"fmt"

	"spurion/artifacts/frame"
	"spurion/stages/common/model"
	"spurion/stages/numeric/neuralnet"
)

// A Dict is a network after some steps.
type Dict struct {
	Tensors []Tensor
	About   string // a Description as JSON
}

// A Tensor is one tensor.
type Tensor struct {
	Name   string
	Shape  []int
	Values []float32 // row by row: the last index counts fastest
}

// A Description is what there is to know of a network besides its tensors.
type Description struct {
	Inputs      int             `json:"inputs"`          // coordinates of an input
	Shape       []int           `json:"shape,omitempty"` // of a CNN: channels, height and width of an input
	Network     json.RawMessage `json:"network"`         // the block network of a spec, with all that it leaves out
	OutputScale float32         `json:"output_scale"`    // the logits are this times the output layer's
	Step        int64           `json:"step"`            // gradient steps taken
	Classes     []string        `json:"classes,omitempty"`
}

// FromTable gives the network that a table of type model has at a step, the last one without a step. An error lists the steps that
// there are.
func FromTable(t *frame.Table, step *int) (*Dict, error) {
	if t.Meta[model.MetaKey] == "" {
		return nil, errors.New("it is no model; models are the outputs called model, such as train.NAME.model")
	}
	m, err := model.FromTable(t)
	if err != nil {
		return nil, err
	}
	checkpoint, err := m.At(step)
	if err != nil {
		return nil, err
	}
	return of(m, checkpoint)
}

func of(m *model.Model, c model.Checkpoint) (*Dict, error) {
	about := Description{Inputs: m.Inputs, OutputScale: c.Net.OutputScale, Step: c.Step, Classes: m.Data.Classes}
	var err error
	if about.Network, err = m.Settings(); err != nil {
		return nil, err
	}
	d := &Dict{}
	if image := c.Net.Image; image != nil {
		about.Shape = []int{image.In.Channels, image.In.Height, image.In.Width}
		rest := image.Layers
		d.image("image", m.Network.Layers, &rest)
	}
	for i := range c.Net.Layers {
		name := fmt.Sprintf("hidden.%d", i)
		if i == len(c.Net.Layers)-1 {
			name = "output"
		}
		area := 1
		if i == 0 && c.Net.Image != nil {
			area = c.Net.Image.Out.Height * c.Net.Image.Out.Width
		}
		l := &c.Net.Layers[i]
		d.learned(name, l, []int{l.Out, l.In}, area)
	}
	text, err := json.Marshal(about)
	if err != nil {
		return nil, fmt.Errorf("state_dict: %w", err)
	}
	d.About = string(text)
	return d, nil
}

// image adds the tensors of a list of layers, and takes what holds them off rest.
func (d *Dict) image(prefix string, layers []neuralnet.ImageLayer, rest *[]neuralnet.Layer) {
	for i := range layers {
		s := &layers[i]
		name := fmt.Sprintf("%s.%d", prefix, i)
		switch s.Type {
		case neuralnet.Conv:
			l := &(*rest)[0]
			window := s.Kernel * s.Kernel
			d.learned(name, l, []int{l.Out, l.In / window, s.Kernel, s.Kernel}, window)
			*rest = (*rest)[1:]
		case neuralnet.BatchNorm:
			l := &(*rest)[0]
			d.learned(name, l, []int{l.Out}, 1)
			d.add(name+".running_mean", []int{l.Out}, l.Mean)
			d.add(name+".running_var", []int{l.Out}, l.Variance)
			*rest = (*rest)[1:]
		case neuralnet.Residual:
			d.image(name+".layers", s.Layers, rest)
			d.image(name+".shortcut", s.Shortcut, rest)
		}
	}
}

// learned adds a layer's weights and biases. The layer's inputs are so many pixels, of as many channels each.
func (d *Dict) learned(name string, l *neuralnet.Layer, shape []int, pixels int) {
	channels := l.In / pixels
	values := make([]float32, 0, len(l.Weights))
	for o := range l.Out {
		for c := range channels {
			for p := range pixels {
				values = append(values, l.Weights[(p*channels+c)*l.Out+o])
			}
		}
	}
	d.add(name+".weight", shape, values)
	if l.Biases != nil {
		d.add(name+".bias", []int{l.Out}, l.Biases)
	}
}

func (d *Dict) add(name string, shape []int, values []float32) {
	d.Tensors = append(d.Tensors, Tensor{name, shape, values})
}
