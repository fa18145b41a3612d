package neuralnet

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"path/filepath"
	"testing"

	"spurion/stages/numeric/kernel"
)

// replayTo is where TestWriteReplay leaves the trainings that .ci/torch repeats in PyTorch.
var replayTo = flag.String("replay", "", "write trainings for PyTorch to repeat to this `file`")

// A replay is a whole training, with all that is needed to do it again. Numbers are float32, exactly.
type replay struct {
	Name        string            `json:"name"`
	Activation  string            `json:"activation"`
	Slope       float64           `json:"slope"`
	OutputScale float64           `json:"output_scale"`
	Loss        string            `json:"loss"`
	Optimizer   OptimizerSettings `json:"optimizer"`
	Inputs      int               `json:"inputs"`
	Shape       []int             `json:"shape"`  // channels, height and width of the images of a CNN; else null
	Layers      []ImageLayer      `json:"layers"` // of a CNN, before the hidden ones
	X           []float64         `json:"x"`      // [rows of the set, inputs]
	Labels      []int16           `json:"labels"`
	Batches     [][]int           `json:"batches"` // of each step, rows of the set
	Weights     [][]float64       `json:"weights"` // of each step, the rows' weights; null for the mean
	Initial     []replayLayer     `json:"initial"` // as Network.All
	Trained     []replayLayer     `json:"trained"`
	Losses      []float64         `json:"losses"` // of each step, before it: the weighted sum, or the mean
}

type replayLayer struct {
	Out     int       `json:"out"`
	Weights []float64 `json:"weights"` // [in, out]
	Biases  []float64 `json:"biases"`  // null if there are none
	// Running ones of a batch normalisation; else null.
	Mean     []float64 `json:"mean"`
	Variance []float64 `json:"variance"`
}

type replayCase struct {
	name        string
	settings    NetworkSettings
	loss        string
	optimizer   OptimizerSettings
	inputs      int
	batch, rows int  // the whole set is a batch if they are equal
	real        bool // inputs are not signs
	packed      bool // signs are given as bits
	weighted    bool
}

