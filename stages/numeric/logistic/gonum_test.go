package logistic_test

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/optimize"

	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/logistic"
)

// objective is Options' F, written down once more without regard to speed or to the order of sums.
type objective struct {
	x      []float32
	labels []int16
	d      int
	c      float64
}

func (o *objective) margin(theta []float64, row int) float64 {
	m := theta[o.d]
	for j := range o.d {
		m += theta[j] * float64(o.x[row*o.d+j])
	}
	return m
}

func (o *objective) value(theta []float64) float64 {
	n := float64(len(o.labels))
	sum := 0.0
	for j := range o.d {
		sum += theta[j] * theta[j] / (2 * o.c)
	}
	for row, label := range o.labels {
		sum += math.Log1p(math.Exp(-float64(2*label-1) * o.margin(theta, row)))
	}
	return sum / n
}

func (o *objective) gradient(g, theta []float64) {
	n := float64(len(o.labels))
	for j := range o.d {
		g[j] = theta[j] / (o.c * n)
	}
	g[o.d] = 0
	for row, label := range o.labels {
		r := (1/(1+math.Exp(-o.margin(theta, row))) - float64(label)) / n
		for j := range o.d {
			g[j] += r * float64(o.x[row*o.d+j])
		}
		g[o.d] += r
	}
}

// Fit finds the minimum that gonum's BFGS finds, from another start and by another way.
func TestAgainstGonum(t *testing.T) {
	for _, c := range []float64{0.05, 1, 30} {
		const rows, d = 300, 6
		s := kernel.NewStream(7, "linear/gonum test")
		o := &objective{x: make([]float32, rows*d), labels: make([]int16, rows), d: d, c: c}
		for i := range o.x {
			o.x[i] = float32(s.Normal())
		}
		for i := range o.labels {
			if float64(o.x[i*d])-float64(o.x[i*d+1])+s.Normal() > 0.3 {
				o.labels[i] = 1
			}
		}
		start := []float64{1, -1, 1, -1, 1, -1, 0.5}
		problem := optimize.Problem{Func: o.value, Grad: o.gradient}
		want, err := optimize.Minimize(problem, start, &optimize.Settings{GradientThreshold: 1e-7}, &optimize.BFGS{})
		if err != nil {
			t.Fatalf("C = %v: gonum: %v", c, err)
		}
		got, err := logistic.Fit(logistic.Rows{X: o.x, D: d, Labels: o.labels}, logistic.Options{C: c})
		if err != nil || !got.Converged {
			t.Fatalf("C = %v: %+v, %v", c, got, err)
		}
		if diff := math.Abs(got.Objective - want.F); diff > 1e-12 {
			t.Errorf("C = %v: the objective is %v, gonum's %v", c, got.Objective, want.F)
		}
		for j, w := range append(got.Weights[:d:d], got.Intercept) {
			if math.Abs(w-want.X[j]) > 1e-5*(1+math.Abs(w)) {
				t.Errorf("C = %v: weight %d is %v, gonum's %v", c, j, w, want.X[j])
			}
		}
	}
}
