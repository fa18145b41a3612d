package evaluation

import "math"

// variance gives that of the cell's accuracy as an estimate: a (1 - a) / n.
func (t *Tally) variance() float64 {
	n := float64(t.Points)
	a := float64(t.Correct) / n
	return float64(a*(1-a)) / n
}

// lossVariance gives that of the cell's mean loss as an estimate, from the losses' own variance (with
// n - 1); NaN for one point, and if losses are not finite.
func (t *Tally) lossVariance() float64 {
	n := float64(t.Points)
	if t.Points < 2 {
		return math.NaN()
	}
	se := errorOf(t.Loss/n, t.Squares/n, n)
	return float64(se * se)
}

// setErrors sets the standard errors of means.
//
// Where points are drawn by group, each group's mean is an estimate of its own, and a sum of them with
// weights w has the variance Σ w² v, v being that of the group's mean (stratified sampling: Cochran 1977,
// Sampling Techniques, §5.3). Where points are drawn without regard to groups, the mean over all points is
// that of a simple random sample (§2.5): all points make one tally. On the whole cube nothing is
// estimated, and errors are 0. A loss whose error cannot be told, from one point in a group or as losses
// are not finite, has none.
func (m *Measures) setErrors(p *population, t *tallies) {
	accuracy, loss := m.setGroupErrors(p, t)
	if p.own {
		all := t.all(p)
		accuracy, loss = all.variance(), all.lossVariance()
	}
	if p.exact {
		loss = 0
	}
	m.AccuracyError = Some(math.Sqrt(accuracy))
	if Finite(m.Loss).Valid {
		m.LossError = Finite(math.Sqrt(loss))
	}
}

// setGroupErrors sets those of groups, and gives the variances of means of points that were drawn by group.
func (m *Measures) setGroupErrors(p *population, t *tallies) (accuracy, loss float64) {
	if !p.grouped {
		return 0, 0
	}
	mean, at := 0.0, 0
	for i := range t.cells {
		c := &t.cells[i]
		if c.Points == 0 {
			continue
		}
		v := c.variance()
		if p.exact {
			v = 0
		}
		m.Groups[at].Error = math.Sqrt(v)
		at++
		w := float64(p.law[i] * p.law[i])
		accuracy += float64(w * v)
		mean += v
		if w > 0 {
			loss += float64(w * c.lossVariance())
		}
	}
	m.MeanError = Some(math.Sqrt(mean) / float64(len(m.Groups)))
	m.WorstError = Some(m.Group(m.Worst).Error)
	return accuracy, loss
}
