package debias

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// By hand: a confidence of 0.95 is a margin of 2.94.
func TestThresholdsOfSSA(t *testing.T) {
	inf := float32(math.Inf(1))
	got := thresholds([]int{1, 2, 0, 5}, [][]float32{{.1, .5, .2}, {3, 1, .1}, {1, 2, 3, 4}, {7, 8}}, .95)
	// None labelled and 2 sure of group 2: 2 of each, so 1 sure one of group 0 and none of the others.
	if want := []float32{.5, inf, 2.9444389, inf}; !near(got, want) {
		t.Errorf("thresholds %v, want %v", got, want)
	}
	got = thresholds([]int{1, 2, 3, 5}, [][]float32{{3, 5, .2, 4}, {3, 1, .1}, {1, 2, 3, 4}, {7, 8}}, .95)
	// 1 labelled and 3 sure of group 0: 4 of each, so 2, 1 and no sure ones of the others.
	if want := []float32{2.9444389, 1, 4, inf}; !near(got, want) {
		t.Errorf("thresholds %v, want %v", got, want)
	}
	got = thresholds([]int{1, 2, 3, 5}, [][]float32{{3}, {3}, {1}, {7}}, 1)
	if want := []float32{inf, inf, inf, inf}; !near(got, want) {
		t.Errorf("with a confidence of 1 thresholds are %v", got)
	}
	if got := thresholds([]int{1, 1, 1, 1}, [][]float32{{0}, {3}, {1}, {}}, .5); !near(got, []float32{0, -inf, -inf, -inf}) {
		t.Errorf("with a confidence of 1/2 thresholds are %v", got)
	}
}

func near(a, b []float32) bool {
	for i := range a {
		if a[i] != b[i] && !(math.Abs(float64(a[i]-b[i])) < 1e-6) {
			return false
		}
	}
	return true
}

// The least threshold with at most n: one less would let in more.
func TestLeastThreshold(t *testing.T) {
	s := kernel.NewStream(6, "margins")
	reach := func(list []float32, threshold float32) (n int) {
		for _, x := range list {
			if x >= threshold {
				n++
			}
		}
		return n
	}
	for range 2000 {
		list := make([]float32, s.IntN(8))
		for i := range list {
			list[i] = float32(s.IntN(5))
		}
		n := s.IntN(9) - 1
		got := leastFor(slices.Clone(list), n)
		if reach(list, got) > max(0, n) {
			t.Fatalf("%v of %v reach %v, at most %d may", reach(list, got), list, got, n)
		}
		for _, less := range list {
			if n > 0 && less < got && reach(list, less) <= n {
				t.Fatalf("%v would do for %d of %v, and is less than %v", less, n, list, got)
			}
		}
	}
}

func ssaTrial(t *testing.T, d *dataset.Dataset, batch int, confidence float64) *Trial {
	return newTestTrial(t, d, Settings{Batch: batch, Network: neuralnet.NetworkSettings{InitScale: 1, Bias: true}, Optimizer: neuralnet.OptimizerSettings{Type: "sgd", Rate: .5},
		Method: MethodSettings{Name: "ssa", Splits: 3, SplitSteps: 8, SplitEvery: 3, Confidence: confidence}})
}

func ssaPredictor(t *testing.T, trial *Trial, part []int32) *predictor {
	t.Helper()
	l, err := trial.labelled()
	if err != nil {
		t.Fatal(err)
	}
	p, err := newPredictor(trial, l, part, "split 1")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Validation samples have their attributes as targets, and half of them are learned from; a part of the training
// samples is not.
func TestSSALearnsFromTheRightSamples(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 90)
	part := trainloop.All(30)
	p := ssaPredictor(t, ssaTrial(t, d, 8, .95), part)
	if both := slices.Sorted(slices.Values(slices.Concat(p.learned, p.tried))); !slices.Equal(both, trainloop.All(135)[90:]) || len(p.learned) != 23 {
		t.Errorf("of 45 validation samples %v are learned from, %v tried", p.learned, p.tried)
	}
	if !slices.Equal(p.outside, trainloop.All(90)[30:]) {
		t.Errorf("training samples outside the part: %v", p.outside)
	}
	attributes := d.Validation.Attributes(&dataset.Ledger{}, dataset.Evaluation)
	targets := p.samples.Labels(&dataset.Ledger{}, dataset.Training)
	if !slices.Equal(targets[90:], attributes) || slices.Max(targets[:90]) != 0 {
		t.Error("the targets are not the attributes of the validation samples")
	}
	x, y := make([]float32, 6), make([]float32, 6)
	for i := range d.Validation.Rows {
		p.samples.Inputs(x, 90+i, 1)
		d.Validation.Inputs(y, i, 1)
		if !slices.Equal(x, y) {
			t.Fatalf("validation sample %d has other inputs", i)
		}
	}
	var b trainloop.Batch
	for range 50 {
		p.source.Next(&b)
		for _, row := range b.Index {
			if slices.Contains(part, row) || slices.Contains(p.tried, row) {
				t.Fatalf("row %d is in a batch", row)
			}
		}
	}
}

