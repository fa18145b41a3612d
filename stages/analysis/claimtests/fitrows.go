package claimtests

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/common/gather"
	"spurion/stages/numeric/kernel"
)

// fitRows are the rows that laws are fitted to.
type fitRows struct {
	x     []float64 // distinct, ascending
	at    []int     // index into x
	z     []float64 // y or its logarithm
	unit  []int
	units int
	// missing are nulls that were left out
	missing int
	log     bool
	measure string
}

// rows takes x and y from the tables.
func (s *FitSettings) rows(p *pool) (*fitRows, error) {
	y, err := p.take(s.Y, nil, []string{s.X})
	if err != nil {
		return nil, fmt.Errorf("y: %w", err)
	}
	x, err := p.takeBeside(s.X, s.Y)
	if err != nil {
		return nil, fmt.Errorf("x: %w", err)
	}
	rows := &fitRows{missing: y.missing, log: s.Scale == "log", measure: y.measure}
	rows.x = slices.Clone(x)
	slices.Sort(rows.x)
	rows.x = slices.Compact(rows.x)
	var units gather.Groups[string]
	for i, o := range y.rows {
		k, _ := slices.BinarySearch(rows.x, x[i])
		z := o.value
		if rows.log {
			if z <= 0 {
				return nil, fmt.Errorf("scale: %s has %s, which has no logarithm; set scale = \"linear\"", s.Y, number(z))
			}
			z = kernel.Log64(z)
		}
		rows.at, rows.z, rows.unit = append(rows.at, k), append(rows.z, z), append(rows.unit, units.Of(o.unit))
	}
	rows.units = len(units.Keys)
	return rows, nil
}

// takeBeside gives a column's values in the rows that take gives of another column.
func (p *pool) takeBeside(column, y string) ([]float64, error) {
	t, err := p.read(y, nil, []string{column})
	if err != nil {
		return nil, err
	}
	values, valid, err := t.numbers(column)
	if err != nil {
		return nil, err
	}
	_, yValid, err := t.numbers(y)
	if err != nil {
		return nil, err
	}
	if slices.Contains(valid, false) {
		return nil, fmt.Errorf("%s is null in %s", column, t.missing(column, valid))
	}
	kept := values[:0]
	for i, x := range values {
		if yValid[i] || p.missing == "above" {
			kept = append(kept, x)
		}
	}
	return kept, nil
}

// points sums up the rows, each as often as its weight.
func (t *fitRows) points(weights []int) *points {
	return summarise(t.x, t.at, t.z, weights, t.log)
}

// draw gives the points of one resample of units that has at least three values of x; units that were
// drawn a hundred times in vain are taken as they are.
func (t *fitRows) draw(weights, times []int, stream *kernel.Stream) *points {
	for range 100 {
		clear(times)
		for range times {
			times[stream.IntN(len(times))]++
		}
		for i, u := range t.unit {
			weights[i] = times[u]
		}
		p := t.points(weights)
		values := 0
		for _, w := range p.weight {
			if w > 0 {
				values++
			}
		}
		if values >= 3 && p.n >= 6 {
			return p
		}
	}
	return t.points(slices.Repeat([]int{1}, len(t.z)))
}

// pValue gives the share of random dealings of y to the rows, within units if each has several x,
// for which the law's squares are as small as observed.
func (t *fitRows) pValue(f *fitted, permutations int, step func() error) (float64, error) {
	blocks := t.blocks()
	stream := kernel.NewStream(0, "claims/fit/permutation")
	dealt := *t
	dealt.z = slices.Clone(t.z)
	ones := slices.Repeat([]int{1}, len(t.z))
	reached := 0
	for range permutations {
		for _, b := range blocks {
			stream.Shuffle(len(b), func(i, j int) { dealt.z[b[i]], dealt.z[b[j]] = dealt.z[b[j]], dealt.z[b[i]] })
		}
		// A dealing that comes to the same may differ by rounding.
		if f.fit(dealt.points(ones)).rss <= float64(f.rss*(1+1e-9)) {
			reached++
		}
		if err := step(); err != nil {
			return 0, err
		}
	}
	return float64(1+reached) / float64(1+permutations), nil
}

// blocks gives the rows among which values are dealt: those of each unit, if all have several x,
// else all.
func (t *fitRows) blocks() [][]int {
	byUnit := make([][]int, t.units)
	all := make([]int, len(t.z))
	for i, u := range t.unit {
		byUnit[u] = append(byUnit[u], i)
		all[i] = i
	}
	for _, rows := range byUnit {
		if !slices.ContainsFunc(rows, func(i int) bool { return t.at[i] != t.at[rows[0]] }) {
			return [][]int{all}
		}
	}
	return byUnit
}

// explained gives R², 0 for what differs from it by rounding alone; NaN if z does not vary.
func (p *points) explained(rss float64) float64 {
	r2 := 1 - rss/p.total
	if math.Abs(r2) < 1e-12 {
		return 0
	}
	return r2
}

// aicc gives Akaike's criterion for least squares with Hurvich and Tsai's (1989, Biometrika 76,
// 297-307) correction for few observations; the variance counts as a parameter. Squares below the
// rounding of the data count as that.
func (p *points) aicc(rss float64, parameters int) float64 {
	n, k := p.n, float64(parameters+1)
	rss = max(rss, float64(p.total*1e-20), 1e-300)
	return float64(n*kernel.Log64(rss/n)) + float64(2*k) + float64(2*k*((k+1)/(n-k-1)))
}
