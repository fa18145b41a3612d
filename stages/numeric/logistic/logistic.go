// Package logistic fits logistic regressions, on plain slices. Equal inputs give equal bits on every
// machine: all sums have one fixed order, in float64.
package logistic

import (
	"errors"
	"fmt"

	"spurion/stages/numeric/kernel"
)

// Options say what is minimised, and how far.
//
// The objective is scikit-learn's, C Σ s_i l_i + |w|²/2 with the log-loss l_i of row i, its weight
// s_i, and an intercept that is not penalised; divided by C Σ s_i, so that it is a mean:
//
//	F(w, b) = Σ s_i l_i / Σ s_i + |w|² / (2 C Σ s_i)
//
// With unit weights of n rows the penalty is |w|²/(2 C n). The minimum exists and w is unique for
// every C, separable data included, if both classes occur.
type Options struct {
	C             float64 // inverse strength of the penalty; positive and finite
	Standardize   bool    // penalise the weights of columns scaled to mean 0 and variance 1
	Tolerance     float64 // of the largest component of F's gradient; 0 stands for 1e-8
	MaxIterations int     // 0 stands for 500
}

// A Model is a fitted classifier: label 1 where its margin w·x + b is at least 0.
type Model struct {
	Weights   []float64 // [d], for columns as they were given, standardised or not
	Intercept float64

	Loss         float64 // Σ s_i l_i / Σ s_i, nats
	Objective    float64 // F
	GradientNorm float64 // largest component of F's gradient, for standardised columns if asked for
	Iterations   int
	// Converged says that GradientNorm is within the tolerance. It is false if MaxIterations ended
	// the fit, or if the tolerance is below what float64 can tell apart.
	Converged bool
	// OneClass says that rows of positive weight have one label only. Then F has no minimum; the
	// weights are 0 and the intercept is the log-odds of S+1/2 against 1/2, S = Σ s_i.
	OneClass bool
}

// ErrNotFinite says that the features hold a NaN or an infinity.
var ErrNotFinite = errors.New("features are not finite")

// Fit minimises F, from w = 0 and the intercept that is best for it. x is [rows, d] row-major, labels are 0 or 1, weights are [rows], not negative and not all 0; nil
// stands for ones. Columns may be constant or equal, rows fewer than columns.
//
// The method is L-BFGS (Nocedal and Wright 2006, algorithm 7.4), preconditioned with the Hessian of an evenly spread subset of the rows, which is renewed as the fit goes on; so
// a fit takes few passes over the data. Features that are not finite are ErrNotFinite.
func Fit(x []float32, rows, d int, labels []int8, weights []float64, o Options) (*Model, error) {
	p, err := newProblem(x, rows, d, labels, weights, &o)
	if err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	if p.class[0] == 0 || p.class[1] == 0 {
		odds := kernel.Log64(p.total+0.5) - kernel.Log64(0.5)
		if p.class[1] == 0 {
			odds = -odds
		}
		m := &Model{Weights: make([]float64, d), Intercept: odds, OneClass: true}
		p.penalty = 0
		theta := make([]float64, d+1)
		theta[d] = odds
		m.Objective = p.evaluate(theta, make([]float64, d+1))
		m.Loss = m.Objective
		return m, nil
	}
	return p.solve(&o), nil
}

// Margins writes w·x + b of each row to dst, [rows]; x is [rows, d].
func (m *Model) Margins(dst []float64, x []float32, rows int) {
	d := len(m.Weights)
	for r := range rows {
		dst[r] = m.Intercept + dot(m.Weights, x[r*d:(r+1)*d])
	}
}

// dot gives Σ w_i x_i, summed in four interleaved parts.
func dot(w []float64, x []float32) float64 {
	x = x[:len(w)]
	var s0, s1, s2, s3 float64
	i := 0
	for ; i+4 <= len(w); i += 4 {
		s0 += float64(w[i] * float64(x[i]))
		s1 += float64(w[i+1] * float64(x[i+1]))
		s2 += float64(w[i+2] * float64(x[i+2]))
		s3 += float64(w[i+3] * float64(x[i+3]))
	}
	for ; i < len(w); i++ {
		s0 += float64(w[i] * float64(x[i]))
	}
	return (s0 + s1) + (s2 + s3)
}

// Right gives the number of rows whose label the model predicts.
func (m *Model) Right(x []float32, rows int, labels []int8) int {
	d, right := len(m.Weights), 0
	for r := range rows {
		if margin := m.Intercept + dot(m.Weights, x[r*d:(r+1)*d]); (margin >= 0) == (labels[r] == 1) {
			right++
		}
	}
	return right
}

// Accuracy gives the share of rows whose label the model predicts. There must be rows.
func (m *Model) Accuracy(x []float32, rows int, labels []int8) float64 {
	return float64(m.Right(x, rows, labels)) / float64(rows)
}
