package train

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/stagetest"
)

func inputs(t testing.TB, d *dataset.Dataset) stagetest.Inputs {
	t.Helper()
	return stagetest.Inputs{"data": stagetest.Built(t, d)}
}

// finite has samples of a law for training and for the test.
func finite(t testing.TB, train, test int) *dataset.Dataset {
	t.Helper()
	return datasettest.Finite(t, datasettest.Easy(.9), 11, datasettest.Sizes{Train: train, Test: test})
}

const small = `"network": {"hidden": [16]}, "optimizer": {"type": "sgd", "rate": 0.5}, "batch": 32`

func cases(t testing.TB) []stagetest.Case {
	external := finite(t, 60, 60)
	external.Law = nil
	return []stagetest.Case{
		{Name: "fresh samples", Settings: `{"steps": 40, ` + small + `, "seed": 3}`, Inputs: inputs(t, datasettest.Fresh(.9))},
		{Name: "finite set, deep, Adam", Settings: `{"steps": 40, "batch": 25, "network": {"hidden": [8, 8], "activation": "leaky_relu"}, "optimizer": {"type": "adam", "rate": 0.01},
			"evaluation": {"every": 7, "per_decade": 3}, "checkpoints": {"at": [3]}, "spectrum": [[2, 1], [3], []], "seed": 3}`, Inputs: inputs(t, finite(t, 60, 0))},
		{Name: "full batch, one logit", Settings: `{"steps": 20, "sampling": "full", "loss": "hinge", "network": {"hidden": [8], "outputs": 1, "bias": false},
			"optimizer": {"type": "sgd", "rate": 0.1, "momentum": 0.9}}`, Inputs: inputs(t, finite(t, 60, 0))},
		{Name: "external", Settings: `{"steps": 40, "sampling": "replacement", ` + small + `}`, Inputs: inputs(t, external)},
		{Name: "scheduled", Settings: `{"steps": 60, "batch": 16, "network": {"hidden": [8, 6], "layer_inits": ["sphere", "he_normal", "signs"], "layer_init_scales": [1, 1, 0.5]},
			"optimizer": {"type": "sgd", "rate": 0.2, "momentum": 0.9, "weight_decay": 0.01, "decoupled": true, "clip_norm": 0.5, "layer_rates": [1, 0, 1],
				"schedule": {"type": "cosine", "warmup": 10, "final": 0.1}}, "evaluation": {"every": 10}, "stop": {"no_gain": {"evaluations": 4}}}`,
			Inputs: inputs(t, finite(t, 60, 0))},
		{Name: "diverging", Settings: `{"steps": 40, "network": {"hidden": [4]}, "optimizer": {"type": "sgd", "rate": 1e30}}`, Inputs: inputs(t, datasettest.Fresh(.9))},
		{Name: "few samples", Settings: `{"steps": 20, ` + small + `}`, Inputs: inputs(t, sparse(t))},
		{Name: "repeats", Settings: withRepeats(wideSettings, "3"), Inputs: inputs(t, wide(t))},
	}
}

func TestConform(t *testing.T) {
	stagetest.Conform(t, Kind, cases(t)...)
}

