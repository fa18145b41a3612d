package neuralnet

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/numeric/kernel"
)

func conv(channels, kernel, stride, padding int) ImageLayer {
	return ImageLayer{Type: Conv, Channels: channels, Kernel: kernel, Stride: stride, Padding: padding}
}

func pool(kind string, window, step int) ImageLayer {
	return ImageLayer{Type: kind, Window: window, Step: step}
}

var (
	norm       = ImageLayer{Type: BatchNorm, Momentum: .1, Epsilon: 1e-5}
	rectify    = ImageLayer{Type: Rectify}
	globalPool = ImageLayer{Type: GlobalPool}
)

func residual(layers []ImageLayer, shortcut ...ImageLayer) ImageLayer {
	return ImageLayer{Type: Residual, Layers: layers, Shortcut: shortcut}
}

func cnn(in []int, hidden []int, outputs int, layers ...ImageLayer) NetworkSettings {
	return NetworkSettings{Type: CNN, Layers: layers, Input: &in, Hidden: hidden, Activation: "relu", Bias: true, Outputs: outputs, InitScale: 1}
}

// imageCases are networks with every layer, stride, padding and way of putting them together.
var imageCases = map[string]NetworkSettings{
	"as LeNet":               cnn([]int{1, 12, 11}, []int{7}, 2, conv(3, 5, 1, 0), rectify, pool(MaxPool, 2, 0), conv(4, 2, 1, 0), rectify),
	"channels, no hidden":    cnn([]int{3, 6, 5}, nil, 3, conv(4, 3, 1, 1), rectify, globalPool),
	"stride and padding":     cnn([]int{2, 9, 8}, nil, 2, conv(3, 3, 2, 1), rectify, conv(5, 3, 3, 2)),
	"overlapping pools":      cnn([]int{2, 8, 9}, []int{5}, 1, conv(3, 2, 1, 0), pool(MaxPool, 3, 2), pool(AveragePool, 2, 1)),
	"batch normalisation":    cnn([]int{2, 7, 6}, []int{6}, 2, conv(4, 3, 1, 0), norm, rectify, pool(AveragePool, 2, 0)),
	"normalised inputs":      cnn([]int{2, 5, 5}, nil, 2, ImageLayer{Type: Normalise, Mean: []float64{.2, -.1}, Deviation: []float64{.5, 2}}, conv(3, 3, 1, 1), rectify, norm),
	"residual":               cnn([]int{2, 6, 6}, []int{4}, 2, conv(3, 3, 1, 1), norm, rectify, residual([]ImageLayer{conv(3, 3, 1, 1), norm, rectify, conv(3, 3, 1, 1), norm}), rectify, globalPool),
	"residual with shortcut": cnn([]int{2, 7, 6}, nil, 3, residual([]ImageLayer{norm, rectify, conv(4, 3, 2, 1)}, conv(4, 1, 2, 0), norm), rectify, globalPool),
	"residual of residuals":  cnn([]int{1, 5, 5}, nil, 2, residual([]ImageLayer{rectify, conv(2, 3, 1, 1), residual([]ImageLayer{rectify, conv(2, 1, 1, 0)})}, conv(2, 1, 1, 0)), globalPool),
}

func imageNetwork(t *testing.T, s NetworkSettings, stream *kernel.Stream) *Network {
	t.Helper()
	in := *s.Input
	net := biasedNetwork(t, s, in[0]*in[1]*in[2], stream)
	for i := range net.Image.Layers {
		l := &net.Image.Layers[i]
		for o := range l.Biases {
			l.Biases[o] = float32(.3 * stream.Normal())
		}
		for o := range l.Mean {
			l.Weights[o], l.Mean[o], l.Variance[o] = float32(1+.3*stream.Normal()), float32(.3*stream.Normal()), float32(.5+stream.Float64())
		}
	}
	return net
}

