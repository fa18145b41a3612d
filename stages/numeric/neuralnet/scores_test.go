package neuralnet

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages/numeric/kernel"
)

// Scores are what a float64 network gives: the margin of one or two outputs, the logits of more; a Trainer's are the same, in
// batches of one row or of several chunks, on numbers and on signs.
func TestScores(t *testing.T) {
	const inputs, rows = 9, chunkRows + 37
	stream := kernel.NewStream(4, "scores")
	x, labels := make([]float32, rows*inputs), make([]int16, rows)
	parityBatch(stream, x, labels, inputs, 2)
	signs := packed(x, rows, inputs)
	for _, outputs := range []int{1, 2, 3, 5, 33} {
		for _, hidden := range [][]int{nil, {6}, {7, 5}} {
			s := NetworkSettings{Hidden: hidden, Activation: "relu", Bias: true, Outputs: outputs, InitScale: 1, OutputScale: "1/sqrt(width)"}
			net, loss := biasedNetwork(t, s, inputs, stream), "cross_entropy"
			if outputs == 1 {
				loss = "logistic"
			}
			width := net.ScoreWidth()
			if width != max(1, outputs) && outputs != 2 || outputs == 2 && width != 1 {
				t.Fatalf("%d outputs have %d scores", outputs, width)
			}
			got, ofSigns := make([]float32, rows*width), make([]float32, rows*width)
			net.Scores(got, x, rows)
			net.ScoresOfSigns(ofSigns, signs, rows)
			exact := referenceOf(net)
			for r, row := range rowsOf(x, inputs) {
				want := exact.logits(row)
				if outputs == 2 {
					want = []float64{want[1] - want[0]}
				}
				for k, v := range want {
					for _, z := range []float32{got[r*width+k], ofSigns[r*width+k]} {
						if math.Abs(float64(z)-v) > 1e-5*(1+math.Abs(v)) {
							t.Fatalf("%d outputs %v: score %d of row %d is %v, want %v", outputs, hidden, k, r, z, v)
						}
					}
				}
			}
			for _, batch := range []int{1, rows} {
				tr, err := NewTrainer(net, loss, OptimizerSettings{Type: "sgd", Rate: 1}, batch)
				if err != nil {
					t.Fatal(err)
				}
				tr.Forward(x, labels, batch)
				if !slices.Equal(tr.Scores(), got[:batch*width]) {
					t.Errorf("%d outputs %v: a batch of %d has other scores", outputs, hidden, batch)
				}
				tr.ForwardSigns(signs, labels, batch)
				if !slices.Equal(tr.Scores(), ofSigns[:batch*width]) || len(tr.Slopes()) != batch*width {
					t.Errorf("%d outputs %v: a batch of %d signs has other scores", outputs, hidden, batch)
				}
			}
		}
	}
}

// With weights of a multiple the gradient is the multiple, and changed slopes are what Backward goes down: here those of the
// loss under other labels.
func TestSlopesOfManyOutputsMayBeChanged(t *testing.T) {
	const inputs, rows, outputs = 6, 40, 4
	stream := kernel.NewStream(6, "slopes")
	net := biasedNetwork(t, NetworkSettings{Hidden: []int{8}, Activation: "relu", Bias: true, Outputs: outputs, InitScale: 1}, inputs, stream)
	x, labels, others := make([]float32, rows*inputs), make([]int16, rows), make([]int16, rows)
	for i := range x {
		x[i] = float32(stream.Normal())
	}
	for i := range labels {
		labels[i], others[i] = int16(stream.IntN(outputs)), int16(stream.IntN(outputs))
	}
	gradients := func(labels []int16, change func(tr *Trainer)) []float32 {
		tr, err := NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 1}, rows)
		if err != nil {
			t.Fatal(err)
		}
		tr.Forward(x, labels, rows)
		change(tr)
		tr.Backward(nil)
		w, b := tr.Gradients(0)
		v, c := tr.Gradients(1)
		return slices.Concat(w, b, v, c)
	}
	want := gradients(others, func(*Trainer) {})
	got := gradients(labels, func(tr *Trainer) {
		ScoreLosses("cross_entropy", make([]float32, rows), tr.Slopes(), tr.Scores(), others)
	})
	if !slices.Equal(got, want) {
		t.Error("the gradient of changed slopes is not that of their function")
	}
}

