package train

import (
	"fmt"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/stagetest"
)

// started is the inputs of a training that goes on from another's model.
func started(t testing.TB, strength float64, from *frame.Table) stagetest.Inputs {
	in := inputs(t, datasettest.Fresh(strength))
	in["start"] = stagetest.Tables(from)
	return in
}

func readModel(t testing.TB, table *frame.Table) *model.Model {
	t.Helper()
	m, err := model.FromTable(table)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func sameWeights(a, b model.Checkpoint) bool {
	for l := range a.Net.Layers {
		x, y := &a.Net.Layers[l], &b.Net.Layers[l]
		for i := range x.Weights {
			if x.Weights[i] != y.Weights[i] {
				return false
			}
		}
		for i := range x.Biases {
			if x.Biases[i] != y.Biases[i] {
				return false
			}
		}
	}
	return true
}

// TestStart: the first checkpoint is the one given, measures at step 0 are its own, and then it is
// trained on the new data.
func TestStart(t *testing.T) {
	const first = `{"steps": 40, ` + small + `, "checkpoints": {"at": [15]}, "evaluation": {"every": 5}, "seed": 3}`
	before := stagetest.Run(t, Kind, first, inputs(t, datasettest.Fresh(.9)))
	given := readModel(t, before["model"])
	for _, c := range []struct {
		settings   string
		checkpoint int // of those at 0, 15 and 40
		row        int // of history
	}{
		{`{"steps": 20, ` + small + `, "seed": 3}`, 2, 8},
		{`{"steps": 20, ` + small + `, "seed": 3, "start_step": 15}`, 1, 3},
		{`{"steps": 20, "network": {"hidden": [16], "init": "he_normal"}, "optimizer": {"type": "sgd", "rate": 0.5}, "start_step": 0, "seed": 8}`, 0, 0},
	} {
		after := stagetest.Run(t, Kind, c.settings, started(t, .5, before["model"]))
		m := readModel(t, after["model"])
		if m.Checkpoints[0].Step != 0 || !sameWeights(m.Checkpoints[0], given.Checkpoints[c.checkpoint]) {
			t.Errorf("%s begins with another network", c.settings)
		}
		if sameWeights(m.Checkpoints[0], m.Last()) || m.Last().Step != 20 {
			t.Errorf("%s does not train", c.settings)
		}
		for _, name := range []string{"core_correlation", "spurious_correlation", "accuracy_01"} {
			if got, want := after["history"].Column(name).Value(0), before["history"].Column(name).Value(c.row); got != want {
				t.Errorf("%s: %s at the start is %v, and was %v", c.settings, name, got, want)
			}
		}
		if v := after["layers"].Column("weight_change").Float64s[0]; v != 0 {
			t.Errorf("weight_change begins at %v", v)
		}
	}
}

// TestStartSeesNewData: going on with the same data and seed is not the first training again.
func TestStartSeesNewData(t *testing.T) {
	const settings = `{"steps": 3, ` + small + `, "seed": 3}`
	first := stagetest.Run(t, Kind, settings, inputs(t, datasettest.Fresh(.9)))
	again := stagetest.Run(t, Kind, `{"steps": 3, `+small+`, "seed": 3, "start_step": 0}`, started(t, .9, first["model"]))
	if !sameWeights(readModel(t, first["model"]).Checkpoints[0], readModel(t, again["model"]).Checkpoints[0]) {
		t.Fatal("it begins with another network")
	}
	if sameWeights(readModel(t, first["model"]).Last(), readModel(t, again["model"]).Last()) {
		t.Error("it sees the same batches again")
	}
}

func TestStartRefuses(t *testing.T) {
	first := stagetest.Run(t, Kind, `{"steps": 3, `+small+`}`, inputs(t, datasettest.Fresh(.9)))["model"]
	for settings, says := range map[string]string{
		`{"steps": 3, ` + small + `, "start_step": 7}`:                                                                           "no checkpoint of step 7",
		`{"steps": 3, "network": {"hidden": [17]}, "optimizer": {"type": "sgd", "rate": 0.5}}`:                                   "6-16-2, relu, with biases, output scale 1, but the settings and the data ask for 6-17-2",
		`{"steps": 3, "network": {"hidden": [16], "activation": "leaky_relu"}, "optimizer": {"type": "sgd", "rate": 0.5}}`:       "leaky_relu",
		`{"steps": 3, "network": {"hidden": [16], "bias": false}, "optimizer": {"type": "sgd", "rate": 0.5}}`:                    "without biases",
		`{"steps": 3, "loss": "logistic", "network": {"hidden": [16], "outputs": 1}, "optimizer": {"type": "sgd", "rate": 0.5}}`: "6-16-1",
		`{"steps": 3, "network": {"hidden": [16], "output_scale": "1/width"}, "optimizer": {"type": "sgd", "rate": 0.5}}`:        "output scale 0.0625",
		`{"steps": 3, "network": {"hidden": [16, 16]}, "optimizer": {"type": "sgd", "rate": 0.5}}`:                               "6-16-16-2",
	} {
		if _, err := stagetest.Try(t.Context(), Kind, settings, started(t, .9, first)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", settings, err, says)
		}
	}
	if _, err := stagetest.Try(t.Context(), Kind, `{"steps": 3, `+small+`, "start_step": 0}`, inputs(t, datasettest.Fresh(.9))); err == nil || !strings.Contains(err.Error(), "without the input start") {
		t.Errorf("start_step without start: %v", err)
	}
}

// TestStartOfImages: a training goes on from a CNN's checkpoint, and not from one of other convolutions.
func TestStartOfImages(t *testing.T) {
	in := inputs(t, datasettest.Images(t, datasettest.Sizes{Train: 40, Test: 30}))
	cnn := func(channels, stride int) string {
		return fmt.Sprintf(`{"steps": 2, "network": {"type": "cnn", "layers": [{"type": "conv", "channels": %d, "kernel": 3, "stride": %d}, {"type": "global_pool"}, {"type": "conv", "channels": 4, "kernel": 1}], "hidden": [4]}, "optimizer": {"type": "sgd", "rate": 0.1}}`, channels, stride)
	}
	in["start"] = stagetest.Tables(stagetest.Run(t, Kind, cnn(3, 1), in)["model"])
	stagetest.Run(t, Kind, cnn(3, 1), in)
	for other, want := range map[string]string{cnn(5, 1): "[conv(5, 3), global_pool(), conv(4, 1)]", cnn(3, 2): "[conv(3, 3, 2), global_pool(), conv(4, 1)]"} {
		if _, err := stagetest.Try(t.Context(), Kind, other, in); err == nil || !strings.Contains(err.Error(), "layers = [conv(3, 3), global_pool(), conv(4, 1)]") ||
			!strings.Contains(err.Error(), "but the settings and the data ask for a cnn") || !strings.Contains(err.Error(), want) {
			t.Errorf("other layers, %s: %v", want, err)
		}
	}
}
