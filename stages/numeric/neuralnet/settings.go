package neuralnet

import (
	"fmt"
	"slices"

	"spurion/stages/numeric/problem"
)

// NetworkSettings describe a fully connected network: the block `network { ... }` of a stage. For
// example, hidden weights from the sphere of radius 0.5 and output weights of ±0.5 are
//
//	network {
//	  hidden      = [100]
//	  init        = "sphere"
//	  init_scale  = 0.5
//	  output_init = "signs"
//	}
//
// A network for images has layers before the hidden ones, which are given all that the last of them makes, pixel by pixel:
//
//	network "cnn" {
//	  input  = [1, 56, 28]
//	  layers = [conv(16, 5), relu(), max_pool(2), conv(32, 5), relu(), max_pool(2)]
//	  hidden = [128]
//	}
type NetworkSettings struct {
	Type   string       `name:"type" label:"mlp,cnn" default:"mlp" doc:"mlp, a fully connected network; or cnn, which has convolutions and the like before its hidden layers"`
	Layers []ImageLayer `name:"layers" for:"cnn" call:"true" required:"true" doc:"what an image goes through before the hidden layers, first to last"`
	Input  *[]int       `name:"input" for:"cnn" min:"1" max:"65536" doc:"channels, height and width of the images; if it is left out, those of the data. With it, layers that do not fit are found before anything runs"`

	Hidden     []int   `name:"hidden" for:"all" doc:"width of each hidden layer, first to last; empty for a linear model" default:"[]" min:"1" max:"1048576" unit:"neurons"`
	Activation string  `name:"activation" for:"all" doc:"the hidden layers' activation; quadratic is the square" default:"relu" oneof:"relu,leaky_relu,identity,tanh,quadratic"`
	Slope      float64 `name:"slope" for:"all" doc:"slope of leaky_relu for negative numbers" default:"0.01" min:"0" max:"1"`
	Bias       bool    `name:"bias" for:"all" doc:"whether layers have biases" default:"true"`
	Outputs    int     `name:"outputs" for:"all" doc:"logits; 0, or left out, for as many as the loss asks for: one for each class with cross_entropy, and 1 with the other losses, which are for two classes" default:"0" min:"0" max:"32768"`

	Init            string   `name:"init" for:"all" doc:"initial weights of the hidden layers, of in inputs and out outputs each: pytorch, torch.nn.Linear's default, is U(±1/√in), of variance 1/(3 in), for weights and biases; he_normal N(0, 2/in); he_uniform U(±√(6/in)), of variance 2/in; xavier_normal N(0, 2/(in+out)); xavier_uniform U(±√(6/(in+out))), of the same variance (with biases of 0 the default of Keras); normal N(0, 1); sphere draws each neuron's weights from the unit sphere, so that a weight has variance 1/in; signs are ±1, of variance 1. All are times init_scale. Biases start at 0, but for pytorch" default:"pytorch" oneof:"pytorch,he_normal,he_uniform,xavier_normal,xavier_uniform,normal,sphere,signs,zeros"`
	InitScale       float64  `name:"init_scale" for:"all" doc:"factor on the hidden layers' initial weights, whose variance is times its square; of pytorch on the biases too" default:"1" min:"0"`
	OutputInit      string   `name:"output_init" for:"all" doc:"initial weights of the output layer, and its biases; same: as init" default:"same" oneof:"same,pytorch,he_normal,he_uniform,xavier_normal,xavier_uniform,normal,sphere,signs,zeros"`
	OutputInitScale *float64 `name:"output_init_scale" for:"all" doc:"factor on the output layer's initial weights; init_scale if not given" min:"0"`

	LayerInits      []string  `name:"layer_inits" for:"all" doc:"initial weights of each layer, first hidden to output, of a cnn its convolutions before, in place of init and output_init; empty for those" default:"[]" oneof:"pytorch,he_normal,he_uniform,xavier_normal,xavier_uniform,normal,sphere,signs,zeros"`
	LayerInitScales []float64 `name:"layer_init_scales" for:"all" doc:"factor on the initial weights of each layer, first hidden to output, of a cnn its convolutions before, in place of init_scale and output_init_scale; empty for those" default:"[]" min:"0"`

	OutputScale string `name:"output_scale" for:"all" doc:"factor on the logits, width being that of the last hidden layer: 1/width is the mean-field scaling" default:"1" oneof:"1,1/sqrt(width),1/width"`
}

