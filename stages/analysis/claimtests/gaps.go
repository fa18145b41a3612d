package claimtests

import (
	"math"
	"slices"

	"spurion/stages/common/gather"
	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// gaps are one value a unit: the difference within its pairs, or the logarithm of their ratio. Where nulls count as above every
// value, two of them are equal; a difference with one is beyond all others in ranks, and an interval takes it for the least or the most that it may be.
type gaps struct {
	units  []string
	values []inference.Value
}

// newGaps makes them of pairs; those of one unit are reduced as within says.
func newGaps(ps *matched, logs bool) *gaps {
	inf := math.Inf(1)
	top := math.Inf(-1) // the largest value that is not a null: nulls are above it
	for _, p := range ps.list {
		for _, x := range []float64{p.larger, p.smaller} {
			if finite(x) {
				top = max(top, x)
			}
		}
	}
	between := func(a, b float64) float64 {
		switch {
		case a == b:
			return 0 // two nulls too
		case logs:
			return logOf(a) - logOf(b)
		}
		return a - b
	}
	g := &gaps{}
	var index gather.Groups[string]
	var pairs [][]pair
	for _, p := range ps.list {
		i := index.Of(p.unit)
		if i == len(pairs) {
			pairs = append(pairs, nil)
		}
		pairs[i] = append(pairs[i], p)
	}
	g.units = index.Keys
	of := func(reduce func(rule string, values []float64) float64, unknown float64, f func(pair) float64) []float64 {
		out := make([]float64, len(pairs))
		for i, list := range pairs {
			values := make([]float64, len(list))
			for k, p := range list {
				values[k] = f(p)
			}
			if out[i] = reduce(ps.within, values); out[i] != out[i] {
				out[i] = unknown
			}
		}
		return out
	}
	score := of(reduceSigned, 0, func(p pair) float64 { return between(p.larger, p.smaller) })
	least := of(reduce, -inf, func(p pair) float64 {
		if math.IsInf(p.smaller, 1) {
			return -inf // the null may be as large as can be
		}
		return between(min(p.larger, top), p.smaller)
	})
	most := of(reduce, inf, func(p pair) float64 {
		if math.IsInf(p.larger, 1) {
			return inf
		}
		return between(p.larger, min(p.smaller, top))
	})
	for i := range score {
		g.values = append(g.values, inference.Value{Score: score[i], Least: least[i], Most: most[i]})
	}
	return g
}

// reduceSigned is reduce for values that may be infinite of both signs: a median between an infinite value and a finite one is the
// finite one, so that a unit is not ranked beyond all for half of its pairs; NaN where there is none.
func reduceSigned(rule string, values []float64) float64 {
	if rule != "median" {
		return reduce(rule, values)
	}
	sorted := slices.Sorted(slices.Values(values))
	low, high := sorted[(len(sorted)-1)/2], sorted[len(sorted)/2]
	switch {
	case finite(low) && !finite(high):
		return low
	case !finite(low) && finite(high):
		return high
	case !finite(low) && low != high:
		return math.NaN()
	case low == high:
		return low
	}
	return median(sorted)
}

// logOf is the logarithm; +Inf stays.
func logOf(x float64) float64 {
	if math.IsInf(x, 1) {
		return x
	}
	return kernel.Log64(x)
}
