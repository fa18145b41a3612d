package model

import (
	"reflect"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

func newModel(t testing.TB, s neuralnet.NetworkSettings) *Model {
	t.Helper()
	law := datalaw.Law{
		Core: boolean.Function{Type: boolean.Parity, Degree: 2}, Spurious: boolean.Function{Type: boolean.TruthTable, Table: "01"},
		CoreLength: 2, SpuriousLength: 1, Strength: .9, Variant: datalaw.Paper,
	}
	m := New(s, dataset.Description{Dimensions: 3, Law: &law})
	net, err := neuralnet.New(s, 3, kernel.NewStream(5, "init"))
	if err != nil {
		t.Fatal(err)
	}
	m.Add(20, net)
	net.Layers[0].Weights[0] = 7
	m.Add(0, net)
	net.Layers[0].Weights[0] = 9
	m.Add(5, net)
	return m
}

var scale = 2.5

var none, noScales = []string{}, []float64{}

var networks = map[string]neuralnet.NetworkSettings{
	"one hidden layer": {Type: neuralnet.MLP, Hidden: []int{4}, Activation: "relu", Bias: true, Outputs: 2, Init: "pytorch", InitScale: 1, OutputInit: "same",
		LayerInits: none, LayerInitScales: noScales, OutputScale: "1"},
	"two, no biases, scaled": {Type: neuralnet.MLP, Hidden: []int{4, 5}, Activation: "leaky_relu", Slope: .125, Outputs: 1, Init: "normal", InitScale: .5,
		OutputInit: "zeros", OutputInitScale: &scale, LayerInits: none, LayerInitScales: noScales, OutputScale: "1/sqrt(width)"},
	"two, each with its own weights": {Type: neuralnet.MLP, Hidden: []int{3, 2}, Activation: "tanh", Bias: true, Outputs: 2, Init: "pytorch", InitScale: 1, OutputInit: "same",
		LayerInits: []string{"sphere", "he_normal", "signs"}, LayerInitScales: []float64{1, .5, .25}, OutputScale: "1"},
	"linear": {Type: neuralnet.MLP, Hidden: []int{}, Activation: "relu", Bias: true, Outputs: 1, Init: "zeros", OutputInit: "same",
		LayerInits: none, LayerInitScales: noScales, OutputScale: "1"},
}

func TestRoundTrip(t *testing.T) {
	for name, s := range networks {
		t.Run(name, func(t *testing.T) {
			want := newModel(t, s)
			table, err := want.Table()
			if err != nil {
				t.Fatal(err)
			}
			if err := table.Check(Fields); err != nil {
				t.Error(err)
			}
			bytes, err := frame.Encode(table)
			if err != nil {
				t.Fatal(err)
			}
			if table, err = frame.Decode(bytes); err != nil {
				t.Fatal(err)
			}
			got, err := FromTable(table)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("read %+v\nwrote %+v", got, want)
			}
		})
	}
}

// A CNN is read as it was written: its windows, and the running means and variances of its batch normalisations.
func TestRoundTripOfImages(t *testing.T) {
	layers := []neuralnet.ImageLayer{
		{Type: neuralnet.Normalise, Mean: []float64{.5, .25}, Deviation: []float64{.25, 2}},
		{Type: neuralnet.Residual, Layers: []neuralnet.ImageLayer{{Type: neuralnet.Conv, Channels: 3, Kernel: 3, Stride: 2, Padding: 1}, {Type: neuralnet.BatchNorm, Momentum: .2, Epsilon: 1e-3}},
			Shortcut: []neuralnet.ImageLayer{{Type: neuralnet.Conv, Channels: 3, Kernel: 1, Stride: 2}}},
		{Type: neuralnet.Rectify},
		{Type: neuralnet.AveragePool, Window: 2, Step: 1},
	}
	s := networks["one hidden layer"]
	s.Type, s.Layers = neuralnet.CNN, layers
	d := dataset.Description{Dimensions: 2 * 6 * 5, Shape: &dataset.Shape{Channels: 2, Height: 6, Width: 5}}
	s, err := s.On((*neuralnet.ImageShape)(d.Shape))
	if err != nil {
		t.Fatal(err)
	}
	want := New(s, d)
	net, err := neuralnet.New(s, d.Dimensions, kernel.NewStream(5, "init"))
	if err != nil {
		t.Fatal(err)
	}
	copy(net.Image.Layers[1].Mean, []float32{1, 2, 3})
	copy(net.Image.Layers[1].Variance, []float32{4, 5, 6})
	want.Add(3, net)
	table, err := want.Table()
	if err != nil {
		t.Fatal(err)
	}
	got, err := FromTable(table)
	if err != nil {
		t.Fatal(err)
	}
	again, err := got.Table()
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(again, table) || !reflect.DeepEqual(got.Last().Net.All(), want.Last().Net.All()) || !reflect.DeepEqual(got.Network, want.Network) {
		t.Errorf("read %+v\nwrote %+v", got, want)
	}
	neurons, err := got.Neurons()
	if err != nil {
		t.Fatal(err)
	}
	// The channels of the first convolution, whose weights go on to those of the shortcut's.
	if rows, mass := neurons.Rows(), neurons.Column("mass").Float64s[0]; rows != 3 || mass == 0 || !neurons.Column("core_mass").Null(0) {
		t.Errorf("%d neurons, the first with mass %v", rows, mass)
	}
}