// OptimizerSettings are the block `optimizer "TYPE" { ... }` of a stage.
//
// With gradient g (of the weighted loss), weights w, rate r and weight decay d, one step is
//
//	sgd    g += d*w; v = momentum*v + g; w -= r*v, or with nesterov w -= r*(g + momentum*v)
//	adam   g += d*w; m += (1-beta1)*(g-m); v = beta2*v + (1-beta2)*g²;
//	       w -= r/(1-beta1^t) * m / (sqrt(v/(1-beta2^t)) + epsilon)
//	adamw  as adam with w -= r*d*w in place of g += d*w (Loshchilov and Hutter, 2019)
//	sign   g += d*w; w -= r*sign(g)
//
// as in PyTorch's SGD (dampening 0), Adam and AdamW, but for the order of rounding. With decoupled,
// sgd and sign take w -= r*d*w before the rest in place of g += d*w. The rate r is Rate times the
// layer's factor times the schedule's at the step. Gradients are clipped before all that, times
// ClipNorm/norm exactly; PyTorch's clip_grad_norm_ adds 1e-6 to the norm.
type OptimizerSettings struct {
	Type        string    `name:"type" doc:"the rule: gradient descent, Adam, Adam with decoupled weight decay, or sign descent" label:"sgd,adam,adamw,sign"`
	Rate        float64   `name:"rate" for:"all" doc:"learning rate" above:"0"`
	Momentum    float64   `name:"momentum" doc:"momentum; 0 for none" default:"0" min:"0" below:"1" for:"sgd"`
	Nesterov    bool      `name:"nesterov" doc:"whether momentum looks ahead (Nesterov)" default:"false" for:"sgd"`
	Beta1       float64   `name:"beta1" doc:"decay of the mean gradient" default:"0.9" min:"0" below:"1" for:"adam,adamw"`
	Beta2       float64   `name:"beta2" doc:"decay of the mean squared gradient" default:"0.999" min:"0" below:"1" for:"adam,adamw"`
	Epsilon     float64   `name:"epsilon" doc:"added to the root of the mean squared gradient" default:"1e-8" above:"0" for:"adam,adamw"`
	WeightDecay float64   `name:"weight_decay" for:"all" doc:"weight decay: times the weight, added to the gradient (adamw, and decoupled: times the rate, taken off the weight)" default:"0" min:"0"`
	Decoupled   bool      `name:"decoupled" doc:"whether weight decay is taken off the weight itself, times the rate, and so stays out of the momentum and the sign (SGDW; Loshchilov and Hutter 2019)" default:"false" for:"sgd,sign"`
	DecayBiases bool      `name:"decay_biases" for:"all" doc:"whether weight decay applies to biases too, and to all of a batch normalisation, as PyTorch's does" default:"true"`
	ClipNorm    float64   `name:"clip_norm" for:"all" doc:"gradients of a larger Euclidean norm, over all layers that are not frozen, are scaled down to it; 0 for never" default:"0" min:"0"`
	LayerRates  []float64 `name:"layer_rates" for:"all" doc:"factor on the rate for each layer, first hidden to output, of a cnn its convolutions and batch normalisations before; 0 freezes a layer; empty for 1 everywhere" default:"[]" min:"0"`

	Schedule *RateSchedule `name:"schedule" for:"all" doc:"how the rate changes from step to step; it does not if not given"`
}

// Losses are the names that NewTrainer takes. All but the cross-entropy are for two classes.
//
//	cross_entropy  softmax cross-entropy of a logit for each class, in nats
//	logistic       log(1 + e^(-yf)) of one logit f, in nats; y is -1 or +1
//	hinge          max(0, 1 - yf)
//	squared        (f - y)²
//	correlation    -yf
var Losses = []string{"cross_entropy", "logistic", "hinge", "squared", "correlation"}

