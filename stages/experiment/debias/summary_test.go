package debias

import (
	"math"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
)

// External data is measured and selected on its own splits.
func TestExternalData(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 300)
	test := *d.Validation
	test.Split = dataset.TestSplit
	d.Law, d.Test = nil, &test
	for _, method := range []string{`{"name": "group_dro"}`, `{"name": "jtt", "first_steps": 20}`} {
		s := run1(t, d, method, `"sampling": "auto"`)["summary"]
		if got, want := value(t, s, "worst_group_accuracy", 2), value(t, s, "validation_worst_group_accuracy", 2); got != want || got == nil {
			t.Errorf("%s: %v on the test split, %v on the validation split of the same rows", method, got, want)
		}
		if got, want := value(t, s, "core_correlation", 2), 2*value(t, s, "group_mean_accuracy", 2).(float64)-1; got != want || value(t, s, "measured_on", 2) != "test" {
			t.Errorf("%s: core correlation %v on %v, the balanced estimate is %v", method, got, value(t, s, "measured_on", 2), want)
		}
		if value(t, s, "core_floor", 0) != nil || value(t, s, "evaluation_points", 0) != int64(150) {
			t.Errorf("%s: core correlation %v on %v points", method, value(t, s, "core_correlation", 0), value(t, s, "evaluation_points", 0))
		}
	}
}

// Beside the law, rows have the average by training groups, and what a test split says: here the
// rows of the validation split, so that both must agree.
func TestMeasuresOnSplits(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 300)
	test := *d.Validation
	test.Split = dataset.TestSplit
	d.Test = &test
	for _, method := range []string{`{"name": "erm"}`, `{"name": "spurious"}`, `{"name": "constant"}`} {
		s := run1(t, d, method, `"steps": 40`)["summary"]
		for row := range 3 {
			want := 0.
			for _, g := range d.Train.Groups(&dataset.Ledger{}, dataset.Evaluation) {
				want += value(t, s, "accuracy_"+evaluation.GroupNames[g], row).(float64) / 300
			}
			if got := value(t, s, "train_weighted_accuracy", row).(float64); math.Abs(got-want) > 1e-12 {
				t.Errorf("%s: weighted %v, want %v", method, got, want)
			}
			for _, column := range []string{"accuracy", "worst_group_accuracy"} {
				if got, want := value(t, s, "test_"+column, row), value(t, s, "validation_"+column, row); got != want || got == nil {
					t.Errorf("%s: test_%s is %v, on the same rows validation has %v", method, column, got, want)
				}
			}
		}
	}
}

// The selected network is measured on core blocks that no training sample has too: a row says what an evaluator
// of the same points says of the model, and nothing where all blocks occur or samples are fresh.
func TestMeasuresOnUnseenBlocks(t *testing.T) {
	law := easyLaw(.9)
	law.CoreLength = 5
	d := finiteData(t, law, 40)
	c := datasettest.Compile(t, law)
	evaluator, err := evaluation.NewUnseenEvaluator(d.Train, c, 4096, trainloop.UnseenStream(3), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	out := run1(t, d, `{"name": "erm"}`, "")
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	want, err := evaluator.Evaluate(t.Context(), m.Last().Net)
	if err != nil || !want.Accuracy.Valid {
		t.Fatalf("%+v, error %v", want, err)
	}
	for column, want := range map[string]float64{"unseen_accuracy": want.Accuracy.Value, "unseen_core_correlation": want.Core.Value} {
		if got := value(t, out["summary"], column, 0); got != want {
			t.Errorf("%s is %v, want %v", column, got, want)
		}
	}
	followed, err := evaluator.Follow(func(_, attribute int16) int16 { return attribute })
	if err != nil {
		t.Fatal(err)
	}
	if got := value(t, run1(t, d, `{"name": "spurious"}`, "")["summary"], "unseen_core_correlation", 0); got != followed.Core.Value {
		t.Errorf("the spurious feature has %v, want %v", got, followed.Core.Value)
	}
	for name, d := range map[string]*dataset.Dataset{"fresh samples": freshData(.9), "all blocks": finiteData(t, easyLaw(.9), 300)} {
		if got := value(t, run1(t, d, `{"name": "erm"}`, "")["summary"], "unseen_accuracy", 0); got != nil {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// A network that predicts one class says so in its row.
func TestOneClassIsNoted(t *testing.T) {
	network := `"network": {"hidden": [4], "init": "zeros"}, "optimizer": {"type": "sgd", "rate": 1e-9}`
	s := run1(t, freshData(.9), `{"name": "erm"}`, network)["summary"]
	if note := value(t, s, "note", 0); note != "The network predicts one class." {
		t.Errorf("the note says %v", note)
	}
}

// A network that follows the attribute turned round says so in its row.
func TestOverCorrectionIsNoted(t *testing.T) {
	// Trained on data whose attribute is mostly the other label, a network goes against it.
	s := run1(t, finiteData(t, easyLaw(.02), 300), `{"name": "erm"}`, "")["summary"]
	if note, _ := value(t, s, "note", 0).(string); !contains(note, "goes against the spurious attribute") {
		t.Errorf("the note says %q", note)
	}
}
