package neuralnet

import (
	"fmt"
	"strings"

	"spurion/stages/numeric/problem"
)

// The types of networks.
const (
	MLP = "mlp"
	CNN = "cnn"
)

// The types of layers of a CNN.
const (
	Conv        = "conv"
	BatchNorm   = "batch_norm"
	Rectify     = "relu"
	MaxPool     = "max_pool"
	AveragePool = "average_pool"
	GlobalPool  = "global_pool"
	Residual    = "residual"
	Normalise   = "normalise"
)

// An ImageLayer is a layer of a CNN, written in a spec as a call, such as conv(16, 5). Layers map images of channels x height
// x width to images:
//
//	conv(c, k, stride, padding)     c channels, each the sum of k x k windows of all channels times its weights, plus its
//	                                bias: a cross-correlation, as torch.nn.Conv2d is. Padding is zeros on all four sides
//	batch_norm(momentum, epsilon)   channel by channel (x - mean)/sqrt(variance + epsilon) times a scale, 1 at the start, plus a
//	                                shift, 0 at the start (Ioffe and Szegedy 2015). In a step of training mean and variance are
//	                                the batch's, else the running ones, r += momentum (batch's - r), where the batch's variance is
//	                                the unbiased one; torch.nn.BatchNorm2d
//	relu()                          max(0, x)
//	max_pool(k, stride)             the largest of each k x k window; stride is k if left out
//	average_pool(k, stride)         the mean of each k x k window
//	global_pool()                   the mean of each channel: c x 1 x 1
//	residual([...], [...])          the first list's result plus the second's, both given the same image; an empty second list is
//	                                the image itself (He, Zhang, Ren and Sun 2016)
//	normalise([...], [...])         (x - mean)/deviation with a number for each channel; nothing is learned
//
// Windows start at multiples of the stride. Rows and columns at the end that no window fits are left out, as PyTorch does.
type ImageLayer struct {
	Type     string `name:"type" label:"conv,batch_norm,relu,max_pool,average_pool,global_pool,residual,normalise" doc:"conv(channels, kernel, stride, padding) is a convolution; batch_norm(momentum, epsilon) normalises each channel by its mean and variance in the batch, after training by running ones; relu() is max(0, x); max_pool(window, step) and average_pool(window, step) take the largest and the mean of windows; global_pool() is each channel's mean; residual([...], [...]) adds what two lists of layers make of an image, and an empty second list leaves it as it is; normalise([...], [...]) takes a mean off each channel and divides by a deviation. Windows that do not fit at the end are left out, as PyTorch does"`
	Channels int    `name:"channels" for:"conv" min:"1" max:"65536" unit:"channels" doc:"channels of the result"`
	Kernel   int    `name:"kernel" for:"conv" min:"1" max:"1024" unit:"pixels" doc:"height and width of a window"`
	Stride   int    `name:"stride" for:"conv" default:"1" min:"1" max:"1024" unit:"pixels" doc:"distance of windows"`
	Padding  int    `name:"padding" for:"conv" default:"0" min:"0" max:"1024" unit:"pixels" doc:"zeros round the image, on each side; (kernel-1)/2 keeps height and width at a stride of 1"`
	Window   int    `name:"window" for:"max_pool,average_pool" min:"1" max:"255" unit:"pixels" doc:"height and width of a window"`
	Step     int    `name:"step" for:"max_pool,average_pool" default:"0" min:"0" max:"255" unit:"pixels" doc:"distance of windows; 0 for window"`

	Momentum float64 `name:"momentum" for:"batch_norm" default:"0.1" above:"0" max:"1" doc:"weight of a batch in the running mean and variance"`
	Epsilon  float64 `name:"epsilon" for:"batch_norm" default:"1e-5" above:"0" doc:"added to the variance"`

	Layers   []ImageLayer `name:"layers" for:"residual" call:"true" required:"true" doc:"the layers whose result is added to the shortcut's"`
	Shortcut []ImageLayer `name:"shortcut" for:"residual" call:"true" default:"[]" doc:"the layers of the shortcut; empty for the image as it is"`

	Mean      []float64 `name:"mean" for:"normalise" required:"true" doc:"of each channel"`
	Deviation []float64 `name:"deviation" for:"normalise" required:"true" above:"0" doc:"of each channel"`
}

