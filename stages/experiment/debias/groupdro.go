package debias

import (
	"context"
	"fmt"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// groupDRO minimises the worst group's loss, online.
var groupDRO = &Method{
	Name:    "group_dro",
	Version: 1,
	Doc: "For each batch, with L_g the mean loss of group g in it: q_g <- q_g exp(η (L_g + C/sqrt(n_g))) for the groups in the batch, scaled so that the sum of their weights stays what it was, " +
		"then a step on the sum of q_g L_g. The batch holds all groups, as in the published code (the paper's algorithm takes a single sample). A group absent from a batch keeps its weight: unlike in the published code, no weight leaks from it to the others.",
	Source: "Sagawa, Koh, Hashimoto and Liang 2020, algorithm 1",
	Reads:  []Access{{frame.MarkGroup, dataset.TrainSplit}},
	Check: func(s *Settings) []stages.Problem {
		var problems []stages.Problem
		if s.Method.SizeAdjustment > 0 && s.Sampling == trainloop.SampleFresh {
			problems = append(problems, stages.Problem{Path: "method.size_adjustment", Summary: "A size adjustment without sizes",
				Detail: "Groups of fresh samples have no size n_g. Use size_adjustment = 0, or train on a finite set."})
		}
		if s.Method.Batches == natural {
			return problems
		}
		return append(problems, checkBalanced(s, "batches", s.Method.Batches)...)
	},
	Run: func(ctx context.Context, t *Trial) error { return t.robust(ctx, t.byGroup()) },
}

// robust trains the network that is returned by GroupDRO on the cells of d.
func (t *Trial) robust(ctx context.Context, d *division) error {
	state, err := t.newDRO(d)
	if err != nil {
		return err
	}
	source, err := t.batches(d)
	if err != nil {
		return err
	}
	weigh := func(b *trainloop.Batch, losses []float32) []float32 { return state.weigh(t.batchCells(d, b), losses) }
	err = t.Train(ctx, Stage{Net: t.Network(""), Source: source, Weigh: weigh, Steps: t.Remaining(),
		Visit: func(v trainloop.Visit) error { t.keepWeights(v, d, state); return nil }})
	t.use(d, t.byCell(d, func(c, _ int) float64 { return state.q[c] }))
	if state.lacking > 0 {
		t.Say("%d of %d batches had no row of some %s, whose weight was kept.", state.lacking, state.batches, d.cell)
	}
	return err
}

// dro is the state of GroupDRO, [cells] each.
type dro struct {
	rate       float64
	adjustment []float64 // C / sqrt(n_g)
	q          []float64 // sums to 1 over the cells that exist
	weights    []float32 // of a batch's rows

	has              []bool // which cells exist
	cells            int    // that exist
	batches, lacking int    // so far, and those without some cell that exists

	// Of the cells in a batch: rows, sum of losses, exponent.
	count          []int
	loss, exponent []float64
}

func (t *Trial) newDRO(d *division) (*dro, error) {
	shares := t.shares(d)
	state := &dro{rate: t.Method.Rate, q: make([]float64, len(d.names)), adjustment: make([]float64, len(d.names))}
	state.cells, state.has = existing(shares), make([]bool, len(shares))
	for c, p := range shares {
		if p > 0 {
			state.has[c] = true
			state.q[c] = 1 / float64(state.cells)
		}
	}
	if c := t.Method.SizeAdjustment; c > 0 {
		if t.fresh() {
			return nil, fmt.Errorf("size_adjustment = %v needs a finite training set, because groups of fresh samples have no size: use 0, or give the stage that makes the data set a number of training samples", c)
		}
		for cell, n := range t.sizes(d) {
			if n > 0 {
				state.adjustment[cell] = c / math.Sqrt(float64(n))
			}
		}
	}
	return state, nil
}

// weigh updates q and gives the weight q_g / (rows of g) of each row, [len(cells)].
func (d *dro) weigh(cells []int16, losses []float32) []float32 {
	k := len(d.q)
	d.count = append(d.count[:0], make([]int, k)...)
	d.loss = append(d.loss[:0], make([]float64, k)...)
	d.exponent = append(d.exponent[:0], make([]float64, k)...)
	for i, g := range cells {
		d.count[g]++
		d.loss[g] += float64(losses[i])
	}
	// Exponents are taken relative to the largest, which the scaling cancels, so that none overflows.
	largest, present := math.Inf(-1), 0
	for g, n := range d.count {
		if n > 0 {
			present++
			d.exponent[g] = float64(d.rate * (d.loss[g]/float64(n) + d.adjustment[g]))
			largest = max(largest, d.exponent[g])
		}
	}
	d.batches++
	if present < d.cells {
		d.lacking++
	}
	var before, after float64
	for g, n := range d.count {
		if n > 0 {
			before += d.q[g]
			d.q[g] = float64(d.q[g] * kernel.Exp64(d.exponent[g]-largest))
			after += d.q[g]
		}
	}
	for g, n := range d.count {
		if n > 0 && after > 0 {
			d.q[g] = float64(d.q[g] / after * before)
		}
	}
	d.weights = d.weights[:0]
	for _, g := range cells {
		d.weights = append(d.weights, float32(d.q[g]/float64(d.count[g])))
	}
	return d.weights
}
