package train

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/model"
	"spurion/stages/numeric/neuralnet"
)

// begin gives the new network the weights of the input start, if there is one, and says how the stream
// of the data's order is called: training on from a network must not see again what formed it.
func (t *training) begin(r *stages.Run) (order string, err error) {
	m, err := model.Read(r, "start")
	if err != nil {
		return "", err
	}
	at := t.settings.StartStep
	if m == nil {
		if at != nil {
			return "", errors.New("start_step is given without the input start")
		}
		return "", nil
	}
	c := m.Last()
	if at != nil {
		i := slices.IndexFunc(m.Checkpoints, func(c model.Checkpoint) bool { return c.Step == int64(*at) })
		if i < 0 {
			var steps []string
			for _, c := range m.Checkpoints {
				steps = append(steps, fmt.Sprint(c.Step))
			}
			return "", fmt.Errorf("there is no checkpoint of step %d; there are those of %s", *at, strings.Join(steps, ", "))
		}
		c = m.Checkpoints[i]
	}
	if have, want := layers(c.Net), layers(t.net); have != want {
		return "", fmt.Errorf("the given network is %s, but the settings and the data ask for %s", have, want)
	}
	t.net.CopyFrom(c.Net)
	return fmt.Sprintf("start/%d", c.Step), nil
}

// layers describes what two networks must have in common for one to take the weights of the other.
func layers(n *neuralnet.Network) string {
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
	return fmt.Sprintf("%s-%d, %s, %s biases, output scale %v", strings.Join(widths, "-"), n.Outputs(), activation, biases, n.OutputScale)
}
