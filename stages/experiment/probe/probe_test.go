package probe

import (
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/model"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

func network(hidden ...int) neuralnet.NetworkSettings {
	return neuralnet.NetworkSettings{Hidden: hidden, Activation: "relu", Bias: true, Outputs: 1, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1"}
}

func parityLaw(coreDegree, spuriousDegree, n int) *datalaw.Law {
	return &datalaw.Law{Core: boolean.Function{Type: boolean.Parity, Degree: coreDegree}, Spurious: boolean.Function{Type: boolean.Parity, Degree: spuriousDegree},
		CoreLength: coreDegree, SpuriousLength: spuriousDegree, Independent: n - coreDegree - spuriousDegree, Strength: 0.9, Variant: datalaw.Paper}
}

// table makes a model of networks with the given steps, from random initial weights that change
// may overwrite.
func table(t testing.TB, law *datalaw.Law, s neuralnet.NetworkSettings, steps []int64, change func(step int64, net *neuralnet.Network)) *frame.Table {
	t.Helper()
	d := dataset.Description{Dimensions: 12, Law: law}
	if law != nil {
		d.Dimensions = law.Dimensions()
	}
	return tableOn(t, d, s, steps, change)
}

// tableOn is table for any data.
func tableOn(t testing.TB, d dataset.Description, s neuralnet.NetworkSettings, steps []int64, change func(step int64, net *neuralnet.Network)) *frame.Table {
	t.Helper()
	m := model.New(s, d)
	for _, step := range steps {
		net, err := neuralnet.New(s, d.Dimensions, kernel.NewStream(step, "init"))
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(step, net)
		}
		m.Add(step, net)
	}
	out, err := m.Table()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func column(t testing.TB, table *frame.Table, name string) []float64 {
	t.Helper()
	c := table.Column(name)
	if c == nil {
		t.Fatalf("no column %s", name)
	}
	return c.Float64s
}

func cases(t testing.TB) []stagetest.Case {
	external := datasettest.Finite(t, parityLaw(3, 1, 12), 2, datasettest.Sizes{Train: 4, Validation: 300, Test: 400})
	external.Law = nil
	return []stagetest.Case{
		{Name: "samples", Settings: `{"points": 200, "split": "validation", "controls": 2, "seed": 4}`,
			Inputs: stagetest.Inputs{"data": stagetest.Built(t, external), "model": stagetest.Tables(table(t, nil, network(7), []int64{0, 10}, nil))}},
		{Name: "controls", Settings: `{"points": 300, "repeats": 2, "controls": 2, "seed": 4}`,
			Inputs: stagetest.Inputs{"model": stagetest.Tables(table(t, parityLaw(3, 1, 12), network(7), []int64{0, 10}, nil))}},
		{Name: "all", Settings: `{"points": 600, "seed": 4}`,
			Inputs: stagetest.Inputs{"model": stagetest.Tables(table(t, parityLaw(3, 1, 12), network(7), []int64{0, 10, 200}, nil))}},
		{Name: "last", Settings: `{"points": 300, "checkpoints": "last", "holdout": 0.5, "c": 0.1}`,
			Inputs: stagetest.Inputs{"model": stagetest.Tables(table(t, parityLaw(2, 2, 8), network(5, 6), []int64{0, 10}, nil))}},
		{Name: "parts", Settings: `{"points": 300, "parts": true, "splits": 2, "seed": 4}`,
			Inputs: stagetest.Inputs{"model": stagetest.Tables(table(t, parityLaw(3, 1, 12), network(7), []int64{0, 200}, nil))}},
		{Name: "repeats", Settings: `{"points": 300, "parts": true, "splits": 1, "repeats": 3, "seed": 4}`,
			Inputs: stagetest.Inputs{"model": stagetest.Tables(table(t, parityLaw(3, 1, 12), network(7), []int64{0, 200}, nil))}},
	}
}

func TestKind(t *testing.T) { stagetest.Conform(t, Kind, append(cases(t), targetCases(t)...)...) }

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, cases(t)[4], map[string]string{"decoded": "cf6f587ab3cda82c8baa42c1dd762e3ea9ae5ad843b5f67c6609a9c7af294cf6", "parts": "ba80f139dc9ce5afe2023af13c8028031bcc3494aca9f8f1db97624fb3e4cb17"})
	stagetest.Golden(t, Kind, cases(t)[5], map[string]string{"decoded": "8e25c9437ca9d36c240764e51f74c753490661b7d8628a1319bbdf2160789931", "parts": "ef4abc0689821f7f18c4a84283274114f7d23fafc4e0bd961d9b18e087b03635", "repeats": "d422b0d10562123d81db5068daa16270d03175b8e449d39b3fd01ac69662f3bb"})
	stagetest.Golden(t, Kind, cases(t)[0], map[string]string{"decoded": "0b61b379dff185f6ef373615a2c67b4f3896497b8245770007577a39bbefbea1"})
	stagetest.Golden(t, Kind, cases(t)[1], map[string]string{"decoded": "e47030d6be283ae2411fb70148a949f4cbca8a0bf7a5c32a2c265e2123c8cfff", "repeats": "480d1ccd893f28e1b9f83a6f7418a8fa0479e7dd8b711f340b4e9ee6a2953c69"})
	stagetest.Golden(t, Kind, targetCases(t)[0], map[string]string{"decoded": "997c2367b1fca78adceecb13ee6353b63084f8ac21f70a08dcf7ce60bffdca95", "targets": "804a8badc82c501062df6247569f6dc06e1011dfbddc5a0092ebd7aabed463f3"})
	stagetest.Golden(t, Kind, targetCases(t)[1], map[string]string{"decoded": "9e26a6c6699e6ab6a418dba4b22d874a7eaff7c144c72d4d23a0ce86dd98efcd", "repeats": "480d1ccd893f28e1b9f83a6f7418a8fa0479e7dd8b711f340b4e9ee6a2953c69", "targets": "648e89b588aa125d15b37e3c1f709e1b092e77f9021aee14bfb5b99d5d6a3b6b"})
	stagetest.Golden(t, Kind, cases(t)[2], map[string]string{"decoded": "b4c244b75dc925ffbee3bd6137e949d96d92e1331fc940ce25d7ff3d0285526e"})
}

