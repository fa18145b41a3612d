package claimtests

import (
	"context"
	"fmt"
	"math"
	"strings"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/distribution"
	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// AlwaysSettings are the attributes of `test "always"`.
type AlwaysSettings struct {
	Y            string            `name:"y" column:"table" doc:"the column of numbers that the claim is about"`
	Is           string            `name:"is" doc:"what y is said to be in every row" oneof:"above,at_least,at_most,below"`
	Value        *float64          `name:"value" doc:"the number that y is compared with"`
	Than         string            `name:"than" column:"table" doc:"the column that y is compared with: of the same row, or of another table's row that agrees in all axes both have" default:""`
	Pair         []string          `name:"pair" column:"table" doc:"axes or columns in which the rows of y and than agree; none to choose as said there"`
	AtLeastShare *float64          `name:"at_least_share" doc:"the share of all such units (seeds) that is claimed to keep to it, which is then tested; without it the claim is about the units at hand, every one of them" above:"0" below:"1" unit:"1"`
	Error        string            `name:"error" column:"table" doc:"the column that holds the standard error of y" default:""`
	Tolerance    *float64          `name:"tolerance" doc:"by how many standard errors y may miss, as measuring it is not exact" above:"0" unit:"standard errors"`
	Where        map[string]string `name:"where" column:"table" doc:"rows that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Unit         string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows are, if no table has it or it is empty" default:"seed"`
	Missing      string            `name:"missing" doc:"what a null is: a mistake, nothing, a row that fails, or a value above every other, as for a step that was never reached" default:"error" oneof:"error,drop,fail,above"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts, two-sided; the interval covers 1 - alpha" default:"0.05" above:"0" max:"0.5" unit:"1"`
}

// Check reports nothing to compare with, or two things, and one of error and tolerance without the other.
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
			Detail: "Name another column; to compare two groups of rows of one column use the test paired with effect = \"share\".",
		})
	}
	if (s.Tolerance == nil) != (s.Error == "") {
		problems = append(problems, stages.Problem{
			Path: "tolerance", Summary: "tolerance and error belong together",
			Detail: "tolerance counts standard errors, and error names the column that holds them: give both or neither.",
		})
	}
	return problems
}

