package debias

import (
	"context"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// pde is progressive data expansion.
var pde = &Method{
	Name:    "pde",
	Version: 1,
	Doc: "Trains on a group-balanced subset (as many of each group as the smallest has, or `warmup_size` of each if that is less) for `warmup_epochs` passes over it; then, and after every `expand_epochs` further passes, adds `expand_size` samples drawn from those not yet in it. " +
		"Added samples are drawn without replacement, as the paper has it (both published codes draw them with replacement, so that some are there twice). The optimiser goes on throughout, with its momentum; its rate is multiplied by `rate_factor` when the warm-up ends.",
	Source: "Deng, Yang, Mirzasoleiman and Gu 2023, algorithm 1",
	Reads:  []Access{{frame.MarkGroup, dataset.TrainSplit}},
	Finite: true,
	Check: func(s *Settings) []stages.Problem {
		if s.Sampling == trainloop.SampleReplacement {
			return s.overridden("The method pde passes over a set that grows between epochs")
		}
		return nil
	},
	Run: func(ctx context.Context, t *Trial) error {
		d := t.byGroup()
		pools, err := t.pools(d)
		if err != nil {
			return err
		}
		each := trainloop.Smallest(pools)
		if limit := t.Method.WarmupSize; limit > 0 {
			each = min(each, limit)
		}
		g := newGrowth(t.Rows(), pools, each, trainloop.MethodStream(t.settings.Seed, "expansion"))
		g.warmup, g.every, g.add = t.Method.WarmupEpochs, t.Method.ExpandEpochs, t.Method.ExpandSize
		rate := func() float64 {
			if g.expanding {
				return t.Method.RateFactor
			}
			return 1
		}
		source := trainloop.Renewed(t.dataset.Train, g.list, t.batch, trainloop.OrderStream(t.settings.Seed, ""))
		stage := Stage{Net: t.Network(""), Source: source, Steps: t.Remaining(), Rate: rate}
		if err := t.Train(ctx, stage); err != nil {
			return err
		}
		t.use(d, func() []float64 { return often(t.Rows(), g.in) })
		t.sayGrowth(g)
		return nil
	},
}

func (t *Trial) sayGrowth(g *growth) {
	if !g.expanding {
		t.Say("The warm-up on %d samples lasted to the end: nothing was added.", len(g.in))
	} else if len(g.out) > 0 {
		t.Say("The training set had grown to %d of %d samples at the end.", len(g.in), len(g.in)+len(g.out))
	}
}

// growth is a training set that grows between epochs.
type growth struct {
	in, out            []int32 // out in the order in which it is added
	warmup, every, add int     // epochs, epochs, samples
	expanding          bool
}

// newGrowth starts with a subset of each from every pool, out of rows.
func newGrowth(rows int, pools [][]int32, each int, stream *kernel.Stream) *growth {
	g := &growth{in: trainloop.Subset(nil, pools, each, stream)}
	taken := make([]bool, rows)
	for _, row := range g.in {
		taken[row] = true
	}
	for row, in := range taken {
		if !in {
			g.out = append(g.out, int32(row))
		}
	}
	kernel.Shuffle(g.out, stream)
	return g
}

// list gives the samples of an epoch, counted from 0.
func (g *growth) list(epoch int) []int32 {
	if epoch >= g.warmup {
		g.expanding = true
		if (epoch-g.warmup)%g.every == 0 {
			n := min(g.add, len(g.out))
			g.in, g.out = append(g.in, g.out[:n]...), g.out[n:]
		}
	}
	return g.in
}
