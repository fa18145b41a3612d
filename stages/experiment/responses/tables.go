package responses

import (
	"math"

	"spurion/artifacts/frame"
	"spurion/stages"
)

var (
	stepField  = frame.Field{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken before the checkpoint."}
	layerField = frame.Field{Name: "layer", Type: frame.Int64, Doc: "The hidden layer: 1 is the first. Of a cnn 1 stands for what its layers before the hidden ones give, pixel by pixel, channels innermost."}
)

var unitFields = []frame.Field{
	stepField, layerField,
	{Name: "neuron", Type: frame.Int64, Doc: "The unit's place in its layer, from 0, as in the table neurons of train if the network is an mlp."},
	share("mean", "Mean response on the grid, after the activation; null if it is not finite."),
	share("variance", "Variance of the response: the sum of the three components; 0 for a constant response, null if it is not finite."),
	share("core_variance_share", "Share of the variance that is due to the core input alone; null for a constant response."),
	share("spurious_variance_share", "Share that is due to the spurious input alone."),
	share("interaction_variance_share", "Share that is due to both together, and to coordinates in neither part; the three shares add up to 1."),
	share("r", "core / (core + spurious) of the variance components: 1 for a unit that responds to core inputs, 0 for one that responds to spurious ones; null where missing says why."),
	share("r_se", "Standard error of r, from leaving out each core and each spurious input of the grid; null where r is, or where r does not exist without one input."),
	{Name: "missing", Type: frame.String, Nullable: true, Doc: "Why there is no r: constant response (a dead unit), no main effect (it responds to the two together, or to neither, but to either by itself less than the grid can tell from chance: an F test at 1 in 1000), response not finite; null if there is one."},
	{Name: "outgoing_mass", Type: frame.Float64, Unit: "1", Doc: "Squared norm of the weights that lead from the unit to the next layer, without the output scale."},
}

var missingValues = map[string][]string{"missing": {"constant response", "no main effect", "response not finite"}}

var summaryFields = []frame.Field{
	stepField, layerField,
	count("units", "units", "Units of the layer."),
	count("dead_units", "units", "Units whose response is the same in all cells of the grid."),
	count("undecided_units", "units", "Units without an r for another reason: they have no main effect, or their response is not finite."),
	count("core_units", "units", "Units with r above core_above."),
	count("spurious_units", "units", "Units with r below spurious_below."),
	share("core_unit_share", "Share of core units among those that have an r; null if none has."),
	share("spurious_unit_share", "Share of spurious units among those that have an r; null if none has."),
	share("median_r", "Median r of the layer's units; null if none has one."),
	share("median_r_se", "Median of the standard errors of r; null if there are none."),
	share("weighted_r", "r of what the layer hands on: the ratio of sums over units that have an r, of their variance components times their outgoing_mass, so that a few strong units count for what they are; null as median_r."),
	share("core_outgoing_mass", "Mean squared norm of the weights that lead from a core unit to the next layer; null if there are no core units."),
	share("spurious_outgoing_mass", "The same of spurious units."),
	share("other_outgoing_mass", "The same of all other units."),
	count("core_inputs", "inputs", "Core inputs of the grid."),
	count("spurious_inputs", "inputs", "Spurious inputs of the grid."),
}

var ablationFields = []frame.Field{
	stepField,
	{Name: "ablation", Type: frame.String, Doc: "What is ablated: none; core_part and spurious_part, a part of inputs; core_units and spurious_units, a subnetwork of a layer; random_as_core and random_as_spurious, as many units of the layer at random, of those that are not dead."},
	{Name: "layer", Type: frame.Int64, Nullable: true, Doc: "The hidden layer that units are ablated in, from 1; null where none are."},
	{Name: "units", Type: frame.Int64, Unit: "units", Nullable: true, Doc: "Units that are ablated; null where parts of inputs are, or nothing."},
	{Name: "draws", Type: frame.Int64, Unit: "draws", Nullable: true, Doc: "Random sets of units, over which measures are means; null where nothing is random."},
	share("accuracy", "Accuracy on data whose groups have the shares of the samples, or the masses of the law; null if an output is not a number."),
	share("accuracy_se", "Standard error of accuracy, from the number of points."),
	share("core_correlation", "Core correlation on points with equally many of each group: (K a - 1) / (K - 1), a being the mean over groups of the share of points whose label is predicted, K the number of classes: 2 a - 1 for two."),
	share("core_correlation_se", "Standard error of core_correlation."),
	share("spurious_correlation", "Spurious correlation: the same with the class that a point's attribute goes with; null if classes have no attributes of their own."),
	share("spurious_correlation_se", "Standard error of spurious_correlation."),
	share("accuracy_spread", "Standard deviation of accuracy over random sets of units; null for fewer than two of them."),
	share("core_correlation_spread", "Standard deviation of core_correlation over them."),
	share("spurious_correlation_spread", "Standard deviation of spurious_correlation over them."),
	count("points", "points", "Points that measures are taken on."),
}

var ablationValues = map[string][]string{"ablation": {nothing, corePart, spuriousPart, coreUnits, spuriousUnits, randomAsCore, randomAsSpurious}}

var outputs = []stages.Output{
	{Name: "units", Doc: "One row for each checkpoint, hidden layer and unit: the variance of its response.", Fields: unitFields, Values: stages.AlwaysValues(missingValues)},
	{Name: "summary", Doc: "One row for each checkpoint and hidden layer: how many units respond to what.", Fields: summaryFields},
	{Name: "ablations", Doc: "One row for each checkpoint and ablation: what the network does without a part of the input, or without some units.", Fields: ablationFields, Values: stages.AlwaysValues(ablationValues)},
}

// share is a measured number that may not exist.
func share(name, doc string) frame.Field {
	return frame.Field{Name: name, Type: frame.Float64, Unit: "1", Doc: doc, Nullable: true}
}

func count(name, unit, doc string) frame.Field {
	return frame.Field{Name: name, Type: frame.Int64, Unit: unit, Doc: doc}
}

func appendUnits(b *frame.Builder, step int64, layer int, units []unit) {
	for i, u := range units {
		b.Int64("step", step)
		b.Int("layer", layer)
		b.Int("neuron", i)
		mean, total := u.mean, u.parts.total()
		if u.role == wildRole {
			mean, total = math.NaN(), math.NaN()
		}
		b.FiniteOrNull("mean", mean)
		b.FiniteOrNull("variance", total)
		b.FiniteOrNull("core_variance_share", u.parts.core/total)
		b.FiniteOrNull("spurious_variance_share", u.parts.spurious/total)
		b.FiniteOrNull("interaction_variance_share", u.parts.interaction/total)
		b.FiniteOrNull("r", u.r)
		b.FiniteOrNull("r_se", u.rErr)
		b.StringUnlessEmpty("missing", u.role.missing())
		b.Float64("outgoing_mass", u.outgoing)
		b.EndRow()
	}
}

func appendSummary(b *frame.Builder, step int64, layer int, c census, g *grid) {
	b.Int64("step", step)
	b.Int("layer", layer)
	b.Int("units", c.units)
	b.Int("dead_units", c.count[deadRole])
	b.Int("undecided_units", c.count[evenRole]+c.count[wildRole])
	b.Int("core_units", c.count[coreRole])
	b.Int("spurious_units", c.count[spuriousRole])
	with := float64(c.withR())
	b.FiniteOrNull("core_unit_share", float64(c.count[coreRole])/with)
	b.FiniteOrNull("spurious_unit_share", float64(c.count[spuriousRole])/with)
	b.FiniteOrNull("median_r", c.r)
	b.FiniteOrNull("median_r_se", c.rErr)
	b.FiniteOrNull("weighted_r", c.weighted)
	b.FiniteOrNull("core_outgoing_mass", c.outgoing[coreRole]/float64(c.count[coreRole]))
	b.FiniteOrNull("spurious_outgoing_mass", c.outgoing[spuriousRole]/float64(c.count[spuriousRole]))
	others, sum := 0, 0.0
	for _, r := range []role{mixedRole, evenRole, deadRole, wildRole} {
		others, sum = others+c.count[r], sum+c.outgoing[r]
	}
	b.FiniteOrNull("other_outgoing_mass", sum/float64(others))
	b.Int("core_inputs", g.n)
	b.Int("spurious_inputs", g.m)
	b.EndRow()
}

func (t *tester) append(b *frame.Builder, step int64, list []ablation) {
	for _, a := range list {
		b.Int64("step", step)
		b.String("ablation", a.name)
		b.IntIf(a.layer > 0, "layer", a.layer)
		b.IntIf(a.layer > 0, "units", a.units)
		b.IntIf(a.draws > 0, "draws", a.draws)
		for _, c := range measured {
			exists := c.name != "spurious_correlation" || t.meter.hasSpurious()
			value, spread := estimated{math.NaN(), math.NaN()}, math.NaN()
			if a.found != nil && exists {
				value = *c.of(a.found)
			}
			if a.spread != nil && exists {
				spread = c.of(a.spread).value
			}
			b.FiniteOrNull(c.name, value.value)
			b.FiniteOrNull(c.name+"_se", value.err)
			b.FiniteOrNull(c.name+"_spread", spread)
		}
		b.Int("points", t.points.n)
		b.EndRow()
	}
}
