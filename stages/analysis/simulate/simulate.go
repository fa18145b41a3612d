// Package simulate is the kind "simulate": how often tests of claims are right, on drawn data whose truth is known.
package simulate

import (
	"context"
	"math"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/analysis/claimtests"
	"spurion/stages/numeric/distribution"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/quantile"
)

var fields = []frame.Field{
	{Name: "effect", Type: frame.Float64, Unit: "see method", Doc: "the true effect, in the unit of the method"},
	{Name: "bound", Type: frame.Float64, Unit: "see method", Doc: "what the claim says that the effect is above; of an equivalence the margin"},
	{Name: "reproduced", Type: frame.Float64, Unit: "share", Doc: "of the data sets, those with the verdict reproduced"},
	{Name: "not_reproduced", Type: frame.Float64, Unit: "share", Doc: "those with the verdict not reproduced"},
	{Name: "inconclusive", Type: frame.Float64, Unit: "share", Doc: "those with the verdict inconclusive"},
	{Name: "reproduced_se", Type: frame.Float64, Unit: "share", Doc: "Monte Carlo standard error of reproduced"},
	{Name: "reproduced_low", Type: frame.Float64, Unit: "share", Doc: "lower end of the 99.9 % interval of reproduced (Clopper and Pearson)"},
	{Name: "promised", Type: frame.Float64, Unit: "share", Doc: "the largest rate of reproduced that is promised where the claim is false: alpha/2, of an equivalence and a fit alpha"},
	{Name: "coverage", Type: frame.Float64, Unit: "share", Nullable: true, Doc: "of the intervals, those that hold the true effect; null of a fit, whose lead in AICc has no true value"},
	{Name: "coverage_se", Type: frame.Float64, Unit: "share", Nullable: true, Doc: "Monte Carlo standard error of coverage"},
	{Name: "coverage_high", Type: frame.Float64, Unit: "share", Nullable: true, Doc: "upper end of the 99.9 % interval of coverage (Clopper and Pearson)"},
	{Name: "confidence", Type: frame.Float64, Unit: "share", Doc: "the coverage that is promised: 1 - alpha, of an equivalence 1 - 2 alpha"},
	{Name: "width", Type: frame.Float64, Unit: "see method", Nullable: true, Doc: "median width of the intervals, in the unit of the method; null if half of them or more lack an end"},
	{Name: "repetitions", Type: frame.Int64, Unit: "repetitions", Doc: "data sets that were drawn"},
}

// sure is the confidence of the ends that say whether a rate may be chance.
const sure = 0.999

// Kind tries a test of claims on drawn data.
//
//	out  rates  one row
//
// Data sets are drawn one after the other from one stream, each is judged as a run judges a claim's, and what comes out is counted. The true
// effect is known in closed form, by symmetry, or to 1e-3 standard deviations by counting pairs of quantiles (truth.go).
var Kind = stages.Define(stages.Kind{
	Name:    "simulate",
	Version: 1,
	Doc: `Tries a test of claims on drawn data whose truth is known: how often is the verdict right?

Each repetition draws data of a law, with units as seeds are, and judges the claim that the true effect is above a bound, by the same
code as a claim's. The row has the rates of the three verdicts, how many of the intervals hold the true effect, and their
median width, with Monte Carlo standard errors. If bound is the true effect the claim is false, though only just, and at most
alpha/2 of the verdicts may be reproduced (of an equivalence or a fit alpha). If the effect is above the bound, the rate of reproduced
is the power.

Methods, and the unit of effect and bound. In standard deviations of a value: mean, mean_bootstrap, median (threshold with
statistic = "mean", with interval = "bootstrap-t" too, and "median"); paired, paired_median, paired_mean (paired with its three
statistics, of differences that have the law); compare, compare_mean (compare with its two); equivalent, equivalent_paired. In
standard deviations for a step of x: trend, trend_blocks (trend along x = 0, 1, 2, 3, without and with block = "seed"); fit (a line rather than a constant, along the same x). Ratios:
ratio, ratio_mean (compare with effect = "ratio"), trend_ratio (trend with min_ratio); lognormal values are then exp(z), others
have a mean of 20 standard deviations. Probabilities: share (always with at_least_share), superiority.`,
	Outputs: []stages.Output{{Name: "rates", Doc: "one row: how often the test is right", Type: stages.AnyType, Fields: fields}},
}, run)

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	d := newSource(s)
	claim := s.claim()
	stream := kernel.NewStream(s.Seed, "simulate/data")
	verdicts, covers := map[string]int{}, 0
	widths := make([]float64, 0, s.Repetitions)
	for i := range s.Repetitions {
		t := d.draw(stream)
		trial, err := claimtests.Open(ctx, &stages.Run{Settings: claim, Inputs: map[string][]stages.Artifact{"table": {{
			Table: func() (*frame.Table, error) { return t, nil },
		}}}})
		if err != nil {
			return err
		}
		j, err := claimtests.Judge(trial, ctx.Err)
		if err != nil {
			return err
		}
		verdicts[j.Verdict]++
		if holds(j, s.effect()) {
			covers++
		}
		widths = append(widths, width(j))
		r.Progress(int64(i+1), int64(s.Repetitions))
	}
	return r.WriteBuilt("rates", s.row(verdicts, covers, widths))
}

// holds reports whether an interval holds the effect; ends that are equal to it but for rounding do.
func holds(j claimtests.Judgement, effect float64) bool {
	slack := float64(1e-9 * max(1, math.Abs(effect)))
	return !(j.Low > effect+slack || j.High < effect-slack)
}

// width gives the width of an interval, infinite without an end.
func width(j claimtests.Judgement) float64 {
	if w := j.High - j.Low; w == w {
		return w
	}
	return inf
}

// row makes the row of the output.
func (s *Settings) row(verdicts map[string]int, covers int, widths []float64) *frame.Builder {
	n := float64(s.Repetitions)
	reproduced, not := verdicts[claimtests.Reproduced], verdicts[claimtests.NotReproduced]
	promised, confidence := s.Alpha/2, 1-s.Alpha
	if s.oneSided() {
		promised = s.Alpha
	}
	if s.equivalence() {
		confidence = 1 - float64(2*s.Alpha)
	}
	low, _ := distribution.ClopperPearson(reproduced, s.Repetitions, sure)
	_, high := distribution.ClopperPearson(covers, s.Repetitions, sure)
	b := frame.NewBuilder(fields)
	for _, c := range []struct {
		name string
		x    float64
	}{
		{"effect", s.effect()}, {"bound", s.bound()},
		{"reproduced", float64(reproduced) / n}, {"not_reproduced", float64(not) / n},
		{"inconclusive", float64(s.Repetitions-reproduced-not) / n},
		{"reproduced_se", standardError(reproduced, s.Repetitions)}, {"reproduced_low", low}, {"promised", promised},
		{"coverage", float64(covers) / n}, {"coverage_se", standardError(covers, s.Repetitions)}, {"coverage_high", high}, {"confidence", confidence},
	} {
		if strings.HasPrefix(c.name, "coverage") && methods[s.Method].estimand == ofLaw {
			b.Null(c.name)
			continue
		}
		b.Float64(c.name, c.x)
	}
	slices.Sort(widths)
	b.FiniteOrNull("width", quantile.Median(widths))
	b.Int("repetitions", s.Repetitions)
	b.EndRow()
	return b
}

// standardError is that of a share.
func standardError(k, n int) float64 {
	p := float64(k) / float64(n)
	return math.Sqrt(float64(p*(1-p)) / float64(n))
}