func TestGolden(t *testing.T) {
	c := cases(t)
	stagetest.Golden(t, Kind, c[0], map[string]string{
		"by_group": "c08109afb9e8e84f5f1dff11ffc25f94020924022d76ae6c072450bdcbfbb5c3",
		"history":  "7056b770399025ece8b7adc60d51bf77bde044979e4f1fa49af274164f7e81da",
		"summary":  "ce12e2483bdd579645b9afc884fb9111c03c9aab04ca225d7f9ec51f8ed87f8b",
		"spectrum": "d6cc344f1ad82c222bd29ce2c19cdfe9fc533099ab8e42428d7cc134452a479d",
		"layers":   "03f76ff9391f581146cb2c30ce0cc4b675cb52f6ed44e773ed8162d6d7424508",
		"neurons":  "e5188f34f2191f607a1a444b48b9124660104426ada400f26bfb7b22ea9f3463",
		"model":    "0d4644ce175e25c1b8e7e3c042f4ac9d753a870289faa96be9a59a46b9a5ad5f",
	})
	stagetest.Golden(t, Kind, c[4], map[string]string{
		"by_group": "2b65d4e25642d0575cda061a369c6d0cea97d0b2e66039fa6fccd5291992900d",
		"history":  "30e46e08de13a72f2d24ff215a31f4988e057f927007e2735790a01f6b30b121",
		"summary":  "812a94c4a20e2e3e29b33d1a9612f5fd50a944e911f272eb75e1b206c645016a",
		"spectrum": "d6cc344f1ad82c222bd29ce2c19cdfe9fc533099ab8e42428d7cc134452a479d",
		"layers":   "0f3d68284a8a1f99053ce35d4b776964e971dc2d720ddec8cf963696427ab5bf",
		"neurons":  "1ef99dcf804fd62c6a7797c41e03c2e16d09b3745b47912e6db75476aae79f3c",
		"model":    "eebb4858314f3afe1b45c6d650643b92efccfcbfb279273c2bdb152224fe93b1",
	})
	stagetest.Golden(t, Kind, c[6], map[string]string{
		"by_group": "a389a65708e806ab48acb9558f9f42b9724d3fede09736cc3e043369aedba564",
		"history":  "acc64681537a9f2d7ec3b556f85bef318e6f4a059dbfa22114f2967a99dfa9cd",
		"layers":   "b4325a6811f119895518bdc38893329e24a8c851b6e9be97d1df4bbf821e0bda",
		"model":    "3090cdc6169741d70bab638ca610cb4e1b811de7d54447e80ba542c49f2d2501",
		"neurons":  "71fe103d5211e1aa20f482cf9595520637c3670d4a29edd0d3b47c6b34b28ef5",
		"spectrum": "d6cc344f1ad82c222bd29ce2c19cdfe9fc533099ab8e42428d7cc134452a479d",
		"summary":  "06ed4d235a8dec103c514a0817877fcbbd130906ec620a0cbe4a14507585ca67",
	})
	stagetest.Golden(t, Kind, c[1], map[string]string{
		"by_group": "d73a6321405564c794f3094e520745ab14e6fe7288f5cde0bd52c811b6209022",
		"history":  "aededac3be2664263607a7fca7e6accf527a17e53535a302533fdfa5395ac07d",
		"summary":  "0fc9faefd50ba32afdde7c8feafe7c64d38ce4ba7f6a2ab6b86e3698e581749a",
		"spectrum": "518306d6cafcbbc7f674b26732e4d07f4c55c6fd8c12f6f9869ab89e07ddf754",
		"layers":   "826f5bb78989d78cfb9896ac3d40f9bfb25079a8c271b241b81452c6cdf9f9f7",
		"neurons":  "4771127f8403879f8b951c28ae68cb19b31cebb0c7d9d244ad51a4d49e3e756a",
		"model":    "16d4b4114d4187a52d3b466d5361d37bcb28806eafb1a5c51816f52e5a1301ee",
	})
}

// The example in the design must stay valid.
func TestDesignExample(t *testing.T) {
	if _, err := stagetest.Settings(Kind, `{"steps": 20000, "batch": 64, "network": {"hidden": [100]}, "optimizer": {"type": "sgd", "rate": 0.05}}`); err != nil {
		t.Error(err)
	}
}

func TestCheck(t *testing.T) {
	for _, c := range []struct{ settings, want string }{
		{`"sampling": "full", "batch": 32`, "batch: "},
		{`"loss": "hinge", "network": {"outputs": 2}`, "loss: "},
		{`"network": {"outputs": 1}`, "loss: "},
		{`"evaluation": {"every": 1}, "steps": 100000000`, "evaluation.every: "},
		{`"checkpoints": {"every": 2}, "steps": 100000000`, "checkpoints.every: "},
		{`"optimizer": {"type": "sgd", "rate": 1, "nesterov": true}`, "optimizer.nesterov: "},
		{`"optimizer": {"type": "sgd", "rate": 1, "schedule": {"type": "step"}}`, "optimizer.schedule.milestones: "},
		{`"optimizer": {"type": "sgd", "rate": 1, "schedule": {"type": "cosine", "warmup": 10}}, "steps": 10`, "optimizer.schedule.warmup: "},
		{`"network": {"hidden": [3], "layer_inits": ["zeros"]}`, "network.layer_inits: "},
		{`"spectrum": [[1], [2, 0]]`, "spectrum: "},
		{`"epochs": 2, "steps": 10`, "epochs: "},
		{`"sampling": "fresh", "epochs": 2`, "epochs: "},
		{`"sampling": "fresh", "checkpoints": {"at_epochs": [1]}`, "checkpoints.at_epochs: "},
		{`"sampling": "fresh", "evaluation": {"every_epochs": 1}`, "evaluation.every_epochs: "},
		{`"sampling": "fresh", "optimizer": {"type": "sgd", "rate": 1, "schedule": {"type": "cosine", "epochs": 3}}`, "optimizer.schedule.epochs: "},
		{`"optimizer": {"type": "sgd", "rate": 1, "schedule": {"type": "step", "milestones": [3], "milestone_epochs": [1]}}`, "optimizer.schedule.milestone_epochs: "},
		{`"evaluation": {"every": 2, "every_epochs": 1}`, "evaluation.every_epochs: "},
		{`"sampling": "fresh", "stop": {"training_set_loss": 0.1}`, "stop.training_set_loss: "},
		{`"sampling": "fresh", "training_set": "end"`, "training_set: "},
		{`"training_set": "end", "stop": {"training_set_accuracy": 1}`, "training_set: "},
		{`"training_set": "never", "stop": {"no_gain": {"of": "training_set_loss", "evaluations": 3}}`, "training_set: "},
	} {
		defaults := ""
		for _, d := range []string{`"steps": 10`, `"optimizer": {"type": "sgd", "rate": 1}`} {
			if name, _, _ := strings.Cut(d, ":"); !strings.Contains(c.settings, name) && (name != `"steps"` || !strings.Contains(c.settings, `"epochs": 2`)) {
				defaults += ", " + d
			}
		}
		if _, err := stagetest.Settings(Kind, "{"+c.settings+defaults+"}"); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%s: %v, want a problem at %s", c.settings, err, c.want)
		}
	}
}

