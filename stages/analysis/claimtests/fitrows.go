package claimtests

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/common/gather"
	"spurion/stages/numeric/kernel"
)

// fitRows are the values that laws are fitted to, one a unit and x.
type fitRows struct {
	x     []float64 // distinct, ascending
	at    []int     // index into x
	z     []float64 // y or its logarithm
	unit  []int
	units int
	rows  int // of which the values were made
	// missing are nulls that were left out
	missing int
	log     bool
	name    string // of a unit: "seed"
}

// rows takes x and y from the tables, and makes one value of those of a unit at one x.
func (s *FitSettings) rows(p *pool) (*fitRows, error) {
	y, err := p.take(s.Y, nil, nil, s.X)
	if err != nil {
		return nil, err
	}
	if err := y.lacking(s.X, false); err != nil {
		return nil, fmt.Errorf("x: %w", err)
	}
	t := &fitRows{missing: y.missing, log: s.Scale == "log", name: p.singular(), rows: len(y.rows)}
	for _, o := range y.rows {
		t.x = append(t.x, o.beside)
	}
	slices.Sort(t.x)
	t.x = slices.Compact(t.x)
	var units gather.Groups[string]
	var places gather.Groups[[2]int]
	var of [][]float64
	for _, o := range y.rows {
		at, _ := slices.BinarySearch(t.x, o.beside)
		unit := units.Of(o.unit)
		i := places.Of([2]int{unit, at})
		if i == len(of) {
			of, t.at, t.unit = append(of, nil), append(t.at, at), append(t.unit, unit)
		}
		of[i] = append(of[i], o.value)
	}
	for _, values := range of {
		z := reduce(s.Within, values)
		if t.log {
			if z <= 0 {
				return nil, fmt.Errorf("scale: %s has %s, which has no logarithm; set scale = \"linear\"", s.Y, number(z))
			}
			z = kernel.Log64(z)
		}
		t.z = append(t.z, z)
	}
	t.units = len(units.Keys)
	return t, nil
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
