package claimtests

import (
	"math"
	"slices"

	"spurion/stages/common/gather"
	"spurion/stages/numeric/kernel"
)

// samples are two groups of values, one value a unit. A unit may be in both groups, as a seed with
// which both were trained.
type samples struct {
	units   []twofold
	rows    int // of which the values were made
	missing int
	measure string // unit of the values
}

// A twofold is a unit's value in each group; NaN where it has none.
type twofold struct{ larger, smaller float64 }

// newSamples reduces the rows of each side to one value a unit. Without a column of units, each row
// is a unit of its own, and no unit is in both.
func newSamples(larger, smaller *side, shared bool, within string) *samples {
	s := &samples{
		rows: len(larger.rows) + len(smaller.rows), missing: larger.missing + smaller.missing, measure: larger.measure,
	}
	var units gather.Groups[string]
	nan := math.NaN()
	atMost, atLeast := reducer(within), leastReducer(within, largest(larger, smaller))
	for k, sd := range []*side{larger, smaller} {
		order, values := grouped(sd.rows)
		for i, unit := range order {
			j := len(s.units)
			if shared {
				j = units.Of(unit)
			}
			if j == len(s.units) {
				s.units = append(s.units, twofold{nan, nan})
			}
			if k == 0 {
				s.units[j].larger = atLeast(values[i])
			} else {
				s.units[j].smaller = atMost(values[i])
			}
		}
	}
	return s
}

// grouped gives the values of each unit, units in order of appearance.
func grouped(rows []observation) (units []string, values [][]float64) {
	var groups gather.Groups[string]
	for _, o := range rows {
		i := groups.Of(o.unit)
		if i == len(values) {
			values = append(values, nil)
		}
		values[i] = append(values[i], o.value)
	}
	return groups.Keys, values
}

// reducer gives the function that makes one value of a unit's rows; it may reorder them. Of rows with
// nulls that count as above every value, +Inf, it is +Inf if it may be as large as can be.
func reducer(name string) func([]float64) float64 {
	if name == "mean" {
		return mean
	}
	return median
}

// leastReducer gives the least that the value may be: where some of the rows are nulls, of which all that is
// known is that they are above the largest value. So a unit that is half censored is not ranked above all.
func leastReducer(name string, largest float64) func([]float64) float64 {
	reduce := reducer(name)
	return func(values []float64) float64 {
		v := reduce(values)
		if finite(v) {
			return v
		}
		slices.Sort(values)
		if middle := values[(len(values)-1)/2]; name == "median" && !finite(middle) || !finite(values[0]) {
			return v // above the largest, whatever the nulls are
		}
		for i, x := range values {
			values[i] = min(x, largest)
		}
		return reduce(values)
	}
}

// largest gives the largest value of both sides that is not a null; -Inf if all are.
func largest(sides ...*side) float64 {
	most := math.Inf(-1)
	for _, s := range sides {
		for _, o := range s.rows {
			if finite(o.value) {
				most = max(most, o.value)
			}
		}
	}
	return most
}

// split gives the values of both groups, those of a resample if picks is not nil.
func (s *samples) split(picks []int, larger, smaller []float64) (l, m []float64) {
	larger, smaller = larger[:0], smaller[:0]
	add := func(u twofold) {
		if u.larger == u.larger {
			larger = append(larger, u.larger)
		}
		if u.smaller == u.smaller {
			smaller = append(smaller, u.smaller)
		}
	}
	if picks == nil {
		for _, u := range s.units {
			add(u)
		}
	}
	for _, i := range picks {
		add(s.units[i])
	}
	return larger, smaller
}

// sizes gives the number of units in each group.
func (s *samples) sizes() (larger, smaller int) {
	l, m := s.split(nil, nil, nil)
	return len(l), len(m)
}

// bootstrap gives the percentile interval of a statistic of both groups over resampled units: NaN
// if a group has fewer than two, or if the statistic does not exist for some resample. Units that
// are in one group and those that are in both are resampled apart, so that the groups keep their
// sizes. bounds gives the least and greatest that the statistic may be, which differ where values are
// censored; it may reorder what it is given. step is called after each resample.
func (s *samples) bootstrap(purpose string, resamples int, confidence float64, bounds func(larger, smaller []float64) (low, high float64), step func() error) (low, high float64, err error) {
	nan := math.NaN()
	if l, m := s.sizes(); min(l, m) < 2 {
		return nan, nan, nil
	}
	var strata [3][]int
	for i, u := range s.units {
		switch {
		case u.smaller != u.smaller:
			strata[0] = append(strata[0], i)
		case u.larger != u.larger:
			strata[1] = append(strata[1], i)
		default:
			strata[2] = append(strata[2], i)
		}
	}
	stream := kernel.NewStream(0, purpose)
	picks := make([]int, len(s.units))
	larger, smaller := make([]float64, 0, len(picks)), make([]float64, 0, len(picks))
	lows, highs := make([]float64, resamples), make([]float64, resamples)
	for b := range lows {
		at := 0
		for _, members := range strata {
			for range members {
				picks[at] = members[stream.IntN(len(members))]
				at++
			}
		}
		larger, smaller = s.split(picks, larger, smaller)
		lows[b], highs[b] = bounds(larger, smaller)
		if err := step(); err != nil {
			return nan, nan, err
		}
	}
	low, high = between(lows, highs, confidence)
	return low, high, nil
}

