package claimtests

import (
	"context"
	"fmt"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/inference"
)

// EquivalentSettings are the attributes of `test "equivalent"`.
type EquivalentSettings struct {
	Y            string            `name:"y" column:"table" doc:"the column of numbers that is said to be much the same in both groups"`
	YSecond      string            `name:"y_second" column:"table" doc:"the column of the second group, if it is another one" default:""`
	First        map[string]string `name:"first" column:"table" doc:"the rows of one group, as in where: { depth = \"1\" }"`
	Second       map[string]string `name:"second" column:"table" doc:"the rows of the other group; no row is in both groups"`
	Margin       *float64          `name:"margin" doc:"how far apart the groups may be at most, as a difference" above:"0"`
	MarginRatio  *float64          `name:"margin_ratio" doc:"how far apart they may be at most, as a ratio: 1.25 allows from 0.8 to 1.25" above:"1" unit:"1"`
	Paired       bool              `name:"paired" doc:"whether rows of both groups make pairs, which are compared" default:"false"`
	Pair         []string          `name:"pair" column:"table" doc:"of pairs: axes or columns in which their rows agree; none for all axes that first and second do not name, or for the two columns of a row"`
	Where        map[string]string `name:"where" column:"table" doc:"rows of both groups that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Unit         string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows (or pairs) are, if no table has it or it is empty" default:"seed"`
	Within       string            `name:"within" doc:"what is made of several rows that a unit has in one group; last is the last in the order of the table" default:"median" oneof:"median,mean,min,max,last"`
	Missing      string            `name:"missing" doc:"what a null in y is: a mistake, or nothing" default:"error" oneof:"error,drop"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts, of each of two one-sided tests; the interval covers 1 - 2 alpha" default:"0.05" above:"0" max:"0.25" unit:"1"`
	Permutations int               `name:"permutations" doc:"random permutations where the p-value cannot be had exactly" default:"9999" min:"99" max:"10000000" unit:"permutations"`
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
// These are two one-sided tests (Schuirmann 1987, J. Pharmacokin. Biopharm. 15, 657-680): that the difference is above the lower margin,
// and that it is below the upper one. Both, and the interval, are those of compare: Brunner and Munzel's; of pairs those of paired:
// Wilcoxon's. The p-value is the larger of the two, and the interval covers 1 - 2 alpha, so that it lies within the margins
// where both tests say so.
var Equivalent = stages.Define(stages.Kind{
	Name:    "equivalent",
	Version: 6,
	Doc: `Tests whether two groups (or both sides of pairs) differ by no more than a margin.

The effect is the difference of the groups, or their ratio (Hodges-Lehmann; of pairs within them). Reproduced if its whole interval
lies within the margins, not reproduced if it lies outside of them, inconclusive if it reaches over one; then it is said how many
units would decide. The interval covers 1 - 2 alpha (90 %), as it is of two one-sided tests at the level alpha each, of
which p is the larger. A difference that is not significant is not shown to be small: only this test can say that.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	FormerSettings: formerSettings(map[string]stages.Former{
		"confidence": {Instead: "The interval covers 1 - 2 alpha, since it is of the same tests as the p-value; set alpha."},
	}),
	Labels: gather.Labels,
}, careful(equivalent))

// near is the sample of an equivalence, with what it takes to speak of it.
type near struct {
	sample
	measure, unit      string
	rows, missing      int
	units, have, cells int // units in all, in the larger group, and values that rows were reduced to
	test, sizes, names string
	each, alone        string
}

func equivalent(ctx context.Context, s *EquivalentSettings, r *stages.Run) error {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	n, err := s.sample(p)
	if err != nil {
		return err
	}
	low, high := s.margins()
	v := newVerdict(p, s.stake())
	v.alpha, v.confidence = s.Alpha, 1-float64(2*s.Alpha)
	v.n, v.missing, v.units, v.measure, v.unit = n.rows, n.missing, n.units, n.measure, n.unit
	v.needed = fmt.Sprintf("%s from %s to %s: its whole %s %% interval, and both %s p at most %s",
		v.measure, number(low), number(high), percent(v.confidence), n.test, stages.FormatFloat(s.Alpha))
	if n.have == 0 {
		v.detail = sentence("There is nothing to compare", nullsText(v.missing, s.Missing))
		return v.write(r)
	}
	m := &meter{ctx: ctx, report: r.Progress, total: int64(2 * s.Permutations)}
	f, err := n.find(inference.Question{Step: m.step})
	if err != nil {
		return err
	}
	v.hold(f)
	second := otherColumn(s.YSecond, s.Y)
	v.detail = sentence(effectSays(s.effect(), s.Y+at(s.First), those(s.Y, s.Second, second), v.estimate, v.unit), listed(
		v.interval(), "two one-sided "+v.pSays(n.test), n.sizes, withinText(s.Within, "row", n.rows, n.cells), nullsText(v.missing, s.Missing)))
	v.detail += fmt.Sprintf(" From %s to %s is claimed.", number(low), number(high)) + n.alone
	if err := v.conclude(f, n, n.names, n.each, n.have, m.step); err != nil {
		return err
	}
	m.finish()
	return v.write(r)
}

// margins gives the range that the effect must keep to.
func (s *EquivalentSettings) margins() (low, high float64) {
	if s.MarginRatio != nil {
		return 1 / *s.MarginRatio, *s.MarginRatio
	}
	return -*s.Margin, *s.Margin
}

func (s *EquivalentSettings) effect() string {
	if s.MarginRatio != nil {
		return "ratio"
	}
	return "difference"
}

// question asks whether the effect lies within the margins.
func (s *EquivalentSettings) question() question {
	low, high := s.margins()
	return question{low, high, s.Alpha, s.Permutations, "claims/equivalent"}
}

// trial implements Open.
func (s *EquivalentSettings) trial(ctx context.Context, r *stages.Run) (Trial, error) {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return nil, err
	}
	n, err := s.sample(p)
	if err != nil {
		return nil, err
	}
	return n.sample, nil
}

// sample takes both groups, or the pairs.
func (s *EquivalentSettings) sample(p *pool) (*near, error) {
	if s.Paired {
		return s.pairs(p)
	}
	second := otherColumn(s.YSecond, s.Y)
	g, err := p.groups(group{"first", s.Y, s.First}, group{"second", second, s.Second}, s.Within)
	if err != nil {
		return nil, err
	}
	g.effect, g.question = s.effect(), s.question()
	if err := g.check(s.Y); err != nil {
		return nil, fmt.Errorf("margin_ratio: %w", err)
	}
	n := &near{
		sample: g, measure: g.names(s.Y+at(s.First), second+at(s.Second)), unit: g.unit(), rows: g.rows, missing: g.missing, units: g.units,
		have: max(len(g.larger), len(g.smaller)), cells: len(g.larger) + len(g.smaller), test: g.test(), sizes: g.sizes(p),
		names: p.plural(), each: " in each group",
	}
	if min(len(g.larger), len(g.smaller)) == 0 {
		n.have = 0
	}
	return n, nil
}

// pairs takes the sides of pairs.
func (s *EquivalentSettings) pairs(p *pool) (*near, error) {
	second := otherColumn(s.YSecond, s.Y)
	ps, err := p.join(pairing{
		larger: s.Y, smaller: second, whereLarger: s.First, whereSmaller: s.Second, keys: s.Pair, within: s.Within, first: "first", second: "second",
	})
	if err != nil {
		return nil, err
	}
	o := &one{question: s.question(), statistic: "hodges_lehmann", logs: s.MarginRatio != nil}
	if o.logs {
		if err := ps.positive(); err != nil {
			return nil, fmt.Errorf("margin_ratio: %w", err)
		}
	}
	g := newGaps(ps, o.logs)
	o.values = g.values
	n := &near{
		sample: o, measure: o.names(p, s.Y+at(s.First), second+at(s.Second)), unit: "1", rows: ps.rows, missing: ps.missing, units: len(g.units),
		have: len(g.units), cells: 2 * len(ps.list), test: o.test(), names: pairUnit(p) + "s", alone: ps.aloneText(),
		sizes: listed(count(len(g.units), pairUnit(p)), pairsText(ps, g, s.Within)),
	}
	if !o.logs && ps.measure != "" {
		n.unit = ps.measure
	}
	return n, nil
}