// TestKnownNetworks probes networks whose decoded correlations are known.
func TestKnownNetworks(t *testing.T) {
	const n = 12
	// Neuron 0 is relu(x_1), the spurious feature up to a shift: its block follows the core's three
	// coordinates. The output is -relu: negative where x_1 = +1, and 0, which counts as +1, else.
	spuriousNeuron := func(_ int64, net *neuralnet.Network) {
		for l := range net.Layers {
			layer := &net.Layers[l]
			for o := range layer.Out {
				layer.SetNeuronWeights(o, make([]float32, layer.In))
				layer.Biases[o] = 0
			}
		}
		w := make([]float32, n)
		w[3] = 1
		net.Layers[0].SetNeuronWeights(0, w)
		out := make([]float32, net.Layers[1].In)
		out[0] = -1
		net.Layers[1].SetNeuronWeights(0, out)
	}
	in := stagetest.Tables(table(t, parityLaw(3, 1, n), network(4), []int64{5}, spuriousNeuron))
	got := stagetest.Run(t, Kind, `{}`, stagetest.Inputs{"model": in})["decoded"]
	for name, want := range map[string]float64{"decoded_spurious": 1, "decoded_spurious_fit": 1, "decoded_spurious_se": 0,
		"spurious_correlation": -1, "spurious_correlation_se": 0, "core_floor": 0, "spurious_floor": 0} {
		if v := column(t, got, name)[0]; v != want {
			t.Errorf("%s is %v, want %v", name, v, want)
		}
	}
	// The core feature is not in the activations: 5 standard errors, a right probe fails once in 10^6 seeds.
	for name, points := range map[string]float64{"decoded_core": 2000, "core_correlation": 10000} {
		if v, se := column(t, got, name)[0], column(t, got, name+"_se")[0]; math.Abs(v) > 5/math.Sqrt(points) || math.Abs(se-1/math.Sqrt(points)) > 0.01/math.Sqrt(points) {
			t.Errorf("%s is %v with standard error %v", name, v, se)
		}
	}
	if got.Column("fit_points").Int64s[0] != 8000 || got.Column("held_out_points").Int64s[0] != 2000 || !got.Column("converged").Bools[0] || got.Column("step").Int64s[0] != 5 {
		t.Errorf("%+v", got)
	}
}

// TestLinearNetwork: without a hidden layer the inputs are probed, from which a parity of one
// coordinate is read off and a parity of two is not.
func TestLinearNetwork(t *testing.T) {
	in := stagetest.Tables(table(t, parityLaw(2, 1, 12), network(), []int64{0}, nil))
	got := stagetest.Run(t, Kind, `{}`, stagetest.Inputs{"model": in})["decoded"]
	if s, c := column(t, got, "decoded_spurious")[0], column(t, got, "decoded_core")[0]; s != 1 || math.Abs(c) > 5/math.Sqrt(2000) {
		t.Errorf("decoded spurious %v, core %v", s, c)
	}
}

