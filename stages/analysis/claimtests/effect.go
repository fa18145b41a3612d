package claimtests

import (
	"cmp"
	"math"
	"slices"

	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/quantile"
)

// effects are the sizes of a trend, with bootstrap intervals; NaN where there is none.
type effects struct {
	d, dLow, dHigh             float64 // Somers' D of y on x
	ratio, ratioLow, ratioHigh float64 // of the medians at the ends of x
	first, last                float64 // those medians; infinite for one that is null
}

// effects computes both effects and resamples them together: the rows of each x, or whole blocks
// if there are several. There is no interval if some x has one row only. Step is called
// after each resample.
func (s *TrendSettings) effects(d *design, t *trendRows, step func() error) (effects, error) {
	nan := math.NaN()
	e := effects{dLow: nan, dHigh: nan, ratio: nan, ratioLow: nan, ratioHigh: nan}
	ones := slices.Repeat([]int{1}, len(t.y))
	e.d = d.somers(ones)
	order := make([]int, len(t.y))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(t.y[i], t.y[j]) })
	e.first = t.median(order, ones, 0, math.Inf(1))
	e.last = t.median(order, ones, len(t.x)-1, math.Inf(1))
	largest := slices.MaxFunc(t.y, func(a, b float64) int { return cmp.Compare(observed(a), observed(b)) })
	small, large := 0, len(t.x)-1
	if s.Direction == "decreasing" {
		small, large = large, small
	}
	// The least and greatest that the ratio may be: all that is known of a null is that it is above the largest value.
	ratio := func(weights []int) (least, most float64) {
		inf := math.Inf(1)
		return quotient(t.median(order, weights, large, largest), t.median(order, weights, small, inf)),
			quotient(t.median(order, weights, large, inf), t.median(order, weights, small, largest))
	}
	if finite(t.median(order, ones, small, math.Inf(1))) {
		e.ratio, _ = ratio(ones)
	}
	if !t.resamples() {
		return e, nil
	}
	stream := kernel.NewStream(0, "claims/trend/bootstrap")
	weights := make([]int, len(t.y))
	ds, least, most := make([]float64, s.Resamples), make([]float64, s.Resamples), make([]float64, s.Resamples)
	for i := range ds {
		t.draw(weights, stream)
		ds[i] = d.somers(weights)
		least[i], most[i] = ratio(weights)
		if err := step(); err != nil {
			return e, err
		}
	}
	e.dLow, e.dHigh = percentiles(ds, s.Confidence)
	if finite(e.ratio) {
		e.ratioLow, e.ratioHigh = between(least, most, s.Confidence)
	}
	return e, nil
}

// observed puts the nulls of a censored column below everything.
func observed(y float64) float64 {
	if math.IsInf(y, 1) {
		return math.Inf(-1)
	}
	return y
}

// quotient gives large/small for a ratio of medians; NaN unless both are positive.
func quotient(large, small float64) float64 {
	if !(small > 0 && large > 0) {
		return math.NaN()
	}
	return large / small
}

// somers gives Somers' D when each row counts as often as its weight; 0 if no pair is left.
func (d *design) somers(weights []int) float64 {
	score, all := 0, 0
	scratch := newCounts(d.groups)
	sizes := make([]int, d.groups)
	for i := range d.blocks {
		b := &d.blocks[i]
		score += b.score(b.labels, weights, scratch)
		clear(sizes)
		for k, row := range b.rows {
			sizes[b.labels[k]] += weights[row]
		}
		all += pairs(sizes)
	}
	if all == 0 {
		return 0
	}
	return float64(score-all) / float64(all)
}

// median gives the median of y in a group when rows count as often as their weights, with values
// above largest counted as it. Order lists the rows by ascending y. It is NaN without rows.
func (t *trendRows) median(order, weights []int, group int, largest float64) float64 {
	total := 0
	for i, g := range t.group {
		if g == group {
			total += weights[i]
		}
	}
	if total == 0 {
		return math.NaN()
	}
	seen, low := 0, math.NaN()
	for _, i := range order {
		if t.group[i] != group || weights[i] == 0 {
			continue
		}
		seen += weights[i]
		y := min(t.y[i], largest)
		if math.IsNaN(low) && 2*seen >= total {
			low = y
		}
		if 2*seen > total {
			return quantile.Between(low, y, 0.5)
		}
	}
	return math.NaN()
}

// resamples reports whether there is something to resample: two blocks, or two rows of each x.
func (t *trendRows) resamples() bool {
	if t.blocks > 1 {
		return true
	}
	sizes := make([]int, len(t.x))
	for _, g := range t.group {
		sizes[g]++
	}
	return slices.Min(sizes) > 1
}

// draw sets the weights of one bootstrap resample: whole blocks if there are several, else the rows
// of each x.
func (t *trendRows) draw(weights []int, stream *kernel.Stream) {
	clear(weights)
	if t.blocks > 1 {
		times := make([]int, t.blocks)
		for range t.blocks {
			times[stream.IntN(t.blocks)]++
		}
		for i, b := range t.block {
			weights[i] = times[b]
		}
		return
	}
	members := make([][]int, len(t.x))
	for i, g := range t.group {
		members[g] = append(members[g], i)
	}
	for _, rows := range members {
		for range rows {
			weights[rows[stream.IntN(len(rows))]]++
		}
	}
}