func TestTrainingLearnsTheCore(t *testing.T) {
	out := stagetest.Run(t, Kind, `{"steps": 400, "evaluation": {"every": 10}, `+small+`, "seed": 1}`, inputs(t, datasettest.Fresh(.8)))
	h, s := out["history"], out["summary"]
	if rows := h.Rows(); rows != 41 || s.Rows() != 1 {
		t.Fatalf("%d evaluations, %d summaries", rows, s.Rows())
	}
	for _, c := range []struct {
		table  *frame.Table
		column string
		row    int
		want   any
	}{
		{h, "step", 0, int64(0)}, {h, "step", -1, int64(400)}, {h, "epoch", -1, nil}, {h, "training_loss", 0, nil},
		{h, "core_correlation", -1, 1.0}, {h, "core_correlation_se", -1, 0.0}, {h, "worst_group_accuracy", -1, 1.0},
		{s, "steps", 0, int64(400)}, {s, "ended", 0, "steps"}, {s, "diverged_step", 0, nil}, {s, "core_correlation", 0, 1.0},
		{s, "spurious_correlation", 0, 0.0}, {s, "evaluation_points", 0, int64(64)}, {s, "evaluation_exact", 0, true},
	} {
		if got := stagetest.Value(t, c.table, c.column, c.row); got != c.want {
			t.Errorf("%s in row %d is %v, want %v", c.column, c.row, got, c.want)
		}
	}
	learned, ok := stagetest.Value(t, s, "core_learned_step", 0).(int64)
	row := int(learned / 10)
	if !ok || learned == 0 || stagetest.Value(t, h, "core_correlation", row).(float64) < .95 || stagetest.Value(t, h, "core_correlation", row-1).(float64) >= .95 {
		t.Errorf("the core was learned at step %v", learned)
	}
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Checkpoints) != 11 || m.Last().Step != 400 || m.Data.Law.Strength != .8 {
		t.Errorf("%d checkpoints, the last at step %d, of data %+v", len(m.Checkpoints), m.Last().Step, m.Data)
	}
}

func TestStopRules(t *testing.T) {
	for rule, want := range map[string]string{`"core_correlation": 0.95`: "core_correlation", `"loss": 0.3`: "loss"} {
		out := stagetest.Run(t, Kind, `{"steps": 4000, "evaluation": {"every": 10}, "stop": {`+rule+`}, `+small+`, "seed": 1}`, inputs(t, datasettest.Fresh(.8)))
		s := out["summary"]
		steps := stagetest.Value(t, s, "steps", 0).(int64)
		if stagetest.Value(t, s, "ended", 0) != want || steps >= 400 {
			t.Errorf("%s: ended by %v after %d steps", rule, stagetest.Value(t, s, "ended", 0), steps)
		}
		if m, err := model.FromTable(out["model"]); err != nil || m.Last().Step != steps {
			t.Errorf("%s: the last checkpoint is not the end: %v", rule, err)
		}
	}
}

