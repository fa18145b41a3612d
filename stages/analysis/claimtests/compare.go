package claimtests

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/kernel"
)

// CompareSettings are the attributes of `test "compare"`.
type CompareSettings struct {
	Y            string            `name:"y" column:"table" doc:"the column of numbers that is said to be larger in one group than in the other"`
	Larger       map[string]string `name:"larger" column:"table" doc:"the rows of the group said to have the larger values, as in where: { strength = \"0.95\" }"`
	Smaller      map[string]string `name:"smaller" column:"table" doc:"the rows of the group said to have the smaller values"`
	Where        map[string]string `name:"where" column:"table" doc:"rows of both groups that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Effect       string            `name:"effect" doc:"the size of the difference: of medians, their ratio, or the probability that a value of the larger group is above one of the smaller" default:"difference" oneof:"difference,ratio,superiority"`
	MinEffect    *float64          `name:"min_effect" doc:"how large the effect must be at least"`
	Unit         string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows are, if no table has it or it is empty" default:"seed"`
	Within       string            `name:"within" doc:"what is made of the rows that a unit has in one group" default:"median" oneof:"median,mean"`
	Missing      string            `name:"missing" doc:"what a null in y is: a mistake, nothing, or a value above every other, as for a step that was never reached" default:"error" oneof:"error,drop,above"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Permutations int               `name:"permutations" doc:"random permutations where the p-value cannot be had exactly" default:"9999" min:"99" max:"10000000" unit:"permutations"`
	Confidence   float64           `name:"confidence" doc:"nominal coverage of the interval" default:"0.95" min:"0.5" below:"1" unit:"1"`
	Resamples    int               `name:"resamples" doc:"bootstrap resamples" default:"1999" min:"199" max:"1000000" unit:"resamples"`
}

// Check reports groups that cannot differ and conditions without a value.
func (s *CompareSettings) Check() []stages.Problem {
	problems := checkGroups(group{"larger", s.Y, s.Larger}, group{"smaller", s.Y, s.Smaller}, s.Where)
	return slices.Concat(problems, checkShare(s.Effect, s.MinEffect), checkPermutations(s.Permutations, s.Alpha))
}

// Compare tests whether one group has larger values than another.
//
//	in   table    any tables, joined; y holds numbers
//	out  verdict  one row
//
// The test is Mann and Whitney's (1947, Ann. Math. Statist. 18, 50-60), one-sided, ties counted
// half, on one value a unit. Its p-value is that of dealing the values to the groups at random;
// it is exact where units are independent, and conservative where a seed's values in both groups
// resemble each other (paired is then more powerful). The interval is a percentile bootstrap over
// units, a unit in both groups being drawn into both at once.
var Compare = stages.Define(stages.Kind{
	Name:    "compare",
	Version: 3,
	Doc: `Tests whether a column is larger in one group of rows than in another: the Mann-Whitney test.

Reproduced if the one-sided p-value is at most alpha and, with min_effect, the effect is at least
that. Each unit (seed) counts once in a group, with the median of its rows there. The p-value comes
from dealing the values to the groups, exactly where that is feasible. Not reproduced if p is
above alpha, or the effect's whole interval below min_effect; inconclusive if there are so few units
that not even a perfect separation would reach alpha, or if the interval reaches min_effect. With
missing = "above" nulls are larger than every value; a difference or ratio is then a lower bound, whose
interval has no upper end if the larger median may be null, and there is none where the smaller one is. For
"each value of one group above each of the other" ask for effect = "superiority", min_effect = 1; a
single exception is then enough for not reproduced.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	Labels:  gather.Labels,
}, careful(compare))

