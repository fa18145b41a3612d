package evaluation

import (
	"math"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
)

// Predicted is what somebody else predicts for samples, a value for each row.
type Predicted struct {
	Classes    []int16
	Margins    []float64 // those of two classes; nil for none
	Confidence []float64 // probabilities of the predicted classes; nil for none
}

// ScoredErrors are standard errors of measures whose points depend on each other: each comes to a mean over the points of what a
// point does to the measure (the delta method), and that has the variance of a stratified sample where groups are weighted by a
// law (Cochran 1977, §5.3), else of a simple random one. They do not exist where the measure does not, and where a class, or a
// group with a mass of its own, has one point.
type ScoredErrors struct {
	// AUROC is that of DeLong, DeLong and Clarke-Pearson 1988: S10/m + S01/n, from the variance over the points of either class of
	// the share of the other class's points that they are in order with.
	AUROC Optional
	// Calibration takes the bins, and which way the gap in each goes, as they are. So it does not tell of the bias of the expected
	// calibration error, which is upwards, as a gap that is chance counts as much as one that is not, nor of what 15 bins hide.
	Calibration Optional
	// MacroF1 is from the derivatives of the classes' F1 (Takahashi, Yamamoto, Kuchiba and Koyama 2022).
	MacroF1 Optional
}

// ScorePredictions measures predictions for samples as Evaluator.Score does those of a network, with standard errors;
// OfPredictions says how groups are weighted. Margins need not be log-odds, so that it takes probabilities to tell of
// calibration. l notes what is read for evaluation.
func ScorePredictions(d *dataset.Description, s *dataset.Samples, given Predicted, law *datalaw.Compiled, l *dataset.Ledger) (Scored, ScoredErrors) {
	p, places := ofSamples(d, s, dataset.Evaluation, l)
	if law != nil {
		p, places, _ = p.weighedBy(law, places)
	}
	weights := p.weights(places)
	var found Scored
	errs := ScoredErrors{MacroF1: p.macroF1Error(places, weights, given.Classes)}
	if given.Margins != nil {
		list := make([]ranked, len(given.Margins))
		for i, margin := range given.Margins {
			place := places[i]
			list[i] = ranked{margin, weights[place], p.cells[place].class == 1, place}
		}
		found.AUROC = auroc(list)
		if found.AUROC.Valid {
			errs.AUROC = p.aurocError(list)
		}
	}
	if given.Confidence != nil {
		var bins bins
		for i, c := range given.Confidence {
			bins.add(c, weights[places[i]], given.Classes[i] == p.cells[places[i]].class)
		}
		found.Calibration = bins.gap()
		errs.Calibration = p.calibrationError(&bins, places, given)
	}
	return found, errs
}

// Moments are mean and sum of squared deviations of n numbers (Welford 1962), so that equal ones deviate by 0.
type moments struct{ n, mean, squares float64 }

func (s *moments) add(x float64) {
	s.n++
	gap := x - s.mean
	s.mean += gap / s.n
	s.squares += float64(gap * (x - s.mean))
}

// ofMean gives the variance of the numbers' mean, with n - 1; NaN for one number.
func (s *moments) ofMean() float64 { return s.squares / (s.n - 1) / s.n }

// errorOfMean gives the standard error of the mean over points, weighted as the population says, of a number of each.
func (p *population) errorOfMean(places []int16, of func(i int) float64) Optional {
	strata := make([]moments, len(p.cells))
	for i, place := range places {
		if p.own {
			place = 0 // how many points a cell has is chance too
		}
		strata[place].add(of(i))
	}
	return p.errorOver(strata, func(k int) float64 { return p.law[k] })
}

// errorOver gives the standard error of a sum of the strata's means: weighted by the share of each under a law, else of the means as
// they are.
func (p *population) errorOver(strata []moments, share func(k int) float64) Optional {
	variance := 0.0
	for k := range strata {
		switch {
		case strata[k].n == 0 || !p.own && p.law[k] == 0:
		case p.own:
			variance += strata[k].ofMean()
		default:
			weight := share(k)
			variance += float64(float64(weight*weight) * strata[k].ofMean())
		}
	}
	return Finite(math.Sqrt(variance))
}

