package claimtests

import (
	"context"
	"fmt"
	"slices"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/inference"
)

// PairedSettings are the attributes of `test "paired"`.
type PairedSettings struct {
	Y         string            `name:"y" column:"table" doc:"the column of numbers that is said to be larger on one side of each pair"`
	YSmaller  string            `name:"y_smaller" column:"table" doc:"the column on the side said to be smaller, if it is another one" default:""`
	Larger    map[string]string `name:"larger" column:"table" doc:"the rows of the side said to be larger, as in where: { strength = \"0.95\" }; none if the sides are two columns"`
	Smaller   map[string]string `name:"smaller" column:"table" doc:"the rows of the side said to be smaller; no row is on both sides"`
	Pair      []string          `name:"pair" column:"table" doc:"axes or columns in which the rows of a pair agree; none for all axes that larger and smaller do not name, or for the two columns of a row"`
	Where     map[string]string `name:"where" column:"table" doc:"rows of both sides that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Effect    string            `name:"effect" doc:"what is measured: the difference within pairs, their ratio, or the share of units whose larger side is above the smaller" default:"difference" oneof:"difference,ratio,share"`
	MinEffect *float64          `name:"min_effect" doc:"what the effect is said to be above; none for 0 of a difference, 1 of a ratio, and 0.5 of a share"`
	Statistic string            `name:"statistic" doc:"of a difference or ratio: the Hodges-Lehmann estimate with Wilcoxon's signed ranks, the median with the sign test, or the mean (of a ratio the geometric one) with Student's t" default:"hodges_lehmann" oneof:"hodges_lehmann,median,mean"`
	Unit      string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; pairs are, if no table has it or it is empty" default:"seed"`
	Within    string            `name:"within" doc:"what is made of several rows on one side of a pair, and of several pairs of a unit; last is the last in the order of the table" default:"median" oneof:"median,mean,min,max,last"`
	Missing   string            `name:"missing" doc:"what a null in y is: a mistake, nothing, or a value above every other, as for a step that was never reached" default:"error" oneof:"error,drop,above"`
	Alpha     float64           `name:"alpha" doc:"the largest p-value that counts, two-sided; the interval covers 1 - alpha" default:"0.05" above:"0" max:"0.5" unit:"1"`
}

// Check reports sides that cannot differ, conditions without a value, and effects that cannot be shown.
func (s *PairedSettings) Check() []stages.Problem {
	problems := checkGroups(group{"larger", s.Y, s.Larger}, group{"smaller", otherColumn(s.YSmaller, s.Y), s.Smaller}, s.Where)
	if s.Effect == "share" && s.Statistic != "hodges_lehmann" {
		problems = append(problems, stages.Problem{
			Path: "statistic", Summary: "a share is of no mean or median", Detail: "Leave statistic out, or ask for a difference or a ratio.",
		})
	}
	return slices.Concat(problems, checkEffect(s.Effect, s.MinEffect))
}

