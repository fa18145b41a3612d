package theory

import (
	"errors"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/neuralnet"
)

func number(name, doc string) frame.Field {
	return frame.Field{Name: name, Type: frame.Float64, Unit: "1", Doc: doc}
}

func optional(name, doc string) frame.Field {
	return frame.Field{Name: name, Type: frame.Float64, Unit: "1", Doc: doc, Nullable: true}
}

func whole(name, unit, doc string) frame.Field {
	return frame.Field{Name: name, Type: frame.Int64, Unit: unit, Doc: doc}
}

var gradientFields = []frame.Field{
	whole("neuron", "", "The neuron's place in the hidden layer, from 0."),
	whole("coordinate", "", "The input coordinate that the weight leads from, counted from 1."),
	{Name: "block", Type: frame.String, Doc: "What the coordinate is: core or spurious if the function reads it, core_inert or spurious_inert in the rest of the block, else independent."},
	number("weight", "The weight."),
	number("core_term", "Exact part of the gradient from the core feature."),
	number("spurious_term", "Exact part from the spurious feature: (2λ-1) times its value for unbiased functions."),
	number("bias_term", "Exact part from the functions' biases; 0 if both are unbiased."),
	number("output_term", "Part that depends on the network's output and on no label; 0 for the correlation loss."),
	number("population", "The population gradient: the sum of the four terms."),
	number("sampled", "Mean of the gradients of the batches."),
	number("standard_error", "Standard error of that mean."),
	optional("z", "Sampled less population gradient, in standard errors; null if the standard error is 0."),
}

var summaryFields = []frame.Field{
	whole("neurons", "neurons", "Width of the hidden layer."),
	whole("batches", "batches", "Batches whose gradients were averaged."),
	number("core_factor", "β in y density = α + β f_c + γ f_s + δ f_c f_s; 1 for unbiased functions."),
	number("spurious_factor", "γ: 2λ-1 for unbiased functions."),
	number("constant_factor", "α: 0 for unbiased functions."),
	number("product_factor", "δ: 0 for unbiased functions."),
	optional("largest_z", "Largest |sampled - population| in standard errors; among so many weights, 4 is not unusual."),
	optional("mean_square_z", "Mean of the squares of z: 1 on average if theory and samples agree. Neurons share samples, so it spreads as if there were about one z for each coordinate."),
	number("largest_difference", "Largest |sampled - population|."),
	optional("largest_gap_z", "Largest |sampled - population| gap in standard errors."),
	optional("core_population_gap", "Mean over neurons of the core feature's population gap."),
	optional("spurious_population_gap", "Mean over neurons of the spurious feature's population gap."),
	optional("core_gap", "Mean over neurons of the core feature's gap."),
	optional("spurious_gap", "Mean over neurons of the spurious feature's gap, without the factor γ."),
	optional("gap_ratio", "Spurious gap divided by core gap: above 1 if the spurious feature is the simpler one; null if the core gap is not positive."),
	optional("weighed_gap_ratio", "The same with the factors: γ times the spurious gap divided by β times the core gap."),
	optional("core_fourier_gap", "Mean over neurons of the core feature's Fourier gap."),
	optional("spurious_fourier_gap", "Mean over neurons of the spurious feature's Fourier gap."),
}

// results are all that tables show.
type results struct {
	settings   *Settings
	law        datalaw.Law
	net        *neuralnet.Network
	population *population
	neurons    []neuron
	contrasts  []contrast
	sampled    *sampledGradient
}

