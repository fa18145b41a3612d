package debias

import (
	"slices"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// The first stage is as long as first_steps, or as the epochs to the nearest step, but not shorter than one: an epoch
// of 100 samples by 32 has four steps.
func TestFirstSteps(t *testing.T) {
	trial := newTestTrial(t, finiteData(t, easyLaw(.9), 100), Settings{Batch: 32, Method: MethodSettings{Name: "jtt"}})
	for epochs, want := range map[float64]int64{1: 4, .5: 2, .6: 2, .7: 3, 1e-9: 1, 2.5: 10} {
		trial.Method.FirstEpochs = epochs
		if got, err := trial.firstSteps(); got != want || err != nil {
			t.Errorf("%v epochs are %d steps, want %d: %v", epochs, got, want, err)
		}
	}
	trial.Method.FirstSteps = new(7)
	if got, err := trial.firstSteps(); got != 7 || err != nil {
		t.Errorf("first_steps = 7 is %d steps: %v", got, err)
	}
}

// Each name has streams of its own, and equal names the same: weights, and the order of data.
func TestStreamsAreNamed(t *testing.T) {
	trial := newTestTrial(t, finiteData(t, easyLaw(.9), 100), Settings{Batch: 100, Network: neuralnet.NetworkSettings{InitScale: 1}, Method: MethodSettings{Name: "jtt"}})
	order := func(name string) []int32 {
		source, err := trial.Natural(name)
		if err != nil {
			t.Fatal(err)
		}
		var b trainloop.Batch
		source.Next(&b)
		return b.Index
	}
	weights := func(name string) []float32 { return trial.Network(name).Layers[0].Weights }
	if !slices.Equal(order("first"), order("first")) || slices.Equal(order("first"), order("")) {
		t.Error("orders are not those of their names")
	}
	if !slices.Equal(weights("first"), weights("first")) || slices.Equal(weights("first"), weights("")) {
		t.Error("weights are not those of their names")
	}
}

// The second network starts afresh, with other weights than the first did.
func TestTheSecondNetworkStartsAfresh(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 100)
	start := func(out map[string]*frame.Table, row int) any { return value(t, out["history"], "loss", row) }
	erm := start(run1(t, d, `{"name": "erm"}`, ""), 0)
	for _, m := range []*Method{jtt, eiil, cnc, spare, george} {
		out := run1(t, d, short(m, ""), "")
		main := slices.IndexFunc(out["history"].Column("stage").Strings.Rows(), func(s string) bool { return s == "main" })
		if start(out, main) != erm || start(out, 0) == erm || start(out, main-1) == erm {
			t.Errorf("%s: losses %v at the start, %v at the end of the first stage, %v after it; of ERM %v at the start", m.Name, start(out, 0), start(out, main-1), start(out, main), erm)
		}
	}
}