// TestCorrelationIsThatOfTheCube compares the network's sampled correlations with enumeration.
func TestCorrelationIsThatOfTheCube(t *testing.T) {
	law := &datalaw.Law{Core: boolean.Function{Type: boolean.Staircase, Degree: 4}, Spurious: boolean.Function{Type: boolean.Majority, Degree: 2},
		CoreLength: 4, SpuriousLength: 2, Independent: 2, Strength: 0.9, Variant: datalaw.Paper}
	in := table(t, law, network(6), []int64{0, 1, 2}, nil)
	got := stagetest.Run(t, Kind, `{"points": 20000, "seed": 3}`, stagetest.Inputs{"model": stagetest.Tables(in)})["decoded"]
	m, err := model.FromTable(in)
	if err != nil {
		t.Fatal(err)
	}
	c := datasettest.Compile(t, law)
	x, y, s, margins := make([]float32, 256*8), make([]int16, 256), make([]int16, 256), make([]float32, 256)
	c.Enumerate(0, 256, x, y, s)
	for i, checkpoint := range m.Checkpoints {
		checkpoint.Net.Margins(margins, x, 256)
		var want [2]float64
		for r, z := range margins {
			sign := 1.0
			if z < 0 {
				sign = -1
			}
			want[core] += sign * float64(2*y[r]-1) / 256
			want[spurious] += sign * float64(2*s[r]-1) / 256
		}
		for target, name := range names {
			v, se := column(t, got, name+"_correlation")[i], column(t, got, name+"_correlation_se")[i]
			if exact := math.Sqrt((1 - want[target]*want[target]) / 20000); math.Abs(v-want[target]) > 5*exact || math.Abs(se-exact) > 0.1*exact {
				t.Errorf("checkpoint %d: %s correlation %v ± %v, enumeration gives %v ± %v", i, name, v, se, want[target], exact)
			}
		}
	}
	if f := column(t, got, "core_floor")[0]; f != 6.0/16 {
		t.Errorf("core floor %v", f)
	}
	if f := column(t, got, "spurious_floor")[0]; f != 0.5 {
		t.Errorf("spurious floor %v", f)
	}
}

// TestConstantFunction: one class only is decoded perfectly, as by a constant predictor.
func TestConstantFunction(t *testing.T) {
	law := parityLaw(2, 1, 6)
	law.Core, law.CoreLength, law.Independent = boolean.Function{Type: boolean.TruthTable, Table: "1"}, 0, 5
	in := stagetest.Tables(table(t, law, network(3), []int64{0}, nil))
	got := stagetest.Run(t, Kind, `{"points": 500}`, stagetest.Inputs{"model": in})["decoded"]
	if d, f := column(t, got, "decoded_core")[0], column(t, got, "core_floor")[0]; d != 1 || f != 1 || !got.Column("converged").Bools[0] {
		t.Errorf("decoded core %v, floor %v", d, f)
	}
}

// TestOverflow: activations that are not finite have no decoded correlations.
func TestOverflow(t *testing.T) {
	blow := func(step int64, net *neuralnet.Network) {
		if step == 1 {
			for i := range net.Layers[0].Weights {
				net.Layers[0].Weights[i] = 3e38
			}
		}
	}
	in := stagetest.Tables(table(t, parityLaw(2, 1, 12), network(4), []int64{0, 1, 2}, blow))
	got := stagetest.Run(t, Kind, `{"points": 500}`, stagetest.Inputs{"model": in})["decoded"]
	for _, name := range []string{"decoded_core", "decoded_core_se", "decoded_spurious", "decoded_spurious_fit"} {
		c := got.Column(name)
		if c.Null(0) || !c.Null(1) || c.Null(2) {
			t.Errorf("%s: nulls %v", name, c.Valid)
		}
	}
	if c := got.Column("converged").Bools; !c[0] || c[1] || !c[2] {
		t.Errorf("converged %v", c)
	}
}

func TestRefuses(t *testing.T) {
	in := stagetest.Tables(table(t, nil, network(4), []int64{0}, nil))
	if _, err := stagetest.Try(t.Context(), Kind, `{}`, stagetest.Inputs{"model": in}); err == nil || !strings.Contains(err.Error(), "give the input data") {
		t.Errorf("%v", err)
	}
	for settings, says := range map[string]string{
		`{"points": 10, "holdout": 0.01}`: "holdout: Nothing",
		`{"points": 10, "holdout": 0.99}`: "holdout: Nothing",
		`{"holdout": 1}`:                  "below 1",
		`{"c": 0}`:                        "above 0",
		`{"checkpoints": "first"}`:        "not one of",
		`{"repeats": 0}`:                  "at least 1",
	} {
		if _, err := stagetest.Settings(Kind, settings); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", settings, err, says)
		}
	}
}

// TestCheckpointsShareTheirPoints: equal networks at two steps give equal rows.
func TestCheckpointsShareTheirPoints(t *testing.T) {
	same := func(_ int64, net *neuralnet.Network) {
		for l := range net.Layers {
			for i := range net.Layers[l].Weights {
				net.Layers[l].Weights[i] = float32(i%7) - 3
			}
		}
		clear(net.Layers[0].Biases)
		clear(net.Layers[1].Biases)
	}
	in := stagetest.Tables(table(t, parityLaw(3, 2, 12), network(8), []int64{0, 9}, same))
	got := stagetest.Run(t, Kind, `{"points": 1000}`, stagetest.Inputs{"model": in})["decoded"]
	for i := range got.Columns {
		c := &got.Columns[i]
		if c.Type == frame.Float64 && c.Float64s[0] != c.Float64s[1] {
			t.Errorf("%s is %v and %v", c.Name, c.Float64s[0], c.Float64s[1])
		}
	}
}

func BenchmarkProbe(b *testing.B) {
	in := stagetest.Tables(table(b, parityLaw(4, 2, 50), network(100), []int64{0, 1, 2, 3}, nil))
	for b.Loop() {
		stagetest.Run(b, Kind, `{}`, stagetest.Inputs{"model": in})
	}
}
