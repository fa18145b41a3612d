package logistic

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// sparseData has d features, of which the label follows two.
func sparseData(rows, d int, seed int64) ([]float32, []int16) {
	s := kernel.NewStream(seed, "data")
	x, labels := make([]float32, rows*d), make([]int16, rows)
	for i := range x {
		x[i] = float32(s.Normal())
	}
	for r := range labels {
		if 2*float64(x[r*d])-float64(x[r*d+1])+s.Normal() > .5 {
			labels[r] = 1
		}
	}
	return x, labels
}

// subgradients gives d mean loss / d θ from its definition.
func subgradients(x []float32, rows, d int, labels []int16, m *Model) []float64 {
	g := make([]float64, d+1)
	for r := range rows {
		z := m.Intercept
		for j, w := range m.Weights {
			z += w * float64(x[r*d+j])
		}
		e := 1/(1+math.Exp(-z)) - float64(labels[r])
		for j := range d {
			g[j] += e * float64(x[r*d+j]) / float64(rows)
		}
		g[d] += e / float64(rows)
	}
	return g
}

// The optimality conditions, from their definition: the gradient is the penalty's slope against the
// sign of a weight, and within it at 0.
func TestFitSparseIsOptimal(t *testing.T) {
	const rows, d = 300, 12
	x, labels := sparseData(rows, d, 1)
	for _, intercept := range []bool{false, true} {
		zeros := d + 1
		for _, c := range []float64{.01, .03, .1, 1, 100} {
			m, err := FitSparse(Rows{X: x, D: d, Labels: labels}, SparseOptions{C: c, PenalizeIntercept: intercept})
			if err != nil || !m.Converged {
				t.Fatalf("C = %v: converged %v, %v", c, m.Converged, err)
			}
			mu := 1 / (c * rows)
			theta := append(append([]float64(nil), m.Weights...), m.Intercept)
			count := 0
			for j, g := range subgradients(x, rows, d, labels, m) {
				charge := mu
				if j == d && !intercept {
					charge = 0
				}
				switch {
				case theta[j] == 0:
					count++
					if math.Abs(g) > charge+2e-6 {
						t.Errorf("C = %v: weight %d is 0 with gradient %v, penalty %v", c, j, g, charge)
					}
				case math.Abs(g+math.Copysign(charge, theta[j])) > 2e-6:
					t.Errorf("C = %v: weight %d is %v with gradient %v, penalty %v", c, j, theta[j], g, charge)
				}
			}
			if count > zeros {
				t.Errorf("C = %v has %d zeros, a stronger penalty %d", c, count, zeros)
			}
			zeros = count
		}
		if zeros != 0 {
			t.Errorf("with hardly a penalty %d weights are 0", zeros)
		}
	}
}

// By hand: rows x = ±1, of which a share of 3/4 have label 1 where x = 1, symmetrically. The minimum
// solves sigmoid(w) - 3/4 + 1/(C n) = 0, or is 0.
func TestFitSparseByHand(t *testing.T) {
	x, labels := []float32{1, 1, 1, 1, -1, -1, -1, -1}, []int16{1, 1, 1, 0, 0, 0, 0, 1}
	for c, want := range map[float64]float64{1: math.Log((.75 - .125) / (1 - .75 + .125)), .5: 0, .4: 0} {
		m, err := FitSparse(Rows{X: x, D: 1, Labels: labels}, SparseOptions{C: c, Tolerance: 1e-12})
		if err != nil || math.Abs(m.Weights[0]-want) > 1e-9 || math.Abs(m.Intercept) > 1e-9 {
			t.Errorf("C = %v: w = %v, b = %v, want %v and 0 (%v)", c, m.Weights, m.Intercept, want, err)
		}
	}
}

func TestFitSparseOfSeparableAndOddData(t *testing.T) {
	x := []float32{-2, 5, -1, 5, 1, 5, 2, 5} // the second column is constant
	m, err := FitSparse(Rows{X: x, D: 2, Labels: []int16{0, 0, 1, 1}}, SparseOptions{C: 1000, PenalizeIntercept: true})
	if err != nil || !m.Converged || m.classifier(nil).Right(x, []int16{0, 0, 1, 1}) != 4 {
		t.Errorf("separable: %+v, %v", m, err)
	}
	if m, err := FitSparse(Rows{X: x, D: 2, Labels: []int16{1, 1, 1, 1}}, SparseOptions{C: 1}); err != nil || !m.OneClass {
		t.Errorf("one class: %+v, %v", m, err)
	}
	if _, err := FitSparse(Rows{X: []float32{0, float32(math.NaN())}, D: 1, Labels: []int16{1, 0}}, SparseOptions{C: 1}); err == nil {
		t.Error("NaN is no error")
	}
}

