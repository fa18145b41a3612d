package claimtests

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// TrendSettings are the attributes of `test "trend"`.
type TrendSettings struct {
	X            string            `name:"x" column:"table" doc:"the axis or column of numbers along which y is said to rise or fall"`
	Y            string            `name:"y" column:"table" doc:"the axis or column of numbers that is said to rise or fall"`
	Direction    string            `name:"direction" doc:"whether y rises or falls as x grows" oneof:"increasing,decreasing"`
	Block        string            `name:"block" column:"table" doc:"an axis or column, such as seed, whose rows are compared only with each other; empty to compare all" default:""`
	Where        map[string]string `name:"where" column:"table" doc:"rows that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Missing      string            `name:"missing" doc:"what a null in y is: a mistake, nothing, or a value above every other, as for a step that was never reached" default:"error" oneof:"error,drop,above"`
	MinRatio     *float64          `name:"min_ratio" doc:"how many times as large the median of y must be at the end of x where it is said to be largest as at the other" min:"1" unit:"1"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Permutations int               `name:"permutations" doc:"random permutations where the p-value cannot be had exactly" default:"9999" min:"99" max:"10000000" unit:"permutations"`
	Confidence   float64           `name:"confidence" doc:"nominal coverage of the interval" default:"0.95" min:"0.5" below:"1" unit:"1"`
	Resamples    int               `name:"resamples" doc:"bootstrap resamples" default:"1999" min:"199" max:"1000000" unit:"resamples"`
}

// Check reports settings under which no outcome could be significant, and an axis used twice.
func (s *TrendSettings) Check() []stages.Problem {
	problems := gather.CheckWhere("where", s.Where)
	if 1/float64(1+s.Permutations) > s.Alpha {
		problems = append(problems, stages.Problem{
			Path: "permutations", Summary: "too few permutations for this alpha",
			Detail: fmt.Sprintf("The smallest p-value would be 1/%d, above %s.", 1+s.Permutations, stages.FormatFloat(s.Alpha)),
		})
	}
	for _, twice := range []struct{ path, name, other string }{
		{"y", s.Y, s.X}, {"block", s.Block, s.X}, {"block", s.Block, s.Y},
	} {
		if twice.name != "" && twice.name == twice.other {
			problems = append(problems, stages.Problem{
				Path: twice.path, Summary: fmt.Sprintf("%q is used twice", twice.name),
				Detail: "x, y and block are three different columns.",
			})
		}
	}
	return problems
}

