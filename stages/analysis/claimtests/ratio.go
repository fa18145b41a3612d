package claimtests

import (
	"context"
	"fmt"

	"spurion/stages"
	"spurion/stages/common/gather"
)

// RatioSettings are the attributes of `test "ratio"`.
type RatioSettings struct {
	Y            string            `name:"y" column:"table" doc:"the column of numbers above 0 whose ratio the claim is about"`
	YSmaller     string            `name:"y_smaller" column:"table" doc:"the column of the group said to be smaller, if it is another one" default:""`
	Larger       map[string]string `name:"larger" column:"table" doc:"the rows of the group said to have the larger values, as in where: { strength = \"0.95\" }"`
	Smaller      map[string]string `name:"smaller" column:"table" doc:"the rows of the group said to have the smaller values"`
	AtLeast      float64           `name:"at_least" doc:"how many times as large" above:"0" unit:"1"`
	Statistic    string            `name:"statistic" doc:"what of each group the ratio is taken of" default:"median" oneof:"median,mean"`
	Where        map[string]string `name:"where" column:"table" doc:"rows of both groups that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Unit         string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows are, if no table has it or it is empty" default:"seed"`
	Within       string            `name:"within" doc:"what is made of the rows that a unit has in one group" default:"median" oneof:"median,mean"`
	Missing      string            `name:"missing" doc:"what a null in y is: a mistake, nothing, or a value above every other, as for a step that was never reached" default:"error" oneof:"error,drop,above"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Permutations int               `name:"permutations" doc:"random permutations where the p-value cannot be had exactly" default:"9999" min:"99" max:"10000000" unit:"permutations"`
	Confidence   float64           `name:"confidence" doc:"nominal coverage of the interval" default:"0.95" min:"0.5" below:"1" unit:"1"`
	Resamples    int               `name:"resamples" doc:"bootstrap resamples" default:"1999" min:"199" max:"1000000" unit:"resamples"`
}

// Check reports groups that cannot differ and conditions without a value.
func (s *RatioSettings) Check() []stages.Problem {
	problems := checkGroups(group{"larger", s.Y, s.Larger}, group{"smaller", otherColumn(s.YSmaller, s.Y), s.Smaller}, s.Where)
	return append(problems, checkPermutations(s.Permutations, s.Alpha)...)
}

// Ratio tests whether the values of one group are so many times those of another.
//
//	in   table    any tables, joined; y (and y_smaller) hold numbers
//	out  verdict  one row
//
// It asks for both a percentile bootstrap interval of the ratio above the bound, and Mann and
// Whitney's test that the larger group lies above the smaller one times the bound. The former alone
// would be too sure of few seeds, whose resamples cannot leave their range; the latter alone says
// nothing of how large the ratio may be.
var Ratio = stages.Define(stages.Kind{
	Name:    "ratio",
	Version: 3,
	Doc: `Tests whether the median (or mean) of one group is so many times that of another.

Reproduced if the whole bootstrap interval of the ratio is at least at_least, and the one-sided
Mann-Whitney p-value of the larger group against at_least times the smaller one is at most alpha. Not
reproduced if the whole interval is below at_least. Inconclusive in between, or if there are so few
units that not even a perfect separation would reach alpha; the detail says how many would do.
Where only an effect's estimate must reach a bound, use compare with effect = "ratio". With
missing = "above" nulls are larger than every value: the ratio is then a lower bound, whose interval has
no upper end if the larger median may be null, and there is none where the smaller one is.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	Labels:  gather.Labels,
}, careful(ratio))

func ratio(ctx context.Context, s *RatioSettings, r *stages.Run) error {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	other := otherColumn(s.YSmaller, s.Y)
	groups, err := p.twoGroups(group{"larger", s.Y, s.Larger}, group{"smaller", other, s.Smaller}, s.Within)
	if err != nil {
		return err
	}
	e := newEffect("ratio", s.Statistic, groups)
	v := newVerdict()
	v.fromSamples(groups)
	v.alpha, v.confidence = s.Alpha, s.Confidence
	v.measure = e.measure(s.Y+describe(s.Larger), other+describe(s.Smaller))
	v.needed = fmt.Sprintf("%s at least %s: its %s %% interval, and Mann-Whitney p at most %s",
		v.measure, stages.FormatFloat(s.AtLeast), percent(s.Confidence), stages.FormatFloat(s.Alpha))
	larger, smaller := groups.split(nil, nil, nil)
	if len(larger) == 0 || len(smaller) == 0 {
		v.detail = fmt.Sprintf("%d and %d %s: each group needs some.", len(larger), len(smaller), p.of())
		return v.write(r)
	}
	for i := range smaller {
		smaller[i] = float64(s.AtLeast * smaller[i])
	}
	m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Resamples + s.Permutations)}
	pValue, exact, least, err := mannWhitneyP(larger, smaller, s.Permutations, m.step)
	if err != nil {
		return err
	}
	v.setP(pValue, exact)
	if v.estimate = e.observed(groups); finite(v.estimate) {
		if v.low, v.high, err = groups.bootstrap("claims/ratio/bootstrap", s.Resamples, s.Confidence, e.bounds, m.step); err != nil {
			return err
		}
	}
	switch {
	case least > s.Alpha:
		v.verdict = inconclusive
	case v.low >= s.AtLeast && v.pValue <= s.Alpha:
		v.verdict = reproduced
	case v.high < s.AtLeast:
		v.verdict = notReproduced
	}
	v.detail = fmt.Sprintf("%s is %s%s, at least %s asked; p is %s (%s) over %d and %d %s%s%s.",
		capitalised(v.measure), numberOrNone(v.estimate), v.intervalText(), stages.FormatFloat(s.AtLeast), number(pValue), v.how(s.Permutations),
		len(larger), len(smaller), p.of(), groups.made(s.Within), nulls(v.missing, s.Missing))
	v.explainNeed(&s.AtLeast, least, enough(2, s.Alpha, false), p.of()+" in each group")
	return v.write(r)
}