// aurocError gives the standard error of the area, of a list that auroc sorted and found both classes in.
func (p *population) aurocError(list []ranked) Optional {
	var mass [2]float64 // of either class
	for i := range list {
		mass[side(list[i].positive)] += list[i].weight
	}
	strata := make([]moments, max(2, len(p.cells)))
	var below [2]float64
	for first := 0; first < len(list); {
		var equal [2]float64
		last := first
		for ; last < len(list) && list[last].margin == list[first].margin; last++ {
			equal[side(list[last].positive)] += list[last].weight
		}
		for _, point := range list[first:last] {
			stratum, other := int(point.place), 1-side(point.positive)
			if p.own {
				stratum = side(point.positive)
			}
			inOrder := (below[other] + equal[other]/2) / mass[other]
			if !point.positive {
				inOrder = 1 - inOrder
			}
			strata[stratum].add(inOrder)
		}
		below[0], below[1] = below[0]+equal[0], below[1]+equal[1]
		first = last
	}
	return p.errorOver(strata, func(k int) float64 { return p.law[k] / mass[p.cells[k].class] })
}

func side(positive bool) int {
	if positive {
		return 1
	}
	return 0
}

// calibrationError gives the standard error of the gap of the bins.
func (p *population) calibrationError(b *bins, places []int16, given Predicted) Optional {
	return p.errorOfMean(places, func(i int) float64 {
		gap := -given.Confidence[i]
		if given.Classes[i] == p.cells[places[i]].class {
			gap++
		}
		if bin := b.of(given.Confidence[i]); bin.right < bin.confidence {
			return -gap
		}
		return gap
	})
}

// macroF1Error gives the standard error of the unweighted mean of the classes' F1 = 2 TP / D, with D = P + T as in setMacroF1. What
// a point of class y that is predicted to be k does to it is the sum over these two of (2 [y = k] - F1 ([y] + [k])) / D.
func (p *population) macroF1Error(places []int16, weights []float64, predicted []int16) Optional {
	k := p.data.ClassCount()
	right, both := make([]float64, k), make([]float64, k)
	all := 0.0
	for i, place := range places {
		w, y := weights[place], p.cells[place].class
		all += w
		both[y] += w
		both[predicted[i]] += w
		if predicted[i] == y {
			right[y] += w
		}
	}
	kinds, f1 := 0.0, make([]float64, k)
	for y := range f1 {
		if both[y] > 0 {
			kinds++
			f1[y] = float64(2*right[y]) / both[y]
			both[y] /= all
		}
	}
	return p.errorOfMean(places, func(i int) float64 {
		y, of := p.cells[places[i]].class, predicted[i]
		if both[y] == 0 || both[of] == 0 {
			return 0 // a class without mass under the law
		}
		if y == of {
			return float64(2*(1-f1[y])) / both[y] / kinds
		}
		return -(f1[y]/both[y] + f1[of]/both[of]) / kinds
	})
}

// ScoredErrorFields gives the columns of ScoredErrors.
func ScoredErrorFields() []frame.Field {
	f := func(name, doc string) frame.Field {
		return frame.Field{Name: name, Type: frame.Float64, Unit: "1", Nullable: true, Doc: doc}
	}
	return []frame.Field{
		f("auroc_se", "Standard error of auroc (DeLong, DeLong and Clarke-Pearson 1988), within groups where these are weighted by a law. Null where auroc is, and where a class, or a group with a mass of its own, has one point."),
		f("expected_calibration_error_se", "Standard error of expected_calibration_error, the bins and the sign of each gap taken as they are. It says nothing of the bias upwards that gaps which are chance bring about. Null likewise."),
		f("macro_f1_se", "Standard error of macro_f1, by the delta method (Takahashi, Yamamoto, Kuchiba and Koyama 2022). Null likewise."),
	}
}

// Append sets the columns of ScoredErrorFields in b's current row. The zero value gives nulls.
func (e *ScoredErrors) Append(b *frame.Builder) {
	e.AUROC.Float64(b, "auroc_se")
	e.Calibration.Float64(b, "expected_calibration_error_se")
	e.MacroF1.Float64(b, "macro_f1_se")
}
