package theory

import (
	"fmt"

	"spurion/stages"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// Settings say which network, and how many samples.
type Settings struct {
	Network neuralnet.NetworkSettings `name:"network" doc:"The network: one hidden layer, activation relu. With model, of the same layers."`
	Loss    string                    `name:"loss" default:"cross_entropy" oneof:"cross_entropy,logistic,squared,correlation" doc:"The loss whose gradient is taken."`
	Samples int                       `name:"samples" default:"100000" min:"2" max:"1000000000" unit:"samples" doc:"Samples of D_λ for the sampled gradient; what is left over from whole batches is not drawn."`
	Batch   int                       `name:"batch" default:"64" min:"1" max:"65536" unit:"samples" doc:"Samples of one gradient, as in a training step; standard errors are those of the mean over batches."`
	Step    *int                      `name:"step" min:"0" unit:"steps" doc:"Which checkpoint of the input model to look at, by its step; the last one if not given. Only with model."`
	Blocks  *bool                     `name:"blocks" doc:"Whether the output blocks is written: how large each neuron's weights from the coordinates of each kind are, and how the gradient changes that. Left out: false."`
	Seed    int64                     `name:"seed" default:"each.seed" doc:"Seed of the initial weights, which are those of a training with this seed, and of the samples."`
}

func (s *Settings) batches() int { return s.Samples / s.Batch }

func (s *Settings) blocks() bool { return s.Blocks != nil && *s.Blocks }

// outputs gives what is written beside the fixed outputs.
func (s *Settings) outputs() []stages.Output {
	if !s.blocks() {
		return nil
	}
	return []stages.Output{{Name: "blocks", Doc: "One row for each neuron and kind of coordinates: the size of its weights, and what the gradient does to it. Only with blocks = true.", Fields: blockFields,
		Values: stages.AlwaysValues(map[string][]string{"block": blockKinds})}}
}

// Check reports what tags cannot say.
func (s *Settings) Check() []stages.Problem {
	var problems []stages.Problem
	if len(s.Network.Hidden) != 1 {
		problems = append(problems, stages.Problem{Path: "network.hidden", Summary: "Not one hidden layer",
			Detail: fmt.Sprintf("The analysis is of networks with one hidden layer, but this one has %d. Write network { hidden = [100] }.", len(s.Network.Hidden))})
	}
	if s.Network.Type == neuralnet.CNN {
		problems = append(problems, stages.Problem{Path: "network", Summary: "Not a fully connected network",
			Detail: "The analysis is of neurons that see all coordinates, not of a cnn. Write network { hidden = [100] }."})
	}
	if s.Network.Activation != "relu" {
		problems = append(problems, stages.Problem{Path: "network.activation", Summary: "Activation without a threshold",
			Detail: fmt.Sprintf("The analysis is of ReLU neurons, whose slope is a threshold function, not of %q.", s.Network.Activation)})
	}
	if s.batches() < 2 {
		problems = append(problems, stages.Problem{Path: "samples", Summary: "Fewer than two batches",
			Detail: fmt.Sprintf("A standard error needs at least two batches, but %d samples make %d of %d.", s.Samples, s.batches(), s.Batch)})
	}
	return append(problems, trainloop.CheckNetwork(s.Loss, &s.Network)...)
}
