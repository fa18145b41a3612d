package neuralnet

import (
	"fmt"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// TestAcross: a pass with a row for each neuron gives the features of a pass row by row, bit by bit; and a product in two
// parts, over the first inputs and the others, is the whole one.
func TestAcross(t *testing.T) {
	for _, bias := range []bool{true, false} {
		for _, points := range []int{1, 7, 300} {
			t.Run(fmt.Sprint(bias, points), func(t *testing.T) {
				const in = 13
				s := NetworkSettings{Hidden: []int{9, 5}, Activation: "tanh", Bias: bias, Outputs: 1, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1"}
				net, err := New(s, in, kernel.NewStream(1, "init"))
				if err != nil {
					t.Fatal(err)
				}
				stream := kernel.NewStream(2, "inputs")
				x := make([]float32, points*in)
				for i := range x {
					x[i] = float32(stream.Normal())
				}
				want := make([]float32, points*5)
				net.Features(want, x, points)

				h := transposed(x, points, in)
				for l := range net.Layers[:2] {
					layer := &net.Layers[l]
					z := make([]float32, layer.Out*points)
					layer.Across(z, h, points, false)
					if l == 0 {
						first, rest := Layer{In: 4, Out: layer.Out, Weights: layer.Weights[:4*layer.Out], Biases: layer.Biases},
							Layer{In: in - 4, Out: layer.Out, Weights: layer.Weights[4*layer.Out:]}
						parts := make([]float32, len(z))
						first.Across(parts, h[:4*points], points, false)
						rest.Across(parts, h[4*points:], points, true)
						if !slices.Equal(parts, z) {
							t.Error("two parts differ from the whole")
						}
					}
					net.Activate(z)
					h = z
				}
				if got := transposed(h, 5, points); !slices.Equal(got, want) {
					t.Errorf("%v, want %v", got, want)
				}
			})
		}
	}
}

// transposed gives x [rows, columns] as [columns, rows].
func transposed(x []float32, rows, columns int) []float32 {
	y := make([]float32, len(x))
	for r := range rows {
		for c := range columns {
			y[c*rows+r] = x[r*columns+c]
		}
	}
	return y
}
