// Package logistic fits logistic regressions, on plain slices. Equal inputs give equal bits on every
// machine: all sums have one fixed order. Features are float32 and stay where they are; sums over them
// are float64.
package logistic

import (
	"errors"
	"fmt"
)

// Rows are what a classifier is fitted to.
type Rows struct {
	X      []float32 // features, [.., D] row-major
	D      int
	Index  []int32 // which rows of X; nil stands for the first len(Labels)
	Labels []int16 // of those rows: 0 or 1, or from 0 on for FitClasses
}

// Options say what is minimised, and how far.
//
// The objective is scikit-learn's, C Σ l_i + |w|²/2 with the log-loss l_i of row i and an intercept that is
// not penalised; divided by C n, so that it is a mean over the n rows:
//
//	F(w, b) = Σ l_i / n + |w|² / (2 C n)
//
// The minimum exists and is unique for every C, separable data included, if both classes occur.
type Options struct {
	C             float64 // inverse strength of the penalty; positive and finite
	Standardize   bool    // penalise the weights of columns scaled to mean 0 and variance 1
	NoIntercept   bool    // b is 0; columns are then scaled to mean square 1
	Tolerance     float64 // of the largest component of F's gradient; 0 stands for 1e-8
	MaxIterations int     // 0 stands for 2000
}

// A Model is a fitted classifier: label 1 where its margin w·x + b is at least 0.
type Model struct {
	Weights   []float64 // [d], for columns as they were given, standardised or not
	Intercept float64

	Loss         float64 // Σ l_i / n, nats
	Objective    float64 // F
	GradientNorm float64 // largest component of F's gradient, for standardised columns if asked for
	Iterations   int
	// Converged says that GradientNorm is within the tolerance. It is false if MaxIterations ended
	// the fit, or if the tolerance is below what float64 can tell apart.
	Converged bool
	// OneClass says that the rows have one label only. Then F has no minimum; the weights are 0 and
	// the intercept is the log-odds of n+1/2 against 1/2, or 0 if there is none.
	OneClass bool
}

// ErrNotFinite says that the features hold a NaN or an infinity.
var ErrNotFinite = errors.New("features are not finite")

// Fit minimises F, from w = 0 and the intercept that is best for it. Columns may be constant or equal, rows
// fewer than columns. Features that are not finite are ErrNotFinite.
//
// The method is L-BFGS (Nocedal and Wright 2006, algorithm 7.4), preconditioned with the Hessian of an evenly
// spread subset of the rows, which is renewed as the fit goes on: so a fit takes few passes over the data.
// Of up to 512 columns the Hessian is factored; of more, only the subset's rows and what is left on its
// diagonal are kept (see wide.go), so that no memory grows with the square of d.
func Fit(r Rows, o Options) (*Model, error) {
	p, err := newProblem(r, o.C)
	if err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	p.intercept = !o.NoIntercept
	if p.oneClass() {
		return p.constant()
	}
	if err := p.standardize(o.Standardize); err != nil {
		return nil, fmt.Errorf("logistic: %w", err)
	}
	return p.solve(&o)
}
