package debias

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/stagetest"
)

// shortStages are settings with which stages that a method takes of its own fit into 60 steps.
var shortStages = map[string]int{"first_steps": 20, "split_steps": 10, "split_every": 4, "inference_steps": 50, "warmup_epochs": 2}

// short gives the settings of a method as they are but for shortStages, and rest.
func short(m *Method, rest string) string {
	text := fmt.Sprintf(`{"name": %q`, m.Name)
	for _, a := range Kind.Schema().Attribute("method").Nested.Attributes {
		if value, ok := shortStages[a.Name]; ok && slices.Contains(a.For, m.Name) {
			text += fmt.Sprintf(`, %q: %d`, a.Name, value)
		}
	}
	return text + rest + "}"
}

// An odd is a condition that methods meet.
type odd struct {
	name              string
	rest              string
	strength          float64                                    // of the confounder; 0 for 0.8
	train, validation func(row int, label, attribute int16) bool // which samples there are; nil for all
	// note is what the rows of every method say, trained those of methods that train, and of those of some;
	// errs is what the errors of others say instead.
	note, trained string
	of, errs      map[string]string
}

const (
	empty    = "The error set is empty after 20 steps"
	nothing  = "so that there is nothing to contrast"
	together = "All training samples are in one environment"
)

func label1(_ int, y, _ int16) bool  { return y == 1 }
func not01(_ int, y, s int16) bool   { return y != 0 || s != 1 }
func sixth(row int, _, _ int16) bool { return row == 5 }
func six(row int, _, _ int16) bool   { return row < 6 }

var odds = []odd{
	{name: "a group that the training set lacks", train: not01, note: "There are no training samples of the group 01."},
	{name: "no minority", strength: 1, note: "There are no training samples of the group 01 or 10."},
	{name: "one class", train: label1, note: "There are no training samples of the group 00 or 01.",
		of: map[string]string{"jtt": empty, "cnc": nothing, "eiil": together}},
	{name: "one sample", train: sixth, note: "There are no training samples of the group 00, 01 or 11.",
		of:   map[string]string{"jtt": empty, "cnc": nothing, "eiil": together, "george": "all features are equal, 1 cluster", "spare": "have 1 distinct values"},
		errs: map[string]string{"ssa": "the data set needs two validation samples, and a training sample for each part"}},
	{name: "a first network that interpolates", train: six, rest: `"steps": 300`, of: map[string]string{"jtt": empty, "cnc": nothing, "eiil": together}},
	{name: "groups that batches lack", rest: `"batch": 2`, of: map[string]string{"group_dro": "60 of 60 batches had no row of some group, whose weight was kept.",
		"irm": "60 of 60 batches had too few rows of an environment for its penalty.", "cnc": "40 of 40 batches had nothing to contrast"}},
	{name: "a constant predictor", rest: `"network": {"hidden": [4], "init": "zeros"}, "optimizer": {"type": "sgd", "rate": 1e-9}`, trained: "The network predicts one class.",
		of: map[string]string{"cnc": "had nothing to contrast", "spare": "have 1 distinct values", "george": "all features are equal, 1 cluster",
			"ssa": "The predictor of the split 1 is right about none of the samples of some group"}},
	{name: "a training that diverges", rest: `"optimizer": {"type": "sgd", "rate": 1e30}`, trained: "diverged"},
	{name: "batches of one", rest: `"batch": 1`, of: map[string]string{"irm": "60 of 60 batches had too few rows", "eiil": "40 of 40 batches had no row of some environment, whose weight was kept.",
		"george": "of some cluster", "ssa": "of some label and predicted attribute", "cnc": "40 of 40 batches had nothing to contrast"}},
	{name: "a batch larger than the training set", rest: `"batch": 1000`},
	{name: "one output", rest: `"network": {"hidden": [16], "outputs": 1}, "loss": "logistic"`},
	{name: "a loss without probabilities", rest: `"network": {"hidden": [16], "outputs": 1}, "loss": "squared", "optimizer": {"type": "sgd", "rate": 0.02}`,
		errs: map[string]string{"lff": "loss: A loss without probabilities", "ssa": "loss: A loss without probabilities"}},
	{name: "no hidden layer", rest: `"network": {"hidden": []}`, errs: map[string]string{"cnc": "network.hidden: No features to contrast"}},
	{name: "two hidden layers without biases, and Adam", rest: `"network": {"hidden": [8, 8], "bias": false}, "optimizer": {"type": "adam", "rate": 0.01}`},
	{name: "a group that the validation split lacks", validation: not01, note: "There are no validation samples of the group 01."},
	{name: "one validation sample", validation: sixth, note: "There are no validation samples of the group 00, 01 or 11.",
		errs: map[string]string{"ssa": "the data set needs two validation samples, and a training sample for each part"}},
}

