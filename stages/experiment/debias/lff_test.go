package debias

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// Two linear networks, and the steps of both in float64 by the formulas.
func TestLfFSteps(t *testing.T) {
	d := finiteData(t, easyLaw(.8), 12)
	trial := newTestTrial(t, d, Settings{Batch: 5, Optimizer: neuralnet.OptimizerSettings{Type: "sgd", Rate: 2}, Method: MethodSettings{Name: "lff", Exponent: .7, LossDecay: .6}})
	trial.settings.Loss = "logistic"
	linear := func(weights ...float32) *neuralnet.Network {
		return &neuralnet.Network{Activation: "relu", OutputScale: 1, Layers: []neuralnet.Layer{{In: 6, Out: 1, Weights: weights}}}
	}
	biased, debiased := linear(.1, -.2, .9, 0, .3, 0), linear(.5, .4, -.1, .2, 0, -.6)
	want := map[*neuralnet.Network][]float64{biased: make([]float64, 6), debiased: make([]float64, 6)}
	for net, w := range want {
		for i, v := range net.Layers[0].Weights {
			w[i] = float64(v)
		}
	}
	natural := natural1(t, trial)
	f, err := newFailures(trial, biased, debiased, natural)
	if err != nil {
		t.Fatal(err)
	}
	source := &twice{Source: natural}
	var b trainloop.Batch
	labels, average := trial.Labels(), map[*neuralnet.Network][]float64{biased: make([]float64, 12), debiased: make([]float64, 12)}
	seen := make([]bool, 12)
	for step := range 9 { // three passes, the last batch of each smaller
		var mean float64
		for range 2 {
			source.Next(&b)
			if mean, err = f.step(&b); err != nil {
				t.Fatal(err)
			}
		}
		x := slices.Clone(b.Numbers())
		b.Settle()
		slope, loss := map[*neuralnet.Network][]float64{}, map[*neuralnet.Network][]float64{}
		for net, w := range want {
			for i, row := range b.Index {
				y, margin := 2*float64(labels[row])-1, 0.
				for j := range w {
					margin += w[j] * float64(x[i*6+j])
				}
				l := math.Log1p(math.Exp(-y * margin))
				loss[net] = append(loss[net], l)
				slope[net] = append(slope[net], -y*(1-math.Exp(-l)))
				if seen[row] {
					average[net][row] = .6*average[net][row] + .4*l
				} else {
					average[net][row] = l
				}
			}
		}
		total := 0.
		for _, row := range b.Index {
			seen[row] = true
		}
		for _, l := range loss[debiased] {
			total += l / float64(b.Rows)
		}
		if math.Abs(mean-total) > 1e-5 {
			t.Fatalf("step %d: mean loss %v, want %v", step, mean, total)
		}
		gradient := map[*neuralnet.Network][]float64{biased: make([]float64, 6), debiased: make([]float64, 6)}
		for i, row := range b.Index {
			var relative []float64
			for _, net := range []*neuralnet.Network{biased, debiased} {
				largest := 0.
				for other, l := range average[net] {
					if labels[other] == labels[row] {
						largest = max(largest, l)
					}
				}
				relative = append(relative, average[net][row]/largest)
			}
			weight := map[*neuralnet.Network]float64{biased: math.Pow(math.Exp(-loss[biased][i]), .7), debiased: relative[0] / (relative[0] + relative[1] + 1e-8)}
			for net, g := range gradient {
				for j := range g {
					g[j] += weight[net] * slope[net][i] * float64(x[i*6+j]) / float64(b.Rows)
				}
			}
		}
		for net, w := range want {
			for j := range w {
				w[j] -= 2 * gradient[net][j]
				if got := net.Layers[0].Weights[j]; math.Abs(float64(got)-w[j]) > 1e-5 {
					t.Fatalf("step %d: weight %d is %v, want %v (biased network: %v)", step, j, got, w[j], net == biased)
				}
			}
		}
	}
}

