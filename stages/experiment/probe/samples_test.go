package probe

import (
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// without gives samples of a law that does not stand in the data set.
func without(t testing.TB, law *datalaw.Law, test int) *dataset.Dataset {
	t.Helper()
	d := datasettest.Finite(t, law, 6, datasettest.Sizes{Train: 4, Validation: 40, Test: test})
	d.Law = nil
	return d
}

func given(t testing.TB, d *dataset.Dataset, m *frame.Table) stagetest.Inputs {
	return stagetest.Inputs{"model": stagetest.Tables(m), "data": stagetest.Built(t, d)}
}

func cell(t testing.TB, table *frame.Table, column string, row int) float64 {
	t.Helper()
	v, ok := stagetest.Value(t, table, column, row).(float64)
	if !ok {
		t.Fatalf("%s in row %d is null", column, row)
	}
	return v
}

// Samples of a law that is not known decode as points of the law do, however the attribute goes with the label in them.
func TestSamplesDecodeAsTheLaw(t *testing.T) {
	law := parityLaw(2, 1, 12) // strength .9
	settings, steps := network(40), []int64{0, 5}
	half := func(step int64, net *neuralnet.Network) { // at step 5 neurons see the core's block and little else
		if step == 0 {
			return
		}
		for o := range net.Layers[0].Out {
			w := make([]float32, 12)
			w[0], w[1], w[2], w[3+o%5] = 1, float32(1-2*(o%2)), .3*float32(o%3), .2
			net.Layers[0].SetNeuronWeights(o, w)
		}
	}
	want := stagetest.Run(t, Kind, `{"points": 40000, "controls": 3, "seed": 1}`, stagetest.Inputs{"model": stagetest.Tables(table(t, law, settings, steps, half))})["decoded"]
	got := stagetest.Run(t, Kind, `{"points": 8000, "seed": 1}`, given(t, without(t, law, 60000), table(t, nil, settings, steps, half)))["decoded"]
	if got.Column("held_out_points").Value(0) != int64(1600) || got.Column("fit_points").Value(0) != int64(6400) || got.Column("measured_on").Value(1) != "test" {
		t.Errorf("%v points", got.Column("fit_points").Value(0))
	}
	for row := range steps {
		for _, column := range []string{"decoded_core", "decoded_spurious", "core_correlation", "spurious_correlation", "random_core", "random_spurious"} {
			a, b := cell(t, got, column, row), cell(t, want, column, row)
			if se := math.Hypot(cell(t, got, column+"_se", row), cell(t, want, column+"_se", row)); math.Abs(a-b) > 5*se+.01 {
				t.Errorf("row %d: %s is %v, with the law %v, their error %v", row, column, a, b, se)
			}
		}
	}
	if low, high := cell(t, got, "decoded_core", 0), cell(t, got, "decoded_core", 1); high < low+.2 {
		t.Errorf("the case tells nothing: the core decodes at %v and %v", low, high)
	}
	for row := range steps {
		for _, target := range []string{"core", "spurious"} {
			if a, b := cell(t, got, "initial_"+target, row), cell(t, got, "decoded_"+target, 0); a != b {
				t.Errorf("row %d: initial %s is %v, at step 0 it is %v", row, target, a, b)
			}
			if p := cell(t, got, "permuted_"+target, row); math.Abs(p) > 5/math.Sqrt(1600) {
				t.Errorf("row %d: of permuted targets %s decodes at %v", row, target, p)
			}
		}
	}
}

// The attribute is decoded as the class that it goes with.
func TestPairsTurnTheAttribute(t *testing.T) {
	law := parityLaw(2, 1, 12)
	d := without(t, law, 2000)
	m := table(t, nil, network(), []int64{0}, nil)
	straight := stagetest.Run(t, Kind, `{"controls": 0}`, given(t, d, m))["decoded"]
	d.Pairs = []int16{1, 0}
	turned := stagetest.Run(t, Kind, `{"controls": 0}`, given(t, d, m))["decoded"]
	if a, b := cell(t, straight, "spurious_correlation", 0), cell(t, turned, "spurious_correlation", 0); a != -b || a == 0 {
		t.Errorf("%v and %v", a, b)
	}
	if a, b := cell(t, straight, "decoded_spurious", 0), cell(t, turned, "decoded_spurious", 0); a != 1 || b != 1 {
		t.Errorf("the attribute, a coordinate, decodes at %v and %v", a, b)
	}
	if !straight.Column("random_core").Null(0) || !straight.Column("initial_core").Null(0) || !straight.Column("permuted_core").Null(0) {
		t.Error("there are controls that nobody asked for")
	}
}

// Points are as many of each group as the smallest has.
func TestPointsAreBalanced(t *testing.T) {
	d := without(t, parityLaw(2, 1, 12), 3000)
	d.Test = datasettest.Only(t, d.Test, func(row int, label, attribute int16) bool { return label == attribute || label == 0 || row < 300 })
	least := len(d.Test.Groups(&dataset.Ledger{}, dataset.Evaluation))
	var count [4]int
	for _, g := range d.Test.Groups(&dataset.Ledger{}, dataset.Evaluation) {
		count[g]++
	}
	for _, n := range count {
		least = min(least, n)
	}
	got := stagetest.Run(t, Kind, `{"holdout": 0.5}`, given(t, d, table(t, nil, network(3), []int64{0}, nil)))["decoded"]
	held := int64(math.Round(.5 * float64(least)))
	if a, b := got.Column("fit_points").Value(0), got.Column("held_out_points").Value(0); b != 4*held || a != 4*(int64(least)-held) || least == 0 || least > 60 {
		t.Errorf("%v and %v points of groups of %v", a, b, count)
	}
}

func TestRefusesOnSamples(t *testing.T) {
	law := parityLaw(2, 1, 12)
	d := without(t, law, 400)
	m, of := table(t, nil, network(3), []int64{0}, nil), table(t, law, network(3), []int64{0}, nil)
	lacking := without(t, law, 400)
	lacking.Test = datasettest.Only(t, lacking.Test, func(_ int, label, attribute int16) bool { return label == 1 || attribute == 0 })
	wide := without(t, parityLaw(2, 1, 9), 400)
	for _, c := range []struct {
		name, settings string
		in             stagetest.Inputs
		says           string
	}{
		{"a law and data", `{}`, given(t, d, of), "leave out data"},
		{"a law and a split", `{"split": "test"}`, stagetest.Inputs{"model": stagetest.Tables(of)}, "leave out data and split"},
		{"parts", `{"parts": true}`, given(t, d, m), "leave parts out"},
		{"repeats", `{"repeats": 2}`, given(t, d, m), "leave repeats out"},
		{"dimensions", `{}`, given(t, wide, m), "the network has 12 inputs, but the data 9 dimensions"},
		{"a group", `{}`, given(t, lacking, m), "0 of 01"},
		{"a split", `{"split": "validation", "holdout": 0.01}`, given(t, d, m), "the split validation has "},
	} {
		_, err := stagetest.Try(t.Context(), Kind, c.settings, c.in)
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want %q", c.name, err, c.says)
		}
	}
}
