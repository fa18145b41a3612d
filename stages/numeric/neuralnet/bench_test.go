package neuralnet

import (
	"fmt"
	"testing"
	"time"

	"spurion/stages/numeric/kernel"
)

// A job is a training whose step is measured: issue 3's a to e, and the paper's small settings.
type job struct {
	name   string
	inputs int
	hidden []int
	rows   int
	opt    OptimizerSettings
	act    string

	outputs int
}

func jobs() []job {
	sgd := OptimizerSettings{Type: "sgd", Rate: 0.05}
	adam := OptimizerSettings{Type: "adam", Rate: 0.001, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}
	return []job{
		{"min", 16, []int{32}, 32, sgd, "relu", 2},
		{"std", 20, []int{64}, 64, sgd, "relu", 2},
		{"a", 50, []int{100}, 64, sgd, "relu", 2},
		{"b", 34, []int{100}, 64, sgd, "relu", 2},
		{"c", 50, []int{20, 20}, 10000, adam, "leaky_relu", 2},
		{"d", 100, []int{1000}, 512, sgd, "relu", 2},
		{"e", 784, []int{256, 256}, 128, adam, "relu", 2},
		{"tanh", 50, []int{100}, 64, sgd, "tanh", 2},
		{"a3", 50, []int{100}, 64, sgd, "relu", 3},
		{"a10", 50, []int{100}, 64, sgd, "relu", 10},
		{"a100", 50, []int{100}, 64, sgd, "relu", 100},
		{"e10", 784, []int{256, 256}, 128, adam, "relu", 10},
	}
}

// multiplyAdds counts those of a step's matrix products: forward, and backward for the weights of
// every layer and the activations of all but the first.
func (j job) multiplyAdds() int {
	total, in := 0, j.inputs
	for i, out := range append(append([]int(nil), j.hidden...), j.outputs) {
		products := 3
		if i == 0 {
			products = 2
		}
		total += products * in * out * j.rows
		in = out
	}
	return total
}

// peak measures fused multiply-adds a second.
func peak() float64 {
	best := 0.0
	for range 20 {
		begin := time.Now()
		n := kernel.Burst(2_000_000)
		best = max(best, float64(n)/time.Since(begin).Seconds())
	}
	return best
}

// bestStep gives the time of f in the fastest of many short spells: other work on the machine only
// slows spells down.
func bestStep(f func()) time.Duration {
	begin := time.Now()
	f()
	calls := 1 + int(300*time.Microsecond/(1+time.Since(begin)))
	best := time.Hour
	for range 60 {
		begin := time.Now()
		for range calls {
			f()
		}
		best = min(best, time.Since(begin)/time.Duration(calls))
	}
	return best
}

// BenchmarkStep measures whole steps on one batch that stays the same. best-ns/op is the fastest
// spell's; GFLOP/s then counts the matrix products alone, over the whole step's time, and peak-% is
// their share of what Burst reaches in the same run.
func BenchmarkStep(b *testing.B) {
	top := peak()
	for _, j := range jobs() {
		b.Run(fmt.Sprintf("job=%s/path=%s", j.name, kernel.Path()), func(b *testing.B) {
			tr, x, labels := j.trainer(b)
			step(tr, x, labels, j.rows)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				step(tr, x, labels, j.rows)
			}
			b.StopTimer()
			best := bestStep(func() { step(tr, x, labels, j.rows) })
			rate := float64(j.multiplyAdds()) / best.Seconds()
			b.ReportMetric(float64(best.Nanoseconds()), "best-ns/op")
			b.ReportMetric(2*rate/1e9, "GFLOP/s")
			b.ReportMetric(100*rate/top, "peak-%")
		})
	}
}

func (j job) trainer(tb testing.TB) (*Trainer, []float32, []int16) {
	net, err := New(NetworkSettings{Hidden: j.hidden, Activation: j.act, Slope: 0.01, Bias: true, Outputs: j.outputs, InitScale: 1},
		j.inputs, kernel.NewStream(1, "weights"))
	if err != nil {
		tb.Fatal(err)
	}
	tr, err := NewTrainer(net, "cross_entropy", j.opt, j.rows)
	if err != nil {
		tb.Fatal(err)
	}
	x, labels := make([]float32, j.rows*j.inputs), make([]int16, j.rows)
	parityBatch(kernel.NewStream(1, "data"), x, labels, j.inputs, 2)
	return tr, x, labels
}