func randomImages(stream *kernel.Stream, rows, inputs, classes int) (x []float32, labels []int16) {
	x, labels = make([]float32, rows*inputs), make([]int16, rows)
	for i := range x {
		x[i] = float32(stream.Normal())
	}
	for i := range labels {
		labels[i] = int16(stream.IntN(classes))
	}
	return x, labels
}

// The gradients of all layers, and losses, are those of a float64 network that is written from the definitions.
func TestGradientsOfImagesAreFiniteDifferences(t *testing.T) {
	for name, s := range imageCases {
		t.Run(name, func(t *testing.T) { checkImageGradients(t, s) })
	}
}

// What is rectified and then pooled is pooled first: largest numbers of windows that overlap are shared, also between pools.
func TestGradientsOfPoolsOfRectifiedImages(t *testing.T) {
	checkImageGradients(t, cnn([]int{2, 9, 10}, []int{5}, 2, conv(3, 2, 1, 0), rectify, pool(MaxPool, 3, 2), pool(MaxPool, 2, 1)))
	checkImageGradients(t, cnn([]int{2, 6, 7}, nil, 2, conv(4, 2, 1, 0), norm, rectify, rectify, pool(MaxPool, 3, 1), conv(3, 2, 1, 0)))
}

func checkImageGradients(t *testing.T, s NetworkSettings) {
	t.Helper()
	const rows = 5
	stream := kernel.NewStream(3, "images")
	net := imageNetwork(t, s, stream)
	x, labels := randomImages(stream, rows, net.Inputs(), max(2, s.Outputs))
	loss := "cross_entropy"
	if s.Outputs == 1 {
		loss = "logistic"
	}
	tr, err := NewTrainer(net.Clone(), loss, OptimizerSettings{Type: "sgd", Rate: 1}, rows+2)
	if err != nil {
		t.Fatal(err)
	}
	image, dense := referenceImageOf(net.Image, s.Layers, true), referenceOf(net)
	points := rowsOf(x, net.Inputs())
	weights := slices.Repeat([]float64{1. / rows}, rows)
	f := func() float64 { return dense.loss(loss, image.of(points), labels, weights) }
	got := 0.0
	for _, l := range tr.Forward(x, labels, rows) {
		got += float64(l) / rows
	}
	if want := f(); math.Abs(got-want) > 1e-5*(1+math.Abs(want)) {
		t.Fatalf("loss %v, want %v", got, want)
	}
	tr.Backward(nil)
	all := append(slices.Clone(image.params), dense.layers...)
	checkLayerGradients(t, tr, all, f, 2e-5)
}

// After training, batch normalisation goes by the running mean and variance, also for many rows, and a training step moves these as
// documented.
func TestScoresOfImages(t *testing.T) {
	const rows = chunkRows + 9
	for name, s := range imageCases {
		t.Run(name, func(t *testing.T) {
			stream := kernel.NewStream(4, "images")
			net := imageNetwork(t, s, stream)
			x, _ := randomImages(stream, rows, net.Inputs(), 2)
			scores, features := make([]float32, rows*net.ScoreWidth()), make([]float32, rows*net.Width())
			net.Scores(scores, x, rows)
			net.Features(features, x, rows)
			image, dense := referenceImageOf(net.Image, s.Layers, false), referenceOf(net)
			for i, h := range image.of(rowsOf(x, net.Inputs())) {
				logits := dense.logits(h)
				if len(logits) == 2 {
					logits = []float64{logits[1] - logits[0]}
				}
				for k, want := range logits {
					if got := float64(scores[i*len(logits)+k]); math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
						t.Fatalf("score %d of row %d: %v, want %v", k, i, got, want)
					}
				}
				for k, want := range dense.features(h) {
					if got := float64(features[i*net.Width()+k]); math.Abs(got-want) > 1e-4*(1+math.Abs(want)) {
						t.Fatalf("feature %d of row %d: %v, want %v", k, i, got, want)
					}
				}
			}
		})
	}
}

