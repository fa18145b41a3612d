package debias

import (
	"context"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
)

// subg trains on a group-balanced subset.
var subg = &Method{
	Name:    "subg",
	Version: 1,
	Doc: "ERM on a subset that holds as many samples of each group as the smallest group has, drawn without replacement: once, before training (as published), or anew for each epoch (redraw = \"epoch\"). " +
		"Groups without samples have no part.",
	Source: "Idrissi et al. 2022 (SUBG)",
	Reads:  []Access{{frame.MarkGroup, dataset.TrainSplit}},
	Finite: true,
	Check: func(s *Settings) []stages.Problem {
		if s.Method.Redraw == "epoch" && s.Sampling == trainloop.SampleReplacement {
			return s.overridden(`With redraw = "epoch" each epoch passes over a subset of its own`)
		}
		return nil
	},
	Run: func(ctx context.Context, t *Trial) error {
		d := t.byGroup()
		pools, err := t.pools(d)
		if err != nil {
			return err
		}
		each, stream := trainloop.Smallest(pools), trainloop.MethodStream(t.settings.Seed, "subset")
		var source trainloop.Source
		if t.Method.Redraw == "epoch" {
			t.use(d, t.byCell(d, alike)) // on average over epochs
			var list []int32
			source = trainloop.Renewed(t.dataset.Train, func(int) []int32 {
				list = trainloop.Subset(list[:0], pools, each, stream)
				return list
			}, t.batch, trainloop.OrderStream(t.settings.Seed, ""))
		} else {
			list := trainloop.Subset(nil, pools, each, stream)
			t.use(d, func() []float64 { return often(t.Rows(), list) })
			if source, err = t.Listed("", list); err != nil {
				return err
			}
		}
		return t.Train(ctx, Stage{Net: t.Network(""), Source: source, Steps: t.Remaining()})
	},
}
