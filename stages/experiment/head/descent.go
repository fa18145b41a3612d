package head

import (
	"context"
	"errors"
	"math"
	"slices"

	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// afr reweights points by how unsure the network is of their labels.
func afr(ctx context.Context, t *trial, net *neuralnet.Network, rule string) (*neuralnet.Network, error) {
	pool, err := t.pool(net)
	if err != nil {
		return nil, err
	}
	held := pool
	if t.settings.Head.On == validation {
		pool, held, err = pool.halves(kernel.NewStream(t.settings.Seed, "head/halves"))
	} else {
		held, err = featuresOf(net, t.validation, t.fresh)
	}
	if err != nil {
		return nil, err
	}
	t.sayMissing("are fitted on", pool.cells(&t.measured, dataset.Evaluation))
	labels := pool.labels(&t.ledger, dataset.Training)
	weights := unsure(scoresOf(lastLayer(net), pool.features, len(labels)), labels, t.settings.Head.Gamma, t.settings.Head.BalanceClass)
	t.use(pool, nil, nil, widened(weights))
	return t.descend(ctx, net, &descent{points: pool, labels: labels, weights: weights, anchor: t.settings.Head.Anchor, held: held, rule: rule})
}

// unsure gives weights proportional to β exp(-γ p), p the probability of the label and β one over
// the number of points of its class, or 1; they sum to 1. Exponents are taken relative to the least p, so that
// some weight is left whatever γ is.
func unsure(scores []float32, labels []int16, gamma float64, balance bool) []float32 {
	count, width := map[int16]float64{}, len(scores)/len(labels)
	for _, y := range labels {
		count[y]++
	}
	raw, sum, least := make([]float64, len(labels)), 0.0, 1.0
	for i, y := range labels {
		raw[i] = probability(scores[i*width:(i+1)*width], y)
		least = min(least, raw[i])
	}
	for i, y := range labels {
		raw[i] = kernel.Exp64(-float64(gamma * (raw[i] - least)))
		if balance {
			raw[i] /= count[y]
		}
		sum += raw[i]
	}
	weights := make([]float32, len(labels))
	for i, w := range raw {
		weights[i] = float32(w / sum)
	}
	return weights
}

// scoresOf gives a layer's scores of features [rows, width], [rows, S].
func scoresOf(last *neuralnet.Network, features []float32, rows int) []float32 {
	scores := make([]float32, rows*last.ScoreWidth())
	last.Scores(scores, features, rows)
	return scores
}

// probability gives that of a label from the scores of a point: a margin, or logits.
func probability(scores []float32, label int16) float64 {
	if len(scores) == 1 {
		m := float64(scores[0])
		if label == 0 {
			m = -m
		}
		return kernel.Sigmoid64(m)
	}
	return kernel.Exp64(logProbabilities(scores)[label])
}

// logProbabilities gives the logarithms of the probabilities of logits.
func logProbabilities(logits []float32) []float64 {
	largest, sum := kernel.SumExp(logits)
	rest := largest + kernel.Log64(sum)
	out := make([]float64, len(logits))
	for k, z := range logits {
		out[k] = float64(z) - rest
	}
	return out
}

// self fine-tunes the last layer on few points, those on which an early network disagrees most.
func self(ctx context.Context, t *trial, net *neuralnet.Network, rule string) (*neuralnet.Network, error) {
	all, err := featuresOf(net, t.validation, t.fresh)
	if err != nil {
		return nil, err
	}
	stream := kernel.NewStream(t.settings.Seed, "head/halves")
	half, held, err := all.halves(stream)
	if err != nil {
		return nil, err
	}
	scores, err := t.scores(net, half, stream)
	if err != nil {
		return nil, err
	}
	places := largest(scores, t.settings.Head.Points)
	picked := half.of(places)
	labels := picked.labels(&t.ledger, dataset.Training)
	// With γ = 0 all points of a class weigh alike: class-balanced.
	weights := unsure(make([]float32, len(labels)), labels, 0, true)
	t.use(half, spread(places, len(half.rows), slices.Repeat([]int16{1}, len(places))), pickedName, spread(places, len(half.rows), widened(weights)))
	if n := len(picked.rows); n < t.settings.Head.Points {
		t.say("The half that points are picked from has %d.", n)
	}
	if slices.Min(labels) == slices.Max(labels) {
		t.say("All points that were picked have the label %d.", labels[0])
	} else if missing := t.classesWithout(labels); missing != "" {
		t.say("No points that were picked have the label %s.", missing)
	}
	return t.descend(ctx, net, &descent{points: picked, labels: labels, weights: weights, held: held, rule: rule})
}

// scores gives each point's claim to be picked.
func (t *trial) scores(net *neuralnet.Network, half *points, stream *kernel.Stream) ([]float64, error) {
	n := len(half.rows)
	scores := make([]float64, n)
	own := scoresOf(lastLayer(net), half.features, n)
	width := len(own) / max(1, n)
	switch t.settings.Head.Score {
	case "random":
		for i := range scores {
			scores[i] = stream.Float64()
		}
	case "misclassification":
		for i, y := range half.labels(&t.ledger, dataset.Training) {
			scores[i] = wrongness(own[i*width:(i+1)*width], y)
		}
	default:
		if t.early == nil {
			return nil, errors.New(`score = "disagreement" compares with an early network: give the input early, such as the model of a stage with fewer steps, or use another score`)
		}
		x := make([]float32, n*t.validation.Dimensions)
		t.validation.Gather(x, half.rows)
		early := scoresOf(t.early, x, n)
		for i := range scores {
			scores[i] = divergence(early[i*width:(i+1)*width], own[i*width:(i+1)*width])
		}
	}
	return scores, nil
}

// wrongness gives what grows with the log-loss of a point under a label.
func wrongness(scores []float32, label int16) float64 {
	switch {
	case len(scores) > 1:
		return -logProbabilities(scores)[label]
	case label == 1:
		return -float64(scores[0])
	}
	return float64(scores[0])
}

// divergence gives KL(P||Q) in nats of two predictions with scores a and b. Of margins it is, with p = sigmoid(a),
// p (a - b) + softplus(b) - softplus(a); of logits the sum of p (log p - log q).
func divergence(a, b []float32) float64 {
	if len(a) == 1 {
		a, b := float64(a[0]), float64(b[0])
		return float64(kernel.Sigmoid64(a)*(a-b)) + (kernel.Softplus64(b) - kernel.Softplus64(a))
	}
	sum, q := 0.0, logProbabilities(b)
	for k, p := range logProbabilities(a) {
		sum += float64(kernel.Exp64(p) * (p - q[k]))
	}
	return sum
}

// classesWithout names the classes that none of the labels is; "" if each is there.
func (t *trial) classesWithout(labels []int16) string {
	count := make([]int, t.dataset.ClassCount())
	for _, y := range labels {
		count[y]++
	}
	return evaluation.Missing(count, t.dataset.ClassName)
}

// largest gives the places of the n largest scores, the first of equals first, in ascending order.
func largest(scores []float64, n int) []int32 {
	order := trainloop.All(len(scores))
	sortBy(order, scores)
	order = order[:min(n, len(order))]
	sortBy(order, nil)
	return order
}

// spread gives values at their places among n, and 0 elsewhere.
func spread[T int16 | float64](places []int32, n int, values []T) []T {
	all := make([]T, n)
	for i, place := range places {
		all[place] = values[i]
	}
	return all
}

// A descent is a fit of the last layer by gradient descent on all points at once.
type descent struct {
	points  *points
	labels  []int16
	weights []float32 // sum to 1
	anchor  float64
	held    *points // what the rule selects a step on
	rule    string
}

// descend fits from the network's own last layer, and gives the network with that of the step that
// the rule selects: the last, or the best on the held-out points, the first of equals, the start
// among them.
func (t *trial) descend(ctx context.Context, net *neuralnet.Network, d *descent) (*neuralnet.Network, error) {
	h := &t.settings.Head
	last := lastLayer(net)
	trainer, err := neuralnet.NewTrainer(last, t.loss(net), neuralnet.OptimizerSettings{Type: "sgd", Rate: h.Rate, ClipNorm: h.Clip}, len(d.labels))
	if err != nil {
		return nil, err
	}
	start, best := last.Clone(), last.Clone()
	labels, cells, err := t.judges(d)
	if err != nil {
		return nil, err
	}
	scores, top := make([]float32, len(labels)*last.ScoreWidth()), math.Inf(-1)
	for step := 0; ; step++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		value := float64(step) // by the rule "last" each is better than the one before
		if d.rule != lastRule {
			last.Scores(scores, d.held.features, len(labels))
			value, _ = worst(scores, labels, cells)
		}
		if value > top {
			top = value
			best.CopyFrom(last)
			t.chosen = evaluation.Some(float64(step))
		}
		if step == h.steps() {
			t.ended = endedSteps
			return t.validate(net, best, d.held), nil
		}
		trainer.Forward(d.points.features, d.labels, len(d.labels))
		trainer.Backward(d.weights)
		if d.anchor > 0 {
			pull(trainer, last, start, d.anchor)
		}
		if err := trainer.Update(); errors.Is(err, neuralnet.ErrDiverged) {
			t.ended = endedDiverged
			t.say("The last layer's descent diverged after %d steps.", step)
			return t.validate(net, best, d.held), nil
		} else if err != nil {
			return nil, err
		}
	}
}

