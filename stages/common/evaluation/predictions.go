package evaluation

import (
	"errors"
	"fmt"
	"math"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
)

// OfPredictions measures predictions, 0 or 1 for each row of samples with attributes, instead of a
// network; there are no losses: they are NaN. With a law (which may be nil) group accuracies are weighted by
// its exact masses, as Evaluator does, and there are correlations: within a group all laws agree. If the
// samples lack a group that the law has, that cannot be done, as without a law: whole is false then, and the samples' own
// shares are the weights. l notes what is read for evaluation.
func OfPredictions(s *dataset.Samples, predictions []int16, law *datalaw.Compiled, l *dataset.Ledger) (m Measures, whole bool, err error) {
	if len(predictions) != s.Rows {
		return m, false, fmt.Errorf("%d predictions for %d samples of the split %s", len(predictions), s.Rows, s.Split)
	}
	if !s.HasAttributes() {
		return m, false, errors.New("the samples have no attributes")
	}
	var tallies [Groups]Tally
	p := Population{Own: true}
	labels := s.Labels(l, dataset.Evaluation)
	for i, g := range s.Groups(l, dataset.Evaluation) {
		tallies[g].Points++
		if predictions[i] == labels[i] {
			tallies[g].Correct++
		}
	}
	for g := range tallies {
		tallies[g].Loss = math.NaN()
		p.Law[g] = float64(tallies[g].Points) / float64(s.Rows)
	}
	if law != nil {
		of := Population{Law: law.Masses(), Uniform: law.UniformMasses()}
		whole = true
		for g := range tallies {
			whole = whole && (tallies[g].Points > 0 || of.Uniform[g] == 0 && of.Law[g] == 0)
		}
		if whole {
			p = of
		}
	}
	return Summarise(&tallies, &p), whole, nil
}
