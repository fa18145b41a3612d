package claimtests

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/inference"
)

// CompareSettings are the attributes of `test "compare"`.
type CompareSettings struct {
	Y            string            `name:"y" column:"table" doc:"the column of numbers that is said to be larger in one group than in the other"`
	YSmaller     string            `name:"y_smaller" column:"table" doc:"the column of the group said to be smaller, if it is another one" default:""`
	Larger       map[string]string `name:"larger" column:"table" doc:"the rows of the group said to have the larger values, as in where: { strength = \"0.95\" }"`
	Smaller      map[string]string `name:"smaller" column:"table" doc:"the rows of the group said to have the smaller values; no row is in both groups"`
	Where        map[string]string `name:"where" column:"table" doc:"rows of both groups that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Effect       string            `name:"effect" doc:"what is measured: the difference of the groups, their ratio, or the probability that a value of the larger group is above one of the smaller" default:"difference" oneof:"difference,ratio,superiority"`
	MinEffect    *float64          `name:"min_effect" doc:"what the effect is said to be above; none for 0 of a difference, 1 of a ratio, and 0.5 of a superiority"`
	Statistic    string            `name:"statistic" doc:"of a difference or ratio: that of a value of one group and one of the other, in the median of all such pairs, or that of the means" default:"hodges_lehmann" oneof:"hodges_lehmann,mean"`
	Unit         string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows are, if no table has it or it is empty" default:"seed"`
	Within       string            `name:"within" doc:"what is made of several rows that a unit has in one group; last is the last in the order of the table" default:"median" oneof:"median,mean,min,max,last"`
	Missing      string            `name:"missing" doc:"what a null in y is: a mistake, nothing, or a value above every other, as for a step that was never reached" default:"error" oneof:"error,drop,above"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts, two-sided; the interval covers 1 - alpha" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Permutations int               `name:"permutations" doc:"random permutations where the p-value cannot be had exactly" default:"9999" min:"99" max:"10000000" unit:"permutations"`
}

// Check reports groups that cannot differ, conditions without a value, and effects that cannot be shown.
func (s *CompareSettings) Check() []stages.Problem {
	problems := checkGroups(group{"larger", s.Y, s.Larger}, group{"smaller", otherColumn(s.YSmaller, s.Y), s.Smaller}, s.Where)
	if s.Effect == "superiority" && s.Statistic == "mean" {
		problems = append(problems, stages.Problem{
			Path: "statistic", Summary: "a superiority is of no mean", Detail: "Leave statistic out, or ask for a difference or a ratio.",
		})
	}
	return slices.Concat(problems, checkEffect(s.Effect, s.MinEffect), checkPermutations(s.Permutations, s.Alpha))
}

// Compare tests whether one group has larger values than another.
//
//	in   table    any tables, joined; y (and y_smaller) hold numbers
//	out  verdict  one row
//
// Spreads and sizes of the groups may differ. The test is Brunner and Munzel's (2000, Biom. J. 42, 17-25), of the larger group moved by
// the bound, in the permutation form of Neubert and Brunner (2007, Comput. Stat. Data Anal. 51, 5192-5204) where a group has
// fewer than 15 units; the interval is what it does not reject, about Hodges and Lehmann's estimate. Of a superiority it is that of
// Newcombe (2006, Stat. Med. 25, 559-573), and of means Welch's or, of their ratio, Fieller's. A seed's values in both groups
// often resemble each other; then this is too careful, and paired has more power.
var Compare = stages.Define(stages.Kind{
	Name:    "compare",
	Version: 6,
	Doc: `Tests whether a column is larger in one group of rows than in another, and by how much.

Each unit (seed) counts once in a group, with one value (within). The effect is the difference of the groups, their ratio, or the
probability that a value of the larger group is above one of the smaller (superiority). Reproduced if its whole interval
lies above min_effect (or 0, 1, 0.5), not reproduced if it lies below, inconclusive if it holds it; then it is said how many
units would decide. The p-value, two-sided, is of the same test as the interval: Brunner-Munzel's, which allows for groups of
unequal spread and size; Welch's with statistic = "mean". With missing = "above" nulls are larger than every value; a difference
or ratio is then a lower bound, whose interval may have no upper end, and there is none where the smaller group is mostly null.
That each value of one group is above each of the other can be shown by no number of units; claim a superiority of 0.9.`,
	Inputs:         []stages.Input{tableInput},
	Outputs:        []stages.Output{verdictOutput},
	FormerSettings: formerSettings(nil),
	Labels:         gather.Labels,
}, careful(compare))

// sample takes both groups.
func (s *CompareSettings) sample(p *pool) (*groups, error) {
	g, err := p.groups(group{"larger", s.Y, s.Larger}, group{"smaller", otherColumn(s.YSmaller, s.Y), s.Smaller}, s.Within)
	if err != nil {
		return nil, err
	}
	g.effect, g.statistic = s.Effect, s.Statistic
	g.question = asked(true, boundOf(s.Effect, s.MinEffect), s.Alpha, s.Permutations, "claims/compare")
	if err := g.check(s.Y); err != nil {
		return nil, fmt.Errorf("effect: %w", err)
	}
	return g, nil
}

// trial implements Open.
func (s *CompareSettings) trial(ctx context.Context, r *stages.Run) (Trial, error) {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return nil, err
	}
	g, err := s.sample(p)
	if err != nil {
		return nil, err
	}
	return g, nil
}

func compare(ctx context.Context, s *CompareSettings, r *stages.Run) error {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	g, err := s.sample(p)
	if err != nil {
		return err
	}
	v := newVerdict(p, s.stake())
	v.n, v.missing, v.units, v.confidence, v.alpha = g.rows, g.missing, g.units, 1-s.Alpha, s.Alpha
	other := otherColumn(s.YSmaller, s.Y)
	first, second := s.Y+at(s.Larger), other+at(s.Smaller)
	v.measure, v.unit = g.names(first, second), g.unit()
	v.needed = fmt.Sprintf("%s above %s: its whole %s %% interval, and %s p at most %s",
		v.measure, number(g.from), percent(v.confidence), g.test(), stages.FormatFloat(s.Alpha))
	if len(g.larger) == 0 || len(g.smaller) == 0 {
		v.detail = fmt.Sprintf("There are %d and %s: each group needs some.", len(g.larger), p.units(len(g.smaller)))
		return v.write(r)
	}
	m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Permutations)}
	f, err := g.find(inference.Question{Step: m.step})
	if err != nil {
		return err
	}
	v.hold(f)
	v.detail = sentence(g.says(first, those(s.Y, s.Smaller, other), v.estimate), listed(
		v.interval(), v.pSays(g.test()), g.sizes(p), withinText(s.Within, "row", g.rows, len(g.larger)+len(g.smaller)), nullsText(v.missing, s.Missing)))
	if s.MinEffect != nil {
		v.detail += fmt.Sprintf(" More than %s is claimed.", stages.FormatFloat(*s.MinEffect))
	}
	if err := v.conclude(f, g, p.plural(), " in each group", max(len(g.larger), len(g.smaller)), m.step); err != nil {
		return err
	}
	m.finish()
	return v.write(r)
}

// names says what the effect is.
func (g *groups) names(first, second string) string {
	of := "median"
	if g.statistic == "mean" {
		of = "mean"
	}
	switch {
	case g.effect == "superiority":
		return fmt.Sprintf("probability that %s is above %s", first, second)
	case g.effect == "ratio" && of == "mean":
		return fmt.Sprintf("mean of %s over that of %s", first, second)
	case of == "mean":
		return fmt.Sprintf("mean of %s less that of %s", first, second)
	case g.effect == "ratio":
		return fmt.Sprintf("%s over %s, Hodges-Lehmann ratio", first, second)
	}
	return fmt.Sprintf("%s less %s, Hodges-Lehmann difference", first, second)
}

// says gives the effect in words.
func (g *groups) says(first, second string, estimate float64) string {
	if g.statistic == "mean" && g.effect != "superiority" {
		return meanSays("The mean", g.effect, first, second, estimate, g.measure)
	}
	return effectSays(g.effect, first, second, estimate, g.measure)
}

// meanSays gives an effect on means in words: "The mean of t95 at strength 0.9 is 3.1 times that at strength 0.6".
func meanSays(mean, effect, first, second string, estimate float64, unit string) string {
	if !strings.HasPrefix(second, "that ") {
		second = "that of " + second
	}
	return effectSays(effect, mean+" of "+first, second, estimate, unit)
}

// effectSays gives an effect in words: "t95 at strength 0.9 is 3.1 times that at strength 0.6".
func effectSays(effect, first, second string, estimate float64, unit string) string {
	switch {
	case !finite(estimate):
		return fmt.Sprintf("How far %s is above %s cannot be told, as too many values are null", first, second)
	case effect == "superiority":
		if rows, same := strings.CutPrefix(second, "that "); same {
			second = rows
		} else {
			second = "of " + second
		}
		return fmt.Sprintf("A value of %s is above one %s with probability %s", first, second, number(estimate))
	case effect == "ratio":
		return fmt.Sprintf("%s is %s times %s", first, number(estimate), second)
	case estimate < 0:
		return fmt.Sprintf("%s is %s below %s, a difference of %s", first, withUnit(-estimate, unit), second, number(estimate))
	}
	return fmt.Sprintf("%s is %s above %s", first, withUnit(estimate, unit), second)
}

// test names the test.
func (g *groups) test() string {
	switch {
	case g.effect == "superiority":
		return "Newcombe and Brunner-Munzel"
	case g.statistic == "mean" && g.effect == "ratio":
		return "Fieller"
	case g.statistic == "mean":
		return "Welch"
	}
	return "Brunner-Munzel"
}

// unit is that of the effect.
func (g *groups) unit() string {
	if g.effect == "difference" && g.measure != "" {
		return g.measure
	}
	return "1"
}

// sizes gives "20 and 20 seeds".
func (g *groups) sizes(p *pool) string {
	return fmt.Sprintf("%d and %d %s", len(g.larger), len(g.smaller), p.plural())
}

// boundOf gives what an effect is said to be above.
func boundOf(effect string, minEffect *float64) float64 {
	switch {
	case minEffect != nil:
		return *minEffect
	case effect == "ratio":
		return 1
	case isShare(effect):
		return 0.5
	}
	return 0
}

func isShare(effect string) bool { return effect == "superiority" || effect == "share" }

// checkEffect reports an effect that no number of units can show.
func checkEffect(effect string, minEffect *float64) []stages.Problem {
	switch {
	case minEffect == nil:
	case isShare(effect) && (*minEffect >= 1 || *minEffect <= 0):
		return []stages.Problem{{
			Path: "min_effect", Summary: "no number of units can show this share",
			Detail: fmt.Sprintf("The effect %q is a share between 0 and 1, and an interval never lies above 1: ask for less, such as 0.9. "+
				"The test always says whether every unit at hand is so.", effect),
		}}
	case effect == "ratio" && *minEffect <= 0:
		return []stages.Problem{{Path: "min_effect", Summary: "a ratio is above 0", Detail: "Write how many times as large the values are, such as 1.5."}}
	}
	return nil
}

// otherColumn gives the column of the other side: the same one if it is not named.
func otherColumn(named, y string) string {
	if named == "" {
		return y
	}
	return named
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
	if least := 2 / float64(1+permutations); least <= alpha {
		return nil
	}
	return []stages.Problem{{
		Path: "permutations", Summary: "too few permutations for this alpha",
		Detail: fmt.Sprintf("The smallest two-sided p-value would be 2/%d, above %s.", 1+permutations, stages.FormatFloat(alpha)),
	}}
}