// CheckLoss reports whether a network with so many outputs can be trained with the loss, whatever the number of classes.
func CheckLoss(loss string, outputs int) error {
	switch {
	case !slices.Contains(Losses, loss):
		return fmt.Errorf("network: there is no loss %q; there are %v", loss, Losses)
	case loss == "cross_entropy" && outputs < 2:
		return fmt.Errorf("network: the loss cross_entropy needs an output for each class, but the network has outputs = %d; leave outputs out", outputs)
	case loss != "cross_entropy" && outputs != 1:
		return fmt.Errorf("network: the loss %s needs outputs = 1, but the network has outputs = %d; leave outputs out", loss, outputs)
	}
	return nil
}

// For gives the settings with the number of outputs that a loss asks for on data of so many classes, two at least. The error
// says that they do not go together. s is not changed.
func (s NetworkSettings) For(loss string, classes int) (NetworkSettings, error) {
	want := 1
	if loss == "cross_entropy" {
		want = classes
	}
	if s.Outputs == 0 {
		s.Outputs = want
	}
	if err := CheckLoss(loss, s.Outputs); err != nil {
		return s, err
	}
	if want == 1 && classes > 2 {
		return s, fmt.Errorf("network: the loss %s is for two classes, but the data has %d; use the loss cross_entropy", loss, classes)
	}
	if s.Outputs != want {
		return s, fmt.Errorf("network: outputs = %d, but the data has %d classes, and the loss %s needs an output for each; write outputs = %d, or leave it out", s.Outputs, classes, loss, want)
	}
	return s, nil
}

// HasProbabilities reports whether the loss is the log-loss of a probability of each label, the softmax of the logits or the
// sigmoid of the margin: that of cross_entropy and logistic. The probability of the label is then e^-loss.
func HasProbabilities(loss string) bool { return loss == "cross_entropy" || loss == "logistic" }

// InSteps gives the settings with all lengths in steps; steps gives those of a number of epochs. s is not changed. The
// error names the setting.
func (s OptimizerSettings) InSteps(steps func(epochs float64) (int, error)) (OptimizerSettings, error) {
	if !s.Schedule.inEpochs() {
		return s, nil
	}
	schedule, err := s.Schedule.inSteps(steps)
	if err != nil {
		return s, fmt.Errorf("schedule.%w", err)
	}
	s.Schedule = schedule
	return s, nil
}

// EpochSettings are the paths of settings that may be in epochs; those that are, are true.
func (s *OptimizerSettings) EpochSettings() map[string]bool {
	if s.Schedule == nil {
		return nil
	}
	return map[string]bool{
		"schedule.warmup_epochs":    s.Schedule.WarmupEpochs != nil,
		"schedule.milestone_epochs": s.Schedule.MilestoneEpochs != nil,
		"schedule.epochs":           s.Schedule.Epochs != nil,
	}
}

// Over gives the settings for a training of so many steps: a schedule that has no length of its own
// gets that one. s is not changed.
func (s OptimizerSettings) Over(steps int64) OptimizerSettings {
	if s.Schedule != nil && s.Schedule.Type == Cosine && s.Schedule.Steps == 0 && s.Schedule.Epochs == nil {
		schedule := *s.Schedule
		schedule.Steps = int(steps)
		s.Schedule = &schedule
	}
	return s
}

// Check implements the Checker of package stages. A schedule is checked for what Over has made of it.
func (s *OptimizerSettings) Check() []problem.Problem {
	var problems []problem.Problem
	if s.Nesterov && s.Momentum == 0 {
		problems = append(problems, problem.Problem{
			Path:    "nesterov",
			Summary: "Nesterov's method needs momentum",
			Detail:  "Set momentum above 0, or leave nesterov out.",
		})
	}
	if s.Schedule != nil {
		problems = append(problems, s.Schedule.check("schedule")...)
	}
	return problems
}

// CheckLayers reports layer_rates that have not one value for each layer of a network.
func (o *OptimizerSettings) CheckLayers(n *NetworkSettings) []problem.Problem {
	layers := counted(n.Layers, Conv, BatchNorm) + len(n.Hidden) + 1
	if have := len(o.LayerRates); have != 0 && have != layers {
		return []problem.Problem{n.notEach("layer_rates", have, layers, " and its convolutions and batch normalisations")}
	}
	return nil
}

