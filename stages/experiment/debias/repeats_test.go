package debias

import (
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation/evaluationtest"
	"spurion/stages/stagetest"
)

// wideData has samples of a law whose cube of 2^16 points is drawn from.
func wideData(t testing.TB) *dataset.Dataset {
	t.Helper()
	law := easyLaw(.9)
	law.CoreLength, law.Independent = 7, 8
	return finiteData(t, law, 100)
}

// TestRepeats: history and summary have means over repeats, of networks and of reference rows, and what is learned and selected
// stays the same.
func TestRepeats(t *testing.T) {
	const repeats = 4
	for _, method := range []string{`{"name": "erm"}`, `{"name": "jtt", "first_steps": 20}`, `{"name": "spurious"}`} {
		run := func(more string) map[string]*frame.Table {
			return run1(t, wideData(t), method, `"evaluation": {"every": 20, "points": 200`+more+`}`)
		}
		one, got, said := run(""), run(`, "repeats": 4`), run(`, "repeats": 1`)
		if strings.Contains(method, "spurious") { // without losses
			if got["repeats"].Rows() != repeats*got["history"].Rows() || value(t, got["repeats"], "accuracy", 0) != value(t, one["history"], "accuracy", 0) {
				t.Errorf("%s: %d rows of repeats", method, got["repeats"].Rows())
			}
		} else {
			evaluationtest.Repeated(t, got["history"], got["repeats"], one["history"], repeats, "")
		}
		if a, b := value(t, one["summary"], "evaluation_points", 0), value(t, got["summary"], "evaluation_points", 0); b != repeats*a.(int64) {
			t.Errorf("%s: %v points, without repeats %v", method, b, a)
		}
		history, summary := got["history"], got["summary"]
		for _, column := range []string{"accuracy", "accuracy_se", "core_correlation_se", "worst_group_accuracy_se"} {
			if a, b := value(t, history, column, history.Rows()-1), value(t, summary, column, 0); a != b || a == nil {
				t.Errorf("%s: %s is %v at the end of history, %v in summary", method, column, a, b)
			}
		}
		for row := range summary.Rows() {
			for _, column := range []string{"step", "validation_accuracy", "validation_points"} {
				if a, b := value(t, one["summary"], column, row), value(t, summary, column, row); a != b {
					t.Errorf("%s: repeats change %s from %v to %v", method, column, a, b)
				}
			}
		}
		if stagetest.Digest(one["model"]) != stagetest.Digest(got["model"]) {
			t.Errorf("%s: repeats change the networks", method)
		}
		for output := range one {
			if one["repeats"] != nil || len(said) != len(one) || stagetest.Digest(one[output]) != stagetest.Digest(said[output]) {
				t.Errorf("%s, %s: one repeat is not what there is without", method, output)
			}
		}
	}
}

// TestNothingToRepeat: a whole cube has no repeats.
func TestNothingToRepeat(t *testing.T) {
	_, err := stagetest.Try(t.Context(), Kind, settings(`{"name": "erm"}`, `"evaluation": {"repeats": 5}`), inputs(t, freshData(.9)))
	if err == nil || !strings.Contains(err.Error(), "evaluation.repeats = 5: ") || !strings.Contains(err.Error(), "leave repeats out") {
		t.Error(err)
	}
}

// repeatsCase is a case of Conform.
func repeatsCase(t testing.TB) stagetest.Case {
	return stagetest.Case{Name: "repeats", Settings: settings(`{"name": "erm"}`, `"evaluation": {"every": 20, "points": 100, "repeats": 2}`), Inputs: inputs(t, wideData(t))}
}
