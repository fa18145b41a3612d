package responses

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"spurion/stages/numeric/kernel"
)

// TestVariance compares with an independent program that computes in fractions (testdata/variance.py).
func TestVariance(t *testing.T) {
	text, err := os.ReadFile("testdata/variance.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name                              string
		N, M                              int
		Z                                 []float32
		Mean, Core, Spurious, Interaction float64
		R                                 *float64
		RError                            *float64 `json:"r_error"`
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	if len(cases) < 9 {
		t.Fatalf("%d cases", len(cases))
	}
	for _, c := range cases {
		a := newAnova(c.N, c.M)
		a.fill(c.Z)
		got := a.components()
		for name, pair := range map[string][2]float64{
			"mean": {a.mean, c.Mean}, "core": {got.core, c.Core}, "spurious": {got.spurious, c.Spurious}, "interaction": {got.interaction, c.Interaction},
			"r": {got.r(), orNaN(c.R)}, "error of r": {a.rError(), orNaN(c.RError)},
		} {
			if !near(pair[0], pair[1]) {
				t.Errorf("%s: %s is %v, want %v", c.Name, name, pair[0], pair[1])
			}
		}
	}
}

func orNaN(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// near compares to 9 digits, and what is 0 to 1e-14; NaN is NaN.
func near(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-14+1e-9*math.Abs(b)
}

// TestErrorOfR draws grids of z_ij = a_i + b_j + c a_i b_j: the estimates of r spread as their standard errors say, and the
// components are right on average.
func TestErrorOfR(t *testing.T) {
	const n, m, grids = 64, 64, 1000
	stream := kernel.NewStream(1, "grids")
	a, z := newAnova(n, m), make([]float32, n*m)
	const core, spurious, interaction = 1, .25, .16 // variances
	const want = core / (core + spurious)
	var inside, squares, errors float64
	var sums components
	for range grids {
		rows, columns := make([]float64, n), make([]float64, m)
		for i := range rows {
			rows[i] = stream.Normal()
		}
		for j := range columns {
			columns[j] = stream.Normal()
		}
		for i, x := range rows {
			for j, y := range columns {
				z[i*m+j] = float32(x + .5*y + .4*x*y)
			}
		}
		a.fill(z)
		c, se := a.components(), a.rError()
		sums.core, sums.spurious, sums.interaction = sums.core+c.core/grids, sums.spurious+c.spurious/grids, sums.interaction+c.interaction/grids
		gap := c.r() - want
		if math.Abs(gap) <= 2*se {
			inside++
		}
		squares += gap * gap / grids
		errors += se * se / grids
	}
	// The variance of a variance of k normal numbers is 2/(k-1); of the mean of all grids, 4 such errors.
	for name, pair := range map[string][3]float64{
		"core": {sums.core, core, n}, "spurious": {sums.spurious, spurious, m}, "interaction": {sums.interaction, interaction, m},
	} {
		if gap := math.Abs(pair[0] - pair[1]); gap > 4*pair[1]*math.Sqrt(4/(pair[2]-1)/grids) {
			t.Errorf("%s: %v on average, want %v", name, pair[0], pair[1])
		}
	}
	if ratio := math.Sqrt(errors / squares); ratio < .95 || ratio > 1.15 {
		t.Errorf("standard errors are %v times the spread", ratio)
	}
	if share := inside / grids; share < .93 {
		t.Errorf("r is within two standard errors in %v of the grids", share)
	}
}
