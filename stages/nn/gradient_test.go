package nn

import (
	"fmt"
	"math"
	"testing"

	"spurion/stages/kernel"
)

// Gradients are central differences of the float64 network's loss, for every activation, loss,
// depth and kind of layer; losses are its losses.
func TestGradientsAreFiniteDifferences(t *testing.T) {
	const inputs, rows = 5, 23
	for i, activation := range []string{"relu", "leaky_relu", "identity", "tanh", "quadratic"} {
		for _, loss := range Losses {
			for depth := range 4 {
				s := NetworkSettings{Activation: activation, Slope: 0.1, Bias: (i+depth)%2 == 0, Outputs: lossOutputs(loss),
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
	x, labels := make([]float32, rows*inputs), make([]int8, rows)
	weights32, weights := make([]float32, rows), make([]float64, rows)
	for i := range x {
		x[i] = float32(2*stream.Float64() - 1)
	}
	for i := range labels {
		labels[i] = int8(stream.IntN(2))
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
	for r := range losses {
		one := make([]float64, rows)
		one[r] = 1
		want := referenceLoss(net, loss, x, labels, one)
		if math.Abs(float64(losses[r])-want) > 1e-5*(1+math.Abs(want)) {
			t.Fatalf("loss of row %d is %v, want %v", r, losses[r], want)
		}
	}
	tr.Backward(weights32)
	squares := 0.0
	for i, l := range net.Layers {
		dWeights, dBiases := tr.Gradients(i)
		squares += checkTensor(t, fmt.Sprintf("layer %d weight", i), l.Weights, dWeights, func() float64 {
			return referenceLoss(net, loss, x, labels, weights)
		})
		squares += checkTensor(t, fmt.Sprintf("layer %d bias", i), l.Biases, dBiases, func() float64 {
			return referenceLoss(net, loss, x, labels, weights)
		})
	}
	if got := tr.GradientNorm(); math.Abs(got*got-squares) > 1e-4*squares {
		t.Errorf("gradient norm is %v, want %v", got, math.Sqrt(squares))
	}
}

// checkTensor gives the sum of squares of the central differences. Where the loss has a kink within
// the step, halves of the difference disagree, and the element is taken as it is.
func checkTensor(t *testing.T, what string, w, gradient []float32, f func() float64) (squares float64) {
	t.Helper()
	middle := f()
	for i, old := range w {
		// Powers of two, so that the float32 weights move by just so much.
		const h = 0x1p-12
		w[i] = old + h
		up, upStep := f(), float64(w[i])-float64(old)
		w[i] = old - h
		down, downStep := f(), float64(old)-float64(w[i])
		w[i] = old
		right, left := (up-middle)/upStep, (middle-down)/downStep
		want := (right + left) / 2
		scale := 1 + math.Abs(want)
		if math.Abs(right-left) > 2e-2*scale {
			squares += float64(gradient[i]) * float64(gradient[i])
			continue
		}
		squares += want * want
		if math.Abs(float64(gradient[i])-want) > 2e-4*scale {
			t.Fatalf("%s %d: gradient %v, by differences %v", what, i, gradient[i], want)
		}
	}
	return squares
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
	x, labels, weights := make([]float32, rows*inputs), make([]int8, rows), make([]float32, rows)
	parityBatch(kernel.NewStream(1, "data"), x, labels, inputs, 2)
	for i := range weights {
		weights[i] = float32(i%7) / 8
	}
	losses := append([]float32(nil), tr.Forward(x, labels, rows)...)
	margins := append([]float32(nil), tr.Margins()...)
	evaluated := make([]float32, rows)
	net.Margins(evaluated, x, rows)

	// By the definition: chains over all rows, from the margin's slopes.
	one, err := NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for r := range rows {
		loss := one.Forward(x[r*inputs:], labels[r:], 1)[0]
		if loss != losses[r] || one.Margins()[0] != margins[r] || evaluated[r] != margins[r] {
			t.Fatalf("row %d alone: loss %v and margin %v, in the batch %v and %v, evaluated %v",
				r, loss, one.Margins()[0], losses[r], margins[r], evaluated[r])
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
	labels := make([]int8, rows)
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
