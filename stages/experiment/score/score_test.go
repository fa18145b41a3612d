package score

import (
	"flag"
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

var update = flag.Bool("update", false, "rewrite golden files")

// sampled has 40 samples for training, and rows for validation and for the test.
func sampled(t testing.TB, rows int) *dataset.Dataset {
	t.Helper()
	return datasettest.Finite(t, datasettest.Easy(.8), 5, datasettest.Sizes{Train: 40, Validation: rows, Test: rows})
}

// predicted makes a table of what predict says of each validation and test sample.
func predicted(d *dataset.Dataset, labelled bool, predict func(label, attribute int16) float64) *frame.Table {
	var splits []string
	var scores []float64
	var labels []int64
	for _, s := range []*dataset.Samples{d.Test, d.Validation} { // the order of splits does not matter
		attributes := s.Attributes(&dataset.Ledger{}, dataset.Evaluation)
		for i, y := range s.Labels(&dataset.Ledger{}, dataset.Evaluation) {
			splits, scores, labels = append(splits, string(s.Split)), append(scores, predict(y, attributes[i])), append(labels, int64(y))
		}
	}
	t := &frame.Table{Columns: []frame.Column{frame.Strings(frame.Field{Name: "split"}, splits), frame.Float64s(frame.Field{Name: "score"}, scores)}}
	if labelled {
		t.Columns = append(t.Columns, frame.Int64s(frame.Field{Name: "label"}, labels))
	}
	return t
}

func follows(_, attribute int16) float64 { return float64(attribute) - .5 }

func inputs(t testing.TB, d *dataset.Dataset, p *frame.Table) stagetest.Inputs {
	t.Helper()
	return stagetest.Inputs{"data": stagetest.Built(t, d), "predictions": stagetest.Tables(p)}
}

const settings = `{"method": "mine", "label_access": "group: training (train)", "selection": ["last", "best_validation_accuracy"]}`

func cases(t testing.TB) []stagetest.Case {
	d := sampled(t, 100)
	external := sampled(t, 100)
	external.Law = nil
	return []stagetest.Case{
		{Name: "all", Settings: settings, Inputs: inputs(t, d, predicted(d, true, follows))},
		{Name: "three classes", Settings: bothRules, Inputs: inputs(t, nineGroups(t), perSample(t, nineGroups(t), networks(t, nineGroups(t))))},
		{Name: "no law", Settings: `{"method": "mine"}`, Inputs: inputs(t, external, predicted(external, false, follows))},
	}
}

func TestConform(t *testing.T) { stagetest.Conform(t, Kind, cases(t)...) }

// A small run of each case keeps its bytes: go test ./stages/experiment/score -run Golden -update
func TestGolden(t *testing.T) { stagetest.GoldenFiles(t, Kind, *update, cases(t)...) }

// Predictions that follow the spurious feature are right on the majority and wrong on the minority, and a score of
// exactly 0 predicts 1.
func TestMeasures(t *testing.T) {
	d := sampled(t, 200)
	s := stagetest.Run(t, Kind, settings, inputs(t, d, predicted(d, true, follows)))["summary"]
	if s.Rows() != 2 {
		t.Fatalf("%d rows", s.Rows())
	}
	value := func(column string) any { return s.Column(column).Value(0) }
	for column, want := range map[string]any{
		"method": "mine", "selection": "last", "label_access": "declared: group: training (train)", "accuracy_00": 1., "accuracy_01": 0., "accuracy_10": 0., "accuracy_11": 1.,
		"worst_group_accuracy": 0., "worst_group": "01", "group_mean_accuracy": .5, "core_correlation": 0., "spurious_correlation": 1., "core_floor": 0.,
		"loss": nil, "expected_calibration_error": nil, "expected_calibration_error_se": nil, "auroc_se": 0., "macro_f1_se": 0., // groups are predicted alike
		"minority_accuracy": 0., "majority_accuracy": 1., "measured_on": "test", "test_points": int64(200), "validation_points": int64(200), "evaluation_points": int64(200), "evaluation_exact": false, "note": nil,
	} {
		if got := value(column); got != want {
			t.Errorf("%s is %v, want %v", column, got, want)
		}
	}
	if got := value("auroc").(float64); math.Abs(got-.8) > 1e-12 { // .8 of either label are on its side: .64, and half of the ties, .32
		t.Errorf("AUROC %v", got)
	}
	if got := value("accuracy").(float64); math.Abs(got-.8) > 1e-12 { // the law's masses, not the shares of the split
		t.Errorf("accuracy %v", got)
	}
	same := func(samples *dataset.Samples) (share float64) {
		for _, g := range samples.Groups(&dataset.Ledger{}, dataset.Evaluation) {
			if g == 0 || g == 3 {
				share += 1 / float64(samples.Rows)
			}
		}
		return share
	}
	for column, split := range map[string]*dataset.Samples{"test_accuracy": d.Test, "validation_accuracy": d.Validation, "train_weighted_accuracy": d.Train} {
		if got, want := value(column).(float64), same(split); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", column, got, want)
		}
	}
	zero := stagetest.Run(t, Kind, `{"method": "mine"}`, inputs(t, d, predicted(d, true, func(_, _ int16) float64 { return 0 })))["summary"]
	if a, note := zero.Column("accuracy_11").Value(0), zero.Column("note").Value(0); a != 1. || note != "One class is predicted." {
		t.Errorf("scores of 0: accuracy %v on label 1, note %v", a, note)
	}
}