// A training on images learns, gives the same when done again, and goes on from its state with equal bits.
func TestTrainingOnImages(t *testing.T) {
	for name, s := range imageCases {
		t.Run(name, func(t *testing.T) {
			stream := kernel.NewStream(5, "images")
			net := imageNetwork(t, s, stream)
			x, labels := randomImages(stream, 24, net.Inputs(), max(2, s.Outputs))
			loss := "cross_entropy"
			if s.Outputs == 1 {
				loss = "logistic"
			}
			opt := OptimizerSettings{Type: "adam", Rate: .01, Beta1: .9, Beta2: .999, Epsilon: 1e-8, WeightDecay: .001, DecayBiases: true}
			steps := func(net *Network, state []byte, n int) (*Network, []byte, float64) {
				net = net.Clone()
				tr, err := NewTrainer(net, loss, opt, 24)
				if err != nil {
					t.Fatal(err)
				}
				if state != nil {
					if _, err := tr.SetState(state); err != nil {
						t.Fatal(err)
					}
				}
				sum := 0.0
				for range n {
					sum = 0
					for _, l := range tr.Forward(x, labels, 24) {
						sum += float64(l)
					}
					tr.Backward(nil)
					if err := tr.Update(); err != nil {
						t.Fatal(err)
					}
				}
				return net, tr.AppendState(nil), sum / 24
			}
			_, _, before := steps(net, nil, 1)
			whole, _, after := steps(net, nil, 60)
			if !(after < .95*before) {
				t.Errorf("the loss goes from %v to %v", before, after)
			}
			half, state, _ := steps(net, nil, 25)
			joined, _, _ := steps(half, state, 35)
			for i, l := range whole.All() {
				other := joined.All()[i]
				if !slices.Equal(l.Weights, other.Weights) || !slices.Equal(l.Biases, other.Biases) || !slices.Equal(l.Mean, other.Mean) || !slices.Equal(l.Variance, other.Variance) {
					t.Errorf("layer %d of the training in two parts differs", i)
				}
			}
		})
	}
}

// Frozen layers stay as they are, and what lies before them learns as it would with them.
func TestFrozenLayersOfImages(t *testing.T) {
	s := imageCases["residual"]
	stream := kernel.NewStream(6, "images")
	net := imageNetwork(t, s, stream)
	x, labels := randomImages(stream, 6, net.Inputs(), 2)
	n := len(net.All())
	gradients := func(rates []float64) (list [][]float32) {
		tr, err := NewTrainer(net.Clone(), "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 1, LayerRates: rates}, 6)
		if err != nil {
			t.Fatal(err)
		}
		tr.Forward(x, labels, 6)
		tr.Backward(nil)
		for i := range n {
			w, b := tr.Gradients(i)
			list = append(list, append(slices.Clone(w), b...))
		}
		return list
	}
	all := gradients(nil)
	for only := range n {
		rates := make([]float64, n)
		rates[only] = 1
		if got := gradients(rates); !slices.Equal(got[only], all[only]) {
			t.Errorf("layer %d alone has another gradient than with the rest", only)
		}
	}
}

func TestBatchOfOneUnderBatchNormalisation(t *testing.T) {
	s := cnn([]int{1, 3, 3}, nil, 2, conv(2, 3, 1, 0), norm)
	net := imageNetwork(t, s, kernel.NewStream(7, "images"))
	tr, err := NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 1}, 4)
	if err != nil {
		t.Fatal(err)
	}
	before := net.Clone()
	tr.Forward(make([]float32, 9), []int16{1}, 1)
	tr.Backward(nil)
	if err := tr.Update(); err == nil || !strings.Contains(err.Error(), "batch_norm()") || !strings.Contains(err.Error(), "batch of one row") {
		t.Fatalf("a batch of one row: %v", err)
	}
	for i, l := range net.All() {
		if !slices.Equal(l.Weights, before.All()[i].Weights) || !slices.Equal(l.Mean, before.All()[i].Mean) {
			t.Errorf("layer %d has changed", i)
		}
	}
}