func TestPredict(t *testing.T) {
	nan := float32(math.NaN())
	for _, c := range []struct {
		scores []float32
		want   []int16
	}{
		{[]float32{-1, 0, float32(math.Copysign(0, -1)), 2, nan}, []int16{0, 1, 1, 1, 0}},
		{[]float32{1, 2, 3, 3, 3, 1, 0, 0, 0, -1, -2, -1}, []int16{2, 0, 0, 0}},
		{[]float32{5, 6}, []int16{1, 1}},
		{nil, nil},
	} {
		got := make([]int16, len(c.want))
		if Predict(got, c.scores); !slices.Equal(got, c.want) {
			t.Errorf("%v: %v, want %v", c.scores, got, c.want)
		}
	}
}

// The output layer gives the scores that it is set to, whatever its form.
func TestSetScores(t *testing.T) {
	stream := kernel.NewStream(8, "heads")
	for _, s := range []NetworkSettings{{Outputs: 1, Bias: true}, {Outputs: 2, Bias: true, OutputScale: "1/width"}, {Outputs: 2}, {Outputs: 3, Bias: true, OutputScale: "1/sqrt(width)"}, {Outputs: 5}} {
		s.Hidden, s.Activation, s.InitScale = []int{6}, "relu", 1
		net := biasedNetwork(t, s, 4, stream)
		width := net.ScoreWidth()
		weights, intercepts := make([]float64, width*6), make([]float64, width)
		for i := range weights {
			weights[i] = stream.Normal()
		}
		for i := range intercepts {
			intercepts[i] = stream.Normal()
		}
		net.SetScores(weights, intercepts)
		x, h, got := []float32{1, -2, .5, 3}, make([]float32, 6), make([]float32, width)
		net.Features(h, x, 1)
		net.Scores(got, x, 1)
		for k, z := range got {
			want := 0.0
			if s.Bias {
				want = intercepts[k]
			}
			for j, v := range h {
				want += weights[k*6+j] * float64(v)
			}
			if math.Abs(float64(z)-want) > 1e-5*(1+math.Abs(want)) {
				t.Errorf("%+v: score %d is %v, want %v", s, k, z, want)
			}
		}
	}
}

func TestOutputsForLossAndClasses(t *testing.T) {
	for _, c := range []struct {
		outputs int
		loss    string
		classes int
		want    int
		wrong   string
	}{
		{0, "cross_entropy", 2, 2, ""}, {0, "cross_entropy", 7, 7, ""}, {0, "hinge", 2, 1, ""}, {3, "cross_entropy", 3, 3, ""}, {1, "squared", 2, 1, ""},
		{2, "cross_entropy", 3, 0, "outputs = 2, but the data has 3 classes"}, {3, "cross_entropy", 2, 0, "outputs = 3, but the data has 2 classes"},
		{1, "cross_entropy", 2, 0, "needs an output for each class"}, {2, "logistic", 2, 0, "needs outputs = 1"},
		{0, "correlation", 3, 0, "is for two classes, but the data has 3"}, {1, "hinge", 3, 0, "is for two classes"}, {0, "none", 2, 0, "there is no loss"},
	} {
		s, err := NetworkSettings{Outputs: c.outputs}.For(c.loss, c.classes)
		switch {
		case c.wrong == "" && (err != nil || s.Outputs != c.want):
			t.Errorf("%+v: %d outputs, %v", c, s.Outputs, err)
		case c.wrong != "" && (err == nil || !strings.Contains(err.Error(), c.wrong)):
			t.Errorf("%+v: %v", c, err)
		}
	}
	if _, err := New(NetworkSettings{}, 3, kernel.NewStream(1, "none")); err == nil || !strings.Contains(err.Error(), "the number of outputs is left open") {
		t.Error(err)
	}
}

// What is for two classes panics for more, rather than take logits for margins.
func TestMarginsAreOfTwoClasses(t *testing.T) {
	net, err := New(NetworkSettings{Outputs: 3, InitScale: 1}, 2, kernel.NewStream(1, "three"))
	if err != nil {
		t.Fatal(err)
	}
	f := make([]float32, 8)
	for name, call := range map[string]func(){
		"Margins":        func() { net.Margins(f, f, 1) },
		"MarginsOfSigns": func() { net.MarginsOfSigns(f, make([]uint64, 1), 1) },
		"hinge":          func() { ScoreLosses("hinge", f[:2], f[:6], f[:6], []int16{0, 1}) },
		"ragged scores":  func() { Predict(make([]int16, 3), f[:7]) },
		"SetScores":      func() { net.SetScores(make([]float64, 2), make([]float64, 1)) },
	} {
		func() {
			defer func() {
				if p := recover(); p == nil || !strings.HasPrefix(fmt.Sprint(p), "network: ") {
					t.Errorf("%s: %v", name, p)
				}
			}()
			call()
		}()
	}
}
