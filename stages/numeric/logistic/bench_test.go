package logistic

import (
	"fmt"
	"testing"

	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// hiddenFeatures gives activations of a hidden layer for uniform inputs and the values of two functions,
// after some steps of training for the first.
func hiddenFeatures(tb testing.TB, rows, n, width, steps int) (x []float32, core, spurious []int16) {
	tb.Helper()
	c, err := datalaw.Law{Core: boolean.Function{Type: boolean.Staircase, Degree: 5}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 1},
		CoreLength: 5, SpuriousLength: 1, Independent: n - 6, Strength: 0.9, Variant: datalaw.Paper}.Compile()
	if err != nil {
		tb.Fatal(err)
	}
	s := neuralnet.NetworkSettings{Hidden: []int{width}, Activation: "relu", Bias: true, Outputs: 2, Init: "pytorch", InitScale: 1, OutputInit: "same", OutputScale: "1"}
	net, err := neuralnet.New(s, n, kernel.NewStream(1, "init"))
	if err != nil {
		tb.Fatal(err)
	}
	const batch = 64
	trainer, err := neuralnet.NewTrainer(net, "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: 0.2}, batch)
	if err != nil {
		tb.Fatal(err)
	}
	stream, points, labels := kernel.NewStream(1, "data"), make([]float32, batch*n), make([]int16, batch)
	for range steps {
		c.Sample(stream, batch, points, labels, nil)
		trainer.Forward(points, labels, batch)
		trainer.Backward(nil)
		if err := trainer.Update(); err != nil {
			tb.Fatal(err)
		}
	}
	in := make([]float32, rows*n)
	core, spurious = make([]int16, rows), make([]int16, rows)
	c.SampleUniform(kernel.NewStream(1, "probe"), rows, in, core, spurious)
	x = make([]float32, rows*width)
	net.Features(x, in, rows)
	return x, core, spurious
}

func BenchmarkFit(b *testing.B) {
	for _, size := range []struct{ n, width int }{{16, 32}, {20, 64}, {50, 100}} {
		for _, steps := range []int{0, 300, 5000} {
			x, core, spurious := hiddenFeatures(b, 8000, size.n, size.width, steps)
			for _, target := range []struct {
				name   string
				labels []int16
			}{{"core", core}, {"spurious", spurious}} {
				b.Run(fmt.Sprintf("rows=8000/d=%d/steps=%d/target=%s", size.width, steps, target.name), func(b *testing.B) {
					for b.Loop() {
						m, err := Fit(Rows{X: x, D: size.width, Labels: target.labels}, Options{C: 1})
						if err != nil || !m.Converged {
							b.Fatalf("%v, %+v", err, m)
						}
						b.ReportMetric(float64(m.Iterations), "iterations")
						b.ReportMetric(float64(m.classifier(target.labels).Right(x, target.labels))/8000, "accuracy")
					}
				})
			}
		}
	}
}