// With q = 0 the biased network is trained by ERM, bit for bit; the debiased one then weighs by the losses of ERM.
func TestLfFWithExponentZeroHasERMForItsBiasedNetwork(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 100)
	const steps = 40
	s := Settings{Batch: 32, Network: neuralnet.NetworkSettings{InitScale: 1, Bias: true}, Optimizer: neuralnet.OptimizerSettings{Type: "sgd", Rate: .5, Momentum: .9}}
	train := func(exponent float64) *neuralnet.Network {
		s.Method = MethodSettings{Name: "lff", Exponent: exponent, LossDecay: .7}
		trial := newTestTrial(t, d, s)
		biased := trial.Network("")
		source := natural1(t, trial)
		f, err := newFailures(trial, biased, trial.Network("other"), source)
		if err != nil {
			t.Fatal(err)
		}
		out, err := trainloop.Fit(t.Context(), trainloop.Phase{Source: &twice{Source: source}, Step: f.step, Last: 2 * steps})
		if err != nil || out.Step != 2*steps {
			t.Fatalf("%+v, %v", out, err)
		}
		return biased
	}
	s.Method.Name = "erm"
	trial := newTestTrial(t, d, s)
	erm := trial.Network("")
	trainer, err := neuralnet.NewTrainer(erm, "cross_entropy", s.Optimizer, 32)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := trainloop.Fit(t.Context(), trainloop.Phase{Source: natural1(t, trial), Step: trainloop.Descend(trainer, nil), Last: steps}); err != nil {
		t.Fatal(err)
	}
	equal := func(a, b *neuralnet.Network) bool {
		for i, l := range a.Layers {
			if !slices.Equal(l.Weights, b.Layers[i].Weights) || !slices.Equal(l.Biases, b.Layers[i].Biases) {
				return false
			}
		}
		return true
	}
	if !equal(train(0), erm) || equal(train(.7), erm) {
		t.Errorf("the biased network is that of ERM: %v with q = 0, %v with q = 0.7", equal(train(0), erm), equal(train(.7), erm))
	}
}

// Each network has a schedule over its own steps, half of the budget: at the end the rates of both have fallen to nothing.
func TestLfFSchedules(t *testing.T) {
	const steps = 40
	s := Settings{Batch: 20, Network: neuralnet.NetworkSettings{InitScale: 1, Bias: true}, Method: MethodSettings{Name: "lff", Exponent: .7, LossDecay: .7},
		Optimizer: neuralnet.OptimizerSettings{Type: "sgd", Rate: .1, Schedule: &neuralnet.RateSchedule{Type: neuralnet.Cosine}}}
	trial := newTestTrial(t, finiteData(t, easyLaw(.8), 100), s)
	trial.budget = steps
	nets := [2]*neuralnet.Network{trial.Network("biased"), trial.Network("")}
	source := natural1(t, trial)
	f, err := newFailures(trial, nets[0], nets[1], source)
	if err != nil {
		t.Fatal(err)
	}
	var b trainloop.Batch
	twice := &twice{Source: source}
	var first, last [2]float64 // the largest change of a weight
	for step := range steps {
		var was [2][]float32
		for i, net := range nets {
			was[i] = slices.Clone(net.Layers[0].Weights)
		}
		twice.Next(&b)
		if _, err := f.step(&b); err != nil {
			t.Fatal(err)
		}
		for i, net := range nets {
			change := 0.
			for j, w := range net.Layers[0].Weights {
				change = max(change, math.Abs(float64(w-was[i][j])))
			}
			if step < 2 {
				first[i] = max(first[i], change)
			}
			if step >= steps-2 {
				last[i] = max(last[i], change)
			}
		}
	}
	for i := range nets {
		if first[i] == 0 || last[i] > first[i]/20 {
			t.Errorf("network %d: a weight changes by %v in the first step and by %v in the last", i, first[i], last[i])
		}
	}
}

// Losses of 0, in one network or both, give weights that are numbers; and the note tells.
func TestLfFWithLossesOfZero(t *testing.T) {
	trial := newTestTrial(t, finiteData(t, easyLaw(.9), 20), Settings{Batch: 20, Optimizer: neuralnet.OptimizerSettings{Type: "sgd", Rate: .5}, Method: MethodSettings{Name: "lff", Exponent: .7, LossDecay: .7}})
	var b trainloop.Batch
	source := natural1(t, trial)
	source.Next(&b)
	some, none := make([]float32, 20), make([]float32, 20)
	for i := range some {
		some[i] = 1
	}
	for _, c := range []struct {
		name       string
		easy, hard []float32
		weight     float64
		note       bool
	}{
		{"both", none, none, 0, true},
		{"the biased network", none, some, 0, true},
		{"the debiased network", some, none, 1, false},
		{"neither", some, some, .5, false},
	} {
		trial.notes = nil
		f, err := newFailures(trial, trial.Network("biased"), trial.Network(""), source)
		if err != nil {
			t.Fatal(err)
		}
		f.weigh(&b, c.easy, c.hard)
		for i, w := range f.weights {
			if math.Abs(float64(w)-c.weight/20) > 1e-8 || f.general[i] != f.general[i] {
				t.Errorf("losses of %s are 0: row %d weighs %v, want %v of 20, and %v in the biased network", c.name, i, w, c.weight, f.general[i])
			}
		}
		if said := strings.Contains(strings.Join(trial.notes, " "), "these samples weighed nothing"); said != c.note {
			t.Errorf("losses of %s are 0: notes %q", c.name, trial.notes)
		}
	}
}

