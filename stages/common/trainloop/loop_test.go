package trainloop

import (
	"math"
	"testing"

	"spurion/stages/common/dataset"
	"spurion/stages/common/dataset/datasettest"
	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/neuralnet"
	"spurion/stages/stagetest"
)

// Nothing is allocated for a step: a training of many steps allocates what one of few does. It
// holds for every way to take batches and every rule of steps.
func TestLoopsAllocateNothingPerStep(t *testing.T) {
	if stagetest.Raced {
		t.Skip("the race detector drops pooled memory")
	}
	s, law := datasettest.Drawn(t, datasettest.Law(t), 100), datasettest.Law(t)
	l := law.Law()
	d := &dataset.Dataset{Description: dataset.Description{Law: &l, Dimensions: s.Dimensions}, Train: s}
	sources := map[string]func() Source{
		"stratified":    func() Source { return Stratified(s, [][]int32{All(100), {3}}, 16, stream()) },
		"fresh, strata": func() Source { return Fresh(law, 15, stream(), law.Confounded(), law.Uniform()) },
	}
	for _, sampling := range []string{SampleAuto, SampleFresh, SampleShuffle, SampleReplacement, SampleFull} {
		sources[sampling] = func() Source {
			source, err := Natural(d, law, sampling, 16, stream())
			if err != nil {
				t.Fatal(err)
			}
			return source
		}
	}
	warm := &neuralnet.RateSchedule{Type: neuralnet.Cosine, Warmup: 3, Steps: 50}
	optimizers := map[string]neuralnet.OptimizerSettings{
		"sgd":              {Type: "sgd", Rate: .01},
		"momentum, SGDW":   {Type: "sgd", Rate: .01, Momentum: .9, WeightDecay: .1, Decoupled: true, Schedule: warm},
		"adam, clipped":    {Type: "adam", Rate: .001, Beta1: .9, Beta2: .99, Epsilon: 1e-8, ClipNorm: 1e-3},
		"sign, milestones": {Type: "sign", Rate: .001, Schedule: &neuralnet.RateSchedule{Type: neuralnet.Step, Milestones: []int{5}, Factor: .5}},
	}
	var weights []float32
	var ledger dataset.Ledger
	weigh := func(b *Batch, _ []float32) []float32 {
		weights = weights[:0]
		for _, g := range b.Groups(&ledger) {
			weights = append(weights, float32(1+g)/100)
		}
		return weights
	}
	for sampling, source := range sources {
		for name, o := range optimizers {
			run := func(steps int64) func() {
				return func() {
					src := source()
					net := untrained(t)
					trainer, err := neuralnet.NewTrainer(net, "cross_entropy", o, src.MaxRows())
					if err != nil {
						t.Fatal(err)
					}
					p := Phase{Source: src, Step: Descend(trainer, weigh), Last: steps, Progress: func(int64) {}}
					if out, err := Fit(t.Context(), p); err != nil || out.Step != steps {
						t.Fatalf("%+v, %v", out, err)
					}
				}
			}
			// The runtime allocates too, now and then: a step that does would in every turn.
			least := func(steps int64) float64 {
				return min(testing.AllocsPerRun(1, run(steps)), testing.AllocsPerRun(1, run(steps)), testing.AllocsPerRun(1, run(steps)))
			}
			few, many := least(10), least(200)
			if many > few {
				t.Errorf("%s, %s: %v allocations in 200 steps, %v in 10", sampling, name, many, few)
			}
		}
	}
}

