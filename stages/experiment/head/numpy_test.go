package head

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// Fits of three classes to balanced subsets, and their mean as a layer, are those of numpy in float64.
func TestDFRIsNumpys(t *testing.T) {
	var want struct {
		Labels, Attributes  []int16
		Features            []float32
		C, Worst            float64
		Subsets             [][]int32
		Weights, Intercepts []float64
	}
	text, err := os.ReadFile("testdata/dfr.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	d := sixGroups(t)
	in := dataset.Inputs{Dimensions: 3, Floats: want.Features}
	if d.Validation, err = dataset.New(dataset.ValidationSplit, in, dataset.Marks{Classes: 3, Values: 2, Labels: want.Labels, Attributes: want.Attributes}); err != nil {
		t.Fatal(err)
	}
	pool := &points{samples: d.Validation, rows: trainloop.All(d.Validation.Rows), width: 3, features: want.Features}
	groups := d.Validation.Groups(&dataset.Ledger{}, dataset.Evaluation)
	f := &sparseFits{t: &trial{settings: &Settings{}, dataset: d}, pool: pool, groups: groups}
	f.center, f.scale = moments(pool)
	weights, intercepts := make([]float64, 9), make([]float64, 3)
	for _, subset := range want.Subsets {
		m, err := f.fit(subset, want.C, nil)
		if err != nil || !m.Converged {
			t.Fatalf("%v, converged %v", err, m != nil && m.Converged)
		}
		for i, w := range m.Weights {
			weights[i] += w / 2
		}
		for k, b := range m.Intercepts {
			intercepts[k] += b / 2
		}
	}
	for i, w := range want.Weights {
		if math.Abs(weights[i]-w) > 1e-4 {
			t.Errorf("weight %d is %v, numpy's %v", i, weights[i], w)
		}
	}
	for k, b := range want.Intercepts {
		if math.Abs(intercepts[k]-b) > 3e-4 {
			t.Errorf("intercept %d is %v, numpy's %v", k, intercepts[k], b)
		}
	}
	net := &neuralnet.Network{Activation: "relu", OutputScale: 1, Layers: []neuralnet.Layer{{In: 3, Out: 3, Weights: make([]float32, 9), Biases: make([]float32, 3)}}}
	head := f.t.linearHead(net, weights, intercepts)
	if least, _ := worst(scoresOf(head, want.Features, len(groups)), want.Labels, groups); math.Abs(least-want.Worst) > 1e-12 {
		t.Errorf("the worst group has %v, numpy's %v", least, want.Worst)
	}
}
