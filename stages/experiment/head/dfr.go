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
	f := &sparseFits{t: t, pool: pool, groups: pool.groups(&t.ledger, dataset.Training)} // A y + s: the labels too
	f.center, f.scale = moments(pool)
	t.sayMissing("are fitted on", f.groups)
	t.ended = endedConverged
	stream := kernel.NewStream(t.settings.Seed, "head/dfr")
	c, err := f.tune(stream)
	if err != nil {
		return nil, err
	}
	scores := net.ScoreWidth()
	weights, intercepts := make([]float64, scores*pool.width), make([]float64, scores)
	refits := t.settings.Head.refits()
	often := make([]float64, len(pool.rows))
	for range refits {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		subset := balanced(f.groups, t.dataset.GroupCount(), stream)
		for _, i := range subset {
			often[i]++
		}
		m, err := f.fit(subset, c, nil)
		if err != nil {
			return nil, err
		}
		for j, w := range m.Weights {
			weights[j] += w / float64(refits)
		}
		for k, b := range m.Intercepts {
			intercepts[k] += b / float64(refits)
		}
	}
	t.use(pool, f.groups, t.dataset.GroupName, often)
	return t.linearHead(net, weights, intercepts), nil
}

// sparseFits are fits to rows of a pool, on its features scaled to mean 0 and variance 1; they stay as they are
// in memory.
type sparseFits struct {
	t             *trial
	pool          *points
	groups        []int16 // of the pool's points
	center, scale []float64
}

// tune chooses C: fits on a balanced subset of one half of the pool are scored by the worst group's
// accuracy on the other half; the first of equals in the grid's order wins.
func (f *sparseFits) tune(stream *kernel.Stream) (float64, error) {
	t := f.t
	first, second, err := f.pool.split(stream)
	if err != nil {
		return 0, err
	}
	secondGroups := at(f.pool.groups(&t.ledger, dataset.Selection), second)
	t.sayMissing("choose C", secondGroups)
	subset := at(first, balanced(at(f.groups, first), t.dataset.GroupCount(), stream))
	best, top := 0.0, math.Inf(-1)
	var m *logistic.Classifier
	for _, c := range t.settings.Head.Grid {
		if m, err = f.fit(subset, c, m); err != nil {
			return 0, err
		}
		scores := make([]float64, len(second)*len(m.Intercepts))
		m.Scores(scores, f.pool.features, second)
		least, accuracy := worst(kernel.Narrow(scores), t.labelsOf(secondGroups), secondGroups)
		if least > top {
			best, top = c, least
			t.validated = scored(least, accuracy)
		}
	}
	t.chosen = evaluation.Some(best)
	return best, nil
}

// at gives the elements of x at some places.
func at[T any](x []T, places []int32) []T {
	out := make([]T, len(places))
	for i, place := range places {
		out[i] = x[place]
	}
	return out
}

func (t *trial) labelsOf(groups []int16) []int16 {
	out := make([]int16, len(groups))
	for i, g := range groups {
		out[i] = t.dataset.LabelOf(g)
	}
	return out
}

// fit fits to some of the pool's points, beginning at the model of another penalty, if there is one.
func (f *sparseFits) fit(subset []int32, c float64, start *logistic.Classifier) (*logistic.Classifier, error) {
	rows := logistic.Rows{X: f.pool.features, D: f.pool.width, Index: subset, Labels: f.t.labelsOf(at(f.groups, subset))}
	k := f.t.dataset.ClassCount()
	m, err := logistic.FitSparseClasses(rows, k, logistic.SparseOptions{C: c, PenalizeIntercept: true, Center: f.center, Scale: f.scale}, start)
	if err != nil {
		return nil, fmt.Errorf("last layer: %w", err)
	}
	if len(m.Missing) == k-1 {
		f.t.say("A subset to fit on has one class: its fit is constant.")
		return m, nil
	}
	for _, y := range m.Missing {
		f.t.say("A subset to fit on has no points of the class %s.", f.t.dataset.ClassName(int(y)))
	}
	if !m.Converged {
		f.t.ended = endedCapped
		f.t.say("A fit of the last layer did not converge.")
	}
	return m, nil
}

// balanced draws as many of each group that is there as the smallest has, without replacement.
func balanced(groups []int16, kinds int, stream *kernel.Stream) []int32 {
	pools := trainloop.Pools(groups, kinds)
	return slices.Clip(trainloop.Subset(nil, pools, trainloop.Smallest(pools), stream))
}

// moments gives the mean of every feature over the pool, and what scales it to variance 1: 1 for a constant one.
func moments(p *points) (mean, scale []float64) {
	n := float64(len(p.rows))
	mean, scale = make([]float64, p.width), make([]float64, p.width)
	for row := range slices.Chunk(p.features, p.width) {
		for j, v := range row {
			mean[j] += float64(v)
		}
	}
	for j := range mean {
		mean[j] /= n
	}
	for row := range slices.Chunk(p.features, p.width) {
		for j, v := range row {
			c := float64(v) - mean[j]
			scale[j] += float64(c * c)
		}
	}
	for j, v := range scale {
		v /= n
		if scale[j] = 1; v > 1e-12*float64(mean[j]*mean[j]) {
			scale[j] = 1 / math.Sqrt(v)
		}
	}
	return mean, scale
}

// linearHead gives the network with a last layer whose scores are weights·h + intercepts. Without
// biases the intercepts are lost, and the note says so.
func (t *trial) linearHead(net *neuralnet.Network, weights, intercepts []float64) *neuralnet.Network {
	c := net.Clone()
	if c.Layers[len(c.Layers)-1].Biases == nil && slices.ContainsFunc(intercepts, func(b float64) bool { return b != 0 }) {
		t.say("The network has no biases, so that the fits' intercept is left out.")
	}
	c.SetScores(weights, intercepts)
	return c
}
