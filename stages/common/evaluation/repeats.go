package evaluation

import (
	"errors"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/kernel"
)

// Repeat adds a repeat for each stream: as many points again, drawn anew. Measures are then those on the points of all repeats,
// which is the mean over the repeats, with the standard error of that (pool), and Measures.Repeats has each; the first is
// what there was without. Points that are not drawn cannot be repeated: the error says so, and what to do.
func (e *Evaluator) Repeat(streams []*kernel.Stream) error {
	switch {
	case len(streams) == 0:
		return nil
	case e.population.exact:
		return errors.New("networks are measured on the whole cube, all of its points, so that every repeat would find the same and there is no error to estimate: leave repeats out")
	case e.law == nil:
		return errors.New("networks are measured on the data set's own samples, of which no others can be drawn: leave repeats out, or use a data set with a law")
	}
	for _, stream := range streams {
		a := &Evaluator{dimensions: e.dimensions, population: e.population}
		if err := a.draw(e.law, e.points, stream); err != nil {
			return err
		}
		if err := a.prepare(e.loss); err != nil {
			return err
		}
		e.again = append(e.again, a)
	}
	e.pooled = e.population
	return nil
}

// RepeatField is the column that numbers the repeats of an evaluation.
var RepeatField = frame.Field{Name: "repeat", Type: frame.Int64, Doc: "Which repeat, from 0: each has points of its own, the same at every evaluation."}

// RepeatsDoc ends the doc of an output with what each repeat found.
const RepeatsDoc = "what its points gave, with standard errors from their number. Only with repeats of 2 or more."

// pool gives the measures of tallies over all repeats, of which each found what it did. Estimates are means over the repeats, as
// all have the same number of points in a group; those of the worst group and class are of the one that is worst on all points.
// Standard errors are from the spread of the repeats (MeanError).
func (p *population) pool(sums *tallies, each []Measures) Measures {
	m := p.summarise(sums)
	m.Repeats = each
	widen(&m.LossError, each, func(m *Measures) Optional { return Finite(m.Loss) })
	widen(&m.AccuracyError, each, func(m *Measures) Optional { return Some(m.Accuracy) })
	widen(&m.MeanError, each, func(m *Measures) Optional { return m.MeanAccuracy })
	widen(&m.MinorityError, each, func(m *Measures) Optional { return m.Minority })
	widen(&m.MajorityError, each, func(m *Measures) Optional { return m.Majority })
	widen(&m.WorstClassError, each, func(of *Measures) Optional { return of.classAccuracy(m.WorstClass, p) })
	widen(&m.BalancedError, each, func(m *Measures) Optional { return m.Balanced })
	widen(&m.CoreError, each, func(m *Measures) Optional { return m.Core })
	widen(&m.SpuriousError, each, func(m *Measures) Optional { return m.Spurious })
	for i := range m.Groups {
		g := &m.Groups[i]
		se := Some(g.Error)
		widen(&se, each, func(m *Measures) Optional { return m.GroupAccuracy(g.Group) })
		g.Error = se.Value
	}
	m.WorstError = Some(m.Group(m.Worst).Error)
	return m
}

// classAccuracy gives the accuracy on a class of that name.
func (m *Measures) classAccuracy(name string, p *population) Optional {
	for _, c := range m.classes {
		if p.data.ClassName(int(c.class)) == name {
			return c.accuracy
		}
	}
	return Optional{}
}

// widen raises a standard error of a mean over repeats to what their spread gives. One that does not exist stays so.
func widen[M any](se *Optional, each []M, of func(*M) Optional) {
	mean := meanOf(each, of)
	if !se.Valid || !mean.Valid {
		return
	}
	values := make([]float64, len(each))
	for i := range each {
		values[i] = of(&each[i]).Value
	}
	se.Value = MeanError(values, mean.Value, se.Value)
}

// MeanError gives the standard error of the mean of R repeats, two or more: their standard deviation (with R - 1) over sqrt(R).
// A few values may lie together by luck, so it is at least what the numbers of points give.
func MeanError(values []float64, mean, least float64) float64 {
	spread, n := 0.0, float64(len(values))
	for _, v := range values {
		gap := v - mean
		spread += float64(gap * gap)
	}
	return math.Max(least, math.Sqrt(spread/(n-1)/n))
}

// meanOf gives the mean over repeats; nothing if one of them has nothing.
func meanOf[M any](each []M, of func(*M) Optional) Optional {
	sum := 0.0
	for i := range each {
		v := of(&each[i])
		if !v.Valid {
			return Optional{}
		}
		sum += v.Value
	}
	return Finite(sum / float64(len(each)))
}

// widenCoefficients raises the standard errors of coefficients, which are means over repeats, as widen does.
func widenCoefficients(pooled []Coefficient, each [][]Coefficient) {
	of := make([]Coefficient, len(each))
	for i := range pooled {
		for k := range each {
			of[k] = each[k][i]
		}
		c, sign := &pooled[i], Some(pooled[i].SignErr)
		widen(&c.MarginErr, of, func(c *Coefficient) Optional { return c.Margin })
		widen(&sign, of, func(c *Coefficient) Optional { return Some(c.Sign) })
		c.SignErr = sign.Value
	}
}
