package debias

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// contrastByDefinition is the loss as published, in float64: each row's positives have its label and another
// prediction, its negatives its prediction and another label; of two rows one is right.
func contrastByDefinition(features [][]float64, labels, predicted []int16, temperature float64, twoSided bool) float64 {
	cosine := func(i, j int) float64 {
		var dot, first, second float64
		for k, x := range features[i] {
			dot, first, second = dot+x*features[j][k], first+x*x, second+features[j][k]*features[j][k]
		}
		if first == 0 || second == 0 {
			return 0
		}
		return dot / math.Sqrt(first*second)
	}
	var loss, anchors [2]float64 // of rows that are right, wrong
	for i := range labels {
		var positives, all []float64
		for j := range labels {
			if (predicted[i] == labels[i]) == (predicted[j] == labels[j]) {
				continue // pairs are of a row that is right and one that is wrong
			}
			switch s := math.Exp(cosine(i, j) / temperature); {
			case labels[j] == labels[i] && predicted[j] != predicted[i]:
				positives, all = append(positives, s), append(all, s)
			case labels[j] != labels[i] && predicted[j] == predicted[i]:
				all = append(all, s)
			}
		}
		if len(positives) == 0 || len(all) == len(positives) {
			continue
		}
		side := map[bool]int{false: 0, true: 1}[predicted[i] != labels[i]]
		sum := 0.
		for _, s := range all {
			sum += s
		}
		for _, s := range positives {
			loss[side] -= math.Log(s/sum) / float64(len(positives))
		}
		anchors[side]++
	}
	total := loss[0] / max(1, anchors[0])
	if twoSided {
		total += loss[1] / max(1, anchors[1])
	}
	return total
}

// By hand: features along two axes, so that cosines are 0 and 1.
func TestContrastByHand(t *testing.T) {
	labels, predicted := []int16{1, 0, 1, 0}, []int16{1, 0, 0, 1}
	features := []float32{2, 0, 0, 3, 5, 0, 0, .5} // the right rows along x and y, the wrong ones too
	c := &contrast{temperature: .5}
	// Row 0 has row 2 as positive (cosine 1) and row 3 as negative (0); row 1 the other way round.
	want := math.Log(1 + math.Exp(-2))
	if got, _ := c.of(features, labels, predicted); math.Abs(got-want) > 1e-9 {
		t.Errorf("one side: %v, want %v", got, want)
	}
	c.twoSided = true
	if got, _ := c.of(features, labels, predicted); math.Abs(got-2*want) > 1e-9 {
		t.Errorf("two sides: %v, want %v", got, 2*want)
	}
	// With the labels of the wrong rows the other way round, positives are across and negatives along.
	if got, _ := c.of(features, []int16{1, 0, 0, 1}, []int16{1, 0, 1, 0}); math.Abs(got-2*math.Log(1+math.Exp(2))) > 1e-9 {
		t.Errorf("apart: %v", got)
	}
}

// On random batches, of which some lack a kind of rows, loss and gradient are those of the definition.
func TestContrastIsThatOfTheDefinition(t *testing.T) {
	s := kernel.NewStream(8, "contrast")
	c := &contrast{}
	none := 0
	for turn := range 200 {
		rows, width := 1+s.IntN(12), 1+s.IntN(6)
		classes := 2 + turn%3
		features, labels, predicted := make([]float32, rows*width), make([]int16, rows), make([]int16, rows)
		numbers := make([][]float64, rows)
		for i := range rows {
			numbers[i] = make([]float64, width)
			labels[i], predicted[i] = int16(s.IntN(classes)), int16(s.IntN(classes))
			for k := range width {
				if i > 0 || turn%5 > 0 { // else a row of zeros
					features[i*width+k] = float32(s.Normal())
				}
				numbers[i][k] = float64(features[i*width+k])
			}
		}
		c.temperature, c.twoSided = .1+s.Float64(), s.IntN(2) == 0
		loss, gradient := c.of(features, labels, predicted)
		want := func() float64 { return contrastByDefinition(numbers, labels, predicted, c.temperature, c.twoSided) }
		if gradient == nil {
			none++
			if want() != 0 {
				t.Fatalf("nothing to contrast in labels %v, predictions %v; by definition the loss is %v", labels, predicted, want())
			}
			continue
		}
		if math.Abs(loss-want()) > 1e-5*(1+want()) {
			t.Fatalf("loss %v, want %v", loss, want())
		}
		for i := range features {
			x := &numbers[i/width][i%width]
			old := *x
			if old == 0 { // cosines jump there, and the gradient is 0
				if gradient[i] != 0 {
					t.Fatalf("the gradient by a row of zeros is %v", gradient[i])
				}
				continue
			}
			const h = 1e-5
			*x = old + h
			up := want()
			*x = old - h
			down := want()
			*x = old
			if slope := (up - down) / (2 * h); math.Abs(slope-float64(gradient[i])) > 1e-4*(1+math.Abs(slope)) {
				t.Fatalf("turn %d: gradient %d is %v, by differences %v", turn, i, gradient[i], slope)
			}
		}
	}
	if none < 10 || none > 150 {
		t.Errorf("%d of 200 batches had nothing to contrast", none)
	}
}

