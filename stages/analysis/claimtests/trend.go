package claimtests

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/inference"
)

// TrendSettings are the attributes of `test "trend"`.
type TrendSettings struct {
	X            string            `name:"x" column:"table" doc:"the axis or column of numbers along which y is said to rise or fall"`
	Y            string            `name:"y" column:"table" doc:"the axis or column of numbers that is said to rise or fall"`
	Direction    string            `name:"direction" doc:"whether y rises or falls as x grows" oneof:"increasing,decreasing"`
	Block        string            `name:"block" column:"table" doc:"an axis or column, such as seed, whose rows are compared only with each other; empty to compare all" default:""`
	Where        map[string]string `name:"where" column:"table" doc:"rows that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	MinRatio     *float64          `name:"min_ratio" doc:"how many times as large y must be at the end of x where it is said to be largest as at the other; the effect is then that ratio" min:"1" unit:"1"`
	Unit         string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows are, if no table has it or it is empty" default:"seed"`
	Within       string            `name:"within" doc:"what is made of several rows that a unit has at one x; last is the last in the order of the table" default:"median" oneof:"median,mean,min,max,last"`
	Missing      string            `name:"missing" doc:"what a null in y is: a mistake, nothing, or a value above every other, as for a step that was never reached" default:"error" oneof:"error,drop,above"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts, two-sided; the interval covers 1 - alpha" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Permutations int               `name:"permutations" doc:"random permutations where the p-value cannot be had exactly" default:"9999" min:"99" max:"10000000" unit:"permutations"`
}

// Check reports settings under which no outcome could be significant, and an axis used twice.
func (s *TrendSettings) Check() []stages.Problem {
	problems := slices.Concat(gather.CheckWhere("where", s.Where), checkPermutations(s.Permutations, s.Alpha))
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
// Each unit has one value at each x. The test is that of Jonckheere (1954, Biometrika 41, 133-145) and Terpstra (1952, Indag. Math. 14,
// 327-333) for ordered alternatives, with ties counted half: over all ways to deal the values to the x, among all (plain, the
// default), or within each value of block. Plain dealing is exact where the values of a seed do not resemble each other; where they do,
// as with shared data, it is too careful, and block = "seed" has more power. The effect is the slope of Theil (1950) and Sen (1968,
// JASA 63, 1379-1389) with the interval of the same test.
//
// With min_ratio the effect is the ratio of y at both ends of x: within units, by Wilcoxon's signed ranks of logarithms, where half
// of the units or more are at both ends, and else of two groups, by Brunner and Munzel's test. The p-value is then the larger of
// both tests', so that y must rise all along x, and by so much.
var Trend = stages.Define(stages.Kind{
	Name:    "trend",
	Version: 7,
	Doc: `Tests whether y rises (or falls) as x grows, and how steeply: the Jonckheere-Terpstra test.

Each unit (seed) counts once at each x (within). The effect is the slope in the median (Theil-Sen), or with min_ratio the ratio of y
at the two ends of x. Reproduced if its whole interval lies on the claimed side of 0 (or above min_ratio), not reproduced if it lies
on the other, inconclusive if it holds it; then it is said how many units would decide. The p-value, two-sided, comes from
permuting y among all values, or within each value of block: exactly where that is feasible, else from random permutations; with
min_ratio both the rise and the ratio must be significant. With missing = "above" all nulls count as equal and larger than every
value. A slope or ratio is then a lower bound, whose interval may have no upper end.`,
	Inputs:         []stages.Input{tableInput},
	Outputs:        []stages.Output{verdictOutput},
	FormerSettings: formerSettings(nil),
	Labels:         gather.Labels,
}, careful(trend))

func trend(ctx context.Context, s *TrendSettings, r *stages.Run) error {
	t, err := s.open(ctx, r)
	if err != nil {
		return err
	}
	m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Permutations)}
	v, err := s.decide(t, m)
	if err != nil {
		return err
	}
	m.finish()
	return v.write(r)
}

// trial implements Open.
func (s *TrendSettings) trial(ctx context.Context, r *stages.Run) (Trial, error) {
	t, err := s.open(ctx, r)
	if err != nil {
		return nil, err
	}
	return t, nil
}

// decide makes the verdict.
func (s *TrendSettings) decide(t *trendSample, m *meter) (*verdict, error) {
	v := newVerdict(t.pool, s.stake())
	v.confidence, v.alpha, v.n, v.missing, v.units = 1-s.Alpha, s.Alpha, t.rows, t.missing, t.units
	v.measure = fmt.Sprintf("slope of %s along %s, Theil-Sen", s.Y, s.X)
	v.unit = t.slopeUnit(s.X)
	v.needed = fmt.Sprintf("%s %s with %s: the whole %s %% interval of its slope, and Jonckheere-Terpstra p at most %s",
		s.Y, s.Direction, s.X, percent(v.confidence), stages.FormatFloat(s.Alpha))
	if s.MinRatio != nil {
		large, small := t.ends()
		v.unit = "1"
		v.measure = fmt.Sprintf("%s at the %s %s over that at the %s, Hodges-Lehmann ratio", s.Y, large, s.X, small)
		v.needed = fmt.Sprintf("%s %s with %s, Jonckheere-Terpstra p at most %s, and a ratio above %s: its whole %s %% interval, and p at most %s", s.Y,
			s.Direction, s.X, stages.FormatFloat(s.Alpha), stages.FormatFloat(*s.MinRatio), percent(v.confidence), stages.FormatFloat(s.Alpha))
	}
	switch {
	case !t.compares():
		v.detail = sentence(fmt.Sprintf("There are %s of %s at %s of %s: a trend needs two", count(t.rows, "row"), s.Y, count(len(t.x), "value"), s.X),
			nullsText(t.missing, s.Missing))
		return v, nil
	case !slices.ContainsFunc(t.y, finite):
		v.detail = fmt.Sprintf("%s is null in all %s.", s.Y, count(t.rows, "row"))
		return v, nil
	}
	slope, ratio, err := t.both(inference.Question{Step: m.step})
	if err != nil {
		return nil, err
	}
	f := t.finding(slope, ratio)
	v.hold(f)
	s.say(v, t, slope, ratio)
	each := " at each " + s.X
	if t.blocked {
		each = ""
	}
	return v, v.conclude(f, t, t.name+"s", each, t.have(), m.step)
}

// say writes the outcome in words.
func (s *TrendSettings) say(v *verdict, t *trendSample, slope, ratio inference.Answer) {
	test := "Jonckheere-Terpstra " + pText(slope.P)
	if t.blocked {
		test += " within " + s.Block
	}
	over := fmt.Sprintf("%s at %d values of %s", t.counted(), len(t.x), s.X)
	association := "Somers' D " + number(inference.SomersD(t.xs(), t.y, t.compared()))
	made, nulls := withinText(s.Within, "row", t.rows, len(t.y)), nullsText(t.missing, s.Missing)
	low, high := t.x[0], t.x[len(t.x)-1]
	medians := fmt.Sprintf(" Its median goes from %s to %s%s.", numberOrNone(t.median(0)), numberOrNone(t.median(len(t.x)-1)), unitText(t.measure))
	if s.MinRatio == nil {
		v.detail = sentence(slopeSays(s.Y, s.X, slope.Estimate, t.slopeUnit(s.X)), listed(v.interval(), test, over, made, nulls, association)) + medians
		return
	}
	if s.Direction == "decreasing" {
		low, high = high, low
	}
	says := fmt.Sprintf("%s at %s %s is %s times that at %s", s.Y, s.X, number(high), numberOrNone(v.estimate), number(low))
	if !finite(v.estimate) {
		says = fmt.Sprintf("%s at %s %s and at %s has no ratio that can be told", s.Y, s.X, number(high), number(low))
	}
	v.detail = sentence(says, listed(v.interval(), t.ratioTest()+" "+pText(ratio.P), over, made, nulls)) +
		" " + sentence(slopeSays(s.Y, s.X, slope.Estimate, t.slopeUnit(s.X)), listed(test, association)) + medians +
		fmt.Sprintf(" More than %s times is claimed.", stages.FormatFloat(*s.MinRatio))
}

// slopeSays gives "t95 rises by 130 steps per unit of strength".
func slopeSays(y, x string, slope float64, unit string) string {
	unit = strings.TrimPrefix(unit, "1 ")
	switch {
	case !finite(slope):
		return fmt.Sprintf("How steeply %s rises along %s cannot be told, as too many values are null", y, x)
	case slope == 0:
		return fmt.Sprintf("%s neither rises nor falls along %s in the median", y, x)
	case slope < 0:
		return fmt.Sprintf("%s falls along %s by %s, a slope of %s", y, x, withUnit(-slope, unit), number(slope))
	}
	return fmt.Sprintf("%s rises along %s by %s", y, x, withUnit(slope, unit))
}
