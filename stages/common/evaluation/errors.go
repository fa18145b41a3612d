package evaluation

import "math"

// variance gives that of the group's accuracy as an estimate: a (1 - a) / n.
func (t *Tally) variance() float64 {
	n := float64(t.Points)
	a := float64(t.Correct) / n
	return float64(a*(1-a)) / n
}

// lossVariance gives that of the group's mean loss as an estimate, from the losses' own variance (with
// n - 1); NaN for one point, and if losses are not finite.
func (t *Tally) lossVariance() float64 {
	n := float64(t.Points)
	if t.Points < 2 {
		return math.NaN()
	}
	se := errorOf(t.Loss/n, t.Squares/n, n)
	return float64(se * se)
}

// setErrors sets the standard errors of measures of tallies, in which so many groups exist.
//
// Where points are drawn by group, each group's mean is an estimate of its own, and a sum of them with
// weights w has the variance Σ w² v, v being that of the group's mean (stratified sampling: Cochran 1977,
// Sampling Techniques, §5.3). Where points are drawn without regard to groups, the mean over all points is
// that of a simple random sample (§2.5): all points make one tally. On the whole cube nothing is
// estimated, and errors are 0. A loss whose error cannot be told, from one point in a group or as losses
// are not finite, has none.
func (m *Measures) setErrors(t *[Groups]Tally, p *Population, exist int) {
	var accuracy, loss, mean float64
	var all Tally
	for g := range t {
		if t[g].Points == 0 {
			continue
		}
		all.Points += t[g].Points
		all.Correct += t[g].Correct
		all.Loss += t[g].Loss
		all.Squares += t[g].Squares
		v := t[g].variance()
		if p.Exact {
			v = 0
		}
		m.GroupError[g] = Some(math.Sqrt(v))
		w := float64(p.Law[g] * p.Law[g])
		accuracy += float64(w * v)
		mean += v
		if w > 0 {
			loss += float64(w * t[g].lossVariance())
		}
	}
	if p.Own {
		accuracy, loss = all.variance(), all.lossVariance()
	}
	if p.Exact {
		loss = 0
	}
	m.AccuracyError, m.MeanError = Some(math.Sqrt(accuracy)), Some(math.Sqrt(mean)/float64(exist))
	m.WorstError = m.GroupError[m.Worst]
	if Finite(m.Loss).Valid {
		m.LossError = Finite(math.Sqrt(loss))
	}
}
