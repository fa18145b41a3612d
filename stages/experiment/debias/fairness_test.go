package debias

import (
	"errors"
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// Every method takes the steps of the budget, first stages and second networks included: no more and no fewer.
func TestEveryMethodTakesTheBudget(t *testing.T) {
	d := finiteData(t, easyLaw(.8), 100)
	for _, m := range methods {
		for steps, rest := range map[int64]string{60: `"steps": 60`, 61: `"steps": 61`} {
			want := steps
			if m == constant || m == spurious {
				want = 0
			}
			s := run1(t, d, short(m, ""), rest)["summary"]
			for row := range 3 {
				if got := value(t, s, "steps", row); got != want {
					t.Errorf("%s took %v of %d steps", m.Name, got, steps)
				}
			}
			if got := value(t, s, "step", 0); got != want {
				t.Errorf("%s: the last network is that of step %v of %d", m.Name, got, steps)
			}
		}
	}
}

// How often, and on how many points, networks are measured changes no training: the streams of evaluation are its own.
func TestEvaluationDoesNotDisturbTraining(t *testing.T) {
	for _, d := range []*dataset.Dataset{finiteData(t, easyLaw(.8), 100), freshData(.8)} {
		for _, m := range methods {
			if m.Finite && d.Train == nil {
				continue
			}
			often := lastModel(t, run1(t, d, short(m, ""), `"evaluation": {"every": 1}`))
			seldom := lastModel(t, run1(t, d, short(m, ""), `"evaluation": {"every": 1000, "points": 64}`))
			if often != seldom {
				t.Errorf("%s: evaluated at each step it trains another network", m.Name)
			}
		}
	}
}

// withTest gives the data set, without its law, with a test split drawn for a name.
func withTest(t *testing.T, d *dataset.Dataset, name string) *dataset.Dataset {
	t.Helper()
	test := datasettest.Draw(t, datasettest.Compile(t, d.Law), dataset.TestSplit, 80, kernel.NewStream(5, name))
	return &dataset.Dataset{Description: dataset.Description{Dimensions: d.Dimensions}, Train: d.Train, Validation: d.Validation, Test: test}
}

// withoutLaw gives settings with which a method runs on data without a law.
func withoutLaw(m *Method) string {
	if m == lisa {
		return `, "mix": "linear"` // there is no block to swap
	}
	return ""
}

// The test split is for measures: with another one the rules select the same steps and networks.
func TestSelectionNeverReadsTheTestSplit(t *testing.T) {
	d := finiteData(t, easyLaw(.8), 100)
	one, other := withTest(t, d, "one"), withTest(t, d, "other")
	for _, m := range methods {
		a, b := run1(t, one, short(m, withoutLaw(m)), `"evaluation": {"every": 2}`), run1(t, other, short(m, withoutLaw(m)), `"evaluation": {"every": 2}`)
		if stagetest.Digest(a["model"]) != stagetest.Digest(b["model"]) {
			t.Errorf("%s: other networks are selected with another test split", m.Name)
		}
		for _, column := range []string{"step", "validation_accuracy", "validation_worst_group_accuracy", "label_access"} {
			for row := range 3 {
				if got, want := value(t, a["summary"], column, row), value(t, b["summary"], column, row); got != want {
					t.Errorf("%s, row %d: %s is %v with a test split and %v with another", m.Name, row, column, got, want)
				}
			}
		}
		if m != spurious && value(t, a["summary"], "loss", 0) == value(t, b["summary"], "loss", 0) {
			t.Errorf("%s: the test split changes no measure, so this shows nothing", m.Name)
		}
	}
}

// What a method does not declare has no effect on what it trains: neither other attributes of the training samples
// nor another validation split change a bit of the last network.
func TestWhatIsNotDeclaredHasNoEffect(t *testing.T) {
	plain := withTest(t, finiteData(t, easyLaw(.8), 100), "test") // without a law, which attributes must follow
	flipped, validated := *plain, *plain
	other := func(row int, s int16) int16 { return s ^ int16(row%2) }
	flipped.Train = withAttributes(t, plain.Train, other)
	validated.Validation = withAttributes(t, datasettest.Only(t, plain.Validation, func(row int, _, _ int16) bool { return row%3 > 0 }), other)
	reads := func(m *Method, split dataset.Split) bool {
		return slices.ContainsFunc(m.Reads, func(a Access) bool { return a.Split == split })
	}
	for _, m := range methods {
		last := lastModel(t, run1(t, plain, short(m, withoutLaw(m)), ""))
		for name, c := range map[string]struct {
			d    *dataset.Dataset
			read bool
		}{"attributes": {&flipped, reads(m, dataset.TrainSplit)}, "a validation split": {&validated, reads(m, dataset.ValidationSplit)}} {
			changed := lastModel(t, run1(t, c.d, short(m, withoutLaw(m)), "")) != last
			if changed && !c.read {
				t.Errorf("%s declares no use of %s, and trains another network with others", m.Name, name)
			}
			if !changed && c.read && m != spurious { // which has no network
				t.Errorf("%s declares to use %s, and trains the same network with others", m.Name, name)
			}
		}
	}
}

func withAttributes(t *testing.T, s *dataset.Samples, of func(row int, attribute int16) int16) *dataset.Samples {
	t.Helper()
	return datasettest.Marked(t, s, func(row int, label, attribute int16) (int16, int16) { return label, of(row, attribute) })
}

// A network whose output for a training sample is no number has diverged, whoever looks: nothing is inferred of it.
func TestOutputsThatAreNoNumbers(t *testing.T) {
	trial := newTestTrial(t, finiteData(t, easyLaw(.9), 30), Settings{Batch: 8, Method: MethodSettings{Name: "jtt"}})
	infinite := float32(math.Inf(1))
	net := &neuralnet.Network{Activation: "relu", OutputScale: 1, Layers: []neuralnet.Layer{{In: 6, Out: 1, Weights: []float32{infinite, infinite, 0, 0, 0, 0}}}}
	if _, err := trial.Wrong(t.Context(), net); !errors.Is(err, neuralnet.ErrDiverged) {
		t.Errorf("error %v", err)
	}
}