func replayCases() []replayCase {
	net := func(activation string, outputs int, hidden ...int) NetworkSettings {
		return NetworkSettings{Hidden: hidden, Activation: activation, Slope: 0.1, Bias: true, Outputs: outputs, InitScale: 1}
	}
	unbiased := net("relu", 1, 24)
	unbiased.Bias, unbiased.OutputScale, unbiased.Init, unbiased.InitScale = false, "1/sqrt(width)", "normal", 0.7
	sgd := func(rate, momentum float64, nesterov bool, decay float64) OptimizerSettings {
		return OptimizerSettings{Type: "sgd", Rate: rate, Momentum: momentum, Nesterov: nesterov, WeightDecay: decay, DecayBiases: true}
	}
	adam := func(kind string, rate, decay float64) OptimizerSettings {
		return OptimizerSettings{Type: kind, Rate: rate, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8, WeightDecay: decay, DecayBiases: true}
	}
	frozen := sgd(0.05, 0.9, false, 0)
	frozen.LayerRates = []float64{1, 0, 0.5}
	stepped, cosine := sgd(0.2, 0.5, false, 0), adam("adam", 0.01, 0)
	stepped.Schedule = &RateSchedule{Type: Step, Milestones: []int{20, 50}, Factor: 0.3}
	cosine.Schedule = &RateSchedule{Type: Cosine, Steps: 80, Final: 0}
	warm, clipped := sgd(0.1, 0.9, false, 0.02), sgd(0.3, 0.9, false, 0.001)
	warm.Decoupled, warm.Schedule, clipped.ClipNorm = true, &RateSchedule{Type: Constant, Warmup: 30}, 0.2
	cases := []replayCase{
		{name: "sgd, relu, cross-entropy", settings: net("relu", 2, 32), loss: "cross_entropy", optimizer: sgd(0.2, 0, false, 0), inputs: 20, batch: 32, rows: 320},
		{name: "momentum, leaky relu, two layers", settings: net("leaky_relu", 2, 24, 16), loss: "cross_entropy", optimizer: sgd(0.05, 0.9, false, 0.01), inputs: 20, batch: 32, rows: 320},
		{name: "nesterov, tanh, logistic", settings: net("tanh", 1, 32), loss: "logistic", optimizer: sgd(0.1, 0.9, true, 0.001), inputs: 17, batch: 29, rows: 203},
		{name: "full batch, adam, leaky relu, two layers", settings: net("leaky_relu", 2, 20, 20), loss: "cross_entropy", optimizer: adam("adam", 0.01, 0), inputs: 20, batch: 300, rows: 300},
		{name: "adam with decay, tanh, two layers, squared", settings: net("tanh", 1, 13, 7), loss: "squared", optimizer: adam("adam", 0.003, 0.1), inputs: 11, batch: 25, rows: 150},
		{name: "adamw, relu, two layers, real inputs", settings: net("relu", 2, 31, 18), loss: "cross_entropy", optimizer: adam("adamw", 0.003, 0.3), inputs: 16, batch: 40, rows: 240, real: true},
		{name: "hinge, momentum, relu", settings: net("relu", 1, 32), loss: "hinge", optimizer: sgd(0.05, 0.8, false, 0.01), inputs: 20, batch: 32, rows: 320},
		{name: "squared, full batch, sgd, tanh, real inputs", settings: net("tanh", 1, 40), loss: "squared", optimizer: sgd(0.05, 0, false, 0.01), inputs: 9, batch: 130, rows: 130, real: true},
		{name: "correlation, no biases, scaled output", settings: unbiased, loss: "correlation", optimizer: sgd(0.2, 0, false, 0.001), inputs: 20, batch: 32, rows: 320},
		{name: "weighted rows, quadratic, logistic", settings: net("quadratic", 1, 16), loss: "logistic", optimizer: sgd(0.02, 0.5, true, 0), inputs: 9, batch: 33, rows: 165, weighted: true},
		{name: "a frozen and a slower layer", settings: net("relu", 2, 16, 16), loss: "cross_entropy", optimizer: frozen, inputs: 14, batch: 20, rows: 200},
		{name: "rate in steps", settings: net("relu", 2, 32), loss: "cross_entropy", optimizer: stepped, inputs: 20, batch: 32, rows: 320},
		{name: "rate along a cosine", settings: net("leaky_relu", 2, 16), loss: "cross_entropy", optimizer: cosine, inputs: 20, batch: 32, rows: 320},
		{name: "linear model", settings: net("identity", 1), loss: "logistic", optimizer: sgd(0.3, 0.9, false, 0.001), inputs: 50, batch: 16, rows: 160, real: true},
		{name: "full batch, relu, cross-entropy", settings: net("relu", 2, 21), loss: "cross_entropy", optimizer: sgd(0.5, 0.5, false, 0), inputs: 18, batch: 290, rows: 290},
		{name: "clipped gradients, three layers", settings: net("leaky_relu", 2, 20, 16, 12), loss: "cross_entropy", optimizer: clipped, inputs: 20, batch: 32, rows: 320},
		{name: "warm-up, decoupled decay, tanh", settings: net("tanh", 1, 24), loss: "logistic", optimizer: warm, inputs: 20, batch: 32, rows: 320},
	}
	cases = withPacked(cases)
	cases = append(cases, withPacked([]replayCase{ // last, as a case's place seeds it
		{name: "three classes, momentum, relu", settings: net("relu", 3, 32), loss: "cross_entropy", optimizer: sgd(0.1, 0.9, false, 0.001), inputs: 20, batch: 32, rows: 320},
		{name: "seven classes, weighted rows, adam, tanh, two layers, real inputs", settings: net("tanh", 7, 20, 12), loss: "cross_entropy", optimizer: adam("adam", 0.01, 0), inputs: 12, batch: 140, rows: 280, real: true, weighted: true},
	})...)
	images := func(name string, s NetworkSettings, o OptimizerSettings) replayCase {
		in := *s.Input
		return replayCase{name: name, settings: s, loss: "cross_entropy", optimizer: o, inputs: in[0] * in[1] * in[2], batch: 24, rows: 120, real: true}
	}
	block := func(channels, stride int, shortcut ...ImageLayer) ImageLayer {
		return residual([]ImageLayer{conv(channels, 3, stride, 1), norm, rectify, conv(channels, 3, 1, 1), norm}, shortcut...)
	}
	resNet := cnn([]int{2, 8, 6}, nil, 3, ImageLayer{Type: Normalise, Mean: []float64{.1, -.2}, Deviation: []float64{1.5, .5}},
		conv(4, 3, 1, 1), norm, rectify, block(4, 1), rectify, block(6, 2, conv(6, 1, 2, 0), norm), rectify, globalPool)
	halfFrozen := sgd(0.05, 0.9, false, 0.01)
	halfFrozen.LayerRates = []float64{1, .5, 0, 1, 1}
	unshrunk := adam("adamw", 0.005, 0.2)
	return append(cases,
		images("images, sgd with momentum", cnn([]int{1, 11, 9}, []int{12}, 2, conv(4, 4, 1, 0), rectify, pool(MaxPool, 2, 0), conv(6, 3, 1, 1), rectify, pool(MaxPool, 2, 1)), sgd(0.05, 0.9, false, 0.001)),
		images("images, adam, strides, average pools", cnn([]int{3, 9, 8}, []int{10}, 2, conv(5, 3, 2, 1), rectify, pool(AveragePool, 2, 1), conv(4, 2, 2, 1)), adam("adam", 0.005, 0)),
		images("images, batch normalisation, residual blocks, sgd", resNet, sgd(0.05, 0.9, true, 0.001)),
		images("images, batch normalisation, adamw", cnn([]int{2, 7, 6}, []int{8}, 2, conv(5, 3, 1, 0), norm, rectify, pool(MaxPool, 3, 2)), unshrunk),
		images("images, a frozen and a slower layer", cnn([]int{1, 8, 7}, []int{9}, 2, conv(3, 3, 1, 1), norm, rectify, conv(4, 3, 2, 1), rectify), halfFrozen),
	)
}

