package claimtests

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spurion/stages"
	"spurion/stages/common/gather"
)

// EquivalentSettings are the attributes of `test "equivalent"`.
type EquivalentSettings struct {
	Y            string            `name:"y" column:"table" doc:"the column of numbers that is said to be much the same in both groups"`
	YSecond      string            `name:"y_second" column:"table" doc:"the column of the second group, if it is another one" default:""`
	First        map[string]string `name:"first" column:"table" doc:"the rows of one group, as in where: { depth = \"1\" }"`
	Second       map[string]string `name:"second" column:"table" doc:"the rows of the other group"`
	Margin       *float64          `name:"margin" doc:"how far apart the groups may be at most, as a difference" above:"0"`
	MarginRatio  *float64          `name:"margin_ratio" doc:"how far apart they may be at most, as a ratio: 1.25 allows from 0.8 to 1.25" above:"1" unit:"1"`
	Paired       bool              `name:"paired" doc:"whether rows of both groups make pairs, which are compared" default:"false"`
	Pair         []string          `name:"pair" column:"table" doc:"of pairs: axes or columns in which their rows agree; none for all axes that first and second do not name, or for the two columns of a row"`
	Where        map[string]string `name:"where" column:"table" doc:"rows of both groups that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Unit         string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows (or pairs) are, if no table has it or it is empty" default:"seed"`
	Within       string            `name:"within" doc:"what is made of the rows that a unit has in one group" default:"median" oneof:"median,mean"`
	Missing      string            `name:"missing" doc:"what a null in y is: a mistake, or nothing" default:"error" oneof:"error,drop"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Permutations int               `name:"permutations" doc:"random permutations where the p-value cannot be had exactly" default:"9999" min:"99" max:"10000000" unit:"permutations"`
	Confidence   float64           `name:"confidence" doc:"nominal coverage of the interval; 1 - 2 alpha fits two one-sided tests" default:"0.9" min:"0.5" below:"1" unit:"1"`
	Resamples    int               `name:"resamples" doc:"bootstrap resamples" default:"1999" min:"199" max:"1000000" unit:"resamples"`
}

// Check reports groups that cannot differ, and no margin or two.
func (s *EquivalentSettings) Check() []stages.Problem {
	problems := checkGroups(group{"first", s.Y, s.First}, group{"second", otherColumn(s.YSecond, s.Y), s.Second}, s.Where)
	if (s.Margin == nil) == (s.MarginRatio == nil) {
		problems = append(problems, stages.Problem{
			Summary: "equivalence has one margin",
			Detail:  "Give exactly one of margin, a difference, and margin_ratio.",
		})
	}
	if !s.Paired && len(s.Pair) > 0 {
		problems = append(problems, stages.Problem{
			Path: "pair", Summary: "pair without paired",
			Detail: "Write paired = true to compare pairs.",
		})
	}
	return append(problems, checkPermutations(s.Permutations, s.Alpha)...)
}

// Equivalent tests whether two groups differ by less than a margin.
//
//	in   table    any tables; y (and y_second) hold numbers
//	out  verdict  one row
//
// These are two one-sided tests (Schuirmann 1987, J. Pharmacokin. Biopharm. 15, 657-680): that the
// difference is above the lower margin, and that it is below the upper one, each by moving one
// group by the margin and asking Mann and Whitney's test (of pairs: Wilcoxon's) whether it is then
// above the other. The p-value is the larger of the two.
var Equivalent = stages.Define(stages.Kind{
	Name:    "equivalent",
	Version: 3,
	Doc: `Tests whether two groups (or both sides of pairs) differ by no more than a margin.

Reproduced if the larger p-value of two one-sided tests, against a difference beyond either margin, is
at most alpha, and the bootstrap interval of the difference of medians (or their ratio; of pairs the
median difference or ratio) lies within the margin. Not reproduced if the whole interval lies
beyond the margin on one side. Otherwise inconclusive: too little to tell, and the detail says about
how many units would do. A difference that is not significant is not shown to be small: only this
test can say that.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	Labels:  gather.Labels,
}, careful(equivalent))

// near is what both designs of equivalence come down to.
type near struct {
	estimate, low, high float64
	above, below        float64 // p-values against a difference beyond the lower and upper margin
	exact               bool
	least               float64 // the smallest p-value there could be
	few                 int     // units that could reach alpha
	who, units          string
}

func equivalent(ctx context.Context, s *EquivalentSettings, r *stages.Run) error {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	v := newVerdict()
	v.alpha, v.confidence = s.Alpha, s.Confidence
	m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Resamples + 2*s.Permutations)}
	found := s.groups
	if s.Paired {
		found = s.pairs
	}
	n, err := found(v, p, m)
	if err != nil {
		return err
	}
	low, high := s.margins()
	v.needed = fmt.Sprintf("%s from %s to %s: its %s %% interval, and both p at most %s",
		v.measure, number(low), number(high), percent(s.Confidence), stages.FormatFloat(s.Alpha))
	if n == nil {
		v.detail = fmt.Sprintf("There is nothing to compare%s.", nulls(v.missing, s.Missing))
		return v.write(r)
	}
	v.estimate, v.low, v.high = n.estimate, n.low, n.high
	v.setP(max(n.above, n.below), n.exact)
	switch {
	case n.least > s.Alpha:
	case v.low >= low && v.high <= high && v.pValue <= s.Alpha:
		v.verdict = reproduced
	case v.low > high || v.high < low:
		v.verdict = notReproduced
	}
	v.detail = fmt.Sprintf("%s is %s%s, from %s to %s asked; p is %s (%s; %s and %s) over %s%s.",
		capitalised(v.measure), numberOrNone(v.estimate), v.intervalText(), number(low), number(high),
		number(v.pValue), v.how(s.Permutations), number(n.above), number(n.below), n.who, nulls(v.missing, s.Missing))
	bound := high
	if math.Abs(v.estimate-low) < math.Abs(v.estimate-high) {
		bound = low
	}
	v.explainNeed(&bound, n.least, n.few, n.units)
	return v.write(r)
}

