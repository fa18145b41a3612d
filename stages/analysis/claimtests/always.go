package claimtests

import (
	"context"
	"fmt"
	"math"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/distribution"
	"spurion/stages/numeric/kernel"
)

// AlwaysSettings are the attributes of `test "always"`.
type AlwaysSettings struct {
	Y          string            `name:"y" column:"table" doc:"the column of numbers that the claim is about"`
	Is         string            `name:"is" doc:"what y is said to be in every row" oneof:"above,at_least,at_most,below"`
	Value      *float64          `name:"value" doc:"the number that y is compared with"`
	Than       string            `name:"than" column:"table" doc:"the column that y is compared with: of the same row, or of another table's row that agrees in all axes both have" default:""`
	Pair       []string          `name:"pair" column:"table" doc:"axes or columns in which the rows of y and than agree; none to choose as said there"`
	Where      map[string]string `name:"where" column:"table" doc:"rows that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Unit       string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows are, if no table has it or it is empty" default:"seed"`
	Missing    string            `name:"missing" doc:"what a null is: a mistake, nothing, a row that fails, or a value above every other, as for a step that was never reached" default:"error" oneof:"error,drop,fail,above"`
	Share      float64           `name:"share" doc:"the units must be so many that if only this share of all units kept to the claim, all of those at hand would with a probability of at most alpha" default:"0.5" above:"0" below:"1" unit:"1"`
	Alpha      float64           `name:"alpha" doc:"the largest p-value that counts" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Confidence float64           `name:"confidence" doc:"coverage of the exact interval" default:"0.95" min:"0.5" below:"1" unit:"1"`
}

// Check reports nothing to compare with, or two things.
func (s *AlwaysSettings) Check() []stages.Problem {
	problems := gather.CheckWhere("where", s.Where)
	if (s.Value == nil) == (s.Than == "") {
		problems = append(problems, stages.Problem{
			Summary: "nothing to compare with, or two things",
			Detail:  "Give exactly one of value, a number, and than, a column.",
		})
	}
	if s.Than == s.Y {
		problems = append(problems, stages.Problem{
			Path: "than", Summary: "a column is compared with itself",
			Detail: "Name another column; to compare two groups of rows of one column use paired with every = true.",
		})
	}
	return problems
}

// Always tests whether every row, and so every seed, keeps to a bound.
//
//	in   table    any tables; y (and than) hold numbers
//	out  verdict  one row
//
// A unit keeps to the claim if all of its rows do. The p-value is the exact binomial probability of
// as many units that do, or more, if each did with probability share; the interval is that of
// Clopper and Pearson for the share of all such units that would.
var Always = stages.Define(stages.Kind{
	Name:    "always",
	Version: 4,
	Brief:   "one pass over the rows",
	Doc: `Tests whether every row of every unit (seed) keeps to a bound, or to a comparison of two columns.

Reproduced if every row does, and the units are enough to say so: if only a share of all units did
(a half by default), all of those at hand would with a probability of at most alpha. Not reproduced
if a single one does not. Inconclusive if all do but are too few; with the defaults five seeds are
enough. The estimate is the share of units that keep to it, with its exact interval.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	Labels:  gather.Labels,
}, careful(always))

func always(ctx context.Context, s *AlwaysSettings, r *stages.Run) error {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	v := newVerdict()
	v.alpha, v.confidence = s.Alpha, s.Confidence
	ps, with, err := s.compared(p)
	if err != nil {
		return err
	}
	relation := map[string]string{"at_least": "at least", "at_most": "at most"}[s.Is]
	if relation == "" {
		relation = s.Is
	}
	v.measure = fmt.Sprintf("share of %s with %s %s %s", unitsName(p), s.Y, relation, with)
	v.needed = fmt.Sprintf("every %s %s %s, of so many units that p against a share of %s is at most %s",
		s.Y, relation, with, stages.FormatFloat(s.Share), stages.FormatFloat(s.Alpha))
	s.decide(v, ps, p)
	return v.write(r)
}

// unitsName names the units in the plural.
func unitsName(p *pool) string {
	if p.unit == "" {
		return "rows"
	}
	return p.unit + "s"
}

// compared gives y with what it is compared with, and names that.
func (s *AlwaysSettings) compared(p *pool) (*matched, string, error) {
	if s.Than != "" {
		ps, err := p.join(pairing{larger: s.Y, smaller: s.Than, keys: s.Pair, within: "median"})
		return ps, s.Than, err
	}
	y, err := p.take(s.Y, nil, nil)
	if err != nil {
		return nil, "", err
	}
	ps := &matched{missing: y.missing, rows: len(y.rows)}
	for _, o := range y.rows {
		ps.list = append(ps.list, pair{larger: o.value, smaller: *s.Value, unit: o.unit, rows: 1})
	}
	return ps, stages.FormatFloat(*s.Value) + unitText(y.measure), nil
}

// keeps reports whether a pair is as said; two nulls are not.
func (s *AlwaysSettings) keeps(p pair) bool {
	a, b := p.larger, p.smaller
	if nulls := math.IsInf(a, 1) || math.IsInf(b, 1); nulls && (s.Missing == "fail" || a == b) {
		return false
	}
	switch s.Is {
	case "above":
		return a > b
	case "at_least":
		return a >= b
	case "at_most":
		return a <= b
	}
	return a < b
}

// decide sets the numbers, verdict and detail.
func (s *AlwaysSettings) decide(v *verdict, ps *matched, p *pool) {
	kept := 0
	units := ps.byUnit(func(one pair) float64 {
		if s.keeps(one) {
			kept++
			return 1
		}
		return 0
	}, func(rows []float64) float64 {
		for _, x := range rows {
			if x == 0 {
				return 0
			}
		}
		return 1
	})
	v.n, v.missing, v.units = ps.rows, ps.missing, len(units)
	if v.units == 0 {
		v.detail = fmt.Sprintf("There is no row%s.", nulls(v.missing, s.Missing))
		return
	}
	good := 0
	for _, u := range units {
		good += int(u)
	}
	v.estimate = float64(good) / float64(v.units)
	v.low, v.high = distribution.ClopperPearson(good, v.units, s.Confidence)
	v.setP(s.pValue(good, v.units), true)
	v.detail = fmt.Sprintf("%d of %d %s are as said, and %d of %s%s; p is %s (exact) against a share of %s; the %s %% interval of the share is %s to %s.",
		good, v.units, p.of(), kept, count(len(ps.list), "row"), nulls(v.missing, s.Missing), number(v.pValue), stages.FormatFloat(s.Share),
		percent(s.Confidence), number(v.low), number(v.high))
	v.detail += ps.aloneText()
	switch {
	case good < v.units:
		v.verdict = notReproduced
	case v.pValue <= s.Alpha:
		v.verdict = reproduced
	default:
		n := max(1, int(kernel.Log64(s.Alpha)/kernel.Log64(s.Share))) // or a few more
		for s.pValue(n, n) > s.Alpha {
			n++
		}
		v.unitsNeeded = n
		v.detail += fmt.Sprintf(" All keep to it, but are too few: %d %s would do.", n, p.of())
	}
}

// pValue gives the probability of at least so many units that keep to the claim if each does with probability
// share. It is settled before it is compared with alpha: of two units at a share of 0.1 it is 0.01, though the
// product of the float64 is above that.
func (s *AlwaysSettings) pValue(good, units int) float64 {
	return distribution.Settle(binomialTail(good, units, s.Share))
}
