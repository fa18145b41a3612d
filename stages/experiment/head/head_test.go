package head

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/common/model/modeltest"
	"spurion/stages/stagetest"
)

func trained(t testing.TB, outputs int) *model.Model {
	t.Helper()
	return modeltest.Relying(t, modeltest.Network(outputs), 30, 120)
}

// finite has a training and a validation split of rows each.
func finite(t testing.TB, rows int, strength float64) *dataset.Dataset {
	t.Helper()
	return datasettest.Finite(t, datasettest.Easy(strength), 11, datasettest.Sizes{Train: rows, Validation: rows})
}

var baseFields = []frame.Field{
	{Name: "method", Type: frame.String}, {Name: "selection", Type: frame.String}, {Name: "label_access", Type: frame.String},
	{Name: "step", Type: frame.Int64, Nullable: true}, {Name: "steps", Type: frame.Int64}, {Name: "earlier_steps", Type: frame.Int64},
	{Name: "worst_group_accuracy", Type: frame.Float64, Nullable: true},
}

// summary gives rows as debias would: the rules of steps, -1 for none.
func summary(t testing.TB, steps ...int64) *frame.Table {
	t.Helper()
	b := frame.NewBuilder(baseFields)
	for i, step := range steps {
		b.String("method", "erm")
		b.String("selection", []string{lastRule, accuracyRule, worstRule}[i])
		b.String("label_access", []string{"none", "split: selection (validation)", "group: selection (validation)"}[i])
		if step < 0 {
			b.Null("step")
			b.Null("worst_group_accuracy")
		} else {
			b.Int64("step", step)
			b.Float64("worst_group_accuracy", .25)
		}
		b.Int64("steps", 120)
		b.Int64("earlier_steps", 0)
		b.EndRow()
	}
	table, err := b.Table()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

func inputs(t testing.TB, outputs int, d *dataset.Dataset, steps ...int64) stagetest.Inputs {
	m := trained(t, outputs)
	return stagetest.Inputs{"model": stagetest.Built(t, m), "base": stagetest.Tables(summary(t, steps...)), "data": stagetest.Built(t, d), "early": stagetest.Built(t, m)}
}

const (
	dfrOn   = `{"head": {"name": "dfr", "refits": 3}, "seed": 1}`
	dfrTr   = `{"head": {"name": "dfr", "on": "train", "refits": 2}, "seed": 1}`
	afrOn   = `{"head": {"name": "afr", "gamma": 4, "steps": 50, "rate": 0.1}, "seed": 1}`
	afrTr   = `{"head": {"name": "afr", "on": "train", "anchor": 0.1, "steps": 50}, "seed": 1}`
	selfOn  = `{"head": {"name": "self", "steps": 50, "rate": 0.1, "points": 30}, "seed": 1}`
	selfBad = `{"head": {"name": "self", "score": "misclassification", "steps": 20}, "seed": 1}`
)

func cases(t testing.TB) []stagetest.Case {
	in := inputs(t, 2, finite(t, 400, .9), 120, 120, 30)
	one := inputs(t, 1, datasettest.Fresh(.9), 120, 120, 30)
	return append(classCases(t), []stagetest.Case{
		{Name: "dfr", Settings: dfrOn, Inputs: in}, {Name: "dfr on train", Settings: dfrTr, Inputs: in}, {Name: "dfr fresh", Settings: strings.Replace(dfrOn, `"seed"`, `"validation": 300, "seed"`, 1), Inputs: one},
		{Name: "afr", Settings: afrOn, Inputs: in}, {Name: "afr on train", Settings: afrTr, Inputs: in},
		{Name: "self", Settings: selfOn, Inputs: in}, {Name: "self by misclassification", Settings: selfBad, Inputs: one},
	}...)
}

func TestConform(t *testing.T) {
	stagetest.Conform(t, Kind, append(cases(t), repeatsCase(t), groupsCase(t))...)
}

// What heads and rules read is in each row, united with what the base did.
func TestLabelAccess(t *testing.T) {
	in := inputs(t, 2, finite(t, 400, .9), 120, 120, 30)
	const g, s = "group: selection (validation)", "split: selection (validation)"
	for settings, want := range map[string][3]string{
		dfrOn:  {g + "; group: training (validation)", g + "; group: training (validation); " + s, g + "; group: training (validation)"},
		dfrTr:  {"group: selection (train); group: training (train)", "group: selection (train); group: training (train); " + s, "group: selection (train); " + g + "; group: training (train)"},
		afrOn:  {"split: training (validation)", s + "; split: training (validation)", g + "; split: training (validation)"},
		afrTr:  {"none", s, g},
		selfOn: {"split: training (validation)", s + "; split: training (validation)", g + "; split: training (validation)"},
	} {
		table := stagetest.Run(t, Kind, settings, in)["summary"]
		for row, want := range want {
			if got := stagetest.Value(t, table, "label_access", row); got != want {
				t.Errorf("%s, row %d: %v, want %v", settings, row, got, want)
			}
		}
	}
}

// Rules that choose steps do as well on what they see as the last step, or better; the rule last
// takes the last.
func TestRulesChooseSteps(t *testing.T) {
	in := inputs(t, 2, finite(t, 400, .9), 120, 120, 120)
	table := stagetest.Run(t, Kind, afrOn, in)["summary"]
	if got := stagetest.Value(t, table, "head_chosen", 0); got != 50. {
		t.Errorf("the rule last took step %v of 50", got)
	}
	for row := 1; row < 3; row++ {
		if got := stagetest.Value(t, table, "head_chosen", row).(float64); got < 0 || got > 50 || got != math.Trunc(got) {
			t.Errorf("row %d took step %v", row, got)
		}
	}
}

// Of steps that score alike a rule that chooses takes the first, which is the layer as it was; the rule last takes the last.
func TestRulesChooseTheFirstOfEquals(t *testing.T) {
	in := inputs(t, 2, finite(t, 400, .9), 120, 120, 120)
	table := stagetest.Run(t, Kind, `{"head": {"name": "afr", "steps": 9, "rate": 1e-30}, "seed": 1}`, in)["summary"]
	for row, want := range []float64{9, 0, 0} {
		if got := stagetest.Value(t, table, "head_chosen", row); got != want {
			t.Errorf("row %d took step %v, want %v", row, got, want)
		}
	}
}

// The validation columns are what the new network does on the held-out points: of AFR on the training set all of the
// validation split. Rules that choose by one of them do not get less of it than the last step has.
func TestValidationScores(t *testing.T) {
	d := finite(t, 400, .9)
	in := inputs(t, 2, d, 120, 120, 120)
	out := stagetest.Run(t, Kind, afrTr, in)
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	e, err := evaluation.NewSampleEvaluator(&d.Description, d.Validation, dataset.Evaluation, "", &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Evaluate(t.Context(), m.Last().Net)
	if err != nil {
		t.Fatal(err)
	}
	number := func(column string, row int) float64 { return stagetest.Value(t, out["summary"], column, row).(float64) }
	if a, w := number("validation_accuracy", 0), number("validation_worst_group_accuracy", 0); math.Abs(a-want.Accuracy) > 1e-12 || w != want.WorstAccuracy.Value {
		t.Errorf("accuracy %v, worst group %v; want %v and %v", a, w, want.Accuracy, want.WorstAccuracy.Value)
	}
	if number("validation_accuracy", 1) < number("validation_accuracy", 0) || number("validation_worst_group_accuracy", 2) < number("validation_worst_group_accuracy", 0) {
		t.Error("a rule chose less than the last step has")
	}
}

func TestErrors(t *testing.T) {
	good := inputs(t, 2, finite(t, 200, .9), 120, 120, 30)
	with := func(name string, a []stages.Artifact) stagetest.Inputs {
		in := stagetest.Inputs{}
		for k, v := range good {
			in[k] = v
		}
		in[name] = a
		return in
	}
	bare, err := summary(t, 120).Select("method", "step")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, settings, want string
		in                   stagetest.Inputs
	}{
		{"no early network", selfOn, "give the input early", with("early", nil)},
		{"a base of another kind", dfrOn, `no column "selection"`, with("base", stagetest.Tables(bare))},
		{"a base of another stage", dfrOn, "no network of step 77", with("base", stagetest.Tables(summary(t, 77)))},
		{"nothing to train on", dfrTr, "needs a finite training set", with("data", stagetest.Built(t, datasettest.Fresh(.9)))},
		{"no penalty", `{"head": {"name": "dfr", "grid": []}, "seed": 1}`, "head.grid is empty", good},
	} {
		_, err := stagetest.Try(t.Context(), Kind, c.settings, c.in)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}

func TestJoinAccess(t *testing.T) {
	for _, c := range [][3]string{
		{"none", "none", "none"}, {"none", "a: b (c)", "a: b (c)"}, {"b; a", "c; b", "a; b; c"},
	} {
		if got := joinAccess(c[0], c[1]); got != c[2] {
			t.Errorf("%q and %q give %q, want %q", c[0], c[1], got, c[2])
		}
	}
}

func TestLargest(t *testing.T) {
	if got := largest([]float64{1, 3, 2, 3, 0}, 2); !slices.Equal(got, []int32{1, 3}) {
		t.Errorf("the largest two are at %v", got)
	}
	if got := largest([]float64{1, 1, 1}, 2); !slices.Equal(got, []int32{0, 1}) {
		t.Errorf("of equals %v", got)
	}
	if got := largest([]float64{1, 2}, 9); !slices.Equal(got, []int32{0, 1}) {
		t.Errorf("of too few %v", got)
	}
}