// Check implements the Checker of package stages.
func (s *NetworkSettings) Check() []problem.Problem {
	var problems []problem.Problem
	if s.Input != nil {
		problems = append(problems, checkInput(*s.Input)...)
	}
	if s.Type == CNN && len(problems) == 0 {
		var in *ImageShape
		if s.Input != nil {
			shape := s.imageShape()
			in = &shape
		}
		problems = append(problems, s.checkLayers(in)...)
	}
	layers := counted(s.Layers, Conv) + len(s.Hidden) + 1
	one := func(path string, have int, other string, otherGiven bool) {
		switch {
		case have == 0:
		case have != layers:
			problems = append(problems, s.notEach(path, have, layers, " and its convolutions"))
		case otherGiven:
			problems = append(problems, problem.Problem{Path: other, Summary: "The output layer's weights are set twice",
				Detail: fmt.Sprintf("The last value of %s is the output layer's, so %s has no effect. Leave it out.", path, other)})
		}
	}
	one("layer_inits", len(s.LayerInits), "output_init", s.OutputInit != "" && s.OutputInit != "same")
	one("layer_init_scales", len(s.LayerInitScales), "output_init_scale", s.OutputInitScale != nil)
	return problems
}

// initOf gives the initialisation of layer i of those that are drawn, which batch normalisations are not, and its factor.
func (s *NetworkSettings) initOf(i int) (name string, scale float64) {
	name, scale = s.Init, s.InitScale
	if i == counted(s.Layers, Conv)+len(s.Hidden) {
		if s.OutputInit != "same" && s.OutputInit != "" {
			name = s.OutputInit
		}
		if s.OutputInitScale != nil {
			scale = *s.OutputInitScale
		}
	}
	if len(s.LayerInits) > 0 {
		name = s.LayerInits[i]
	}
	if len(s.LayerInitScales) > 0 {
		scale = s.LayerInitScales[i]
	}
	return name, scale
}

// notEach is the problem of a list that has not one value for each of so many layers; and says what else counts as one in a CNN.
func (s *NetworkSettings) notEach(path string, have, layers int, and string) problem.Problem {
	if s.Type != CNN {
		and = ""
	}
	return problem.Problem{Path: path, Summary: "Not one value for each layer",
		Detail: fmt.Sprintf("%s has %s, but the network has %s with the output layer%s. Give one value for each.", path, quantity(have, "value"), quantity(layers, "layer"), and)}
}

func checkInput(input []int) []problem.Problem {
	if len(input) == 3 {
		return nil
	}
	return []problem.Problem{{Path: "input", Summary: "Not a shape", Detail: fmt.Sprintf("input has %s; write channels, height and width, as in [3, 32, 32].", quantity(len(input), "number"))}}
}

// On gives the settings of a network for data whose inputs have a shape; shape is nil where they have none. The error says that
// they do not go together. s is not changed.
func (s NetworkSettings) On(shape *ImageShape) (NetworkSettings, error) {
	if s.Type != CNN {
		return s, nil
	}
	if s.Input == nil {
		if shape == nil {
			return s, fmt.Errorf("network: a cnn is for images, but the data has no shape; give it one where it is made (shape of import, or compose), or write input = [channels, height, width]")
		}
		s.Input = &[]int{shape.Channels, shape.Height, shape.Width}
	}
	if ps := s.Check(); len(ps) > 0 {
		return s, fmt.Errorf("network: %s", ps[0].Detail)
	}
	if in := s.imageShape(); shape != nil && in != *shape {
		return s, fmt.Errorf("network: input is %v, but the images of the data are %v", in, *shape)
	}
	return s, nil
}

// imageShape gives Input, which has been checked.
func (s *NetworkSettings) imageShape() ImageShape {
	return ImageShape{(*s.Input)[0], (*s.Input)[1], (*s.Input)[2]}
}

// image lays out the part before the hidden layers for so many inputs.
func (s *NetworkSettings) image(inputs int) (*Image, error) {
	if s.Input == nil {
		return nil, fmt.Errorf("the shape of the images is left open; the data decides it (NetworkSettings.On)")
	}
	in := s.imageShape()
	if in.Size() != inputs {
		return nil, fmt.Errorf("its images are %v, which are %d numbers, but an input has %d", in, in.Size(), inputs)
	}
	return newImage(s, in)
}
