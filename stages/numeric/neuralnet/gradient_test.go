package neuralnet

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// Gradients are central differences of the float64 network's loss, for every activation, loss,
// depth and kind of layer; losses are its losses. No slope or scale stands in the program's text.
func TestGradientsAreFiniteDifferences(t *testing.T) {
	const inputs, rows = 5, 23
	for i, activation := range []string{"relu", "leaky_relu", "identity", "tanh", "quadratic"} {
		for _, loss := range Losses {
			for depth := range 4 {
				s := NetworkSettings{Activation: activation, Slope: 0.37, Bias: (i+depth)%2 == 0, Outputs: outputsOf(loss, 2),
					Init: "he_normal", InitScale: 0.7, OutputScale: []string{"1", "1/width", "1/sqrt(width)"}[depth%3]}
				for l := range depth {
					s.Hidden = append(s.Hidden, 7-l)
				}
				t.Run(fmt.Sprintf("%s %s depth %d", activation, loss, depth), func(t *testing.T) {
					checkGradients(t, s, loss, inputs, rows, false)
				})
				t.Run(fmt.Sprintf("%s %s depth %d signs", activation, loss, depth), func(t *testing.T) {
					checkGradients(t, s, loss, inputs, rows, true)
				})
			}
		}
	}
}

// A batch of several chunks has them too: every sum over rows goes on from one chunk to the next.
func TestGradientsOverChunksAreFiniteDifferences(t *testing.T) {
	const inputs, rows = 5, 2*chunkRows + 9
	for _, activation := range []string{"relu", "tanh"} {
		for _, loss := range []string{"cross_entropy", "squared"} {
			for _, hidden := range [][]int{nil, {6}, {7, 5}} {
				s := NetworkSettings{Hidden: hidden, Activation: activation, Bias: true, Outputs: outputsOf(loss, 2), Init: "he_normal", InitScale: 0.7}
				t.Run(fmt.Sprintf("%s %s %v", activation, loss, hidden), func(t *testing.T) {
					checkGradients(t, s, loss, inputs, rows, false)
					checkGradients(t, s, loss, inputs, rows, true)
				})
			}
		}
	}
}

// So has a network of K outputs, for every depth, in one chunk and in several, and of 17 classes for every activation.
func TestGradientsOfManyOutputsAreFiniteDifferences(t *testing.T) {
	const inputs = 5
	try := func(s NetworkSettings, rows int) {
		t.Run(fmt.Sprintf("%s %v outputs %d rows %d", s.Activation, s.Hidden, s.Outputs, rows), func(t *testing.T) {
			checkGradients(t, s, "cross_entropy", inputs, rows, false)
			checkGradients(t, s, "cross_entropy", inputs, rows, true)
		})
	}
	for depth, scale := range []string{"1", "1/width", "1/sqrt(width)", "1"} {
		s := NetworkSettings{Activation: "relu", Bias: depth != 1, Outputs: 3 + depth%2, Init: "he_normal", InitScale: 0.7, OutputScale: scale}
		for l := range depth {
			s.Hidden = append(s.Hidden, 7-l)
		}
		try(s, 23)
		if depth > 1 { // of so many rows some are always next to a kink
			s.Activation = "tanh"
		}
		try(s, 2*chunkRows+9)
	}
	for _, activation := range []string{"relu", "leaky_relu", "identity", "tanh", "quadratic"} {
		try(NetworkSettings{Hidden: []int{6}, Activation: activation, Slope: .37, Bias: true, Outputs: 17, Init: "he_normal", InitScale: .7}, 31)
	}
}

// biasedNetwork gives a network with random biases.
func biasedNetwork(t *testing.T, s NetworkSettings, inputs int, stream *kernel.Stream) *Network {
	t.Helper()
	net, err := New(s, inputs, stream)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range net.Layers {
		for o := range l.Biases {
			l.Biases[o] = float32(0.3 * stream.Normal())
		}
	}
	return net
}

func checkGradients(t *testing.T, s NetworkSettings, loss string, inputs, rows int, signs bool) {
	stream := kernel.NewStream(21, "gradients")
	net := biasedNetwork(t, s, inputs, stream)
	x, labels := make([]float32, rows*inputs), make([]int16, rows)
	weights32, weights := make([]float32, rows), make([]float64, rows)
	for i := range x {
		x[i] = float32(2*stream.Float64() - 1)
	}
	for i := range labels {
		labels[i] = int16(stream.IntN(max(2, s.Outputs)))
		weights32[i] = float32(stream.Float64())
		weights[i] = float64(weights32[i])
	}
	tr, err := NewTrainer(net, loss, OptimizerSettings{Type: "sgd", Rate: 1}, rows+3)
	if err != nil {
		t.Fatal(err)
	}
	var losses []float32
	if signs {
		for i, v := range x {
			x[i] = float32(math.Copysign(1, float64(v)))
		}
		losses = tr.ForwardSigns(packed(x, rows, inputs), labels, rows)
	} else {
		losses = tr.Forward(x, labels, rows)
	}
	exact, points := referenceOf(net), rowsOf(x, inputs)
	wants, largest := make([]float64, rows), 0.0
	for r := range wants {
		one := make([]float64, rows)
		one[r] = 1
		wants[r] = exact.loss(loss, points, labels, one)
		largest = max(largest, math.Abs(wants[r]))
	}
	for r, want := range wants {
		if math.Abs(float64(losses[r])-want) > roundings*(1+largest) {
			t.Fatalf("loss of row %d is %v, want %v", r, losses[r], want)
		}
	}
	tr.Backward(weights32)
	squares := checkAllGradients(t, tr, exact, func() float64 { return exact.loss(loss, points, labels, weights) })
	if got := tr.GradientNorm(); math.Abs(got*got-squares) > 1e-5*squares {
		t.Errorf("gradient norm is %v, want %v", got, math.Sqrt(squares))
	}
}

