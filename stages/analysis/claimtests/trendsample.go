package claimtests

import (
	"context"
	"fmt"
	"slices"

	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/inference"
)

// trendRows are the values of a trend, one a unit and x; +Inf for a null that counts as above all.
type trendRows struct {
	y      []float64
	group  []int     // index into x
	block  []int     // all 0 without blocks
	x      []float64 // distinct, ascending
	blocks int
}

// trendSample is the sample of a trend.
type trendSample struct {
	question
	trendRows
	values        []inference.Value // of which y are the scores
	of            [][]float64       // the rows that each was made of
	key           []int             // unit and block of each value: those at the ends of x belong together
	keys, units   int
	blocked       bool
	falling       bool
	ratio         bool // the effect is that of the ends of x
	rows, missing int
	measure       string // unit of y
	xUnit         string
	name          string // of a unit: "seed"
	pool          *pool
}

// open reads the tables of a trend.
func (s *TrendSettings) open(ctx context.Context, r *stages.Run) (*trendSample, error) {
	p, err := openPool(ctx, r, s.Where, s.Unit, s.Missing)
	if err != nil {
		return nil, err
	}
	var keys []string
	if s.Block != "" {
		keys = []string{s.Block}
	}
	y, err := p.take(s.Y, nil, keys, s.X)
	if err != nil {
		return nil, err
	}
	if err := y.lacking(s.X, false); err != nil {
		return nil, fmt.Errorf("x: %w", err)
	}
	t := s.sample(p, y)
	t.pool = p
	return t, nil
}

// sample makes one value of the rows of each unit and block at each x.
func (s *TrendSettings) sample(p *pool, y *side) *trendSample {
	t := &trendSample{
		blocked: s.Block != "", falling: s.Direction == "decreasing", ratio: s.MinRatio != nil, rows: len(y.rows), missing: y.missing,
		measure: y.measure, xUnit: y.table.Column(s.X).Unit, name: p.singular(),
	}
	t.question = asked(!t.falling, 0, s.Alpha, s.Permutations, "claims/trend")
	if t.ratio {
		t.question = asked(true, *s.MinRatio, s.Alpha, s.Permutations, "claims/trend")
	}
	for _, o := range y.rows {
		t.x = append(t.x, o.beside)
	}
	slices.Sort(t.x)
	t.x = slices.Compact(t.x)
	type place struct {
		key, group int
	}
	var units, blocks gather.Groups[string]
	var keys gather.Groups[[2]int]
	var places gather.Groups[place]
	for _, o := range y.rows {
		group, _ := slices.BinarySearch(t.x, o.beside)
		unit, block := units.Of(o.unit), 0
		if t.blocked {
			block = blocks.Of(o.key)
		}
		key := keys.Of([2]int{unit, block})
		i := places.Of(place{key, group})
		if i == len(t.of) {
			t.of, t.group, t.block, t.key = append(t.of, nil), append(t.group, group), append(t.block, block), append(t.key, key)
		}
		t.of[i] = append(t.of[i], o.value)
	}
	t.blocks, t.keys, t.units = max(1, len(blocks.Keys)), len(keys.Keys), len(units.Keys)
	top := largest(y.rows)
	for _, values := range t.of {
		v := valueOf(s.Within, values, top)
		v.Score = reduceLeast(s.Within, values, top)
		t.values, t.y = append(t.values, v), append(t.y, v.Score)
	}
	return t
}

// compares reports whether some block has values at two x.
func (t *trendSample) compares() bool {
	first := make([]int, t.blocks)
	for i := range first {
		first[i] = -1
	}
	for i, b := range t.block {
		if first[b] < 0 {
			first[b] = t.group[i]
		} else if first[b] != t.group[i] {
			return true
		}
	}
	return false
}

// xs gives each value's x.
func (t *trendRows) xs() []float64 {
	out := make([]float64, len(t.group))
	for i, g := range t.group {
		out[i] = t.x[g]
	}
	return out
}

// ends names the ends of x: where y is said to be large, and where small.
func (t *trendSample) ends() (large, small string) {
	if t.falling {
		return "smallest", "largest"
	}
	return "largest", "smallest"
}

// compared gives the blocks, within which values are compared; nil without.
func (t *trendSample) compared() []int {
	if t.blocked {
		return t.block
	}
	return nil
}

// both gives the answer on the slope, against 0, and that on the ratio of the ends, if it is asked for.
func (t *trendSample) both(ask inference.Question) (slope, ratio inference.Answer, err error) {
	flat := asked(!t.falling, 0, t.alpha, t.permutations, t.purpose)
	f, err := flat.find(ask, func(q inference.Question) (inference.Answer, error) {
		return inference.Trend(t.xs(), t.values, t.compared(), q)
	})
	if err != nil || !t.ratio {
		return f.Answer, ratio, err
	}
	slope = f.Answer
	r, err := t.endSample().find(ask)
	if err != nil {
		return slope, ratio, err
	}
	return slope, r.Answer, nil
}

// finding holds the effect against its bound. With a ratio the rise has to be significant too.
func (t *trendSample) finding(slope, ratio inference.Answer) *finding {
	if !t.ratio {
		return beyond(!t.falling, 0, t.alpha, slope)
	}
	f := beyond(true, t.from, t.alpha, ratio)
	rises := slope.Above
	if t.falling {
		rises = slope.Below
	}
	f.P = max(ratio.P, min(1, float64(2*rises)))
	f.LeastP, f.LeastUnits = max(ratio.LeastP, slope.LeastP), max(ratio.LeastUnits, slope.LeastUnits)
	return f
}

// find implements sample.
func (t *trendSample) find(ask inference.Question) (*finding, error) {
	if t.ratio && ask.NoInterval { // the ratio is had sooner, and may settle it
		r, err := t.endSample().find(ask)
		if err != nil || r.P > t.alpha {
			return r, err
		}
	}
	slope, ratio, err := t.both(ask)
	if err != nil {
		return nil, err
	}
	return t.finding(slope, ratio), nil
}

// Verdict implements Trial.
func (t *trendSample) Verdict(step func() error) (string, error) { return verdictOf(t, step) }

// have is the number of units at hand, at the x that has most.
func (t *trendSample) have() int {
	at := make([]int, len(t.x))
	for _, g := range t.group {
		at[g]++
	}
	return slices.Max(at)
}

// counted gives "20 seeds".
func (t *trendSample) counted() string { return count(t.units, t.name) }

// slopeUnit is y's unit per unit of x.
func (t *trendSample) slopeUnit(x string) string {
	of := "unit of " + x
	if t.xUnit != "" && t.xUnit != "1" {
		of = t.xUnit
	}
	if t.measure == "" || t.measure == "1" {
		return "1 per " + of
	}
	return t.measure + " per " + of
}

// median gives the median of y at an x.
func (t *trendSample) median(group int) float64 {
	var at []float64
	for i, g := range t.group {
		if g == group {
			at = append(at, t.y[i])
		}
	}
	return median(at)
}
