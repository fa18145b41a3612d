package claimtests

import (
	"context"
	"math"
	"slices"

	"spurion/stages/numeric/quantile"
)

// percentiles gives the percentile bootstrap interval from a statistic's values on B resamples: it
// runs between the (B+1)α/2-th smallest and largest, with α = 1 - confidence (Davison, Hinkley 1997,
// Bootstrap Methods and their Application, §5.2.1 and §5.3.1). With few rows it is too narrow: its
// ends are values that resamples take, so it never leaves their range. It sorts the draws.
func percentiles(draws []float64, confidence float64) (low, high float64) {
	slices.Sort(draws)
	b := len(draws)
	k := int(math.Round(float64(b+1) * (1 - confidence) / 2))
	k = min(max(k, 1), (b+1)/2)
	return draws[k-1], draws[b-k]
}

// between gives the percentile interval of a statistic of which each resample gives bounds only: from the low
// end of the lower ones to the high end of the upper ones. NaN if one does not exist. It sorts both.
func between(lows, highs []float64, confidence float64) (low, high float64) {
	if slices.ContainsFunc(lows, math.IsNaN) || slices.ContainsFunc(highs, math.IsNaN) {
		return math.NaN(), math.NaN()
	}
	low, _ = percentiles(lows, confidence)
	_, high = percentiles(highs, confidence)
	return low, high
}

// A meter counts units of work: it reports progress and notices cancellation now and then.
type meter struct {
	ctx         context.Context
	report      func(done, total int64)
	done, total int64
}

// step counts one more unit.
func (m *meter) step() error {
	m.done++
	if m.done%128 != 0 && m.done != m.total {
		return nil
	}
	if err := m.ctx.Err(); err != nil {
		return err
	}
	m.report(m.done, m.total)
	return nil
}

// mean adds in the order given. Infinite values of one sign give that infinity.
func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}

// median gives the middle value, or the mean of the middle two; it sorts values.
func median(values []float64) float64 {
	slices.Sort(values)
	return quantile.Median(values)
}