// withPacked adds the cases whose inputs are signs with bits for them.
func withPacked(cases []replayCase) []replayCase {
	for _, c := range cases {
		if !c.real {
			c.name, c.packed = c.name+"; packed", true
			cases = append(cases, c)
		}
	}
	return cases
}

// Every case trains for 80 steps, and learns, with inputs that are signs once as numbers and once as bits; with -replay
// they are written down. Whether this is what PyTorch computes is for .ci/torch to say.
func TestWriteReplay(t *testing.T) {
	path := *replayTo
	if path == "" {
		path = filepath.Join(t.TempDir(), "replay.json")
	}
	var all []*replay
	for i, c := range replayCases() {
		r := c.train(t, int64(i), 80)
		if first, last := mean(r.Losses[:5]), mean(r.Losses[75:]); !(last < first) {
			t.Errorf("%s: the loss goes from %v to %v", c.name, first, last)
		}
		all = append(all, r)
	}
	data, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

func (c *replayCase) train(t *testing.T, seed int64, steps int) *replay {
	t.Helper()
	net, err := New(c.settings, c.inputs, kernel.NewStream(seed, "weights"))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := NewTrainer(net, c.loss, c.optimizer, c.batch)
	if err != nil {
		t.Fatal(err)
	}
	x, labels := c.data(kernel.NewStream(seed, "data"))
	r := &replay{
		Name: c.name, Activation: net.Activation, Slope: float64(float32(net.Slope)), OutputScale: float64(net.OutputScale),
		Loss: c.loss, Optimizer: c.optimizer, Inputs: c.inputs, X: widen(x), Labels: labels, Initial: replayLayers(net),
		Layers: c.settings.Layers,
	}
	if c.settings.Input != nil {
		r.Shape = *c.settings.Input
	}
	order := kernel.NewStream(seed, "order")
	bx, by, bw := make([]float32, c.batch*c.inputs), make([]int16, c.batch), make([]float32, c.batch)
	for range steps {
		rows, total := c.pick(order), 0.0
		for i, row := range rows {
			copy(bx[i*c.inputs:], x[row*c.inputs:(row+1)*c.inputs])
			by[i] = labels[row]
			bw[i] = 1 / float32(c.batch)
			if c.weighted {
				bw[i] = float32(2*order.Float64()) / float32(c.batch)
			}
		}
		losses := tr.Forward
		if c.packed {
			losses = func(x []float32, labels []int16, rows int) []float32 {
				return tr.ForwardSigns(packed(x, rows, c.inputs), labels, rows)
			}
		}
		for i, l := range losses(bx, by, c.batch) {
			total += float64(l) * float64(bw[i])
		}
		if c.weighted {
			tr.Backward(bw)
			r.Weights = append(r.Weights, widen(bw))
		} else {
			tr.Backward(nil)
		}
		if err := tr.Update(); err != nil {
			t.Fatal(err)
		}
		r.Batches, r.Losses = append(r.Batches, rows), append(r.Losses, total)
	}
	r.Trained = replayLayers(net)
	return r
}

// data gives labels that are the parity of two signs, a tenth of them wrong; of K classes the number of positive ones
// among the first K-1.
func (c *replayCase) data(s *kernel.Stream) (x []float32, labels []int16) {
	x, labels = make([]float32, c.rows*c.inputs), make([]int16, c.rows)
	for r := range labels {
		row := x[r*c.inputs : (r+1)*c.inputs]
		for i := range row {
			row[i] = float32(s.Normal())
			if !c.real {
				row[i] = float32(math.Copysign(1, float64(row[i])))
			}
		}
		positive := row[0] > 0
		if len(c.settings.Hidden) > 0 {
			positive = positive == (row[1] > 0)
		}
		wrong := s.IntN(10) == 0
		if positive != wrong {
			labels[r] = 1
		}
		if classes := c.settings.Outputs; classes > 2 {
			labels[r] = 0
			for _, v := range row[:classes-1] {
				if (v > 0) != wrong {
					labels[r]++
				}
			}
		}
	}
	return x, labels
}

func (c *replayCase) pick(s *kernel.Stream) []int {
	rows := make([]int, c.batch)
	for i := range rows {
		rows[i] = i
		if c.batch < c.rows {
			rows[i] = s.IntN(c.rows)
		}
	}
	return rows
}

func replayLayers(n *Network) []replayLayer {
	var layers []replayLayer
	for _, l := range n.All() {
		r := replayLayer{Out: l.Out, Weights: widen(l.Weights)}
		if l.Mean != nil {
			r.Mean, r.Variance = widen(l.Mean), widen(l.Variance)
		}
		if l.Biases != nil {
			r.Biases = widen(l.Biases)
		}
		layers = append(layers, r)
	}
	return layers
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}
