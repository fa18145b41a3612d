package trainloop

import (
	"math"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
)

// An observation is what an evaluation finds.
type observation struct{ core, loss, training, worst float64 }

// ends gives the number of the evaluation, from 0, at which the rules end a training, and the rule.
func ends(t *testing.T, s StopSettings, seen []observation) (int, string) {
	t.Helper()
	e, err := evaluation.NewEvaluator(datasettest.Law(t), 8, "cross_entropy", stream(), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	stopper, err := s.Rules(e, true)
	if err != nil {
		t.Fatal(err)
	}
	for i, o := range seen {
		v := Visit{Step: int64(10 * i)}
		if i > 0 {
			v.TrainingLoss = evaluation.Finite(o.training)
		}
		m := evaluation.Measures{Loss: o.loss, Core: evaluation.Some(o.core), WorstAccuracy: evaluation.Some(o.worst), MeanAccuracy: evaluation.Some(o.worst), Accuracy: o.worst}
		if rule := stopper.Reached(v, &m, &evaluation.Fit{Loss: evaluation.Finite(o.loss), Accuracy: o.worst}); rule != "" {
			return i, rule
		}
	}
	return -1, ""
}

func TestStopRules(t *testing.T) {
	inf := math.Inf(1)
	level := func(x float64) *float64 { return &x }
	idle := func(of string, evaluations int, gain float64) StopSettings {
		return StopSettings{NoGain: &NoGainSettings{Of: of, Evaluations: evaluations, MinGain: gain}}
	}
	core := func(cs ...float64) (seen []observation) {
		for _, c := range cs {
			seen = append(seen, observation{core: c})
		}
		return seen
	}
	losses := func(ls ...float64) (seen []observation) {
		for _, l := range ls {
			seen = append(seen, observation{loss: l, training: l})
		}
		return seen
	}
	for _, c := range []struct {
		name string
		s    StopSettings
		seen []observation
		at   int
		rule string
	}{
		{"no rule", StopSettings{}, core(0, 1, 1, 1), -1, ""},
		{"a level that is reached to the digit", StopSettings{CoreCorrelation: level(.9)}, core(0, .89, .9, 1), 2, "core_correlation"},
		{"a loss under the law", StopSettings{Loss: level(.5)}, losses(inf, .6, .5), 2, "loss"},
		{"a negative loss, of the correlation loss", StopSettings{Loss: level(-2)}, losses(0, -1, -2.5), 2, "loss"},
		{"a training loss, which the start has not", StopSettings{TrainingLoss: level(.5)}, losses(.1, .6, .4), 2, "training_loss"},
		{"the first rule of those that hold", StopSettings{CoreCorrelation: level(.9), Loss: level(5)}, []observation{{core: 0, loss: 9}, {core: 1, loss: 1}}, 1, "core_correlation"},
		{"the start counts as the first gain", idle("core_correlation", 2, 0), core(.5, .5, .4), 2, "no_gain"},
		{"equal is no gain, more is", idle("core_correlation", 2, 0), core(0, .1, .1, .11, .11, .1), 5, "no_gain"},
		{"gains are against the best", idle("core_correlation", 3, 0), core(.5, .1, .2, .3), 3, "no_gain"},
		{"a small gain is none", idle("core_correlation", 3, .125), core(0, .125, .0625, .125), 3, "no_gain"},
		{"small gains add up", idle("core_correlation", 3, .125), core(0, .0625, .125, .1875, .25, .25), -1, ""},
		{"less is a gain of a loss", idle("loss", 2, 0), losses(3, 2, 1, .5, .5, .6), 5, "no_gain"},
		{"an infinite loss is no gain", idle("loss", 2, 0), losses(inf, inf, 1), 1, "no_gain"},
		{"training losses begin after the start", idle("training_loss", 2, 0), losses(0, 3, 3, 2, 2, 2), 5, "no_gain"},
		{"another rule first", StopSettings{Loss: level(1), NoGain: &NoGainSettings{Of: "accuracy", Evaluations: 1}}, losses(2, 1), 1, "loss"},
	} {
		if at, rule := ends(t, c.s, c.seen); at != c.at || rule != c.rule {
			t.Errorf("%s: ended by %q at evaluation %d, want %q at %d", c.name, rule, at, c.rule, c.at)
		}
	}
	rising := []observation{{worst: .1}, {worst: .2}, {worst: .2}, {worst: .3}, {worst: .3}, {worst: .3}}
	for _, of := range []string{"accuracy", "worst_group_accuracy", "group_mean_accuracy"} {
		if at, rule := ends(t, idle(of, 2, 0), rising); at != 5 || rule != "no_gain" {
			t.Errorf("%s: ended by %q at evaluation %d", of, rule, at)
		}
	}
}

// A rule on what does not exist would silently never hold.
func TestStopRulesNeedTheirMeasures(t *testing.T) {
	half := .5
	bare, err := dataset.Real(dataset.TestSplit, 2, []float32{1, 0, 0, 1}, []int16{0, 1}, nil)
	if err != nil {
		t.Fatal(err)
	}
	grouped, err := dataset.Real(dataset.TestSplit, 2, []float32{1, 0, 0, 1}, []int16{0, 1}, []int16{1, 0})
	if err != nil {
		t.Fatal(err)
	}
	no := func(of string) StopSettings {
		return StopSettings{NoGain: &NoGainSettings{Of: of, Evaluations: 1}}
	}
	for _, c := range []struct {
		s       StopSettings
		samples *dataset.Samples
		want    string
	}{
		{StopSettings{CoreCorrelation: &half}, grouped, "no samples of the group 00 or 11"},
		{no("core_correlation"), grouped, "no samples of the group"},
		{no("core_correlation"), bare, "no attributes"},
		{no("worst_group_accuracy"), bare, "no attributes"},
		{no("group_mean_accuracy"), bare, "no attributes"},
		{no("worst_group_accuracy"), grouped, ""},
		{no("accuracy"), bare, ""},
		{StopSettings{Loss: &half}, bare, ""},
	} {
		e, err := evaluation.NewSampleEvaluator(&dataset.Description{}, c.samples, dataset.Evaluation, "logistic", &dataset.Ledger{})
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.s.Rules(e, true)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v, want %q", c.s, err, c.want)
		}
	}
}
