package probe

import (
	"context"
	"fmt"

	"spurion/artifacts/frame"
	"spurion/stages/common/model"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// controls are what is decoded from a network is compared with, by target; nil for what was not measured.
type controls struct {
	initial  []*decoded // from the network at step 0
	random   []*decoded // from random networks, the mean
	permuted []*decoded // from the network, of targets in a random order
}

// prepare measures what all checkpoints are compared with.
func (p *probe) prepare(ctx context.Context, m *model.Model) error {
	if p.controlled == 0 {
		return nil
	}
	if c := m.Checkpoints[0]; c.Step == 0 {
		var err error
		if p.initial, err = p.decodeAll(ctx, p.activations(c.Net), c.Net.Width(), p.targets); err != nil {
			return err
		}
	}
	found := make([][]*decoded, len(p.targets))
	for k := range p.controlled {
		net, err := neuralnet.New(m.Network, m.Inputs, kernel.NewStream(p.seed, fmt.Sprintf("probe/random/%d", k)))
		if err != nil {
			return err
		}
		all, err := p.decodeAll(ctx, p.activations(net), net.Width(), p.targets)
		if err != nil {
			return err
		}
		for t, d := range all {
			found[t] = append(found[t], d)
		}
	}
	for _, list := range found {
		p.random = append(p.random, poolDecoded(list))
	}
	p.order = upTo(p.size())
	kernel.Shuffle(p.order, kernel.NewStream(p.seed, p.purpose+"/permuted"))
	return nil
}

// controls gives those of a network with features [fit+held, width].
func (p *probe) controls(ctx context.Context, features []float32, width int) (c controls, err error) {
	if p.controlled == 0 || width == 0 {
		return c, nil
	}
	c.initial, c.random = p.initial, p.random
	permuted := make([]target, len(p.targets))
	for k, t := range p.targets {
		permuted[k] = target{classes: t.classes, values: make([]int16, len(p.order))}
		for i, from := range p.order {
			permuted[k].values[i] = t.values[from]
		}
	}
	c.permuted, err = p.decodeAll(ctx, features, width, permuted)
	return c, err
}

// of gives the control of a target; nil if it was not measured.
func of(list []*decoded, target int) *decoded {
	if list == nil {
		return nil
	}
	return list[target]
}

// append sets the columns of the controls.
func (c *controls) append(b *frame.Builder) {
	value := func(d *decoded) float64 { return d.held.value }
	for target, name := range names {
		put(b, "initial_"+name, of(c.initial, target), value)
		put(b, "random_"+name, of(c.random, target), value)
		put(b, "random_"+name+"_se", of(c.random, target), func(d *decoded) float64 { return d.held.err })
		put(b, "permuted_"+name, of(c.permuted, target), value)
	}
}

// put sets a column to a number of what was decoded; null if nothing was.
func put(b *frame.Builder, column string, d *decoded, of func(*decoded) float64) {
	if d == nil {
		b.Null(column)
		return
	}
	b.Float64(column, of(d))
}