// Always tests whether every unit, or a share of all units, keeps to a bound.
//
//	in   table    any tables; y (and than) hold numbers
//	out  verdict  one row
//
// A unit keeps to the claim if all of its rows do. The p-value is exact, of the binomial distribution with at_least_share: twice
// the smaller tail. The interval is that of Clopper and Pearson (1934, Biometrika 26, 404-413), of the same test.
var Always = stages.Define(stages.Kind{
	Name:    "always",
	Version: 7,
	Doc: `Tests whether every unit (seed), or a share of all such units, keeps to a bound or to a comparison of two columns.

With at_least_share the claim is about all units of which those at hand are a sample. Reproduced if the exact interval of
the share (Clopper-Pearson) lies above at_least_share, not reproduced if it lies below, inconclusive if it holds it;
then it is said how many units would decide. Of 20 units, 20 that keep to it show a share of 0.8, and not of 0.9: claim
what your seeds can show, or run more. Without at_least_share the claim is about the units at hand: reproduced if every
row of each keeps to it, not reproduced if one does not. That is a fact and no test, so it has no p-value. With tolerance and
error a row may miss by so many standard errors of its own.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput},
	FormerSettings: formerSettings(map[string]stages.Former{
		"share": {Instead: "Write at_least_share, the share of all such units that is claimed; it is what the test now asks."},
	}),
	Labels: gather.Labels,
}, careful(always))

// kept is the sample of an always: which units keep to the claim.
type kept struct {
	question
	units []string
	keeps []bool
}

// trial implements Open.
func (s *AlwaysSettings) trial(ctx context.Context, r *stages.Run) (Trial, error) {
	if s.AtLeastShare == nil {
		return nil, nil
	}
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return nil, err
	}
	ps, _, err := s.compared(p)
	if err != nil {
		return nil, err
	}
	return s.sample(ps), nil
}

func always(ctx context.Context, s *AlwaysSettings, r *stages.Run) error {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	ps, with, err := s.compared(p)
	if err != nil {
		return err
	}
	k := s.sample(ps)
	v := newVerdict(p, s.stake())
	v.confidence, v.n, v.missing, v.units = 1-s.Alpha, ps.rows, ps.missing, len(k.units)
	relation := strings.ReplaceAll(s.Is, "_", " ") + " " + with
	if s.Tolerance != nil {
		relation += fmt.Sprintf(" within %s standard errors", stages.FormatFloat(*s.Tolerance))
	}
	v.measure = fmt.Sprintf("share of %s with %s %s", p.plural(), s.Y, relation)
	v.needed = fmt.Sprintf("every %s %s in every row", s.Y, relation)
	if s.AtLeastShare != nil {
		v.alpha = s.Alpha
		v.needed = fmt.Sprintf("%s above %s: its whole %s %% interval", v.measure, stages.FormatFloat(*s.AtLeastShare), percent(v.confidence))
	}
	if len(k.units) == 0 {
		v.detail = sentence("There is no row", nullsText(v.missing, s.Missing))
		return v.write(r)
	}
	m := &meter{ctx: ctx, report: r.Progress, total: 1}
	if err := s.decide(v, k, p, relation, m.step); err != nil {
		return err
	}
	m.finish()
	v.detail += ps.aloneText()
	return v.write(r)
}

// compared gives y with what it is compared with, and names that.
func (s *AlwaysSettings) compared(p *pool) (*matched, string, error) {
	if s.Than != "" {
		ps, err := p.join(pairing{larger: s.Y, smaller: s.Than, keys: s.Pair, within: "median", first: "y", second: "than", beside: s.Error})
		return ps, s.Than, err
	}
	y, err := p.take(s.Y, nil, nil, s.Error)
	if err != nil {
		return nil, "", err
	}
	if s.Error != "" {
		if err := y.lacking(s.Error, true); err != nil {
			return nil, "", fmt.Errorf("error: %w", err)
		}
	}
	ps := &matched{missing: y.missing, rows: len(y.rows)}
	for _, o := range y.rows {
		ps.list = append(ps.list, pair{larger: o.value, smaller: *s.Value, beside: o.beside, unit: o.unit, rows: 1})
	}
	return ps, withUnit(*s.Value, y.measure), nil
}

// sample tells of each unit whether all of its rows are as said.
func (s *AlwaysSettings) sample(ps *matched) *kept {
	k := &kept{}
	if s.AtLeastShare != nil {
		k.question = asked(true, *s.AtLeastShare, s.Alpha, 0, "claims/always")
	}
	var units gather.Groups[string]
	for _, one := range ps.list {
		i := units.Of(one.unit)
		if i == len(k.keeps) {
			k.keeps = append(k.keeps, true)
		}
		k.keeps[i] = k.keeps[i] && s.keeps(one)
	}
	k.units = units.Keys
	return k
}

// keeps reports whether a pair is as said; two nulls are not.
func (s *AlwaysSettings) keeps(p pair) bool {
	a, b := p.larger, p.smaller
	if nulls := math.IsInf(a, 1) || math.IsInf(b, 1); nulls && (s.Missing == "fail" || a == b) {
		return false
	}
	slack := 0.0
	if s.Tolerance != nil && finite(a) {
		slack = float64(*s.Tolerance * p.beside)
	}
	switch s.Is {
	case "above":
		return a+slack > b
	case "at_least":
		return a+slack >= b
	case "at_most":
		return a-slack <= b
	}
	return a-slack < b
}

// good counts the units that keep to the claim.
func (k *kept) good() int {
	n := 0
	for _, ok := range k.keeps {
		if ok {
			n++
		}
	}
	return n
}

// find implements sample.
func (k *kept) find(ask inference.Question) (*finding, error) {
	return k.question.find(ask, func(q inference.Question) (inference.Answer, error) {
		return inference.Share(k.good(), len(k.keeps), q), nil
	})
}

// redraw implements sample.
func (k *kept) redraw(n int, stream *kernel.Stream) sample {
	drawn := *k
	drawn.keeps = inference.Resample(k.keeps, n, stream)
	return &drawn
}

// Verdict implements Trial.
func (k *kept) Verdict(step func() error) (string, error) { return verdictOf(k, step) }

// Null draws units that keep to it with the probability that is claimed.
func (k *kept) Null(stream *kernel.Stream) Trial {
	drawn := *k
	drawn.keeps = make([]bool, len(k.keeps))
	for i := range drawn.keeps {
		drawn.keeps[i] = stream.Float64() < k.from
	}
	return &drawn
}

// decide sets numbers, verdict and detail.
func (s *AlwaysSettings) decide(v *verdict, k *kept, p *pool, relation string, step func() error) error {
	good, n := k.good(), len(k.keeps)
	v.estimate = float64(good) / float64(n)
	v.low, v.high = distribution.ClopperPearson(good, n, v.confidence)
	has := keepText(good, n, p)
	has += " " + s.Y + " " + relation
	if s.AtLeastShare == nil {
		v.verdict = notReproduced
		if good == n {
			v.verdict = reproduced
		}
		v.detail = sentence(has, listed(manyRows(v), nullsText(v.missing, s.Missing))) + s.exceptions(k, p) + factText(good, n, p, v.confidence)
		return nil
	}
	f, err := k.find(inference.Question{})
	if err != nil {
		return err
	}
	v.hold(f)
	v.detail = sentence(has, listed(fmt.Sprintf("a share of %s", number(v.estimate)), v.interval(), v.pSays("exact binomial"), manyRows(v), nullsText(v.missing, s.Missing))) +
		s.exceptions(k, p)
	return v.conclude(f, k, p.plural(), "", n, step)
}

// exceptions names the first few units that do not keep to the claim.
func (s *AlwaysSettings) exceptions(k *kept, p *pool) string {
	var names []string
	for i, ok := range k.keeps {
		if !ok {
			names = append(names, k.units[i])
		}
	}
	const most = 5
	switch n := len(names); {
	case p.unit == "" || n == 0 || n == len(k.keeps):
		return ""
	case n == 1:
		return fmt.Sprintf(" %s %s does not.", titled(p.unit), names[0])
	case n > most+1:
		names = append(names[:most:most], fmt.Sprintf("%d others", n-most))
	}
	last := len(names) - 1
	return fmt.Sprintf(" %s %s and %s do not.", titled(p.plural()), strings.Join(names[:last], ", "), names[last])
}
