package claims

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spurion/stages"
	"spurion/stages/gather"
	"spurion/stages/kernel"
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
	Missing    string            `name:"missing" doc:"what a null is: a mistake, nothing, or a value that fails every bound" default:"error" oneof:"error,drop,fail"`
	Rows       int               `name:"rows" doc:"fewer rows than this are inconclusive" default:"1" min:"1" unit:"rows"`
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
	return problems
}

// Threshold tests whether a column keeps to a bound.
//
//	in   table    any tables, joined; column holds numbers
//	out  verdict  one row
//
// "every", "min" and "max" are statements about the rows at hand, reproduced or not as they stand:
// the bootstrap of an extreme value is not consistent (Bickel, Freedman 1981, Ann. Statist. 9,
// §6), so they have no interval. Where every row holds, detail gives the exact one-sided bound on
// the share of such rows that would (Clopper, Pearson 1934). A mean or median is reproduced if it
// and its whole interval keep to the bound, not reproduced if the whole interval is beyond it, else
// inconclusive.
var Threshold = stages.Define(stages.Kind{
	Name:    "threshold",
	Version: 2,
	Doc: `Tests whether a column keeps to a bound, in every row or by its min, max, mean or median.

With statistic = "every" (the default), "min" or "max" the rows at hand decide; if all of them keep
to the bound, the detail says which share of such rows would at the confidence asked for. A mean or
a median is reproduced if its bootstrap interval lies within the bound, not reproduced if it lies
beyond it, and inconclusive otherwise or with fewer than two rows; how many rows would do is then
estimated from the interval's width. With missing = "fail" a null counts as a value beyond every
bound, as for a step that was never reached.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	Labels:  gather.Labels,
}, threshold)

func threshold(ctx context.Context, s *ThresholdSettings, r *stages.Run) error {
	bounds := s.bounds()
	if len(bounds) != 1 {
		return fmt.Errorf("threshold: %d bounds, not one", len(bounds))
	}
	b := bounds[0]
	t, err := read(ctx, r, s.Where, s.Column)
	if err != nil {
		return err
	}
	all, valid, err := t.numbers(s.Column)
	if err != nil {
		return err
	}
	v := &verdict{
		measure: s.Statistic + " of " + s.Column, unit: t.Column(s.Column).Unit, confidence: s.Confidence,
		low: math.NaN(), high: math.NaN(), pValue: math.NaN(), estimate: math.NaN(), alpha: math.NaN(),
		needed: fmt.Sprintf("%s of %s %s", s.Statistic, s.Column, b.text),
	}
	if s.Statistic == "every" {
		v.measure = map[bool]string{false: "min of ", true: "max of "}[b.upper] + s.Column
		v.needed = fmt.Sprintf("every %s %s", s.Column, b.text)
	}
	var values []float64
	for i, x := range all {
		if !valid[i] {
			v.missing++
			if s.Missing == "drop" {
				continue
			}
			x = math.Inf(map[bool]int{false: -1, true: 1}[b.upper])
		}
		values = append(values, x)
	}
	if v.missing > 0 && s.Missing == "error" {
		return fmt.Errorf("%s is null in %s; set missing to \"drop\" or \"fail\" to say what that means",
			s.Column, t.missing(s.Column, valid))
	}
	v.n, v.units = len(values), len(values)
	m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Resamples)}
	if err := s.decide(v, values, b, m); err != nil {
		return err
	}
	return v.write(r)
}

// decide fills in estimate, interval, verdict and detail.
func (s *ThresholdSettings) decide(v *verdict, values []float64, b bound, m *meter) error {
	required := s.Rows
	if s.Statistic == "mean" || s.Statistic == "median" {
		required = max(required, 2)
	}
	if len(values) > 0 {
		v.estimate = s.estimate(slices.Clone(values), b)
	}
	if len(values) < required {
		v.verdict, v.unitsNeeded = inconclusive, required
		v.detail = fmt.Sprintf("%s where at least %d are needed%s.", count(len(values), "row"), required, nulls(v.missing))
		return nil
	}
	if s.Statistic == "mean" || s.Statistic == "median" {
		return s.decideInterval(v, values, b, m)
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
		capitalised(v.measure), numberOrNone(v.estimate), b.text, holding, count(len(values), "row"), nulls(v.missing))
	if holding == len(values) {
		v.detail += fmt.Sprintf(" At %s %% confidence at least %s %% of such rows would.",
			percent(s.Confidence), percent(shareAtLeast(len(values), 1-s.Confidence)))
	}
	return nil
}

// decideInterval decides on a mean or median by its bootstrap interval.
func (s *ThresholdSettings) decideInterval(v *verdict, values []float64, b bound, m *meter) error {
	stream := kernel.NewStream(0, "claims/threshold/bootstrap")
	drawn := make([]float64, len(values))
	draws := make([]float64, s.Resamples)
	for i := range draws {
		resample(drawn, values, stream)
		draws[i] = s.estimate(drawn, b)
		if err := m.step(); err != nil {
			return err
		}
	}
	v.low, v.high = percentiles(draws, s.Confidence)
	near, far := v.low, v.high // the ends nearest to and farthest beyond the bound
	if b.upper {
		near, far = v.high, v.low
	}
	v.detail = fmt.Sprintf("%s is %s (%s %% interval %s to %s), %s asked, over %s%s.",
		capitalised(v.measure), numberOrNone(v.estimate), percent(s.Confidence), numberOrNone(v.low), numberOrNone(v.high),
		b.text, count(len(values), "row"), nulls(v.missing))
	switch {
	case b.holds(near):
		v.verdict = reproduced
	case !b.holds(far):
		v.verdict = notReproduced
	default:
		v.verdict = inconclusive
		if rows, ok := rowsForWidth(len(values), v.estimate, b.value, near, far); ok {
			v.unitsNeeded = rows
			v.detail += fmt.Sprintf(" If the estimate stays, about %d rows would decide.", rows)
		}
	}
	return nil
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

// nulls says how many values were null, or nothing.
func nulls(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(" (%d null)", n)
}
