package claimtests

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/inference"
)

// ThresholdSettings are the attributes of `test "threshold"`.
type ThresholdSettings struct {
	Column    string            `name:"column" column:"table" doc:"the column of numbers that the claim is about"`
	Statistic string            `name:"statistic" doc:"what of the column must keep to the bound: every row at hand, their min or max, or the mean or median of all such units" default:"every" oneof:"every,min,max,mean,median"`
	AtLeast   *float64          `name:"at_least" doc:"the bound, itself allowed"`
	AtMost    *float64          `name:"at_most" doc:"the bound, itself allowed"`
	Above     *float64          `name:"above" doc:"the bound, itself not allowed"`
	Below     *float64          `name:"below" doc:"the bound, itself not allowed"`
	Where     map[string]string `name:"where" column:"table" doc:"rows that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Unit      string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows are, if no table has it or it is empty" default:"seed"`
	Within    string            `name:"within" doc:"of a mean or median: what is made of several rows of a unit; last is the last in the order of the table" default:"median" oneof:"median,mean,min,max,last"`
	Missing   string            `name:"missing" doc:"what a null is: a mistake, nothing, or a value that fails every bound" default:"error" oneof:"error,drop,fail"`
	Rows      int               `name:"rows" doc:"fewer rows than this are inconclusive" default:"1" min:"1" unit:"rows"`
	Interval  string            `name:"interval" doc:"of a mean: Student's t, or the bootstrap-t, which allows for skewed values of 10 units or more" default:"t" oneof:"t,bootstrap-t"`
	Resamples int               `name:"resamples" doc:"of the bootstrap-t" default:"1999" min:"199" max:"1000000" unit:"resamples"`
	Alpha     float64           `name:"alpha" doc:"the largest p-value that counts, of a mean or median, two-sided; the interval covers 1 - alpha" default:"0.05" above:"0" max:"0.5" unit:"1"`
}

// bound is one of the four bounds, as a test of a number.
type bound struct {
	text  string // "at least 0.95"
	value float64
	holds func(x float64) bool
	upper bool // the bound limits from above
	open  bool // it is not allowed itself
}

func (s *ThresholdSettings) bounds() []bound {
	var list []bound
	add := func(name string, v *float64, upper, open bool, holds func(x, v float64) bool) {
		if v != nil {
			list = append(list, bound{
				text: name + " " + stages.FormatFloat(*v), value: *v, upper: upper, open: open,
				holds: func(x float64) bool { return holds(x, *v) },
			})
		}
	}
	add("at least", s.AtLeast, false, false, func(x, v float64) bool { return x >= v })
	add("at most", s.AtMost, true, false, func(x, v float64) bool { return x <= v })
	add("above", s.Above, false, true, func(x, v float64) bool { return x > v })
	add("below", s.Below, true, true, func(x, v float64) bool { return x < v })
	return list
}

// Check reports a test without a bound or with several, and a mean of what has no number.
func (s *ThresholdSettings) Check() []stages.Problem {
	problems := gather.CheckWhere("where", s.Where)
	if n := len(s.bounds()); n != 1 {
		problems = append(problems, stages.Problem{
			Summary: fmt.Sprintf("a threshold has one bound, not %d", n),
			Detail:  "Give exactly one of at_least, at_most, above and below; for two bounds write two claims.",
		})
	}
	if s.Statistic == "mean" && s.Missing == "fail" {
		problems = append(problems, stages.Problem{
			Path: "missing", Summary: "a mean needs numbers",
			Detail: "A null that fails has no number to take the mean of. Write statistic = \"median\", or missing = \"drop\".",
		})
	}
	if s.Statistic != "mean" && s.Interval != "t" {
		problems = append(problems, stages.Problem{Path: "interval", Summary: "interval is of a mean", Detail: "Leave it out, or write statistic = \"mean\"."})
	}
	return problems
}

