package model

import (
	"fmt"
	"slices"
	"strings"

	"spurion/stages/numeric/neuralnet"
)

// At gives the checkpoint of a step, the last one without a step. An error lists the steps that there are.
func (m *Model) At(step *int) (Checkpoint, error) {
	if step == nil {
		return m.Last(), nil
	}
	i := slices.IndexFunc(m.Checkpoints, func(c Checkpoint) bool { return c.Step == int64(*step) })
	if i < 0 {
		var steps []string
		for _, c := range m.Checkpoints {
			steps = append(steps, fmt.Sprint(c.Step))
		}
		return Checkpoint{}, fmt.Errorf("there is no checkpoint of step %d; there are those of %s", *step, strings.Join(steps, ", "))
	}
	return m.Checkpoints[i], nil
}

// Fits tells whether the checkpoint's weights are those of a network of the same layers, which is what
// settings and data ask for; the error says how they differ.
func (c Checkpoint) Fits(net *neuralnet.Network) error {
	if have, want := Layers(c.Net), Layers(net); have != want {
		return fmt.Errorf("the given network is %s, but the settings and the data ask for %s", have, want)
	}
	return nil
}

// Layers describes what two networks must have in common for one to take the weights of the other.
func Layers(n *neuralnet.Network) string {
	widths := make([]string, len(n.Layers))
	for i, l := range n.Layers {
		widths[i] = fmt.Sprint(l.In)
	}
	biases := "with"
	if n.Layers[0].Biases == nil {
		biases = "without"
	}
	activation := n.Activation
	if activation == "leaky_relu" {
		activation = fmt.Sprintf("leaky_relu (slope %v)", n.Slope)
	}
	dense := fmt.Sprintf("%s-%d, %s, %s biases, output scale %v", strings.Join(widths, "-"), n.Outputs(), activation, biases, n.OutputScale)
	if n.Image == nil {
		return dense
	}
	return fmt.Sprintf("a cnn (%v, layers = %v), then %s", n.Image.In, n.Image, dense)
}