func TestAddKeepsOrderAndCopies(t *testing.T) {
	m := newModel(t, networks["one hidden layer"])
	var steps []int64
	var first []float32
	for _, c := range m.Checkpoints {
		steps = append(steps, c.Step)
		first = append(first, c.Net.Layers[0].Weights[0])
	}
	if !reflect.DeepEqual(steps, []int64{0, 5, 20}) || first[0] != 7 || first[1] != 9 || m.Last().Step != 20 || first[2] == 9 {
		t.Errorf("steps %v with first weights %v", steps, first)
	}
	m.Add(5, m.Last().Net)
	if len(m.Checkpoints) != 3 || m.Checkpoints[1].Net.Layers[0].Weights[0] != first[2] {
		t.Errorf("a checkpoint of the same step was not replaced: %d", len(m.Checkpoints))
	}
}

// The metadata is a contract: it is what another program reads.
func TestMetadata(t *testing.T) {
	table, err := newModel(t, networks["two, no biases, scaled"]).Table()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"inputs":3,"network":{"activation":"leaky_relu","bias":false,"hidden":[4,5],"init":"normal","init_scale":0.5,"layer_init_scales":[],"layer_inits":[],"output_init":"zeros","output_init_scale":2.5,"output_scale":"1/sqrt(width)","outputs":1,"slope":0.125}}`
	if got := table.Meta[MetaKey]; got != want {
		t.Errorf("metadata\n%s\nwant\n%s", got, want)
	}
	if d, err := dataset.Describe(table.Meta); err != nil || d.Law.Strength != .9 {
		t.Errorf("the data is described as %v, %v", d, err)
	}
}

func TestFromTableRefusesDamage(t *testing.T) {
	for _, c := range []struct {
		name   string
		damage func(*frame.Table)
		want   string
	}{
		{"no settings", func(t *frame.Table) { delete(t.Meta, MetaKey) }, "metadata spurion.model"},
		{"unknown setting", func(t *frame.Table) {
			t.Meta[MetaKey] = strings.Replace(t.Meta[MetaKey], `"bias"`, `"biases"`, 1)
		}, "unknown"},
		{"unknown activation", func(t *frame.Table) {
			t.Meta[MetaKey] = strings.Replace(t.Meta[MetaKey], `"relu"`, `"gelu"`, 1)
		}, "gelu"},
		{"no description of the data", func(t *frame.Table) { delete(t.Meta, dataset.MetaKey) }, "spurion.dataset"},
		{"other inputs", func(t *frame.Table) {
			t.Meta[MetaKey] = strings.Replace(t.Meta[MetaKey], `"inputs":3`, `"inputs":4`, 1)
		}, "not about 4 inputs"},
		{"a column too few", func(t *frame.Table) { t.Columns = t.Columns[:4] }, "needs a column weights"},
		{"a neuron too many", func(t *frame.Table) { t.Column("neuron").Int64s[2] = 3 }, "row 2: neuron 2 of layer 1 at step 0 is missing"},
		{"steps that go back", func(t *frame.Table) {
			for i := 6; i < 12; i++ {
				t.Column("step").Int64s[i] = -1
			}
		}, "step -1 follows step 0"},
		{"a weight too few", func(t *frame.Table) {
			c := t.Column("weights")
			for i := 1; i < len(c.Offsets); i++ {
				c.Offsets[i]--
			}
			c.Float32s = c.Float32s[1:]
		}, "row 0: 2 weights"},
		{"no bias where there should be one", func(t *frame.Table) {
			c := t.Column("bias")
			c.Valid = make([]bool, c.Len())
		}, "row 0: a bias where"},
		{"no rows", func(t *frame.Table) {
			for i := range t.Columns {
				c := &t.Columns[i]
				c.Int64s, c.Float32s = nil, nil
				if c.Offsets != nil {
					c.Offsets = []int32{0}
				}
			}
		}, "no rows"},
		{"the last neuron missing", func(t *frame.Table) {
			for i := range t.Columns {
				c := &t.Columns[i]
				if c.Int64s != nil {
					c.Int64s = c.Int64s[:17]
				}
			}
			t.Column("bias").Float32s = t.Column("bias").Float32s[:17]
			w := t.Column("weights")
			w.Offsets = w.Offsets[:18]
			w.Float32s = w.Float32s[:w.Offsets[17]]
		}, "row 17: neuron 1 of layer 2 at step 20 is missing"},
	} {
		table, err := newModel(t, networks["one hidden layer"]).Table()
		if err != nil {
			t.Fatal(err)
		}
		c.damage(table)
		if _, err := FromTable(table); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want an error with %q", c.name, err, c.want)
		}
	}
}

// A model of K classes has an output for each, and another number is refused.
func TestOutputsAreTheClasses(t *testing.T) {
	for _, c := range []struct {
		outputs int
		classes []string
		ok      bool
	}{{3, []string{"a", "b", "c"}, true}, {2, []string{"a", "b", "c"}, false}, {1, []string{"a", "b", "c"}, false}, {1, nil, true}, {2, nil, true}, {3, nil, false}} {
		s := networks["one hidden layer"]
		s.Outputs = c.outputs
		net, err := neuralnet.New(s, 3, kernel.NewStream(5, "init"))
		if err != nil {
			t.Fatal(err)
		}
		m := New(s, dataset.Description{Dimensions: 3, Classes: c.classes})
		m.Add(0, net)
		table, err := m.Table()
		if err != nil {
			t.Fatal(err)
		}
		got, err := FromTable(table)
		if c.ok != (err == nil) || !c.ok && !strings.Contains(err.Error(), "trained on data of") {
			t.Errorf("%d outputs, classes %v: %v", c.outputs, c.classes, err)
		}
		if c.ok && !reflect.DeepEqual(got, m) {
			t.Errorf("%d outputs: %+v, want %+v", c.outputs, got, m)
		}
	}
}