// data gives the data set of the condition.
func (c *odd) data(t testing.TB) *dataset.Dataset {
	d := finiteData(t, easyLaw(cmp.Or(c.strength, .8)), 100)
	if c.train != nil {
		d.Train = datasettest.Only(t, d.Train, c.train)
	}
	if c.validation != nil {
		d.Validation = datasettest.Only(t, d.Validation, c.validation)
	}
	return d
}

// Whatever the data and the training, every method gives its three rows, of finite numbers and nulls, in which what
// happened is said; or an error that says what is needed.
func TestEveryMethodSurvives(t *testing.T) {
	for _, c := range odds {
		in := inputs(t, c.data(t))
		for _, m := range methods {
			t.Run(c.name+"/"+m.Name, func(t *testing.T) {
				out, err := stagetest.Try(t.Context(), Kind, settings(short(m, ""), c.rest), in)
				if want, ok := c.errs[m.Name]; ok {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("%v, want an error with %q", err, want)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				checkRows(t, out.Tables["summary"], m, &c)
			})
		}
	}
}

func checkRows(t *testing.T, s *frame.Table, m *Method, c *odd) {
	t.Helper()
	wants := []string{c.note, c.of[m.Name]}
	trains := m != constant && m != spurious
	if trains {
		wants = append(wants, c.trained)
	}
	if s.Rows() != 3 {
		t.Fatalf("%d rows", s.Rows())
	}
	for row := range 3 {
		note, _ := value(t, s, "note", row).(string)
		for _, want := range wants {
			if !strings.Contains(note, want) {
				t.Errorf("%v: the note %q lacks %q", value(t, s, "selection", row), note, want)
			}
		}
	}
	step, steps, diverged := value(t, s, "step", 0), value(t, s, "steps", 0), value(t, s, "diverged_step", 0)
	if diverges := c.trained == "diverged"; (diverged != nil) != (diverges && trains) || !diverges && trains && step != steps {
		t.Errorf("step %v of %v, diverged in step %v", step, steps, diverged)
	}
}

// Inputs may be any numbers, of data without a law.
func TestEveryMethodTakesRealInputs(t *testing.T) {
	d := withTest(t, finiteData(t, easyLaw(.8), 100), "test")
	for _, split := range []**dataset.Samples{&d.Train, &d.Validation} {
		s := *split
		x := make([]float32, s.Rows*s.Dimensions)
		s.Inputs(x, 0, s.Rows)
		for i := range x {
			x[i] *= 1 + float32(i%7)/100
		}
		var err error
		if *split, err = dataset.Real(s.Split, s.Dimensions, x, s.Labels(&dataset.Ledger{}, dataset.Evaluation), s.Attributes(&dataset.Ledger{}, dataset.Evaluation)); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range methods {
		checkRows(t, run1(t, d, short(m, withoutLaw(m)), "")["summary"], m, &odd{})
	}
}

// On fresh samples of a law without a minority the rows say so too; methods that remember samples refuse.
func TestFreshSamplesWithoutAMinority(t *testing.T) {
	for _, m := range methods {
		out, err := stagetest.Try(t.Context(), Kind, settings(short(m, ""), ""), inputs(t, freshData(1)))
		if m.Finite {
			if err == nil || !strings.Contains(err.Error(), "give the stage that makes it a number of training samples") {
				t.Errorf("%s: %v", m.Name, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", m.Name, err)
			continue
		}
		note, _ := value(t, out.Tables["summary"], "note", 0).(string)
		for _, samples := range []string{"training", "validation"} {
			if !strings.Contains(note, "There are no "+samples+" samples of the group 01 or 10.") {
				t.Errorf("%s: the note says %q", m.Name, note)
			}
		}
	}
}
