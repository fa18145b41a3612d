package probe

import (
	"context"
	"fmt"

	"spurion/artifacts/frame"
	"spurion/stages/common/model"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// controls are what the decoded features of a network are compared with; nil for what was not measured.
type controls struct {
	initial  [2]*decoded // from the network at step 0
	random   [2]*decoded // from random networks, the mean
	permuted [2]*decoded // from the network, of targets in a random order
}

// prepare measures what all checkpoints are compared with.
func (p *probe) prepare(ctx context.Context, m *model.Model) error {
	if p.controlled == 0 {
		return nil
	}
	if c := m.Checkpoints[0]; c.Step == 0 {
		var err error
		if p.initial, err = p.decodeBoth(ctx, p.activations(c.Net), c.Net.Width()); err != nil {
			return err
		}
	}
	var found [2][]*decoded
	for k := range p.controlled {
		net, err := neuralnet.New(m.Network, m.Inputs, kernel.NewStream(p.seed, fmt.Sprintf("probe/random/%d", k)))
		if err != nil {
			return err
		}
		both, err := p.decodeBoth(ctx, p.activations(net), net.Width())
		if err != nil {
			return err
		}
		for target, d := range both {
			found[target] = append(found[target], d)
		}
	}
	for target, list := range found {
		p.random[target] = poolDecoded(list)
	}
	p.order = upTo(len(p.margins))
	kernel.NewStream(p.seed, p.purpose+"/permuted").Shuffle(len(p.order), func(i, j int) { p.order[i], p.order[j] = p.order[j], p.order[i] })
	return nil
}

// controls gives those of a network with features [fit+held, width].
func (p *probe) controls(ctx context.Context, features []float32, width int) (c controls, err error) {
	if p.controlled == 0 || width == 0 {
		return c, nil
	}
	c.initial, c.random = p.initial, p.random
	permuted := make([]int16, len(p.order))
	for target, values := range p.targets {
		if err := ctx.Err(); err != nil {
			return c, err
		}
		for i, from := range p.order {
			permuted[i] = values[from]
		}
		if c.permuted[target], err = p.decode(features, permuted, width); err != nil {
			return c, err
		}
	}
	return c, nil
}

// append sets the columns of the controls.
func (c *controls) append(b *frame.Builder) {
	put := func(column string, d *decoded, of func(*decoded) float64) {
		if d == nil {
			b.Null(column)
			return
		}
		b.Float64(column, of(d))
	}
	value := func(d *decoded) float64 { return d.held.value }
	for target, name := range names {
		put("initial_"+name, c.initial[target], value)
		put("random_"+name, c.random[target], value)
		put("random_"+name+"_se", c.random[target], func(d *decoded) float64 { return d.held.err })
		put("permuted_"+name, c.permuted[target], value)
	}
}
