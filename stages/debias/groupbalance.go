package debias

import (
	"context"
	"fmt"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/data"
	"spurion/stages/learn"
)

// groupBalance makes every group count alike. The literature has three things under the name, which
// differ under the noise of gradients and once the data is separable; here each has a name.
var groupBalance = &Method{
	Name: "group_balance",
	Doc: "Every group counts alike: by sampling (each sample's group is drawn uniformly, then the sample from it, with replacement: group_DRO's --reweight_groups, " +
		"SpuCo's GroupBalanceBatchERM), by strata (the same, with equally many of each group in every batch), or by weights (samples as they come, the loss of group g weighted by 1/(K p_g), so that its mean is the group-balanced risk).",
	Source: "Sagawa et al. 2020; Idrissi et al. 2022",
	Reads:  []frame.Mark{frame.MarkGroup},
	Check: func(s *Settings) []stages.Problem {
		if s.Method.By == byWeights {
			return nil
		}
		return checkBalanced(s, "by", s.Method.By)
	},
	Run: func(ctx context.Context, t *Trial) error {
		if t.Method.By == byWeights {
			weigh, err := t.balancingWeights()
			if err != nil {
				return err
			}
			source, err := t.Natural("")
			if err != nil {
				return err
			}
			return t.Train(ctx, Stage{Net: t.Network(""), Source: source, Weigh: weigh, Steps: t.Remaining()})
		}
		source, err := t.Balanced("", t.Method.By == byStrata)
		if err != nil {
			return err
		}
		return t.Train(ctx, Stage{Net: t.Network(""), Source: source, Steps: t.Remaining()})
	},
}

// The ways to balance groups.
const (
	bySampling = "sampling"
	byStrata   = "strata"
	byWeights  = "weights"
	natural    = "natural"
)

// checkBalanced reports settings that balanced batches leave without effect.
func checkBalanced(s *Settings, setting, value string) []stages.Problem {
	if s.Sampling != learn.SampleShuffle && s.Sampling != learn.SampleReplacement {
		return nil
	}
	return []stages.Problem{{Path: "sampling", Summary: "Sampling that the method overrides",
		Detail: fmt.Sprintf("With %s = %q the method %s draws each batch by group, with replacement, so sampling = %q has no effect. Leave it out.", setting, value, s.Method.Name, s.Sampling)}}
}

// balancingWeights gives weights 1/(K p_g) over the batch's size: the mean over samples of the data
// is the mean over groups. A group without samples has no part.
func (t *Trial) balancingWeights() (func(*learn.Batch, []float32) []float32, error) {
	shares := t.GroupShares()
	groups := existing(shares)
	if groups == 0 {
		return nil, fmt.Errorf("no group has any samples")
	}
	var weight [learn.Groups]float64
	for g, p := range shares {
		if p > 0 {
			weight[g] = 1 / float64(float64(groups)*p)
		}
	}
	var weights []float32
	return func(b *learn.Batch, _ []float32) []float32 {
		weights = weights[:0]
		for _, g := range b.Groups(t.Ledger()) {
			weights = append(weights, float32(weight[g]/float64(b.Rows)))
		}
		return weights
	}, nil
}

func existing(shares [learn.Groups]float64) int {
	n := 0
	for _, p := range shares {
		if p > 0 {
			n++
		}
	}
	return n
}

// GroupShares gives the shares p_g of the groups in what is trained on: counted in a finite set,
// else the law's masses.
func (t *Trial) GroupShares() [learn.Groups]float64 {
	if t.fresh() {
		t.ledger.Note(frame.MarkGroup, data.Training, "")
		return t.law.Masses()
	}
	var shares [learn.Groups]float64
	for g, n := range t.GroupSizes() {
		shares[g] = float64(n) / float64(t.Rows())
	}
	return shares
}