// Each of the two networks takes its share of the steps, and epochs count batches once.
func TestLfFCountsBothNetworks(t *testing.T) {
	out := run1(t, finiteData(t, easyLaw(.9), 320), `{"name": "lff"}`, `"steps": 41`)
	s, h, i := out["summary"], out["history"], out["inference"]
	if value(t, s, "steps", 0) != int64(41) || value(t, s, "earlier_steps", 0) != int64(0) || value(t, s, "label_access", 0) != "none" {
		t.Errorf("steps %v, earlier %v, read %v", value(t, s, "steps", 0), value(t, s, "earlier_steps", 0), value(t, s, "label_access", 0))
	}
	// 40 steps are 20 batches of 32, two passes over 320.
	if value(t, h, "step", -2) != int64(40) || value(t, h, "epoch", -2) != 2. {
		t.Errorf("epoch %v at step %v", value(t, h, "epoch", -2), value(t, h, "step", -2))
	}
	if !slices.Equal(i.Column("step").Int64s, h.Column("step").Int64s) {
		t.Errorf("weights at steps %v, evaluations at %v", i.Column("step").Int64s, h.Column("step").Int64s)
	}
	if note := value(t, i, "note", 0); note != "320 samples have been in no batch yet, and stand here with a weight of a half." || value(t, i, "auc", 0) != .5 || value(t, i, "weight_ratio", 0) != 1. {
		t.Errorf("at the start: AUC %v, ratio %v, note %v", value(t, i, "auc", 0), value(t, i, "weight_ratio", 0), note)
	}
	if note := value(t, i, "note", -1); note != nil || value(t, i, "set", 0) != weightsOf || value(t, i, "used", 0) != true {
		t.Errorf("at the end: note %v", note)
	}
}

// A class or the minority may be absent: it trains, and measures that do not exist are null.
func TestLfFWithoutAClass(t *testing.T) {
	one := finiteData(t, easyLaw(.9), 200)
	one.Train = datasettest.Only(t, one.Train, label1)
	out := run1(t, one, `{"name": "lff"}`, "")
	if s := out["summary"]; value(t, s, "step", 0) != int64(60) || value(t, s, "diverged_step", 0) != nil {
		t.Errorf("with one class: step %v, diverged at %v", value(t, s, "step", 0), value(t, s, "diverged_step", 0))
	}
	out = run1(t, finiteData(t, easyLaw(1), 200), `{"name": "lff"}`, "")
	if i := out["inference"]; value(t, i, "auc", -1) != nil || value(t, i, "recall", -1) != nil || value(t, out["summary"], "step", 0) != int64(60) {
		t.Errorf("without a minority: AUC %v, recall %v", value(t, i, "auc", -1), value(t, i, "recall", -1))
	}
}

// The easy control: where the spurious feature is much simpler than the core, the weights tell the minority.
func TestLfFWeighsTheMinorityInTheEasyControl(t *testing.T) {
	i := run1(t, finiteData(t, easyControlLaw(), 2000), `{"name": "lff"}`,
		`"steps": 600, "batch": 32, "network": {"hidden": [32]}, "optimizer": {"type": "sgd", "rate": 0.1}, "evaluation": {"every": 126}`)["inference"]
	best := 0.
	for row := range i.Rows() {
		if auc, ok := value(t, i, "auc", row).(float64); ok {
			best = max(best, auc)
		}
		t.Logf("epoch %v: AUC %v, weight ratio %v, %v points of %v, Jaccard %v", value(t, i, "epoch", row), value(t, i, "auc", row),
			value(t, i, "weight_ratio", row), value(t, i, "size", row), value(t, i, "minority", row), value(t, i, "jaccard", row))
	}
	if best <= .95 {
		t.Errorf("the best AUC of the weights against the minority is %v", best)
	}
}