// Trend tests whether y rises (or falls) along x.
//
//	in   table    any tables, joined; x and y hold numbers, two or more values of x
//	out  verdict  one row
//
// The test is that of Jonckheere (1954) and Terpstra (1952) for ordered alternatives, one-sided,
// with ties counted half; see design. The p-value is that of dealing the values of y to the rows at
// random: among all rows (plain, the default), or within each value of block. Plain permutation is
// exact where rows are independent; where rows of one seed share their data and so resemble each
// other at every x, it is conservative, and block = "seed" more powerful.
//
// The estimate is Somers' D of y on x (Somers 1962, Am. Sociol. Rev. 27, 799-811), of pairs of rows
// with different x the share in which y differs in the same sense less the share of the opposite
// one: J rescaled to -1..1. With min_ratio it is the ratio of medians instead. Intervals are
// percentile bootstraps over the rows of each x, or over blocks; at D = ±1 they have no width.
var Trend = stages.Define(stages.Kind{
	Name:    "trend",
	Version: 4,
	Doc: `Tests whether y rises (or falls) as x grows: the Jonckheere-Terpstra test.

Reproduced if the one-sided p-value is at most alpha and, with min_ratio, the medians at the two
ends of x are at least so many times apart. The p-value comes from permuting y among all rows, or
within each value of block: exactly where that is feasible, else from random permutations. The
estimate is Somers' D (1: of any two rows, that with the larger x has the larger y; -1: the smaller;
0: no trend), or the ratio of medians if min_ratio is set. The verdict is inconclusive if there are
so few rows that not even a perfect trend would reach alpha, and the detail says how many would; or
if the trend is there but the ratio falls short by less than its interval. With missing = "above"
all nulls count as equal and larger than every value. A ratio is then a lower bound, whose interval
has no upper end if the larger median may be null, and there is none where the smaller one is.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	Labels:  gather.Labels,
}, careful(trend))

// trendRows are the rows of a trend: rows with a null in y have +Inf.
type trendRows struct {
	y       []float64
	group   []int     // index into x
	block   []int     // all 0 without blocks
	x       []float64 // distinct, ascending
	blocks  int
	missing int
	unit    string // of y
}

func trend(ctx context.Context, s *TrendSettings, r *stages.Run) error {
	t, err := read(ctx, r, s.Where, s.columns()...)
	if err != nil {
		return err
	}
	rows, err := s.rows(t)
	if err != nil {
		return err
	}
	v, err := s.decide(rows, &meter{ctx: ctx, report: r.Progress, total: int64(s.Resamples + s.Permutations)})
	if err != nil {
		return err
	}
	return v.write(r)
}

// columns gives x, y and block, if there is one.
func (s *TrendSettings) columns() []string {
	columns := []string{s.X, s.Y}
	if s.Block != "" {
		columns = append(columns, s.Block)
	}
	return columns
}

// rows takes x, y and block from the table.
func (s *TrendSettings) rows(t source) (*trendRows, error) {
	x, xValid, err := t.numbers(s.X)
	if err != nil {
		return nil, fmt.Errorf("x: %w", err)
	}
	y, yValid, err := t.numbers(s.Y)
	if err != nil {
		return nil, fmt.Errorf("y: %w", err)
	}
	if slices.Contains(xValid, false) {
		return nil, fmt.Errorf("x: %s is null in %s", s.X, t.missing(s.X, xValid))
	}
	rows := &trendRows{blocks: 1, unit: t.Column(s.Y).Unit}
	if slices.Contains(yValid, false) && s.Missing == "error" {
		return nil, fmt.Errorf("y: %s is null in %s; set missing to \"drop\" or \"above\" to say what that means",
			s.Y, t.missing(s.Y, yValid))
	}
	var kept []int
	for i, valid := range yValid {
		if !valid {
			rows.missing++
			y[i] = math.Inf(1)
		}
		if valid || s.Missing == "above" {
			kept = append(kept, i)
			rows.x = append(rows.x, x[i])
			rows.y = append(rows.y, y[i])
		}
	}
	slices.Sort(rows.x)
	rows.x = slices.Compact(rows.x)
	rows.block = make([]int, len(kept))
	for _, i := range kept {
		g, _ := slices.BinarySearch(rows.x, x[i])
		rows.group = append(rows.group, g)
	}
	if s.Block != "" {
		rows.setBlocks(t.Column(s.Block), kept)
	}
	return rows, nil
}

// setBlocks numbers the column's values in order of appearance.
func (t *trendRows) setBlocks(c *frame.Column, kept []int) {
	var blocks gather.Groups[string]
	for i, row := range kept {
		t.block[i] = blocks.Of(gather.Text(c, row))
	}
	t.blocks = max(1, len(blocks.Keys))
}

// decide makes the verdict.
func (s *TrendSettings) decide(t *trendRows, m *meter) (*verdict, error) {
	nan := math.NaN()
	v := &verdict{
		verdict: inconclusive, estimate: nan, low: nan, high: nan, pValue: nan, unit: "1",
		confidence: s.Confidence, n: len(t.y), missing: t.missing, alpha: nan, units: len(t.y),
		measure: fmt.Sprintf("Somers' D of %s on %s", s.Y, s.X),
		needed:  fmt.Sprintf("%s %s with %s: Jonckheere-Terpstra p at most %s", s.Y, s.Direction, s.X, stages.FormatFloat(s.Alpha)),
	}
	if s.MinRatio != nil {
		large, small := "largest", "smallest"
		if s.Direction == "decreasing" {
			large, small = small, large
		}
		v.measure = fmt.Sprintf("median of %s at the %s %s over that at the %s", s.Y, large, s.X, small)
		v.needed += fmt.Sprintf(", and medians %s times apart", stages.FormatFloat(*s.MinRatio))
	}
	if s.Block != "" {
		v.units = t.blocks
	}
	d := newDesign(t.y, t.group, t.block, len(t.x), t.blocks)
	switch {
	case len(t.x) < 2 || d.pairs() == 0:
		v.detail = fmt.Sprintf("%s of %s%s at %s of %s: a trend needs two.",
			count(len(t.y), "row"), s.Y, nulls(t.missing, s.Missing), count(len(t.x), "value"), s.X)
		return v, nil
	case !slices.ContainsFunc(t.y, finite):
		v.detail = fmt.Sprintf("%s is null in all %s.", s.Y, count(len(t.y), "row"))
		return v, nil
	}
	effect, err := s.effects(d, t, m.step)
	if err != nil {
		return nil, err
	}
	v.estimate, v.low, v.high = effect.d, effect.dLow, effect.dHigh
	if s.MinRatio != nil {
		v.estimate, v.low, v.high = effect.ratio, effect.ratioLow, effect.ratioHigh
	}
	p, exact, err := d.pValue(s.Direction == "increasing", s.Permutations, m.step)
	if err != nil {
		return nil, err
	}
	v.setP(p, exact)
	v.alpha = s.Alpha
	s.judge(v, d, effect)
	s.explain(v, t, effect, exact)
	return v, nil
}

// judge sets the verdict from the p-value and the ratio.
func (s *TrendSettings) judge(v *verdict, d *design, e effects) {
	switch {
	case v.pValue > s.Alpha && d.leastP() > s.Alpha:
		v.verdict = inconclusive
	case v.pValue > s.Alpha:
		v.verdict = notReproduced
	case s.MinRatio == nil || e.ratio >= *s.MinRatio:
		v.verdict = reproduced
	case e.ratioHigh < *s.MinRatio:
		v.verdict = notReproduced
	default:
		v.verdict = inconclusive
	}
}

// explain writes the sentence behind the verdict.
func (s *TrendSettings) explain(v *verdict, t *trendRows, e effects, exact bool) {
	how := "exact"
	if !exact {
		how = fmt.Sprintf("%d random permutations", s.Permutations)
	}
	if s.Block != "" {
		how += " within " + s.Block
	}
	v.detail = fmt.Sprintf("p is %s (%s) over %s%s at %d values of %s; Somers' D is %s",
		number(v.pValue), how, count(len(t.y), "row"), nulls(t.missing, s.Missing), len(t.x), s.X, number(e.d))
	if finite(e.dLow) {
		v.detail += fmt.Sprintf(" (%s %% interval %s to %s)", percent(s.Confidence), number(e.dLow), number(e.dHigh))
	}
	v.detail += fmt.Sprintf("; the median of %s goes from %s to %s", s.Y, numberOrNone(e.first), numberOrNone(e.last))
	if t.unit != "" && t.unit != "1" {
		v.detail += " " + t.unit
	}
	switch {
	case s.MinRatio == nil:
	case !finite(e.ratio):
		v.detail += ", which have no ratio"
	default:
		v.detail += ", a ratio of " + number(e.ratio)
		v.detail += v.intervalText()
	}
	v.detail += "."
	if v.verdict == inconclusive && v.pValue <= s.Alpha {
		v.settle(*s.MinRatio)
	}
	if v.verdict == inconclusive && v.pValue > s.Alpha {
		what := "rows at each value"
		if s.Block != "" {
			what = "values of " + s.Block
		}
		v.unitsNeeded = enough(len(t.x), s.Alpha, s.Block != "")
		v.detail += fmt.Sprintf(" No outcome of so few rows reaches %s; %d %s could.", stages.FormatFloat(s.Alpha), v.unitsNeeded, what)
		if s.Block == "" {
			v.unitsNeeded *= len(t.x)
		}
	}
}

func finite(x float64) bool { return x-x == 0 }
