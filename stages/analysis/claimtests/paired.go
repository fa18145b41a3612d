package claimtests

import (
	"context"
	"fmt"
	"math"
	"slices"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/kernel"
)

// PairedSettings are the attributes of `test "paired"`.
type PairedSettings struct {
	Y            string            `name:"y" column:"table" doc:"the column of numbers that is said to be larger on one side of each pair"`
	YSmaller     string            `name:"y_smaller" column:"table" doc:"the column on the side said to be smaller, if it is another one" default:""`
	Larger       map[string]string `name:"larger" column:"table" doc:"the rows of the side said to be larger, as in where: { strength = \"0.95\" }; none if the sides are two columns"`
	Smaller      map[string]string `name:"smaller" column:"table" doc:"the rows of the side said to be smaller"`
	Pair         []string          `name:"pair" column:"table" doc:"axes or columns in which the rows of a pair agree; none for all axes that larger and smaller do not name, or for the two columns of a row"`
	Every        bool              `name:"every" doc:"whether every single pair must be as said" default:"false"`
	Where        map[string]string `name:"where" column:"table" doc:"rows of both sides that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Effect       string            `name:"effect" doc:"the size of the difference: the median difference within pairs, their median ratio, or the share of pairs that are as said" default:"difference" oneof:"difference,ratio,share"`
	MinEffect    *float64          `name:"min_effect" doc:"how large the effect must be at least"`
	Unit         string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; pairs are, if no table has it or it is empty" default:"seed"`
	Within       string            `name:"within" doc:"what is made of several rows on one side of a pair" default:"median" oneof:"median,mean"`
	Missing      string            `name:"missing" doc:"what a null in y is: a mistake, nothing, or a value above every other, as for a step that was never reached" default:"error" oneof:"error,drop,above"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Permutations int               `name:"permutations" doc:"random signs where the p-value cannot be had exactly" default:"9999" min:"99" max:"10000000" unit:"permutations"`
	Confidence   float64           `name:"confidence" doc:"nominal coverage of the interval" default:"0.95" min:"0.5" below:"1" unit:"1"`
	Resamples    int               `name:"resamples" doc:"bootstrap resamples" default:"1999" min:"199" max:"1000000" unit:"resamples"`
}

// Check reports sides that cannot differ and conditions without a value.
func (s *PairedSettings) Check() []stages.Problem {
	problems := checkGroups(group{"larger", s.Y, s.Larger}, group{"smaller", otherColumn(s.YSmaller, s.Y), s.Smaller}, s.Where)
	return slices.Concat(problems, checkShare(s.Effect, s.MinEffect), checkPermutations(s.Permutations, s.Alpha))
}

// Paired tests whether one side of pairs is larger than the other.
//
//	in   table    any tables; y (and y_smaller) hold numbers
//	out  verdict  one row
//
// The test is Wilcoxon's signed-rank test, one-sided, on one value a unit: the median of its pairs'
// differences, or of the logarithms of their ratios. Its p-value is that of giving each unit's value
// a random sign, which is exact if the two sides of a unit could as well have been exchanged. The
// interval is a percentile bootstrap over units.
var Paired = stages.Define(stages.Kind{
	Name:    "paired",
	Version: 3,
	Doc: `Tests whether a column is larger on one side of pairs than on the other: Wilcoxon's signed-rank test.

Pairs are rows that agree in all axes but those that larger and smaller name (so each seed is
compared with itself), or two columns of one row (y_smaller). Reproduced if the one-sided p-value,
from all ways to exchange the sides of each unit, is at most alpha; with min_effect, if the effect is
at least that too; with every = true, if every single pair is as said too. Not reproduced if p is
above alpha, if the effect's whole interval is below min_effect, or if a pair is not as said where
every one must be. Inconclusive if there are so few units that not even all of them would reach
alpha, or if the interval reaches min_effect. With missing = "above" nulls are larger than every
value, and two of them equal; a difference or ratio is then a lower bound, and the ends of its interval are
those that it has at the least and at the most.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	Labels:  gather.Labels,
}, careful(paired))

func paired(ctx context.Context, s *PairedSettings, r *stages.Run) error {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	other := otherColumn(s.YSmaller, s.Y)
	ps, err := p.join(pairing{larger: s.Y, smaller: other, whereLarger: s.Larger, whereSmaller: s.Smaller, keys: s.Pair, within: s.Within})
	if err != nil {
		return err
	}
	v := newVerdict()
	v.alpha, v.confidence, v.n, v.missing = s.Alpha, s.Confidence, ps.rows, ps.missing
	larger, smaller := s.Y+describe(s.Larger), other+describe(s.Smaller)
	v.measure = map[string]string{
		"difference": "median difference of " + larger + " and " + smaller, "ratio": "median ratio of " + larger + " to " + smaller,
		"share": "share of pairs with " + larger + " above " + smaller,
	}[s.Effect]
	if v.unit = "1"; s.Effect == "difference" && ps.measure != "" {
		v.unit = ps.measure
	}
	v.needed = fmt.Sprintf("%s above %s within pairs: Wilcoxon signed-rank p at most %s", larger, smaller, stages.FormatFloat(s.Alpha))
	if s.Every {
		v.needed += ", in every pair"
	}
	v.needMinEffect(s.Effect, s.MinEffect)
	m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Resamples + s.Permutations)}
	if err := s.decide(v, ps, p, m); err != nil {
		return err
	}
	return v.write(r)
}

