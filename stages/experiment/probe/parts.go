package probe

import (
	"context"

	"spurion/artifacts/frame"
	"spurion/stages/common/model"
	"spurion/stages/numeric/kernel"
)

var partFields = []frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken before the checkpoint."},
	{Name: "part", Type: frame.String, Doc: "Which neurons of the first hidden layer: all; core (r > 0.5) and spurious (r <= 0.5); random_core and random_spurious, as many as these at random, no neuron in both."},
	{Name: "split", Type: frame.Int64, Nullable: true, Doc: "Which random split, from 0; null for parts that are not random."},
	{Name: "neurons", Type: frame.Int64, Unit: "neurons", Doc: "Neurons in the part."},
	measured("decoded_core", "Decoded core correlation: 2a - 1, a the held-out accuracy of a linear classifier of f_c on the activations of the part's neurons; null where missing says why.", true),
	measured("decoded_core_se", seDoc("decoded_core"), true),
	measured("decoded_core_fit", "The same on the points of the fit: far above decoded_core, the classifier overfits.", true),
	measured("decoded_spurious", "Decoded spurious correlation: likewise with f_s.", true),
	measured("decoded_spurious_se", seDoc("decoded_spurious"), true),
	measured("decoded_spurious_fit", "The same on the points of the fit.", true),
	measured("core_floor", "Core correlation |E f_c| that a constant predictor reaches.", false),
	measured("spurious_floor", "Spurious correlation |E f_s| that a constant predictor reaches.", false),
	{Name: "fit_points", Type: frame.Int64, Unit: "points", Doc: "Points that classifiers were fitted on, in each repeat."},
	{Name: "held_out_points", Type: frame.Int64, Unit: "points", Doc: "Points that classifiers were scored on, in each repeat."},
	{Name: "converged", Type: frame.Bool, Doc: "Whether both classifiers reached their minimum; false where there are none."},
	{Name: "missing", Type: frame.String, Nullable: true, Doc: "Why nothing was decoded: no neurons, or activations not finite; null if something was."},
}

// A part is some neurons of the first hidden layer, and what was decoded from them.
type part struct {
	name    string
	split   int // -1 if it is not random
	neurons []int
	decoded []*decoded // of core and spurious
}

// parts gives those of one checkpoint, none without a hidden layer. r holds what was decoded from its last hidden
// layer, whose activations p has.
func (p *probe) parts(ctx context.Context, c model.Checkpoint, r *row) ([]part, error) {
	law := p.law.Law() // Kind wants one for parts
	shares := model.CoreShares(c.Net, &law)
	if shares == nil {
		return nil, nil
	}
	width := len(shares)
	whole, features := r.decoded, p.features
	if len(c.Net.Layers) > 2 {
		first := *c.Net
		first.Layers = c.Net.Layers[:2]
		features = p.activations(&first)
		var err error
		if whole, err = p.decodeAll(ctx, features, width, p.targets[:2]); err != nil {
			return nil, err
		}
	}
	list := []part{{name: "all", split: -1, neurons: upTo(width), decoded: whole}}
	for _, q := range p.split(shares) {
		var err error
		if q.decoded, err = p.decodeAll(ctx, p.pick(features, width, q.neurons), len(q.neurons), p.targets[:2]); err != nil {
			return nil, err
		}
		list = append(list, q)
	}
	return list, nil
}

// upTo gives 0 to n-1.
func upTo(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// split gives the parts other than the whole.
func (p *probe) split(shares []float64) []part {
	core, spurious := part{name: "core", split: -1}, part{name: "spurious", split: -1}
	for j, r := range shares {
		if r > 0.5 {
			core.neurons = append(core.neurons, j)
		} else if r <= 0.5 { // and not NaN
			spurious.neurons = append(spurious.neurons, j)
		}
	}
	list := []part{core, spurious}
	if p.orders == nil {
		stream := kernel.NewStream(p.seed, "probe/splits")
		for range p.splits {
			order := upTo(len(shares))
			kernel.Shuffle(order, stream)
			p.orders = append(p.orders, order)
		}
	}
	cut, end := len(core.neurons), len(core.neurons)+len(spurious.neurons)
	for k, order := range p.orders {
		list = append(list, part{name: "random_core", split: k, neurons: order[:cut]}, part{name: "random_spurious", split: k, neurons: order[cut:end]})
	}
	return list
}

// pick gives some columns of features [points, width]: until the next call.
func (p *probe) pick(features []float32, width int, columns []int) []float32 {
	n, d := p.size(), len(columns)
	if cap(p.picked) < n*d {
		p.picked = make([]float32, n*width)
	}
	picked := p.picked[:n*d]
	for i := range n {
		from, to := features[i*width:(i+1)*width], picked[i*d:(i+1)*d]
		for k, j := range columns {
			to[k] = from[j]
		}
	}
	return picked
}

// appendParts adds a row for each part.
func (r *row) appendParts(b *frame.Builder) {
	for _, q := range r.parts {
		b.Int64("step", r.step)
		b.String("part", q.name)
		if q.split < 0 {
			b.Null("split")
		} else {
			b.Int("split", q.split)
		}
		b.Int("neurons", len(q.neurons))
		converged := appendDecoded(b, q.decoded)
		b.Float64("core_floor", r.floors[core])
		b.Float64("spurious_floor", r.floors[spurious])
		b.Int("fit_points", r.fit)
		b.Int("held_out_points", r.held)
		b.Bool("converged", converged)
		switch {
		case len(q.neurons) == 0:
			b.String("missing", "no neurons")
		case q.decoded[core] == nil:
			b.String("missing", "activations not finite")
		default:
			b.Null("missing")
		}
		b.EndRow()
	}
}
