package neuralnet

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// Each optimizer takes the steps of its published rule, computed in float64. The trainer's network is
// f = w x + b with x held at 1/2 and y at 1, and has the squared loss: the gradients are 2(f - y) x and 2(f - y). It starts
// where no sign will be that of 0.
func TestOptimizersTakeThePublishedSteps(t *testing.T) {
	adam := OptimizerSettings{Type: "adam", Rate: 0.1, Beta1: 0.8, Beta2: 0.95, Epsilon: 1e-3}
	with := func(o OptimizerSettings, change func(*OptimizerSettings)) OptimizerSettings { change(&o); return o }
	for i, o := range []OptimizerSettings{
		{Type: "sgd", Rate: 0.1},
		{Type: "sgd", Rate: 0.1, WeightDecay: 0.3},
		{Type: "sgd", Rate: 0.1, Momentum: 0.7, WeightDecay: 0.1},
		{Type: "sgd", Rate: 0.1, Momentum: 0.7, Nesterov: true},
		{Type: "sgd", Rate: 0.1, ClipNorm: 0.5},
		{Type: "sgd", Rate: 0.1, LayerRates: []float64{0.25}},
		{Type: "sgd", Rate: 0.1, WeightDecay: 0.3, Decoupled: true},
		{Type: "sgd", Rate: 0.1, Momentum: 0.7, WeightDecay: 0.1, Decoupled: true},
		{Type: "sgd", Rate: 0.1, Momentum: 0.7, Nesterov: true, WeightDecay: 0.1, Decoupled: true, LayerRates: []float64{0.5}},
		{Type: "sgd", Rate: 0.1, Momentum: 0.7, WeightDecay: 0.1, Decoupled: true, Schedule: &RateSchedule{Type: Cosine, Warmup: 3, Steps: 20, Final: 0.05}},
		with(adam, func(o *OptimizerSettings) {
			o.Type, o.WeightDecay, o.Schedule = "adamw", 0.2, &RateSchedule{Type: Step, Milestones: []int{9, 18}, Factor: 0.5}
		}),
		adam,
		with(adam, func(o *OptimizerSettings) { o.WeightDecay = 0.2 }),
		with(adam, func(o *OptimizerSettings) { o.Type, o.WeightDecay = "adamw", 0.2 }),
		{Type: "sign", Rate: 0.1, WeightDecay: 0.1},
		{Type: "sign", Rate: 0.1, WeightDecay: 0.1, Decoupled: true},
	} {
		t.Run(fmt.Sprintf("%d %s", i, o.Type), func(t *testing.T) {
			net := &Network{Activation: "relu", OutputScale: 1, Layers: []Layer{{In: 1, Out: 1, Weights: []float32{2.53}, Biases: []float32{-1.47}}}}
			o.DecayBiases = true
			tr, err := NewTrainer(net, "squared", o, 1)
			if err != nil {
				t.Fatal(err)
			}
			w, b := published{w: 2.53}, published{w: -1.47}
			for step := 1; step <= 30; step++ {
				tr.Forward([]float32{0.5}, []int16{1}, 1)
				tr.Backward(nil)
				if err := tr.Update(); err != nil {
					t.Fatal(err)
				}
				g := 2 * (w.w/2 + b.w - 1)
				clipped := g
				if norm := math.Abs(g) * math.Sqrt(1.25); o.ClipNorm > 0 && norm > o.ClipNorm {
					clipped = g * o.ClipNorm / norm
				}
				w.step(o, clipped/2, step)
				b.step(o, clipped, step)
				for _, c := range []struct {
					what string
					got  float32
					want float64
				}{{"weight", net.Layers[0].Weights[0], w.w}, {"bias", net.Layers[0].Biases[0], b.w}} {
					if math.Abs(float64(c.got)-c.want) > 2e-6*float64(step) {
						t.Fatalf("after step %d the %s is %v, want %v", step, c.what, c.got, c.want)
					}
				}
			}
			if tr.Steps() != 30 {
				t.Errorf("%d steps counted", tr.Steps())
			}
		})
	}
}

