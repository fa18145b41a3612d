package generate

import (
	"math/bits"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/boolean"
	"spurion/stages/numeric/datalaw"
)

// listedParity bounds the degree of a parity whose one Fourier coefficient is listed although it reads
// too many coordinates for a table.
const listedParity = 64

// ofFeatures tells what the column feature holds.
var ofFeatures = stages.AlwaysValues(map[string][]string{"feature": {"core", "spurious"}})

var featureField = frame.Field{Name: "feature", Type: frame.String, Doc: "Which function: core or spurious."}

var functionFields = []frame.Field{
	featureField,
	{Name: "function", Type: frame.String, Doc: "The function, as a spec writes it."},
	size("reads", "Coordinates that the function reads."),
	number("mean", "E f on the uniform cube; 0 for an unbiased function."),
	number("variance", "Variance of f on the uniform cube, 1 - (E f)²."),
	{Name: "fourier_degree", Type: frame.Int64, Unit: "coordinates", Nullable: true, Doc: "Largest size of a set whose Fourier coefficient is not 0."},
	{Name: "leap", Type: frame.Int64, Unit: "coordinates", Nullable: true, Doc: "Leap complexity: the most coordinates that a set of the expansion adds to those before it, in the best order (Abbe, Boix-Adsera and Misiakiewicz 2023)."},
	{Name: "support", Type: frame.Int64, Nullable: true, Doc: "Number of Fourier coefficients that are not 0."},
	{Name: "total_influence", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "Sum of the coordinates' influences: how many single coordinates turn the function, on average."},
	number("noise_rate", "The probability δ with which the noise turns a coordinate."),
	{Name: "noise_stability", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "E[f(x) f(x')], x' being x with noise: Σ (1-2δ)^|S| f̂(S)²."},
	{Name: "noise_sensitivity", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "P(f(x) != f(x')), half of 1 less the stability."},
	{Name: "unknown", Type: frame.String, Nullable: true, Doc: "Why something is null; null if nothing is."},
}

var fourierFields = []frame.Field{
	featureField,
	{Name: "rank", Type: frame.Int64, Doc: "Place of the coefficient by size, from 1; among equals, smaller sets are first."},
	{Name: "set", Type: frame.String, Doc: "The set S: coordinates of the function's block, counted from 1, as {1,2}."},
	{Name: "set_size", Type: frame.Int64, Unit: "coordinates", Doc: "Number of coordinates in S."},
	number("coefficient", "The Fourier coefficient f̂(S) = E[f(x) Π_{i in S} x_i] on the uniform cube, exactly."),
}

var influenceFields = []frame.Field{
	featureField,
	{Name: "coordinate", Type: frame.Int64, Doc: "The coordinate of the function's block, counted from 1."},
	number("influence", "Probability that turning this coordinate alone turns the function."),
}

// features are the tables on the two functions.
type features struct{ functions, fourier, influences *frame.Table }

func featureTables(law datalaw.Law, terms int, noise float64) (features, error) {
	var tables features
	functions, fourier, influences := frame.NewBuilder(functionFields), frame.NewBuilder(fourierFields), frame.NewBuilder(influenceFields)
	for i, f := range []boolean.Function{law.Core, law.Spurious} {
		feature := [2]string{"core", "spurious"}[i]
		p := f.Profile(1 - float64(2*noise))
		functionRow(functions, feature, f, &p, noise)
		for rank, term := range largest(f, &p, terms) {
			fourier.String("feature", feature)
			fourier.Int("rank", rank+1)
			fourier.String("set", boolean.SetText(boolean.Coordinates(term.Set)))
			fourier.Int("set_size", bits.OnesCount64(term.Set))
			fourier.Float64("coefficient", term.Coefficient)
			fourier.EndRow()
		}
		for j, x := range p.Influences {
			influences.String("feature", feature)
			influences.Int("coordinate", j+1)
			influences.Float64("influence", x)
			influences.EndRow()
		}
	}
	var err error
	for _, t := range []struct {
		to   **frame.Table
		from *frame.Builder
	}{{&tables.functions, functions}, {&tables.fourier, fourier}, {&tables.influences, influences}} {
		if *t.to, err = t.from.Table(); err != nil {
			return features{}, err
		}
	}
	return tables, nil
}

func functionRow(b *frame.Builder, feature string, f boolean.Function, p *boolean.Profile, noise float64) {
	b.String("feature", feature)
	b.String("function", f.String())
	b.Int("reads", f.Reads())
	b.Float64("mean", p.Mean)
	b.Float64("variance", p.Variance)
	count(b, "fourier_degree", p.Degree)
	count(b, "leap", p.Leap)
	count(b, "support", p.Support)
	b.Float64OrNull("total_influence", p.TotalInfluence())
	b.Float64("noise_rate", noise)
	b.Float64OrNull("noise_stability", p.Stability)
	var sensitivity *float64
	if p.Stability != nil {
		x := (1 - *p.Stability) / 2
		sensitivity = &x
	}
	b.Float64OrNull("noise_sensitivity", sensitivity)
	if p.Reason == "" {
		b.Null("unknown")
	} else {
		b.String("unknown", p.Reason)
	}
	b.EndRow()
}

func count(b *frame.Builder, name string, n *int) {
	if n == nil {
		b.Null(name)
		return
	}
	b.Int(name, *n)
}

// largest gives the terms to list: none if the expansion is not known.
func largest(f boolean.Function, p *boolean.Profile, terms int) []boolean.Term {
	if p.Spectrum != nil {
		return p.Spectrum.Largest(terms)
	}
	sign := 1.0
	for f.Type == boolean.Not {
		f, sign = *f.Of, -sign
	}
	if f.Type == boolean.Parity && f.Degree <= listedParity && terms > 0 {
		return []boolean.Term{{Set: ^uint64(0) >> uint(64-f.Degree), Coefficient: sign}}
	}
	return nil
}
