package head

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/logistic"
	"spurion/stages/numeric/neuralnet"
)

// dfr fits the last layer by L1 logistic regression on group-balanced subsets.
func dfr(ctx context.Context, t *trial, net *neuralnet.Network, _ string) (*neuralnet.Network, error) {
	pool, err := t.pool(net)
	if err != nil {
		return nil, err
	}
	mean, scale := standardize(pool)
	groups := pool.groups(&t.ledger, dataset.Training) // 2y + s: the labels too
	t.sayMissing("are fitted on", groups)
	stream := kernel.NewStream(t.settings.Seed, "head/dfr")
	c, err := tune(t, pool, stream)
	if err != nil {
		return nil, err
	}
	weights, intercept := make([]float64, pool.width), 0.0
	refits := t.settings.Head.refits()
	for range refits {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m, err := t.fit(pool, groups, c, stream)
		if err != nil {
			return nil, err
		}
		for j, w := range m.Weights {
			weights[j] += w / float64(refits)
		}
		intercept += m.Intercept / float64(refits)
	}
	for j := range weights { // back to the features as they are
		weights[j] = float64(weights[j] * scale[j])
		intercept -= float64(weights[j] * mean[j])
	}
	return t.linearHead(net, weights, intercept), nil
}

// tune chooses C: fits on a balanced subset of one half of the pool are scored by the worst group's
// accuracy on the other half; the first of equals in the grid's order wins.
func tune(t *trial, pool *points, stream *kernel.Stream) (float64, error) {
	first, second, err := pool.halves(stream)
	if err != nil {
		return 0, err
	}
	firstGroups, secondGroups := first.groups(&t.ledger, dataset.Training), second.groups(&t.ledger, dataset.Selection)
	t.sayMissing("choose C", secondGroups)
	subset := balanced(firstGroups, stream)
	best, top := 0.0, math.Inf(-1)
	margins := make([]float64, len(second.rows))
	for _, c := range t.settings.Head.Grid {
		m, err := t.fitRows(first, firstGroups, subset, c)
		if err != nil {
			return 0, err
		}
		m.Margins(margins, second.features, len(second.rows))
		least, accuracy := worst(narrow(margins), labelsOf(secondGroups), secondGroups)
		if least > top {
			best, top = c, least
			t.validated = scored(least, accuracy)
		}
	}
	t.chosen = evaluation.Some(best)
	return best, nil
}

func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func labelsOf(groups []int8) []int8 {
	out := make([]int8, len(groups))
	for i, g := range groups {
		out[i] = g >> 1
	}
	return out
}

// fit fits on a fresh balanced subset.
func (t *trial) fit(pool *points, groups []int8, c float64, stream *kernel.Stream) (*logistic.Model, error) {
	return t.fitRows(pool, groups, balanced(groups, stream), c)
}

func (t *trial) fitRows(pool *points, groups []int8, subset []int32, c float64) (*logistic.Model, error) {
	p := pool.of(subset)
	labels := make([]int8, len(subset))
	for i, row := range subset {
		labels[i] = groups[row] >> 1
	}
	m, err := logistic.FitSparse(p.features, len(labels), p.width, labels, logistic.SparseOptions{C: c, PenalizeIntercept: true})
	if err != nil {
		return nil, fmt.Errorf("last layer: %w", err)
	}
	if m.OneClass {
		t.say("A subset to fit on has one class: its fit is constant.")
	} else if !m.Converged {
		t.say("A fit of the last layer did not converge.")
	}
	return m, nil
}

// balanced draws as many of each group that is there as the smallest has, without replacement.
func balanced(groups []int8, stream *kernel.Stream) []int32 {
	pools := trainloop.Pools(groups, evaluation.Groups)
	return slices.Clip(trainloop.Subset(nil, pools, trainloop.Smallest(pools), stream))
}

// standardize scales features to mean 0 and variance 1 over the pool, in place, and gives what it
// took off and multiplied by; a constant feature is only shifted.
func standardize(p *points) (mean, scale []float64) {
	n := float64(len(p.rows))
	mean, scale = make([]float64, p.width), make([]float64, p.width)
	for i, v := range p.features {
		mean[i%p.width] += float64(v) / n
	}
	variance := make([]float64, p.width)
	for i, v := range p.features {
		c := float64(v) - mean[i%p.width]
		variance[i%p.width] += float64(c*c) / n
	}
	for j, v := range variance {
		scale[j] = 1
		if v > 1e-12*float64(mean[j]*mean[j]) {
			scale[j] = 1 / math.Sqrt(v)
		}
	}
	for i, v := range p.features {
		j := i % p.width
		p.features[i] = float32(float64(float64(v)-mean[j]) * scale[j])
	}
	return mean, scale
}

// linearHead gives the network with a last layer whose margin is weights·h + intercept. Without
// biases the intercept is lost, and the note says so.
func (t *trial) linearHead(net *neuralnet.Network, weights []float64, intercept float64) *neuralnet.Network {
	c := net.Clone()
	last := &c.Layers[len(c.Layers)-1]
	factor := 1 / float64(net.OutputScale)
	if last.Out == 2 {
		factor /= 2 // half of the margin each, with opposite signs
	}
	if last.Biases == nil && intercept != 0 {
		t.say("The network has no biases, so that the fits' intercept is left out.")
	}
	for o := range last.Out {
		f := factor
		if o < last.Out-1 {
			f = -factor
		}
		for j, w := range weights {
			last.Weights[j*last.Out+o] = float32(w * f)
		}
		if last.Biases != nil {
			last.Biases[o] = float32(intercept * f)
		}
	}
	return c
}
