package simulate

import (
	"fmt"

	"spurion/stages"
)

// Settings are the attributes of `stage "simulate"`.
type Settings struct {
	Method       string   `name:"method" doc:"the test to try, and what it asks about: see the kind's documentation" oneof:"mean,mean_bootstrap,median,share,paired,paired_median,paired_mean,compare,compare_mean,ratio,ratio_mean,superiority,trend,trend_blocks,trend_ratio,fit,equivalent,equivalent_paired"`
	Law          string   `name:"law" doc:"the law of the values: normal; lognormal, skewed to the right; heavy, Student's t with 3 degrees of freedom; rounded, normal in steps of half a standard deviation, so that many are equal; shares, skewed to the left as accuracies near 1 are" default:"normal" oneof:"normal,lognormal,heavy,rounded,shares"`
	Units        int      `name:"units" doc:"independent units, such as seeds, in each group or at each x" min:"1" max:"10000" unit:"units"`
	UnitsSmaller *int     `name:"units_smaller" doc:"of two groups: units in the one said to have the smaller values; left out for as many" min:"1" max:"10000" unit:"units"`
	Spread       float64  `name:"spread" doc:"of two groups: the standard deviation of the larger over that of the smaller; of a trend, of the last x over the first" default:"1" above:"0" max:"100"`
	Effect       *float64 `name:"effect" doc:"the true effect, in the unit of the method; left out for none: 0, a ratio of 1, a share or superiority of 0.5"`
	Bound        *float64 `name:"bound" doc:"what the claim says the effect is above, in the same unit; left out for none as well; of an equivalence the margin, left out for 1"`
	Censored     float64  `name:"censored" doc:"the share of the smaller group's values that are not known, as they are above what was looked at: nulls, with missing = \"above\"" default:"0" min:"0" below:"1"`
	Rows         int      `name:"rows" doc:"rows of a unit in each group or at each x" default:"1" min:"1" max:"1000" unit:"rows"`
	RowSpread    float64  `name:"row_spread" doc:"standard deviation of a unit's rows about its own value, which has one of 1; they are normal" default:"1" min:"0" max:"100"`
	RowsAsUnits  bool     `name:"rows_as_units" doc:"make the mistake of counting rows as units" default:"false"`
	Shared       float64  `name:"shared" doc:"the share of the variance that a unit's values in all groups, or at all x, have in common, as those of one seed" default:"0" min:"0" below:"1"`
	Alpha        float64  `name:"alpha" doc:"that of the claim" default:"0.05" above:"0" max:"0.25"`
	Permutations int      `name:"permutations" doc:"of tests that permute, as in the claim" default:"499" min:"99" max:"1000000" unit:"permutations"`
	Resamples    int      `name:"resamples" doc:"of the bootstrap, as in the claim" default:"499" min:"199" max:"1000000" unit:"resamples"`
	Repetitions  int      `name:"repetitions" doc:"how often data are drawn and judged" default:"1000" min:"10" max:"10000000" unit:"repetitions"`
	Seed         int64    `name:"seed" doc:"of the random streams" default:"each.seed"`
}

// A method is one way to ask a test.
type method struct {
	design   design
	estimand estimand
	neutral  float64 // the effect where there is none
}

// A design says what data a method needs, and an estimand what it estimates.
type (
	design   int
	estimand int
)

const (
	oneGroup design = iota
	pairs
	twoGroups
	alongX
)

const (
	ofMean estimand = iota
	ofMedian
	ofPseudomedian // the median of the mean of two values
	ofShift        // the median of a value of one group less one of the other
	ofRatio        // the same of quotients
	ofMeanRatio
	ofShare
	ofSuperiority
	ofSlope
	ofEndRatio
	ofLaw // a line rather than a constant: there is no true effect that an interval could hold
)

var methods = map[string]method{
	"mean":              {oneGroup, ofMean, 0},
	"mean_bootstrap":    {oneGroup, ofMean, 0},
	"median":            {oneGroup, ofMedian, 0},
	"share":             {oneGroup, ofShare, 0.5},
	"paired":            {pairs, ofPseudomedian, 0},
	"paired_median":     {pairs, ofMedian, 0},
	"paired_mean":       {pairs, ofMean, 0},
	"compare":           {twoGroups, ofShift, 0},
	"compare_mean":      {twoGroups, ofMean, 0},
	"ratio":             {twoGroups, ofRatio, 1},
	"ratio_mean":        {twoGroups, ofMeanRatio, 1},
	"superiority":       {twoGroups, ofSuperiority, 0.5},
	"trend":             {alongX, ofSlope, 0},
	"trend_blocks":      {alongX, ofSlope, 0},
	"trend_ratio":       {alongX, ofEndRatio, 1},
	"fit":               {alongX, ofLaw, 0},
	"equivalent":        {twoGroups, ofShift, 0},
	"equivalent_paired": {pairs, ofPseudomedian, 0},
}

