package debias

import (
	"fmt"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// What many tests here begin with, and look at.
var easyLaw, freshData, value = datasettest.Easy, datasettest.Fresh, stagetest.Value

// finiteData has rows training samples, and half as many for validation.
func finiteData(t testing.TB, law *datalaw.Law, rows int) *dataset.Dataset {
	t.Helper()
	return datasettest.Finite(t, law, 11, datasettest.Sizes{Train: rows, Validation: rows / 2})
}

func inputs(t testing.TB, d *dataset.Dataset) stagetest.Inputs {
	t.Helper()
	return stagetest.Inputs{"data": stagetest.Built(t, d)}
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

func run1(t testing.TB, d *dataset.Dataset, method, rest string) map[string]*frame.Table {
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
	return digestOf(t, m.Network, m.Data, m.Last().Net)
}

// digestOf gives the digest that lastModel has if that network was the last.
func digestOf(t testing.TB, s neuralnet.NetworkSettings, d dataset.Description, net *neuralnet.Network) string {
	t.Helper()
	m := model.New(s, d)
	m.Add(0, net)
	table, err := m.Table()
	if err != nil {
		t.Fatal(err)
	}
	return stagetest.Digest(table)
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
	return append(list, classCases(t)...)
}

func TestConform(t *testing.T) {
	stagetest.Conform(t, Kind, append(cases(t), repeatsCase(t))...)
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
	bare, err := dataset.Real(dataset.TrainSplit, 6, make([]float32, 60), make([]int16, 10), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, method, rest, want string
		d                        *dataset.Dataset
	}{
		{"no attributes", `{"name": "group_dro"}`, "", "method group_dro reads the groups of train samples, but this data set has no attributes: give it the column attribute (or group), or use a method that reads labels alone, such as erm, constant,", &dataset.Dataset{Description: dataset.Description{Dimensions: 6}, Train: bare}},
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
		{"a loss that does not fit", `{"name": "erm"}`, `"loss": "logistic", "network": {"hidden": [8], "outputs": 2}`, "loss: ", freshData(.9)},
		{"finite sampling of nothing", `{"name": "erm"}`, `"sampling": "shuffle"`, "needs a finite training set", freshData(.9)},
	} {
		_, err := stagetest.Try(t.Context(), Kind, settings(c.method, c.rest), inputs(t, c.d))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}
