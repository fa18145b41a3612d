package generate

import (
	"math"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/datalaw"
	"spurion/stages/numeric/kernel"
)

func number(name, doc string) frame.Field {
	return frame.Field{Name: name, Type: frame.Float64, Unit: "1", Doc: doc}
}

func size(name, doc string) frame.Field {
	return frame.Field{Name: name, Type: frame.Int64, Unit: "coordinates", Doc: doc}
}

// Columns that are likely axes too (strength, core_degree) hold what such an axis would; others have
// names that are unlikely ones.
var lawFields = []frame.Field{
	size("dimensions", "Number n of coordinates of an input."),
	{Name: "core_function", Type: frame.String, Doc: "The core function f_c, as a spec writes it."},
	{Name: "spurious_function", Type: frame.String, Doc: "The spurious function f_s."},
	size("core_degree", "Degree of the core function: the coordinates that it reads."),
	size("spurious_degree", "Degree of the spurious function: the coordinates that it reads."),
	size("core_length", "Length of the core block."),
	size("spurious_length", "Length of the spurious block."),
	size("independent", "Coordinates in neither block."),
	{Name: "law", Type: frame.String, Doc: "Which D_λ: paper or repository."},
	number("strength", "The confounder strength λ."),
	number("core_probability", "P(f_c = +1) on the uniform cube."),
	number("spurious_probability", "P(f_s = +1) on the uniform cube."),
	number("core_floor", "Core correlation |E f_c| of a constant predictor on the uniform cube."),
	number("spurious_floor", "Spurious correlation |E f_s| of a constant predictor on the uniform cube."),
	number("mass_00", "Probability under D_λ of the group of label 0 and attribute 0."),
	number("mass_01", "Probability under D_λ of the group of label 0 and attribute 1, in the minority."),
	number("mass_10", "Probability under D_λ of the group of label 1 and attribute 0, in the minority."),
	number("mass_11", "Probability under D_λ of the group of label 1 and attribute 1."),
	number("uniform_mass_00", "Probability on the uniform cube of the group of label 0 and attribute 0."),
	number("uniform_mass_01", "Probability on the uniform cube of the group of label 0 and attribute 1."),
	number("uniform_mass_10", "Probability on the uniform cube of the group of label 1 and attribute 0."),
	number("uniform_mass_11", "Probability on the uniform cube of the group of label 1 and attribute 1."),
	number("label_probability", "P(y = 1) under D_λ."),
	number("attribute_probability", "P(s = 1) under D_λ."),
	number("constant_accuracy", "Accuracy under D_λ of the better constant predictor."),
	number("spurious_accuracy", "Accuracy under D_λ of predicting y = s: the mass of the majority."),
	number("label_attribute_phi", "Correlation coefficient of label and attribute under D_λ; 0 if one of them is constant."),
	{Name: "label_entropy", Type: frame.Float64, Unit: "nats", Doc: "Entropy of the label under D_λ."},
	{Name: "mutual_information", Type: frame.Float64, Unit: "nats", Doc: "Mutual information of label and attribute under D_λ."},
}

func lawTable(c *datalaw.Compiled) (*frame.Table, error) {
	l, m, u := c.Law(), c.Masses(), c.UniformMasses()
	y, s := m[2]+m[3], m[1]+m[3]
	b := frame.NewBuilder(lawFields)
	b.Int("dimensions", l.Dimensions())
	b.String("core_function", l.Core.String())
	b.String("spurious_function", l.Spurious.String())
	b.Int("core_degree", l.Core.Reads())
	b.Int("spurious_degree", l.Spurious.Reads())
	b.Int("core_length", l.CoreLength)
	b.Int("spurious_length", l.SpuriousLength)
	b.Int("independent", l.Independent)
	b.String("law", l.Variant)
	b.Float64("strength", l.Strength)
	b.Float64("core_probability", c.CoreProbability())
	b.Float64("spurious_probability", c.SpuriousProbability())
	b.Float64("core_floor", c.CoreFloor())
	b.Float64("spurious_floor", c.SpuriousFloor())
	for g, name := range groupNames {
		b.Float64("mass_"+name, m[g])
	}
	for g, name := range groupNames {
		b.Float64("uniform_mass_"+name, u[g])
	}
	b.Float64("label_probability", y)
	b.Float64("attribute_probability", s)
	b.Float64("constant_accuracy", max(y, 1-y))
	b.Float64("spurious_accuracy", m[0]+m[3])
	b.Float64("label_attribute_phi", phi(m))
	hy, hs, hys := entropy(m[0]+m[1], y), entropy(m[0]+m[2], s), entropy(m[:]...)
	b.Float64("label_entropy", hy)
	b.Float64("mutual_information", max(0, hy+hs-hys))
	b.EndRow()
	return b.Table()
}

var groupNames = [4]string{"00", "01", "10", "11"}

// phi gives the correlation coefficient of two binary variables from the masses of their groups.
func phi(m [4]float64) float64 {
	y, s := m[2]+m[3], m[1]+m[3]
	spread := float64(float64(y*(1-y)) * float64(s*(1-s)))
	if spread <= 0 {
		return 0
	}
	return (float64(m[0]*m[3]) - float64(m[1]*m[2])) / math.Sqrt(spread)
}

// entropy gives the entropy in nats of a distribution.
func entropy(p ...float64) float64 {
	h := 0.0
	for _, x := range p {
		if x > 0 {
			h -= float64(x * kernel.Log64(x))
		}
	}
	return h
}

var groupFields = []frame.Field{
	{Name: "split", Type: frame.String, Doc: "The finite set: train, validation or test."},
	{Name: "group", Type: frame.Int64, Doc: "The group 2y + s."},
	{Name: "label", Type: frame.Int64, Doc: "The label y of the group."},
	{Name: "attribute", Type: frame.Int64, Doc: "The attribute s of the group."},
	{Name: "set_law", Type: frame.String, Doc: "The law of the set: same (D_λ), balanced or uniform."},
	{Name: "expected", Type: frame.Float64, Unit: "samples", Doc: "Expected number of samples of the group."},
	{Name: "drawn", Type: frame.Int64, Unit: "samples", Doc: "Number of samples of the group that were drawn."},
}

func groupTable(c *datalaw.Compiled, sets []*set) (*frame.Table, error) {
	b := frame.NewBuilder(groupFields)
	for _, set := range sets {
		if set.rows == 0 {
			continue
		}
		masses := c.Masses()
		switch set.law {
		case uniformLaw:
			masses = c.UniformMasses()
		case balancedLaw:
			masses = [4]float64{.25, .25, .25, .25}
		}
		for g := range masses {
			b.String("split", string(set.split))
			b.Int("group", g)
			b.Int("label", g/2)
			b.Int("attribute", g%2)
			b.String("set_law", set.law)
			b.Float64("expected", float64(masses[g]*float64(set.rows)))
			b.Int("drawn", set.counts[g])
			b.EndRow()
		}
	}
	return b.Table()
}
