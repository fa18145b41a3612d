package head

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/model"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// By hand: probabilities 1/2 and 1/4 of the labels, with γ = 2.
func TestUnsure(t *testing.T) {
	low := float32(math.Log(3))
	got := unsure([]float32{0, low, -low}, []int16{1, 0, 1}, 2, false)
	a, b := math.Exp(-1), math.Exp(-.5)
	for i, want := range []float64{a / (a + 2*b), b / (a + 2*b), b / (a + 2*b)} {
		if math.Abs(float64(got[i])-want) > 1e-7 {
			t.Errorf("weight %d is %v, want %v", i, got[i], want)
		}
	}
	// Class 1 has two points, class 0 one.
	got = unsure([]float32{0, low, -low}, []int16{1, 0, 1}, 2, true)
	sum := a/2 + b + b/2
	for i, want := range []float64{a / 2 / sum, b / sum, b / 2 / sum} {
		if math.Abs(float64(got[i])-want) > 1e-7 {
			t.Errorf("balanced weight %d is %v, want %v", i, got[i], want)
		}
	}
}

// With γ = 0 and no balance AFR is a plain refit: gradient descent on the mean loss, bit for bit.
func TestAFRWithGammaZeroIsAPlainRefit(t *testing.T) {
	d, m := finite(t, 400, .9), trained(t, 2)
	in := inputs(t, 2, d, 120)
	out := stagetest.Run(t, Kind, `{"head": {"name": "afr", "on": "train", "gamma": 0, "balance_class": false, "steps": 20, "clip": 0, "rate": 0.25}, "seed": 1}`, in)
	net := m.Last().Net.Clone()
	features, x := make([]float32, 400*16), make([]float32, 400*6)
	d.Train.Inputs(x, 0, 400)
	net.Features(features, x, 400)
	last := lastLayer(net)
	trainer, err := neuralnet.NewTrainer(last, "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: .25}, 400)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		trainer.Forward(features, d.Train.Labels(&dataset.Ledger{}, dataset.Training), 400)
		trainer.Backward(nil)
		if err := trainer.Update(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := model.FromTable(out["model"])
	if err != nil {
		t.Fatal(err)
	}
	want := last.Layers[0]
	now := got.Last().Net.Layers
	if !slices.Equal(now[1].Weights, want.Weights) || !slices.Equal(now[1].Biases, want.Biases) {
		t.Error("other weights than of gradient descent on the mean loss")
	}
	if !slices.Equal(now[0].Weights, net.Layers[0].Weights) {
		t.Error("the hidden layer changed")
	}
	if slices.Equal(now[1].Weights, net.Layers[1].Weights) {
		t.Error("the last layer did not change")
	}
}

// Where SELF picks all points of its half, it is AFR with γ = 0 on that half, bit for bit, whatever the score and the rule.
func TestSELFOfAllPointsIsClassBalancedRefitting(t *testing.T) {
	in := inputs(t, 2, finite(t, 400, .9), 120, 120, 30)
	const rest = `"steps": 30, "rate": 0.1}, "seed": 1}`
	network := func(head string) string {
		return stagetest.Digest(stagetest.Run(t, Kind, `{"head": {"name": `+head+`, `+rest, in)["model"])
	}
	afr := network(`"afr", "gamma": 0`)
	for _, score := range []string{"disagreement", "misclassification", "random"} {
		if network(`"self", "points": 1000, "score": "`+score+`"`) != afr {
			t.Errorf("score %s: another network than by AFR", score)
		}
		if network(`"self", "points": 20, "score": "`+score+`"`) == afr {
			t.Errorf("score %s: twenty points give the same network", score)
		}
	}
	if network(`"afr", "gamma": 1`) == afr || network(`"afr", "gamma": 0, "balance_class": false`) == afr {
		t.Error("the weights change nothing")
	}
}

// A strong anchor keeps the last layer where it was; one step of it by hand.
func TestAnchorPulls(t *testing.T) {
	start := &neuralnet.Network{Activation: "relu", OutputScale: 1, Layers: []neuralnet.Layer{{In: 1, Out: 1, Weights: []float32{1}, Biases: []float32{2}}}}
	now := start.Clone()
	now.Layers[0].Weights[0], now.Layers[0].Biases[0] = 3, 1.5
	trainer, err := neuralnet.NewTrainer(now, "logistic", neuralnet.OptimizerSettings{Type: "sgd", Rate: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	trainer.Forward([]float32{0}, []int16{1}, 1)
	trainer.Backward([]float32{0})
	pull(trainer, now, start, .25) // the gradient of (w-1)²/4 + (b-2)²/4: 1 and -1/4
	w, b := trainer.Gradients(0)
	if w[0] != 1 || b[0] != -.25 {
		t.Errorf("gradients %v and %v, want 1 and -0.25", w[0], b[0])
	}
}

// KL by its definition.
func TestDivergence(t *testing.T) {
	s := kernel.NewStream(3, "x")
	for range 200 {
		a, b := float32(3*s.Normal()), float32(3*s.Normal())
		p, q := 1/(1+math.Exp(-float64(a))), 1/(1+math.Exp(-float64(b)))
		want := p*math.Log(p/q) + (1-p)*math.Log((1-p)/(1-q))
		if got := divergence([]float32{a}, []float32{b}); math.Abs(got-want) > 1e-10 {
			t.Errorf("KL of margins %v and %v is %v, want %v", a, b, got, want)
		}
	}
	if got := divergence([]float32{1.5}, []float32{1.5}); got != 0 {
		t.Errorf("KL of a prediction and itself is %v", got)
	}
}

// By definition: the divergence of the early network's prediction from the network's, or the network's loss.
func TestScoresOfSELF(t *testing.T) {
	d, m := finite(t, 60, .9), trained(t, 2)
	early, net := m.Checkpoints[0].Net, m.Checkpoints[1].Net
	all, err := featuresOf(net, d.Validation, false)
	if err != nil {
		t.Fatal(err)
	}
	half := all.of([]int32{3, 50, 7, 8, 31, 12, 40})
	probability := func(net *neuralnet.Network, row int32) float64 { // of label 1
		x, margin := make([]float32, 6), make([]float32, 1)
		d.Validation.Inputs(x, int(row), 1)
		net.Margins(margin, x, 1)
		return 1 / (1 + math.Exp(-float64(margin[0])))
	}
	labels := d.Validation.Labels(&dataset.Ledger{}, dataset.Evaluation)
	trial := &trial{settings: &Settings{}, validation: d.Validation, early: early}
	for _, score := range []string{"disagreement", "misclassification"} {
		trial.settings.Head.Score = score
		got, err := trial.scores(net, half, kernel.NewStream(1, "x"))
		if err != nil {
			t.Fatal(err)
		}
		for i, row := range half.rows {
			p, q := probability(early, row), probability(net, row)
			want := p*math.Log(p/q) + (1-p)*math.Log((1-p)/(1-q))
			value := got[i]
			if score == "misclassification" { // the score is the margin's, of which the loss is a function that grows
				want, value = -math.Log(q), math.Log1p(math.Exp(value))
				if labels[row] == 0 {
					want = -math.Log(1 - q)
				}
			}
			if math.Abs(value-want) > 1e-5 {
				t.Errorf("%s of row %d: %v, want %v", score, row, value, want)
			}
		}
	}
}

// What is left out has the published values.
func TestDefaults(t *testing.T) {
	for _, c := range []struct {
		head          HeadSettings
		refits, steps int
	}{
		{HeadSettings{Name: "dfr", On: validation}, 20, 0}, {HeadSettings{Name: "dfr", On: train}, 10, 0}, {HeadSettings{Name: "dfr", Refits: new(3)}, 3, 0},
		{HeadSettings{Name: "afr", On: train}, 0, 500}, {HeadSettings{Name: "self"}, 0, 250}, {HeadSettings{Name: "self", Steps: new(7)}, 0, 7},
	} {
		if got := c.head.refits(); c.head.Name == "dfr" && got != c.refits {
			t.Errorf("%+v: %d refits, want %d", c.head, got, c.refits)
		}
		if got := c.head.steps(); c.head.Name != "dfr" && got != c.steps {
			t.Errorf("%+v: %d steps, want %d", c.head, got, c.steps)
		}
	}
}

// Without a split, the validation set is the one that the kind debias draws: a network does as well on either.
func TestDrawnValidationIsThatOfDebias(t *testing.T) {
	law, net := datasettest.Compile(t, datasettest.Easy(.9)), trained(t, 2).Checkpoints[0].Net
	samples, fresh, err := validationOf(&Settings{Validation: 777, Seed: 5}, datasettest.Fresh(.9), law)
	if err != nil || !fresh || samples.Rows != 777 {
		t.Fatalf("%d rows, fresh %v, error %v", samples.Rows, fresh, err)
	}
	e, err := evaluation.NewDrawEvaluator(law, 777, dataset.Evaluation, "", trainloop.ValidationStream(5), &dataset.Ledger{})
	if err != nil {
		t.Fatal(err)
	}
	want, err := e.Evaluate(t.Context(), net)
	if err != nil {
		t.Fatal(err)
	}
	x, margins := make([]float32, 777*6), make([]float32, 777)
	samples.Inputs(x, 0, 777)
	net.Margins(margins, x, 777)
	least, accuracy := worst(margins, samples.Labels(&dataset.Ledger{}, dataset.Evaluation), samples.Groups(&dataset.Ledger{}, dataset.Evaluation))
	if math.Abs(accuracy-want.Accuracy) > 1e-12 || least != want.WorstAccuracy.Value {
		t.Errorf("accuracy %v and worst group %v, in debias %v and %v", accuracy, least, want.Accuracy, want.WorstAccuracy.Value)
	}
}
