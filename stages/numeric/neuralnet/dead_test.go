package neuralnet

import (
	"fmt"
	"math"
	"testing"

	"spurion/stages/numeric/kernel"
)

// withDead trains a network of which some units are never active, until what their gradients left
// has worn down.
func withDead(tb testing.TB, j job, dead, steps int) (*Trainer, func()) {
	tr, x, labels := j.trainer(tb)
	l := &tr.net.Layers[0]
	data := kernel.NewStream(2, "data")
	next := func() {
		parityBatch(data, x, labels, j.inputs, 2)
		step(tr, x, labels, j.rows)
	}
	for range 20 {
		next()
	}
	for o := range dead {
		unit := o * (l.Out / dead)
		l.Biases[unit] = -1000
		for i := range l.In { // weight decay would take long to come here
			l.Weights[i*l.Out+unit] *= 1e-37
		}
	}
	for range steps {
		next()
	}
	return tr, func() { step(tr, x, labels, j.rows) }
}

func deadJobs() []job {
	a := jobs()[2]
	var list []job
	for _, o := range []OptimizerSettings{
		{Type: "sgd", Rate: 0.05, WeightDecay: 0.01},
		{Type: "sgd", Rate: 0.05, Momentum: 0.9},
		{Type: "adam", Rate: 0.001, Beta1: 0.9, Beta2: 0.9, Epsilon: 1e-8},
	} {
		j := a
		j.opt = o
		list = append(list, j)
	}
	return list
}

// Units that are never active leave no denormal numbers, which processors are slow with.
func TestDeadUnitsLeaveNothingDenormal(t *testing.T) {
	for _, j := range deadJobs() {
		j.inputs, j.hidden, j.rows = 5, []int{8}, 4
		tr, _ := withDead(t, j, 2, 1000)
		s := &tr.layers[0]
		for _, numbers := range [][]float32{tr.net.Layers[0].Weights, s.m, s.v} {
			for i, x := range numbers {
				if x != 0 && math.Abs(float64(x)) < 0x1p-126 {
					t.Fatalf("%s: number %d is %x", j.opt.Type, i, x)
				}
			}
		}
	}
}

// BenchmarkDeadUnits measures steps with a fifth of the units dead for 1000 steps: they cost nothing.
func BenchmarkDeadUnits(b *testing.B) {
	for _, j := range deadJobs() {
		for _, dead := range []int{1, 20} {
			b.Run(fmt.Sprintf("job=%s/momentum=%v/dead=%d", j.opt.Type, j.opt.Momentum, dead), func(b *testing.B) {
				_, again := withDead(b, j, dead, 1000)
				b.ResetTimer()
				for range b.N {
					again()
				}
			})
		}
	}
}
