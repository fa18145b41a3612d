package retrain

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

func testLaw() *datalaw.Law {
	return &datalaw.Law{
		Core: boolean.Function{Type: boolean.Parity, Degree: 2}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		CoreLength: 2, SpuriousLength: 1, Independent: 3, Strength: .9, Variant: datalaw.Paper,
	}
}

func settings(outputs int, bias bool, scale string) neuralnet.NetworkSettings {
	return neuralnet.NetworkSettings{Hidden: []int{16}, Activation: "relu", Slope: .01, Bias: bias, Outputs: outputs, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: scale}
}

// trained gives a model with the steps 0, 30 and 120 of a training that still relies on the
// spurious feature.
func trained(t testing.TB, s neuralnet.NetworkSettings) *model.Model {
	t.Helper()
	law, err := testLaw().Compile()
	if err != nil {
		t.Fatal(err)
	}
	net, err := neuralnet.New(s, 6, kernel.NewStream(1, "init"))
	if err != nil {
		t.Fatal(err)
	}
	loss := map[int]string{1: "logistic", 2: "cross_entropy"}[s.Outputs]
	trainer, err := neuralnet.NewTrainer(net, loss, neuralnet.OptimizerSettings{Type: "sgd", Rate: .5}, 32)
	if err != nil {
		t.Fatal(err)
	}
	m := model.New(s, dataset.Description{Dimensions: 6, Law: testLaw()})
	_, err = trainloop.Fit(t.Context(), trainloop.Phase{
		Source: trainloop.Fresh(law, 32, kernel.NewStream(1, "order"), law.Confounded()), Step: trainloop.Descend(trainer, nil), Last: 120, Visits: []int64{0, 30, 120},
		Visit: func(v trainloop.Visit) (bool, error) { m.Add(v.Step, net); return false, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func table(t testing.TB, v interface{ Table() (*frame.Table, error) }) []stages.Artifact {
	t.Helper()
	table, err := v.Table()
	if err != nil {
		t.Fatal(err)
	}
	return stagetest.Tables(table)
}

// finite has a validation split of rows from the law, and a test split.
func finite(t testing.TB, rows int) *dataset.Dataset {
	t.Helper()
	d := &dataset.Dataset{Law: testLaw(), Dimensions: 6}
	c, err := d.Law.Compile()
	if err != nil {
		t.Fatal(err)
	}
	draw := func(split dataset.Split) *dataset.Samples {
		packed, labels, attributes := make([]uint64, rows), make([]int8, rows), make([]int8, rows)
		c.SampleBits(kernel.NewStream(11, string(split)), c.Confounded(), rows, packed, labels, attributes)
		s, err := dataset.Pack(split, 6, packed, labels, attributes)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	d.Train, d.Validation, d.Test = draw(dataset.TrainSplit), draw(dataset.ValidationSplit), draw(dataset.TestSplit)
	return d
}

func cases(t testing.TB) []stagetest.Case {
	external := finite(t, 300)
	external.Law = nil
	unknown := trained(t, settings(2, true, "1"))
	unknown.Data.Law = nil
	return []stagetest.Case{
		{Name: "from the law", Settings: `{"samples": 400, "seed": 3}`, Inputs: stagetest.Inputs{"model": table(t, trained(t, settings(2, true, "1")))}},
		{Name: "from a split, one logit, no biases, standardised", Settings: `{"checkpoints": "last", "standardize": true}`,
			Inputs: stagetest.Inputs{"model": table(t, trained(t, settings(1, false, "1/width"))), "data": table(t, finite(t, 300))}},
		{Name: "external", Settings: `{"checkpoints": "last"}`, Inputs: stagetest.Inputs{"model": table(t, unknown), "data": table(t, external)}},
	}
}

func TestConform(t *testing.T) { stagetest.Conform(t, Kind, cases(t)...) }

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, cases(t)[0], map[string]string{
		"history": "4a98d8481e4ac7adf0e46fa740d3d66bce57d3f8c27260c2dc463f08658653cd",
		"summary": "d45d849c86b52706f0e98b6db0f6a574283ac9c989bb536a0ed569d153fe37b3",
		"model":   "cb56abcb028e3060c02bb8fa1f19d01db833e832cd2f518c2faf68fcbe468805",
	})
}

func value(t testing.TB, table *frame.Table, column string, row int) any {
	t.Helper()
	c := table.Column(column)
	if c == nil {
		t.Fatalf("there is no column %s", column)
	}
	return c.Value(row)
}

// A network that knows both features but relies on the spurious one is repaired by its last layer.
func TestRetrainingUndoesTheReliance(t *testing.T) {
	out := stagetest.Run(t, Kind, `{"samples": 400}`, stagetest.Inputs{"model": table(t, trained(t, settings(2, true, "1")))})
	h, s := out["history"], out["summary"]
	if !slices.Equal(h.Column("step").Int64s, []int64{0, 30, 120}) || s.Rows() != 1 || value(t, s, "step", 0) != int64(120) {
		t.Fatalf("steps %v, summary of step %v", h.Column("step").Int64s, value(t, s, "step", 0))
	}
	before, after := value(t, h, "worst_group_accuracy_before", 1).(float64), value(t, h, "worst_group_accuracy_after", 1).(float64)
	if before > .5 || after < .9 || value(t, h, "worst_group_gain", 1) != after-before {
		t.Errorf("at step 30 the worst group has accuracy %v before, %v after", before, after)
	}
	shareBefore, shareAfter := value(t, h, "spurious_weight_share_before", 1).(float64), value(t, h, "spurious_weight_share_after", 1).(float64)
	if shareAfter >= shareBefore || shareBefore > 1 || shareAfter < 0 {
		t.Errorf("the spurious neurons' share is %v before, %v after", shareBefore, shareAfter)
	}
	if b, a, lead := value(t, s, "robust_step_before", 0), value(t, s, "robust_step_after", 0), value(t, s, "robust_lead", 0); a != nil && b != nil && lead != b.(int64)-a.(int64) ||
		(a == nil || b == nil) && lead != nil {
		t.Errorf("robust at step %v, after retraining at %v, a lead of %v", b, a, lead)
	}
	if b, a := value(t, s, "robust_step_before", 0), value(t, s, "robust_step_after", 0); a == nil || b != nil && a.(int64) >= b.(int64) {
		t.Errorf("robust at step %v, retrained at %v", b, a)
	}
	for _, c := range []string{"converged", "evaluation_exact"} {
		if value(t, s, c, 0) != true {
			t.Errorf("%s is %v", c, value(t, s, c, 0))
		}
	}
}

// The new networks are the old ones but for the last layer, and measure as the table says.
func TestModelAfter(t *testing.T) {
	for _, s := range []neuralnet.NetworkSettings{settings(2, true, "1"), settings(1, true, "1/sqrt(width)"), settings(2, false, "1/width"), settings(1, false, "1")} {
		before := trained(t, s)
		out := stagetest.Run(t, Kind, `{"samples": 400}`, stagetest.Inputs{"model": table(t, before)})
		after, err := model.FromTable(out["model"])
		if err != nil {
			t.Fatal(err)
		}
		law, err := testLaw().Compile()
		if err != nil {
			t.Fatal(err)
		}
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
			if got := value(t, out["history"], "loss_after", i); got != m.Loss {
				t.Errorf("loss %v in the table, %v of the network", got, m.Loss)
			}
		}
	}
}

// The installed head gives the fitted margins, whatever the outputs and their scale.
func TestInstalledHeadHasTheFittedMargins(t *testing.T) {
	for _, s := range []neuralnet.NetworkSettings{settings(2, true, "1"), settings(1, true, "1/width"), settings(2, false, "1/sqrt(width)")} {
		net := trained(t, s).Last().Net
		law, err := testLaw().Compile()
		if err != nil {
			t.Fatal(err)
		}
		const rows = 64
		x, y := make([]float32, rows*6), make([]int8, rows)
		law.Enumerate(0, rows, x, y, nil)
		features := make([]float32, rows*16)
		net.Features(features, x, rows)
		h, err := refit(&Settings{C: 1}, features, rows, 16, y, s.Bias)
		if err != nil {
			t.Fatal(err)
		}
		want, got := make([]float64, rows), make([]float32, rows)
		h.fit.Margins(want, features, rows)
		h.install(net).Margins(got, x, rows)
		for i := range want {
			if !s.Bias {
				want[i] -= h.fit.Intercept // which is 0 but for the fit's tolerance
			}
			if math.Abs(float64(got[i])-want[i]) > 1e-5*max(1, math.Abs(want[i])) {
				t.Fatalf("outputs %d, scale %s: margin %v, fitted %v", s.Outputs, s.OutputScale, got[i], want[i])
			}
		}
		if !s.Bias && math.Abs(h.fit.Intercept) > 1e-6 {
			t.Errorf("without biases the intercept is %v", h.fit.Intercept)
		}
	}
}

// Without biases the fit is the minimum of C Σ log(1 + e^-ym) + |w|²/2 with m = w·x: its gradient is 0.
func TestFitWithoutBiasesIsAMinimum(t *testing.T) {
	x := []float32{1, .5, -2, 1, .25, 3, 1, 1, -1, 2}
	y := []int8{1, 0, 1, 0, 1}
	const c = .7
	h, err := refit(&Settings{C: c}, x, 5, 2, y, false)
	if err != nil {
		t.Fatal(err)
	}
	gradient := slices.Clone(h.fit.Weights)
	for i, label := range y {
		m := h.fit.Weights[0]*float64(x[2*i]) + h.fit.Weights[1]*float64(x[2*i+1])
		for j := range gradient {
			gradient[j] += c * (1/(1+math.Exp(-m)) - float64(label)) * float64(x[2*i+j])
		}
	}
	if math.Abs(gradient[0]) > 1e-6 || math.Abs(gradient[1]) > 1e-6 {
		t.Errorf("the gradient is %v at %v", gradient, h.fit.Weights)
	}
}

func TestHeldOutIsBalanced(t *testing.T) {
	law, err := testLaw().Compile()
	if err != nil {
		t.Fatal(err)
	}
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
		attributes, labels, packed := make([]int8, h.rows), make([]int8, h.rows), make([]uint64, h.rows)
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
	if got, ok := spuriousShare(net, *testLaw(), []float64{1, 2, 5}); !ok || got != 6./8 {
		t.Errorf("the share is %v, want 3/4", got)
	}
	if _, ok := spuriousShare(net, *testLaw(), []float64{0, 0, 0}); ok {
		t.Error("a share where no neuron counts")
	}
	net.Layers = append(net.Layers, neuralnet.Layer{})
	if _, ok := spuriousShare(net, *testLaw(), []float64{1, 2, 5}); ok {
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
	other := &dataset.Dataset{Dimensions: 7, Law: testLaw()}
	other.Law.Independent++
	for _, c := range []struct {
		name, settings, want string
		in                   stagetest.Inputs
	}{
		{"no validation split", `{"held_out": "validation"}`, "with a validation split", stagetest.Inputs{"model": table(t, known)}},
		{"no law", `{}`, "no law to draw held-out points from", stagetest.Inputs{"model": table(t, unknown)}},
		{"nothing to measure on", `{}`, "no test split to measure on", stagetest.Inputs{"model": table(t, unknown), "data": table(t, noTest)}},
		{"other data", `{}`, "6 inputs, but the data 7", stagetest.Inputs{"model": table(t, known), "data": table(t, other)}},
	} {
		if _, err := stagetest.Try(t.Context(), Kind, c.settings, c.in); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}
