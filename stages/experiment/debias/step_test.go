package debias

import (
	"math"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
)

// firstStep gives the weights of a linear network after one step of a method, at rate 1, on all training samples at once.
// They were 0, so that every margin was 0, every loss log 2 and every slope -1/2 for label 1 and 1/2 for label 0.
func firstStep(t *testing.T, d *dataset.Dataset, method string) []float32 {
	t.Helper()
	out := run1(t, d, method, `"steps": 1, "batch": 1000, "loss": "logistic", "network": {"hidden": [], "outputs": 1, "init": "zeros", "bias": false}, "optimizer": {"type": "sgd", "rate": 1}`)
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	if m.Last().Step != 1 {
		t.Fatalf("the last network is of step %d", m.Last().Step)
	}
	return m.Last().Net.Layers[0].Weights
}

// The step of a method that weighs losses is the weighted sum of its samples: each one's share of the weights by hand.
func TestStepsFromZeroWeights(t *testing.T) {
	d := biasedData(t, 200)
	groups := d.Train.Groups(&dataset.Ledger{}, dataset.Evaluation)
	var n [evaluation.Groups]float64
	for _, g := range groups {
		n[g]++
	}
	roots := 0. // of the shares, over the samples
	for _, size := range n {
		roots += math.Sqrt(size)
	}
	for method, share := range map[string]func(g int16) float64{
		`{"name": "erm"}`:                  func(int16) float64 { return 1. / 200 },
		`{"name": "cvar_dro", "alpha": 1}`: func(int16) float64 { return 1. / 200 },
		`{"name": "irm", "penalty": 9, "anneal": 0, "batches": "natural"}`: func(int16) float64 { return 1. / 200 }, // no loss changes with the scale of margins of 0
		`{"name": "group_balance", "by": "weights"}`:                       func(g int16) float64 { return 1 / (4 * n[g]) },
		`{"name": "group_balance", "by": "sqrt_weights"}`:                  func(g int16) float64 { return 1 / (math.Sqrt(n[g]) * roots) },
		`{"name": "class_balance", "by": "weights"}`:                       func(g int16) float64 { return 1 / (2 * (n[g] + n[g^1])) },
		`{"name": "group_dro", "batches": "natural"}`:                      func(g int16) float64 { return 1 / (4 * n[g]) }, // equal losses move no group's weight
	} {
		want, x := make([]float64, d.Dimensions), make([]float32, d.Dimensions)
		for row, g := range groups {
			d.Train.Inputs(x, row, 1)
			sign := float64(g/2)*2 - 1
			for j := range want {
				want[j] += share(g) * sign / 2 * float64(x[j])
			}
		}
		for j, got := range firstStep(t, d, method) {
			if math.Abs(float64(got)-want[j]) > 1e-6 {
				t.Errorf("%s: weight %d is %v, want %v", method, j, got, want[j])
			}
		}
	}
}
