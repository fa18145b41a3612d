package debias

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/neuralnet"
)

// A layer is a linear network as steps.json has it.
type layer struct{ Weights, Biases []float64 }

// numpySteps is testdata/steps.json, which testdata/steps.py writes.
type numpySteps struct {
	Labels, Attributes []int16
	Inputs             []float32
	Batches            [][]int32
	GroupDRO           struct {
		Start, End            layer
		Eta, Adjustment, Rate float64
		Q                     [][]float64
	} `json:"group_dro"`
	JTT struct {
		First, Start, End layer
		Upweight          int
		Rate              float64
		Wrong             []bool
	}
	LfF struct {
		Biased, Debiased      layer
		Exponent, Decay, Rate float64
		Weights               [][]float64
		BiasedEnd             layer `json:"biased_end"`
		DebiasedEnd           layer `json:"debiased_end"`
	}
	IRM struct {
		Start, End    layer
		Penalty, Rate float64
	}
}

// trial gives a trial of a method on the samples, with a linear network.
func (n *numpySteps) trial(t *testing.T, rate float64, m MethodSettings) *Trial {
	t.Helper()
	d := sixGroups(t)
	samples := func(split dataset.Split) *dataset.Samples {
		s, err := dataset.New(split, dataset.Inputs{Dimensions: 4, Floats: n.Inputs}, dataset.Marks{Classes: 3, Values: 2, Labels: n.Labels, Attributes: n.Attributes})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	d.Train, d.Validation, d.Test = samples(dataset.TrainSplit), samples(dataset.ValidationSplit), samples(dataset.TestSplit)
	trial := newTestTrial(t, d, Settings{Batch: 12, Method: m, Network: neuralnet.NetworkSettings{InitScale: 1, Bias: true}, Optimizer: neuralnet.OptimizerSettings{Type: "sgd", Rate: rate}})
	trial.network.Hidden = nil
	return trial
}

func (l *layer) network() *neuralnet.Network {
	net := &neuralnet.Network{Activation: "relu", OutputScale: 1, Layers: []neuralnet.Layer{{In: 4, Out: 3}}}
	for _, w := range l.Weights {
		net.Layers[0].Weights = append(net.Layers[0].Weights, float32(w))
	}
	for _, b := range l.Biases {
		net.Layers[0].Biases = append(net.Layers[0].Biases, float32(b))
	}
	return net
}

// is holds a network against a layer.
func (l *layer) is(t *testing.T, what string, net *neuralnet.Network) {
	t.Helper()
	for i, w := range l.Weights {
		if got := float64(net.Layers[0].Weights[i]); math.Abs(got-w) > 1e-5 {
			t.Errorf("%s: weight %d is %v, numpy's %v", what, i, got, w)
		}
	}
	for i, b := range l.Biases {
		if got := float64(net.Layers[0].Biases[i]); math.Abs(got-b) > 1e-5 {
			t.Errorf("%s: bias %d is %v, numpy's %v", what, i, got, b)
		}
	}
}

// A replay gives listed batches.
type replay struct {
	batches []trainloop.Source
	next    int
}

func (r *replay) Next(b *trainloop.Batch) { r.batches[r.next].Next(b); r.next++ }
func (r *replay) MaxRows() int            { return r.batches[0].MaxRows() }
func (r *replay) EpochRows() int          { return 36 }

// replayed gives the batches of steps.json; each is a list of its own, which is shuffled, so that sums round otherwise.
func (n *numpySteps) replayed(trial *Trial) *replay {
	r := &replay{}
	for _, rows := range n.Batches {
		r.batches = append(r.batches, trainloop.Shuffled(trial.dataset.Train, slices.Clone(rows), len(rows), trainloop.OrderStream(1, "replay")))
	}
	return r
}

// train takes a step on each batch; look sees each after it.
func (n *numpySteps) train(t *testing.T, trial *Trial, net *neuralnet.Network, step func(*neuralnet.Trainer) trainloop.Step, look func(i int, b *trainloop.Batch)) {
	t.Helper()
	source := n.replayed(trial)
	trainer, err := trial.trainer(net, int64(len(n.Batches)), source)
	if err != nil {
		t.Fatal(err)
	}
	take := step(trainer)
	var b trainloop.Batch
	for i := range n.Batches {
		source.Next(&b)
		if _, err := take(&b); err != nil {
			t.Fatal(err)
		}
		look(i, &b)
	}
}

func descend(weigh func(*trainloop.Batch, []float32) []float32) func(*neuralnet.Trainer) trainloop.Step {
	return func(trainer *neuralnet.Trainer) trainloop.Step { return trainloop.Descend(trainer, weigh) }
}

// Steps on three classes and six groups are those that numpy takes in float64, from the formulas.
func TestStepsAreNumpys(t *testing.T) {
	text, err := os.ReadFile("testdata/steps.json")
	if err != nil {
		t.Fatal(err)
	}
	var n numpySteps
	if err := json.Unmarshal(text, &n); err != nil {
		t.Fatal(err)
	}
	t.Run("group_dro", n.groupDRO)
	t.Run("jtt", n.jtt)
	t.Run("lff", n.lff)
	t.Run("irm", n.irm)
}

func (n *numpySteps) groupDRO(t *testing.T) {
	want := &n.GroupDRO
	trial := n.trial(t, want.Rate, MethodSettings{Name: "group_dro", Rate: want.Eta, SizeAdjustment: want.Adjustment})
	d := trial.byGroup()
	state, err := trial.newDRO(d)
	if err != nil {
		t.Fatal(err)
	}
	net := want.Start.network()
	weigh := func(b *trainloop.Batch, losses []float32) []float32 {
		return state.weigh(trial.batchCells(d, b), losses)
	}
	n.train(t, trial, net, descend(weigh), func(i int, _ *trainloop.Batch) {
		for g, q := range want.Q[i] {
			if math.Abs(state.q[g]-q) > 1e-6 {
				t.Errorf("step %d: group %d weighs %v, numpy's %v", i+1, g, state.q[g], q)
			}
		}
	})
	want.End.is(t, "the end", net)
}

func (n *numpySteps) jtt(t *testing.T) {
	want := &n.JTT
	trial := n.trial(t, want.Rate, MethodSettings{Name: "jtt", Upweight: want.Upweight})
	wrong, err := trial.Wrong(t.Context(), want.First.network())
	if err != nil || !slices.Equal(wrong, want.Wrong) {
		t.Fatalf("the error set is %v, numpy's %v; %v", wrong, want.Wrong, err)
	}
	net := want.Start.network()
	n.train(t, trial, net, descend(upweigh(wrong, want.Upweight, sizeOf(wrong), true)), func(int, *trainloop.Batch) {})
	want.End.is(t, "the end", net)
	list := repeated(wrong, want.Upweight)
	if len(list) != len(wrong)+(want.Upweight-1)*sizeOf(want.Wrong) {
		t.Errorf("by repeating there are %d samples", len(list))
	}
}

func (n *numpySteps) lff(t *testing.T) {
	want := &n.LfF
	trial := n.trial(t, want.Rate, MethodSettings{Name: "lff", Exponent: want.Exponent, LossDecay: want.Decay})
	biased, debiased := want.Biased.network(), want.Debiased.network()
	source := &twice{Source: n.replayed(trial)}
	f, err := newFailures(trial, biased, debiased, source)
	if err != nil {
		t.Fatal(err)
	}
	var b trainloop.Batch
	for i, rows := range n.Batches {
		for range 2 {
			source.Next(&b)
			if _, err := f.step(&b); err != nil {
				t.Fatal(err)
			}
		}
		for k, row := range rows {
			if got := f.weight(row); math.Abs(got-want.Weights[i][k]) > 1e-5 {
				t.Errorf("batch %d: sample %d weighs %v, numpy's %v", i, row, got, want.Weights[i][k])
			}
		}
	}
	want.BiasedEnd.is(t, "the biased network", biased)
	want.DebiasedEnd.is(t, "the debiased network", debiased)
}

func (n *numpySteps) irm(t *testing.T) {
	want := &n.IRM
	trial := n.trial(t, want.Rate, MethodSettings{Name: "irm"})
	net, d := want.Start.network(), trial.byAttribute()
	p := &penalty{loss: "cross_entropy", square: true, weight: want.Penalty}
	step := func(trainer *neuralnet.Trainer) trainloop.Step {
		return trainloop.DescendShaped(trainer, func(b *trainloop.Batch, scores, _, slopes []float32) {
			p.add(trial.batchCells(d, b), b.Labels, scores, slopes)
		})
	}
	n.train(t, trial, net, step, func(int, *trainloop.Batch) {})
	want.End.is(t, "the end", net)
}
