package claimtests

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

var strengths = []float64{0.55, 0.6, 0.7, 0.8, 0.9, 0.95}

// pointsOf sums up one observation at each x (or two, if second is given).
func pointsOf(x []float64, log bool, ys ...[]float64) *points {
	var at []int
	var z []float64
	for _, y := range ys {
		for k, v := range y {
			if log {
				v = math.Log(v)
			}
			at, z = append(at, k), append(z, v)
		}
	}
	return summarise(x, at, z, slices.Repeat([]int{1}, len(z)), log)
}

func (l *law) at(a, b, x float64) float64 {
	switch l.form {
	case scaled:
		return a * l.h(x)
	case affine:
		return a + b*l.h(x)
	}
	return a * math.Pow(l.h(x), b)
}

// TestLawsAreRecovered: without noise, each law finds its own parameters, on both scales.
func TestLawsAreRecovered(t *testing.T) {
	for i := range laws {
		l := &laws[i]
		for _, log := range []bool{true, false} {
			for _, want := range [][2]float64{{120, 1.5}, {7, -0.25}, {0.01, 0.4}} {
				if l.form == affine && l.at(want[0], want[1], 0.95) <= 0 {
					want[1] *= -1
				}
				y := make([]float64, len(strengths))
				for k, x := range strengths {
					y[k] = l.at(want[0], want[1], x)
				}
				p := pointsOf(strengths, log, y)
				got := l.fit(p)
				if math.Abs(got.a/want[0]-1) > 1e-5 || l.form != scaled && math.Abs(got.b-want[1]) > 1e-5*math.Abs(want[1]) {
					t.Errorf("%s, log %v: a = %v, b = %v, want %v", l.name, log, got.a, got.b, want)
				}
				if l.form == scaled && !math.IsNaN(got.b) || got.rss > 1e-10*(1+p.total) {
					t.Errorf("%s, log %v: %+v", l.name, log, got)
				}
			}
		}
	}
}

// TestLeastSquares: with noise, no parameters nearby have smaller squares, counted one by one, and the
// squares are those of the parameters.
func TestLeastSquares(t *testing.T) {
	stream := kernel.NewStream(7, "test/laws")
	for i := range laws {
		l := &laws[i]
		for _, log := range []bool{true, false} {
			ys := make([][]float64, 4)
			for s := range ys {
				for _, x := range strengths {
					ys[s] = append(ys[s], (100+300*x)*math.Exp(0.3*stream.Normal()))
				}
			}
			squares := func(a, b float64) float64 {
				sum := 0.0
				for _, y := range ys {
					for k, x := range strengths {
						z, f := y[k], l.at(a, b, x)
						if log {
							z, f = math.Log(z), math.Log(f)
						}
						sum += (z - f) * (z - f)
					}
				}
				return sum
			}
			got := l.fit(pointsOf(strengths, log, ys...))
			if best := squares(got.a, got.b); math.Abs(best-got.rss) > 1e-9*best {
				t.Errorf("%s, log %v: squares %v, counted %v", l.name, log, got.rss, best)
			}
			for _, da := range []float64{0.999, 1, 1.001} {
				for _, db := range []float64{0.999, 1, 1.001} {
					if s := squares(got.a*da, got.b*db); s < got.rss*(1-1e-9) {
						t.Errorf("%s, log %v: %v at %v times a and %v times b, %v at a and b", l.name, log, s, da, db, got.rss)
					}
				}
			}
		}
	}
}

// TestSummarise: weights count rows as often as they say.
func TestSummarise(t *testing.T) {
	x, at, z := []float64{1, 2}, []int{0, 1, 0, 1}, []float64{3, 5, 4, 9}
	got := summarise(x, at, z, []int{2, 1, 1, 0}, false)
	want := summarise(x, []int{0, 0, 1, 0}, []float64{3, 3, 5, 4}, []int{1, 1, 1, 1}, false)
	if got.n != 4 || math.Abs(got.within-want.within) > 1e-12 || math.Abs(got.total-want.total) > 1e-12 || !slices.Equal(got.mean, want.mean) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestAICc by hand: n = 10, squares of 5, one parameter and the variance:
// 10 ln .5 + 4 + 12/7.
func TestAICc(t *testing.T) {
	p := &points{n: 10, total: 8}
	if got, want := p.aicc(5, 1), 10*math.Log(0.5)+4+12./7; math.Abs(got-want) > 1e-12 {
		t.Errorf("%v, want %v", got, want)
	}
}
