package debias

import (
	"context"
	"math"
	"slices"

	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// A predictor learns the spurious attribute from samples that have it, and from those of which it
// is sure enough.
type predictor struct {
	*labelled
	trial   *Trial
	net     *neuralnet.Network
	source  trainloop.Source
	descend trainloop.Step
	steps   int64
	taken   int
	outside []int32 // the training samples that it may learn from

	least []float32 // of each group: the sureness that is enough
	best  *neuralnet.Network
	worst float64 // its accuracy on the worst group

	all            []prediction // of all samples
	sure           [][]float32
	predicted      []int16 // of a batch's rows, as are those below
	sureness       []float32
	losses, slopes []float32
}

// A prediction of an attribute, and how sure it is: the logarithm of its odds.
type prediction struct {
	attribute int16
	sureness  float32
}

func newPredictor(t *Trial, l *labelled, part []int32, name string) (*predictor, error) {
	net, err := t.networkOf(name, l.data.ValueCount())
	if err != nil {
		return nil, err
	}
	groups := l.data.GroupCount()
	p := &predictor{labelled: l, trial: t, net: net, steps: int64(t.Method.SplitSteps), worst: -1, all: make([]prediction, l.samples.Rows),
		least: make([]float32, groups), sure: make([][]float32, groups)}
	held := make([]bool, l.train)
	for _, row := range part {
		held[row] = true
	}
	for row, h := range held {
		if !h {
			p.outside = append(p.outside, int32(row))
		}
	}
	p.best = p.net.Clone()
	p.source = trainloop.Stratified(l.samples, [][]int32{l.learned, p.outside}, t.batch, trainloop.OrderStream(t.settings.Seed, name))
	trainer, err := t.trainer(p.net, p.steps, p.source)
	if err != nil {
		return nil, err
	}
	p.descend = trainloop.DescendShaped(trainer, p.shape)
	return p, nil
}

func (p *predictor) step(ctx context.Context, b *trainloop.Batch) (float64, error) {
	if p.taken%p.trial.Method.SplitEvery == 0 {
		if err := p.look(ctx); err != nil {
			return 0, err
		}
		p.renew()
		if p.taken > 0 {
			p.try()
		}
	}
	p.taken++
	return p.descend(b)
}

// shape leaves the losses of labelled rows, takes those of sure rows under the prediction, and no others;
// their mean over the batch becomes the sum of the means over both kinds.
func (p *predictor) shape(b *trainloop.Batch, scores, losses, slopes []float32) {
	width := len(scores) / b.Rows
	p.predicted, p.sureness = p.predicted[:0], p.sureness[:0]
	for i := range b.Rows {
		f := predicted(scores[i*width : (i+1)*width])
		p.predicted, p.sureness = append(p.predicted, f.attribute), append(p.sureness, f.sureness)
	}
	p.losses, p.slopes = sized(p.losses, b.Rows), sized(p.slopes, len(scores))
	neuralnet.ScoreLosses(p.trial.settings.Loss, p.losses, p.slopes, scores, p.predicted)
	var labelled, sure float64
	for i, row := range b.Index {
		switch {
		case int(row) >= p.train:
			labelled++
		case p.isSure(i, row):
			sure++
		}
	}
	for i, row := range b.Index {
		to := slopes[i*width : (i+1)*width]
		switch {
		case int(row) >= p.train:
			weight := float32(float64(b.Rows) / labelled)
			losses[i] = float32(losses[i] * weight)
			weighed(to, to, weight)
		case p.isSure(i, row):
			weight := float32(float64(b.Rows) / sure)
			losses[i] = float32(p.losses[i] * weight)
			weighed(to, p.slopes[i*width:(i+1)*width], weight)
		default:
			losses[i] = 0
			clear(to)
		}
	}
}

// weighed sets dst to weight times x.
func weighed(dst, x []float32, weight float32) {
	for k, v := range x {
		dst[k] = float32(v * weight)
	}
}

// isSure says whether the prediction for row i of a batch, which is the given training sample, is sure enough.
func (p *predictor) isSure(i int, row int32) bool {
	return p.sureness[i] >= p.least[p.data.GroupOf(p.labels[row], p.predicted[i])]
}

// predicted gives the attribute that scores stand for. Its odds are those of its probability to all others': of two values
// their logarithm is the margin without its sign, of more z - log(sum of e^z') of the largest logit z and the others z'.
func predicted(scores []float32) prediction {
	f := prediction{attribute: predictionOf(scores)}
	if len(scores) == 1 {
		f.sureness = abs(scores[0])
		return f
	}
	next, sum := math.Inf(-1), 0.0
	for k, z := range scores {
		if k != int(f.attribute) {
			next = max(next, float64(z))
		}
	}
	for k, z := range scores {
		if k != int(f.attribute) {
			sum += kernel.Exp64(float64(z) - next)
		}
	}
	f.sureness = float32(float64(scores[f.attribute]) - next - kernel.Log64(sum))
	return f
}

// renew finds the thresholds of the network that was looked at.
func (p *predictor) renew() {
	for g := range p.sure {
		p.sure[g] = p.sure[g][:0]
	}
	for _, row := range p.outside {
		f := &p.all[row]
		g := p.data.GroupOf(p.labels[row], f.attribute)
		p.sure[g] = append(p.sure[g], f.sureness)
	}
	p.least = thresholds(p.sizes, p.sure, p.trial.Method.Confidence)
}

// try keeps the network that was looked at if it is the best so far.
func (p *predictor) try() {
	right, count := make([]float64, len(p.sizes)), make([]float64, len(p.sizes))
	for _, row := range p.tried {
		g := p.group(row)
		count[g]++
		if p.all[row].attribute == p.data.AttributeOf(g) {
			right[g]++
		}
	}
	if worst := evaluation.Worst(right, count); worst > p.worst {
		p.worst = worst
		p.best.CopyFrom(p.net)
	}
}

// look takes the predictions for all samples.
func (p *predictor) look(ctx context.Context) error {
	return scoresOf(ctx, p.net, p.samples, func(row int, scores []float32) { p.all[row] = predicted(scores) })
}

// predict gives the attributes of all training samples.
func (p *predictor) predict(ctx context.Context) ([]int16, error) {
	if err := p.look(ctx); err != nil {
		return nil, err
	}
	list := make([]int16, p.train)
	for i := range list {
		list[i] = p.all[i].attribute
	}
	return list, nil
}

// thresholds gives the least sureness of a sure sample in each group: with the sizes of the groups
// among the labelled samples, and the sureness of the others, which it sorts. In the smallest group,
// the first of equals, it is that of a confidence; in the others the least with which labelled and sure samples are no
// more than there.
func thresholds(sizes []int, sureness [][]float32, confidence float64) []float32 {
	smallest := slices.Index(sizes, slices.Min(sizes))
	sure := float32(kernel.Log64(confidence) - kernel.Log64(1-confidence))
	most := sizes[smallest]
	for _, m := range sureness[smallest] {
		if m >= sure {
			most++
		}
	}
	least := make([]float32, len(sizes))
	for g, list := range sureness {
		least[g] = leastFor(list, most-sizes[g])
	}
	least[smallest] = sure
	return least
}

// leastFor gives the least threshold that at most n of a list reach: infinity for n = 0, below all numbers if all may,
// else one of the list's numbers, or infinity. It sorts the list.
func leastFor(list []float32, n int) float32 {
	if n <= 0 {
		return float32(math.Inf(1))
	}
	if n >= len(list) {
		return float32(math.Inf(-1))
	}
	slices.Sort(list)
	at := len(list) - n
	for at < len(list) && list[at] == list[at-1] { // equal ones are in or out together
		at++
	}
	if at == len(list) {
		return float32(math.Inf(1))
	}
	return list[at]
}

func abs(x float32) float32 { return float32(math.Abs(float64(x))) }
