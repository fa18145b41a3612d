package logistic

import (
	"math"
	"testing"

	"spurion/stages/numeric/kernel"
)

// sparseData has d features, of which the label follows two.
func sparseData(rows, d int, seed int64) ([]float32, []int8) {
	s := kernel.NewStream(seed, "data")
	x, labels := make([]float32, rows*d), make([]int8, rows)
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
func subgradients(x []float32, rows, d int, labels []int8, m *Model) []float64 {
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
			m, err := FitSparse(x, rows, d, labels, SparseOptions{C: c, PenalizeIntercept: intercept})
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
	x, labels := []float32{1, 1, 1, 1, -1, -1, -1, -1}, []int8{1, 1, 1, 0, 0, 0, 0, 1}
	for c, want := range map[float64]float64{1: math.Log((.75 - .125) / (1 - .75 + .125)), .5: 0, .4: 0} {
		m, err := FitSparse(x, 8, 1, labels, SparseOptions{C: c, Tolerance: 1e-12})
		if err != nil || math.Abs(m.Weights[0]-want) > 1e-9 || math.Abs(m.Intercept) > 1e-9 {
			t.Errorf("C = %v: w = %v, b = %v, want %v and 0 (%v)", c, m.Weights, m.Intercept, want, err)
		}
	}
}

func TestFitSparseOfSeparableAndOddData(t *testing.T) {
	x := []float32{-2, 5, -1, 5, 1, 5, 2, 5} // the second column is constant
	m, err := FitSparse(x, 4, 2, []int8{0, 0, 1, 1}, SparseOptions{C: 1000, PenalizeIntercept: true})
	if err != nil || !m.Converged || m.Accuracy(x, 4, []int8{0, 0, 1, 1}) != 1 {
		t.Errorf("separable: %+v, %v", m, err)
	}
	if m, err := FitSparse(x, 4, 2, []int8{1, 1, 1, 1}, SparseOptions{C: 1}); err != nil || !m.OneClass {
		t.Errorf("one class: %+v, %v", m, err)
	}
	if _, err := FitSparse([]float32{float32(math.NaN())}, 1, 1, []int8{1}, SparseOptions{C: 1}); err == nil {
		t.Error("NaN is no error")
	}
}
