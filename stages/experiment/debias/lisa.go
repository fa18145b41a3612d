package debias

import (
	"context"
	"errors"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/evaluation"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// lisa mixes samples so that the attribute loses its correlation with the label.
var lisa = &Method{
	Name:    "lisa",
	Version: 1,
	Doc: "Each batch is mixed with partners drawn from the training set: with probability `within_label` each row's partner has its label and the other attribute (intra-label), else its attribute and the other label (intra-domain). " +
		"By mix = \"swap\", a row takes its partner's spurious block and keeps its own label: the variant that makes sense on the cube, where it resamples x_s; it has to know which coordinates are the spurious block, and the note says so. " +
		"By mix = \"linear\", as published: λ x_i + (1-λ) x_j and the same mixture of the losses, with λ from Beta(a, a) for each row; a is `concentration`. A row whose partners do not exist stays as it is.",
	Source: "Yao, Wang, Li, Zhang, Liang, Zou and Finn 2022, algorithm 1",
	Reads:  []Access{{frame.MarkGroup, dataset.TrainSplit}},
	Finite: true,
	Run: func(ctx context.Context, t *Trial) error {
		source, err := t.Natural("")
		if err != nil {
			return err
		}
		m := &partnered{Source: source, trial: t, groups: t.Groups(), stream: trainloop.MethodStream(t.settings.Seed, "lisa"), concentration: t.concentration(2)}
		m.loss = t.settings.Loss
		t.shares(byGroup) // says what is missing
		for row, g := range m.groups {
			m.pools[g] = append(m.pools[g], int32(row))
		}
		stage := Stage{Net: t.Network(""), Source: m, Steps: t.Remaining(), Shape: m.shape}
		if t.Method.Mix == "swap" {
			if t.law == nil {
				return errors.New(`mix = "swap" swaps the spurious block, and this data set has no law that says where it is: use mix = "linear"`)
			}
			law := t.law.Law()
			m.from, m.to = law.CoreLength, law.CoreLength+law.SpuriousLength
			stage.Shape = nil // labels stay
			t.Say("The method was told which coordinates are the spurious block.")
		}
		return t.Train(ctx, stage)
	},
}

// partnered mixes the batches of a source with partners from the training set.
type partnered struct {
	trainloop.Source
	mixture
	trial         *Trial
	groups        []int16 // of training samples
	pools         [evaluation.Groups][]int32
	stream        *kernel.Stream
	concentration float64
	from, to      int // the block to swap; none to mix by λ

	partner []int32
	x       []float32
}

func (p *partnered) Next(b *trainloop.Batch) {
	p.Source.Next(b)
	p.resize(b.Rows)
	flip := int16(1) // the other attribute
	if p.stream.Float64() >= p.trial.Method.WithinLabel {
		flip = 2 // the other label
	}
	p.partner = p.partner[:0]
	for i, row := range b.Index {
		pool := p.pools[p.groups[row]^flip]
		p.share[i] = 1
		if len(pool) == 0 {
			p.partner = append(p.partner, row)
			continue
		}
		p.partner = append(p.partner, pool[p.stream.IntN(len(pool))])
		if p.from == p.to {
			p.share[i] = float32(beta(p.stream, p.concentration))
		}
	}
	inputs := b.Numbers()
	n := len(inputs) / b.Rows
	if len(p.x) < len(inputs) {
		p.x = make([]float32, len(inputs))
	}
	p.trial.dataset.Train.Gather(p.x[:len(inputs)], p.partner)
	for i, row := range p.partner {
		x, other := inputs[i*n:(i+1)*n], p.x[i*n:(i+1)*n]
		p.labels[i] = p.groups[row] >> 1
		if p.from < p.to {
			copy(x[p.from:p.to], other[p.from:p.to])
		} else {
			p.blend(i, x, other)
		}
	}
	b.Settle()
}
