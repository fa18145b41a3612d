package debias

import (
	"context"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/stagetest"
)

func TestMethodsAreThoseOfTheSettings(t *testing.T) {
	var names []string
	for _, m := range methods {
		names = append(names, m.Name)
		if m.Doc == "" || m.Source == "" || m.Run == nil {
			t.Errorf("method %s lacks its doc, its source or its steps", m.Name)
		}
	}
	if labels := Kind.Schema().Attribute("method").Nested.Label.OneOf; !slices.Equal(names, labels) {
		t.Errorf("methods %v, but settings know %v", names, labels)
	}
}

// A method that reads what it did not declare must fail, whatever it learns: groups, attributes, the validation or
// test split; and one that declares the groups of one split must not read those of another.
func TestUndeclaredReadsFail(t *testing.T) {
	defer func(m []*Method) { methods = m }(methods)
	d := withTest(t, finiteData(t, easyLaw(.9), 100), "test")
	group := []Access{{frame.MarkGroup, dataset.TrainSplit}}
	validation := []Access{{frame.MarkGroup, dataset.ValidationSplit}}
	for name, c := range map[string]struct {
		reads []Access
		read  func(*Trial, *trainloop.Batch)
		want  string
	}{
		"groups":                  {nil, func(t *Trial, _ *trainloop.Batch) { t.Groups() }, "group of train"},
		"sizes":                   {nil, func(t *Trial, _ *trainloop.Batch) { t.sizes(t.byGroup()) }, "group of train"},
		"shares":                  {nil, func(t *Trial, _ *trainloop.Batch) { t.shares(t.byAttribute()) }, "group of train"},
		"a balanced source":       {nil, func(t *Trial, _ *trainloop.Batch) { _, _ = t.Balanced("x", t.byGroup(), false) }, "group of train"},
		"groups of a batch":       {nil, func(t *Trial, b *trainloop.Batch) { b.Groups(t.Ledger()) }, "group of train"},
		"groups, to select by":    {group, func(t *Trial, _ *trainloop.Batch) { t.dataset.Train.Groups(t.Ledger(), dataset.Selection) }, "group of train samples for selection"},
		"groups, not as declared": {validation, func(t *Trial, _ *trainloop.Batch) { t.Groups() }, "group of train"},
		"attributes":              {group, func(t *Trial, _ *trainloop.Batch) { t.dataset.Train.Attributes(t.Ledger(), dataset.Training) }, "attribute of train"},
		"validation groups":       {group, func(t *Trial, _ *trainloop.Batch) { t.dataset.Validation.Groups(t.Ledger(), dataset.Training) }, "group of validation"},
		"validation attributes":   {validation, func(t *Trial, _ *trainloop.Batch) { t.dataset.Validation.Attributes(t.Ledger(), dataset.Training) }, "attribute of validation"},
		"validation labels":       {validation, func(t *Trial, _ *trainloop.Batch) { t.dataset.Validation.Labels(t.Ledger(), dataset.Training) }, "split of validation"},
		"labels of the test":      {validation, func(t *Trial, _ *trainloop.Batch) { t.dataset.Test.Labels(t.Ledger(), dataset.Training) }, "split of test"},
	} {
		thief := *erm
		thief.Reads = c.reads
		thief.Run = func(ctx context.Context, trial *Trial) error {
			source, err := trial.Natural("")
			if err != nil {
				return err
			}
			weigh := func(b *trainloop.Batch, _ []float32) []float32 { c.read(trial, b); return nil }
			return trial.Train(ctx, Stage{Net: trial.Network(""), Source: source, Weigh: weigh, Steps: trial.Remaining()})
		}
		methods = []*Method{&thief}
		_, err := stagetest.Try(t.Context(), Kind, settings(`{"name": "erm"}`, ""), inputs(t, d))
		want := "method erm: read the " + c.want
		if !contains(want, "selection") {
			want += " samples for training"
		}
		if want += ", which was not declared"; err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %q", name, err, want)
		}
	}
	methods = []*Method{erm}
	if out := run1(t, d, `{"name": "erm"}`, ""); out["summary"].Rows() != 3 {
		t.Error("an honest method fails too")
	}
}

// No method may declare what the kind does not, or the test split.
func TestDeclaredReadsAreThoseOfTheKind(t *testing.T) {
	for _, m := range methods {
		for _, a := range m.Reads {
			if !slices.Contains(labels, stages.LabelUse{Mark: a.Mark, Purpose: dataset.Training}) || a.Split == dataset.TestSplit {
				t.Errorf("%s declares %v", m.Name, a)
			}
		}
	}
}

// Of two hooks one would be passed over without a word.
func TestTwoHooksAreRefused(t *testing.T) {
	defer func(m []*Method) { methods = m }(methods)
	weigh := func(_ *trainloop.Batch, losses []float32) []float32 { return make([]float32, len(losses)) }
	shape := func(*trainloop.Batch, []float32, []float32, []float32) {}
	pull := func(*trainloop.Batch, []float32) (gradient, weights []float32) { return nil, nil }
	step := func(*trainloop.Batch) (float64, error) { return 0, nil }
	rate := func() float64 { return 1 }
	for want, stage := range map[string]Stage{
		"":                        {Shape: shape, Rate: rate},
		"Weigh and Shape":         {Weigh: weigh, Shape: shape},
		"Shape and Pull":          {Shape: shape, Pull: pull},
		"Weigh and Pull and Step": {Weigh: weigh, Pull: pull, Step: step},
		"Step and Rate":           {Step: step, Rate: rate},
	} {
		eager := *erm
		eager.Run = func(ctx context.Context, trial *Trial) error {
			var err error
			if stage.Source, err = trial.Natural(""); err != nil {
				return err
			}
			stage.Net, stage.Steps = trial.Network(""), trial.Remaining()
			return trial.Train(ctx, stage)
		}
		methods = []*Method{&eager}
		_, err := stagetest.Try(t.Context(), Kind, settings(`{"name": "erm"}`, ""), inputs(t, freshData(.9)))
		if want == "" && err != nil || want != "" && (err == nil || err.Error() != `method erm: the stage "" sets `+want+", of which one alone takes effect: make one hook of them") {
			t.Errorf("%s: %v", want, err)
		}
	}
}

// A method must not take more steps than the budget.
func TestBudget(t *testing.T) {
	defer func(m []*Method) { methods = m }(methods)
	greedy := *erm
	greedy.Run = func(ctx context.Context, trial *Trial) error { return trial.plain(ctx, trial.Remaining()+1) }
	methods = []*Method{&greedy}
	_, err := stagetest.Try(t.Context(), Kind, settings(`{"name": "erm"}`, ""), inputs(t, freshData(.9)))
	if err == nil || !strings.Contains(err.Error(), "61 steps does not fit into the 60") {
		t.Errorf("%v", err)
	}
}