// Threshold tests whether a column keeps to a bound.
//
//	in   table    any tables, joined; column holds numbers
//	out  verdict  one row
//
// "every", "min" and "max" are statements about the rows at hand, reproduced or not as they stand; they have no p-value. Of every
// row the interval is that of the share of such units that would keep to the bound (Clopper and Pearson 1934).
//
// Of a mean the test and interval are Student's, or the bootstrap-t's (Efron, Tibshirani 1993, An Introduction to the Bootstrap,
// §12.5); of a median the sign test's, and order statistics, which take nothing for granted.
var Threshold = stages.Define(stages.Kind{
	Name:    "threshold",
	Version: 7,
	Doc: `Tests whether a column keeps to a bound, in every row or by its min, max, mean or median.

With statistic = "every" (the default), "min" or "max" the rows at hand decide. That is a fact about them and no test, so it has no
p-value; the detail says what share of all such units (seeds) would keep to the bound. A mean or median is one of all such units,
each of which counts once (within). It is reproduced if its whole interval lies within the bound, not reproduced if it lies beyond,
and inconclusive if it holds the bound; then it is said how many units would decide. The p-value, two-sided, is of the same
test as the interval: Student's t for a mean, the sign test for a median. With missing = "fail" a null counts as a value
beyond every bound, as for a step that was never reached.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	FormerSettings: formerSettings(map[string]stages.Former{
		"permutations": {Instead: "Its p-values are exact or of Student's t, so it has no effect.", Ignored: true},
	}),
	Labels: gather.Labels,
}, careful(threshold))

// strict reports whether the rows at hand decide.
func (s *ThresholdSettings) strict() bool { return s.Statistic != "mean" && s.Statistic != "median" }

// take gives the rows; a null that fails is beyond the bound.
func (s *ThresholdSettings) take(p *pool, b bound) (*side, error) {
	column, err := p.take(s.Column, nil, nil, "")
	if err != nil {
		return nil, err
	}
	for i, o := range column.rows {
		if math.IsInf(o.value, 1) && !b.upper {
			column.rows[i].value = math.Inf(-1)
		}
	}
	return column, nil
}

// bound gives the only bound.
func (s *ThresholdSettings) bound() (bound, error) {
	bounds := s.bounds()
	if len(bounds) != 1 {
		return bound{}, fmt.Errorf("threshold: %d bounds, not one", len(bounds))
	}
	return bounds[0], nil
}

// sample reduces the rows to one value a unit. A bound that is itself allowed is kept to by values equal to it, so that what the
// test is to reject begins just below it (or above).
func (s *ThresholdSettings) sample(column *side, b bound) *one {
	o := &one{statistic: s.Statistic, interval: s.Interval, resamples: s.Resamples}
	size := math.Abs(b.value)
	var numbers []float64
	for _, c := range cells(column.rows) {
		x := reduce(s.Within, c.values)
		numbers = append(numbers, x)
		if finite(x) {
			size = max(size, math.Abs(x))
		}
	}
	o.values = inference.Measured(numbers)
	null := b.value
	switch {
	case !b.open && b.upper:
		null += float64(allowed * size)
	case !b.open:
		null -= float64(allowed * size)
	}
	o.question = asked(!b.upper, null, s.Alpha, 0, "claims/threshold")
	return o
}

// allowed is how far beyond a bound that is allowed the null begins, relative to the values: more than rounding, and nothing else.
const allowed = 1e-9

// trial implements Open.
func (s *ThresholdSettings) trial(ctx context.Context, r *stages.Run) (Trial, error) {
	if s.strict() {
		return nil, nil
	}
	b, err := s.bound()
	if err != nil {
		return nil, err
	}
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return nil, err
	}
	column, err := s.take(p, b)
	if err != nil {
		return nil, err
	}
	if len(column.rows) < s.Rows {
		column.rows = nil // too few
	}
	return s.sample(column, b), nil
}

func threshold(ctx context.Context, s *ThresholdSettings, r *stages.Run) error {
	b, err := s.bound()
	if err != nil {
		return err
	}
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	column, err := s.take(p, b)
	if err != nil {
		return err
	}
	v := newVerdict(p, s.stake())
	v.measure, v.unit, v.confidence = s.Statistic+" of "+s.Column, column.measure, 1-s.Alpha
	v.needed = fmt.Sprintf("%s of %s %s", s.Statistic, s.Column, b.text)
	v.n, v.missing, v.units = len(column.rows), column.missing, len(cells(column.rows))
	switch {
	case v.n < s.Rows || v.n == 0:
		v.unitsNeeded = s.Rows
		v.detail = sentence(fmt.Sprintf("%s where at least %d are needed", count(v.n, "row"), s.Rows), nullsText(v.missing, s.Missing))
	case s.strict():
		s.decideRows(v, column, b, p)
	default:
		m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Resamples)}
		if err := s.decide(v, s.sample(column, b), b, p, m); err != nil {
			return err
		}
		m.finish()
	}
	return v.write(r)
}

// decideRows decides on every row, a min or a max: by the rows as they stand.
func (s *ThresholdSettings) decideRows(v *verdict, column *side, b bound, p *pool) {
	values := valuesOf(column.rows)
	keeps := make([]bool, 0, v.units)
	for _, c := range cells(column.rows) {
		keeps = append(keeps, !slices.ContainsFunc(c.values, func(x float64) bool { return !b.holds(x) }))
	}
	v.estimate = slices.Min(values)
	if s.Statistic == "max" || s.Statistic == "every" && b.upper {
		v.estimate = slices.Max(values)
	}
	v.verdict = notReproduced
	if b.holds(v.estimate) {
		v.verdict = reproduced
	}
	if s.Statistic != "every" {
		v.detail = sentence(fmt.Sprintf("The %s of %s is %s, and %s is claimed", s.Statistic, s.Column, withUnit(v.estimate, column.measure), b.text),
			listed(p.rowsText(v), nullsText(v.missing, s.Missing))) + fmt.Sprintf(" That is a fact about %s.", p.these(v.units))
		return
	}
	v.measure = map[bool]string{false: "min of ", true: "max of "}[b.upper] + s.Column
	v.needed = fmt.Sprintf("every %s %s", s.Column, b.text)
	good := 0
	for _, ok := range keeps {
		if ok {
			good++
		}
	}
	v.detail = sentence(fmt.Sprintf("%s %s %s; the %s is %s", keepText(good, len(keeps), p), s.Column, b.text+unitText(column.measure),
		strings.TrimSuffix(v.measure, " of "+s.Column), numberOrNone(v.estimate)), listed(manyRows(v), nullsText(v.missing, s.Missing)))
	v.detail += factText(good, len(keeps), p, v.confidence)
}

// decide decides on a mean or median by its interval and test.
func (s *ThresholdSettings) decide(v *verdict, o *one, b bound, p *pool, m *meter) error {
	v.alpha = s.Alpha
	v.needed += fmt.Sprintf(": its whole %s %% interval, and %s p at most %s", percent(v.confidence), o.test(), stages.FormatFloat(s.Alpha))
	f, err := o.find(inference.Question{Step: m.step})
	if err != nil {
		return err
	}
	v.hold(f)
	v.detail = sentence(fmt.Sprintf("The %s of %s is %s, and %s is claimed", s.Statistic, s.Column, withUnit(v.estimate, v.unit), b.text), listed(
		v.interval(), v.pSays(o.test()), p.units(len(o.values)), withinText(s.Within, "row", v.n, len(o.values)), nullsText(v.missing, s.Missing)))
	if f.from = b.value; b.upper {
		f.from, f.to = math.Inf(-1), b.value // as it is said
	}
	return v.conclude(f, o, p.plural(), "", len(o.values), m.step)
}
