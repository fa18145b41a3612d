package theory

import (
	"spurion/artifacts/frame"
)

var blockFields = []frame.Field{
	whole("neuron", "", "The neuron's place in the hidden layer, from 0."),
	{Name: "block", Type: frame.String, Doc: "Coordinates of one kind, as in gradients: core, core_inert, spurious, spurious_inert or independent."},
	whole("coordinates", "coordinates", "How many there are."),
	number("mass", "Squared norm of the neuron's weights from them."),
	number("gradient_mass", "Squared norm of the population gradient of these weights."),
	number("pull", "Less the sum of gradient times weight: how fast a small step of descent would change half the mass, for a rate of 1 and without weight decay, which takes weight_decay times the mass. Above 0 where the gradient makes the weights larger."),
}

// blockKinds are what block may say, in the order of rows.
var blockKinds = []string{"core", "core_inert", "spurious", "spurious_inert", "independent"}

// blockRows writes a row for each kind of coordinates that there is.
func (res *results) blockRows(b *frame.Builder, j int) {
	first := &res.net.Layers[0]
	for _, kind := range blockKinds {
		count, mass, gradients, pull := 0, 0.0, 0.0, 0.0
		for i := range res.population.n {
			if block(res.law, i) != kind {
				continue
			}
			w, g := float64(first.Weights[i*first.Out+j]), res.neurons[j].total(i)
			count++
			mass += float64(w * w)
			gradients += float64(g * g)
			pull -= float64(g * w)
		}
		if count == 0 {
			continue
		}
		b.Int("neuron", j)
		b.String("block", kind)
		b.Int("coordinates", count)
		b.Float64("mass", mass)
		b.Float64("gradient_mass", gradients)
		b.Float64("pull", pull)
		b.EndRow()
	}
}
