package neuralnet

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// With a further function of the features, gradients are central differences of the whole sum. The
// function is a sum of products of features of two rows, so that its gradient depends on them.
func TestGradientsOfAFunctionOfTheFeatures(t *testing.T) {
	const inputs, rows = 5, 23
	for i, activation := range []string{"relu", "leaky_relu", "identity", "tanh", "quadratic"} {
		for depth := 1; depth < 4; depth++ {
			s := NetworkSettings{Activation: activation, Slope: 0.37, Bias: (i+depth)%2 == 0, Outputs: 2 - depth%2, Init: "he_normal", InitScale: 0.7, OutputScale: "1/width"}
			for l := range depth {
				s.Hidden = append(s.Hidden, 7-l)
			}
			loss := map[int]string{1: "logistic", 2: "cross_entropy"}[s.Outputs]
			t.Run(fmt.Sprintf("%s depth %d", activation, depth), func(t *testing.T) {
				stream := kernel.NewStream(22, "features")
				net := biasedNetwork(t, s, inputs, stream)
				x, labels, weights := make([]float32, rows*inputs), make([]int16, rows), make([]float64, rows)
				for i := range x {
					x[i] = float32(2*stream.Float64() - 1)
				}
				for i := range labels {
					labels[i], weights[i] = int16(stream.IntN(2)), .5/rows
				}
				exact, points := referenceOf(net), rowsOf(x, inputs)
				further := func() float64 {
					sum, before := 0., exact.features(points[rows-1])
					for r := range rows {
						h := exact.features(points[r])
						for k := range h {
							sum += h[k] * before[k] / rows
						}
						before = h
					}
					return sum
				}
				tr, err := NewTrainer(net, loss, OptimizerSettings{Type: "sgd", Rate: 1}, rows)
				if err != nil {
					t.Fatal(err)
				}
				tr.Forward(x, labels, rows)
				h, w := tr.Features(), net.Width()
				gradient := make([]float32, len(h))
				for r := range rows {
					for k := range w {
						gradient[r*w+k] = (h[(r+1)%rows*w+k] + h[(r+rows-1)%rows*w+k]) / rows
					}
				}
				tr.BackwardWith(slices.Repeat([]float32{.5 / rows}, rows), gradient)
				checkAllGradients(t, tr, exact, func() float64 { return exact.loss(loss, points, labels, weights) + further() })
			})
		}
	}
}

// A further gradient of zeros changes no bit, over several chunks, on the joined path or another.
func TestAFurtherGradientOfZerosDoesNotShow(t *testing.T) {
	const inputs, rows = 9, 2*chunkRows + 37
	for _, activation := range []string{"relu", "tanh"} {
		net := biasedNetwork(t, NetworkSettings{Hidden: []int{6, 5}, Activation: activation, Bias: true, Outputs: 2, InitScale: 1}, inputs, kernel.NewStream(1, "weights"))
		tr, err := NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 1}, rows)
		if err != nil {
			t.Fatal(err)
		}
		x, labels := make([]float32, rows*inputs), make([]int16, rows)
		parityBatch(kernel.NewStream(1, "data"), x, labels, inputs, 2)
		backward := func(features []float32) (all []float32) {
			tr.Forward(x, labels, rows)
			tr.BackwardWith(nil, features)
			for i := range net.Layers {
				weights, biases := tr.Gradients(i)
				all = slices.Concat(all, weights, biases)
			}
			return all
		}
		plain := backward(nil)
		if zeros := backward(make([]float32, rows*5)); !slices.EqualFunc(plain, zeros, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }) {
			t.Errorf("%s: a further gradient of zeros changes the gradients", activation)
		}
		if slices.Equal(plain, backward(slices.Repeat([]float32{.1}, rows*5))) {
			t.Errorf("%s: a further gradient changes nothing", activation)
		}
	}
	linear := biasedNetwork(t, NetworkSettings{Activation: "relu", Outputs: 1, InitScale: 1}, inputs, kernel.NewStream(1, "weights"))
	tr, err := NewTrainer(linear, "logistic", OptimizerSettings{Type: "sgd", Rate: 1}, 1)
	if err != nil {
		t.Fatal(err)
	}
	tr.Forward(make([]float32, inputs), []int16{1}, 1)
	if tr.Features() != nil {
		t.Error("a network without hidden layers has features")
	}
}
