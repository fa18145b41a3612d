package debias

import (
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/numeric/neuralnet"
)

// Each rule by its own score: the accuracy, or the worst group's, on validation data alone; the earliest of equals; an
// untrained network for want of another.
func TestRulesByHand(t *testing.T) {
	type visit struct {
		step            int64
		untrained       bool
		accuracy, worst float64 // on validation data; on the law it is the other way round
	}
	visits := []visit{{10, true, 1, 1}, {20, false, .7, .2}, {30, false, .9, .1}, {40, false, .8, .6}, {50, false, .9, .6}, {60, false, .5, .3}}
	list := rules(dataset.ValidationSplit, true)
	net := &neuralnet.Network{Layers: []neuralnet.Layer{{In: 1, Out: 1, Weights: []float32{0}}}}
	for i, v := range visits {
		measures := func(sign float64) *evaluation.Measures {
			return &evaluation.Measures{Accuracy: sign * v.accuracy, WorstAccuracy: evaluation.Some(sign * v.worst)}
		}
		net.Layers[0].Weights[0] = float32(v.step)
		for _, r := range list {
			r.consider(v.step, v.untrained, net, measures(1), measures(-1))
			if i == 0 && (!r.untrained || r.step != 10) {
				t.Errorf("%s does not take the first there is", r.name)
			}
		}
	}
	for i, want := range []int64{60, 30, 40} {
		if r := list[i]; r.step != want || r.untrained || r.net.Layers[0].Weights[0] != float32(want) || r.observed.Accuracy != -r.measures.Accuracy {
			t.Errorf("%s selects step %d (the network of %v), want %d", r.name, r.step, r.net.Layers[0].Weights[0], want)
		}
	}
}

func TestSummaryHasARowForEachRule(t *testing.T) {
	for _, c := range []struct {
		d          *dataset.Dataset
		validation string
		points     int64
		access     []string
	}{
		{freshData(.9), "law", 10000, []string{"none", "split: selection (fresh)", "group: selection (fresh)"}},
		{finiteData(t, easyLaw(.9), 300), "split", 150, []string{"none", "split: selection (validation)", "group: selection (validation)"}},
	} {
		s := run1(t, c.d, `{"name": "erm"}`, "")["summary"]
		if s.Rows() != 3 {
			t.Fatalf("%d rows", s.Rows())
		}
		for i, rule := range []string{"last", "best_validation_accuracy", "best_validation_worst_group"} {
			for column, want := range map[string]any{"selection": rule, "label_access": c.access[i], "validation": c.validation,
				"validation_points": c.points, "steps": int64(60), "earlier_steps": int64(0), "note": nil} {
				if got := value(t, s, column, i); got != want {
					t.Errorf("%s of %s is %v, want %v", column, rule, got, want)
				}
			}
		}
	}
	s := run1(t, finiteData(t, easyLaw(.9), 300), `{"name": "group_dro"}`, "")["summary"]
	if got, want := value(t, s, "label_access", 2), "group: selection (validation); group: training (train)"; got != want {
		t.Errorf("group_dro's access is %v, want %v", got, want)
	}
}

// Each rule must have chosen the best of what the history shows, and the earliest of equals.
func TestRulesSelectTheBest(t *testing.T) {
	out := run1(t, finiteData(t, easyLaw(.9), 300), `{"name": "erm"}`, `"steps": 200, "evaluation": {"every": 10}`)
	h, s := out["history"], out["summary"]
	for i, column := range []string{"", "validation_accuracy", "validation_worst_group_accuracy"} {
		best := h.Rows() - 1
		if column != "" {
			c := h.Column(column).Float64s
			best = slices.Index(c, slices.Max(c))
		}
		for _, measure := range []string{"step", "worst_group_accuracy", "core_correlation", "validation_accuracy"} {
			if got, want := value(t, s, measure, i), value(t, h, measure, best); got != want {
				t.Errorf("rule %v: %s is %v, want %v", value(t, s, "selection", i), measure, got, want)
			}
		}
	}
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	want := []int64{value(t, s, "step", 0).(int64), value(t, s, "step", 1).(int64), value(t, s, "step", 2).(int64)}
	slices.Sort(want)
	var got []int64
	for _, c := range m.Checkpoints {
		got = append(got, c.Step)
	}
	if !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("the model has steps %v, the rules chose %v", got, want)
	}
}

// A network that has taken no step is selected only where there is no other: not by a rate so small that all networks
// score the same, but where the first step diverges. In a later stage, too, the start does not count.
func TestUntrainedNetworksAreNotSelected(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 300)
	for _, c := range []struct {
		method, rate string
		last, best   int64
	}{
		{`{"name": "erm"}`, "1e-30", 60, 20},
		{`{"name": "jtt", "first_steps": 20}`, "1e-30", 60, 40},
		{`{"name": "erm"}`, "1e30", 0, 0},
	} {
		s := run1(t, d, c.method, `"optimizer": {"type": "sgd", "rate": `+c.rate+`}`)["summary"]
		for row, want := range []int64{c.last, c.best, c.best} {
			if got := value(t, s, "step", row); got != want {
				t.Errorf("%s at rate %s: %v selects step %v, want %v", c.method, c.rate, value(t, s, "selection", row), got, want)
			}
			note, _ := value(t, s, "note", row).(string)
			if contains(note, "No network was evaluated after its first step: this is the untrained one.") != (want == 0) {
				t.Errorf("%s at rate %s: the note says %q", c.method, c.rate, note)
			}
		}
	}
}
