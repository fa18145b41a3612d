package claims

import (
	"math"
	"slices"

	"spurion/stages/kernel"
)

// interval gives the percentile bootstrap interval of a statistic: draw computes it on one
// resample, and the interval runs between the (B+1)α/2-th smallest and largest of B draws, with
// α = 1 - confidence (Davison, Hinkley 1997, Bootstrap Methods and their Application, §5.2.1 and
// §5.3.1). With few rows it is too narrow: its ends are values that the resamples take, so it never
// leaves their range.
func interval(resamples int, confidence float64, draw func() float64) (low, high float64) {
	draws := make([]float64, resamples)
	for i := range draws {
		draws[i] = draw()
	}
	slices.Sort(draws)
	k := int(math.Round(float64(resamples+1) * (1 - confidence) / 2))
	k = min(max(k, 1), (resamples+1)/2)
	return draws[k-1], draws[resamples-k]
}

// resample fills to with values drawn from among from with replacement.
func resample(to, from []float64, stream *kernel.Stream) {
	for i := range to {
		to[i] = from[stream.IntN(len(from))]
	}
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
	k := len(values) / 2
	if len(values)%2 == 1 || values[k-1] == values[k] {
		return values[k]
	}
	return values[k-1]/2 + values[k]/2
}
