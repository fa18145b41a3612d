package evaluation

import (
	"math"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// Averages weighted by training groups and the worst group of the test split, computed by hand.
func TestSplitEvaluator(t *testing.T) {
	pack := func(split dataset.Split, groups ...int16) *dataset.Samples {
		labels, attributes := make([]int16, len(groups)), make([]int16, len(groups))
		for i, g := range groups {
			labels[i], attributes[i] = g>>1, g&1
		}
		s, err := dataset.Pack(split, 3, make([]uint64, len(groups)), labels, attributes)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	elsewhere := Measures{Groups: []GroupMeasures{{Group: 0, Points: 9, Accuracy: 1}, {Group: 1, Points: 9, Accuracy: .5, Error: .04}, {Group: 3, Points: 9, Accuracy: .25, Error: .03}}}
	aligned := func(_, attribute int16) int16 { return attribute }
	for _, c := range []struct {
		name            string
		d               *dataset.Dataset
		weighted, right float64 // NaN for null
		worst           string
		errors          [3]float64 // of the weighted mean, the test accuracy and its worst group; -1 for null
	}{
		// Group 10 does not exist elsewhere, so that its training sample weighs nothing.
		{"both", &dataset.Dataset{Description: dataset.Description{Dimensions: 3}, Train: pack(dataset.TrainSplit, 0, 0, 1, 2, 3), Test: pack(dataset.TestSplit, 0, 1, 3, 3)}, (2*1 + .5 + .25) / 4, .75, "01", [3]float64{.05 / 4, math.Sqrt(.1875 / 4), 0}},
		{"train alone", &dataset.Dataset{Description: dataset.Description{Dimensions: 3}, Train: pack(dataset.TrainSplit, 3)}, .25, math.NaN(), "", [3]float64{.03, -1, -1}},
		{"test alone", &dataset.Dataset{Description: dataset.Description{Dimensions: 3}, Test: pack(dataset.TestSplit, 0, 3)}, math.NaN(), 1, "00", [3]float64{-1, 0, 0}},
		{"neither", &dataset.Dataset{Description: dataset.Description{Dimensions: 3}}, math.NaN(), math.NaN(), "", [3]float64{-1, -1, -1}},
	} {
		l := &dataset.Ledger{}
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
		if (m.Test == nil) != math.IsNaN(c.right) || m.Test != nil && (m.Test.Accuracy != c.right || m.Test.WorstName != c.worst || m.TestPoints.Value != float64(c.d.Test.Rows)) {
			t.Errorf("%s: test %+v, want %v", c.name, m.Test, c.right)
		}
		for _, u := range l.Uses() {
			if u.Purpose != dataset.Evaluation {
				t.Errorf("%s: read for %s", c.name, u.Purpose)
			}
		}
		b := frame.NewBuilder(SplitFields())
		m.Append(b)
		b.EndRow()
		table, err := b.Table()
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for i, column := range []string{"train_weighted_accuracy_se", "test_accuracy_se", "test_worst_group_accuracy_se"} {
			v, ok := table.Column(column).Value(0).(float64)
			if want := c.errors[i]; ok != (want >= 0) || ok && math.Abs(v-want) > 1e-15 {
				t.Errorf("%s: %s is %v, want %v", c.name, column, table.Column(column).Value(0), want)
			}
		}
	}
}

// A network whose outputs are not numbers has no measures on the test split, and that is no error.
func TestSplitEvaluatorOfADivergedNetwork(t *testing.T) {
	s, err := dataset.Pack(dataset.TestSplit, 3, []uint64{1}, []int16{1}, []int16{1})
	if err != nil {
		t.Fatal(err)
	}
	e, err := NewSplitEvaluator(&dataset.Dataset{Description: dataset.Description{Dimensions: 3}, Test: s}, &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	net, err := neuralnet.New(neuralnet.NetworkSettings{Activation: "relu", Bias: true, Outputs: 1, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1"}, 3, kernel.NewStream(1, "init"))
	if err != nil {
		t.Fatal(err)
	}
	net.Layers[0].Biases[0] = float32(math.NaN())
	if m, err := e.Evaluate(t.Context(), net, &Measures{}); err != nil || m.Test != nil {
		t.Errorf("%+v, %v", m, err)
	}
}
