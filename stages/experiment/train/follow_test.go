package train

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

func floats(t testing.TB, table *frame.Table, column string) []float64 {
	t.Helper()
	c := table.Column(column)
	if c == nil || c.Type != frame.Float64 {
		t.Fatalf("there is no measured column %s", column)
	}
	return c.Float64s
}

// History tells the rate of each step as its schedule has it, and the summary where it ended.
func TestHistoryShowsTheRate(t *testing.T) {
	for schedule, want := range map[string][]any{
		``: {nil, .5, .5, .5, .5},
		`, "schedule": {"type": "constant", "warmup": 2}`:                    {nil, .25, .5, .5, .5},
		`, "schedule": {"type": "step", "milestones": [3], "factor": 0.5}`:   {nil, .5, .5, .5, .25},
		`, "schedule": {"type": "cosine"}`:                                   {nil, .5, .25 * (1 + math.Sqrt2/2), .25, .25 * (1 - math.Sqrt2/2)},
		`, "schedule": {"type": "cosine", "steps": 2, "final": 0.1}`:         {nil, .5, .275, .05, .05},
		`, "schedule": {"type": "cosine", "warmup": 2, "final": 0}`:          {nil, .25, .5, .5, .25},
		`, "layer_rates": [0, 1], "schedule": {"type": "cosine", "steps":1}`: {nil, .5, 0., 0., 0.},
	} {
		h := stagetest.Run(t, Kind, `{"steps": 4, "evaluation": {"every": 1}, "network": {"hidden": [4]}, "optimizer": {"type": "sgd", "rate": 0.5`+schedule+`}}`,
			inputs(t, datasettest.Fresh(.9)))["history"]
		for row := range want {
			got := stagetest.Value(t, h, "rate", row)
			if want[row] == nil || got == nil {
				if got != want[row] {
					t.Errorf("%s: the rate at the start is %v", schedule, got)
				}
			} else if math.Abs(got.(float64)-want[row].(float64)) > 1e-15 {
				t.Errorf("%s: the rate of step %d is %v, want %v", schedule, row, got, want[row])
			}
		}
	}
}

