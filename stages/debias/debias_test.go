package debias

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/boolean"
	"spurion/stages/data"
	"spurion/stages/kernel"
	"spurion/stages/learn"
	"spurion/stages/model"
	"spurion/stages/stagetest"
)

func easyLaw(strength float64) *boolean.Law {
	return &boolean.Law{
		Core: boolean.Function{Type: boolean.Parity, Degree: 2}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		CoreLength: 2, SpuriousLength: 1, Independent: 3, Strength: strength, Variant: boolean.Paper,
	}
}

func freshData(strength float64) *data.Dataset {
	return &data.Dataset{Law: easyLaw(strength), Dimensions: 6}
}

// finiteData has rows training samples, and half as many for validation.
func finiteData(t testing.TB, law *boolean.Law, rows int) *data.Dataset {
	t.Helper()
	c, err := law.Compile()
	if err != nil {
		t.Fatal(err)
	}
	d := &data.Dataset{Law: law, Dimensions: c.Dimensions()}
	draw := func(split data.Split, rows int) *data.Samples {
		packed, labels, attributes := make([]uint64, rows*c.Words()), make([]int8, rows), make([]int8, rows)
		c.SampleBits(kernel.NewStream(11, string(split)), c.Confounded(), rows, packed, labels, attributes)
		s, err := data.Pack(split, c.Dimensions(), packed, labels, attributes)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	d.Train, d.Validation = draw(data.TrainSplit, rows), draw(data.ValidationSplit, rows/2)
	return d
}

func inputs(t testing.TB, d *data.Dataset) stagetest.Inputs {
	t.Helper()
	table, err := d.Table()
	if err != nil {
		t.Fatal(err)
	}
	return stagetest.Inputs{"data": stagetest.Tables(table)}
}

// settings gives the settings of a method, with small defaults that rest overrides by coming first.
func settings(method, rest string) string {
	text := fmt.Sprintf(`{"method": %s`, method)
	for _, s := range []string{rest, `"steps": 60`, `"batch": 32`, `"network": {"hidden": [16]}`, `"optimizer": {"type": "sgd", "rate": 0.5}`, `"seed": 3`, `"evaluation": {"every": 20}`} {
		if name, _, _ := strings.Cut(s, ":"); s != "" && !strings.Contains(text, name) {
			text += ", " + s
		}
	}
	return text + "}"
}

func run1(t testing.TB, d *data.Dataset, method, rest string) map[string]*frame.Table {
	t.Helper()
	return stagetest.Run(t, Kind, settings(method, rest), inputs(t, d))
}

// lastModel gives the digest of the network that the rule "last" selects, as a table of its own, so
// that the step at which it was taken does not matter.
func lastModel(t testing.TB, out map[string]*frame.Table) string {
	t.Helper()
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	one := model.New(m.Network, m.Data)
	one.Add(0, m.Last().Net)
	table, err := one.Table()
	if err != nil {
		t.Fatal(err)
	}
	return stagetest.Digest(table)
}

func value(t testing.TB, table *frame.Table, column string, row int) any {
	t.Helper()
	c := table.Column(column)
	if c == nil {
		t.Fatalf("there is no column %s", column)
	}
	if row < 0 {
		row += c.Len()
	}
	return c.Value(row)
}

func cases(t testing.TB) []stagetest.Case {
	finite := inputs(t, finiteData(t, easyLaw(.9), 300))
	var list []stagetest.Case
	for _, c := range []struct {
		name, method string
		in           stagetest.Inputs
	}{
		{"erm", `{"name": "erm"}`, inputs(t, freshData(.9))},
		{"group_balance", `{"name": "group_balance"}`, finite},
		{"group_balance by strata", `{"name": "group_balance", "by": "strata"}`, inputs(t, freshData(.9))},
		{"group_balance by weights", `{"name": "group_balance", "by": "weights"}`, finite},
		{"group_dro", `{"name": "group_dro", "rate": 0.1, "size_adjustment": 1}`, finite},
		{"group_dro natural", `{"name": "group_dro", "batches": "natural"}`, inputs(t, freshData(.9))},
		{"jtt", `{"name": "jtt", "first_steps": 20, "upweight": 5}`, finite},
		{"jtt by weights", `{"name": "jtt", "first_steps": 20, "upweight": 5, "upweight_by": "normalised_weights"}`, finite},
		{"eiil", `{"name": "eiil", "first_steps": 20, "size_adjustment": 1}`, finite},
		{"eiil by adam", `{"name": "eiil", "first_steps": 20, "inference": "adam", "inference_steps": 50, "objective": "irm", "penalty": 2, "anneal": 20}`, finite},
		{"eiil crossed", `{"name": "eiil", "first_steps": 20, "crossed": true, "batches": "natural"}`, finite},
		{"spare", `{"name": "spare", "first_steps": 20}`, finite},
		{"spare with two clusters", `{"name": "spare", "first_steps": 20, "clusters": 2, "power": 3}`, finite},
		{"george", `{"name": "george", "first_steps": 20, "size_adjustment": 1}`, finite},
		{"george by kmeans", `{"name": "george", "first_steps": 20, "reduction": "none", "clustering": "kmeans", "clusters": 3, "batches": "natural"}`, finite},
		{"constant", `{"name": "constant"}`, finite},
		{"spurious", `{"name": "spurious"}`, finite},
		{"class_balance", `{"name": "class_balance"}`, finite},
		{"class_balance by weights", `{"name": "class_balance", "by": "weights"}`, inputs(t, freshData(.9))},
		{"group_balance by upsampling", `{"name": "group_balance", "by": "upsampling"}`, finite},
		{"group_balance by sqrt_weights", `{"name": "group_balance", "by": "sqrt_weights"}`, finite},
		{"subg", `{"name": "subg"}`, finite},
		{"subg each epoch", `{"name": "subg", "redraw": "epoch"}`, finite},
		{"cvar_dro", `{"name": "cvar_dro"}`, finite},
		{"irm", `{"name": "irm", "penalty": 2, "anneal": 20}`, inputs(t, freshData(.9))},
		{"irm by square", `{"name": "irm", "penalty": 20, "anneal": 0, "form": "square", "rescale": true, "batches": "natural"}`, finite},
		{"mixup", `{"name": "mixup"}`, inputs(t, freshData(.9))},
		{"lisa", `{"name": "lisa"}`, finite},
		{"lisa linear", `{"name": "lisa", "mix": "linear"}`, finite},
		{"pde", `{"name": "pde", "warmup_epochs": 3, "expand_epochs": 2, "expand_size": 40, "rate_factor": 0.5}`, finite},
		{"lff", `{"name": "lff"}`, finite},
		{"cnc", `{"name": "cnc", "first_steps": 20}`, finite},
		{"ssa", `{"name": "ssa", "split_steps": 10, "split_every": 4}`, finite},
	} {
		list = append(list, stagetest.Case{Name: c.name, Settings: settings(c.method, ""), Inputs: c.in})
	}
	return list
}

func TestConform(t *testing.T) {
	stagetest.Conform(t, Kind, cases(t)...)
}

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

func TestSummaryHasARowForEachRule(t *testing.T) {
	for _, c := range []struct {
		d          *data.Dataset
		validation string
		points     int64
		access     []string
	}{
		{freshData(.9), "law", 10000, []string{"none", "split: selection (fresh)", "group: selection (fresh)"}},
		{finiteData(t, easyLaw(.9), 300), "split", 150, []string{"none", "split: selection (validation)", "group: selection (validation)"}},
	} {
		s := run1(t, c.d, `{"name": "erm"}`, "")["summary"]
		if s.Rows() != 3 {
			t.Fatalf("%d rows", s.Rows())
		}
		for i, rule := range []string{"last", "best_validation_accuracy", "best_validation_worst_group"} {
			for column, want := range map[string]any{"selection": rule, "label_access": c.access[i], "validation": c.validation,
				"validation_points": c.points, "steps": int64(60), "earlier_steps": int64(0), "note": nil} {
				if got := value(t, s, column, i); got != want {
					t.Errorf("%s of %s is %v, want %v", column, rule, got, want)
				}
			}
		}
	}
	s := run1(t, finiteData(t, easyLaw(.9), 300), `{"name": "group_dro"}`, "")["summary"]
	if got, want := value(t, s, "label_access", 2), "group: selection (validation); group: training (train)"; got != want {
		t.Errorf("group_dro's access is %v, want %v", got, want)
	}
}

// Each rule must have chosen the best of what the history shows, and the earliest of equals.
func TestRulesSelectTheBest(t *testing.T) {
	out := run1(t, finiteData(t, easyLaw(.9), 300), `{"name": "erm"}`, `"steps": 200, "evaluation": {"every": 10}`)
	h, s := out["history"], out["summary"]
	for i, column := range []string{"", "validation_accuracy", "validation_worst_group_accuracy"} {
		best := h.Rows() - 1
		if column != "" {
			c := h.Column(column).Float64s
			best = slices.Index(c, slices.Max(c))
		}
		for _, measure := range []string{"step", "worst_group_accuracy", "core_correlation", "validation_accuracy"} {
			if got, want := value(t, s, measure, i), value(t, h, measure, best); got != want {
				t.Errorf("rule %v: %s is %v, want %v", value(t, s, "selection", i), measure, got, want)
			}
		}
	}
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	want := []int64{value(t, s, "step", 0).(int64), value(t, s, "step", 1).(int64), value(t, s, "step", 2).(int64)}
	slices.Sort(want)
	var got []int64
	for _, c := range m.Checkpoints {
		got = append(got, c.Step)
	}
	if !slices.Equal(got, slices.Compact(want)) {
		t.Errorf("the model has steps %v, the rules chose %v", got, want)
	}
}

// A network that has taken no step is selected only where there is no other: not by a rate so small that all networks
// score the same, but where the first step diverges. In a later stage, too, the start does not count.
func TestUntrainedNetworksAreNotSelected(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 300)
	for _, c := range []struct {
		method, rate string
		last, best   int64
	}{
		{`{"name": "erm"}`, "1e-30", 60, 20},
		{`{"name": "jtt", "first_steps": 20}`, "1e-30", 60, 40},
		{`{"name": "erm"}`, "1e30", 0, 0},
	} {
		s := run1(t, d, c.method, `"optimizer": {"type": "sgd", "rate": `+c.rate+`}`)["summary"]
		for row, want := range []int64{c.last, c.best, c.best} {
			if got := value(t, s, "step", row); got != want {
				t.Errorf("%s at rate %s: %v selects step %v, want %v", c.method, c.rate, value(t, s, "selection", row), got, want)
			}
			note, _ := value(t, s, "note", row).(string)
			if contains(note, "No network was evaluated after its first step: this is the untrained one.") != (want == 0) {
				t.Errorf("%s at rate %s: the note says %q", c.method, c.rate, note)
			}
		}
	}
}