// validate notes how good a last layer is on the held-out points, and gives the network with it. The
// values are for the tables, and for who chooses settings by them.
func (t *trial) validate(net, last *neuralnet.Network, held *points) *neuralnet.Network {
	cells := held.cells(&t.measured, dataset.Evaluation)
	t.sayMissing("choose a step", cells)
	labels := cells
	if held.samples.HasAttributes() {
		labels = t.labelsOf(cells)
	}
	t.validated = scored(worst(scoresOf(last, held.features, len(cells)), labels, cells))
	if !held.samples.HasAttributes() {
		t.validated.worst = evaluation.Optional{}
	}
	return install(net, last)
}

// pull adds the gradient of anchor |θ - θ_0|².
func pull(trainer *neuralnet.Trainer, now, start *neuralnet.Network, anchor float64) {
	weights, biases := trainer.Gradients(0)
	add := func(g, x, from []float32) {
		for i := range x {
			g[i] += float32(2 * float64(anchor*float64(x[i]-from[i])))
		}
	}
	add(weights, now.Layers[0].Weights, start.Layers[0].Weights)
	if now.Layers[0].Biases != nil {
		add(biases, now.Layers[0].Biases, start.Layers[0].Biases)
	}
}

// judges gives the labels of the held-out points, and the cells whose least accuracy the rule compares steps by: all points in
// one, the groups or the classes; nil for the last step.
func (t *trial) judges(d *descent) (labels, cells []int16, err error) {
	switch d.rule {
	case lastRule:
		return nil, nil, nil
	case accuracyRule:
		labels = d.held.labels(&t.ledger, dataset.Selection)
		return labels, make([]int16, len(labels)), nil
	case worstRule:
		cells = d.held.groups(&t.ledger, dataset.Selection)
		return t.labelsOf(cells), cells, nil
	case classRule:
		labels = d.held.labels(&t.ledger, dataset.Selection)
		return labels, labels, nil
	}
	return nil, nil, errors.New("the base has a row with the unknown rule " + d.rule)
}
