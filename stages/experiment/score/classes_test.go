package score

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

func nineGroups(t testing.TB) *dataset.Dataset {
	return datasettest.Mixed(t, 3, 3, datasettest.Sizes{Train: 40, Validation: 60, Test: 90})
}

// perSample gives what two networks predict, as debias, head and train write it.
func perSample(t testing.TB, d *dataset.Dataset, nets map[string]*neuralnet.Network) *frame.Table {
	t.Helper()
	b := frame.NewBuilder(append([]frame.Field{{Name: "selection", Type: frame.String, Doc: "The rule."}}, evaluation.PredictionFields...))
	for _, rule := range []string{"last", "best_validation_accuracy"} {
		if err := evaluation.AppendPredictions(t.Context(), b, d, nets[rule], "cross_entropy", &dataset.Ledger{}, func() { b.String("selection", rule) }); err != nil {
			t.Fatal(err)
		}
	}
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func networks(t testing.TB, d *dataset.Dataset) map[string]*neuralnet.Network {
	t.Helper()
	nets := map[string]*neuralnet.Network{}
	for seed, rule := range []string{"last", "best_validation_accuracy"} {
		net, err := neuralnet.New(neuralnet.NetworkSettings{Hidden: []int{5}, Outputs: d.ClassCount(), Bias: true, Init: "pytorch", InitScale: 1}, d.Dimensions, kernel.NewStream(int64(seed), "init"))
		if err != nil {
			t.Fatal(err)
		}
		nets[rule] = net
	}
	return nets
}

const bothRules = `{"method": "mine", "selection": ["last", "best_validation_accuracy"]}`

// Measured by its predictions, a network has the measures that it has when it is evaluated itself: of two classes, of more,
// and without attributes.
func TestPredictionsOfANetworkScoreAsTheNetwork(t *testing.T) {
	two := datasettest.Mixed(t, 2, 2, datasettest.Sizes{Train: 40, Validation: 60, Test: 90})
	for _, d := range []*dataset.Dataset{two, nineGroups(t), datasettest.Mixed(t, 4, 3, datasettest.Sizes{Train: 40, Validation: 60, Test: 200}), datasettest.Unattributed(t, nineGroups(t))} {
		nets := networks(t, d)
		s := stagetest.Run(t, Kind, bothRules, inputs(t, d, perSample(t, d, nets)))["summary"]
		for row, rule := range []string{"last", "best_validation_accuracy"} {
			for _, split := range []struct {
				samples *dataset.Samples
				columns map[string]string
			}{{d.Test, map[string]string{"accuracy": "accuracy", "worst_group_accuracy": "worst_group_accuracy", "worst_group": "worst_group", "core_correlation": "core_correlation",
				"spurious_correlation": "spurious_correlation", "worst_class_accuracy": "worst_class_accuracy", "macro_f1": "macro_f1", "minority_accuracy": "minority_accuracy", "auroc": "auroc"}},
				{d.Validation, map[string]string{"validation_accuracy": "accuracy", "validation_worst_group_accuracy": "worst_group_accuracy"}}} {
				e, err := evaluation.NewSampleEvaluator(&d.Description, split.samples, dataset.Evaluation, "cross_entropy", &dataset.Ledger{})
				if err != nil {
					t.Fatal(err)
				}
				m, err := e.Evaluate(t.Context(), nets[rule])
				if err != nil {
					t.Fatal(err)
				}
				scored, err := e.Score(t.Context(), nets[rule])
				if err != nil {
					t.Fatal(err)
				}
				b := frame.NewBuilder(append(evaluation.MeasureFields(""), evaluation.ScoredFields("")...))
				m.Append(b, "")
				scored.Append(b, "")
				b.EndRow()
				want, err := b.Table()
				if err != nil {
					t.Fatal(err)
				}
				if split.samples == d.Test { // of probabilities that the table has as float32
					if got, want := s.Column("expected_calibration_error").Value(row).(float64), scored.Calibration.Value; math.Abs(got-want) > 1e-6 {
						t.Errorf("%d classes, %s: the calibration error is %v, want %v", d.ClassCount(), rule, got, want)
					}
					for column, at := range map[string]bool{"auroc_se": d.ClassCount() == 2, "expected_calibration_error_se": true, "macro_f1_se": true} {
						if se, ok := s.Column(column).Value(row).(float64); ok != at || ok && !(se > 0 && se < .2) {
							t.Errorf("%d classes, %s: %s is %v", d.ClassCount(), rule, column, s.Column(column).Value(row))
						}
					}
				}
				for column, of := range split.columns {
					if got, want := s.Column(column).Value(row), want.Column(of).Value(0); got != want {
						t.Errorf("%d classes, %s: %s is %v, want %v", d.ClassCount(), rule, column, got, want)
					}
				}
			}
		}
		if s.Column("accuracy").Value(0) == s.Column("accuracy").Value(1) {
			t.Error("both rules have the same predictions: the test shows nothing")
		}
	}
}

func TestErrorsOfClasses(t *testing.T) {
	d, two := nineGroups(t), datasettest.Mixed(t, 2, 2, datasettest.Sizes{Train: 40, Validation: 60, Test: 90})
	good, binary := perSample(t, d, networks(t, d)), perSample(t, two, networks(t, two))
	without := func(of *frame.Table, names ...string) *frame.Table {
		c := *of
		c.Columns = slices.DeleteFunc(slices.Clone(of.Columns), func(c frame.Column) bool { return slices.Contains(names, c.Name) })
		return &c
	}
	with := func(of *frame.Table, row int, class int64) *frame.Table {
		c := without(of)
		for i := range c.Columns {
			if c.Columns[i].Name == "prediction" {
				c.Columns[i].Int64s = slices.Clone(c.Columns[i].Int64s)
				c.Columns[i].Int64s[row] = class
			}
		}
		return c
	}
	probable := func(row int, list ...float32) *frame.Table { // of three classes
		c := without(good)
		for i := range c.Columns {
			if c.Columns[i].Name == "probabilities" {
				c.Columns[i].Float32s = slices.Clone(c.Columns[i].Float32s)
				copy(c.Columns[i].Float32s[3*row:], list)
			}
		}
		return c
	}
	longer := without(binary, "probabilities") // with those of three classes
	longer.Columns = append(longer.Columns, *good.Column("probabilities"))
	named := without(good, "probabilities")
	for i := range named.Columns {
		if named.Columns[i].Name == "row" {
			named.Columns[i].Name = "probabilities"
		}
	}
	first := binary.Column("prediction").Int64s[0]
	next := float32((good.Column("prediction").Int64s[1] + 1) % 3)
	for _, c := range []struct {
		settings, want string
		d              *dataset.Dataset
		p              *frame.Table
	}{
		{bothRules, "", d, good},
		{bothRules, "", two, without(binary, "prediction")},
		{bothRules, "", two, without(binary, "score")},
		{bothRules, "there are 3 classes, which one score does not tell apart", d, without(good, "prediction")},
		{bothRules, "row 6 has the prediction 3; there are the classes 0 to 2", d, with(good, 5, 3)},
		{bothRules, "row 6 has the prediction -1; there are the classes 0 to 2", d, with(good, 5, -1)},
		{bothRules, "row 2 has the probability 1.5; give numbers from 0 to 1", d, probable(1, 1.5, 0, 0)},
		{bothRules, "row 2 has probabilities that sum to 0.75; they must sum to 1", d, probable(1, .25, .25, .25)},
		{bothRules, "has the largest probability; leave one of the columns out", d, probable(1, max(0, 1-abs(next)), max(0, 1-abs(next-1)), max(0, 1-abs(next-2)))},
		{bothRules, "row 1 has 3 probabilities; there are 2 classes", two, longer},
		{bothRules, "the column probabilities is of type int64", d, named},
		{bothRules, "row 1 has the score", two, with(binary, 0, 1-first)},
		{`{"method": "m", "selection": ["best_validation_worst_group"]}`, "there are none of the rule best_validation_worst_group in the column selection; there are those of last, best_validation_accuracy", d, good},
	} {
		_, err := stagetest.Try(t.Context(), Kind, c.settings, inputs(t, c.d, c.p))
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%v, want an error with %q", err, c.want)
		}
	}
}

