package claimtests

import (
	"math"

	"spurion/artifacts/frame"
)

// fitFields are the columns of the table of fits.
var fitFields = []frame.Field{
	{Name: "law", Type: frame.String, Doc: "name of the law"},
	{Name: "formula", Type: frame.String, Doc: "the law as a formula"},
	{Name: "claimed", Type: frame.Bool, Doc: "whether it is the law that is said to fit best"},
	{Name: "parameters", Type: frame.Int64, Unit: "parameters", Doc: "number of free parameters, without the variance"},
	{Name: "a", Type: frame.Float64, Unit: "see formula", Nullable: true, Doc: "the parameter a; null if it is beyond all numbers"},
	{Name: "a_low", Type: frame.Float64, Unit: "see formula", Nullable: true, Doc: "lower end of its bootstrap interval; null if there is none"},
	{Name: "a_high", Type: frame.Float64, Unit: "see formula", Nullable: true, Doc: "upper end of its bootstrap interval; null if there is none"},
	{Name: "b", Type: frame.Float64, Unit: "see formula", Nullable: true, Doc: "the parameter b; null if the law has none"},
	{Name: "b_low", Type: frame.Float64, Unit: "see formula", Nullable: true, Doc: "lower end of its bootstrap interval; null if there is none"},
	{Name: "b_high", Type: frame.Float64, Unit: "see formula", Nullable: true, Doc: "upper end of its bootstrap interval; null if there is none"},
	{Name: "r2", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "share of the variance explained, on the scale of the fit; null if y does not vary"},
	{Name: "rss", Type: frame.Float64, Unit: "1", Doc: "residual sum of squares, on the scale of the fit"},
	{Name: "aicc", Type: frame.Float64, Unit: "1", Doc: "Akaike's criterion, corrected for few rows: the less the better"},
	{Name: "aicc_excess", Type: frame.Float64, Unit: "1", Doc: "its excess over the best law's"},
	{Name: "best_share", Type: frame.Float64, Unit: "1", Nullable: true, Doc: "share of bootstrap resamples in which the law has the least AICc; null without resamples"},
	{Name: "scale", Type: frame.String, Doc: "log or linear: on which the squares are least"},
}

// table gives the fits as a table; without fits it is empty.
func (s *FitSettings) table(list []*fitted) (*frame.Table, error) {
	b := frame.NewBuilder(fitFields)
	least := math.Inf(1)
	for _, f := range list {
		least = min(least, f.aicc)
	}
	for _, f := range list {
		aLow, aHigh, bLow, bHigh := math.NaN(), math.NaN(), math.NaN(), math.NaN()
		if len(f.as) > 0 {
			aLow, aHigh = percentiles(f.as, 1-s.Alpha)
			if f.parameters() == 2 {
				bLow, bHigh = percentiles(f.bs, 1-s.Alpha)
			}
		}
		b.String("law", f.name)
		b.String("formula", f.formula)
		b.Bool("claimed", f.name == s.Law)
		b.Int("parameters", f.parameters())
		b.FiniteOrNull("a", f.a)
		b.FiniteOrNull("a_low", aLow)
		b.FiniteOrNull("a_high", aHigh)
		b.FiniteOrNull("b", f.b)
		b.FiniteOrNull("b_low", bLow)
		b.FiniteOrNull("b_high", bHigh)
		b.FiniteOrNull("r2", f.r2)
		b.Float64("rss", f.rss)
		b.Float64("aicc", f.aicc)
		b.Float64("aicc_excess", f.aicc-least)
		b.Float64If(len(f.as) > 0, "best_share", float64(f.wins)/float64(len(f.as)))
		b.String("scale", s.Scale)
		b.EndRow()
	}
	return b.Table()
}