// Coefficients that scikit-learn 1.7.2 found for the same data: solver="liblinear" where the intercept is penalised,
// else "saga", with tol=1e-12.
func TestSparseScikitLearn(t *testing.T) {
	x, y := sample(60, 3)
	for _, c := range []struct {
		c         float64
		penalize  bool
		want      []float64
		intercept float64
	}{
		{.02, true, []float64{0, -0.16270344431248235, 0}, 0},
		{.02, false, []float64{0, -0.1618864662882453, 0}, -0.10396988109977945},
		{.1, true, []float64{0.11738027063948604, -0.4236041095401488, 0}, 0},
		{.1, false, []float64{0.11624215533543418, -0.4243079359211567, 0}, -0.1094803359202822},
		{10, true, []float64{0.26655316753710645, -0.6630960278938072, -0.0929936539670034}, -0.2708550191864605},
		{10, false, []float64{0.2671017256820358, -0.6651154056699856, -0.09524326221849386}, -0.29217065320077046},
	} {
		m, err := FitSparse(Rows{X: x, D: 3, Labels: y}, SparseOptions{C: c.c, PenalizeIntercept: c.penalize, Tolerance: 1e-11})
		if err != nil || !m.Converged {
			t.Fatalf("%+v: %+v, %v", c, m, err)
		}
		for j, w := range append(slices.Clone(m.Weights), m.Intercept) {
			if want := append(slices.Clone(c.want), c.intercept)[j]; math.Abs(w-want) > 1e-7 {
				t.Errorf("C = %v, penalised intercept %v: parameter %d is %v, want %v", c.c, c.penalize, j, w, want)
			}
		}
	}
}

// Scaled columns are columns scaled, rows by name are rows, and where a fit starts makes no difference but in time.
func TestSparseOptions(t *testing.T) {
	const rows, d = 200, 30
	x, labels := sparseData(rows, d, 2)
	center, scale := make([]float64, d), make([]float64, d)
	for j := range d {
		center[j], scale[j] = float64(j%3)/2, math.Ldexp(1, j%4-2)
	}
	index, scaled, chosen := []int32{}, []float32{}, []int16{}
	for r := rows - 1; r >= 0; r -= 2 {
		index, chosen = append(index, int32(r)), append(chosen, labels[r])
		for j, v := range x[r*d : (r+1)*d] {
			scaled = append(scaled, float32((float64(v)-center[j])*scale[j]))
		}
	}
	var start *Model
	for _, c := range []float64{.03, .1, 1, 10} {
		o := SparseOptions{C: c, PenalizeIntercept: true, Tolerance: 1e-10}
		want, err := FitSparse(Rows{X: scaled, D: d, Labels: chosen}, o)
		if err != nil || !want.Converged {
			t.Fatalf("%+v, %v", want, err)
		}
		o.Center, o.Scale, o.Start = center, scale, start
		if start, err = FitSparse(Rows{X: x, D: d, Index: index, Labels: chosen}, o); err != nil || !start.Converged {
			t.Fatalf("%+v, %v", start, err)
		}
		// Scaling rounded the columns of want to float32.
		if math.Abs(start.Objective-want.Objective) > 1e-7 {
			t.Errorf("C = %v: F is %v, want %v", c, start.Objective, want.Objective)
		}
		intercept := start.Intercept
		for j, w := range start.Weights {
			if intercept += w * center[j]; math.Abs(w-want.Weights[j]*scale[j]) > 1e-5 || (w == 0) != (want.Weights[j] == 0) {
				t.Errorf("C = %v: weight %d is %v, want %v", c, j, w, want.Weights[j]*scale[j])
			}
		}
		if math.Abs(intercept-want.Intercept) > 1e-5 {
			t.Errorf("C = %v: the intercept of scaled columns is %v, want %v", c, intercept, want.Intercept)
		}
	}
}