// Probabilities are those of the softmax of logits, and of the sigmoid of a margin: by hand for a network whose output is
// its biases alone.
func TestProbabilities(t *testing.T) {
	for _, biases := range [][]float32{{0, 1}, {.5, -1, 2}} {
		d := datasettest.Mixed(t, len(biases), 2, datasettest.Sizes{Train: 5, Validation: 5, Test: 5})
		net := &neuralnet.Network{Activation: "relu", OutputScale: 1, Layers: []neuralnet.Layer{{In: 4, Out: len(biases), Weights: make([]float32, 4*len(biases)), Biases: biases}}}
		p := perSample(t, d, map[string]*neuralnet.Network{"last": net, "best_validation_accuracy": net})
		sum := 0.0
		for _, b := range biases {
			sum += math.Exp(float64(b))
		}
		for k, b := range biases {
			if got := float64(p.Column("probabilities").Float32List(3)[k]); math.Abs(got-math.Exp(float64(b))/sum) > 1e-7 {
				t.Errorf("the probability of class %d of %v is %v", k, biases, got)
			}
		}
		if null := p.Column("score").Null(0); null != (len(biases) > 2) {
			t.Errorf("%d classes: no score %v", len(biases), null)
		}
	}
}

func abs(x float32) float32 { return max(x, -x) }