// published holds a weight and the moments of its rule, whose step takes a gradient that has been clipped.
type published struct{ w, m, v float64 }

func (p *published) step(o OptimizerSettings, g float64, t int) {
	rate := o.Rate * publishedRate(o.Schedule, t)
	if len(o.LayerRates) > 0 {
		rate *= o.LayerRates[0]
	}
	if o.Type == "adamw" || o.Decoupled {
		p.w -= rate * o.WeightDecay * p.w
	} else {
		g += o.WeightDecay * p.w
	}
	switch o.Type {
	case "sgd": // Sutskever et al. 2013, in PyTorch's form
		p.m = o.Momentum*p.m + g
		if o.Nesterov {
			g += o.Momentum * p.m
		} else {
			g = p.m
		}
		p.w -= rate * g
	case "adam", "adamw": // Kingma and Ba 2015, algorithm 1
		p.m = o.Beta1*p.m + (1-o.Beta1)*g
		p.v = o.Beta2*p.v + (1-o.Beta2)*g*g
		mean := p.m / (1 - math.Pow(o.Beta1, float64(t)))
		square := p.v / (1 - math.Pow(o.Beta2, float64(t)))
		p.w -= rate * mean / (math.Sqrt(square) + o.Epsilon)
	case "sign":
		if g > 0 {
			p.w -= rate
		} else if g < 0 {
			p.w += rate
		}
	}
}

func TestFrozenLayersStayAndOthersMove(t *testing.T) {
	for frozen := range 3 {
		j := job{inputs: 6, hidden: []int{5, 4}, rows: 8, act: "tanh", outputs: 2, opt: OptimizerSettings{Type: "adam", Rate: 0.1, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, WeightDecay: 0.1}}
		j.opt.LayerRates = []float64{1, 1, 1}
		j.opt.LayerRates[frozen] = 0
		tr, x, labels := j.trainer(t)
		before := tr.net.Clone()
		for range 3 {
			step(tr, x, labels, j.rows)
		}
		for i := range 3 {
			moved := tr.net.Layers[i].Weights[0] != before.Layers[i].Weights[0] && tr.net.Layers[i].Biases[0] != before.Layers[i].Biases[0]
			if moved == (i == frozen) {
				t.Errorf("with layer %d frozen: layer %d moved: %v", frozen, i, moved)
			}
		}
	}
	// Freezing the lower layers does not change the gradient of the others.
	j := job{inputs: 6, hidden: []int{5, 4}, rows: 8, act: "tanh", outputs: 2, opt: OptimizerSettings{Type: "sgd", Rate: 0.1}}
	all, x, labels := j.trainer(t)
	j.opt.LayerRates = []float64{0, 0, 1}
	top, _, _ := j.trainer(t)
	step(all, x, labels, j.rows)
	step(top, x, labels, j.rows)
	for i, w := range top.net.Layers[2].Weights {
		if w != all.net.Layers[2].Weights[i] {
			t.Fatalf("output weight %d is %v with the rest frozen, else %v", i, w, all.net.Layers[2].Weights[i])
		}
	}
}

// Weight decay that is small next to 1 is right in the long run: rounding does not lean to one side.
func TestSmallDecoupledDecayAddsUp(t *testing.T) {
	const steps, rate, decay = 10000, 0.01, 1e-3
	for _, o := range []OptimizerSettings{
		{Type: "sgd", Rate: rate, WeightDecay: decay, Decoupled: true},
		{Type: "sgd", Rate: rate, Momentum: 0.9, WeightDecay: decay, Decoupled: true},
		{Type: "adamw", Rate: rate, Beta1: 0.9, Beta2: 0.99, Epsilon: 1e-8, WeightDecay: decay},
	} {
		net := &Network{Activation: "relu", OutputScale: 1, Layers: []Layer{{In: 1, Out: 1, Weights: []float32{1.7}}}}
		tr, err := NewTrainer(net, "correlation", o, 1)
		if err != nil {
			t.Fatal(err)
		}
		for range steps {
			tr.Forward([]float32{0}, []int16{1}, 1) // an input of 0: no gradient
			tr.Backward(nil)
			if err := tr.Update(); err != nil {
				t.Fatal(err)
			}
		}
		// 10,000 roundings of half a unit in the last place at most, which do not add up but by chance: about 3e-6.
		want := 1.7 * math.Pow(1-rate*decay, steps)
		if got := float64(net.Layers[0].Weights[0]); math.Abs(got/want-1) > 2e-5 {
			t.Errorf("%s with momentum %v: the weight is %v, want %v", o.Type, o.Momentum, got, want)
		}
	}
}