// Layers that do not fit are found from the settings alone, with the shapes up to them.
func TestShapesThatDoNotFit(t *testing.T) {
	for _, c := range []struct {
		s    NetworkSettings
		want []string
	}{
		{cnn([]int{1, 8, 4}, nil, 2, conv(3, 3, 1, 0), rectify, conv(4, 3, 1, 0)), []string{"layer 3, conv(4, 3)", "3 x 3, larger than the image of 6 x 2", "input 1 x 8 x 4; conv(3, 3) 3 x 6 x 2; relu() 3 x 6 x 2"}},
		{cnn([]int{1, 8, 8}, nil, 2, residual([]ImageLayer{conv(3, 3, 2, 1)})), []string{"residual([conv(3, 3, 2, 1)])", "3 x 4 x 4, and the image itself, 1 x 8 x 8", "conv(3, 1, STRIDE)"}},
		{cnn([]int{1, 8, 8}, nil, 2, conv(3, 2, 3, 0)), []string{"stride 3 and kernel 2"}},
		{cnn([]int{1, 8, 8}, nil, 2, pool(MaxPool, 2, 3)), []string{"step 3 and window 2"}},
		{cnn([]int{1, 8, 8}, nil, 2, conv(3, 3, 1, 3)), []string{"padding 3 and kernel 3"}},
		{cnn([]int{2, 8, 8}, nil, 2, ImageLayer{Type: Normalise, Mean: []float64{1}, Deviation: []float64{1}}), []string{"1 mean and 1 deviation, but the image has 2 channels"}},
		{cnn([]int{8, 8}, nil, 2, conv(3, 3, 1, 1)), []string{"input has 2 numbers"}},
		{cnn([]int{1, 60000, 60000}, nil, 2, conv(3, 3, 1, 1)), []string{"more than 2^28"}},
		{cnn([]int{1, 40, 40}, nil, 2, conv(60000, 3, 1, 0), conv(60000, 3, 1, 0)), []string{"layer 2, conv(60000, 3)", "more than 2^30 weights, from 60000 channels"}},
	} {
		ps := c.s.Check()
		if len(ps) != 1 {
			t.Errorf("%v: %d problems", c.s.Layers, len(ps))
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(strings.ToLower(ps[0].Detail), strings.ToLower(want)) {
				t.Errorf("%v: %s\nlacks %q", c.s.Layers, ps[0].Detail, want)
			}
		}
	}
}

func TestImagesOfTheData(t *testing.T) {
	s := cnn(nil, nil, 2, conv(3, 3, 1, 1))
	s.Input = nil
	if _, err := s.On(nil); err == nil || !strings.Contains(err.Error(), "has no shape") {
		t.Errorf("data without a shape: %v", err)
	}
	got, err := s.On(&ImageShape{2, 6, 5})
	if err != nil || fmt.Sprint(*got.Input) != "[2 6 5]" || s.Input != nil {
		t.Errorf("the data's shape: %v, %v", got.Input, err)
	}
	if _, err := got.On(&ImageShape{2, 5, 6}); err == nil || !strings.Contains(err.Error(), "input is 2 x 6 x 5, but the images of the data are 2 x 5 x 6") {
		t.Errorf("another shape: %v", err)
	}
}

// A model's metadata may hold any settings; those that no spec can give are refused, too.
func TestSizesThatAreNone(t *testing.T) {
	for _, l := range []ImageLayer{{Type: Conv, Channels: 1, Kernel: 2}, {Type: Conv, Kernel: 2, Stride: 1}, {Type: MaxPool}, {Type: AveragePool, Window: 2, Step: -1}, conv(1, 1, 1, -1)} {
		s := cnn([]int{1, 4, 4}, nil, 2, residual([]ImageLayer{l}))
		if _, err := New(s, 16, kernel.NewStream(1, "sizes")); err == nil || !strings.Contains(err.Error(), "at least") {
			t.Errorf("%+v: %v", l, err)
		}
	}
}
