package head

import (
	"math"
	"strings"
	"testing"

	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

// Whatever the sets that are fitted on and chosen by, every head gives its rows, in which what happened is said; or
// an error that says what is needed. Heads are fitted on the training split or on a half of the other alike.
func TestEveryHeadSurvives(t *testing.T) {
	type want struct{ note, err string }
	missing := func(groups string) want {
		return want{note: "There are no points of the group " + groups}
	}
	few := want{err: "validation split has 1 sample, and the head needs one to fit on and another to choose by"}
	for _, c := range []struct {
		name string
		keep func(row int, y, s int16) bool
		want want
		of   map[string]want // of some heads, instead
	}{
		{"no group", func(_ int, y, s int16) bool { return y != 0 || s != 1 }, missing("01"), nil},
		{"no minority", func(_ int, y, s int16) bool { return y == s }, missing("01 or 10"), nil},
		{"one class", func(_ int, y, _ int16) bool { return y == 1 }, missing("00 or 01"), map[string]want{
			"dfr on validation": {note: "A subset to fit on has one class: its fit is constant."}, "dfr on train": {note: "A subset to fit on has one class: its fit is constant."},
			"self": {note: "All points that were picked have the label 1."}, "self by misclassification": {note: "All points that were picked have the label 1."}}},
		{"two samples", func(row int, _, _ int16) bool { return row < 2 }, missing("01, 10 or 11"), map[string]want{
			"self": {note: "The half that points are picked from has 1."}, "self by chance": {note: "All points that were picked have the label"}}},
		{"one sample", func(row int, _, _ int16) bool { return row == 0 }, few, map[string]want{
			"dfr on train": {err: "train split has 1 sample"}, "afr on train": missing("00, 01 or 10")}},
	} {
		d := finite(t, 200, .9)
		d.Train, d.Validation = datasettest.Only(t, d.Train, c.keep), datasettest.Only(t, d.Validation, c.keep)
		in := inputs(t, 2, d, 120, 120, 30)
		for name, settings := range map[string]string{
			"dfr on validation": dfrOn, "dfr on train": dfrTr, "afr on validation": afrOn, "afr on train": afrTr, "self": selfOn, "self by misclassification": selfBad,
			"self by chance": `{"head": {"name": "self", "score": "random", "points": 2, "steps": 5}, "seed": 1}`,
		} {
			want, ok := c.of[name]
			if !ok {
				want = c.want
			}
			out, err := stagetest.Try(t.Context(), Kind, settings, in)
			if want.err != "" {
				if err == nil || !strings.Contains(err.Error(), want.err) {
					t.Errorf("%s, %s: error %v, want one with %q", c.name, name, err, want.err)
				}
				continue
			}
			if err != nil {
				t.Errorf("%s, %s: %v", c.name, name, err)
				continue
			}
			for row := range 3 {
				note, _ := stagetest.Value(t, out.Tables["summary"], "note", row).(string)
				if !strings.Contains(note, want.note) || stagetest.Value(t, out.Tables["summary"], "accuracy", row) == nil {
					t.Errorf("%s, %s, row %d: the note %q lacks %q; accuracy %v", c.name, name, row, note, want.note, stagetest.Value(t, out.Tables["summary"], "accuracy", row))
				}
			}
		}
	}
}

// Last layers and features that say nothing: of a network whose units are all dead every fit is constant, and the row
// says so; and no γ leaves AFR without weights.
func TestHeadsOnDeadAndSureNetworks(t *testing.T) {
	in := inputs(t, 2, finite(t, 200, .9), 120, 120, 120)
	m := trained(t, 2)
	for _, c := range m.Checkpoints {
		clear(c.Net.Layers[0].Weights)
		clear(c.Net.Layers[0].Biases)
	}
	dead := stagetest.Inputs{"model": stagetest.Built(t, m), "base": in["base"], "data": in["data"], "early": in["early"]}
	for _, settings := range []string{dfrOn, dfrTr, afrOn, afrTr, selfOn, selfBad} {
		s := stagetest.Run(t, Kind, settings, dead)["summary"]
		if note, _ := stagetest.Value(t, s, "note", 0).(string); !strings.Contains(note, "The network predicts one class.") {
			t.Errorf("%s: dead units: the note says %q", settings, note)
		}
	}
	s := stagetest.Run(t, Kind, `{"head": {"name": "afr", "gamma": 1000, "steps": 20}, "seed": 1}`, in)["summary"]
	if note := stagetest.Value(t, s, "note", 0); note != nil || stagetest.Value(t, s, "head_chosen", 0) != 20. {
		t.Errorf("γ = 1000: step %v, note %v", stagetest.Value(t, s, "head_chosen", 0), note)
	}
}

// What can go wrong is said in the row, and the other rows stand.
func TestWhatItSurvives(t *testing.T) {
	in := inputs(t, 2, finite(t, 200, .9), -1, 120, 30)
	table := stagetest.Run(t, Kind, dfrOn, in)["summary"]
	if note := stagetest.Value(t, table, "note", 0); note != "The base gave no network." || stagetest.Value(t, table, "accuracy", 0) != nil || stagetest.Value(t, table, "accuracy", 1) == nil {
		t.Errorf("a base that diverged: note %v", note)
	}
	in["data"] = stagetest.Built(t, finite(t, 200, 1)) // no minority
	table = stagetest.Run(t, Kind, dfrOn, in)["summary"]
	if stagetest.Value(t, table, "accuracy", 1) == nil {
		t.Error("without a minority there are no measures")
	}
	m := trained(t, 2)
	for i := range m.Checkpoints[1].Net.Layers[0].Weights {
		m.Checkpoints[1].Net.Layers[0].Weights[i] = math.MaxFloat32
	}
	in["model"] = stagetest.Built(t, m)
	for _, settings := range []string{dfrOn, afrOn, selfOn} {
		table = stagetest.Run(t, Kind, settings, in)["summary"]
		note, _ := stagetest.Value(t, table, "note", 1).(string)
		if !strings.Contains(note, "not finite") || stagetest.Value(t, table, "accuracy", 1) != nil || stagetest.Value(t, table, "accuracy", 2) == nil {
			t.Errorf("%s: activations that overflow: note %q", settings, note)
		}
	}
	m = trained(t, 2)
	for i := range m.Checkpoints[1].Net.Layers[1].Weights {
		m.Checkpoints[1].Net.Layers[1].Weights[i] = math.MaxFloat32
	}
	in["model"] = stagetest.Built(t, m)
	table = stagetest.Run(t, Kind, afrOn, in)["summary"]
	if note, _ := stagetest.Value(t, table, "note", 1).(string); !strings.Contains(note, "diverged after 0 steps") || stagetest.Value(t, table, "accuracy", 2) == nil {
		t.Errorf("a last layer that overflows: note %q", note)
	}
}