// rowsOf gives the rows of x [rows, n] as float64.
func rowsOf(x []float32, n int) (rows [][]float64) {
	for row := range slices.Chunk(x, n) {
		rows = append(rows, widen(row))
	}
	return rows
}

// roundings allows about 30 of 6e-8 each on the way to a number, as a share of the largest of its kind: terms that
// cancel are as large.
const roundings = 2e-6

// checkAllGradients compares the trainer's gradients with differences of f, which measures exact, and gives the sum of
// their squares.
func checkAllGradients(t *testing.T, tr *Trainer, exact *reference, f func() float64) (squares float64) {
	t.Helper()
	return checkLayerGradients(t, tr, exact.layers, f, roundings)
}

// checkLayerGradients is checkAllGradients for layers as Network.All has them, and a bound for rounding.
func checkLayerGradients(t *testing.T, tr *Trainer, layers []referenceLayer, f func() float64, roundings float64) (squares float64) {
	t.Helper()
	var got, want []float64
	kinks, largest := 0, 0.0
	for i, l := range layers {
		dWeights, dBiases := tr.Gradients(i)
		if len(dWeights) != len(l.weights) || len(dBiases) != len(l.biases) {
			t.Fatalf("layer %d has gradients of %d weights and %d biases", i, len(dWeights), len(dBiases))
		}
		got = append(append(got, widen(dWeights)...), widen(dBiases)...)
		for _, parameters := range [][]float64{l.weights, l.biases} {
			for j := range parameters {
				d, smooth := difference(&parameters[j], f)
				if !smooth {
					kinks++
					d = got[len(want)]
				}
				want = append(want, d)
				largest = max(largest, math.Abs(d))
				squares += d * d
			}
		}
	}
	for i := range want {
		if math.Abs(got[i]-want[i]) > roundings*(1+largest) {
			t.Fatalf("gradient %d of %d is %v, by differences %v", i, len(want), got[i], want[i])
		}
	}
	if kinks > len(want)/50 {
		t.Errorf("%d of %d differences are across a kink", kinks, len(want))
	}
	return squares
}

// difference gives the central difference of f by w, right to about 1e-9: it errs by step² times a sixth of the third
// derivative, and by roundings of 1e-16 over the step. Where f has a kink within the step, its halves disagree.
func difference(w *float64, f func() float64) (central float64, smooth bool) {
	const step = 0x1p-17
	old, middle := *w, f()
	*w = old + step
	right := (f() - middle) / (*w - old)
	*w = old - step
	left := (middle - f()) / (old - *w)
	*w = old
	central = (right + left) / 2
	return central, math.Abs(right-left) < 1e-3*(1+math.Abs(central))
}

// A gradient over many rows is done in chunks; one over few is not. Bits agree.
func TestChunksDoNotShow(t *testing.T) {
	const inputs, rows = 9, 2*chunkRows + 37
	s := NetworkSettings{Hidden: []int{6, 5}, Activation: "tanh", Bias: true, Outputs: 2, InitScale: 1}
	net, err := New(s, inputs, kernel.NewStream(1, "weights"))
	if err != nil {
		t.Fatal(err)
	}
	tr, err := NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 1}, rows)
	if err != nil {
		t.Fatal(err)
	}
	x, labels, weights := make([]float32, rows*inputs), make([]int16, rows), make([]float32, rows)
	parityBatch(kernel.NewStream(1, "data"), x, labels, inputs, 2)
	for i := range weights {
		weights[i] = float32(i%7) / 8
	}
	losses := append([]float32(nil), tr.Forward(x, labels, rows)...)
	margins := append([]float32(nil), tr.Scores()...)
	evaluated := make([]float32, rows)
	net.Margins(evaluated, x, rows)

	// By the definition: chains over all rows, from the margin's slopes.
	one, err := NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for r := range rows {
		loss := one.Forward(x[r*inputs:], labels[r:], 1)[0]
		if loss != losses[r] || one.Scores()[0] != margins[r] || evaluated[r] != margins[r] {
			t.Fatalf("row %d alone: loss %v and margin %v, in the batch %v and %v, evaluated %v",
				r, loss, one.Scores()[0], losses[r], margins[r], evaluated[r])
		}
	}
	tr.Backward(weights)
	checkFirstLayerChain(t, tr, net, x, weights, rows)
}

// checkFirstLayerChain recomputes the gradient of the first layer's weights, row after row.
func checkFirstLayerChain(t *testing.T, tr *Trainer, net *Network, x, weights []float32, rows int) {
	in, out := net.Inputs(), net.Layers[0].Out
	want := make([]float32, in*out)
	one, err := NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	labels := make([]int16, rows)
	parityBatch(kernel.NewStream(1, "data"), make([]float32, rows*in), labels, in, 2)
	for r := range rows {
		one.Forward(x[r*in:], labels[r:], 1)
		one.Backward(weights[r : r+1])
		// With an input of one row the gradient is input times delta; inputs are ±1, so exactly.
		d, _ := one.Gradients(0)
		for i := range in {
			for o := range out {
				delta := d[i*out+o] * x[r*in+i]
				want[i*out+o] = kernel.FMA32(x[r*in+i], delta, want[i*out+o])
			}
		}
	}
	got, _ := tr.Gradients(0)
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("gradient %d is %v, by one chain %v", i, got[i], want[i])
		}
	}
}
