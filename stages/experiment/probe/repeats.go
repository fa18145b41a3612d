package probe

import (
	"math"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/evaluation"
)

var repeatFields = []frame.Field{
	{Name: "step", Type: frame.Int64, Unit: "steps", Doc: "Gradient steps taken before the checkpoint."},
	{Name: "repeat", Type: frame.Int64, Doc: "Which repeat, from 0: each has points of its own, the same at all checkpoints."},
	measured("decoded_core", "Decoded core correlation on the repeat's points; null if activations are not finite.", true),
	measured("decoded_core_se", "Standard error of decoded_core, from the number of held-out points.", true),
	measured("decoded_core_fit", "The same on the points of the fit.", true),
	measured("decoded_spurious", "Decoded spurious correlation: likewise with f_s.", true),
	measured("decoded_spurious_se", "Standard error of decoded_spurious, from the number of held-out points.", true),
	measured("decoded_spurious_fit", "The same on the points of the fit.", true),
	measured("core_correlation", "The network's own core correlation on the repeat's points.", false),
	measured("core_correlation_se", "Standard error of core_correlation.", false),
	measured("spurious_correlation", "The network's own spurious correlation on the repeat's points.", false),
	measured("spurious_correlation_se", "Standard error of spurious_correlation.", false),
	{Name: "converged", Type: frame.Bool, Doc: "Whether both classifiers reached their minimum."},
}

// appendRepeat adds the row of a repeat.
func (r *row) appendRepeat(b *frame.Builder, repeat int) {
	b.Int64("step", r.step)
	b.Int("repeat", repeat)
	converged := appendDecoded(b, r.decoded)
	r.appendNetwork(b)
	b.Bool("converged", converged)
	b.EndRow()
}

// pool makes one row of what the repeats found at one checkpoint; of one repeat it is that.
func pool(rows []*row) *row {
	if len(rows) == 1 {
		return rows[0]
	}
	all := *rows[0]
	all.targets = slices.Clone(all.targets)
	for i := range all.targets {
		sum := 0.0
		for _, r := range rows {
			sum += r.targets[i].constant
		}
		all.targets[i].constant = sum / float64(len(rows))
	}
	pooled := func(of func(*row) []*decoded) []*decoded {
		if of(rows[0]) == nil {
			return nil
		}
		list := make([]*decoded, len(all.targets))
		for t := range list {
			list[t] = poolDecoded(each(rows, func(r *row) *decoded { return of(r)[t] }))
		}
		return list
	}
	all.decoded = pooled(func(r *row) []*decoded { return r.decoded })
	all.controls.initial = pooled(func(r *row) []*decoded { return r.controls.initial })
	all.controls.random = pooled(func(r *row) []*decoded { return r.controls.random })
	all.controls.permuted = pooled(func(r *row) []*decoded { return r.controls.permuted })
	for target := range names {
		right, n := 0, 0
		for _, r := range rows {
			right, n = right+r.network[target].right, n+r.network[target].n
		}
		all.network[target] = correlationOf(right, n, 2)
	}
	all.parts = nil
	for i, q := range rows[0].parts { // the same neurons in every repeat
		q.decoded = make([]*decoded, len(names))
		for target := range names {
			q.decoded[target] = poolDecoded(each(rows, func(r *row) *decoded { return r.parts[i].decoded[target] }))
		}
		all.parts = append(all.parts, q)
	}
	return &all
}

// each gives something of each row.
func each(rows []*row, of func(*row) *decoded) []*decoded {
	list := make([]*decoded, len(rows))
	for i, r := range rows {
		list[i] = of(r)
	}
	return list
}

// poolDecoded gives the mean of what R repeats decoded, with its standard error from their spread (evaluation.MeanError), at
// least what the numbers of held-out points give, sqrt(Σ err²)/R: the classifiers' own differences only add to that. It
// is nil if one of them is: activations that are not finite on some points.
func poolDecoded(list []*decoded) *decoded {
	if len(list) == 1 {
		return list[0]
	}
	n := float64(len(list))
	mean := &decoded{converged: true}
	for _, d := range list {
		if d == nil {
			return nil
		}
		mean.fit.value += d.fit.value
		mean.accuracyFit += d.accuracyFit
		mean.converged = mean.converged && d.converged
	}
	mean.fit.value /= n
	mean.accuracyFit /= n
	mean.held.estimate = poolEstimates(list, func(d *decoded) estimate { return d.held.estimate })
	mean.accuracy = poolEstimates(list, func(d *decoded) estimate { return d.accuracy })
	mean.balanced = poolEstimates(list, func(d *decoded) estimate { return d.balanced })
	return mean
}

// poolEstimates gives the mean of an estimate of each repeat, with its standard error.
func poolEstimates(list []*decoded, of func(*decoded) estimate) estimate {
	n := float64(len(list))
	values, mean, counted := make([]float64, len(list)), 0.0, 0.0
	for i, d := range list {
		e := of(d)
		values[i] = e.value
		mean += e.value
		counted += float64(e.err * e.err)
	}
	mean /= n
	return estimate{mean, evaluation.MeanError(values, mean, math.Sqrt(counted)/n)}
}
