package evaluation

import (
	"fmt"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
)

// OfPredictions measures predicted classes, one for each row of samples of the data set that d describes,
// instead of a network, without attributes by class alone; there are no losses: they are NaN. With a law (which may be nil) group accuracies are weighted by
// its exact masses, as Evaluator does, and correlations are on the uniform cube: within a group all laws agree. If the
// samples lack a group that the law has, that cannot be done, as without a law: whole is false then, and the samples' own
// shares are the weights. l notes what is read for evaluation.
func OfPredictions(d *dataset.Description, s *dataset.Samples, predictions []int16, law *datalaw.Compiled, l *dataset.Ledger) (m Measures, whole bool, err error) {
	if len(predictions) != s.Rows {
		return m, false, fmt.Errorf("%d predictions for %d samples of the split %s", len(predictions), s.Rows, s.Split)
	}
	for i, y := range predictions {
		if y < 0 || int(y) >= d.ClassCount() {
			return m, false, fmt.Errorf("the prediction for sample %d of the split %s is %d; there are the classes 0 to %d", i+1, s.Split, y, d.ClassCount()-1)
		}
	}
	p, places := ofSamples(d, s, dataset.Evaluation, l)
	if law != nil {
		p, places, whole = p.weighedBy(law, places)
	}
	t := p.tallies()
	for i, y := range predictions {
		t.count(&p, places[i], y, 0)
	}
	t.lossless()
	return p.summarise(t), whole, nil
}

// weighedBy gives the population with a law's masses and the places of its points, if it has all groups of the law; else it
// as it is, without correlations, as it lacks a group.
func (p *population) weighedBy(law *datalaw.Compiled, places []int16) (of population, at []int16, whole bool) {
	of = ofLaw(law)
	have := [Groups]bool{}
	for _, c := range p.cells {
		have[c.group] = true
	}
	for g := range have {
		if !have[g] && (of.balanced[g] > 0 || of.law[g] > 0) {
			return *p, places, false
		}
	}
	at = make([]int16, len(places))
	for i, place := range places {
		at[i] = int16(p.cells[place].group)
	}
	return of, at, true
}
