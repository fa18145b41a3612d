package neuralnet

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"spurion/stages"
	"spurion/stages/numeric/kernel"
)

// Initial weights have the variance, range or norm that their name promises; biases are 0 but for
// pytorch.
func TestInitialWeights(t *testing.T) {
	const in, out = 60, 400
	for _, c := range []struct {
		name          string
		scale         float64
		variance, max float64 // max 0: unbounded
	}{
		{"pytorch", 1, 1.0 / in / 3, 1 / math.Sqrt(in)},
		{"he_normal", 2, 4 * 2.0 / in, 0},
		{"he_uniform", 1, 2.0 / in, math.Sqrt(6.0 / in)},
		{"xavier_normal", 1, 2.0 / (in + out), 0},
		{"xavier_uniform", 3, 9 * 2.0 / (in + out), 3 * math.Sqrt(6.0/(in+out))},
		{"normal", 0.3, 0.09, 0},
		{"sphere", 2, 4.0 / in, 2},
		{"signs", 0.5, 0.25, 0.5},
		{"zeros", 1, 0, 0},
	} {
		net, err := New(NetworkSettings{Hidden: []int{out}, Bias: true, Outputs: 1, Init: c.name, InitScale: c.scale}, in, kernel.NewStream(4, c.name))
		if err != nil {
			t.Fatal(err)
		}
		l := net.Layers[0]
		sum, squares, fourth, largest := 0.0, 0.0, 0.0, 0.0
		for _, w := range l.Weights {
			x := float64(w)
			sum += x
			squares += x * x
			fourth += x * x * x * x
			largest = max(largest, math.Abs(x))
		}
		n := float64(len(l.Weights))
		variance := squares / n
		// Limits of 5 standard errors: a chance of 6e-7 each, two-sided.
		if math.Abs(sum/n) > 5*math.Sqrt(c.variance/n) {
			t.Errorf("%s: the mean is %v", c.name, sum/n)
		}
		if error := math.Sqrt(max(0, fourth/n-variance*variance) / n); math.Abs(variance-c.variance) > 5*error+1e-8 {
			t.Errorf("%s: the variance is %v, want %v", c.name, variance, c.variance)
		}
		if c.max > 0 && (largest > c.max*1.0000001 || c.name != "sphere" && largest < 0.99*c.max) {
			t.Errorf("%s: the largest is %v, want %v", c.name, largest, c.max)
		}
		checkInitialBiases(t, c.name, l.Biases, c.max)
		if c.name == "sphere" {
			for o := range l.Out {
				if norm := math.Sqrt(sumSquares(l.NeuronWeights(nil, o))); math.Abs(norm-2) > 1e-6 {
					t.Errorf("neuron %d has norm %v", o, norm)
				}
			}
		}
	}
}

// checkInitialBiases wants biases of 0 but for pytorch, and there those of torch.nn.Linear: uniform up to limit.
func checkInitialBiases(t *testing.T, name string, biases []float32, limit float64) {
	t.Helper()
	largest, sum := 0.0, 0.0
	for _, b := range biases {
		largest, sum = max(largest, math.Abs(float64(b))), sum+float64(b)
	}
	if name != "pytorch" {
		if largest != 0 {
			t.Errorf("%s: a bias is %v", name, largest)
		}
		return
	}
	// The largest of 400 is below 95 % of the limit with a chance of 1e-9; the mean has a standard error of limit/sqrt(3*400).
	if largest > limit*1.0000001 || largest < .95*limit || math.Abs(sum/400) > 5*limit/math.Sqrt(3*400) {
		t.Errorf("%s: the largest bias is %v, want up to %v; their mean is %v", name, largest, limit, sum/400)
	}
}

func TestOutputLayerHasItsOwnInitAndScale(t *testing.T) {
	half := 0.5
	net, err := New(NetworkSettings{Hidden: []int{4, 16}, Outputs: 1, Init: "sphere", InitScale: 1, OutputInit: "signs",
		OutputInitScale: &half, OutputScale: "1/sqrt(width)", Activation: "quadratic"}, 7, kernel.NewStream(1, "w"))
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range net.Layers[2].Weights {
		if w != 0.5 && w != -0.5 {
			t.Errorf("an output weight is %v", w)
		}
	}
	if net.OutputScale != 0.25 || net.Width() != 16 || net.Inputs() != 7 || net.Outputs() != 1 || net.Layers[0].Biases != nil {
		t.Errorf("scale %v, width %d, inputs %d, outputs %d", net.OutputScale, net.Width(), net.Inputs(), net.Outputs())
	}
	if norms := net.WeightNorms(); math.Abs(norms[2]-2) > 1e-6 || net.Parameters() != 28+64+16 {
		t.Errorf("norms %v, parameters %d", norms, net.Parameters())
	}
}