// Predictions of the test split alone leave validation open; a group that is not there leaves correlations open.
func TestWhatIsMissing(t *testing.T) {
	d := sampled(t, 100)
	d.Validation = nil
	p := predicted(&dataset.Dataset{Test: d.Test, Validation: d.Test}, false, follows)
	p.Columns[0].Strings, p.Columns[1].Float64s = frame.TextsOf(p.Columns[0].Strings.Rows()[:100]), p.Columns[1].Float64s[:100]
	s := stagetest.Run(t, Kind, `{"method": "mine"}`, inputs(t, d, p))["summary"]
	if s.Column("validation_accuracy").Value(0) != nil || s.Column("core_correlation").Value(0) != 0. {
		t.Errorf("validation accuracy %v, core correlation %v", s.Column("validation_accuracy").Value(0), s.Column("core_correlation").Value(0))
	}
	few := sampled(t, 1)
	s = stagetest.Run(t, Kind, `{"method": "mine"}`, inputs(t, few, predicted(few, false, follows)))["summary"]
	if note, _ := s.Column("note").Value(0).(string); !strings.HasPrefix(note, "The test split lacks a group") || s.Column("core_correlation").Value(0) != nil {
		t.Errorf("one sample: note %q, core correlation %v", note, s.Column("core_correlation").Value(0))
	}
}

func TestErrors(t *testing.T) {
	d := sampled(t, 50)
	good := predicted(d, true, follows)
	with := func(change func(t *frame.Table)) *frame.Table {
		p := predicted(d, true, follows)
		change(p)
		return p
	}
	cut := func(n int) *frame.Table {
		return with(func(p *frame.Table) {
			p.Columns[0].Strings, p.Columns[1].Float64s, p.Columns[2].Int64s = frame.TextsOf(p.Columns[0].Strings.Rows()[:n]), p.Columns[1].Float64s[:n], p.Columns[2].Int64s[:n]
		})
	}
	bare := sampled(t, 50)
	bare.Test = nil
	for _, c := range []struct {
		name, settings, want string
		d                    *dataset.Dataset
		p                    *frame.Table
	}{
		{"too few", `{"method": "m"}`, "there are 49 for the 50 samples of the split test", d, cut(49)},
		{"too many", `{"method": "m"}`, "one more than the 50 samples of the split test", d, with(func(p *frame.Table) { p.Columns[0].Strings.Set(60, "test") })},
		{"a split that is not there", `{"method": "m"}`, `of the split "tset"`, d, with(func(p *frame.Table) { p.Columns[0].Strings.Set(3, "tset") })},
		{"another order", `{"method": "m"}`, "must be in the order", d, with(func(p *frame.Table) { p.Columns[2].Int64s[7] = 1 - p.Columns[2].Int64s[7] })},
		{"no score", `{"method": "m"}`, `"score"`, d, with(func(p *frame.Table) { p.Columns[1].Name = "margin" })},
		{"no test split", `{"method": "m"}`, "no test split", bare, good},
		{"validation alone", `{"method": "m"}`, "none of the split test", d, with(func(p *frame.Table) {
			p.Columns[0].Strings, p.Columns[1].Float64s, p.Columns[2].Int64s = frame.TextsOf(p.Columns[0].Strings.Rows()[50:]), p.Columns[1].Float64s[50:], p.Columns[2].Int64s[50:]
		})},
		{"no rule", `{"method": "m", "selection": []}`, "setting selection is empty", d, good},
		{"a rule twice", `{"method": "m", "selection": ["last", "last"]}`, "stands twice", d, good},
	} {
		_, err := stagetest.Try(t.Context(), Kind, c.settings, inputs(t, c.d, c.p))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
	missing := predicted(d, false, follows)
	missing.Columns[1] = missing.Columns[1].WithValid(make([]bool, 100))
	if _, err := stagetest.Try(t.Context(), Kind, `{"method": "m"}`, inputs(t, d, missing)); err == nil || !strings.Contains(err.Error(), "has no score") {
		t.Errorf("a null: %v", err)
	}
}
