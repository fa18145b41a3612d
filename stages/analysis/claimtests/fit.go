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

// FitSettings are the attributes of `test "fit"`.
type FitSettings struct {
	X            string            `name:"x" column:"table" doc:"the axis or column of numbers that y is said to depend on"`
	Y            string            `name:"y" column:"table" doc:"the axis or column of numbers that follows the law"`
	Law          string            `name:"law" doc:"the law that is said to fit best" oneof:"constant,linear,power,exponential,1/(1-x),1/(4x(1-x)),a+b/(1-x),a+b/(4x(1-x)),1/(1-x)^b,1/(4x(1-x))^b"`
	Against      []string          `name:"against" doc:"the laws that it is compared with; none for constant, linear, power, exponential, 1/(1-x) and 1/(4x(1-x)), as far as they have values" oneof:"constant,linear,power,exponential,1/(1-x),1/(4x(1-x)),a+b/(1-x),a+b/(4x(1-x)),1/(1-x)^b,1/(4x(1-x))^b"`
	Scale        string            `name:"scale" doc:"on which the squares are least: the logarithm of y, for errors in proportion to y, or y itself" default:"log" oneof:"log,linear"`
	MinLead      float64           `name:"min_lead" doc:"by how much the law's AICc must be below that of the best other law" default:"2" min:"0" unit:"1"`
	MinR2        *float64          `name:"min_r2" doc:"the least share of the variance, on the scale of the fit, that the law must explain" max:"1" unit:"1"`
	Where        map[string]string `name:"where" column:"table" doc:"rows that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Unit         string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows are, if no table has it or it is empty" default:"seed"`
	Missing      string            `name:"missing" doc:"what a null in y is: a mistake, or nothing, which bends the law where it stands for a step that was never reached" default:"error" oneof:"error,drop"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Permutations int               `name:"permutations" doc:"random permutations for the p-value" default:"1999" min:"99" max:"1000000" unit:"permutations"`
	Confidence   float64           `name:"confidence" doc:"nominal coverage of the intervals" default:"0.95" min:"0.5" below:"1" unit:"1"`
	Resamples    int               `name:"resamples" doc:"bootstrap resamples" default:"999" min:"199" max:"100000" unit:"resamples"`
}

// Check reports an axis used twice and permutations that cannot reach alpha.
func (s *FitSettings) Check() []stages.Problem {
	problems := append(gather.CheckWhere("where", s.Where), checkPermutations(s.Permutations, s.Alpha)...)
	if s.X == s.Y {
		problems = append(problems, stages.Problem{Path: "y", Summary: fmt.Sprintf("%q is used twice", s.Y), Detail: "x and y are two different columns."})
	}
	if len(s.Against) > 0 && !slices.ContainsFunc(s.Against, func(name string) bool { return name != s.Law }) {
		problems = append(problems, stages.Problem{Path: "against", Summary: "there is no other law", Detail: "Name laws other than the claimed one, or leave against out."})
	}
	return problems
}

// Fit tests which of several laws describes y best.
//
//	in   table    any tables, joined; x and y hold numbers
//	out  verdict  one row
//	out  fits     a row a law
//
// Laws are fitted by least squares and compared by AICc (Burnham, Anderson 2002, Model Selection
// and Multimodel Inference, §2.4 and §2.6, where a lead of 2 is the least that tells). Rows of one
// seed are not independent, so the lead's interval, over resampled units, says how far it is to be
// trusted. The p-value is that of the claimed law's squares when the values of y are dealt to the
// rows at random, within units if each has rows at several x: it says that y follows x that way at
// all, and not that other laws do not.
var Fit = stages.Define(stages.Kind{
	Name:    "fit",
	Version: 3,
	Doc: `Tests whether a law, such as y = a / (4x(1-x)), describes y better than other laws do.

Each law is fitted by least squares, on the scale of log y by default, and they are compared by
AICc. The estimate is the claimed law's lead: the least AICc of the others less its own. Reproduced
if the lead is at least min_lead, the law explains at least min_r2, and the p-value (the law's squares
under random dealings of y to the rows; none for a constant) is at most alpha. Not reproduced if
another law leads by min_lead, or if r2 or p fall short; else inconclusive: no law is clearly ahead.
The output fits has all laws with their parameters, their intervals over resampled units (seeds), and
how often each was best among the resamples. Few values of x tell few laws apart: it needs four.`,
	Inputs:  []stages.Input{tableInput},
	Outputs: []stages.Output{verdictOutput, {Name: "fits", Doc: "the laws that were fitted, with their parameters", Fields: fitFields}},
	Labels:  gather.Labels,
}, careful(fit))

// fitted is a law with its fit and what resampling made of it.
type fitted struct {
	*law
	curve
	aicc   float64
	r2     float64   // NaN if y does not vary
	as, bs []float64 // of resamples
	wins   int
}

func fit(ctx context.Context, s *FitSettings, r *stages.Run) error {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return err
	}
	rows, err := s.rows(p)
	if err != nil {
		return err
	}
	list, err := s.candidates(rows)
	if err != nil {
		return err
	}
	v := newVerdict()
	v.alpha, v.confidence = s.Alpha, s.Confidence
	v.n, v.missing, v.units = len(rows.z), rows.missing, rows.units
	v.measure = fmt.Sprintf("lead of %s: AICc of the best other law less its own", s.Law)
	v.needed = fmt.Sprintf("%s follows %s of %s: a lead in AICc of at least %s, and p at most %s",
		s.Y, s.Law, s.X, stages.FormatFloat(s.MinLead), stages.FormatFloat(s.Alpha))
	if s.MinR2 != nil {
		v.needed += ", and R² of at least " + stages.FormatFloat(*s.MinR2)
	}
	m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Resamples + s.Permutations)}
	if len(rows.x) < 4 || len(rows.z) < 6 {
		v.detail = fmt.Sprintf("%s at %s of %s: laws need 6 rows at 4 values.", count(len(rows.z), "row"), count(len(rows.x), "value"), s.X)
		list = nil
	} else if err := s.decide(v, rows, list, m); err != nil {
		return err
	}
	t, err := s.table(list)
	if err != nil {
		return err
	}
	if err := r.Write("fits", t); err != nil {
		return err
	}
	return v.write(r)
}

// candidates gives the laws to fit, in the order of laws.
func (s *FitSettings) candidates(rows *fitRows) ([]*fitted, error) {
	names, chosen := usualLaws, len(s.Against) > 0
	if chosen {
		names = s.Against
	}
	var list []*fitted
	for i := range laws {
		l := &laws[i]
		if l.name != s.Law && !slices.Contains(names, l.name) {
			continue
		}
		if !l.holds(rows.x) {
			if chosen || l.name == s.Law {
				return nil, fmt.Errorf("law %s has no value at some %s of %s to %s", l.name, s.X, number(rows.x[0]), number(rows.x[len(rows.x)-1]))
			}
			continue
		}
		list = append(list, &fitted{law: l})
	}
	return list, nil
}

// decide fits all laws, resamples, and sets verdict and detail.
func (s *FitSettings) decide(v *verdict, rows *fitRows, list []*fitted, m *meter) error {
	p := rows.points(slices.Repeat([]int{1}, len(rows.z)))
	for _, f := range list {
		f.curve = f.fit(p)
		f.aicc, f.r2 = p.aicc(f.rss, f.parameters()), p.explained(f.rss)
	}
	claimed := list[slices.IndexFunc(list, func(f *fitted) bool { return f.name == s.Law })]
	other := s.rival(list, func(f *fitted) float64 { return f.aicc })
	v.estimate = other.aicc - claimed.aicc
	leads, err := s.resample(rows, list, m)
	if err != nil {
		return err
	}
	if leads != nil {
		v.low, v.high = percentiles(leads, s.Confidence)
	}
	related := true
	if s.Law != "constant" {
		pValue, err := rows.pValue(claimed, s.Permutations, m.step)
		if err != nil {
			return err
		}
		v.setP(pValue, false)
		related = pValue <= s.Alpha
	}
	explains := s.MinR2 == nil || claimed.r2 >= *s.MinR2
	switch {
	case !related || !explains || v.estimate <= -s.MinLead:
		v.verdict = notReproduced
	case v.estimate >= s.MinLead:
		v.verdict = reproduced
	}
	s.explain(v, rows, claimed, other)
	return nil
}

// rival is the best of the laws other than the claimed one.
func (s *FitSettings) rival(list []*fitted, of func(*fitted) float64) *fitted {
	var best *fitted
	for _, f := range list {
		if f.name != s.Law && (best == nil || of(f) < of(best)) {
			best = f
		}
	}
	return best
}

// explain writes the sentence behind the verdict.
func (s *FitSettings) explain(v *verdict, rows *fitRows, claimed, other *fitted) {
	describe := func(f *fitted) string {
		text := fmt.Sprintf("%s (a = %s", f.formula, number(f.a))
		if f.parameters() == 2 {
			text += ", b = " + number(f.b)
		}
		return text + ")"
	}
	v.detail = fmt.Sprintf("The law %s has R² %s and AICc %s; the best other law, %s, has R² %s and AICc %s: a lead of %s%s",
		describe(claimed), numberOrNone(claimed.r2), number(claimed.aicc), describe(other), numberOrNone(other.r2), number(other.aicc),
		number(v.estimate), v.intervalText())
	if v.method != "" {
		v.detail += fmt.Sprintf("; p is %s (%s)", number(v.pValue), v.how(s.Permutations))
	}
	v.detail += fmt.Sprintf(", over %s of %d units at %d values of %s%s.", count(v.n, "row"), v.units, len(rows.x), s.X, nulls(v.missing, s.Missing))
	if v.verdict == inconclusive {
		v.detail += fmt.Sprintf(" No law is ahead by %s.", stages.FormatFloat(s.MinLead))
		if need := math.Ceil(float64(v.units) * (s.MinLead / math.Abs(v.estimate))); need <= 1e6 {
			v.unitsNeeded = max(int(need), v.units+1)
			v.detail += fmt.Sprintf(" If leads grow with the units, about %d units would decide.", v.unitsNeeded)
		}
	}
}

// resample fits all laws to resampled units and gives the claimed law's leads; nil with fewer than two
// units. A resample without at least three values of x is drawn again.
func (s *FitSettings) resample(rows *fitRows, list []*fitted, m *meter) ([]float64, error) {
	if rows.units < 2 {
		return nil, nil
	}
	stream := kernel.NewStream(0, "claims/fit/bootstrap")
	weights, times := make([]int, len(rows.z)), make([]int, rows.units)
	leads := make([]float64, 0, s.Resamples)
	scores := map[*fitted]float64{}
	for len(leads) < s.Resamples {
		p := rows.draw(weights, times, stream)
		var best *fitted
		for _, f := range list {
			c := f.fit(p)
			scores[f] = p.aicc(c.rss, f.parameters())
			f.as, f.bs = append(f.as, c.a), append(f.bs, c.b)
			if best == nil || scores[f] < scores[best] {
				best = f
			}
		}
		best.wins++
		own := 0.0
		for _, f := range list {
			if f.name == s.Law {
				own = scores[f]
			}
		}
		leads = append(leads, scores[s.rival(list, func(f *fitted) float64 { return scores[f] })]-own)
		if err := m.step(); err != nil {
			return nil, err
		}
	}
	return leads, nil
}
