package debias

import (
	"context"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// irm penalises predictors that are not optimal in every environment.
var irm = &Method{
	Name:    "irm",
	Version: 1,
	Doc: "Steps on the batch's mean loss plus w times the mean penalty of the environments in it; the environments are the values of the spurious attribute. With l(z) the loss of scores z (the margin of two classes, the logits of more), the penalty of an environment e is about the gradient d/dv of its mean loss of v z at v = 1: " +
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
	Run: func(ctx context.Context, t *Trial) error { return t.invariant(ctx, t.byAttribute()) },
}

// batches gives what the setting "batches" names, balanced by the cells of d.
func (t *Trial) batches(d *division) (trainloop.Source, error) {
	if t.Method.Batches == natural {
		return t.Natural("")
	}
	return t.Balanced("", d, t.Method.Batches == byStrata)
}

// invariant trains the network that is returned by IRM, with the cells of d for environments.
func (t *Trial) invariant(ctx context.Context, d *division) error {
	environments := existing(t.shares(d))
	source, err := t.batches(d)
	if err != nil {
		return err
	}
	p := &penalty{loss: t.settings.Loss, square: t.Method.Form == "square", rescale: t.Method.Rescale}
	step, lacking := 0, 0
	shape := func(b *trainloop.Batch, scores, _, slopes []float32) {
		p.weight = 1
		if step >= t.Method.Anneal {
			p.weight = t.Method.Penalty
		}
		step++
		if p.add(t.batchCells(d, b), b.Labels, scores, slopes) < environments {
			lacking++
		}
	}
	err = t.Train(ctx, Stage{Net: t.Network(""), Source: source, Shape: shape, Steps: t.Remaining()})
	t.use(d, nil)
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

	// Of a batch: the halves, in which of them each row is, and room for a row's gradient.
	half  []half
	of    []int
	bends []float64
}

// add adds to slopes (d loss / d score, of which the mean is minimised) what the penalty adds, [rows, S] as scores, and
// gives the number of environments, [rows] from 0, that have one. labels are [rows].
//
// With the scale v, d/dv l(v z) at v = 1 is z·l'(z), and its gradient by z is l'(z) + l”(z) z.
func (p *penalty) add(environments, labels []int16, scores, slopes []float32) int {
	n, width := len(environments), len(scores)/max(1, len(environments))
	row := func(i int, x []float32) []float32 { return x[i*width : (i+1)*width] }
	p.halves(environments)
	for i, h := range p.of {
		p.half[h].sum += kernel.Dot64(row(i, scores), row(i, slopes))
	}
	present := p.factors()
	scale := 1.0
	if p.rescale && p.weight > 1 {
		scale = 1 / p.weight
	}
	// slopes are those of a sum that is divided by the batch's size.
	common := float64(float64(n)*p.weight) / float64(max(1, present))
	for i := range n {
		factor := float64(common * p.half[p.of[i]].factor)
		p.bend(row(i, scores), row(i, slopes), labels[i])
		for k, s := range row(i, slopes) {
			row(i, slopes)[k] = float32(scale * (float64(s) + float64(factor*p.bends[k])))
		}
	}
	return present
}

// A half is one of an environment's rows in a batch; of all of them if the penalty is a square.
type half struct {
	count       int
	sum, factor float64 // of z·l'; d penalty / d sum
}

// halves puts each row of a batch into a half, and counts it there: 2e, and 2e + 1 for every other row of the environment e.
func (p *penalty) halves(environments []int16) {
	p.half, p.of = p.half[:0], p.of[:0]
	for _, e := range environments {
		h := 2 * int(e)
		for len(p.half) <= h {
			p.half = append(p.half, half{}, half{})
		}
		if !p.square && p.half[h].count > p.half[h+1].count {
			h++
		}
		p.half[h].count++
		p.of = append(p.of, h)
	}
}

// factors sets the factors of all halves, and gives the number of environments that have a penalty.
func (p *penalty) factors() int {
	present := 0
	for e := 0; e < len(p.half); e += 2 {
		first, second := &p.half[e], &p.half[e+1]
		switch {
		case p.square && first.count > 0:
			present++
			first.factor = 2 * (first.sum / float64(first.count)) / float64(first.count)
		case !p.square && first.count > 0 && second.count > 0:
			present++
			first.factor = second.sum / float64(second.count) / float64(first.count)
			second.factor = first.sum / float64(first.count) / float64(second.count)
		}
	}
	return present
}

// bend sets bends to l'(z) + l”(z) z, [S], of a row with scores z. Of logits with probabilities p, l”(z) z has the elements
// p_k (z_k - p·z).
func (p *penalty) bend(scores, slopes []float32, label int16) {
	p.bends = sized(p.bends, len(scores))
	if len(scores) == 1 {
		s := float64(slopes[0])
		p.bends[0] = s + float64(float64(scores[0])*p.curvature(s))
		return
	}
	mean := 0.0
	for k, z := range scores {
		p.bends[k] = probability(slopes, k, label)
		mean += float64(p.bends[k] * float64(z))
	}
	for k, z := range scores {
		p.bends[k] = float64(slopes[k]) + float64(p.bends[k]*(float64(z)-mean))
	}
}

// probability gives that of class k from the slopes of the cross-entropy by the logits.
func probability(slopes []float32, k int, label int16) float64 {
	if k == int(label) {
		return 1 + float64(slopes[k])
	}
	return float64(slopes[k])
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
