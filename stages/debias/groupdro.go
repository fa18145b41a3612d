package debias

import (
	"context"
	"fmt"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/kernel"
	"spurion/stages/learn"
)

// groupDRO minimises the worst group's loss, online.
var groupDRO = &Method{
	Name: "group_dro",
	Doc: "For each batch, with L_g the mean loss of group g in it: q_g <- q_g exp(η (L_g + C/sqrt(n_g))) for the groups in the batch, scaled so that the sum of their weights stays what it was, " +
		"then a step on the sum of q_g L_g. The batch holds all groups, as in the published code (the paper's algorithm takes a single sample). A group absent from a batch keeps its weight: unlike in the published code, no weight leaks from it to the others.",
	Source: "Sagawa, Koh, Hashimoto and Liang 2020, algorithm 1",
	Reads:  []frame.Mark{frame.MarkGroup},
	Check: func(s *Settings) []stages.Problem {
		var problems []stages.Problem
		if s.Method.SizeAdjustment > 0 && s.Sampling == learn.SampleFresh {
			problems = append(problems, stages.Problem{Path: "method.size_adjustment", Summary: "A size adjustment without sizes",
				Detail: "Groups of fresh samples have no size n_g. Use size_adjustment = 0, or train on a finite set."})
		}
		if s.Method.Batches == natural {
			return problems
		}
		return append(problems, checkBalanced(s, "batches", s.Method.Batches)...)
	},
	Run: runGroupDRO,
}

func runGroupDRO(ctx context.Context, t *Trial) error {
	d, err := newDRO(t)
	if err != nil {
		return err
	}
	source, err := t.batches(byGroup)
	if err != nil {
		return err
	}
	weigh := func(b *learn.Batch, losses []float32) []float32 { return d.weigh(b.Groups(t.Ledger()), losses) }
	return t.Train(ctx, Stage{Net: t.Network(""), Source: source, Weigh: weigh, Steps: t.Remaining()})
}

// dro is the state of GroupDRO.
type dro struct {
	rate       float64
	adjustment [learn.Groups]float64 // C / sqrt(n_g)
	q          [learn.Groups]float64 // sums to 1 over the groups that exist
	weights    []float32
}

func newDRO(t *Trial) (*dro, error) {
	d := &dro{rate: t.Method.Rate}
	shares := t.shares(byGroup)
	groups := existing(shares)
	for g, p := range shares {
		if p > 0 {
			d.q[g] = 1 / float64(groups)
		}
	}
	if c := t.Method.SizeAdjustment; c > 0 {
		if t.fresh() {
			return nil, fmt.Errorf("size_adjustment = %v needs a finite training set, because groups of fresh samples have no size: use 0, or give the stage that makes the data set a number of training samples", c)
		}
		for g, n := range t.GroupSizes() {
			if n > 0 {
				d.adjustment[g] = c / math.Sqrt(float64(n))
			}
		}
	}
	return d, nil
}

// weigh updates q and gives the weight q_g / (rows of g) of each row, [len(groups)].
func (d *dro) weigh(groups []int8, losses []float32) []float32 {
	var count [learn.Groups]int
	var loss [learn.Groups]float64
	for i, g := range groups {
		count[g]++
		loss[g] += float64(losses[i])
	}
	// Exponents are taken relative to the largest, which the scaling cancels, so that none overflows.
	var exponent [learn.Groups]float64
	largest := math.Inf(-1)
	for g, n := range count {
		if n > 0 {
			exponent[g] = float64(d.rate * (loss[g]/float64(n) + d.adjustment[g]))
			largest = max(largest, exponent[g])
		}
	}
	var before, after float64
	for g, n := range count {
		if n > 0 {
			before += d.q[g]
			d.q[g] = float64(d.q[g] * kernel.Exp64(exponent[g]-largest))
			after += d.q[g]
		}
	}
	for g, n := range count {
		if n > 0 && after > 0 {
			d.q[g] = float64(d.q[g] / after * before)
		}
	}
	d.weights = d.weights[:0]
	for _, g := range groups {
		d.weights = append(d.weights, float32(d.q[g]/float64(count[g])))
	}
	return d.weights
}