func compare(ctx context.Context, s *CompareSettings, r *stages.Run) error {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	groups, err := p.twoGroups(group{"larger", s.Y, s.Larger}, group{"smaller", s.Y, s.Smaller}, s.Within)
	if err != nil {
		return err
	}
	e := newEffect(s.Effect, "median", groups)
	v := newVerdict()
	v.fromSamples(groups)
	v.alpha, v.confidence, v.unit = s.Alpha, s.Confidence, e.measureUnit(groups.measure)
	name := func(group map[string]string) string { return s.Y + describe(group) }
	v.measure = e.measure(name(s.Larger), name(s.Smaller))
	v.needed = fmt.Sprintf("%s above %s: Mann-Whitney p at most %s", name(s.Larger), name(s.Smaller), stages.FormatFloat(s.Alpha))
	v.needMinEffect(e.name, s.MinEffect)
	larger, smaller := groups.split(nil, nil, nil)
	if len(larger) == 0 || len(smaller) == 0 {
		v.detail = fmt.Sprintf("%d and %d %s: each group needs some.", len(larger), len(smaller), p.of())
		return v.write(r)
	}
	m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Resamples + s.Permutations)}
	pValue, exact, least, err := mannWhitneyP(larger, smaller, s.Permutations, m.step)
	if err != nil {
		return err
	}
	v.setP(pValue, exact)
	v.estimate = e.observed(groups)
	if finite(v.estimate) {
		if v.low, v.high, err = groups.bootstrap("claims/compare/bootstrap", s.Resamples, s.Confidence, e.bounds, m.step); err != nil {
			return err
		}
	}
	v.judge(s.MinEffect, least)
	v.refute(e.name, s.MinEffect)
	v.detail = fmt.Sprintf("p is %s (%s) over %d and %d %s%s%s; %s is %s%s",
		number(pValue), v.how(s.Permutations), len(larger), len(smaller), p.of(), groups.made(s.Within), nulls(v.missing, s.Missing),
		v.measure, numberOrNone(v.estimate), v.intervalText())
	larger, smaller = groups.split(nil, nil, nil)
	v.detail += fmt.Sprintf("; the medians are %s and %s%s.", numberOrNone(median(larger)), numberOrNone(median(smaller)), unitText(groups.measure))
	v.explainNeed(s.MinEffect, least, enough(2, s.Alpha, false), p.of()+" in each group")
	return v.write(r)
}

// A group is one of two groups of rows: the attribute that names it, its column and conditions.
type group struct {
	attribute, column string
	where             map[string]string
}

// twoGroups takes both groups.
func (p *pool) twoGroups(a, b group, within string) (*samples, error) {
	first, err := p.take(a.column, a.where, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", a.attribute, err)
	}
	second, err := p.take(b.column, b.where, nil)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", b.attribute, err)
	}
	return newSamples(first, second, p.unit != "", within), nil
}

// fromSamples notes how many rows and units there are.
func (v *verdict) fromSamples(s *samples) {
	v.n, v.missing, v.units = s.rows, s.missing, len(s.units)
}

// made says what the values are, if units have several rows.
func (s *samples) made(within string) string {
	l, m := s.sizes()
	if s.rows == l+m {
		return ""
	}
	return fmt.Sprintf(" (%s of the rows of each, %d in all)", within, s.rows)
}

// measure names the effect of two groups.
func (e *effect) measure(larger, smaller string) string {
	switch e.name {
	case "ratio":
		return fmt.Sprintf("%s of %s over that of %s", e.centring, larger, smaller)
	case "superiority":
		return fmt.Sprintf("probability that %s is above %s", larger, smaller)
	}
	return fmt.Sprintf("%s of %s less that of %s", e.centring, larger, smaller)
}

// needMinEffect adds the least effect to what is needed.
func (v *verdict) needMinEffect(name string, least *float64) {
	if least != nil {
		v.needed += fmt.Sprintf(", and a %s of at least %s", name, stages.FormatFloat(*least))
	}
}

// judge decides by a p-value and, if there is a least effect, by the effect.
func (v *verdict) judge(minEffect *float64, leastP float64) {
	switch {
	case v.pValue > v.alpha && leastP > v.alpha:
		v.verdict = inconclusive
	case minEffect != nil && v.high < *minEffect:
		v.verdict = notReproduced
	case v.pValue > v.alpha && minEffect != nil && v.high >= *minEffect:
		v.verdict = inconclusive
	case v.pValue > v.alpha:
		v.verdict = notReproduced
	case minEffect == nil || v.estimate >= *minEffect:
		v.verdict = reproduced
	default:
		v.verdict = inconclusive
	}
}

// refute rejects what a single counterexample does: a claim that a probability or share is 1.
func (v *verdict) refute(effect string, minEffect *float64) {
	if minEffect != nil && isShare(effect) && *minEffect == 1 && v.estimate < 1 {
		v.verdict = notReproduced
	}
}

func isShare(effect string) bool { return effect == "superiority" || effect == "share" }