// The step's objective is λ times the contrastive loss plus 1 - λ times the mean loss: the change of the
// weights in a step is its gradient, by differences of a network in float64.
func TestCnCStep(t *testing.T) {
	d := finiteData(t, easyLaw(.7), 24)
	settings := Settings{Batch: 24, Network: neuralnet.NetworkSettings{InitScale: 1, Bias: true, Activation: "tanh"}, Optimizer: neuralnet.OptimizerSettings{Type: "sgd", Rate: .01}, Method: MethodSettings{Name: "cnc"}}
	trial := newTestTrial(t, d, settings)
	net := trial.Network("")
	var b trainloop.Batch
	source := natural1(t, trial)
	source.Next(&b)
	x, rows := slices.Clone(b.Numbers()), b.Rows
	b.Settle()
	a := &alignment{share: .6, predicted: slices.Clone(trial.Labels()), contrast: contrast{temperature: .3, twoSided: true}}
	for i := range a.predicted {
		if i%3 == 0 {
			a.predicted[i] = 1 - a.predicted[i]
		}
	}
	predicted := make([]int16, rows)
	for i, row := range b.Index {
		predicted[i] = a.predicted[row]
	}
	objective := func(n *neuralnet.Network) float64 {
		features, ce := make([][]float64, rows), 0.
		hidden, output := n.Layers[0], n.Layers[1]
		for i := range rows {
			features[i] = make([]float64, hidden.Out)
			margin := float64(output.Biases[1]) - float64(output.Biases[0])
			for o := range hidden.Out {
				z := float64(hidden.Biases[o])
				for k := range hidden.In {
					z += float64(hidden.Weights[k*hidden.Out+o]) * float64(x[i*hidden.In+k])
				}
				features[i][o] = math.Tanh(z)
				margin += features[i][o] * (float64(output.Weights[2*o+1]) - float64(output.Weights[2*o]))
			}
			ce += math.Log1p(math.Exp(-(2*float64(b.Labels[i])-1)*margin)) / float64(rows)
		}
		return .6*contrastByDefinition(features, b.Labels, predicted, .3, true) + .4*ce
	}
	trainer, err := trial.trainer(net, 1, source)
	if err != nil {
		t.Fatal(err)
	}
	before := net.Clone()
	if _, err := trainloop.DescendPulled(trainer, a.pull)(&b); err != nil {
		t.Fatal(err)
	}
	for l := range net.Layers {
		for _, w := range [][2][]float32{{before.Layers[l].Weights, net.Layers[l].Weights}, {before.Layers[l].Biases, net.Layers[l].Biases}} {
			for i, old := range w[0] {
				const h = 0x1p-10
				w[0][i] = old + h
				up, high := objective(before), float64(w[0][i])
				w[0][i] = old - h
				down, low := objective(before), float64(w[0][i])
				w[0][i] = old
				want := (up - down) / (high - low)
				if got := float64(old-w[1][i]) / .01; math.Abs(got-want) > 1e-3*(1+math.Abs(want)) {
					t.Errorf("layer %d, parameter %d: gradient %v, by differences %v", l, i, got, want)
				}
			}
		}
	}
}

