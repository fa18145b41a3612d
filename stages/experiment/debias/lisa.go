package debias

import (
	"context"
	"errors"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

// lisa mixes samples so that the attribute loses its correlation with the label.
var lisa = &Method{
	Name:    "lisa",
	Version: 1,
	Doc: "Each batch is mixed with partners drawn from the training set: with probability `within_label` each row's partner has its label and another attribute (intra-label), else its attribute and another label (intra-domain); of several such attributes, or labels, all samples are equally likely. " +
		"By mix = \"swap\", a row takes its partner's spurious block and keeps its own label: the variant that makes sense on the cube, where it resamples x_s; it has to know which coordinates are the spurious block, by the data's law or its part \"spurious\", and the note says so. " +
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
		t.shares(t.byGroup()) // says what is missing
		m.findPartners()
		stage := Stage{Net: t.Network(""), Source: m, Steps: t.Remaining(), Shape: m.shape}
		if t.Method.Mix == "swap" {
			if m.block = t.spuriousBlock(); m.block == nil {
				return errors.New(`mix = "swap" swaps the spurious block, and this data set has neither a law nor a part "spurious" that says where it is: use mix = "linear"`)
			}
			stage.Shape = nil // labels stay
			t.Say("The method was told which coordinates are the spurious block.")
		}
		return t.Train(ctx, stage)
	},
}

// spuriousBlock lists the coordinates of the spurious feature, ascending; nil if nothing says which they are.
func (t *Trial) spuriousBlock() []int32 {
	if t.law != nil {
		law := t.law.Law()
		return trainloop.All(law.CoreLength + law.SpuriousLength)[law.CoreLength:]
	}
	if p := t.dataset.Part(dataset.SpuriousPart); p != nil {
		return t.dataset.Coordinates(p)
	}
	return nil
}

// partnered mixes the batches of a source with partners from the training set.
type partnered struct {
	trainloop.Source
	mixture
	trial  *Trial
	groups []int16   // of training samples
	pools  [][]int32 // of each group
	// Of each group, the groups that its partners are from: those of its label and other attributes, and those of its
	// attribute and other labels.
	withinLabel, withinAttribute []partners
	stream                       *kernel.Stream
	concentration                float64
	block                        []int32 // the coordinates to swap; nil to mix by λ

	partner []int32
	x       []float32
}

// partners are pools of samples, all of which are equally likely.
type partners struct {
	pools [][]int32
	rows  int // in all of them
}

func (p *partners) add(pool []int32) {
	if len(pool) > 0 {
		p.pools, p.rows = append(p.pools, pool), p.rows+len(pool)
	}
}

// draw gives a sample; there must be one.
func (p *partners) draw(stream *kernel.Stream) int32 {
	i := stream.IntN(p.rows)
	for _, pool := range p.pools {
		if i < len(pool) {
			return pool[i]
		}
		i -= len(pool)
	}
	panic("debias: partners do not add up")
}

// findPartners sorts the training samples by what they may be mixed with.
func (p *partnered) findPartners() {
	d := &p.trial.dataset.Description
	classes, values := d.ClassCount(), d.ValueCount()
	p.pools = make([][]int32, d.GroupCount())
	for row, g := range p.groups {
		p.pools[g] = append(p.pools[g], int32(row))
	}
	p.withinLabel, p.withinAttribute = make([]partners, len(p.pools)), make([]partners, len(p.pools))
	for g, pool := range p.pools {
		if len(pool) == 0 {
			continue // no sample has such partners to look for
		}
		y, s := g/values, g%values
		for other := range values {
			if other != s {
				p.withinLabel[g].add(p.pools[y*values+other])
			}
		}
		for other := range classes {
			if other != y {
				p.withinAttribute[g].add(p.pools[other*values+s])
			}
		}
	}
}

func (p *partnered) Next(b *trainloop.Batch) {
	p.Source.Next(b)
	p.resize(b.Rows)
	from := p.withinLabel
	if p.stream.Float64() >= p.trial.Method.WithinLabel {
		from = p.withinAttribute
	}
	p.partner = p.partner[:0]
	for i, row := range b.Index {
		candidates := &from[p.groups[row]]
		p.share[i] = 1
		if candidates.rows == 0 {
			p.partner = append(p.partner, row)
			continue
		}
		p.partner = append(p.partner, candidates.draw(p.stream))
		if p.block == nil {
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
		p.labels[i] = p.trial.dataset.LabelOf(p.groups[row])
		if p.block == nil {
			p.blend(i, x, other)
		}
		for _, j := range p.block {
			x[j] = other[j]
		}
	}
	b.Settle()
}