// Wherever numbers stop being finite, a training ends at that very step: what it did before is what
// a shorter training does, and one step more ends it.
func TestDivergenceEndsAtTheStep(t *testing.T) {
	law := datasettest.Law(t)
	nan := float32(math.NaN())
	for _, c := range []struct {
		name     string
		loss     string
		o        neuralnet.OptimizerSettings
		spoil    func(step int, b *Batch, net *neuralnet.Network) // before the step
		weigh    func(step int) float32
		diverged int64 // 0: whenever
	}{
		{name: "the loss overflows", loss: "squared", o: neuralnet.OptimizerSettings{Type: "sgd", Rate: 1}},
		{name: "a weight overflows", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "sgd", Rate: 1e39}, diverged: 1},
		{name: "momentum overflows", loss: "squared", o: neuralnet.OptimizerSettings{Type: "sgd", Rate: .5, Momentum: .99}},
		{name: "Adam's rate", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "adam", Rate: 1e37, Beta1: .9, Beta2: .9, Epsilon: 1e-8}},
		{name: "the rate of signs", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "sign", Rate: 3e37}},
		{name: "decoupled decay", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "sgd", Rate: 100, WeightDecay: 10, Decoupled: true}},
		{name: "a weight of a row", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "sgd", Rate: .1}, diverged: 5,
			weigh: func(step int) float32 { return []float32{1, nan}[step/5] }},
		{name: "a weight of a row, clipped", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "sgd", Rate: .1, ClipNorm: 1}, diverged: 5,
			weigh: func(step int) float32 { return []float32{1, nan}[step/5] }},
		{name: "an infinite gradient, clipped", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "sgd", Rate: .1, ClipNorm: 1}, diverged: 5,
			weigh: func(step int) float32 { return []float32{1, float32(math.Inf(1))}[step/5] }},
		{name: "a gradient that overflows, in Adam", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "adam", Rate: .1, Beta1: .9, Beta2: .9, Epsilon: 1e-8}, diverged: 5,
			weigh: func(step int) float32 { return []float32{1, float32(math.Inf(1))}[step/5] }},
		{name: "a second moment that overflows, in Adam, though no weight does", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "adam", Rate: .1, Beta1: .9, Beta2: .9, Epsilon: 1e-8}, diverged: 5,
			weigh: func(step int) float32 { return []float32{1, 1e24}[step/5] }},
		{name: "signs of no number", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "sign", Rate: .1}, diverged: 5,
			weigh: func(step int) float32 { return []float32{1, nan}[step/5] }},
		{name: "an input", loss: "logistic", o: neuralnet.OptimizerSettings{Type: "sgd", Rate: .1}, diverged: 4,
			spoil: func(step int, b *Batch, _ *neuralnet.Network) {
				if step == 4 {
					b.X = make([]float32, b.Rows*law.Dimensions())
					boolean.Expand(b.X, b.Signs, b.Rows, law.Dimensions())
					b.X[3], b.Signs = nan, nil
				}
			}},
		{name: "a hidden weight", loss: "hinge", o: neuralnet.OptimizerSettings{Type: "sgd", Rate: .1}, diverged: 4,
			spoil: func(step int, _ *Batch, net *neuralnet.Network) {
				if step == 4 {
					net.Layers[0].Weights[2] = nan
				}
			}},
	} {
		t.Run(c.name, func(t *testing.T) {
			const budget = 400
			run := func(last int64) (Outcome, *neuralnet.Network, []int64) {
				net, err := neuralnet.New(neuralnet.NetworkSettings{Hidden: []int{6}, Bias: true, Outputs: 1, InitScale: 2}, law.Dimensions(), stream())
				if err != nil {
					t.Fatal(err)
				}
				trainer, err := neuralnet.NewTrainer(net, c.loss, c.o, 8)
				if err != nil {
					t.Fatal(err)
				}
				step := 0
				var weights []float32
				descend := Descend(trainer, func(b *Batch, _ []float32) []float32 {
					if c.weigh == nil {
						return nil
					}
					weights = weights[:0]
					for range b.Rows {
						weights = append(weights, c.weigh(step))
					}
					return weights
				})
				var visited []int64
				p := Phase{Source: Fresh(law, 8, stream(), law.Confounded()), Last: last,
					Step: func(b *Batch) (float64, error) {
						step++
						if c.spoil != nil {
							c.spoil(step, b, net)
						}
						return descend(b)
					},
					Visit: func(v Visit) (bool, error) { visited = append(visited, v.Step); return false, nil }}
				for s := range last + 1 {
					p.Visits = append(p.Visits, s)
				}
				out, err := Fit(t.Context(), p)
				if err != nil {
					t.Fatal(err)
				}
				return out, net, visited
			}
			out, _, visited := run(budget)
			d := int64(out.Diverged.Value)
			if !out.Diverged.Valid || c.diverged > 0 && d != c.diverged || out.Step != d-1 || int64(len(visited)) != d {
				t.Fatalf("%+v after %d visits, want step %d", out, len(visited), c.diverged)
			}
			before, net, _ := run(d - 1)
			if before != (Outcome{Step: d - 1}) {
				t.Errorf("a training of %d steps: %+v", d-1, before)
			}
			for i := range net.Layers {
				for _, w := range append(net.Layers[i].Weights, net.Layers[i].Biases...) {
					if w-w != 0 {
						t.Fatalf("step %d left a weight of %v", d-1, w)
					}
				}
			}
			if after, _, _ := run(d); after.Diverged != evaluation.Some(float64(d)) {
				t.Errorf("a training of %d steps: %+v", d, after)
			}
		})
	}
}