// Each layer may have its own initialisation and factor. A layer's draws come after those below it.
func TestLayersHaveTheirOwnInits(t *testing.T) {
	s := NetworkSettings{Hidden: []int{20, 30}, Bias: true, Outputs: 2, Init: "zeros", InitScale: 9,
		LayerInits: []string{"sphere", "pytorch", "signs"}, LayerInitScales: []float64{0.5, 1, 0.25}}
	net, err := New(s, 7, kernel.NewStream(1, "w"))
	if err != nil {
		t.Fatal(err)
	}
	for o := range 20 {
		if norm := math.Sqrt(sumSquares(net.Layers[0].NeuronWeights(nil, o))); math.Abs(norm-0.5) > 1e-6 {
			t.Errorf("neuron %d of the first layer has norm %v", o, norm)
		}
	}
	if largest := slices.Max(net.Layers[1].Weights); float64(largest) > 1/math.Sqrt(20) || largest < 0.2 || net.Layers[1].BiasNorm() == 0 {
		t.Errorf("the second layer's largest weight is %v", largest)
	}
	for _, w := range net.Layers[2].Weights {
		if w != 0.25 && w != -0.25 {
			t.Errorf("an output weight is %v", w)
		}
	}
	// Lists that repeat init and output_init change nothing.
	half := 0.5
	short := NetworkSettings{Hidden: []int{4, 3}, Bias: true, Outputs: 2, Init: "he_normal", InitScale: 2, OutputInit: "signs", OutputInitScale: &half}
	long := NetworkSettings{Hidden: []int{4, 3}, Bias: true, Outputs: 2,
		LayerInits: []string{"he_normal", "he_normal", "signs"}, LayerInitScales: []float64{2, 2, 0.5}}
	a, err := New(short, 5, kernel.NewStream(1, "w"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := New(long, 5, kernel.NewStream(1, "w"))
	if err != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("lists give other weights: %v", err)
	}
}

func TestNetworkSettingsCheck(t *testing.T) {
	one := 1.0
	for _, c := range []struct {
		s    NetworkSettings
		want string // the problem's path
	}{
		{NetworkSettings{Hidden: []int{3}, LayerInits: []string{"zeros"}}, "layer_inits"},
		{NetworkSettings{Hidden: []int{3}, LayerInitScales: []float64{1, 2, 3}}, "layer_init_scales"},
		{NetworkSettings{LayerInits: []string{"zeros"}, OutputInit: "signs"}, "output_init"},
		{NetworkSettings{LayerInitScales: []float64{1}, OutputInitScale: &one}, "output_init_scale"},
		{NetworkSettings{Hidden: []int{3}, LayerInits: []string{"zeros", "signs"}, OutputInit: "same", OutputInitScale: &one}, ""},
	} {
		got := ""
		for _, p := range c.s.Check() {
			got += p.Path
		}
		if got != c.want {
			t.Errorf("%+v: problems at %q, want %q", c.s, got, c.want)
		}
		c.s.Outputs, c.s.InitScale = 1, 1
		if _, err := New(c.s, 4, kernel.NewStream(1, "w")); (err == nil) != (c.want == "") {
			t.Errorf("%+v: %v", c.s, err)
		}
	}
	if _, err := New(NetworkSettings{Hidden: []int{3}, Outputs: 1, Init: "normal", InitScale: 1e39}, 4, kernel.NewStream(1, "w")); err == nil {
		t.Error("infinite initial weights are accepted")
	}
}

// Margins and Features are those of the float64 network, whatever the number of rows.
func TestEvaluation(t *testing.T) {
	for outputs := 1; outputs <= 2; outputs++ {
		for _, hidden := range [][]int{nil, {9}, {8, 5}} {
			net, err := New(NetworkSettings{Hidden: hidden, Bias: true, Outputs: outputs, InitScale: 2}, 6, kernel.NewStream(2, "w"))
			if err != nil {
				t.Fatal(err)
			}
			for _, rows := range []int{1, 15, chunkRows, chunkRows + 1, 3*chunkRows - 1} {
				x := make([]float32, rows*6)
				parityBatch(kernel.NewStream(3, "x"), x, make([]int16, rows), 6, 2)
				m, f := make([]float32, rows), make([]float32, rows*net.Width())
				net.Margins(m, x, rows)
				net.Features(f, x, rows)
				w := net.Width()
				last := &Network{OutputScale: 1, Layers: net.Layers[len(net.Layers)-1:]}
				for r := range rows {
					row, features := widen(x[r*6:r*6+6]), widen(f[r*w:(r+1)*w])
					logits := referenceOf(net).logits(row)
					want := logits[outputs-1]
					if outputs == 2 {
						want -= logits[0]
					}
					viaFeatures := referenceOf(last).logits(features)
					if math.Abs(float64(m[r])-want) > 1e-5 || math.Abs(viaFeatures[0]-logits[0]) > 1e-5 {
						t.Fatalf("outputs %d, hidden %v, row %d of %d: margin %v, want %v", outputs, hidden, r, rows, m[r], want)
					}
				}
			}
		}
	}
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i, v := range x {
		y[i] = float64(v)
	}
	return y
}

func TestCloneAndCopyShareNothing(t *testing.T) {
	net, err := New(NetworkSettings{Hidden: []int{3}, Bias: true, Outputs: 1, InitScale: 1}, 4, kernel.NewStream(1, "w"))
	if err != nil {
		t.Fatal(err)
	}
	c := net.Clone()
	c.Layers[0].Weights[0]++
	c.Layers[1].Biases[0]++
	if net.Layers[0].Weights[0] == c.Layers[0].Weights[0] || net.Layers[1].Biases[0] == c.Layers[1].Biases[0] {
		t.Error("a clone shares weights")
	}
	net.CopyFrom(c)
	c.Layers[0].SetNeuronWeights(2, []float32{1, 2, 3, 4})
	if net.Layers[1].Biases[0] != c.Layers[1].Biases[0] || c.Layers[0].Weights[3*3+2] != 4 || net.Layers[0].Weights[3*3+2] == 4 {
		t.Error("CopyFrom did not copy, or shares")
	}
}

// TestTooManyWeights: a layer that no memory holds is an error.
func TestTooManyWeights(t *testing.T) {
	s := NetworkSettings{Hidden: []int{1 << 20}, Outputs: 2, Init: "pytorch", InitScale: 1}
	if _, err := New(s, 1<<20, kernel.NewStream(1, "w")); err == nil || !strings.Contains(err.Error(), "1048576 inputs and 1048576 outputs has more than 2^30 weights") {
		t.Error(err)
	}
}

// The tags are well formed, and their defaults make a network and a trainer.
func TestSettingsDefaults(t *testing.T) {
	for _, check := range []func() (*stages.Schema, error){stages.SchemaOf[NetworkSettings], stages.SchemaOf[OptimizerSettings], stages.SchemaOf[RateSchedule]} {
		schema, err := check()
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range schema.Attributes {
			if a.Required && a.Name != "type" && a.Name != "rate" && a.Name != "layers" {
				t.Errorf("%s is required", a.Name)
			}
		}
	}
	s := OptimizerSettings{Type: "sgd", Nesterov: true}
	if p := s.Check(); len(p) != 1 || p[0].Path != "nesterov" {
		t.Errorf("Nesterov without momentum: %v", p)
	}
	if _, err := New(NetworkSettings{Activation: "step", Outputs: 1}, 3, nil); err == nil {
		t.Error("an unknown activation is accepted")
	}
	if _, err := New(NetworkSettings{Init: "ones", Outputs: 1}, 3, nil); err == nil {
		t.Error("an unknown initialisation is accepted")
	}
	if _, err := New(NetworkSettings{Outputs: 1}, 0, nil); err == nil {
		t.Error("a network without inputs is accepted")
	}
}

func TestTurn(t *testing.T) {
	for rows := 1; rows < 6; rows++ {
		for cols := 1; cols < 20; cols++ {
			src, dst := make([]float32, rows*cols+3), slices.Repeat([]float32{-1}, rows*cols+3)
			for i := range src {
				src[i] = float32(i)
			}
			turn(dst, src, rows, cols)
			for i := range rows {
				for j := range cols {
					if dst[j*rows+i] != src[i*cols+j] {
						t.Fatalf("%d x %d: element %d, %d is %v", rows, cols, i, j, dst[j*rows+i])
					}
				}
			}
			if !slices.Equal(dst[rows*cols:], []float32{-1, -1, -1}) {
				t.Errorf("%d x %d: wrote past the end", rows, cols)
			}
		}
	}
}
