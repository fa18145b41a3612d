package claimtests

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
)

// fitSample is the sample of a fit: one value a unit and x, and the laws that are fitted to them.
type fitSample struct {
	*FitSettings
	rows *fitRows
	laws []*law
	pool *pool // nil of one that is drawn
}

// fitted is a law with its fit and what resampling made of it.
type fitted struct {
	*law
	curve
	aicc   float64
	r2     float64   // NaN if y does not vary
	as, bs []float64 // of resamples
	wins   int
}

// A fitFinding is what the laws' fits come to.
type fitFinding struct {
	*FitSettings
	list            []*fitted
	claimed, other  *fitted // the law of the claim, and the best of the others
	lead, low, high float64 // in AICc, with its interval over resampled units; NaN with one unit
	r2Low, r2High   float64
	p               float64 // NaN for a constant
}

// candidates gives the laws to fit, in the order of laws.
func (s *FitSettings) candidates(rows *fitRows) ([]*law, error) {
	names, chosen := usualLaws, len(s.Against) > 0
	if chosen {
		names = s.Against
	}
	var list []*law
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
		list = append(list, l)
	}
	return list, nil
}

// enough reports whether laws can be fitted.
func (t *fitSample) enough() bool { return len(t.rows.x) >= 4 && len(t.rows.z) >= 6 }

// find fits all laws, resamples units, and permutes.
func (t *fitSample) find(step func() error) (*fitFinding, error) {
	nan := math.NaN()
	f := &fitFinding{FitSettings: t.FitSettings, low: nan, high: nan, r2Low: nan, r2High: nan, p: nan}
	p := t.rows.points(slices.Repeat([]int{1}, len(t.rows.z)))
	for _, l := range t.laws {
		one := &fitted{law: l, curve: l.fit(p)}
		one.aicc, one.r2 = p.aicc(one.rss, l.parameters()), p.explained(one.rss)
		f.list = append(f.list, one)
	}
	f.claimed = f.list[slices.IndexFunc(f.list, func(one *fitted) bool { return one.name == t.Law })]
	f.other = t.rival(f.list, func(one *fitted) float64 { return one.aicc })
	f.lead = f.other.aicc - f.claimed.aicc
	if err := f.resample(t.rows, step); err != nil {
		return nil, err
	}
	if t.Law == "constant" {
		return f, nil
	}
	var err error
	f.p, err = t.rows.pValue(f.claimed, t.Permutations, step)
	return f, err
}

// verdict goes by the interval of the lead: as long as no law leads by min_lead in all of it, nothing is said against one.
func (f *fitFinding) verdict() string {
	switch explains := f.MinR2 == nil || f.r2Low >= *f.MinR2; {
	case f.low >= f.MinLead && explains && !(f.p > f.Alpha):
		return reproduced
	case f.high <= -f.MinLead || f.MinR2 != nil && f.r2High < *f.MinR2:
		return notReproduced
	}
	return inconclusive
}

// Verdict implements Trial.
func (t *fitSample) Verdict(step func() error) (string, error) {
	if !t.enough() {
		return inconclusive, nil
	}
	if step == nil {
		step = func() error { return nil }
	}
	f, err := t.find(step)
	if err != nil {
		return "", err
	}
	return f.verdict(), nil
}

// Null deals the values of y to the x, as the p-value does: y does not follow x.
func (t *fitSample) Null(stream *kernel.Stream) Trial {
	rows := *t.rows
	rows.z = slices.Clone(t.rows.z)
	for _, b := range rows.blocks() {
		stream.Shuffle(len(b), func(i, j int) { rows.z[b[i]], rows.z[b[j]] = rows.z[b[j]], rows.z[b[i]] })
	}
	return &fitSample{FitSettings: t.FitSettings, rows: &rows, laws: t.laws}
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

// resample fits all laws to resampled units and sets the intervals of the lead and of R²; none with fewer than two
// units. A resample without at least three values of x is drawn again.
func (f *fitFinding) resample(rows *fitRows, step func() error) error {
	if rows.units < 2 {
		return nil
	}
	stream := kernel.NewStream(0, "claims/fit/bootstrap")
	weights, times := make([]int, len(rows.z)), make([]int, rows.units)
	leads, explained := make([]float64, 0, f.Resamples), make([]float64, 0, f.Resamples)
	scores := map[*fitted]float64{}
	for len(leads) < f.Resamples {
		p := rows.draw(weights, times, stream)
		var best *fitted
		for _, one := range f.list {
			c := one.fit(p)
			scores[one] = p.aicc(c.rss, one.parameters())
			one.as, one.bs = append(one.as, c.a), append(one.bs, c.b)
			if best == nil || scores[one] < scores[best] {
				best = one
			}
			if one == f.claimed {
				explained = append(explained, p.explained(c.rss))
			}
		}
		best.wins++
		leads = append(leads, scores[f.rival(f.list, func(one *fitted) float64 { return scores[one] })]-scores[f.claimed])
		if err := step(); err != nil {
			return err
		}
	}
	f.low, f.high = percentiles(leads, 1-f.Alpha)
	if !slices.ContainsFunc(explained, math.IsNaN) {
		f.r2Low, f.r2High = percentiles(explained, 1-f.Alpha)
	}
	return nil
}

// percentiles gives the percentile bootstrap interval from a statistic's values on B resamples: it
// runs between the (B+1)α/2-th smallest and largest, with α = 1 - confidence (Davison, Hinkley 1997,
// Bootstrap Methods and their Application, §5.2.1 and §5.3.1). With few units it is too narrow: its
// ends are values that resamples take, so it never leaves their range. It sorts the draws.
func percentiles(draws []float64, confidence float64) (low, high float64) {
	slices.Sort(draws)
	b := len(draws)
	k := int(math.Round(float64(b+1) * (1 - confidence) / 2))
	k = min(max(k, 1), (b+1)/2)
	return draws[k-1], draws[b-k]
}

// unitsNeeded gives the number of units at which the interval of the lead would lie beyond min_lead on the side of the estimate, if the
// lead grows as the units do, and its interval as their root; 0 if that takes more than 10,000.
func (f *fitFinding) unitsNeeded(units int) int {
	size, half := math.Abs(f.lead), f.lead-f.low
	if f.lead < 0 {
		half = f.high - f.lead
	}
	for n := units + 1; n <= 10_000; n++ {
		times := float64(n) / float64(units)
		if float64(size*times)-float64(half*math.Sqrt(times)) >= f.MinLead {
			return n
		}
	}
	return 0
}
