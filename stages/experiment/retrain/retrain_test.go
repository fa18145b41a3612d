package retrain

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/common/model/modeltest"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

func settings(outputs int, bias bool, scale string) neuralnet.NetworkSettings {
	s := modeltest.Network(outputs)
	s.Bias, s.OutputScale = bias, scale
	return s
}

func trained(t testing.TB, s neuralnet.NetworkSettings) *model.Model {
	t.Helper()
	return modeltest.Relying(t, s, 0, 30, 120)
}

// finite has all three splits, of rows from the law.
func finite(t testing.TB, rows int) *dataset.Dataset {
	t.Helper()
	return datasettest.Finite(t, datasettest.Easy(.9), 11, datasettest.Sizes{Train: rows, Validation: rows, Test: rows})
}

func cases(t testing.TB) []stagetest.Case {
	external := finite(t, 300)
	external.Law = nil
	unknown := trained(t, settings(2, true, "1"))
	unknown.Data.Law = nil
	return []stagetest.Case{
		{Name: "from the law", Settings: `{"samples": 400, "seed": 3}`, Inputs: stagetest.Inputs{"model": stagetest.Built(t, trained(t, settings(2, true, "1")))}},
		{Name: "from a split, one logit, no biases, standardised", Settings: `{"checkpoints": "last", "standardize": true}`,
			Inputs: stagetest.Inputs{"model": stagetest.Built(t, trained(t, settings(1, false, "1/width"))), "data": stagetest.Built(t, finite(t, 300))}},
		{Name: "external", Settings: `{"checkpoints": "last"}`, Inputs: stagetest.Inputs{"model": stagetest.Built(t, unknown), "data": stagetest.Built(t, external)}},
	}
}

func TestConform(t *testing.T) { stagetest.Conform(t, Kind, cases(t)...) }

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, cases(t)[0], map[string]string{
		"by_group": "333ee02c3e6385d8966749fd0a160689f2d03ccfe71c8a9d4596605129d9f39e",
		"history":  "36c41e2dfd98533312849bbc8b49e993d8c81d3b56ff00f3ff29b90b5ff0f29e",
		"summary":  "f18370d3fe610c765663e5f9ef0466225e1ab8b3a21312815f5be787106b6b40",
		"model":    "1002aa8ddf0a74ba465582388e64c2325e137a86e633845402a8c2fb26582b19",
	})
}

// A network that knows both features but relies on the spurious one is repaired by its last layer.
func TestRetrainingUndoesTheReliance(t *testing.T) {
	out := stagetest.Run(t, Kind, `{"samples": 400}`, stagetest.Inputs{"model": stagetest.Built(t, trained(t, settings(2, true, "1")))})
	h, s := out["history"], out["summary"]
	if !slices.Equal(h.Column("step").Int64s, []int64{0, 30, 120}) || s.Rows() != 1 || stagetest.Value(t, s, "step", 0) != int64(120) {
		t.Fatalf("steps %v, summary of step %v", h.Column("step").Int64s, stagetest.Value(t, s, "step", 0))
	}
	before, after := stagetest.Value(t, h, "worst_group_accuracy_before", 1).(float64), stagetest.Value(t, h, "worst_group_accuracy_after", 1).(float64)
	if before > .5 || after < .9 || stagetest.Value(t, h, "worst_group_gain", 1) != after-before {
		t.Errorf("at step 30 the worst group has accuracy %v before, %v after", before, after)
	}
	shareBefore, shareAfter := stagetest.Value(t, h, "spurious_weight_share_before", 1).(float64), stagetest.Value(t, h, "spurious_weight_share_after", 1).(float64)
	if shareAfter >= shareBefore || shareBefore > 1 || shareAfter < 0 {
		t.Errorf("the spurious neurons' share is %v before, %v after", shareBefore, shareAfter)
	}
	if b, a, lead := stagetest.Value(t, s, "robust_step_before", 0), stagetest.Value(t, s, "robust_step_after", 0), stagetest.Value(t, s, "robust_lead", 0); a != nil && b != nil && lead != b.(int64)-a.(int64) ||
		(a == nil || b == nil) && lead != nil {
		t.Errorf("robust at step %v, after retraining at %v, a lead of %v", b, a, lead)
	}
	if b, a := stagetest.Value(t, s, "robust_step_before", 0), stagetest.Value(t, s, "robust_step_after", 0); a == nil || b != nil && a.(int64) >= b.(int64) {
		t.Errorf("robust at step %v, retrained at %v", b, a)
	}
	for _, c := range []string{"converged", "evaluation_exact"} {
		if stagetest.Value(t, s, c, 0) != true {
			t.Errorf("%s is %v", c, stagetest.Value(t, s, c, 0))
		}
	}
}

