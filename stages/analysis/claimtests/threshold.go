package claimtests

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spurion/stages"
	"spurion/stages/common/gather"
)

// ThresholdSettings are the attributes of `test "threshold"`.
type ThresholdSettings struct {
	Column     string            `name:"column" column:"table" doc:"the column of numbers that the claim is about"`
	Statistic  string            `name:"statistic" doc:"what of the column must keep to the bound: every row, or one number computed of them" default:"every" oneof:"every,min,max,mean,median"`
	AtLeast    *float64          `name:"at_least" doc:"the bound, itself allowed"`
	AtMost     *float64          `name:"at_most" doc:"the bound, itself allowed"`
	Above      *float64          `name:"above" doc:"the bound, itself not allowed"`
	Below      *float64          `name:"below" doc:"the bound, itself not allowed"`
	Where      map[string]string `name:"where" column:"table" doc:"rows that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Unit       string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows are, if no table has it or it is empty" default:"seed"`
	Missing    string            `name:"missing" doc:"what a null is: a mistake, nothing, or a value that fails every bound" default:"error" oneof:"error,drop,fail"`
	Rows       int               `name:"rows" doc:"fewer rows than this are inconclusive" default:"1" min:"1" unit:"rows"`
	Alpha      float64           `name:"alpha" doc:"the largest p-value that counts, of a mean or median" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Signs      int               `name:"permutations" doc:"random signs where the p-value of a mean cannot be had exactly" default:"9999" min:"99" max:"10000000" unit:"permutations"`
	Confidence float64           `name:"confidence" doc:"nominal coverage of the interval of a mean or median" default:"0.95" min:"0.5" below:"1" unit:"1"`
	Resamples  int               `name:"resamples" doc:"bootstrap resamples" default:"1999" min:"199" max:"1000000" unit:"resamples"`
}

// bound is one of the four bounds, as a test of a number.
type bound struct {
	text  string // "at least 0.95"
	value float64
	holds func(x float64) bool
	upper bool // the bound limits from above
}

func (s *ThresholdSettings) bounds() []bound {
	var list []bound
	add := func(name string, v *float64, upper bool, holds func(x, v float64) bool) {
		if v != nil {
			list = append(list, bound{
				text: name + " " + stages.FormatFloat(*v), value: *v, upper: upper,
				holds: func(x float64) bool { return holds(x, *v) },
			})
		}
	}
	add("at least", s.AtLeast, false, func(x, v float64) bool { return x >= v })
	add("at most", s.AtMost, true, func(x, v float64) bool { return x <= v })
	add("above", s.Above, false, func(x, v float64) bool { return x > v })
	add("below", s.Below, true, func(x, v float64) bool { return x < v })
	return list
}

// Check reports a test without a bound or with several.
func (s *ThresholdSettings) Check() []stages.Problem {
	problems := gather.CheckWhere("where", s.Where)
	if n := len(s.bounds()); n != 1 {
		problems = append(problems, stages.Problem{
			Summary: fmt.Sprintf("a threshold has one bound, not %d", n),
			Detail:  "Give exactly one of at_least, at_most, above and below; for two bounds write two claims.",
		})
	}
	return append(problems, checkPermutations(s.Signs, s.Alpha)...)
}

// Threshold tests whether a column keeps to a bound.
//
//	in   table    any tables, joined; column holds numbers
//	out  verdict  one row
//
// "every", "min" and "max" are statements about the rows at hand, reproduced or not as they stand:
// the bootstrap of an extreme value is not consistent (Bickel, Freedman 1981, Ann. Statist. 9,
// §6), so they have no interval. Where every row holds, detail gives the exact one-sided bound on
// the share of such units that would (Clopper, Pearson 1934).
//
// Of a mean or median each unit is one value, the mean or median of its rows, and there are two
// conditions, as a percentile interval alone is too sure of few units: with two of them it never leaves
// their range, so that it clears a bound at the truth in a quarter of all cases. The other is an
// exact p-value: of a median the sign test's, binomial; of a mean that of Wilcoxon's signed ranks of
// the differences from the bound, which takes their law to be symmetric.
var Threshold = stages.Define(stages.Kind{
	Name:    "threshold",
	Version: 4,
	Doc: `Tests whether a column keeps to a bound, in every row or by its min, max, mean or median.

With statistic = "every" (the default), "min" or "max" the rows at hand decide; if all of them keep
to the bound, the detail says which share of such units (seeds) would at the confidence asked for.
For a mean or a median each unit counts once, with the mean or median of its rows. It is reproduced
if its bootstrap interval over units lies within the bound and the one-sided p-value against it is at
most alpha: the sign test's of a median, Wilcoxon's signed-rank test's of a mean. It is not
reproduced if the interval lies beyond the bound, and inconclusive otherwise or if there are so few
units that not even all of them would reach alpha; the detail says about how many would do. With
missing = "fail" a null counts as a value beyond every bound, as for a step that was never reached.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	Labels:  gather.Labels,
}, careful(threshold))