// String gives the layer as a spec writes it, such as conv(16, 5): arguments at the end that are as by default are left out.
func (l ImageLayer) String() string {
	var args []string
	keep := 0
	add := func(text string, usual bool) {
		args = append(args, text)
		if !usual {
			keep = len(args)
		}
	}
	switch l.Type {
	case Conv:
		add(fmt.Sprint(l.Channels), false)
		add(fmt.Sprint(l.Kernel), false)
		add(fmt.Sprint(l.Stride), l.Stride == 1)
		add(fmt.Sprint(l.Padding), l.Padding == 0)
	case MaxPool, AveragePool:
		add(fmt.Sprint(l.Window), false)
		add(fmt.Sprint(l.Step), l.Step == 0)
	case BatchNorm:
		add(fmt.Sprint(l.Momentum), l.Momentum == .1)
		add(fmt.Sprint(l.Epsilon), l.Epsilon == 1e-5)
	case Residual:
		add(layersText(l.Layers), false)
		add(layersText(l.Shortcut), len(l.Shortcut) == 0)
	case Normalise:
		add(strings.ReplaceAll(fmt.Sprint(l.Mean), " ", ", "), false)
		add(strings.ReplaceAll(fmt.Sprint(l.Deviation), " ", ", "), false)
	}
	return l.Type + "(" + strings.Join(args[:keep], ", ") + ")"
}

// Instead implements the Redirector of package stages.
func (l *ImageLayer) Instead() map[string]string {
	const dense = "Fully connected layers come after all layers of an image: write hidden = [128] beside layers."
	return map[string]string{
		"dense": dense, "linear": dense, "fc": dense,
		"flatten": "Nothing need be written for it: the hidden layers are given all that the last layer makes of an image.",
		"softmax": "The loss cross_entropy has it.",
		"pool":    "Write max_pool(2), average_pool(2) or global_pool().",
		"dropout": "There is none; weight_decay of the optimizer and augment beside the network are other ways against overfitting.",
	}
}

func layersText(layers []ImageLayer) string {
	texts := make([]string, len(layers))
	for i, l := range layers {
		texts[i] = l.String()
	}
	return "[" + strings.Join(texts, ", ") + "]"
}

// step gives the distance of a pool's windows.
func (l *ImageLayer) step() int {
	if l.Step == 0 {
		return l.Window
	}
	return l.Step
}

// An ImageShape is that of an image. Coordinates of inputs are channel by channel, row by row; inside a CNN they are pixel by
// pixel, channels innermost.
type ImageShape struct{ Channels, Height, Width int }

// Size gives the number of coordinates.
func (s ImageShape) Size() int { return s.Channels * s.Height * s.Width }

// String gives channels x height x width.
func (s ImageShape) String() string {
	return fmt.Sprintf("%d x %d x %d", s.Channels, s.Height, s.Width)
}

// maxImageSize bounds the coordinates of an image between layers, so that no product of sizes overflows.
const maxImageSize = 1 << 28

// maxWeights bounds the weights of a layer, 4 GiB of them, so that a width that was mistyped is an error and does not end the program.
const maxWeights = 1 << 30

// after gives the shape that the layer makes of an image; the error, a clause, says why there is none.
func (l *ImageLayer) after(in ImageShape) (ImageShape, error) {
	out := in
	switch l.Type {
	case Conv:
		if float64(l.Kernel)*float64(l.Kernel)*float64(in.Channels)*float64(l.Channels) > maxWeights {
			return out, fmt.Errorf("has more than 2^30 weights, from %s: give it fewer channels, or a smaller window", quantity(in.Channels, "channel"))
		}
		out.Channels = l.Channels
		if err := l.windows(&out, l.Kernel, l.Stride, l.Padding); err != nil {
			return out, err
		}
	case MaxPool, AveragePool:
		if err := l.windows(&out, l.Window, l.step(), 0); err != nil {
			return out, err
		}
	case GlobalPool:
		out.Height, out.Width = 1, 1
	case Normalise:
		if len(l.Mean) != in.Channels || len(l.Deviation) != in.Channels {
			return out, fmt.Errorf("has %s and %s, but the image has %s: give one of each for each channel", quantity(len(l.Mean), "mean"), quantity(len(l.Deviation), "deviation"), quantity(in.Channels, "channel"))
		}
	case Residual:
		main, err := shapeAfter(l.Layers, in)
		if err != nil {
			return out, err
		}
		side, err := shapeAfter(l.Shortcut, in)
		if err != nil {
			return out, err
		}
		if main != side {
			what := "the image itself"
			if len(l.Shortcut) > 0 {
				what = "its shortcut's"
			}
			return out, fmt.Errorf("cannot add its layers' result, %v, and %s, %v: give the shortcut the same stride and channels, as in conv(%d, 1, STRIDE)", main, what, side, main.Channels)
		}
		out = main
	}
	if float64(out.Channels)*float64(out.Height)*float64(out.Width) > maxImageSize {
		return out, fmt.Errorf("gives %v, more than 2^28 numbers for each input", out)
	}
	return out, nil
}