// Norms are those of the gradient before it is clipped, whenever they are asked for.
func TestGradientNormsAreBeforeClipping(t *testing.T) {
	j := job{inputs: 6, hidden: []int{5, 4}, rows: 8, act: "tanh", outputs: 2, opt: OptimizerSettings{Type: "sgd", Rate: 0.1, LayerRates: []float64{0, 1, 1}}}
	free, x, labels := j.trainer(t)
	j.opt.ClipNorm = 1e-3
	clipped, _, _ := j.trainer(t)
	for _, tr := range []*Trainer{free, clipped} {
		tr.Forward(x, labels, j.rows)
		tr.Backward(nil)
	}
	norm, upper := clipped.GradientNorm(), clipped.LayerGradientNorm(1)
	before := clipped.net.Clone()
	for _, tr := range []*Trainer{free, clipped} {
		if err := tr.Update(); err != nil {
			t.Fatal(err)
		}
	}
	if got := clipped.GradientNorm(); got != norm || got != free.GradientNorm() || clipped.LayerGradientNorm(1) != upper {
		t.Errorf("the norm is %v before and %v after clipping, %v without", norm, got, free.GradientNorm())
	}
	if both := math.Hypot(upper, clipped.LayerGradientNorm(2)); math.Abs(both-norm) > 1e-12 || clipped.LayerGradientNorm(0) != 0 || !clipped.Frozen(0) {
		t.Errorf("the layers' norms make %v, all have %v; the frozen one has %v", both, norm, clipped.LayerGradientNorm(0))
	}
	moved := 0.0
	for i := range before.Layers {
		l, b := &clipped.net.Layers[i], &before.Layers[i]
		d := l.WeightDistance(b)
		biases := (&Layer{Weights: l.Biases}).WeightDistance(&Layer{Weights: b.Biases})
		moved += d*d + biases*biases
	}
	if want := 0.1 * 1e-3; math.Abs(math.Sqrt(moved)-want) > 1e-3*want {
		t.Errorf("the weights moved by %v, want rate times clip_norm = %v", math.Sqrt(moved), want)
	}
	clipped.Forward(x, labels, j.rows)
	clipped.Backward(nil)
	if got := clipped.GradientNorm(); got == norm {
		t.Error("the next gradient has the norm of the last one")
	}
}

func TestBiasesWithoutDecay(t *testing.T) {
	run := func(decayBiases bool) float32 {
		net := &Network{Activation: "relu", OutputScale: 1, Layers: []Layer{{In: 1, Out: 1, Weights: []float32{1}, Biases: []float32{1}}}}
		tr, err := NewTrainer(net, "squared", OptimizerSettings{Type: "sgd", Rate: 0.5, WeightDecay: 0.5, DecayBiases: decayBiases}, 1)
		if err != nil {
			t.Fatal(err)
		}
		tr.Forward([]float32{0}, []int16{1}, 1) // f = bias = 1 = y: no gradient
		tr.Backward(nil)
		if err := tr.Update(); err != nil {
			t.Fatal(err)
		}
		return net.Layers[0].Biases[0]
	}
	if with, without := run(true), run(false); with != 0.75 || without != 1 {
		t.Errorf("the bias is %v with decay and %v without, want 0.75 and 1", with, without)
	}
}

