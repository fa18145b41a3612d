package theory

import (
	"math"

	"spurion/artifacts/frame"
)

var gapFields = []frame.Field{
	whole("neuron", "", "The neuron's place in the hidden layer, from 0."),
	{Name: "feature", Type: frame.String, Doc: "Which function: core or spurious."},
	number("outgoing_weight", "What the neuron's activation is multiplied by in the margin; gaps are without it."),
	number("active", "Probability that the neuron is active, for uniform inputs."),
	optional("relevant", "Mean of |E[f τ x_i]| over the coordinates i that the function f reads, τ being the neuron's threshold; null if it reads none."),
	optional("irrelevant", "The same over the coordinates that it does not read; null if there are none."),
	optional("gap", "The gradient gap: relevant less irrelevant."),
	optional("fourier_gap", "The least |E[f τ x_i]| that is relevant less the largest that is not (Barak et al. 2022): above 0 if every relevant coordinate stands out."),
	optional("population_gap", "What descent sees: the mean size of the population gradient over the coordinates that the function reads, less that over coordinates that neither function reads; null if there are none of either."),
	optional("sampled_gap", "The same sum with the mean of sampled gradients, each taken with the sign of its population gradient."),
	optional("standard_error", "Standard error of the sampled gap."),
	optional("z", "Sampled less population gap, in standard errors; null if the standard error is 0."),
}

// features are the functions that gaps are about.
var features = [2]string{"core", "spurious"}

func (res *results) gapRow(b *frame.Builder, a *agreement, j, feature int, g gap) {
	b.Int("neuron", j)
	b.String("feature", features[feature])
	b.Float64("outgoing_weight", res.population.outgoing[j])
	b.Float64("active", res.neurons[j].active)
	b.Float64OrNull("relevant", g.relevant)
	b.Float64OrNull("irrelevant", g.irrelevant)
	b.Float64OrNull("gap", g.gap)
	b.Float64OrNull("fourier_gap", g.fourier)
	b.Float64OrNull("population_gap", g.population)
	var sampled, deviation, z *float64
	if g.population != nil {
		at := len(features)*j + feature
		sampled, deviation = &res.sampled.contrasts.mean[at], &res.sampled.contrasts.deviation[at]
		if *deviation > 0 {
			x := (*sampled - *g.population) / *deviation
			z = &x
			a.gap = max(a.gap, math.Abs(x))
			a.gaps++
		}
	}
	b.Float64OrNull("sampled_gap", sampled)
	b.Float64OrNull("standard_error", deviation)
	b.Float64OrNull("z", z)
	b.EndRow()
}

// A gap is a row of gaps; nil for what does not exist.
type gap struct{ relevant, irrelevant, gap, fourier, population *float64 }

// gap compares coordinates that the core (0) or the spurious function (1) reads with all others.
func (res *results) gap(j, feature int) gap {
	values, name := res.neurons[j].coreT, features[feature]
	if feature == 1 {
		values = res.neurons[j].spuriousT
	}
	var sums [2]float64
	var counts [2]int
	least, most := math.Inf(1), 0.0
	for i, t := range values {
		t = math.Abs(t)
		if block(res.law, i) == name {
			sums[0] += t
			counts[0]++
			least = min(least, t)
		} else {
			sums[1] += t
			counts[1]++
			most = max(most, t)
		}
	}
	var g gap
	if counts[0] > 0 {
		relevant := sums[0] / float64(counts[0])
		g.relevant = &relevant
	}
	if counts[1] > 0 {
		irrelevant := sums[1] / float64(counts[1])
		g.irrelevant = &irrelevant
	}
	if counts[0] > 0 && counts[1] > 0 {
		difference, fourier := *g.relevant-*g.irrelevant, least-most
		g.gap, g.fourier = &difference, &fourier
	}
	if c := &res.contrasts[len(features)*j+feature]; c.factors != nil {
		population := c.of(res.neurons[j].total)
		g.population = &population
	}
	return g
}

// mean gives the mean over neurons; nil if some have none.
func mean(gaps []gap, of func(gap) *float64) *float64 {
	sum := 0.0
	for _, g := range gaps {
		v := of(g)
		if v == nil {
			return nil
		}
		sum += *v
	}
	sum /= float64(len(gaps))
	return &sum
}

// ratio gives factor times a/b; nil if that says nothing.
func ratio(a, b *float64, factor float64) *float64 {
	if a == nil || b == nil || !(*b > 0) || math.IsNaN(factor) || math.IsInf(factor, 0) {
		return nil
	}
	r := float64(factor**a) / *b
	return &r
}
