package train

import (
	"math"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// sparse has few samples of a law whose core block has 32 values, on a cube of 2^9 points.
func sparse(t testing.TB) *dataset.Dataset {
	t.Helper()
	d := &dataset.Dataset{Description: dataset.Description{Dimensions: 9, Law: &datalaw.Law{
		Core: boolean.Function{Type: boolean.Staircase, Degree: 4}, Spurious: boolean.Function{Type: boolean.Majority, Degree: 2},
		CoreLength: 5, SpuriousLength: 2, Independent: 2, Strength: .9, Variant: datalaw.Paper,
	}}}
	d.Train = datasettest.Draw(t, datasettest.Compile(t, d.Law), dataset.TrainSplit, 24, kernel.NewStream(2, "sparse"))
	return d
}

// What history and summary say of unseen blocks is what a forward pass of each checkpoint says of the
// points of the cube whose first five coordinates no sample has.
func TestUnseenOfCheckpoints(t *testing.T) {
	d := sparse(t)
	out := stagetest.Run(t, Kind, `{"steps": 400, "batch": 8, "evaluation": {"every": 100}, "checkpoints": {"every": 100}, "network": {"hidden": [16]}, "optimizer": {"type": "sgd", "rate": 0.3}}`, inputs(t, d))
	c := datasettest.Compile(t, d.Law)
	seen := map[uint64]bool{}
	for _, row := range d.Train.Packed() {
		seen[row%32] = true
	}
	const size = 1 << 9
	x, y, s, margins := make([]float32, size*9), make([]int16, size), make([]int16, size), make([]float32, size)
	c.Enumerate(0, size, x, y, s)
	h, summary := out["history"], out["summary"]
	differs := false
	for i, checkpoint := range readModel(t, out["model"]).Checkpoints {
		checkpoint.Net.Margins(margins, x, size)
		var mass, accuracy, points, core float64
		for p, m := range margins {
			if seen[uint64(p)%32] {
				continue
			}
			density := c.Densities()[2*y[p]+s[p]]
			mass += density
			points++
			if (m >= 0) == (y[p] == 1) {
				accuracy += density
				core++
			} else {
				core--
			}
		}
		if got := floats(t, h, "unseen_accuracy")[i]; math.Abs(got-accuracy/mass) > 1e-12 {
			t.Errorf("step %d: unseen_accuracy is %v, want %v", checkpoint.Step, got, accuracy/mass)
		}
		if got := floats(t, h, "unseen_core_correlation")[i]; math.Abs(got-core/points) > 1e-12 {
			t.Errorf("step %d: unseen_core_correlation is %v, want %v", checkpoint.Step, got, core/points)
		}
		differs = differs || math.Abs(floats(t, h, "unseen_accuracy")[i]-floats(t, h, "accuracy")[i]) > .05
	}
	if !differs {
		t.Error("unseen accuracy is the accuracy at every step: the test shows nothing")
	}
	last := h.Rows() - 1
	for _, name := range []string{"unseen_accuracy", "unseen_core_correlation", "unseen_core_correlation_se"} {
		if got, want := stagetest.Value(t, summary, name, 0), stagetest.Value(t, h, name, last); got != want || got == nil {
			t.Errorf("%s is %v in summary, %v in history", name, got, want)
		}
	}
	if got := stagetest.Value(t, summary, "core_blocks_seen", 0); got != int64(len(seen)) {
		t.Errorf("%v blocks are seen, want %d", got, len(seen))
	}
	if got := stagetest.Value(t, summary, "core_blocks_unseen", 0); got != int64(32-len(seen)) {
		t.Errorf("%v blocks are unseen, want %d", got, 32-len(seen))
	}
	var sum, all float64
	for p := range size {
		if !seen[uint64(p)%32] {
			sum += 2*float64(y[p]) - 1
			all++
		}
	}
	if got := floats(t, summary, "unseen_core_mean")[0]; math.Abs(got-sum/all) > 1e-12 {
		t.Errorf("unseen_core_mean is %v, want %v", got, sum/all)
	}
	if got := stagetest.Value(t, summary, "unseen_points", 0); got != int64(16*(32-len(seen))) {
		t.Errorf("%v points, want %d", got, 16*(32-len(seen)))
	}
}

// There is nothing to say where nothing is unseen, or where a training does not stick to its samples.
func TestUnseenIsNull(t *testing.T) {
	external := sparse(t)
	external.Law = nil
	test, err := dataset.Pack(dataset.TestSplit, 9, external.Train.Packed(), external.Train.Labels(nil, dataset.Training), nil)
	if err != nil {
		t.Fatal(err)
	}
	external.Test = test
	for _, c := range []struct {
		name, settings string
		d              *dataset.Dataset
		counts         any
	}{
		{"fresh data", ``, datasettest.Fresh(.9), nil},
		{"fresh samples beside a finite set", `, "sampling": "fresh"`, sparse(t), nil},
		{"all blocks occur", ``, finite(t, 60, 0), int64(0)},
		{"external", ``, external, nil},
	} {
		out := stagetest.Run(t, Kind, `{"steps": 5, `+small+c.settings+`}`, inputs(t, c.d))
		for _, name := range []string{"unseen_accuracy", "unseen_core_correlation", "unseen_core_correlation_se"} {
			if got := stagetest.Value(t, out["history"], name, 3); got != nil || stagetest.Value(t, out["summary"], name, 0) != nil {
				t.Errorf("%s: %s is %v", c.name, name, got)
			}
		}
		if got, points := stagetest.Value(t, out["summary"], "core_blocks_unseen", 0), stagetest.Value(t, out["summary"], "unseen_points", 0); got != c.counts || points != c.counts {
			t.Errorf("%s: %v blocks are unseen, on %v points", c.name, got, points)
		}
	}
}