// The new networks are the old ones but for the last layer, and measure as the table says.
func TestModelAfter(t *testing.T) {
	for _, s := range []neuralnet.NetworkSettings{settings(2, true, "1"), settings(1, true, "1/sqrt(width)"), settings(2, false, "1/width"), settings(1, false, "1")} {
		before := trained(t, s)
		out := stagetest.Run(t, Kind, `{"samples": 400}`, stagetest.Inputs{"model": stagetest.Built(t, before)})
		after, err := model.FromTable(out["model"])
		if err != nil {
			t.Fatal(err)
		}
		law := datasettest.Compile(t, datasettest.Easy(.9))
		e, err := evaluation.NewEvaluator(law, 16, "logistic", nil, &dataset.Ledger{})
		if err != nil {
			t.Fatal(err)
		}
		for i, c := range after.Checkpoints {
			if !slices.Equal(c.Net.Layers[0].Weights, before.Checkpoints[i].Net.Layers[0].Weights) {
				t.Errorf("the hidden layer changed")
			}
			if slices.Equal(c.Net.Layers[1].Weights, before.Checkpoints[i].Net.Layers[1].Weights) {
				t.Errorf("the last layer did not change")
			}
			m, err := e.Evaluate(t.Context(), c.Net)
			if err != nil {
				t.Fatal(err)
			}
			if got := stagetest.Value(t, out["history"], "loss_after", i); got != m.Loss {
				t.Errorf("loss %v in the table, %v of the network", got, m.Loss)
			}
		}
	}
}

// The installed head gives the fitted margins, whatever the outputs and their scale.
func TestInstalledHeadHasTheFittedMargins(t *testing.T) {
	for _, s := range []neuralnet.NetworkSettings{settings(2, true, "1"), settings(1, true, "1/width"), settings(2, false, "1/sqrt(width)")} {
		net := trained(t, s).Last().Net
		law := datasettest.Compile(t, datasettest.Easy(.9))
		const rows = 64
		x, y := make([]float32, rows*6), make([]int16, rows)
		law.Enumerate(0, rows, x, y, nil)
		features := make([]float32, rows*16)
		net.Features(features, x, rows)
		fit, err := refit(&Settings{C: 1}, features, 16, y, 2, s.Bias)
		if err != nil {
			t.Fatal(err)
		}
		want, got := make([]float64, rows), make([]float32, rows)
		fit.Scores(want, features, nil)
		install(net, fit).Margins(got, x, rows)
		for i := range want {
			if math.Abs(float64(got[i])-want[i]) > 1e-5*max(1, math.Abs(want[i])) {
				t.Fatalf("outputs %d, scale %s: margin %v, fitted %v", s.Outputs, s.OutputScale, got[i], want[i])
			}
		}
		if !s.Bias && fit.Intercepts[0] != 0 {
			t.Errorf("without biases the intercept is %v", fit.Intercepts[0])
		}
	}
}

// Without biases the fit is the minimum of C Σ log(1 + e^-ym) + |w|²/2 with m = w·x: its gradient is 0.
func TestFitWithoutBiasesIsAMinimum(t *testing.T) {
	x := []float32{1, .5, -2, 1, .25, 3, 1, 1, -1, 2}
	y := []int16{1, 0, 1, 0, 1}
	const c = .7
	fit, err := refit(&Settings{C: c}, x, 2, y, 2, false)
	if err != nil {
		t.Fatal(err)
	}
	gradient := slices.Clone(fit.Weights)
	for i, label := range y {
		m := fit.Weights[0]*float64(x[2*i]) + fit.Weights[1]*float64(x[2*i+1])
		for j := range gradient {
			gradient[j] += c * (1/(1+math.Exp(-m)) - float64(label)) * float64(x[2*i+j])
		}
	}
	if math.Abs(gradient[0]) > 1e-6 || math.Abs(gradient[1]) > 1e-6 {
		t.Errorf("the gradient is %v at %v", gradient, fit.Weights)
	}
}