// quantity gives a number and its word: "1 channel", "3 channels".
func quantity(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func (l *ImageLayer) windows(s *ImageShape, window, stride, padding int) error {
	height, width := s.Height+2*padding, s.Width+2*padding
	if window > height || window > width {
		with := ""
		if padding > 0 {
			with = fmt.Sprintf(" (%d x %d with its padding)", height, width)
		}
		return fmt.Errorf("has a window of %d x %d, larger than the image of %d x %d%s that it is given: make it smaller, or pool less before it", window, window, s.Height, s.Width, with)
	}
	s.Height, s.Width = (height-window)/stride+1, (width-window)/stride+1
	return nil
}

func shapeAfter(layers []ImageLayer, in ImageShape) (ImageShape, error) {
	for i := range layers {
		out, err := layers[i].after(in)
		if err != nil {
			return out, fmt.Errorf("%v, its layer %d, %w", layers[i], i+1, err)
		}
		in = out
	}
	return in, nil
}

// checkLayers gives what is wrong with the layers of a CNN in themselves, and with them on images of a shape, if there is one.
func (s *NetworkSettings) checkLayers(in *ImageShape) []problem.Problem {
	var problems []problem.Problem
	for i := range s.Layers {
		problems = append(problems, s.Layers[i].check(fmt.Sprintf("layer %d, %v", i+1, s.Layers[i]))...)
	}
	if len(problems) > 0 || in == nil {
		return problems
	}
	at := *in
	trail := []string{fmt.Sprintf("input %v", at)}
	for i := range s.Layers {
		out, err := s.Layers[i].after(at)
		if err != nil {
			return append(problems, problem.Problem{Path: "layers", Summary: "The layers do not fit the image", Detail: fmt.Sprintf(
				"Layer %d, %v, %v.\nThe shapes up to it, channels x height x width: %s.", i+1, s.Layers[i], err, strings.Join(trail, "; "))})
		}
		at = out
		trail = append(trail, fmt.Sprintf("%v %v", s.Layers[i], at))
	}
	return problems
}

// check gives what is wrong with a layer whatever it is given.
func (l *ImageLayer) check(name string) []problem.Problem {
	bad := func(summary, form string, args ...any) problem.Problem {
		return problem.Problem{Path: "layers", Summary: summary, Detail: name + ": " + fmt.Sprintf(form, args...)}
	}
	var problems []problem.Problem
	switch l.Type {
	case Conv:
		if min(l.Channels, l.Kernel, l.Stride) < 1 || l.Padding < 0 {
			return []problem.Problem{bad("Not a size", "channels, kernel and stride must be at least 1, padding at least 0.")}
		}
		if l.Stride > l.Kernel && l.Kernel > 1 { // of single pixels it is what shortcuts do
			problems = append(problems, bad("A stride that leaves out pixels", "with stride %d and kernel %d, pixels between two windows are never read. Make the stride at most the kernel.", l.Stride, l.Kernel))
		}
		if l.Padding >= l.Kernel {
			problems = append(problems, bad("Windows of padding alone", "with padding %d and kernel %d, windows at the border hold nothing of the image. Make the padding less than the kernel.", l.Padding, l.Kernel))
		}
	case MaxPool, AveragePool:
		if l.Window < 1 || l.Step < 0 {
			return []problem.Problem{bad("Not a size", "window must be at least 1, step at least 0.")}
		}
		if l.step() > l.Window {
			problems = append(problems, bad("A step that leaves out pixels", "with step %d and window %d, pixels between two windows are never read. Make the step at most the window.", l.Step, l.Window))
		}
	case Residual:
		for i := range l.Layers {
			problems = append(problems, l.Layers[i].check(fmt.Sprintf("%s: its layer %d, %v", name, i+1, l.Layers[i]))...)
		}
		for i := range l.Shortcut {
			problems = append(problems, l.Shortcut[i].check(fmt.Sprintf("%s: its shortcut's layer %d, %v", name, i+1, l.Shortcut[i]))...)
		}
	}
	return problems
}