// mannWhitneyP gives the one-sided p-value that larger has the larger values: of Mann and Whitney's
// test, exact or from permutations. least is the smallest p-value that so many units could give.
func mannWhitneyP(larger, smaller []float64, permutations int, step func() error) (p float64, exact bool, least float64, err error) {
	y := slices.Concat(smaller, larger)
	level(y)
	groups := make([]int, len(y))
	for i := len(smaller); i < len(y); i++ {
		groups[i] = 1
	}
	d := newDesign(y, groups, make([]int, len(y)), 2, 1)
	p, exact, err = d.pValue(true, permutations, step)
	return p, exact, d.leastP(), err
}

// level makes values equal that differ by rounding alone: those of a run to its least.
func level(values []float64) {
	slack := slackOf(values...)
	order := slices.Sorted(slices.Values(values))
	for i, x := range values {
		at, _ := slices.BinarySearch(order, x)
		for at > 0 && order[at]-order[at-1] <= slack {
			at--
		}
		values[i] = order[at]
	}
}

// superiority gives the probability that a value of larger is above one of smaller, equal ones
// counted half: Mann and Whitney's U over its greatest value. It sorts both.
func superiority(larger, smaller []float64) float64 {
	slices.Sort(larger)
	slices.Sort(smaller)
	below, upTo, twice := 0, 0, 0
	for _, x := range larger {
		for below < len(smaller) && smaller[below] < x {
			below++
		}
		upTo = max(upTo, below)
		for upTo < len(smaller) && smaller[upTo] == x {
			upTo++
		}
		twice += below + upTo
	}
	return float64(twice) / float64(2*len(larger)*len(smaller))
}

// An effect is a size of the difference between two groups.
type effect struct {
	name     string // "difference", "ratio", "superiority"
	centre   func([]float64) float64
	centring string  // "median", "mean"
	largest  float64 // of all that are not null: a null above every value is above it
}

// newEffect makes the effect for the groups at hand.
func newEffect(name, centring string, s *samples) *effect {
	e := &effect{name: name, centring: centring, centre: reducer(centring), largest: math.Inf(-1)}
	for _, u := range s.units {
		for _, x := range []float64{u.larger, u.smaller} {
			if finite(x) {
				e.largest = max(e.largest, x)
			}
		}
	}
	return e
}

// bounds computes the least and greatest that the effect may be; it reorders the values and changes
// infinite ones. They differ if a group's centre is a null that counts as above every value: all that is
// known of it is that it is above the largest. Nulls of both groups count as equal in a superiority. Both
// are NaN where there is no effect.
func (e *effect) bounds(larger, smaller []float64) (least, most float64) {
	nan := math.NaN()
	if len(larger) == 0 || len(smaller) == 0 {
		return nan, nan
	}
	if e.name == "superiority" {
		p := superiority(larger, smaller)
		return p, p
	}
	leastLarger, mostLarger := e.centres(larger)
	leastSmaller, mostSmaller := e.centres(smaller)
	if e.name == "ratio" {
		return quotient(leastLarger, mostSmaller), quotient(mostLarger, leastSmaller)
	}
	return leastLarger - mostSmaller, mostLarger - leastSmaller
}

// centres gives the least and greatest that the centre of values may be.
func (e *effect) centres(values []float64) (least, most float64) {
	most = e.centre(values)
	if finite(most) {
		return most, most
	}
	for i, x := range values {
		values[i] = min(x, e.largest)
	}
	return e.centre(values), most
}

// observed is the effect in the sample, or the least that it may be: NaN where the smaller group's
// centre is a null.
func (e *effect) observed(s *samples) float64 {
	larger, smaller := s.split(nil, nil, nil)
	if len(larger) == 0 || len(smaller) == 0 || e.name != "superiority" && !finite(e.centre(slices.Clone(smaller))) {
		return math.NaN()
	}
	least, _ := e.bounds(larger, smaller)
	return least
}

// measureUnit is the effect's unit, for values of the unit given.
func (e *effect) measureUnit(values string) string {
	if e.name == "difference" && values != "" {
		return values
	}
	return "1"
}