// Paired tests whether one side of pairs is larger than the other.
//
//	in   table    any tables; y (and y_smaller) hold numbers
//	out  verdict  one row
//
// It asks about one value a unit: the difference within its pairs, or the logarithm of their ratio. Wilcoxon's signed-rank test (1945,
// Biometrics Bull. 1, 80-83) and the interval of Hodges and Lehmann's estimate take their law to be symmetric; the sign test
// and the interval of a median take nothing; Student's t takes their mean to be about normal. A share of units has its exact
// interval (Clopper and Pearson 1934). P is exact but for t.
var Paired = stages.Define(stages.Kind{
	Name:    "paired",
	Version: 6,
	Doc: `Tests whether a column is larger on one side of pairs than on the other, and by how much.

Pairs are rows that agree in all axes but those that larger and smaller name (so each seed is compared with itself), or two
columns of one row (y_smaller). Each unit (seed) counts once (within). Reproduced if the whole interval of the effect lies above
min_effect (or 0, 1, 0.5), not reproduced if it lies below, inconclusive if it holds it; then it is said how many units would
decide. The p-value, two-sided, is of the same test as the interval: Wilcoxon's signed ranks, which take differences to lie
evenly about their centre; statistic = "median" takes nothing for granted, and needs more units. With effect = "share" it is how
many units are as said that counts, and not by how much; equal sides are not as said. With missing = "above" nulls are larger
than every value, and two of them equal; the ends of the interval are then those that it has at the least and at the most.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	FormerSettings: formerSettings(map[string]stages.Former{
		"every":        {Instead: `Write effect = "share" with min_effect, the share of units that is claimed; the test always says whether every unit at hand is so.`},
		"permutations": {Instead: "Its p-values are exact, so it has no effect.", Ignored: true},
	}),
	Labels: gather.Labels,
}, careful(paired))

// sample pairs the sides.
func (s *PairedSettings) sample(p *pool) (*one, *gaps, *matched, error) {
	ps, err := p.join(pairing{
		larger: s.Y, smaller: otherColumn(s.YSmaller, s.Y), whereLarger: s.Larger, whereSmaller: s.Smaller, keys: s.Pair, within: s.Within,
		first: "larger", second: "smaller",
	})
	if err != nil {
		return nil, nil, nil, err
	}
	o := &one{statistic: s.Statistic, logs: s.Effect == "ratio"}
	o.question = asked(true, boundOf(s.Effect, s.MinEffect), s.Alpha, 0, "claims/paired")
	if s.Effect == "share" {
		o.statistic = "share"
	}
	if o.logs {
		if err := ps.positive(); err != nil {
			return nil, nil, nil, fmt.Errorf("effect: %w", err)
		}
	}
	g := newGaps(ps, o.logs)
	o.values = g.values
	if o.statistic == "mean" && slices.ContainsFunc(inference.Scores(o.values), func(x float64) bool { return !finite(x) }) {
		return nil, nil, nil, fmt.Errorf("statistic: a mean of values above every other does not exist, but %s has some; leave statistic out", s.Y)
	}
	return o, g, ps, nil
}

// positive reports a pair that has no ratio.
func (ps *matched) positive() error {
	if i := slices.IndexFunc(ps.list, func(p pair) bool { return min(p.larger, p.smaller) <= 0 }); i >= 0 {
		return fmt.Errorf("a ratio needs values above 0, but a pair has %s and %s; ask for the difference",
			numberOrNone(ps.list[i].larger), numberOrNone(ps.list[i].smaller))
	}
	return nil
}

// trial implements Open.
func (s *PairedSettings) trial(ctx context.Context, r *stages.Run) (Trial, error) {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return nil, err
	}
	o, _, _, err := s.sample(p)
	if err != nil {
		return nil, err
	}
	return o, nil
}

func paired(ctx context.Context, s *PairedSettings, r *stages.Run) error {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	o, g, ps, err := s.sample(p)
	if err != nil {
		return err
	}
	v := newVerdict(p, s.stake())
	v.confidence, v.alpha, v.n, v.missing, v.units = 1-s.Alpha, s.Alpha, ps.rows, ps.missing, len(g.units)
	other := otherColumn(s.YSmaller, s.Y)
	first, second := s.Y+at(s.Larger), other+at(s.Smaller)
	v.measure = o.names(p, first, second)
	if v.unit = "1"; s.Effect == "difference" && ps.measure != "" {
		v.unit = ps.measure
	}
	v.needed = fmt.Sprintf("%s above %s: its whole %s %% interval, and %s p at most %s",
		v.measure, number(o.from), percent(v.confidence), o.test(), stages.FormatFloat(s.Alpha))
	if len(o.values) == 0 {
		v.detail = sentence("There is no pair", nullsText(v.missing, s.Missing))
		return v.write(r)
	}
	m := &meter{ctx: ctx, report: r.Progress, total: 1}
	f, err := o.find(inference.Question{Step: m.step})
	if err != nil {
		return err
	}
	v.hold(f)
	units := count(len(g.units), pairUnit(p))
	v.detail = sentence(s.says(o, first, those(s.Y, s.Smaller, other), units, v.estimate, v.unit), listed(
		v.interval(), v.pSays(o.test()), units, pairsText(ps, g, s.Within), withinText(s.Within, "row", ps.rows, 2*len(ps.list)), nullsText(v.missing, s.Missing)))
	if s.MinEffect != nil {
		v.detail += fmt.Sprintf(" More than %s is claimed.", stages.FormatFloat(*s.MinEffect))
	}
	v.detail += ps.aloneText()
	if err := v.conclude(f, o, pairUnit(p)+"s", "", len(o.values), m.step); err != nil {
		return err
	}
	m.finish()
	return v.write(r)
}

// pairUnit names what counts once in a paired test.
func pairUnit(p *pool) string {
	if p.unit == "" {
		return "pair"
	}
	return p.unit
}

// pairsText says what a unit's value is if it has several pairs.
func pairsText(ps *matched, g *gaps, within string) string {
	return withinText(within, "pair", len(ps.list), len(g.units))
}

// names says what the effect of pairs is.
func (o *one) names(p *pool, first, second string) string {
	centre := map[string]string{"hodges_lehmann": "Hodges-Lehmann", "median": "median", "mean": "mean"}[o.statistic]
	switch {
	case o.statistic == "share":
		return fmt.Sprintf("share of %ss with %s above %s", pairUnit(p), first, second)
	case o.logs && o.statistic == "mean":
		return fmt.Sprintf("geometric mean ratio of %s to %s within pairs", first, second)
	case o.logs:
		return fmt.Sprintf("%s ratio of %s to %s within pairs", centre, first, second)
	}
	return fmt.Sprintf("%s difference of %s and %s within pairs", centre, first, second)
}

// test names the test.
func (o *one) test() string {
	switch {
	case o.statistic == "share":
		return "exact binomial"
	case o.statistic == "median":
		return "sign test"
	case o.statistic == "mean" && o.interval == "bootstrap-t":
		return "bootstrap-t"
	case o.statistic == "mean":
		return "Student's t,"
	}
	return "Wilcoxon signed-rank"
}

// says gives the effect in words.
func (s *PairedSettings) says(o *one, first, second, units string, estimate float64, unit string) string {
	if s.Effect == "share" {
		return fmt.Sprintf("%s is above %s in %d of %s", first, second, o.above(), units)
	}
	switch {
	case s.Statistic == "mean" && s.Effect == "ratio":
		return meanSays("The geometric mean", s.Effect, first, second, estimate, unit)
	case s.Statistic == "mean":
		return meanSays("The mean", s.Effect, first, second, estimate, unit)
	}
	return effectSays(s.Effect, first, second, estimate, unit)
}