// With λ = 0 it is training by the mean loss on the same batches: with natural ones ERM.
func TestCnCWithoutItsContrastiveLossIsERM(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 200)
	run := func(share float64, batches string) string {
		return lastModel(t, run1(t, d, fmt.Sprintf(`{"name": "cnc", "first_steps": 20, "contrastive_weight": %v, "batches": %q}`, share, batches), `"steps": 80`))
	}
	erm := lastModel(t, run1(t, d, `{"name": "erm"}`, ""))
	if run(0, natural) != erm || run(.5, natural) == erm {
		t.Errorf("λ = 0 is ERM: %v; λ = 0.5 is: %v", run(0, natural) == erm, run(.5, natural) == erm)
	}
	if run(0, byStrata) == erm || run(0, bySampling) == run(0, byStrata) {
		t.Error("batches of cells are natural ones, or alike")
	}
}

// A first network that gets nothing wrong, or everything, leaves nothing to contrast: ERM, and the row says so.
func TestCnCWithAPerfectFirstNetworkIsERM(t *testing.T) {
	d := finiteData(t, easyLaw(.7), 200)
	out := run1(t, d, `{"name": "cnc", "first_steps": 600}`, `"steps": 660`)
	if lastModel(t, out) != lastModel(t, run1(t, d, `{"name": "erm"}`, "")) {
		t.Error("without errors the second stage is not ERM")
	}
	if note, _ := value(t, out["summary"], "note", 0).(string); !strings.Contains(note, "The first network gets 0 of 200 training samples wrong after 600 steps, so that there is nothing to contrast: the second stage is ERM.") {
		t.Errorf("the note says %q", note)
	}
}

// A first network that predicts one class gets all of the other wrong: no batch has positives and negatives, and
// the steps are on the mean loss of balanced batches.
func TestCnCWithAConstantFirstNetwork(t *testing.T) {
	out := run1(t, finiteData(t, easyLaw(.9), 200), `{"name": "cnc", "first_steps": 1}`, `"network": {"hidden": [4], "init": "zeros"}`)
	s := out["summary"]
	note, _ := value(t, s, "note", 0).(string)
	for _, want := range []string{"There are no training samples of the label and prediction ", "59 of 59 batches had nothing to contrast, and were trained on by their mean loss alone."} {
		if !strings.Contains(note, want) {
			t.Errorf("the note %q lacks %q", note, want)
		}
	}
	if value(t, s, "step", 0) != int64(60) || value(t, out["inference"], "cells", -1) != int64(1) {
		t.Errorf("step %v; cells %v", value(t, s, "step", 0), value(t, out["inference"], "cells", -1))
	}
}

// Natural batches may lack what is contrasted; they count in the note.
func TestCnCCountsBatchesWithNothingToContrast(t *testing.T) {
	out := run1(t, finiteData(t, easyLaw(.95), 200), `{"name": "cnc", "first_steps": 40, "batches": "natural"}`, `"batch": 8, "steps": 120`)
	note, _ := value(t, out["summary"], "note", 0).(string)
	var alone, all int
	if _, err := fmt.Sscanf(note, "%d of %d batches had nothing to contrast", &alone, &all); err != nil || alone == 0 || alone >= all || all != 80 {
		t.Errorf("the note says %q (%v)", note, err)
	}
}

// The easy control: the first network's errors are the minority, and the second generalises to it.
func TestCnCInTheEasyControl(t *testing.T) {
	d := finiteData(t, easyControlLaw(), 2000)
	const rest = `"steps": 2000, "batch": 32, "network": {"hidden": [32]}, "optimizer": {"type": "sgd", "rate": 0.1}, "evaluation": {"every": 63}`
	out := run1(t, d, `{"name": "cnc", "first_epochs": 2}`, rest)
	erm := run1(t, d, `{"name": "erm"}`, rest)
	i := out["inference"]
	for row := range i.Rows() {
		t.Logf("epoch %v: Jaccard %v, Rand index %v, used %v", value(t, i, "epoch", row), value(t, i, "jaccard", row), value(t, i, "rand_index", row), value(t, i, "used", row))
	}
	if j := value(t, i, "jaccard", -1).(float64); j <= .95 || value(t, i, "rand_index", -1).(float64) <= .9 {
		t.Errorf("the Jaccard index with the minority is %v", j)
	}
	for row := range 3 {
		got, plain := value(t, out["summary"], "worst_group_accuracy", row).(float64), value(t, erm["summary"], "worst_group_accuracy", row).(float64)
		if t.Logf("%v: worst group %v, by ERM %v", value(t, out["summary"], "selection", row), got, plain); got <= plain {
			t.Errorf("the worst group has accuracy %v, by ERM %v", got, plain)
		}
	}
}
