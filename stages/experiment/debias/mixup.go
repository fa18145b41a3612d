package debias

import (
	"context"
	"math"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// mixup trains on convex combinations of samples and of their labels.
var mixup = &Method{
	Name:    "mixup",
	Version: 1,
	Doc: "Each batch is mixed with a random permutation of itself: x <- λ x_i + (1-λ) x_j, with the loss λ l(f(x), y_i) + (1-λ) l(f(x), y_j) (of the cross-entropy that under the mixed labels, however many classes there are), and λ from Beta(a, a), one for the batch, as in the published code; a is `concentration`, and a = 0 stands for its limit with λ = 1, ERM. " +
		"Inputs leave the cube, and a parity of a mixture is not the mixture of parities: expect harm on Boolean data.",
	Source: "Zhang, Cisse, Dauphin and Lopez-Paz 2018",
	Run: func(ctx context.Context, t *Trial) error {
		source, err := t.Natural("")
		if err != nil {
			return err
		}
		m := &permuted{Source: source, stream: trainloop.MethodStream(t.settings.Seed, "mixup"), concentration: t.concentration(.2)}
		m.loss = t.settings.Loss
		return t.Train(ctx, Stage{Net: t.Network(""), Source: m, Shape: m.shape, Steps: t.Remaining()})
	},
}

// concentration gives the parameter of the Beta distribution, published unless it is set.
func (t *Trial) concentration(published float64) float64 {
	if t.Method.Concentration != nil {
		return *t.Method.Concentration
	}
	return published
}

// A mixture is what rows of a batch are mixed with.
type mixture struct {
	loss   string
	labels []int16   // of the partners, [rows]
	share  []float32 // of the row itself, [rows], in [0, 1]

	losses, slopes []float32
}

// resize makes room for rows.
func (m *mixture) resize(rows int) {
	m.labels, m.share, m.losses = sized(m.labels, rows), sized(m.share, rows), sized(m.losses, rows)
}

// blend sets x to share x + (1 - share) partner, for row i of a batch.
func (m *mixture) blend(i int, x, partner []float32) {
	a, b := m.share[i], 1-m.share[i]
	for j, v := range partner {
		x[j] = float32(a*x[j]) + float32(b*v)
	}
}

// shape mixes the losses under both labels.
func (m *mixture) shape(_ *trainloop.Batch, scores, losses, slopes []float32) {
	m.slopes = sized(m.slopes, len(scores))
	neuralnet.ScoreLosses(m.loss, m.losses, m.slopes, scores, m.labels)
	width := len(scores) / len(losses)
	for i, a := range m.share {
		b := 1 - a
		losses[i] = float32(a*losses[i]) + float32(b*m.losses[i])
		for k := i * width; k < (i+1)*width; k++ {
			slopes[k] = float32(a*slopes[k]) + float32(b*m.slopes[k])
		}
	}
}

// permuted mixes the batches of a source with themselves.
type permuted struct {
	trainloop.Source
	mixture
	stream        *kernel.Stream
	concentration float64
	partner       []int32
	x             []float32
}

func (p *permuted) Next(b *trainloop.Batch) {
	p.Source.Next(b)
	p.resize(b.Rows)
	inputs := b.Numbers()
	p.x = append(p.x[:0], inputs...)
	p.partner = p.partner[:0]
	for i := range b.Rows {
		p.partner = append(p.partner, int32(i))
	}
	kernel.Shuffle(p.partner, p.stream)
	share := float32(beta(p.stream, p.concentration))
	n := len(inputs) / b.Rows
	for i, j := range p.partner {
		p.share[i], p.labels[i] = share, b.Labels[j]
		p.blend(i, inputs[i*n:(i+1)*n], p.x[int(j)*n:(int(j)+1)*n])
	}
	b.Settle()
}

// beta draws from Beta(a, a), for a > 0; a = 0 gives 1.
func beta(s *kernel.Stream, a float64) float64 {
	if a == 0 {
		return 1
	}
	first, second := logGamma(s, a), logGamma(s, a)
	return kernel.Sigmoid64(first - second) // G/(G+H) of two gamma variates
}

// logGamma draws the logarithm of a variate of Gamma(a, 1), so that none underflows (Marsaglia and
// Tsang 2000; for a < 1 by Gamma(a+1) U^(1/a), their section 6).
func logGamma(s *kernel.Stream, a float64) float64 {
	boost := 0.0
	if a < 1 {
		boost = kernel.Log64(1-s.Float64()) / a
		a++
	}
	d := a - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := s.Normal()
		v := 1 + float64(c*x)
		if v <= 0 {
			continue
		}
		v = float64(float64(v*v) * v)
		u := 1 - s.Float64() // in (0, 1]
		if kernel.Log64(u) < float64(.5*float64(x*x))+float64(d*(1-v+kernel.Log64(v))) {
			return kernel.Log64(d) + kernel.Log64(v) + boost
		}
	}
}