// By hand: the mean of the labelled rows, plus that of the sure ones under their prediction.
func TestSSAStep(t *testing.T) {
	p := ssaPredictor(t, ssaTrial(t, finiteData(t, easyLaw(.9), 90), 6, .95), trainloop.All(30))
	p.least = []float32{1, 9, 2, 0} // groups 00, 01, 10, 11
	b := &trainloop.Batch{Rows: 6, Index: []int32{90, 91, 40, 41, 42, 43}, Labels: []int16{1, 0, 0, 0, 1, 1}}
	margins := []float32{.5, .25, -3, 4, -1, .1} // sure: 40 (group 00), 43 (11); not 41 (01), 42 (10)
	losses, slopes := make([]float32, 6), make([]float32, 6)
	neuralnet.ScoreLosses("cross_entropy", losses, slopes, margins, b.Labels)
	labelled := slices.Clone(losses)
	p.shape(b, margins, losses, slopes)
	loss := func(x float64) float64 { return math.Log1p(math.Exp(-x)) }
	slope := func(x float64) float64 { return -1 / (1 + math.Exp(x)) }
	want := []float64{3 * loss(.5), 3 * loss(-.25), 3 * loss(3), 0, 0, 3 * loss(.1)}
	wantSlopes := []float64{3 * slope(.5), -3 * slope(-.25), -3 * slope(3), 0, 0, 3 * slope(.1)}
	for i := range losses {
		if math.Abs(float64(losses[i])-want[i]) > 1e-5 || math.Abs(float64(slopes[i])-wantSlopes[i]) > 1e-5 {
			t.Errorf("row %d: loss %v and slope %v, want %v and %v (as it was: %v)", i, losses[i], slopes[i], want[i], wantSlopes[i], labelled[i])
		}
	}
}

// With a confidence of 1 the unlabelled samples have no part: training by the labelled rows' mean loss, bit for bit.
func TestSSAWithoutSureSamples(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 90)
	train := func(confidence float64, plain bool) []float32 {
		trial := ssaTrial(t, d, 8, confidence)
		p := ssaPredictor(t, trial, trainloop.All(30))
		step := func(b *trainloop.Batch) (float64, error) { return p.step(t.Context(), b) }
		if plain {
			trainer, err := trial.trainer(p.net, 40, p.source)
			if err != nil {
				t.Fatal(err)
			}
			step = trainloop.Descend(trainer, func(b *trainloop.Batch, _ []float32) []float32 {
				weights := make([]float32, b.Rows)
				for i, row := range b.Index {
					if row >= 90 {
						weights[i] = .25
					}
				}
				return weights
			})
		}
		if _, err := trainloop.Fit(t.Context(), trainloop.Phase{Source: p.source, Step: step, Last: 40}); err != nil {
			t.Fatal(err)
		}
		return p.net.Layers[0].Weights
	}
	erm := train(1, true)
	if !slices.Equal(train(1, false), erm) || slices.Equal(train(.5, false), erm) {
		t.Errorf("training by the labelled rows: %v with a confidence of 1, %v with 1/2", slices.Equal(train(1, false), erm), slices.Equal(train(.5, false), erm))
	}
}

// The best predictor is kept: a worse one after it changes nothing, nor does one that is as good.
func TestSSAKeepsTheBestPredictor(t *testing.T) {
	p := ssaPredictor(t, ssaTrial(t, finiteData(t, easyLaw(.6), 90), 8, .95), trainloop.All(30))
	attribute := func(scale float32) { // the third coordinate is the spurious one
		clear(p.net.Layers[0].Weights)
		clear(p.net.Layers[0].Biases)
		p.net.Layers[0].Weights[4], p.net.Layers[0].Weights[5] = -scale, scale
		copy(p.net.Layers[1].Weights, []float32{1, 0, 0, 1})
	}
	for i, c := range []struct{ scale, kept float32 }{{-1, -1}, {0, -1}, {2, 2}, {3, 2}, {-1, 2}} {
		attribute(c.scale)
		if err := p.look(t.Context()); err != nil {
			t.Fatal(err)
		}
		p.try()
		if got := p.best.Layers[0].Weights[5]; got != c.kept {
			t.Errorf("predictor %d: the best has weight %v, want %v (worst group %v)", i, got, c.kept, p.worst)
		}
	}
	if p.worst != 1 {
		t.Errorf("the best is right about %v of its worst group", p.worst)
	}
}

// A predictor that has taken no step is not tried: of equals the first kept is that of the first renewal after a step.
func TestSSADoesNotKeepTheUntrainedPredictor(t *testing.T) {
	p := ssaPredictor(t, ssaTrial(t, finiteData(t, easyLaw(.9), 90), 8, .95), trainloop.All(30))
	p.tried = nil // so that all score alike
	var after3 *neuralnet.Network
	_, err := trainloop.Fit(t.Context(), trainloop.Phase{Source: p.source, Last: 8, Visits: []int64{3},
		Step:  func(b *trainloop.Batch) (float64, error) { return p.step(t.Context(), b) },
		Visit: func(trainloop.Visit) (bool, error) { after3 = p.net.Clone(); return false, nil }})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.best.Layers[0].Weights, after3.Layers[0].Weights) || slices.Equal(p.best.Layers[0].Weights, p.net.Layers[0].Weights) {
		t.Error("the best of equals is not the network of step 3")
	}
}