func threshold(ctx context.Context, s *ThresholdSettings, r *stages.Run) error {
	bounds := s.bounds()
	if len(bounds) != 1 {
		return fmt.Errorf("threshold: %d bounds, not one", len(bounds))
	}
	b := bounds[0]
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	column, err := p.take(s.Column, nil, nil)
	if err != nil {
		return err
	}
	for i, o := range column.rows {
		if math.IsInf(o.value, 1) && !b.upper {
			column.rows[i].value = math.Inf(-1) // a null, beyond a bound from below
		}
	}
	_, units := grouped(column.rows)
	v := newVerdict()
	v.measure, v.unit, v.confidence = s.Statistic+" of "+s.Column, column.measure, s.Confidence
	v.needed = fmt.Sprintf("%s of %s %s", s.Statistic, s.Column, b.text)
	v.n, v.missing, v.units = len(column.rows), column.missing, len(units)
	m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Resamples + s.Signs)}
	switch s.Statistic {
	case "mean", "median":
		v.alpha = s.Alpha
		v.needed += fmt.Sprintf(": its %s %% interval, and p at most %s", percent(s.Confidence), stages.FormatFloat(s.Alpha))
		err = s.decideInterval(v, units, b, p, m)
	default:
		if s.Statistic == "every" {
			v.measure = map[bool]string{false: "min of ", true: "max of "}[b.upper] + s.Column
			v.needed = fmt.Sprintf("every %s %s", s.Column, b.text)
		}
		s.decideRows(v, valuesOf(column.rows), b, p)
	}
	if err != nil {
		return err
	}
	return v.write(r)
}

// decideRows decides on every row, a min or a max: by the rows as they stand.
func (s *ThresholdSettings) decideRows(v *verdict, values []float64, b bound, p *pool) {
	if len(values) > 0 {
		v.estimate = s.estimate(values, b)
	}
	if len(values) < s.Rows {
		v.unitsNeeded = s.Rows
		v.detail = fmt.Sprintf("%s where at least %d are needed%s.", count(len(values), "row"), s.Rows, nulls(v.missing, s.Missing))
		return
	}
	holding := 0
	for _, x := range values {
		if b.holds(x) {
			holding++
		}
	}
	v.verdict = notReproduced
	if b.holds(v.estimate) {
		v.verdict = reproduced
	}
	v.detail = fmt.Sprintf("%s is %s, %s asked; %d of %s keep to it%s.",
		capitalised(v.measure), numberOrNone(v.estimate), b.text, holding, count(len(values), "row"), nulls(v.missing, s.Missing))
	if holding == len(values) && v.units > 1 {
		v.detail += fmt.Sprintf(" At %s %% confidence at least %s %% of such %s would.",
			percent(s.Confidence), percent(shareAtLeast(v.units, 1-s.Confidence)), unitsName(p))
	}
}