func TestHeldOutIsBalanced(t *testing.T) {
	law := datasettest.Compile(t, datasettest.Easy(.9))
	d := finite(t, 300)
	sizes := [evaluation.Groups]int{}
	for _, g := range d.Validation.Groups(&dataset.Ledger{}, dataset.Training) {
		sizes[g]++
	}
	least := slices.Min(sizes[:])
	for _, c := range []struct {
		held    string
		samples int
		each    int
		source  string
		access  string
	}{
		{auto, 10, 3, validation, "group: training (validation); split: training (validation)"},
		{auto, 100_000, least, validation, "group: training (validation); split: training (validation)"},
		{fromLaw, 10, 3, fromLaw, "group: training (fresh)"},
	} {
		var ledger dataset.Ledger
		h, err := heldOut(&Settings{HeldOut: c.held, Samples: c.samples}, law, d, &ledger)
		if err != nil {
			t.Fatal(err)
		}
		var count [evaluation.Groups]int
		attributes, labels, packed := make([]int16, h.rows), make([]int16, h.rows), make([]uint64, h.rows)
		for i := range h.rows {
			for j, v := range h.x[i*6 : i*6+6] {
				if v > 0 {
					packed[i] |= 1 << j
				}
			}
		}
		law.Evaluate(packed, labels, attributes)
		for i := range h.rows {
			if labels[i] != h.labels[i] {
				t.Fatalf("row %d has label %d, but its inputs %d", i, h.labels[i], labels[i])
			}
			count[2*labels[i]+attributes[i]]++
		}
		if want := [evaluation.Groups]int{c.each, c.each, c.each, c.each}; count != want || h.source != c.source || ledger.Access() != c.access {
			t.Errorf("%s, %d: %v from %s with access %q, want %v from %s", c.held, c.samples, count, h.source, ledger.Access(), want, c.source)
		}
	}
}

func TestSpuriousShare(t *testing.T) {
	net := &neuralnet.Network{Layers: []neuralnet.Layer{
		// Neurons: one on the core, one on the spurious coordinate, one on neither.
		{In: 6, Out: 3, Weights: []float32{1, 0, 0, 0, .5, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
		{In: 3, Out: 2, Weights: []float32{-1, 1, 0, 3, 2, 2}},
	}}
	// |a| = 2, 3, 0 and standard deviations 1, 2, 5.
	if got, ok := spuriousShare(net, *datasettest.Easy(.9), []float64{1, 2, 5}); !ok || got != 6./8 {
		t.Errorf("the share is %v, want 3/4", got)
	}
	if _, ok := spuriousShare(net, *datasettest.Easy(.9), []float64{0, 0, 0}); ok {
		t.Error("a share where no neuron counts")
	}
	net.Layers = append(net.Layers, neuralnet.Layer{})
	if _, ok := spuriousShare(net, *datasettest.Easy(.9), []float64{1, 2, 5}); ok {
		t.Error("a share of a deep network")
	}
	if got := deviations([]float32{1, 5, 3, 5}, 2, 2); !slices.Equal(got, []float64{1, 0}) {
		t.Errorf("deviations %v", got)
	}
}

func TestErrors(t *testing.T) {
	known, unknown := trained(t, settings(2, true, "1")), trained(t, settings(2, true, "1"))
	unknown.Data.Law = nil
	noTest := finite(t, 300)
	noTest.Law, noTest.Test = nil, nil
	other := &dataset.Dataset{Description: dataset.Description{Dimensions: 7, Law: datasettest.Easy(.9)}}
	other.Law.Independent++
	for _, c := range []struct {
		name, settings, want string
		in                   stagetest.Inputs
	}{
		{"no validation split", `{"held_out": "validation"}`, "with a validation split", stagetest.Inputs{"model": stagetest.Built(t, known)}},
		{"no law", `{}`, "no law to draw held-out points from", stagetest.Inputs{"model": stagetest.Built(t, unknown)}},
		{"nothing to measure on", `{}`, "no test split to measure on", stagetest.Inputs{"model": stagetest.Built(t, unknown), "data": stagetest.Built(t, noTest)}},
		{"other data", `{}`, "6 inputs, but the data 7 dimensions: give the data that it was trained on or others made alike, or a network", stagetest.Inputs{"model": stagetest.Built(t, known), "data": stagetest.Built(t, other)}},
	} {
		if _, err := stagetest.Try(t.Context(), Kind, c.settings, c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}
