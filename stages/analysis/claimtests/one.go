package claimtests

import (
	"math"
	"slices"

	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// one is the sample of a claim about one number a unit: a value, the difference within its pairs, or the logarithm of their ratio.
type one struct {
	question
	values    []inference.Value
	statistic string // "mean", "median", "hodges_lehmann", or "share": of values above 0
	interval  string // of a mean: "t" or "bootstrap-t"
	resamples int    // of a bootstrap-t
	logs      bool   // the effect is the exponential of what the values have
}

// find implements sample.
func (o *one) find(ask inference.Question) (*finding, error) {
	return o.question.find(ask, func(q inference.Question) (inference.Answer, error) {
		if o.logs {
			q.Null = kernel.Log64(q.Null)
		}
		a, err := o.answer(q)
		if o.logs {
			a.Estimate, a.Low, a.High = exp(a.Estimate), exp(a.Low), exp(a.High)
		}
		return a, err
	})
}

func (o *one) answer(q inference.Question) (inference.Answer, error) {
	switch o.statistic {
	case "mean":
		numbers := inference.Scores(o.values)
		if o.interval == "bootstrap-t" {
			return inference.MeanBootstrapT(numbers, o.resamples, q)
		}
		return inference.Mean(numbers, q)
	case "median":
		return inference.Median(o.values, q)
	case "share":
		return inference.Share(o.above(), len(o.values), q), nil
	}
	return inference.SignedRank(o.values, q)
}

// above counts the units on the claim's side: those that a share is of.
func (o *one) above() int {
	n := 0
	for _, v := range o.values {
		if v.Score > 0 {
			n++
		}
	}
	return n
}

// exp is the exponential, also of infinities.
func exp(x float64) float64 {
	switch {
	case math.IsInf(x, 1) || math.IsNaN(x):
		return x
	case math.IsInf(x, -1):
		return 0
	}
	return kernel.Exp64(x)
}

// redraw implements sample.
func (o *one) redraw(n int, stream *kernel.Stream) sample {
	drawn := *o
	drawn.values = inference.Resample(o.values, n, stream)
	return &drawn
}

// Verdict implements Trial.
func (o *one) Verdict(step func() error) (string, error) { return verdictOf(o, step) }

// Null moves the values so that their centre is the bound, and gives each a random sign about it. Of a share, each
// unit is on the claim's side with the probability that is the bound.
func (o *one) Null(stream *kernel.Stream) Trial {
	drawn := *o
	drawn.values = slices.Clone(o.values)
	bound := o.bound(stream)
	if o.statistic == "share" {
		for i, v := range o.values {
			size := max(math.Abs(v.Score), 1)
			if stream.Float64() >= bound {
				size = -size
			}
			drawn.values[i] = inference.Value{Score: size, Least: size, Most: size}
		}
		return &drawn
	}
	if o.logs {
		bound = kernel.Log64(bound)
	}
	shift := 0.0
	if a, err := o.answer(inference.Question{Null: bound, Alpha: o.alpha, NoInterval: true}); err == nil && finite(a.Estimate) {
		shift = bound - a.Estimate
	}
	for i, v := range o.values {
		v.Score, v.Least, v.Most = v.Score+shift, v.Least+shift, v.Most+shift
		if stream.IntN(2) == 1 {
			twice := float64(2 * bound)
			v.Score, v.Least, v.Most = twice-v.Score, twice-v.Most, twice-v.Least
		}
		drawn.values[i] = v
	}
	return &drawn
}