// decideInterval decides on a mean or median by its bootstrap interval over units and a test against
// the bound.
func (s *ThresholdSettings) decideInterval(v *verdict, units [][]float64, b bound, p *pool, m *meter) error {
	values := make([]float64, len(units))
	for i, rows := range units {
		values[i] = s.estimate(rows, b)
	}
	if v.n < s.Rows || len(values) == 0 {
		v.unitsNeeded = s.Rows
		v.detail = fmt.Sprintf("%s where at least %d are needed%s.", count(v.n, "row"), s.Rows, nulls(v.missing, s.Missing))
		return nil
	}
	v.estimate = s.estimate(slices.Clone(values), b)
	pValue, exact, err := s.pValue(values, b, m.step)
	if err != nil {
		return err
	}
	v.setP(pValue, exact)
	if v.low, v.high, err = bootstrapOne("claims/threshold/bootstrap", values, s.Resamples, s.Confidence,
		func(drawn []float64) float64 { return s.estimate(drawn, b) }, m.step); err != nil {
		return err
	}
	near, far := v.low, v.high // the ends nearest to and farthest beyond the bound
	if b.upper {
		near, far = v.high, v.low
	}
	switch {
	case halves(len(values)) > s.Alpha:
	case b.holds(near) && pValue <= s.Alpha:
		v.verdict = reproduced
	case !b.holds(far):
		v.verdict = notReproduced
	}
	over := fmt.Sprintf("%d %s", len(values), p.of())
	if v.n > len(values) {
		over += fmt.Sprintf(" (%s of the rows of each, %d in all)", s.Statistic, v.n)
	}
	v.detail = fmt.Sprintf("%s is %s%s, %s asked; p is %s (%s) over %s%s.",
		capitalised(v.measure), numberOrNone(v.estimate), v.intervalText(), b.text, number(pValue), v.how(s.Signs), over, nulls(v.missing, s.Missing))
	v.explainNeed(&b.value, halves(len(values)), enoughSigns(s.Alpha), p.of())
	return nil
}

// pValue is that of a median or mean at the bound: of a median the exact probability that as many values
// keep to it if each does with probability one half; of a mean that of Wilcoxon's signed ranks.
func (s *ThresholdSettings) pValue(values []float64, b bound, step func() error) (p float64, exact bool, err error) {
	if s.Statistic == "median" {
		holding := 0
		for _, x := range values {
			if b.holds(x) {
				holding++
			}
		}
		return binomialTail(holding, len(values), 0.5), true, nil
	}
	beyond := make([]float64, len(values)) // how far each is on the side that is asked for
	for i, x := range values {
		if beyond[i] = x - b.value; b.upper {
			beyond[i] = b.value - x
		}
	}
	return wilcoxonP(beyond, slackOf(append(values, b.value)...), s.Signs, step)
}

// estimate computes the statistic; it may reorder the values.
func (s *ThresholdSettings) estimate(values []float64, b bound) float64 {
	switch s.Statistic {
	case "mean":
		return mean(values)
	case "median":
		return median(values)
	case "min":
		return slices.Min(values)
	case "max":
		return slices.Max(values)
	}
	if b.upper {
		return slices.Max(values)
	}
	return slices.Min(values)
}

// rowsForWidth gives the number of rows at which an interval that shrinks as 1/√n no longer reaches
// from the estimate to the bound.
func rowsForWidth(n int, estimate, bound, low, high float64) (int, bool) {
	reach := max(math.Abs(estimate-low), math.Abs(high-estimate))
	ratio := reach / math.Abs(estimate-bound)
	rows := math.Ceil(float64(n) * ratio * ratio)
	if math.IsNaN(rows) || rows > 1e6 {
		return 0, false
	}
	return max(int(rows), n+1), true
}

// shareAtLeast gives the largest share p that n successes in n trials reject at level alpha:
// pⁿ = alpha, by bisection on multiplication alone, so that it is the same on every machine.
func shareAtLeast(n int, alpha float64) float64 {
	low, high := 0.0, 1.0
	for range 60 {
		middle := (low + high) / 2
		power := 1.0
		for i := 0; i < n && power > alpha; i++ {
			power = float64(power * middle)
		}
		if power < alpha {
			low = middle
		} else {
			high = middle
		}
	}
	return low
}

func capitalised(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// numberOrNone gives a number for people; an infinity stands for a null that was counted.
func numberOrNone(x float64) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "null"
	}
	return number(x)
}

// nulls says how many values were null and what became of them, or nothing.
func nulls(n int, missing string) string {
	if n == 0 {
		return ""
	}
	fate := map[string]string{"drop": "left out", "above": "counted as above all others", "fail": "counted as failing"}[missing]
	return fmt.Sprintf(" (%d null, %s)", n, fate)
}
