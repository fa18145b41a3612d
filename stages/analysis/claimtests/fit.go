package claimtests

import (
	"context"
	"fmt"
	"slices"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/inference"
)

// FitSettings are the attributes of `test "fit"`.
type FitSettings struct {
	X            string            `name:"x" column:"table" doc:"the axis or column of numbers that y is said to depend on"`
	Y            string            `name:"y" column:"table" doc:"the axis or column of numbers that follows the law"`
	Law          string            `name:"law" doc:"the law that is said to fit best" oneof:"constant,linear,power,exponential,1/(1-x),1/(4x(1-x)),a+b/(1-x),a+b/(4x(1-x)),1/(1-x)^b,1/(4x(1-x))^b"`
	Against      []string          `name:"against" doc:"the laws that it is compared with; none for constant, linear, power, exponential, 1/(1-x) and 1/(4x(1-x)), as far as they have values" oneof:"constant,linear,power,exponential,1/(1-x),1/(4x(1-x)),a+b/(1-x),a+b/(4x(1-x)),1/(1-x)^b,1/(4x(1-x))^b"`
	Scale        string            `name:"scale" doc:"on which the squares are least: the logarithm of y, for errors in proportion to y, or y itself" default:"log" oneof:"log,linear"`
	MinLead      float64           `name:"min_lead" doc:"by how much the AICc of the law must be below that of the best other law, in its whole interval" default:"2" min:"0" unit:"1"`
	MinR2        *float64          `name:"min_r2" doc:"the share of the variance, on the scale of the fit, that the law must explain more than, in its whole interval" max:"1" unit:"1"`
	Where        map[string]string `name:"where" column:"table" doc:"rows that count: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Unit         string            `name:"unit" column:"table" doc:"the axis or column whose values are independent; rows are, if no table has it or it is empty" default:"seed"`
	Within       string            `name:"within" doc:"what is made of several rows that a unit has at one x; last is the last in the order of the table" default:"median" oneof:"median,mean,min,max,last"`
	Missing      string            `name:"missing" doc:"what a null in y is: a mistake, or nothing, which bends the law where it stands for a step that was never reached" default:"error" oneof:"error,drop"`
	Alpha        float64           `name:"alpha" doc:"the largest p-value that counts; the intervals cover 1 - alpha" default:"0.05" above:"0" max:"0.5" unit:"1"`
	Permutations int               `name:"permutations" doc:"random permutations for the p-value" default:"1999" min:"99" max:"1000000" unit:"permutations"`
	Resamples    int               `name:"resamples" doc:"bootstrap resamples" default:"999" min:"199" max:"100000" unit:"resamples"`
}

// Check reports an axis used twice and permutations that cannot reach alpha.
func (s *FitSettings) Check() []stages.Problem {
	problems := gather.CheckWhere("where", s.Where)
	if 1/float64(1+s.Permutations) > s.Alpha {
		problems = append(problems, stages.Problem{
			Path: "permutations", Summary: "too few permutations for this alpha",
			Detail: fmt.Sprintf("The smallest p-value would be 1/%d, above %s.", 1+s.Permutations, stages.FormatFloat(s.Alpha)),
		})
	}
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
// Each unit has one value at each x. Laws are fitted to these by least squares and compared by AICc (Burnham, Anderson 2002, Model
// Selection and Multimodel Inference, §2.4 and §2.6, where a lead of 2 is the least that tells). AICc takes rows to be independent,
// which those of one seed are not, and has no distribution of its own; so the interval of the lead is the percentile interval
// over resampled units (Davison, Hinkley 1997, Bootstrap Methods and their Application, §5.3.1), which is narrow with fewer than ten
// or so of them. The p-value is that of the claimed law's squares when the values of y are dealt to the x at random, within
// units if each has several x: it says that y follows x that way at all, and not that other laws do not. A lead of the law is
// bounded by no p-value.
var Fit = stages.Define(stages.Kind{
	Name:    "fit",
	Version: 5,
	Doc: `Tests whether a law, such as y = a / (4x(1-x)), describes y better than other laws do.

Each unit (seed) counts once at each x (within). Each law is fitted by least squares, on the scale of log y by default, and they are
compared by AICc. The effect is the claimed law's lead: the least AICc of the others less its own. Reproduced if its whole interval,
over resampled units, is at least min_lead, and that of R² above min_r2, and the p-value (the law's squares under random dealings of
y to x; none for a constant) is at most alpha. Not reproduced if another law leads by min_lead in the whole interval, or all of R² lies
below min_r2. Else inconclusive: no law is clearly ahead, which is not to say that the claimed one is wrong. The p-value says that y
follows x, and not that no other law would do as well: that rests on the interval, which is approximate, and too narrow for
fewer than about ten units. The output fits has all laws with their parameters, their intervals, and how often each was
best among the resamples. Few values of x tell few laws apart: it needs four.`,
	Inputs:         []stages.Input{tableInput},
	Outputs:        []stages.Output{verdictOutput, {Name: "fits", Doc: "the laws that were fitted, with their parameters", Fields: fitFields}},
	FormerSettings: formerSettings(nil),
	Labels:         gather.Labels,
}, careful(fit))

// open reads the tables of a fit.
func (s *FitSettings) open(ctx context.Context, r *stages.Run) (*fitSample, error) {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return nil, err
	}
	rows, err := s.rows(p)
	if err != nil {
		return nil, err
	}
	list, err := s.candidates(rows)
	if err != nil {
		return nil, err
	}
	return &fitSample{FitSettings: s, rows: rows, laws: list, pool: p}, nil
}

// trial implements Open. A constant has no p-value.
func (s *FitSettings) trial(ctx context.Context, r *stages.Run) (Trial, error) {
	t, err := s.open(ctx, r)
	if err != nil || s.Law == "constant" {
		return nil, err
	}
	return t, nil
}

func fit(ctx context.Context, s *FitSettings, r *stages.Run) error {
	t, err := s.open(ctx, r)
	if err != nil {
		return err
	}
	v := newVerdict(t.pool, s.stake())
	v.confidence = 1 - s.Alpha
	v.n, v.missing, v.units = t.rows.rows, t.rows.missing, t.rows.units
	v.measure = fmt.Sprintf("lead of %s: AICc of the best other law less its own", s.Law)
	v.needed = fmt.Sprintf("%s follows %s of %s: the whole %s %% interval of its lead in AICc is at least %s", s.Y, s.Law, s.X,
		percent(v.confidence), stages.FormatFloat(s.MinLead))
	if s.MinR2 != nil {
		v.needed += ", that of R² above " + stages.FormatFloat(*s.MinR2)
	}
	if s.Law != "constant" {
		v.alpha = s.Alpha
		v.needed += ", and p at most " + stages.FormatFloat(s.Alpha)
	}
	m := &meter{ctx: ctx, report: r.Progress, total: int64(s.Resamples + s.Permutations)}
	var list []*fitted
	if !t.enough() {
		v.detail = sentence(fmt.Sprintf("There are %s at %s of %s: laws need 6 at 4", count(len(t.rows.z), "value"), count(len(t.rows.x), "value"), s.X),
			nullsText(v.missing, s.Missing))
	} else {
		f, err := t.find(m.step)
		if err != nil {
			return err
		}
		s.say(v, t, f)
		list = f.list
	}
	table, err := s.table(list)
	if err != nil {
		return err
	}
	if err := r.Write("fits", table); err != nil {
		return err
	}
	return v.write(r)
}

// say sets numbers and words.
func (s *FitSettings) say(v *verdict, t *fitSample, f *fitFinding) {
	describe := func(f *fitted) string {
		text := fmt.Sprintf("%s (a = %s", f.formula, number(f.a))
		if f.parameters() == 2 {
			text += ", b = " + number(f.b)
		}
		return text + ")"
	}
	v.verdict, v.estimate, v.low, v.high = f.verdict(), f.lead, f.low, f.high
	p := ""
	if finite(f.p) {
		v.pValue, v.method = f.p, string(inference.Permutations)
		p = pText(f.p)
	}
	r2 := "R² " + numberOrNone(f.claimed.r2)
	if s.MinR2 != nil && finite(f.r2Low) {
		r2 += fmt.Sprintf(" (%s)", rangeText(f.r2Low, f.r2High, v.confidence))
	}
	ahead := fmt.Sprintf("is ahead of the best other law, %s, by %s in AICc", describe(f.other), number(f.lead))
	if f.lead < 0 {
		ahead = fmt.Sprintf("is behind the best other law, %s, by %s in AICc, a lead of %s", describe(f.other), number(-f.lead), number(f.lead))
	}
	v.detail = sentence(fmt.Sprintf("The law %s %s", describe(f.claimed), ahead), listed(v.interval(), p, r2,
		fmt.Sprintf("%s at %d values of %s", count(t.rows.units, t.rows.name), len(t.rows.x), s.X),
		withinText(s.Within, "row", v.n, len(t.rows.z)), nullsText(v.missing, s.Missing)))
	switch {
	case v.verdict == reproduced:
	case v.verdict == notReproduced && f.high <= -s.MinLead:
		v.detail += fmt.Sprintf(" That law leads by %s or more in the whole interval.", stages.FormatFloat(s.MinLead))
	case v.verdict == notReproduced:
		v.detail += fmt.Sprintf(" The whole interval of R² lies below %s.", stages.FormatFloat(*s.MinR2))
	case f.p > s.Alpha:
		v.detail += fmt.Sprintf(" That %s follows %s at all is not shown.", s.Y, s.X)
	case s.MinR2 != nil && !(f.r2Low >= *s.MinR2) && f.low >= s.MinLead:
		v.detail += fmt.Sprintf(" The interval of R² holds %s.", stages.FormatFloat(*s.MinR2))
	default:
		v.detail += fmt.Sprintf(" No law is ahead by %s in the whole interval.", stages.FormatFloat(s.MinLead))
		if v.unitsNeeded = f.unitsNeeded(t.rows.units); v.unitsNeeded > 0 {
			v.detail += fmt.Sprintf(" If leads grow as the units do, about %s would decide.", count(v.unitsNeeded, t.rows.name))
		}
	}
}