// effect gives the true effect.
func (s *Settings) effect() float64 {
	if s.Effect != nil {
		return *s.Effect
	}
	return methods[s.Method].neutral
}

// bound gives what the effect is said to be above, or the margin of an equivalence.
func (s *Settings) bound() float64 {
	switch {
	case s.Bound != nil:
		return *s.Bound
	case s.equivalence():
		return 1
	}
	return methods[s.Method].neutral
}

func (s *Settings) equivalence() bool {
	return s.Method == "equivalent" || s.Method == "equivalent_paired"
}

// oneSided reports whether the claim's p-value is one-sided, so that all of alpha may be wrong on its side.
func (s *Settings) oneSided() bool { return s.equivalence() || s.Method == "fit" }

// multiplies reports whether the effect is a ratio.
func (m method) multiplies() bool {
	return m.estimand == ofRatio || m.estimand == ofMeanRatio || m.estimand == ofEndRatio
}

// Check reports data whose true effect is not known, and effects that there are not.
func (s *Settings) Check() []stages.Problem {
	var problems []stages.Problem
	add := func(path, summary, detail string) {
		problems = append(problems, stages.Problem{Path: path, Summary: summary, Detail: detail})
	}
	m := methods[s.Method]
	symmetric := laws[s.Law].symmetric
	if m.design != twoGroups && s.UnitsSmaller != nil {
		add("units_smaller", "there is one group", "Only compare, ratio, superiority and equivalent have two groups.")
	}
	if (m.design == oneGroup || m.design == pairs || m.estimand == ofEndRatio) && s.Spread != 1 {
		add("spread", "there is one spread", "Only two groups, and a trend, have spreads that differ.")
	}
	if m.estimand == ofSlope && s.Spread != 1 && !symmetric {
		add("spread", "the true slope is not known", "Where spreads differ, take a law that lies evenly: normal, heavy or rounded.")
	}
	if s.Shared > 0 && (s.Spread != 1 || m.estimand != ofShift && m.estimand != ofMean && m.estimand != ofSlope && m.estimand != ofLaw || m.design == oneGroup || m.design == pairs) {
		add("shared", "the true effect is not known", "Only compare, compare_mean, equivalent and trends of one spread have values in common; pairs have a common part in any case.")
	}
	even := symmetric || m.estimand == ofMean || m.estimand == ofLaw || s.Spread == 1 && (m.estimand == ofShift || m.estimand == ofSlope)
	if s.Rows > 1 && (!even || m.multiplies() || m.estimand == ofShare || m.estimand == ofSuperiority) {
		add("rows", "the true effect is not known", "With several rows, take a law that lies evenly (normal, heavy or rounded), and a difference, mean or trend.")
	}
	if s.RowsAsUnits && s.Rows == 1 {
		add("rows_as_units", "a unit has one row", "Say how many it has by rows.")
	}
	if s.Censored > 0 && (m.design == oneGroup || m.estimand == ofLaw || s.equivalence() || m.estimand == ofMean || m.estimand == ofMeanRatio || s.Shared > 0 || s.Rows > 1) {
		add("censored", "the test takes no nulls", "Only compare, ratio, superiority, paired, paired_median and trends have values above all others, here of one row a unit.")
	}
	if m.multiplies() && s.Law == "heavy" {
		add("law", "a ratio needs values above 0", "Take another law: that of heavy tails has some below.")
	}
	if m.estimand == ofShare && s.Law == "rounded" {
		add("law", "a share of rounded values has few values", "Take another law.")
	}
	if (m.estimand == ofSlope || m.estimand == ofLaw) && s.Bound != nil {
		add("bound", "a trend has no bound", "It claims that the slope is above 0, as a fit does that there is one; trend_ratio has a bound.")
	}
	return append(problems, s.checkEffects(m)...)
}

// checkEffects reports effects and bounds out of their range.
func (s *Settings) checkEffects(m method) []stages.Problem {
	var problems []stages.Problem
	for _, v := range []struct {
		path string
		x    float64
	}{{"effect", s.effect()}, {"bound", s.bound()}} {
		least, most := "", ""
		switch {
		case m.multiplies() && v.x <= 0:
			least = "above 0"
		case m.estimand == ofEndRatio && v.path == "bound" && v.x < 1:
			least = "at least 1"
		case (m.estimand == ofShare || m.estimand == ofSuperiority) && (v.x <= 0 || v.x >= 1):
			most = "between 0 and 1"
		case s.equivalence() && v.path == "bound" && v.x <= 0:
			least = "above 0"
		}
		if least+most != "" {
			problems = append(problems, stages.Problem{
				Path: v.path, Summary: fmt.Sprintf("%s is %s", v.path, stages.FormatFloat(v.x)),
				Detail: fmt.Sprintf("With the method %s it must be %s.", s.Method, least+most),
			})
		}
	}
	return problems
}