// External data is measured and selected on its own splits.
func TestExternalData(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 300)
	packed, labels := d.Validation.Packed(), d.Validation.Labels(&data.Ledger{}, data.Evaluation)
	test, err := data.Pack(data.TestSplit, 6, packed, labels, d.Validation.Attributes(&data.Ledger{}, data.Evaluation))
	if err != nil {
		t.Fatal(err)
	}
	d.Law, d.Test = nil, test
	for _, method := range []string{`{"name": "group_dro"}`, `{"name": "jtt", "first_steps": 20}`} {
		s := run1(t, d, method, `"sampling": "auto"`)["summary"]
		if got, want := value(t, s, "worst_group_accuracy", 2), value(t, s, "validation_worst_group_accuracy", 2); got != want || got == nil {
			t.Errorf("%s: %v on the test split, %v on the validation split of the same rows", method, got, want)
		}
		if value(t, s, "core_correlation", 0) != nil || value(t, s, "core_floor", 0) != nil || value(t, s, "evaluation_points", 0) != int64(150) {
			t.Errorf("%s: core correlation %v on %v points", method, value(t, s, "core_correlation", 0), value(t, s, "evaluation_points", 0))
		}
	}
}

// Beside the law, rows have the average by training groups, and what a test split says: here the
// rows of the validation split, so that both must agree.
func TestMeasuresOnSplits(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 300)
	packed, labels := d.Validation.Packed(), d.Validation.Labels(&data.Ledger{}, data.Evaluation)
	test, err := data.Pack(data.TestSplit, 6, packed, labels, d.Validation.Attributes(&data.Ledger{}, data.Evaluation))
	if err != nil {
		t.Fatal(err)
	}
	d.Test = test
	for _, method := range []string{`{"name": "erm"}`, `{"name": "spurious"}`, `{"name": "constant"}`} {
		s := run1(t, d, method, `"steps": 40`)["summary"]
		for row := range 3 {
			want := 0.
			for _, g := range d.Train.Groups(&data.Ledger{}, data.Evaluation) {
				want += value(t, s, "accuracy_"+learn.GroupNames[g], row).(float64) / 300
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
	c, err := law.Compile()
	if err != nil {
		t.Fatal(err)
	}
	evaluator, err := learn.NewUnseenEvaluator(d.Train, c, 4096, learn.UnseenStream(3), &data.Ledger{})
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
	followed, err := evaluator.Follow(func(_, attribute int8) int8 { return attribute })
	if err != nil {
		t.Fatal(err)
	}
	if got := value(t, run1(t, d, `{"name": "spurious"}`, "")["summary"], "unseen_core_correlation", 0); got != followed.Core.Value {
		t.Errorf("the spurious feature has %v, want %v", got, followed.Core.Value)
	}
	for name, d := range map[string]*data.Dataset{"fresh samples": freshData(.9), "all blocks": finiteData(t, easyLaw(.9), 300)} {
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

// A network that follows the attribute turned round says so in its row; one that is merely worse on the majority, or
// lacks a group, does not.
func TestOverCorrectionIsNoted(t *testing.T) {
	for _, c := range []struct {
		accuracy [learn.Groups]float64 // -1 for none
		want     bool
	}{
		{[4]float64{.03, .68, .92, .02}, true}, {[4]float64{0, 1, 1, 0}, true},
		{[4]float64{.97, .98, .99, .96}, false}, {[4]float64{.4, .9, .9, .6}, false}, {[4]float64{.4, .5, .9, .4}, false},
		{[4]float64{0, -1, 1, 0}, false}, {[4]float64{1, 0, 0, 1}, false},
	} {
		var m learn.Measures
		for g, a := range c.accuracy {
			if a >= 0 {
				m.GroupAccuracy[g] = learn.Some(a)
			}
		}
		if overCorrects(&m) != c.want {
			t.Errorf("accuracies %v: %v", c.accuracy, !c.want)
		}
	}
	// Trained on data whose attribute is mostly the other label, a network goes against it.
	s := run1(t, finiteData(t, easyLaw(.02), 300), `{"name": "erm"}`, "")["summary"]
	if note, _ := value(t, s, "note", 0).(string); !contains(note, "goes against the spurious attribute") {
		t.Errorf("the note says %q", note)
	}
}

// A method that reads what it did not declare must fail, whatever it learns: groups, attributes, the validation or
// test split; and one that declares the groups of one split must not read those of another.
func TestUndeclaredReadsFail(t *testing.T) {
	defer func(m []*Method) { methods = m }(methods)
	d := withTest(t, finiteData(t, easyLaw(.9), 100), "test")
	group := []Access{{frame.MarkGroup, data.TrainSplit}}
	validation := []Access{{frame.MarkGroup, data.ValidationSplit}}
	for name, c := range map[string]struct {
		reads []Access
		read  func(*Trial, *learn.Batch)
		want  string
	}{
		"groups":                  {nil, func(t *Trial, _ *learn.Batch) { t.Groups() }, "group of train"},
		"sizes":                   {nil, func(t *Trial, _ *learn.Batch) { t.sizes(byGroup) }, "group of train"},
		"shares":                  {nil, func(t *Trial, _ *learn.Batch) { t.shares(byAttribute) }, "group of train"},
		"a balanced source":       {nil, func(t *Trial, _ *learn.Batch) { _, _ = t.Balanced("x", byGroup, false) }, "group of train"},
		"groups of a batch":       {nil, func(t *Trial, b *learn.Batch) { b.Groups(t.Ledger()) }, "group of train"},
		"groups, to select by":    {group, func(t *Trial, _ *learn.Batch) { t.dataset.Train.Groups(t.Ledger(), data.Selection) }, "group of train samples for selection"},
		"groups, not as declared": {validation, func(t *Trial, _ *learn.Batch) { t.Groups() }, "group of train"},
		"attributes":              {group, func(t *Trial, _ *learn.Batch) { t.dataset.Train.Attributes(t.Ledger(), data.Training) }, "attribute of train"},
		"validation groups":       {group, func(t *Trial, _ *learn.Batch) { t.dataset.Validation.Groups(t.Ledger(), data.Training) }, "group of validation"},
		"validation attributes":   {validation, func(t *Trial, _ *learn.Batch) { t.dataset.Validation.Attributes(t.Ledger(), data.Training) }, "attribute of validation"},
		"validation labels":       {validation, func(t *Trial, _ *learn.Batch) { t.dataset.Validation.Labels(t.Ledger(), data.Training) }, "split of validation"},
		"labels of the test":      {validation, func(t *Trial, _ *learn.Batch) { t.dataset.Test.Labels(t.Ledger(), data.Training) }, "split of test"},
	} {
		thief := *erm
		thief.Reads = c.reads
		thief.Run = func(ctx context.Context, trial *Trial) error {
			source, err := trial.Natural("")
			if err != nil {
				return err
			}
			weigh := func(b *learn.Batch, _ []float32) []float32 { c.read(trial, b); return nil }
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
			if !slices.Contains(labels, stages.LabelUse{Mark: a.Mark, Purpose: data.Training}) || a.Split == data.TestSplit {
				t.Errorf("%s declares %v", m.Name, a)
			}
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

func TestDivergenceIsAResult(t *testing.T) {
	for _, method := range []string{`{"name": "erm"}`, `{"name": "group_dro"}`, `{"name": "jtt", "first_steps": 20}`, `{"name": "lff"}`, `{"name": "cnc", "first_steps": 20}`, `{"name": "ssa", "split_steps": 10}`,
		`{"name": "eiil", "first_steps": 20}`, `{"name": "spare", "first_steps": 20}`, `{"name": "george", "first_steps": 20}`} {
		out := run1(t, finiteData(t, easyLaw(.9), 100), method, `"optimizer": {"type": "sgd", "rate": 1e30}`)
		s := out["summary"]
		if s.Rows() != 3 || value(t, s, "diverged_step", 0) == nil {
			t.Errorf("%s: %d rows, diverged at %v", method, s.Rows(), value(t, s, "diverged_step", 0))
		}
		note, want := value(t, s, "note", 0).(string), "The training diverged in step "
		first := strings.Contains(method, "_steps")
		if first {
			want = "diverged, so that no network was trained after it."
		}
		if first != (value(t, s, "step", 0) == nil) || !contains(note, want) {
			t.Errorf("%s: selected step %v, note %v", method, value(t, s, "step", 0), note)
		}
		if _, err := model.FromTable(out["model"]); err != nil {
			t.Errorf("%s: %v", method, err)
		}
	}
}

func TestErrors(t *testing.T) {
	external := finiteData(t, easyLaw(.9), 100)
	external.Law = nil
	unvalidated := finiteData(t, easyLaw(.9), 100)
	unvalidated.Validation = nil
	bare, err := data.Real(data.TrainSplit, 6, make([]float32, 60), make([]int8, 10), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method, rest, want string
		d                        *data.Dataset
	}{
		{"no attributes", `{"name": "erm"}`, "", "has no attributes", &data.Dataset{Dimensions: 6, Train: bare}},
		{"no test split", `{"name": "erm"}`, "", "neither a law nor rows of the split test", external},
		{"jtt on fresh samples", `{"name": "jtt"}`, "", "remembers training samples one by one", freshData(.9)},
		{"jtt told to take fresh samples", `{"name": "jtt"}`, `"sampling": "fresh"`, "sampling: The method needs a finite training set", freshData(.9)},
		{"jtt with a long first stage", `{"name": "jtt", "first_steps": 60}`, "", "method.first_steps: No steps left", freshData(.9)},
		{"jtt with a first stage as long as the budget", `{"name": "jtt", "first_epochs": 15}`, "", "takes 60 of 60 steps (an epoch has 4): nothing is left for the second", finiteData(t, easyLaw(.9), 100)},
		{"jtt with a long first epoch", `{"name": "jtt", "first_epochs": 100}`, "", "nothing is left for the second", finiteData(t, easyLaw(.9), 100)},
		{"jtt with a weight below 0", `{"name": "jtt", "upweight": -1}`, "", "upweight must be at least 0", freshData(.9)},
		{"lff without probabilities", `{"name": "lff"}`, `"loss": "hinge"`, "loss: A loss without probabilities", freshData(.9)},
		{"lff with one step", `{"name": "lff"}`, `"steps": 1`, "steps: No steps for the second network", freshData(.9)},
		{"eiil with a long first stage", `{"name": "eiil", "first_steps": 60}`, "", "method.first_steps: No steps left", freshData(.9)},
		{"eiil on fresh samples", `{"name": "eiil"}`, "", "remembers training samples one by one", freshData(.9)},
		{"irm on environments of one class", `{"name": "eiil", "crossed": true, "objective": "irm"}`, "", "method.crossed", freshData(.9)},
		{"cnc without features", `{"name": "cnc"}`, `"network": {"hidden": []}`, "network.hidden: No features to contrast", freshData(.9)},
		{"cnc with a long first stage", `{"name": "cnc", "first_steps": 60}`, "", "method.first_steps: No steps left", freshData(.9)},
		{"spare with a long first stage", `{"name": "spare", "first_steps": 60}`, "", "method.first_steps: No steps left", freshData(.9)},
		{"ssa without steps", `{"name": "ssa", "split_steps": 20}`, "", "method.split_steps: No steps left", freshData(.9)},
		{"ssa without probabilities", `{"name": "ssa", "split_steps": 5}`, `"loss": "squared"`, "loss: A loss without probabilities", freshData(.9)},
		{"ssa without validation samples", `{"name": "ssa", "split_steps": 5}`, "", "needs two validation samples", unvalidated},
		{"george with a long first stage", `{"name": "george", "first_steps": 60}`, "", "method.first_steps: No steps left", freshData(.9)},
		{"sizes of fresh groups", `{"name": "group_dro", "size_adjustment": 1}`, "", "needs a finite training set", freshData(.9)},
		{"sizes of fresh groups, said before", `{"name": "group_dro", "size_adjustment": 1}`, `"sampling": "fresh"`, "method.size_adjustment", freshData(.9)},
		{"sampling that balance overrides", `{"name": "group_balance"}`, `"sampling": "shuffle"`, "sampling: Sampling that the method overrides", freshData(.9)},
		{"a loss that does not fit", `{"name": "erm"}`, `"loss": "logistic"`, "loss: ", freshData(.9)},
		{"finite sampling of nothing", `{"name": "erm"}`, `"sampling": "shuffle"`, "needs a finite training set", freshData(.9)},
	} {
		_, err := stagetest.Try(t.Context(), Kind, settings(c.method, c.rest), inputs(t, c.d))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}