func TestDivergenceIsAResult(t *testing.T) {
	c := cases(t)[5]
	out := stagetest.Run(t, Kind, c.Settings, c.Inputs)
	s := out["summary"]
	step, ok := stagetest.Value(t, s, "diverged_step", 0).(int64)
	if !ok || stagetest.Value(t, s, "ended", 0) != "diverged" || stagetest.Value(t, s, "core_learned_step", 0) != nil {
		t.Errorf("diverged at %v, ended by %v", step, stagetest.Value(t, s, "ended", 0))
	}
	if h := out["history"]; h.Rows() == 0 || stagetest.Value(t, h, "step", -1).(int64) >= step {
		t.Errorf("%d evaluations, diverged at step %d", h.Rows(), step)
	}
	if _, err := model.FromTable(out["model"]); err != nil {
		t.Error(err)
	}
}

func TestFiniteSetsHaveEpochs(t *testing.T) {
	out := stagetest.Run(t, Kind, `{"steps": 6, "batch": 25, "network": {"hidden": [4]}, "optimizer": {"type": "sgd", "rate": 0.1}, "evaluation": {"every": 3}}`,
		inputs(t, finite(t, 60, 0)))
	c := out["history"].Column("epoch")
	if !slices.Equal(c.Float64s, []float64{0, 1, 2}) { // three batches an epoch: 25, 25, 10
		t.Errorf("epochs %v", c.Float64s)
	}
}

// Data without a law has balanced estimates of correlations, which milestones and stop rules go by.
func TestDataWithoutALawHasBalancedEstimates(t *testing.T) {
	d := datasettest.Finite(t, datasettest.Easy(.7), 3, datasettest.Sizes{Train: 400, Test: 200})
	d.Law = nil
	out := stagetest.Run(t, Kind, `{"steps": 3000, `+small+`, "stop": {"core_correlation": 0.95}}`, inputs(t, d))
	h, s := out["history"], out["summary"]
	last := h.Rows() - 1
	for row := range h.Rows() {
		want := 2*floats(t, h, "group_mean_accuracy")[row] - 1
		if got := floats(t, h, "core_correlation")[row]; got != want || stagetest.Value(t, h, "measured_on", row) != "test" || (got >= .95) != (row == last) {
			t.Errorf("row %d: core correlation %v on %v, the balanced estimate is %v", row, got, stagetest.Value(t, h, "measured_on", row), want)
		}
	}
	if s := stagetest.Value(t, s, "ended", 0); s != "core_correlation" {
		t.Errorf("it ended by %v", s)
	}
	if got, want := stagetest.Value(t, s, "core_learned_step", 0), stagetest.Value(t, h, "step", last); got != want || want == int64(3000) {
		t.Errorf("the core is learned at step %v, the rule held at %v", got, want)
	}
}

// Levels of one's own say when the core is learned, and what a level is not given is as ever; they are in no key unless
// given, and a training with others goes on from one without.
func TestLearnedLevels(t *testing.T) {
	in := inputs(t, datasettest.Fresh(.8))
	run := func(learned string) (h, s *frame.Table) {
		out := stagetest.Run(t, Kind, `{"steps": 600, "evaluation": {"every": 2}, `+small+`, "seed": 1`+learned+`}`, in)
		return out["history"], out["summary"]
	}
	h, plain := run("")
	_, own := run(`, "learned": {"begins": 0.3, "core": 0.5}`)
	first := func(level float64) any {
		for row, v := range floats(t, h, "core_correlation") {
			if v >= level {
				return stagetest.Value(t, h, "step", row)
			}
		}
		return nil
	}
	for _, c := range []struct {
		of     *frame.Table
		column string
		level  float64
	}{{plain, "core_t10_step", .1}, {plain, "core_learned_step", .95}, {own, "core_t10_step", .3}, {own, "core_learned_step", .5}, {own, "core_t99_step", .99}} {
		if got, want := stagetest.Value(t, c.of, c.column, 0), first(c.level); got != want || want == nil {
			t.Errorf("%s of %v is %v, want %v", c.column, c.level, got, want)
		}
	}
	if stagetest.Value(t, plain, "core_learned_step", 0) == stagetest.Value(t, own, "core_learned_step", 0) {
		t.Error("the case tells nothing")
	}
	if _, err := stagetest.Settings(Kind, `{"steps": 6, `+small+`, "learned": {"begins": 0.97}}`); err == nil || !strings.Contains(err.Error(), "learned: Levels out of order") {
		t.Errorf("%v", err)
	}
}