// margins gives the range that the effect must keep to.
func (s *EquivalentSettings) margins() (low, high float64) {
	if s.MarginRatio != nil {
		return 1 / *s.MarginRatio, *s.MarginRatio
	}
	return -*s.Margin, *s.Margin
}

// move gives a value raised by the margin.
func (s *EquivalentSettings) move(x float64) float64 {
	if s.MarginRatio != nil {
		return float64(x * *s.MarginRatio)
	}
	return x + *s.Margin
}

func (s *EquivalentSettings) effect() string {
	if s.MarginRatio != nil {
		return "ratio"
	}
	return "difference"
}

// groups compares two groups; nil if one is empty.
func (s *EquivalentSettings) groups(v *verdict, p *pool, m *meter) (*near, error) {
	second := otherColumn(s.YSecond, s.Y)
	both, err := p.twoGroups(group{"first", s.Y, s.First}, group{"second", second, s.Second}, s.Within)
	if err != nil {
		return nil, err
	}
	e := newEffect(s.effect(), "median", both)
	v.fromSamples(both)
	v.measure, v.unit = e.measure(s.Y+describe(s.First), second+describe(s.Second)), e.measureUnit(both.measure)
	a, b := both.split(nil, nil, nil)
	if len(a) == 0 || len(b) == 0 {
		return nil, nil
	}
	if err := s.checkPositive(slices.Concat(a, b)); err != nil {
		return nil, err
	}
	n := &near{
		estimate: e.observed(both), few: enough(2, s.Alpha, false),
		who:   fmt.Sprintf("%d and %d %s%s", len(a), len(b), p.of(), both.made(s.Within)),
		units: p.of() + " in each group",
	}
	var exactToo bool
	if n.above, n.exact, n.least, err = mannWhitneyP(s.moved(a), b, s.Permutations, m.step); err != nil {
		return nil, err
	}
	if n.below, exactToo, _, err = mannWhitneyP(s.moved(b), a, s.Permutations, m.step); err != nil {
		return nil, err
	}
	n.exact = n.exact && exactToo
	n.low, n.high, err = both.bootstrap("claims/equivalent/bootstrap", s.Resamples, s.Confidence, e.bounds, m.step)
	return n, err
}

// pairs compares the sides of pairs; nil if there are none.
func (s *EquivalentSettings) pairs(v *verdict, p *pool, m *meter) (*near, error) {
	second := otherColumn(s.YSecond, s.Y)
	ps, err := p.join(pairing{larger: s.Y, smaller: second, whereLarger: s.First, whereSmaller: s.Second, keys: s.Pair, within: s.Within})
	if err != nil {
		return nil, err
	}
	g := newGap(s.effect(), ps)
	v.n, v.missing = ps.rows, ps.missing
	v.measure = fmt.Sprintf("median %s of %s and %s", g.name, s.Y+describe(s.First), second+describe(s.Second))
	if v.unit = "1"; g.name == "difference" && ps.measure != "" {
		v.unit = ps.measure
	}
	if len(ps.list) == 0 {
		return nil, nil
	}
	for _, one := range ps.list {
		if err := s.checkPositive([]float64{one.larger, one.smaller}); err != nil {
			return nil, err
		}
	}
	values := ps.byUnit(g.of, median)
	v.units = len(values)
	n := &near{
		estimate: median(slices.Clone(values)), least: halves(len(values)), few: enoughSigns(s.Alpha),
		who: fmt.Sprintf("%d %s, %s", len(values), p.of(), count(len(ps.list), "pair")), units: p.of(),
	}
	rank := score(g.name)
	above := ps.byUnit(func(one pair) float64 { return rank(pair{larger: s.move(one.larger), smaller: one.smaller}) }, median)
	below := ps.byUnit(func(one pair) float64 { return rank(pair{larger: s.move(one.smaller), smaller: one.larger}) }, median)
	_, margin := s.margins()
	slack := ps.slack(g.name, margin)
	if n.above, n.exact, err = wilcoxonP(above, slack, s.Permutations, m.step); err != nil {
		return nil, err
	}
	if n.below, _, err = wilcoxonP(below, slack, s.Permutations, m.step); err != nil {
		return nil, err
	}
	n.low, n.high, err = bootstrapOne("claims/equivalent/bootstrap", values, s.Resamples, s.Confidence, median, m.step)
	return n, err
}

// moved gives the values raised by the margin.
func (s *EquivalentSettings) moved(values []float64) []float64 {
	out := make([]float64, len(values))
	for i, x := range values {
		out[i] = s.move(x)
	}
	return out
}

// checkPositive reports a value that can be in no ratio.
func (s *EquivalentSettings) checkPositive(values []float64) error {
	if s.MarginRatio == nil || slices.Min(values) > 0 {
		return nil
	}
	return fmt.Errorf("margin_ratio: a ratio needs values above 0, but %s has %s; give margin, a difference", s.Y, number(slices.Min(values)))
}
