package debias

import (
	"strings"
	"testing"

	"spurion/stages/common/model"
)

func contains(text, part string) bool { return strings.Contains(text, part) }

// The constant predictor is right on one class and at the floors of both correlations.
func TestConstant(t *testing.T) {
	d := biasedData(t, 400)
	for _, outputs := range []string{`"network": {"hidden": [4]}`, `"network": {"hidden": [4], "outputs": 1}, "loss": "logistic"`} {
		out := run1(t, d, `{"name": "constant"}`, outputs)
		s := out["summary"]
		for row := range 3 {
			for column, want := range map[string]any{"steps": int64(0), "step": int64(0), "accuracy_00": 0., "accuracy_01": 0., "accuracy_10": 1., "accuracy_11": 1.,
				"worst_group_accuracy": 0., "worst_group": "00", "note": "The network predicts one class."} {
				if got := value(t, s, column, row); got != want {
					t.Errorf("%s is %v, want %v", column, got, want)
				}
			}
			if got, want := value(t, s, "core_correlation", row), value(t, s, "core_floor", row); got != want {
				t.Errorf("core correlation %v, floor %v", got, want)
			}
		}
		if got := value(t, s, "label_access", 0); got != "none" {
			t.Errorf("it read %v", got)
		}
		if _, err := model.FromTable(out["model"]); err != nil {
			t.Error(err)
		}
	}
	s := run1(t, d, `{"name": "constant"}`, `"network": {"hidden": [4], "bias": false}`)["summary"]
	if got := value(t, s, "accuracy_11", 0); got != 1. {
		t.Errorf("without biases the accuracy on group 11 is %v", got)
	}
}

// The spurious feature is right on the majority and wrong on the minority.
func TestSpurious(t *testing.T) {
	s := run1(t, finiteData(t, easyLaw(.9), 300), `{"name": "spurious"}`, "")["summary"]
	for row := range 3 {
		for column, want := range map[string]any{"steps": int64(0), "accuracy": .9, "accuracy_00": 1., "accuracy_01": 0., "accuracy_10": 0., "accuracy_11": 1.,
			"spurious_correlation": 1., "core_correlation": 0., "loss": nil} {
			if got := value(t, s, column, row); got != want {
				t.Errorf("%s is %v, want %v", column, got, want)
			}
		}
	}
	if got := value(t, s, "label_access", 0); got != "attribute: training (train)" {
		t.Errorf("it read %v", got)
	}
}