func step(tr *Trainer, x []float32, labels []int16, rows int) {
	tr.Forward(x, labels, rows)
	tr.Backward(nil)
	if err := tr.Update(); err != nil {
		panic(err)
	}
}

// BenchmarkPhase splits a step into its parts; best-ns/op is the fastest spell's.
func BenchmarkPhase(b *testing.B) {
	for _, j := range jobs() {
		tr, x, labels := j.trainer(b)
		for _, phase := range []struct {
			name string
			do   func()
		}{
			{"forward", func() { tr.Forward(x, labels, j.rows) }},
			{"backward", func() { tr.Backward(nil) }},
			{"update", func() {
				if err := tr.Update(); err != nil {
					b.Fatal(err)
				}
			}},
		} {
			b.Run(fmt.Sprintf("job=%s/phase=%s", j.name, phase.name), func(b *testing.B) {
				for range b.N {
					phase.do()
				}
				b.StopTimer()
				b.ReportMetric(float64(bestStep(phase.do).Nanoseconds()), "best-ns/op")
			})
		}
	}
}

// imageJobs are small CNNs on batches of 64 images.
var imageJobs = map[string]NetworkSettings{
	"1x56x28": cnn([]int{1, 56, 28}, []int{128}, 2, conv(16, 5, 1, 0), rectify, pool(MaxPool, 2, 0), conv(32, 5, 1, 0), rectify, pool(MaxPool, 2, 0)),
	"3x64x32": cnn([]int{3, 64, 32}, []int{128}, 2, conv(16, 5, 1, 0), rectify, pool(MaxPool, 2, 0), conv(32, 5, 1, 0), rectify, pool(MaxPool, 2, 0)),
	"residual": cnn([]int{3, 32, 32}, nil, 10, conv(16, 3, 1, 1), norm, rectify,
		residual([]ImageLayer{conv(16, 3, 1, 1), norm, rectify, conv(16, 3, 1, 1), norm}), rectify,
		residual([]ImageLayer{conv(32, 3, 2, 1), norm, rectify, conv(32, 3, 1, 1), norm}, conv(32, 1, 2, 0), norm), rectify, globalPool),
}

// imageProducts counts the multiply-adds of a step: those of all layers forward, twice as many backward, but for what no layer
// needs the gradient of.
func imageProducts(net *Network, rows int) int {
	total, seen := 0, false
	var count func(ops []imageOp)
	count = func(ops []imageOp) {
		for i := range ops {
			o := &ops[i]
			count(o.main)
			count(o.side)
			if o.Type != Conv {
				continue
			}
			products := 3
			if !seen {
				products, seen = 2, true
			}
			total += products * o.out.Size() * o.Kernel * o.Kernel * o.in.Channels
		}
	}
	count(net.Image.ops)
	for _, l := range net.Layers {
		total += 3 * l.In * l.Out
	}
	return total * rows
}

// BenchmarkImages measures whole steps of CNNs as BenchmarkStep does those of MLPs. Products with what is zero count as well,
// though many are passed over.
func BenchmarkImages(b *testing.B) {
	const rows = 64
	top := peak()
	for name, s := range imageJobs {
		b.Run(fmt.Sprintf("job=%s/path=%s", name, kernel.Path()), func(b *testing.B) {
			inputs := (*s.Input)[0] * (*s.Input)[1] * (*s.Input)[2]
			stream := kernel.NewStream(1, "images")
			net, err := New(s, inputs, stream)
			if err != nil {
				b.Fatal(err)
			}
			tr, err := NewTrainer(net, "cross_entropy", OptimizerSettings{Type: "sgd", Rate: 0.01, Momentum: 0.9}, rows)
			if err != nil {
				b.Fatal(err)
			}
			x, labels := make([]float32, rows*inputs), make([]int16, rows)
			for i := range x {
				x[i] = float32(stream.Normal())
			}
			for i := range labels {
				labels[i] = int16(stream.IntN(s.Outputs))
			}
			step(tr, x, labels, rows)
			b.ReportAllocs()
			b.ResetTimer()
			for range b.N {
				step(tr, x, labels, rows)
			}
			b.StopTimer()
			best := bestStep(func() { step(tr, x, labels, rows) })
			rate := float64(imageProducts(net, rows)) / best.Seconds()
			b.ReportMetric(float64(best.Microseconds()), "best-µs/op")
			b.ReportMetric(2*rate/1e9, "GFLOP/s")
			b.ReportMetric(100*rate/top, "peak-%")
		})
	}
}