func TestDivergenceIsReported(t *testing.T) {
	stepOf := func(net *Network, rate float64) (*Trainer, error) {
		tr, err := NewTrainer(net, "squared", OptimizerSettings{Type: "sgd", Rate: rate}, 1)
		if err != nil {
			t.Fatal(err)
		}
		for range 100 {
			tr.Forward([]float32{1}, []int16{1}, 1)
			tr.Backward(nil)
			if err := tr.Update(); err != nil {
				return tr, err
			}
		}
		return tr, nil
	}
	line := func(w float32) *Network {
		return &Network{Activation: "relu", OutputScale: 1, Layers: []Layer{{In: 1, Out: 1, Weights: []float32{w}}}}
	}
	net := line(3e30)
	tr, err := stepOf(net, 0.1)
	if !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "step 1: the loss of row 0") {
		t.Errorf("an infinite loss gives %v", err)
	}
	if net.Layers[0].Weights[0] != 3e30 || tr.Steps() != 0 {
		t.Error("an infinite loss changed the weights")
	}
	if _, err := stepOf(line(2), 1e39); !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "step 1: a weight of layer 0") {
		t.Errorf("an infinite weight gives %v", err)
	}
	biased := line(1)
	biased.Layers[0].Weights[0], biased.Layers[0].Biases = 0, []float32{2}
	tr, err = NewTrainer(biased, "squared", OptimizerSettings{Type: "sgd", Rate: 3e38}, 1)
	if err != nil {
		t.Fatal(err)
	}
	tr.Forward([]float32{0}, []int16{1}, 1) // no gradient but the bias's
	tr.Backward(nil)
	if err := tr.Update(); !errors.Is(err, ErrDiverged) || !strings.Contains(err.Error(), "step 1: a bias of layer 0") {
		t.Errorf("an infinite bias gives %v", err)
	}
	if _, err := stepOf(line(2), 30); !errors.Is(err, ErrDiverged) {
		t.Errorf("a rate of 30 gives %v", err)
	}
	if _, err := stepOf(line(2), 0.1); err != nil {
		t.Errorf("a good rate gives %v", err)
	}
}

func TestNewTrainerRefuses(t *testing.T) {
	s := NetworkSettings{Hidden: []int{3}, Outputs: 2, InitScale: 1}
	net, err := New(s, 4, kernel.NewStream(1, "w"))
	if err != nil {
		t.Fatal(err)
	}
	good := OptimizerSettings{Type: "sgd", Rate: 1}
	for name, try := range map[string]func() (*Trainer, error){
		"loss":    func() (*Trainer, error) { return NewTrainer(net, "logistic", good, 1) },
		"unknown": func() (*Trainer, error) { return NewTrainer(net, "l1", good, 1) },
		"batch":   func() (*Trainer, error) { return NewTrainer(net, "cross_entropy", good, 0) },
		"type":    func() (*Trainer, error) { return NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "lbfgs"}, 1) },
		"rates": func() (*Trainer, error) {
			return NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", LayerRates: []float64{1}}, 1)
		},
		"epochs": func() (*Trainer, error) {
			return NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Schedule: &RateSchedule{Type: Constant, WarmupEpochs: new(1.)}}, 1)
		},
		"schedule": func() (*Trainer, error) {
			return NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Schedule: &RateSchedule{Type: Cosine}}, 1)
		},
	} {
		if _, err := try(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestStepsDoNotAllocate(t *testing.T) {
	if stagetest.Raced {
		t.Skip("the race detector drops pooled memory")
	}
	for _, j := range jobs() {
		if j.rows > 1000 || testing.Short() && j.inputs > 100 || kernel.Path() == "portable" && len(j.hidden) == 2 {
			continue
		}
		tr, x, labels := j.trainer(t)
		if n := testing.AllocsPerRun(3, func() { step(tr, x, labels, j.rows) }); n != 0 {
			t.Errorf("job %s: %v allocations a step", j.name, n)
		}
	}
}
