package head

import (
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

// A row whose label_access has no groups of a split is the same, bit for bit, with other attributes there, and so with
// other labels of the validation split if it has none of them; the row of a rule that reads them need not be.
func TestRowsDependOnWhatTheySayAlone(t *testing.T) {
	d := finite(t, 400, .9)
	test := datasettest.Only(t, d.Validation, func(row int, _, _ int16) bool { return row%2 == 0 })
	test.Split = dataset.TestSplit
	plain := dataset.Dataset{Description: dataset.Description{Dimensions: 6}, Train: d.Train, Validation: d.Validation, Test: test} // without a law, which attributes must follow
	flip := func(s *dataset.Samples, labels, attributes int16) *dataset.Samples {
		return datasettest.Marked(t, s, func(row int, y, a int16) (int16, int16) {
			if row%3 == 0 {
				return y ^ labels, a ^ attributes
			}
			return y, a
		})
	}
	trained, validated, labelled := plain, plain, plain
	trained.Train = flip(d.Train, 0, 1)
	validated.Validation = flip(d.Validation, 0, 1)
	labelled.Validation = flip(d.Validation, 1, 1) // groups change with labels
	in, changed := inputs(t, 2, &plain, 120, 120, 120), 0
	for _, settings := range []string{dfrOn, dfrTr, afrOn, afrTr, selfOn, selfBad, `{"head": {"name": "self", "score": "random", "points": 40, "steps": 50}, "seed": 1}`} {
		summary := func(d *dataset.Dataset) func(column string, row int) any {
			in := stagetest.Inputs{"model": in["model"], "base": in["base"], "early": in["early"], "data": stagetest.Built(t, d)}
			s := stagetest.Run(t, Kind, settings, in)["summary"]
			return func(column string, row int) any { return stagetest.Value(t, s, column, row) }
		}
		before := summary(&plain)
		for name, c := range map[string]struct {
			d     *dataset.Dataset
			reads []string
		}{
			"attributes of training samples":   {&trained, []string{"group: training (train)", "group: selection (train)"}},
			"attributes of validation samples": {&validated, []string{"group: training (validation)", "group: selection (validation)"}},
			"labels of validation samples": {&labelled, []string{"group: training (validation)", "group: selection (validation)",
				"split: training (validation)", "split: selection (validation)"}},
		} {
			after := summary(c.d)
			for row := range 3 {
				access := before("label_access", row).(string)
				reads := slices.ContainsFunc(c.reads, func(use string) bool { return strings.Contains(access, use) })
				same := before("loss", row) == after("loss", row) && before("head_chosen", row) == after("head_chosen", row)
				if !same {
					changed++
				}
				if !same && !reads {
					t.Errorf("%s, row %d reads %s, and changes with other %s", settings, row, access, name)
				}
			}
		}
	}
	if changed < 10 {
		t.Errorf("%d rows change at all: the test shows little", changed)
	}
}

// The test split is for measures: with another one heads choose the same.
func TestHeadsNeverReadTheTestSplit(t *testing.T) {
	d := finite(t, 400, .9)
	half := func(odd int) *dataset.Dataset {
		test := datasettest.Only(t, d.Validation, func(row int, _, _ int16) bool { return row%2 == odd })
		test.Split = dataset.TestSplit
		return &dataset.Dataset{Description: dataset.Description{Dimensions: 6}, Train: d.Train, Validation: d.Validation, Test: test}
	}
	one, other := inputs(t, 2, half(0), 120, 120, 30), inputs(t, 2, half(1), 120, 120, 30)
	for _, settings := range []string{dfrOn, dfrTr, afrOn, afrTr, selfOn, selfBad} {
		a, b := stagetest.Run(t, Kind, settings, one), stagetest.Run(t, Kind, settings, other)
		if stagetest.Digest(a["model"]) != stagetest.Digest(b["model"]) {
			t.Errorf("%s: another layer with another test split", settings)
		}
		for row := range 3 {
			for _, column := range []string{"head_chosen", "validation_accuracy", "label_access"} {
				if got, want := stagetest.Value(t, a["summary"], column, row), stagetest.Value(t, b["summary"], column, row); got != want {
					t.Errorf("%s, row %d: %s is %v with a test split and %v with another", settings, row, column, got, want)
				}
			}
			if stagetest.Value(t, a["summary"], "loss", row) == stagetest.Value(t, b["summary"], "loss", row) {
				t.Errorf("%s, row %d: the test split changes no measure, so this shows nothing", settings, row)
			}
		}
	}
}
