package evaluation

import (
	"cmp"
	"context"
	"math"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// Scored are measures of how a network's outputs stand to each other, and not of its predictions alone. They take a sort of
// the points and an exponential for each, so that summaries have them and other evaluations have not.
type Scored struct {
	// AUROC is the probability that a point of label 1 has a larger margin than one of label 0, under the data's law, ties
	// counting a half (Mann and Whitney's U over the number of pairs: Hanley and McNeil 1982); nothing unless there are two
	// classes and points of both.
	AUROC Optional
	// Calibration is the expected calibration error (Naeini, Cooper and Hauskrecht 2015; Guo, Pleiss, Sun and Weinberger
	// 2017, eq. 3): points are sorted into 15 bins of equal width by the probability of their predicted class, ((i-1)/15,
	// i/15], and it is the mean over the points of the gap between accuracy and mean probability in their bin. Nothing for
	// losses whose outputs are no log-odds.
	Calibration Optional
}

// calibrationBins is the number of bins of Guo et al. 2017.
const calibrationBins = 15

// A ranked is a point's margin with how much the point counts.
type ranked struct {
	margin, weight float64
	positive       bool
	place          int16 // of its cell, for standard errors
}

// Score measures a network. The error is neuralnet.ErrDiverged if an output is not a number, or ctx's.
func (e *Evaluator) Score(ctx context.Context, net *neuralnet.Network) (Scored, error) {
	var list []ranked
	var bins bins
	calibrated := neuralnet.HasProbabilities(e.loss)
	for _, on := range append([]*Evaluator{e}, e.again...) {
		weights := on.population.weights(on.places)
		for first := 0; first < on.rows; first += chunkRows {
			if err := ctx.Err(); err != nil {
				return Scored{}, err
			}
			rows := min(chunkRows, on.rows-first)
			c, err := on.chunk(net, first, rows)
			if err != nil {
				return Scored{}, err
			}
			width := len(c.scores) / rows
			for i, y := range c.predicted {
				label, w, scores := on.labels[first+i], weights[on.places[first+i]], c.scores[i*width:(i+1)*width]
				if calibrated {
					bins.add(confidence(scores), w, y == label)
				}
				if width == 1 {
					list = append(list, ranked{margin: float64(scores[0]), weight: w, positive: label == 1})
				}
			}
		}
	}
	s := Scored{AUROC: auroc(list)}
	if calibrated {
		s.Calibration = bins.gap()
	}
	return s, nil
}

// weights gives how much a point of each cell counts: its share of the cell's mass under the law.
func (p *population) weights(places []int16) []float64 {
	count := make([]float64, len(p.cells))
	for _, place := range places {
		count[place]++
	}
	weights := make([]float64, len(p.cells))
	for i, n := range count {
		switch {
		case p.own:
			weights[i] = 1 // so that sums are of whole numbers
		case n > 0:
			weights[i] = p.law[i] / n
		}
	}
	return weights
}

// auroc gives the area under the receiver operating characteristic; nothing without points of both classes. The list is
// sorted.
func auroc(list []ranked) Optional {
	slices.SortFunc(list, func(a, b ranked) int { // in full, since sums depend on the order
		return cmp.Or(cmp.Compare(a.margin, b.margin), cmp.Compare(a.weight, b.weight), compareBools(a.positive, b.positive))
	})
	var above, positives, negatives float64
	for first := 0; first < len(list); {
		var up, down float64 // weights of equal margins
		last := first
		for ; last < len(list) && list[last].margin == list[first].margin; last++ {
			if list[last].positive {
				up += list[last].weight
			} else {
				down += list[last].weight
			}
		}
		above += float64(up * (negatives + down/2))
		positives += up
		negatives += down
		first = last
	}
	if positives == 0 || negatives == 0 {
		return Optional{}
	}
	return Some(above / float64(positives*negatives))
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// confidence gives the probability of the predicted class: by the margin of two classes, or by the logits of several.
func confidence(scores []float32) float64 {
	if len(scores) == 1 {
		return kernel.Sigmoid64(math.Abs(float64(scores[0])))
	}
	_, sum := kernel.SumExp(scores)
	return 1 / sum
}

// bins hold points by the probability of their predicted class.
type bins [calibrationBins]bin

// A bin adds up weights, of points that are right and of all, and probabilities by weight.
type bin struct{ right, confidence, weight float64 }

// of gives the bin of a probability.
func (b *bins) of(confidence float64) *bin {
	i := int(math.Ceil(float64(confidence*calibrationBins))) - 1
	return &b[min(max(i, 0), calibrationBins-1)]
}

func (b *bins) add(confidence, weight float64, right bool) {
	bin := b.of(confidence)
	if right {
		bin.right += weight
	}
	bin.confidence += float64(weight * confidence)
	bin.weight += weight
}

func (b *bins) gap() Optional {
	gap, all := 0.0, 0.0
	for i := range b {
		gap += math.Abs(b[i].right - b[i].confidence)
		all += b[i].weight
	}
	return Finite(gap / all)
}

// ScoredFields gives the columns of Scored, each name ending in suffix.
func ScoredFields(suffix string) []frame.Field {
	f := func(name, doc string) frame.Field {
		return frame.Field{Name: name + suffix, Type: frame.Float64, Unit: "1", Nullable: true, Doc: doc}
	}
	return []frame.Field{
		f("auroc", "Area under the receiver operating characteristic: the probability under the data's law that a point of label 1 has a larger margin than one of label 0, ties counting a half. Null unless there are two classes with points, and where no network was measured."),
		f("expected_calibration_error", "Mean gap under the data's law between accuracy and probability of the predicted class, in 15 bins of equal width of that probability (Naeini et al. 2015; Guo et al. 2017). Null for losses whose outputs are no log-odds, and where no network was measured."),
	}
}

// Append sets the columns of ScoredFields(suffix) in b's current row. The zero value gives nulls.
func (s *Scored) Append(b *frame.Builder, suffix string) {
	s.AUROC.Float64(b, "auroc"+suffix)
	s.Calibration.Float64(b, "expected_calibration_error"+suffix)
}