// checkShare reports a share above 1.
func checkShare(effect string, minEffect *float64) []stages.Problem {
	if minEffect == nil || !isShare(effect) || *minEffect <= 1 {
		return nil
	}
	return []stages.Problem{{
		Path: "min_effect", Summary: "a share is at most 1",
		Detail: fmt.Sprintf("The effect %q is between 0 and 1; 1 asks that there be no exception.", effect),
	}}
}

// explainNeed says of an inconclusive verdict how many units would decide.
func (v *verdict) explainNeed(minEffect *float64, leastP float64, few int, what string) {
	if v.verdict != inconclusive {
		return
	}
	if v.pValue > v.alpha && leastP > v.alpha {
		v.unitsNeeded = few
		v.detail += fmt.Sprintf(" No outcome of so few reaches %s; %d %s could.", stages.FormatFloat(v.alpha), few, what)
		return
	}
	if minEffect != nil {
		v.settle(*minEffect)
	}
}

// settle says of an inconclusive verdict, whose p-value could have counted, about how many units would
// decide on whether the effect reaches a bound: enough that neither the interval reaches from the
// estimate to it, nor p is above alpha, if both go on as they went so far.
func (v *verdict) settle(bound float64) {
	needed, known := v.units+1, true
	if !(v.low > bound || v.high < bound) {
		v.detail += fmt.Sprintf(" The interval does not settle whether it is %s.", stages.FormatFloat(bound))
		var n int
		n, known = rowsForWidth(v.units, v.estimate, bound, v.low, v.high)
		needed = max(needed, n)
	}
	if v.pValue > v.alpha {
		v.detail += fmt.Sprintf(" p is above %s.", stages.FormatFloat(v.alpha))
		n := math.Ceil(float64(v.units) * kernel.Log64(v.alpha) / kernel.Log64(v.pValue)) // log p falls in proportion to the units
		known = known && n > 0 && n <= 1e6
		needed = max(needed, int(min(n, 1e6)))
	}
	if known {
		v.unitsNeeded = needed
		v.detail += fmt.Sprintf(" If this goes on, about %d units in all would decide.", needed)
	}
}

// how says how the p-value was had.
func (v *verdict) how(permutations int) string {
	if v.method == "permutations" {
		return fmt.Sprintf("%d random permutations", permutations)
	}
	return v.method
}

// intervalText gives " (95 % interval 1 to 2)", or one without an end, or nothing.
func (v *verdict) intervalText() string {
	switch {
	case math.IsNaN(v.low) || math.IsNaN(v.high) || !finite(v.low) && !finite(v.high):
		return ""
	case !finite(v.high):
		return fmt.Sprintf(" (%s %% interval from %s on)", percent(v.confidence), number(v.low))
	case !finite(v.low):
		return fmt.Sprintf(" (%s %% interval up to %s)", percent(v.confidence), number(v.high))
	}
	return fmt.Sprintf(" (%s %% interval %s to %s)", percent(v.confidence), number(v.low), number(v.high))
}

// unitText gives " steps", or nothing for a pure number.
func unitText(unit string) string {
	if unit == "" || unit == "1" {
		return ""
	}
	return " " + unit
}

// describe gives " where strength is 0.9", or nothing.
func describe(where map[string]string) string {
	if len(where) == 0 {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(where)) {
		parts = append(parts, name+" "+strings.TrimSpace(where[name]))
	}
	return " (" + strings.Join(parts, ", ") + ")"
}

// checkGroups reports conditions without a value and two groups that are the same rows.
func checkGroups(a, b group, where map[string]string) []stages.Problem {
	problems := slices.Concat(gather.CheckWhere(a.attribute, a.where), gather.CheckWhere(b.attribute, b.where), gather.CheckWhere("where", where))
	if a.column == b.column && maps.Equal(a.where, b.where) {
		problems = append(problems, stages.Problem{
			Path: b.attribute, Summary: "both sides are the same rows",
			Detail: fmt.Sprintf("Say which rows each has: %s = { strength = \"0.95\" }, %s = { strength = \"0.6\" }; or compare two columns where the test has an attribute for the other one.", a.attribute, b.attribute),
		})
	}
	return problems
}

// checkPermutations reports a test that no outcome could pass.
func checkPermutations(permutations int, alpha float64) []stages.Problem {
	if 1/float64(1+permutations) <= alpha {
		return nil
	}
	return []stages.Problem{{
		Path: "permutations", Summary: "too few permutations for this alpha",
		Detail: fmt.Sprintf("The smallest p-value would be 1/%d, above %s.", 1+permutations, stages.FormatFloat(alpha)),
	}}
}
