package theory

import (
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model/modeltest"
	"spurion/stages/stagetest"
)

// later is the inputs of a look at a training on the law Easy(.9), with the checkpoints 0, 20 and 120.
func later(t testing.TB, strength float64) stagetest.Inputs {
	in := input(t, datasettest.Easy(strength))
	in["model"] = stagetest.Built(t, modeltest.Relying(t, modeltest.Network(2), 0, 20, 120))
	return in
}

const atCheckpoint = `{"network": {"hidden": [16]}, "samples": 60000, "batch": 32, "seed": 3, "blocks": true`

func TestKindLater(t *testing.T) {
	stagetest.Conform(t, Kind, stagetest.Case{Name: "later", Settings: `{"network": {"hidden": [16]}, "samples": 320, "batch": 32, "seed": 3, "step": 20, "blocks": true}`, Inputs: later(t, .9)})
}

// TestGradientOfACheckpoint: samples agree with the exact gradients of the network that was given, at each step;
// it is the last one without a step, and those of two steps differ.
func TestGradientOfACheckpoint(t *testing.T) {
	in := later(t, .9)
	var all []map[string]*frame.Table
	for _, step := range []string{`, "step": 0`, `, "step": 20`, `, "step": 120`, ``} {
		tables := stagetest.Run(t, Kind, atCheckpoint+step+`}`, in)
		if z := value(t, tables, "largest_z"); z > 6 {
			t.Errorf("step %s: a sampled gradient is %v standard errors from the exact one", step, z)
		}
		all = append(all, tables)
	}
	weights := func(i int) []float64 { return all[i]["gradients"].Column("weight").Float64s }
	for i, same := range []bool{false, false, true} {
		if got := weights(i)[0] == weights(i + 1)[0]; got != same {
			t.Errorf("looks %d and %d are at one network: %v, want %v", i, i+1, got, same)
		}
	}
}

// TestBlocks: a row is sums over the rows of gradients.
func TestBlocks(t *testing.T) {
	tables := stagetest.Run(t, Kind, `{"network": {"hidden": [9]}, "samples": 128, "blocks": true}`, input(t, lawOf(parity(3), parity(2), 9, 0.9, "paper")))
	gradients, blocks := tables["gradients"], tables["blocks"]
	if blocks.Rows() != 9*5 {
		t.Fatalf("%d rows, want one for each of 9 neurons and 5 kinds of coordinates", blocks.Rows())
	}
	for row := range blocks.Rows() {
		var count int64
		var mass, gradient, pull float64
		for at := range gradients.Rows() {
			if gradients.Column("neuron").Int64s[at] == blocks.Column("neuron").Int64s[row] && gradients.Column("block").Strings.At(at) == blocks.Column("block").Strings.At(row) {
				w, g := gradients.Column("weight").Float64s[at], gradients.Column("population").Float64s[at]
				count, mass, gradient, pull = count+1, mass+w*w, gradient+g*g, pull-g*w
			}
		}
		for name, want := range map[string]float64{"mass": mass, "gradient_mass": gradient, "pull": pull} {
			if got := blocks.Column(name).Float64s[row]; math.Abs(got-want) > 1e-12 {
				t.Errorf("row %d: %s is %v, want %v", row, name, got, want)
			}
		}
		if got := blocks.Column("coordinates").Int64s[row]; got != count || count == 0 {
			t.Errorf("row %d: %d coordinates, want %d", row, got, count)
		}
	}
}

// TestPull: while the spurious feature is being learned, descent makes its weights grow; without correlation it
// makes those of the same network shrink.
func TestPull(t *testing.T) {
	spurious := func(strength float64) float64 {
		blocks := stagetest.Run(t, Kind, atCheckpoint+`, "step": 20}`, later(t, strength))["blocks"]
		sum := 0.0
		for row := range blocks.Rows() {
			if blocks.Column("block").Strings.At(row) == "spurious" {
				sum += blocks.Column("pull").Float64s[row]
			}
		}
		return sum
	}
	if with, without := spurious(.9), spurious(.5); with <= 0 || without >= 0 {
		t.Errorf("pull of %v with the correlation and of %v without it", with, without)
	}
}

func TestRefusesCheckpoints(t *testing.T) {
	in := later(t, .9)
	for settings, says := range map[string]string{
		atCheckpoint + `, "step": 7}`:                                  "there is no checkpoint of step 7; there are those of 0, 20, 120",
		`{"network": {"hidden": [17]}, "samples": 200}`:                "6-16-2, relu, with biases, output scale 1, but the settings and the data ask for 6-17-2",
		`{"network": {"hidden": [16], "bias": false}, "samples": 200}`: "without biases",
	} {
		if _, err := stagetest.Try(t.Context(), Kind, settings, in); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", settings, err, says)
		}
	}
	if _, err := stagetest.Try(t.Context(), Kind, atCheckpoint+`, "step": 20}`, input(t, datasettest.Easy(.9))); err == nil || !strings.Contains(err.Error(), "without the input model") {
		t.Errorf("step without model: %v", err)
	}
}
