package learn

import (
	"math"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/data"
	"spurion/stages/kernel"
	"spurion/stages/nn"
)

// Averages weighted by training groups and the worst group of the test split, computed by hand.
func TestSplitEvaluator(t *testing.T) {
	pack := func(split data.Split, groups ...int8) *data.Samples {
		labels, attributes := make([]int8, len(groups)), make([]int8, len(groups))
		for i, g := range groups {
			labels[i], attributes[i] = g>>1, g&1
		}
		s, err := data.Pack(split, 3, make([]uint64, len(groups)), labels, attributes)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	elsewhere := Measures{GroupAccuracy: [Groups]Optional{Some(1), Some(.5), {}, Some(.25)}}
	aligned := func(_, attribute int8) int8 { return attribute }
	for _, c := range []struct {
		name            string
		d               *data.Dataset
		weighted, right float64 // NaN for null
		worst           string
	}{
		// Group 10 does not exist elsewhere, so that its training sample weighs nothing.
		{"both", &data.Dataset{Dimensions: 3, Train: pack(data.TrainSplit, 0, 0, 1, 2, 3), Test: pack(data.TestSplit, 0, 1, 3, 3)}, (2*1 + .5 + .25) / 4, .75, "01"},
		{"train alone", &data.Dataset{Dimensions: 3, Train: pack(data.TrainSplit, 3)}, .25, math.NaN(), ""},
		{"test alone", &data.Dataset{Dimensions: 3, Test: pack(data.TestSplit, 0, 3)}, math.NaN(), 1, "00"},
		{"neither", &data.Dataset{Dimensions: 3}, math.NaN(), math.NaN(), ""},
	} {
		l := &data.Ledger{}
		e, err := NewSplitEvaluator(c.d, l)
		if err != nil {
			t.Fatal(err)
		}
		m, err := e.Follow(aligned, &elsewhere)
		if err != nil {
			t.Fatal(err)
		}
		if m.TrainWeighted.Valid == math.IsNaN(c.weighted) || m.TrainWeighted.Valid && math.Abs(m.TrainWeighted.Value-c.weighted) > 1e-15 {
			t.Errorf("%s: weighted %+v, want %v", c.name, m.TrainWeighted, c.weighted)
		}
		if (m.Test == nil) != math.IsNaN(c.right) || m.Test != nil && (m.Test.Accuracy != c.right || GroupNames[m.Test.Worst] != c.worst || m.TestPoints.Value != float64(c.d.Test.Rows)) {
			t.Errorf("%s: test %+v, want %v", c.name, m.Test, c.right)
		}
		for _, u := range l.Uses() {
			if u.Purpose != data.Evaluation {
				t.Errorf("%s: read for %s", c.name, u.Purpose)
			}
		}
		b := frame.NewBuilder(SplitFields())
		m.Append(b)
		b.EndRow()
		if _, err := b.Table(); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A network whose outputs are not numbers has no measures on the test split, and that is no error.
func TestSplitEvaluatorOfADivergedNetwork(t *testing.T) {
	s, err := data.Pack(data.TestSplit, 3, []uint64{1}, []int8{1}, []int8{1})
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewSplitEvaluator(&data.Dataset{Dimensions: 3, Test: s}, &data.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	net, err := nn.New(nn.NetworkSettings{Activation: "relu", Bias: true, Outputs: 1, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1"}, 3, kernel.NewStream(1, "init"))
	if err != nil {
		t.Fatal(err)
	}
	net.Layers[0].Biases[0] = float32(math.NaN())
	if m, err := e.Evaluate(t.Context(), net, &Measures{}); err != nil || m.Test != nil {
		t.Errorf("%+v, %v", m, err)
	}
}
