package probe

import (
	"context"
	"errors"
	"math"

	"spurion/stages/common/evaluation"
	"spurion/stages/numeric/logistic"
)

// A target is what is decoded: a class of each point.
type target struct {
	name     string  // as the setting targets calls it
	classes  int     // K
	values   []int16 // [points], from 0 to K-1
	constant float64 // accuracy on held-out points of always predicting the most frequent class of the others
}

// An estimate has its standard error.
type estimate struct{ value, err float64 }

// accuracyOf gives the share of right predictions of n.
func accuracyOf(right, n int) estimate {
	a := float64(right) / float64(n)
	return estimate{a, math.Sqrt(float64(a*(1-a)) / float64(n))}
}

// A correlation is (K a - 1) / (K - 1) for an accuracy a on K classes: 2a - 1 for two.
type correlation struct {
	estimate
	right, n, classes int // predictions that are right, of so many
}

// correlationOf counts right predictions of n.
func correlationOf(right, n, classes int) correlation {
	a, k := accuracyOf(right, n), float64(classes)
	return correlation{estimate{evaluation.Corrected(a.value, classes), float64(k / (k - 1) * a.err)}, right, n, classes}
}

// A decoded target: how well it is predicted on held-out points and on those of the fit.
type decoded struct {
	held, fit          correlation
	accuracy, balanced estimate // of held-out points: of all, and the unweighted mean of those of each class that has some
	accuracyFit        float64
	converged          bool
}

// decodeAll fits a classifier of each target to features [fit+held, width]. Where these are not
// finite, or there are none, what is decoded is nil.
func (p *probe) decodeAll(ctx context.Context, features []float32, width int, targets []target) ([]*decoded, error) {
	all := make([]*decoded, len(targets))
	if width == 0 {
		return all, nil
	}
	for i, t := range targets {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		var err error
		if all[i], err = p.decode(features, t, width); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// decode fits a classifier to features [fit+held, width]; nil where these are not finite.
func (p *probe) decode(features []float32, t target, width int) (*decoded, error) {
	m, err := logistic.FitClasses(logistic.Rows{X: features[:p.fit*width], D: width, Labels: t.values[:p.fit]}, t.classes, logistic.Options{C: p.c})
	if errors.Is(err, logistic.ErrNotFinite) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	d := &decoded{converged: m.Converged || len(m.Missing) == t.classes-1}
	right := m.Right(features[:p.fit*width], t.values[:p.fit])
	d.fit, d.accuracyFit = correlationOf(right, p.fit, t.classes), accuracyOf(right, p.fit).value
	d.score(m, features[p.fit*width:], t.values[p.fit:])
	return d, nil
}

// score sets how well a classifier predicts held-out points.
func (d *decoded) score(m *logistic.Classifier, features []float32, values []int16) {
	predicted := make([]int16, len(values))
	m.Predict(predicted, features, nil)
	right, points := make([]int, m.Classes), make([]int, m.Classes)
	all := 0
	for i, y := range values {
		points[y]++
		if predicted[i] == y {
			right[y]++
			all++
		}
	}
	d.held, d.accuracy = correlationOf(all, len(values), m.Classes), accuracyOf(all, len(values))
	sum, variance, classes := 0.0, 0.0, 0.0
	for y, n := range points {
		if n == 0 {
			continue
		}
		a := accuracyOf(right[y], n)
		sum += a.value
		variance += float64(a.err * a.err)
		classes++
	}
	d.balanced = estimate{sum / classes, math.Sqrt(variance) / classes}
}
