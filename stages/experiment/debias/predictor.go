package debias

import (
	"context"
	"math"
	"slices"

	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/datalaw"
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

	least [evaluation.Groups]float32 // margins, either way, that are sure enough
	best  *neuralnet.Network
	worst float64 // its accuracy on the worst group

	margins        []float32 // of all samples
	sure           [evaluation.Groups][]float32
	predicted      []int16 // of a batch's rows, as are those below
	losses, slopes []float32
}

func newPredictor(t *Trial, l *labelled, part []int32, name string) (*predictor, error) {
	p := &predictor{labelled: l, trial: t, net: t.Network(name), steps: int64(t.Method.SplitSteps), worst: -1, margins: make([]float32, l.samples.Rows)}
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
func (p *predictor) shape(b *trainloop.Batch, margins, losses, slopes []float32) {
	p.predicted = p.predicted[:0]
	for _, f := range margins {
		p.predicted = append(p.predicted, predictionOf(f))
	}
	p.losses, p.slopes = sized(p.losses, b.Rows), sized(p.slopes, b.Rows)
	neuralnet.ScoreLosses(p.trial.settings.Loss, p.losses, p.slopes, margins, p.predicted)
	var labelled, sure float64
	for i, row := range b.Index {
		switch {
		case int(row) >= p.train:
			labelled++
		case p.isSure(i, b, margins[i]):
			sure++
		}
	}
	for i, row := range b.Index {
		switch {
		case int(row) >= p.train:
			weight := float32(float64(b.Rows) / labelled)
			losses[i], slopes[i] = float32(losses[i]*weight), float32(slopes[i]*weight)
		case p.isSure(i, b, margins[i]):
			weight := float32(float64(b.Rows) / sure)
			losses[i], slopes[i] = float32(p.losses[i]*weight), float32(p.slopes[i]*weight)
		default:
			losses[i], slopes[i] = 0, 0
		}
	}
}

// isSure says whether the prediction for row i of a batch, which is a training sample, is sure enough.
func (p *predictor) isSure(i int, b *trainloop.Batch, margin float32) bool {
	return abs(margin) >= p.least[datalaw.GroupOf(b.Labels[i], p.predicted[i])]
}

// renew finds the thresholds of the network that was looked at.
func (p *predictor) renew() {
	for g := range p.sure {
		p.sure[g] = p.sure[g][:0]
	}
	for _, row := range p.outside {
		f := p.margins[row]
		g := datalaw.GroupOf(p.labels[row], predictionOf(f))
		p.sure[g] = append(p.sure[g], abs(f))
	}
	p.least = thresholds(p.sizes, p.sure, p.trial.Method.Confidence)
}

// try keeps the network that was looked at if it is the best so far.
func (p *predictor) try() {
	var right, count [evaluation.Groups]float64
	for _, row := range p.tried {
		g := p.group(row)
		count[g]++
		if predictionOf(p.margins[row]) == g&1 {
			right[g]++
		}
	}
	worst := 1.0
	for g, n := range count {
		if n > 0 {
			worst = min(worst, right[g]/n)
		}
	}
	if worst > p.worst {
		p.worst = worst
		p.best.CopyFrom(p.net)
	}
}

// look takes the margins of all samples.
func (p *predictor) look(ctx context.Context) error {
	return marginsOf(ctx, p.net, p.samples, func(row int, margin float32) { p.margins[row] = margin })
}

// predict gives the attributes of all training samples.
func (p *predictor) predict(ctx context.Context) ([]int16, error) {
	if err := p.look(ctx); err != nil {
		return nil, err
	}
	list := make([]int16, p.train)
	for i := range list {
		list[i] = predictionOf(p.margins[i])
	}
	return list, nil
}

// thresholds gives the least margin, either way, of a sure sample in each group: with the sizes of the groups
// among the labelled samples, and the margins, without signs, of the others, which it sorts. In the smallest group,
// the first of equals, it is that of a confidence; in the others the least with which labelled and sure samples are no
// more than there.
func thresholds(sizes [evaluation.Groups]int, margins [evaluation.Groups][]float32, confidence float64) [evaluation.Groups]float32 {
	smallest := slices.Index(sizes[:], slices.Min(sizes[:]))
	sure := float32(kernel.Log64(confidence) - kernel.Log64(1-confidence))
	most := sizes[smallest]
	for _, m := range margins[smallest] {
		if m >= sure {
			most++
		}
	}
	var least [evaluation.Groups]float32
	for g, list := range margins {
		least[g] = leastFor(list, most-sizes[g])
	}
	least[smallest] = sure
	return least
}

// leastFor gives the least threshold that at most n of a list reach: infinity for n = 0, 0 if all may, else one of
// the list's numbers, or infinity. It sorts the list.
func leastFor(list []float32, n int) float32 {
	if n <= 0 {
		return float32(math.Inf(1))
	}
	if n >= len(list) {
		return 0
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