// otherColumn gives the column of the other side: the same one if it is not named.
func otherColumn(named, y string) string {
	if named == "" {
		return y
	}
	return named
}

// decide sets the numbers, verdict and detail.
func (s *PairedSettings) decide(v *verdict, ps *matched, p *pool, m *meter) error {
	g := newGap(s.Effect, ps)
	if i := slices.IndexFunc(ps.list, func(one pair) bool { return s.Effect == "ratio" && min(one.larger, one.smaller) <= 0 }); i >= 0 {
		return fmt.Errorf("effect: a ratio needs values above 0, but a pair has %s and %s; ask for the difference",
			numberOrNone(ps.list[i].larger), numberOrNone(ps.list[i].smaller))
	}
	values := ps.byUnit(g.of, g.centre)
	least, most := ps.byUnit(g.least, g.centre), ps.byUnit(g.most, g.centre)
	v.units = len(values)
	if v.units == 0 {
		v.detail = fmt.Sprintf("There is no pair%s.", nulls(v.missing, s.Missing))
		return nil
	}
	scores := ps.byUnit(score(s.Effect), signedMedian)
	pValue, exact, err := wilcoxonP(scores, ps.slack(s.Effect, 0), s.Permutations, m.step)
	if err != nil {
		return err
	}
	v.setP(pValue, exact)
	v.estimate = g.centre(slices.Clone(values))
	if v.low, v.high, err = bootstrapBounds("claims/paired/bootstrap", least, most, s.Resamples, s.Confidence, g.centre, m.step); err != nil {
		return err
	}
	v.judge(s.MinEffect, halves(v.units))
	v.refute(s.Effect, s.MinEffect)
	right := 0
	for _, one := range ps.list {
		if one.larger > one.smaller {
			right++
		}
	}
	if s.Every && right < len(ps.list) {
		v.verdict = notReproduced
	}
	units := p.of()
	if p.unit == "" {
		units = "pairs"
	}
	v.detail = fmt.Sprintf("p is %s (%s) over %d %s%s; %s is %s%s; %d of %s are as said.",
		number(pValue), v.how(s.Permutations), v.units, units, nulls(v.missing, s.Missing), v.measure, numberOrNone(v.estimate), v.intervalText(),
		right, count(len(ps.list), "pair"))
	v.detail += ps.aloneText()
	v.explainNeed(s.MinEffect, halves(v.units), enoughSigns(s.Alpha), units)
	return nil
}

// score gives the number whose sign and size the test ranks: the difference, or for a ratio its
// logarithm; 0 for two nulls.
func score(effect string) func(pair) float64 {
	return func(p pair) float64 {
		switch {
		case p.larger == p.smaller:
			return 0
		case effect == "ratio" && p.larger > 0 && p.smaller > 0:
			return kernel.Log64(p.larger) - kernel.Log64(p.smaller)
		}
		return p.larger - p.smaller
	}
}

// signedMedian is the median; the lower one of two in the middle if the other is infinite, so that a unit is
// not ranked above all for half of its pairs; and 0 between infinities of both signs.
func signedMedian(values []float64) float64 {
	m, low := median(values), values[(len(values)-1)/2]
	switch {
	case m != m:
		return 0
	case math.IsInf(m, 1):
		return low
	}
	return m
}

// bootstrapOne gives the percentile interval of a statistic of one value a unit: NaN with fewer than
// two units, or if the statistic does not exist for some resample.
func bootstrapOne(purpose string, values []float64, resamples int, confidence float64, statistic func([]float64) float64, step func() error) (low, high float64, err error) {
	return bootstrapBounds(purpose, values, values, resamples, confidence, statistic, step)
}

// bootstrapBounds is bootstrapOne where of each unit only the least and the most that its value may be
// is known.
func bootstrapBounds(purpose string, least, most []float64, resamples int, confidence float64, statistic func([]float64) float64, step func() error) (low, high float64, err error) {
	nan := math.NaN()
	if len(least) < 2 || slices.ContainsFunc(least, math.IsNaN) || slices.ContainsFunc(most, math.IsNaN) {
		return nan, nan, nil
	}
	stream := kernel.NewStream(0, purpose)
	drawnLeast, drawnMost := make([]float64, len(least)), make([]float64, len(most))
	lows, highs := make([]float64, resamples), make([]float64, resamples)
	for i := range lows {
		for j := range drawnLeast {
			pick := stream.IntN(len(least))
			drawnLeast[j], drawnMost[j] = least[pick], most[pick]
		}
		lows[i], highs[i] = statistic(drawnLeast), statistic(drawnMost)
		if err := step(); err != nil {
			return nan, nan, err
		}
	}
	low, high = between(lows, highs, confidence)
	return low, high, nil
}
