package head

import (
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// TestLinearFeatures: without a hidden layer the features are the inputs, equal to what the network makes of them, and not copied.
func TestLinearFeatures(t *testing.T) {
	const rows, width = 700, 9
	stream := kernel.NewStream(1, "inputs")
	x := make([]float32, rows*width)
	for i := range x {
		x[i] = float32(stream.Normal())
	}
	s, err := dataset.Real(dataset.ValidationSplit, width, x, make([]int16, rows), nil)
	if err != nil {
		t.Fatal(err)
	}
	net, err := neuralnet.New(neuralnet.NetworkSettings{Activation: "relu", Bias: true, Outputs: 1, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1"}, width, stream)
	if err != nil {
		t.Fatal(err)
	}
	p, err := featuresOf(net, s, false)
	if err != nil {
		t.Fatal(err)
	}
	made := make([]float32, rows*width)
	net.Features(made, x, rows)
	if !slices.Equal(p.features, made) || p.width != width || &p.features[0] != &x[0] {
		t.Error("features are not the inputs, or a copy of them")
	}
	if some := p.of([]int32{5, 2}); !slices.Equal(some.features, append(slices.Clone(x[5*width:6*width]), x[2*width:3*width]...)) {
		t.Errorf("features of two points: %v", some.features)
	}
}
