package responses

import (
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// A stem is what a network does up to its first hidden units: what they respond with, and which of the network's layers follow.
type stem interface {
	// onGrid gives the activations of the units in each cell, [units, n*m].
	onGrid(g *grid) []float32
	// of gives what the parts of points come to, each by itself, [.., points]: an ablation exchanges numbers within a row.
	of(q *points) (core, spurious []float32)
	// join gives the activations of the units for such parts of the points, [units, points]. Without hidden units these are the logits.
	join(core, spurious []float32, q *points) []float32
	// next gives the first of the network's layers after the units; layers that follow are given activations.
	next() int
	// units gives how many there are; 0 for a network without hidden units.
	units() int
}

func stemOf(net *neuralnet.Network, p *parts) stem {
	if net.Image != nil {
		return &imageStem{net, p}
	}
	return cut(net, p)
}

// A denseStem is a fully connected first layer, cut into what it does with each part of an input: what its neurons are given is the
// sum, so that a grid of n x m inputs needs n products and m, not n*m. The core's has the biases.
type denseStem struct {
	net                  *neuralnet.Network
	core, spurious, rest neuralnet.Layer
}

func cut(net *neuralnet.Network, p *parts) *denseStem {
	l := &net.Layers[0]
	rows := func(of []int32) neuralnet.Layer {
		part := neuralnet.Layer{In: len(of), Out: l.Out, Weights: make([]float32, 0, len(of)*l.Out)}
		for _, i := range of {
			part.Weights = append(part.Weights, l.Weights[int(i)*l.Out:(int(i)+1)*l.Out]...)
		}
		return part
	}
	f := &denseStem{net, rows(p.core), rows(p.spurious), rows(p.rest)}
	f.core.Biases = l.Biases
	return f
}

func (f *denseStem) next() int { return 1 }

func (f *denseStem) units() int {
	if len(f.net.Layers) == 1 {
		return 0
	}
	return f.core.Out
}

// on gives what neurons are given by the part of so many inputs, [neurons, inputs].
func on(l *neuralnet.Layer, x columns, inputs int) []float32 {
	z := make([]float32, l.Out*inputs)
	l.Across(z, x, inputs, false)
	return z
}

func (f *denseStem) onGrid(g *grid) []float32 {
	a, b := on(&f.core, g.core, g.n), on(&f.spurious, g.spurious, g.m)
	z := make([]float32, f.core.Out*g.n*g.m)
	for u := range f.core.Out {
		across := b[u*g.m : (u+1)*g.m]
		for i, x := range a[u*g.n : (u+1)*g.n] {
			cells := z[(u*g.n+i)*g.m:][:g.m]
			for j, y := range across {
				cells[j] = x + y
			}
		}
	}
	if f.rest.In > 0 {
		f.rest.Across(z, g.rest, g.n*g.m, true)
	}
	f.net.Activate(z)
	return z
}

func (f *denseStem) of(q *points) (core, spurious []float32) {
	return on(&f.core, q.core, q.n), on(&f.spurious, q.spurious, q.n)
}

func (f *denseStem) join(core, spurious []float32, q *points) []float32 {
	z := make([]float32, len(core))
	for i := range z {
		z[i] = core[i] + spurious[i]
	}
	if f.rest.In > 0 {
		for i, v := range on(&f.rest, q.rest, q.n) {
			z[i] += v
		}
	}
	if len(f.net.Layers) > 1 {
		f.net.Activate(z)
	}
	return z
}

// An imageStem is a CNN's part before its hidden layers: its units are the numbers that it gives, and it sees whole inputs.
type imageStem struct {
	net   *neuralnet.Network
	parts *parts
}

func (f *imageStem) next() int { return 0 }

func (f *imageStem) units() int { return f.net.Image.Out.Size() }

func (f *imageStem) onGrid(g *grid) []float32 {
	return f.see(g.n*g.m, [3]columns{g.core, g.spurious, g.rest}, [3]int{g.n, g.m, g.n * g.m}, func(part, cell int) int {
		return [3]int{cell / g.m, cell % g.m, cell}[part]
	})
}

func (f *imageStem) of(q *points) (core, spurious []float32) { return q.core, q.spurious }

func (f *imageStem) join(core, spurious []float32, q *points) []float32 {
	return f.see(q.n, [3]columns{core, spurious, q.rest}, [3]int{q.n, q.n, q.n}, func(_, point int) int { return point })
}

// see gives the units' activations for so many inputs, [units, inputs], of which a part is column at(part, input) of its columns, which
// are counts[part].
func (f *imageStem) see(inputs int, of [3]columns, counts [3]int, at func(part, input int) int) []float32 {
	const block = 64
	n, units := f.net.Inputs(), f.units()
	x, h, out := make([]float32, block*n), make([]float32, block*units), make([]float32, units*inputs)
	for from := 0; from < inputs; from += block {
		rows := min(block, inputs-from)
		for part, coordinates := range [3][]int32{f.parts.core, f.parts.spurious, f.parts.rest} {
			for k, c := range coordinates {
				for i := range rows {
					x[i*n+int(c)] = of[part][k*counts[part]+at(part, from+i)]
				}
			}
		}
		f.net.ImageOutputs(h, x, rows)
		kernel.Transpose(out[from:], inputs, h, units, rows, units)
	}
	return out
}

// follow runs the layers from the given one on h, the activations of the layer before, [neurons, points], and gives the
// activations of each hidden layer that it passes, and the logits last.
func follow(net *neuralnet.Network, from int, h []float32, points int) [][]float32 {
	var found [][]float32
	for l := from; l < len(net.Layers); l++ {
		z := make([]float32, net.Layers[l].Out*points)
		net.Layers[l].Across(z, h, points, false)
		if l < len(net.Layers)-1 {
			net.Activate(z)
		}
		found = append(found, z)
		h = z
	}
	return found
}

// predict gives the predicted class of each of so many points from logits [outputs, points]: that of the largest logit, the first of
// equal ones; of two classes, 1 where its logit, or the only one, is at least that of 0. It is nil if a logit is not a number. The
// output scale, which is positive, does not matter.
func predict(logits []float32, points int) []int16 {
	for _, v := range logits {
		if v != v {
			return nil
		}
	}
	outputs := len(logits) / points
	classes := make([]int16, points)
	for i := range points {
		switch {
		case outputs == 1 && logits[i] >= 0, outputs == 2 && logits[points+i] >= logits[i]:
			classes[i] = 1
		case outputs > 2:
			best := 0
			for k := range outputs {
				if logits[k*points+i] > logits[best*points+i] {
					best = k
				}
			}
			classes[i] = int16(best)
		}
	}
	return classes
}
