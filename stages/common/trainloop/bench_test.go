package trainloop

import (
	"fmt"
	"testing"
	"time"

	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// A loop is a training whose steps are measured with all that belongs to them: drawing or gathering
// the batch, expanding its bits, forward, backward and update.
type loop struct {
	job     string // of the training core's goals, see package neuralnet's BenchmarkStep
	law     datalaw.Law
	rows    int // of the training set; 0 for fresh samples
	hidden  []int
	batch   int
	sources []string
}

func loops() []loop {
	parity := datalaw.Law{
		Core: boolean.Function{Type: boolean.Parity, Degree: 4}, Spurious: boolean.Function{Type: boolean.Parity, Degree: 2},
		CoreLength: 4, SpuriousLength: 2, Independent: 44, Strength: .9, Variant: datalaw.Paper,
	}
	stairs := datalaw.Law{
		Core: boolean.Function{Type: boolean.Staircase, Degree: 14}, Spurious: boolean.Function{Type: boolean.Staircase, Degree: 10},
		CoreLength: 14, SpuriousLength: 20, Strength: .9, Variant: datalaw.Paper,
	}
	small := parity
	small.Independent = 10
	return []loop{
		{job: "min", law: small, hidden: []int{32}, batch: 32, sources: []string{SampleFresh}},
		{job: "a", law: parity, hidden: []int{100}, batch: 64, sources: []string{SampleFresh}},
		{job: "b", law: stairs, rows: 60000, hidden: []int{100}, batch: 64, sources: []string{SampleShuffle, SampleReplacement}},
	}
}

func (l loop) source(tb testing.TB, sampling string) (Source, int) {
	law, err := l.law.Compile()
	if err != nil {
		tb.Fatal(err)
	}
	d := &dataset.Dataset{Description: dataset.Description{Law: &l.law, Dimensions: law.Dimensions()}}
	if l.rows > 0 {
		packed, labels, attributes := make([]uint64, l.rows*law.Words()), make([]int16, l.rows), make([]int16, l.rows)
		law.SampleBits(kernel.NewStream(1, "data"), law.Confounded(), l.rows, packed, labels, attributes)
		if d.Train, err = dataset.Pack(dataset.TrainSplit, law.Dimensions(), packed, labels, attributes); err != nil {
			tb.Fatal(err)
		}
	}
	s, err := Natural(d, law, sampling, l.batch, stream())
	if err != nil {
		tb.Fatal(err)
	}
	return s, law.Dimensions()
}

// BenchmarkLoop measures whole steps as Fit takes them; best-ns/step is the mean of the fastest of
// many spells, since other work on the machine only slows spells down. BenchmarkNext measures the
// part of it that makes batches.
func BenchmarkLoop(b *testing.B) {
	for _, l := range loops() {
		for _, sampling := range l.sources {
			b.Run("job="+l.job+"/sampling="+sampling, func(b *testing.B) {
				source, n := l.source(b, sampling)
				net, err := neuralnet.New(neuralnet.NetworkSettings{Hidden: l.hidden, Bias: true, Outputs: 2, InitScale: 1}, n, stream())
				if err != nil {
					b.Fatal(err)
				}
				trainer, err := neuralnet.NewTrainer(net, "cross_entropy", neuralnet.OptimizerSettings{Type: "sgd", Rate: .05}, source.MaxRows())
				if err != nil {
					b.Fatal(err)
				}
				p := Phase{Source: source, Step: Descend(trainer, nil)}
				run := func(steps int64) {
					p.First, p.Last = p.Last, p.Last+steps
					if _, err := Fit(b.Context(), p); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportAllocs()
				b.ResetTimer()
				run(int64(b.N))
				b.StopTimer()
				const spell = 1000
				best := time.Hour
				for range 20 {
					begin := time.Now()
					run(spell)
					best = min(best, time.Since(begin)/spell)
				}
				b.ReportMetric(float64(best.Nanoseconds()), "best-ns/step")
			})
		}
	}
}

func BenchmarkNext(b *testing.B) {
	for _, l := range loops() {
		for _, sampling := range l.sources {
			b.Run("job="+l.job+"/sampling="+sampling, func(b *testing.B) {
				source, _ := l.source(b, sampling)
				var batch Batch
				best := time.Hour
				for b.Loop() {
					source.Next(&batch)
				}
				b.StopTimer()
				for range 20 {
					begin := time.Now()
					for range 1000 {
						source.Next(&batch)
					}
					best = min(best, time.Since(begin)/1000)
				}
				b.ReportMetric(float64(best.Nanoseconds()), "best-ns/op")
			})
		}
	}
}

// BenchmarkEvaluate measures one evaluation of job a's network: on sampled points of 50 coordinates,
// and on the whole cube of 14.
func BenchmarkEvaluate(b *testing.B) {
	for _, independent := range []int{44, 8} {
		l := loops()[1].law
		l.Independent = independent
		law, err := l.Compile()
		if err != nil {
			b.Fatal(err)
		}
		net, err := neuralnet.New(neuralnet.NetworkSettings{Hidden: []int{100}, Bias: true, Outputs: 2, InitScale: 1}, law.Dimensions(), stream())
		if err != nil {
			b.Fatal(err)
		}
		e, err := evaluation.NewEvaluator(law, 4096, "cross_entropy", stream(), &dataset.Ledger{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(fmt.Sprintf("points=%d/exact=%v", e.Points(), e.Exact()), func(b *testing.B) {
			b.ReportAllocs()
			best := time.Hour
			for b.Loop() {
				begin := time.Now()
				if _, err := e.Evaluate(b.Context(), net); err != nil {
					b.Fatal(err)
				}
				best = min(best, time.Since(begin))
			}
			b.ReportMetric(float64(best.Nanoseconds()), "best-ns/op")
		})
	}
}