// write writes the outputs.
func write(r *stages.Run, res *results) error {
	agreement, gradients, blocks := &agreement{}, frame.NewBuilder(gradientFields), frame.NewBuilder(blockFields)
	for j := range res.neurons {
		res.gradientRows(gradients, agreement, j)
		res.blockRows(blocks, j)
	}
	if res.settings.blocks() {
		if err := r.WriteBuilt("blocks", blocks); err != nil {
			return err
		}
	}
	var gaps [2][]gap
	gapRows := frame.NewBuilder(gapFields)
	for j := range res.neurons {
		for f := range features {
			g := res.gap(j, f)
			gaps[f] = append(gaps[f], g)
			res.gapRow(gapRows, agreement, j, f, g)
		}
	}
	summary := frame.NewBuilder(summaryFields)
	res.summaryRow(summary, agreement, gaps)
	return errors.Join(r.WriteBuilt("gradients", gradients), r.WriteBuilt("gaps", gapRows), r.WriteBuilt("summary", summary))
}

// agreement gathers how samples and theory agree.
type agreement struct {
	gaps                         int     // with a z
	gap                          float64 // the largest of them
	count                        int
	squares, largest, difference float64
}

func (res *results) gradientRows(b *frame.Builder, a *agreement, j int) {
	u, first := &res.neurons[j], &res.net.Layers[0]
	for i := range res.population.n {
		at := i*first.Out + j
		difference, se := res.sampled.weights.mean[at]-u.total(i), res.sampled.weights.deviation[at]
		b.Int("neuron", j)
		b.Int("coordinate", i+1)
		b.String("block", block(res.law, i))
		b.Float64("weight", float64(first.Weights[at]))
		b.Float64("core_term", u.coreTerm[i])
		b.Float64("spurious_term", u.spuriousTerm[i])
		b.Float64("bias_term", u.biasTerm[i])
		b.Float64("output_term", u.output[i])
		b.Float64("population", u.total(i))
		b.Float64("sampled", res.sampled.weights.mean[at])
		b.Float64("standard_error", se)
		a.difference = max(a.difference, math.Abs(difference))
		if se > 0 {
			z := difference / se
			b.Float64("z", z)
			a.count++
			a.squares += float64(z * z)
			a.largest = max(a.largest, math.Abs(z))
		} else {
			b.Null("z")
		}
		b.EndRow()
	}
}

// block says what a coordinate is.
func block(l datalaw.Law, i int) string {
	switch {
	case i < l.Core.Reads():
		return "core"
	case i < l.CoreLength:
		return "core_inert"
	case i < l.CoreLength+l.Spurious.Reads():
		return "spurious"
	case i < l.CoreLength+l.SpuriousLength:
		return "spurious_inert"
	}
	return "independent"
}

func (res *results) summaryRow(b *frame.Builder, a *agreement, gaps [2][]gap) {
	p := res.population
	b.Int("neurons", len(res.neurons))
	b.Int("batches", res.settings.batches())
	b.Float64("core_factor", p.beta)
	b.Float64("spurious_factor", p.gamma)
	b.Float64("constant_factor", p.alpha)
	b.Float64("product_factor", p.delta)
	b.Float64If(a.count > 0, "largest_z", a.largest)
	b.Float64If(a.count > 0, "mean_square_z", a.squares/float64(a.count))
	b.Float64("largest_difference", a.difference)
	b.Float64If(a.gaps > 0, "largest_gap_z", a.gap)
	b.Float64OrNull("core_population_gap", mean(gaps[0], func(g gap) *float64 { return g.population }))
	b.Float64OrNull("spurious_population_gap", mean(gaps[1], func(g gap) *float64 { return g.population }))
	core, spurious := mean(gaps[0], func(g gap) *float64 { return g.gap }), mean(gaps[1], func(g gap) *float64 { return g.gap })
	b.Float64OrNull("core_gap", core)
	b.Float64OrNull("spurious_gap", spurious)
	b.Float64OrNull("gap_ratio", ratio(spurious, core, 1))
	b.Float64OrNull("weighed_gap_ratio", ratio(spurious, core, p.gamma/p.beta))
	b.Float64OrNull("core_fourier_gap", mean(gaps[0], func(g gap) *float64 { return g.fourier }))
	b.Float64OrNull("spurious_fourier_gap", mean(gaps[1], func(g gap) *float64 { return g.fourier }))
	b.EndRow()
}
