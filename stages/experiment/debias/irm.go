package debias

import (
	"context"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
)

// irm penalises predictors that are not optimal in every environment.
var irm = &Method{
	Name:    "irm",
	Version: 1,
	Doc: "Steps on the batch's mean loss plus w times the mean penalty of the environments in it; the environments are the values of the spurious attribute. With l(f) the loss of a margin f, the penalty of an environment e is about the gradient d/dv of its mean loss of v f at v = 1: " +
		"by halves, the product of the gradients on its even and its odd rows, an unbiased estimate that may be negative (DomainBed, WILDS), or by square, the square of the gradient on all its rows (IRMv1 as first published). " +
		"The weight w is 1 for the first `anneal` steps and `penalty` after them; the optimiser goes on at the change (DomainBed starts it anew). With batches = \"strata\" each holds equally many rows of each environment, so that the mean loss is the mean over environments, as published. " +
		"An environment with too few rows in a batch has no penalty there.",
	Source: "Arjovsky, Bottou, Gulrajani and Lopez-Paz 2019; Gulrajani and Lopez-Paz 2021",
	Reads:  []Access{{frame.MarkGroup, dataset.TrainSplit}},
	Check: func(s *Settings) []stages.Problem {
		if s.Method.Batches == natural {
			return nil
		}
		return checkBalanced(s, "batches", s.Method.Batches)
	},
	Run: func(ctx context.Context, t *Trial) error { return t.invariant(ctx, byAttribute) },
}

// batches gives what the setting "batches" names, balanced by the cells of d.
func (t *Trial) batches(d *division) (trainloop.Source, error) {
	if t.Method.Batches == natural {
		return t.Natural("")
	}
	return t.Balanced("", d, t.Method.Batches == byStrata)
}

// invariant trains the network that is returned by IRM, with the cells of d, at most four, for environments.
func (t *Trial) invariant(ctx context.Context, d *division) error {
	environments := existing(t.shares(d))
	source, err := t.batches(d)
	if err != nil {
		return err
	}
	p := &penalty{loss: t.settings.Loss, square: t.Method.Form == "square", rescale: t.Method.Rescale}
	step, lacking := 0, 0
	shape := func(b *trainloop.Batch, margins, _, slopes []float32) {
		p.weight = 1
		if step >= t.Method.Anneal {
			p.weight = t.Method.Penalty
		}
		step++
		if p.add(t.batchCells(d, b), margins, slopes) < environments {
			lacking++
		}
	}
	err = t.Train(ctx, Stage{Net: t.Network(""), Source: source, Shape: shape, Steps: t.Remaining()})
	if lacking > 0 {
		t.Say("%d of %d batches had too few rows of an environment for its penalty.", lacking, step)
	}
	return err
}

// A penalty is that of IRM.
type penalty struct {
	loss            string
	weight          float64
	square, rescale bool
}

// add adds to slopes (d loss/d margin, of which the mean is minimised) what the penalty adds, all
// [rows], and gives the number of environments that have one.
//
// With the scale v, d/dv l(v f) at v = 1 is f l'(f), and its derivative by f is l'(f) + f l”(f).
func (p *penalty) add(environments []int16, margins, slopes []float32) int {
	var rows [evaluation.Groups]int
	var count [evaluation.Groups][2]int
	var sum [evaluation.Groups][2]float64
	half := func(e int16) int { // of the next row of e
		h := 0
		if !p.square {
			h = rows[e] % 2
		}
		rows[e]++
		return h
	}
	for i, e := range environments {
		h := half(e)
		count[e][h]++
		sum[e][h] += float64(float64(margins[i]) * float64(slopes[i]))
	}
	present := 0
	var factor [evaluation.Groups][2]float64 // d penalty / d (sum of f l')
	for e, n := range count {
		switch {
		case p.square && n[0] > 0:
			present++
			factor[e][0] = 2 * (sum[e][0] / float64(n[0])) / float64(n[0])
		case !p.square && n[0] > 0 && n[1] > 0:
			present++
			factor[e][0] = sum[e][1] / float64(n[1]) / float64(n[0])
			factor[e][1] = sum[e][0] / float64(n[0]) / float64(n[1])
		}
	}
	scale := 1.0
	if p.rescale && p.weight > 1 {
		scale = 1 / p.weight
	}
	// slopes are those of a sum that is divided by the batch's size.
	common := float64(float64(len(slopes))*p.weight) / float64(max(1, present))
	rows = [evaluation.Groups]int{}
	for i, e := range environments {
		h := half(e)
		s, f := float64(slopes[i]), float64(margins[i])
		bend := s + float64(f*p.curvature(s))
		slopes[i] = float32(scale * (s + float64(float64(common*factor[e][h])*bend)))
	}
	return present
}

// curvature gives the second derivative of a loss by the margin from the first; 0 where it jumps.
func (p *penalty) curvature(slope float64) float64 {
	switch p.loss {
	case "cross_entropy", "logistic":
		q := math.Abs(slope) // the probability of the other label
		return float64(q * (1 - q))
	case "squared":
		return 2
	}
	return 0
}