// A split that lacks a group has no correlations, and a rule on them says which.
func TestWithoutAGroupThereAreNoCorrelations(t *testing.T) {
	d := datasettest.Finite(t, datasettest.Easy(.7), 3, datasettest.Sizes{Train: 100, Test: 200})
	d.Law, d.Test = nil, datasettest.Only(t, d.Test, func(_ int, label, attribute int16) bool { return label == 1 || attribute == 0 })
	s := stagetest.Run(t, Kind, `{"steps": 4, `+small+`}`, inputs(t, d))["summary"]
	if stagetest.Value(t, s, "core_correlation", 0) != nil || stagetest.Value(t, s, "worst_group_accuracy", 0) == nil || stagetest.Value(t, s, "minority_accuracy", 0) == nil {
		t.Errorf("core correlation %v", stagetest.Value(t, s, "core_correlation", 0))
	}
	_, err := stagetest.Try(t.Context(), Kind, `{"steps": 4, `+small+`, "stop": {"core_correlation": 0.5}}`, inputs(t, d))
	if err == nil || !strings.Contains(err.Error(), "the split test has no samples of the group 01") {
		t.Errorf("%v", err)
	}
}

// The output by_group tells what history has in columns, of every group that exists.
func TestGroupsAreRows(t *testing.T) {
	out := stagetest.Run(t, Kind, `{"steps": 40, `+small+`}`, inputs(t, datasettest.Fresh(.9)))
	h, g := out["history"], out["by_group"]
	if g.Rows() != 4*h.Rows() {
		t.Fatalf("%d rows for %d evaluations", g.Rows(), h.Rows())
	}
	for row := range g.Rows() {
		name := stagetest.Value(t, g, "group_name", row).(string)
		for _, column := range []string{"accuracy", "loss"} {
			if got, want := floats(t, g, column)[row], floats(t, h, column+"_"+name)[row/4]; got != want || stagetest.Value(t, g, "step", row) != stagetest.Value(t, h, "step", row/4) {
				t.Errorf("row %d: %s of group %s is %v, in history %v", row, column, name, got, want)
			}
		}
		if minority := name == "01" || name == "10"; stagetest.Value(t, g, "minority", row) != minority || stagetest.Value(t, g, "points", row) != int64(16) {
			t.Errorf("group %s: minority %v with %v points", name, stagetest.Value(t, g, "minority", row), stagetest.Value(t, g, "points", row))
		}
	}
}

func TestDataWithoutAttributesHasNoGroups(t *testing.T) {
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: 2}}
	for _, split := range []dataset.Split{dataset.TrainSplit, dataset.TestSplit} {
		s, err := dataset.Real(split, 2, []float32{1.5, 0, -2, 1, .5, .5, -1, 0}, []int16{1, 0, 1, 0}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if split == dataset.TrainSplit {
			d.Train = s
		} else {
			d.Test = s
		}
	}
	s := stagetest.Run(t, Kind, `{"steps": 50, `+small+`}`, inputs(t, d))["summary"]
	if stagetest.Value(t, s, "worst_group_accuracy", 0) != nil || stagetest.Value(t, s, "worst_group", 0) != nil || stagetest.Value(t, s, "accuracy_00", 0) != nil || stagetest.Value(t, s, "accuracy", 0) != 1.0 {
		t.Errorf("worst group %v with accuracy %v; accuracy %v", stagetest.Value(t, s, "worst_group", 0), stagetest.Value(t, s, "worst_group_accuracy", 0), stagetest.Value(t, s, "accuracy", 0))
	}
}

func TestErrors(t *testing.T) {
	bare := finite(t, 20, 0)
	bare.Law = nil
	for _, c := range []struct {
		name, settings, want string
		d                    *dataset.Dataset
	}{
		{"nothing to evaluate on", small, "neither a law nor rows of the split test", bare},
		{"a finite way of sampling fresh data", small + `, "sampling": "shuffle"`, "needs a finite training set", datasettest.Fresh(.9)},
		{"an initial network that overflows", `"network": {"hidden": [4, 4], "init_scale": 1e38}, "optimizer": {"type": "sgd", "rate": 0.5}`, "initial network", datasettest.Fresh(.9)},
		{"rates of more layers than there are", `"network": {"hidden": [4]}, "optimizer": {"type": "sgd", "rate": 0.5, "layer_rates": [1]}`, "layer_rates", datasettest.Fresh(.9)},
	} {
		_, err := stagetest.Try(t.Context(), Kind, fmt.Sprintf(`{"steps": 5, %s}`, c.settings), inputs(t, c.d))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}
