package debias

import (
	"context"
	"fmt"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
)

// groupBalance makes every group count alike. The literature has several things under the name, which
// differ under the noise of gradients and once the data is separable; here each has a name.
var groupBalance = &Method{
	Name:    "group_balance",
	Version: 1,
	Doc: "Every group counts alike: by sampling (each sample's group is drawn uniformly, then the sample from it, with replacement: RWG, group_DRO's --reweight_groups, " +
		"SpuCo's GroupBalanceBatchERM), by strata (the same, with equally many of each group in every batch), by upsampling (each group is shuffled once and repeated up to the size of the largest; epochs pass over that list without replacement: SpuCo's UpSampleERM), " +
		"by weights (samples as they come, the loss of group g weighted by 1/(K p_g), so that its mean is the group-balanced risk: ReWeight), or by sqrt_weights (weights proportional to 1/sqrt(p_g), with mean 1: SqrtReWeight).",
	Source: "Sagawa et al. 2020; Idrissi et al. 2022; Yang et al. 2023",
	Reads:  []Access{{frame.MarkGroup, dataset.TrainSplit}},
	Check:  checkBy,
	Run:    func(ctx context.Context, t *Trial) error { return t.balance(ctx, t.byGroup()) },
}

// The ways to balance groups or classes.
const (
	bySampling    = "sampling"
	byStrata      = "strata"
	byUpsampling  = "upsampling"
	byWeights     = "weights"
	bySqrtWeights = "sqrt_weights"
	natural       = "natural"
)

func checkBy(s *Settings) []stages.Problem {
	switch s.Method.By {
	case bySampling, byStrata:
		return checkBalanced(s, "by", s.Method.By)
	case byUpsampling:
		if s.Sampling == trainloop.SampleFresh {
			return []stages.Problem{{Path: "sampling", Summary: "Upsampling needs a finite training set",
				Detail: fmt.Sprintf("by = %q repeats training samples. Leave sampling out, and give the data set a number of training samples.", byUpsampling)}}
		}
	}
	return nil
}

// checkBalanced reports settings that balanced batches leave without effect.
func checkBalanced(s *Settings, setting, value string) []stages.Problem {
	if s.Sampling != trainloop.SampleShuffle && s.Sampling != trainloop.SampleReplacement {
		return nil
	}
	return s.overridden(fmt.Sprintf("With %s = %q the method %s draws each batch by parts, with replacement", setting, value, s.Method.Name))
}

// overridden reports a sampling without effect, and why it has none.
func (s *Settings) overridden(why string) []stages.Problem {
	return []stages.Problem{{Path: "sampling", Summary: "Sampling that the method overrides",
		Detail: fmt.Sprintf("%s, so sampling = %q has no effect. Leave it out.", why, s.Sampling)}}
}

// balance is ERM with cells that count alike, in the way that the setting "by" has it.
func (t *Trial) balance(ctx context.Context, d *division) error {
	stage := Stage{Net: t.Network(""), Steps: t.Remaining()}
	var err error
	weights := t.byCell(d, alike)
	switch t.Method.By {
	case byWeights, bySqrtWeights:
		if stage.Weigh, err = t.balancingWeights(d, t.Method.By == bySqrtWeights); err != nil {
			return err
		}
		if t.Method.By == bySqrtWeights {
			weights = t.byCell(d, func(_, samples int) float64 { return math.Sqrt(float64(samples) / float64(t.Rows())) })
		}
		stage.Source, err = t.Natural("")
	case byUpsampling:
		if t.Rows() == 0 {
			return fmt.Errorf("by = %q needs a finite training set: give the stage that makes the data set a number of training samples", byUpsampling)
		}
		pools, perr := t.pools(d)
		if perr != nil {
			return perr
		}
		list := upsampled(pools, trainloop.MethodStream(t.settings.Seed, byUpsampling))
		weights = func() []float64 { return often(t.Rows(), list) }
		stage.Source, err = t.Listed("", list)
	default:
		stage.Source, err = t.Balanced("", d, t.Method.By == byStrata)
	}
	if err != nil {
		return err
	}
	t.use(d, weights)
	return t.Train(ctx, stage)
}