// With plain gradient descent on all samples, what a step changes is the rate times the gradient;
// so the tables can be checked against the checkpoints.
func TestGradientAndWeightNorms(t *testing.T) {
	const rate = .25
	out := stagetest.Run(t, Kind, fmt.Sprintf(`{"steps": 3, "sampling": "full", "network": {"hidden": [6, 5]}, "evaluation": {"every": 1}, "checkpoints": {"every": 1},
		"optimizer": {"type": "sgd", "rate": %v, "layer_rates": [1, 0, 1]}}`, rate), inputs(t, finite(t, 60, 0)))
	m, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	near := func(what string, got any, want float64) {
		t.Helper()
		if x, ok := got.(float64); !ok || math.Abs(x-want) > 1e-6*(1+want) {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	const layers = 3
	for step, c := range m.Checkpoints {
		all := 0.0
		for i := range layers {
			row := step*layers + i
			l, table := &c.Net.Layers[i], out["layers"]
			if stagetest.Value(t, table, "step", row) != int64(step) || stagetest.Value(t, table, "layer", row) != int64(i+1) {
				t.Fatalf("row %d is of step %v and layer %v", row, stagetest.Value(t, table, "step", row), stagetest.Value(t, table, "layer", row))
			}
			near("weight norm", stagetest.Value(t, table, "weight_norm", row), l.WeightNorm())
			near("bias norm", stagetest.Value(t, table, "bias_norm", row), l.BiasNorm())
			near("weight change", stagetest.Value(t, table, "weight_change", row), l.WeightDistance(&m.Checkpoints[0].Net.Layers[i]))
			if gradient := stagetest.Value(t, table, "gradient_norm", row); step == 0 || i == 1 {
				if gradient != nil {
					t.Errorf("step %d, layer %d: a gradient of %v", step, i, gradient)
				}
			} else {
				before := m.Checkpoints[step-1].Net.Layers[i]
				moved := math.Hypot(l.WeightDistance(&before), (&neuralnet.Layer{Weights: l.Biases}).WeightDistance(&neuralnet.Layer{Weights: before.Biases}))
				near("gradient norm", gradient, moved/rate)
				all = math.Hypot(all, moved/rate)
			}
		}
		if step > 0 {
			near("gradient norm of all", stagetest.Value(t, out["history"], "gradient_norm", step), all)
		} else if stagetest.Value(t, out["history"], "gradient_norm", 0) != nil {
			t.Error("there is a gradient at the start")
		}
	}
}

// Group losses, weighted by the groups' shares, make the loss.
func TestGroupLossesMakeTheLoss(t *testing.T) {
	h := stagetest.Run(t, Kind, `{"steps": 40, `+small+`}`, inputs(t, datasettest.Fresh(.9)))["history"]
	c := datasettest.Compile(t, datasettest.Easy(.9))
	for row, want := range floats(t, h, "loss") {
		sum := 0.0
		for g, name := range []string{"00", "01", "10", "11"} {
			sum += c.Masses()[g] * floats(t, h, "loss_"+name)[row]
		}
		if math.Abs(sum-want) > 1e-12 {
			t.Errorf("row %d: the groups' losses make %v, the loss is %v", row, sum, want)
		}
	}
}

// A trained network's neurons have their weights on the blocks: far more than at the start, and what
// is left elsewhere decays.
func TestNeuronsFollowTheWeights(t *testing.T) {
	out := stagetest.Run(t, Kind, `{"steps": 1500, "checkpoints": {"at": [0, 1500]}, "network": {"hidden": [16]}, "batch": 32, "seed": 1,
		"optimizer": {"type": "sgd", "rate": 0.5, "weight_decay": 0.003}}`, inputs(t, datasettest.Fresh(.8)))
	n := out["neurons"]
	if n.Rows() != 2*16 || stagetest.Value(t, n, "step", 16) != int64(1500) {
		t.Fatalf("%d rows, the 17th of step %v", n.Rows(), stagetest.Value(t, n, "step", 16))
	}
	share := func(from int) float64 {
		blocks, all := 0.0, 0.0
		for row := from; row < from+16; row++ {
			blocks += floats(t, n, "core_mass")[row] + floats(t, n, "spurious_mass")[row]
			all += floats(t, n, "mass")[row]
			if parts := floats(t, n, "core_mass")[row] + floats(t, n, "spurious_mass")[row] + floats(t, n, "independent_mass")[row]; math.Abs(parts-floats(t, n, "mass")[row]) > 1e-12 {
				t.Errorf("row %d: parts make %v of %v", row, parts, floats(t, n, "mass")[row])
			}
		}
		return blocks / all
	}
	// At the start half of the coordinates have about half of the mass.
	if first, last := share(0), share(16); first < .3 || first > .7 || last < .98 {
		t.Errorf("the blocks have %v of the mass at the start and %v at the end", first, last)
	}
}

func TestNoGainEnds(t *testing.T) {
	out := stagetest.Run(t, Kind, `{"steps": 4000, "evaluation": {"every": 10}, "stop": {"no_gain": {"of": "core_correlation", "evaluations": 7}}, `+small+`, "seed": 1}`, inputs(t, datasettest.Fresh(.8)))
	h, s := out["history"], out["summary"]
	if stagetest.Value(t, s, "ended", 0) != "no_gain" || stagetest.Value(t, s, "core_correlation", 0) != 1.0 {
		t.Fatalf("ended by %v with a core correlation of %v", stagetest.Value(t, s, "ended", 0), stagetest.Value(t, s, "core_correlation", 0))
	}
	core := floats(t, h, "core_correlation")
	best, at := math.Inf(-1), 0
	for i, c := range core {
		if i-at > 7 {
			t.Errorf("evaluation %d follows seven without a gain", i)
		}
		if c > best {
			best, at = c, i
		}
	}
	if len(core)-1-at != 7 {
		t.Errorf("the last gain is at evaluation %d of %d", at, len(core)-1)
	}
	if steps := stagetest.Value(t, s, "steps", 0).(int64); steps != int64(10*(len(core)-1)) {
		t.Errorf("%d steps in %d evaluations", steps, len(core))
	}
}

// A diverged run is the run of its steps before, told in full.
func TestDivergedHistoryIsThatOfAShorterRun(t *testing.T) {
	settings := func(steps int64) string {
		return fmt.Sprintf(`{"steps": %d, "loss": "squared", "evaluation": {"every": 2}, "checkpoints": {"every": 3}, "network": {"hidden": [8], "outputs": 1, "activation": "quadratic"},
			"optimizer": {"type": "sgd", "rate": 0.6}}`, steps)
	}
	out := stagetest.Run(t, Kind, settings(400), inputs(t, datasettest.Fresh(.9)))
	d, ok := stagetest.Value(t, out["summary"], "diverged_step", 0).(int64)
	if !ok || d < 3 || stagetest.Value(t, out["summary"], "steps", 0) != d-1 {
		t.Fatalf("diverged at %v after %v steps", d, stagetest.Value(t, out["summary"], "steps", 0))
	}
	short := stagetest.Run(t, Kind, settings(d-1), inputs(t, datasettest.Fresh(.9)))
	if stagetest.Value(t, short["summary"], "ended", 0) != "steps" || stagetest.Value(t, short["summary"], "diverged_step", 0) != nil {
		t.Errorf("a run of %d steps ended by %v", d-1, stagetest.Value(t, short["summary"], "ended", 0))
	}
	for _, name := range []string{"history", "layers", "neurons"} {
		for i := range out[name].Columns {
			c := &out[name].Columns[i]
			for row := range c.Len() {
				if got, want := c.Value(row), short[name].Column(c.Name).Value(row); got != want {
					t.Fatalf("%s, %s in row %d is %v, without the divergence %v", name, c.Name, row, got, want)
				}
			}
		}
	}
	if rows := out["history"].Rows(); int64(rows) != (d-1)/2+1 {
		t.Errorf("%d evaluations every second step before step %d", rows, d)
	}
}

// Evaluations and checkpoints come at even steps, at steps that are even on a logarithmic scale, and at single ones.
func TestSchedules(t *testing.T) {
	out := stagetest.Run(t, Kind, `{"steps": 250, "evaluation": {"every": 100, "per_decade": 1}, "checkpoints": {"every": 90, "per_decade": 2, "at": [7]}, `+small+`}`,
		inputs(t, datasettest.Fresh(.9)))
	if got := out["history"].Column("step").Int64s; !slices.Equal(got, []int64{0, 1, 10, 100, 200, 250}) {
		t.Errorf("evaluations at %v", got)
	}
	kept := slices.Compact(slices.Clone(out["neurons"].Column("step").Int64s))
	if want := []int64{0, 1, 3, 7, 10, 32, 90, 100, 180, 250}; !slices.Equal(kept, want) {
		t.Errorf("checkpoints at %v, want %v", kept, want)
	}
}
