package quantile_test

import (
	"math"
	"math/big"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/quantile"
)

// TestOf against numpy.quantile (2.2), whose numbers are exact here.
func TestOf(t *testing.T) {
	values := []float64{-3, -1, 0, 2, 4, 4, 4, 8, 16, 32, 64}
	for q, want := range map[float64]float64{0: -3, 0.1: -1, 0.25: 1, 0.5: 4, 0.55: 4, 0.65: 6, 0.75: 12, 0.875: 28, 0.9: 32, 1: 64} {
		if got := quantile.Of(values, q); got != want {
			t.Errorf("the %v-quantile is %v, want %v", q, got, want)
		}
	}
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{7}, 7}, {[]float64{1, 2}, 1.5}, {[]float64{1, 2, 9}, 2}, {[]float64{0.1, 0.1}, 0.1}, {[]float64{math.MaxFloat64, math.MaxFloat64}, math.MaxFloat64}} {
		if got := quantile.Median(c.values); got != c.want {
			t.Errorf("the median of %v is %v, want %v", c.values, got, c.want)
		}
	}
}

// TestEqualNeighbours: between two values of 0.1 there is 0.1.
func TestEqualNeighbours(t *testing.T) {
	s := kernel.NewStream(1, "test/equal")
	for range 20000 {
		a, q := anyNumber(s), s.Float64()
		if got := quantile.Of([]float64{a, a, a, a}, q); got != a {
			t.Fatalf("the %v-quantile of four times %v is %v", q, a, got)
		}
	}
	if got := quantile.Of([]float64{0.1, 0.1}, 0.7); got != 0.1 {
		t.Errorf("%v", got)
	}
}

// TestBetweenIsExact: it is the float64 next to a + t (b - a), counted in fractions; so it lies in [a, b] and
// rises with t.
func TestBetweenIsExact(t *testing.T) {
	s := kernel.NewStream(2, "test/between")
	for range 4000 {
		a, b := anyNumber(s), anyNumber(s)
		if s.IntN(2) == 0 {
			b = a * (1 + s.Float64()) // near each other
		}
		if b-b != 0 {
			continue
		}
		a, b = min(a, b), max(a, b)
		ts := []float64{0, 1, 0.5, s.Float64(), s.Float64(), 0x1p-60, math.Nextafter(0.5, 0), math.Nextafter(0.5, 1), math.Nextafter(1, 0)}
		slices.Sort(ts)
		last := a
		for _, share := range ts {
			got := quantile.Between(a, b, share)
			exact := new(big.Rat).Sub(rat(b), rat(a))
			exact.Add(rat(a), exact.Mul(exact, rat(share)))
			if want, _ := exact.Float64(); got != want {
				t.Fatalf("%v of the way from %v to %v: %v, want %v", share, a, b, got, want)
			}
			if got < last || got > b {
				t.Fatalf("%v of the way from %v to %v: %v, after %v", share, a, b, got, last)
			}
			last = got
		}
	}
}

func rat(x float64) *big.Rat { return new(big.Rat).SetFloat64(x) }

// anyNumber draws a finite number, one in four of any size down to the smallest and up to the largest.
func anyNumber(s *kernel.Stream) float64 {
	for {
		x := s.Normal()
		if s.IntN(4) == 0 {
			x = math.Float64frombits(s.Uint64())
		}
		if x-x == 0 {
			return x
		}
	}
}

// TestOfRises with q, also from one pair of values to the next, and stays between the least and the greatest.
func TestOfRises(t *testing.T) {
	s := kernel.NewStream(3, "test/rises")
	for range 200 {
		values := make([]float64, 1+s.IntN(9))
		for i := range values {
			values[i] = s.Normal()
		}
		slices.Sort(values)
		last := values[0]
		for i := range 500 {
			got := quantile.Of(values, float64(i)/499)
			if got < last || got > values[len(values)-1] {
				t.Fatalf("%v: the %d/499-quantile is %v after %v", values, i, got, last)
			}
			last = got
		}
		if last != values[len(values)-1] {
			t.Fatalf("%v: the 1-quantile is %v", values, last)
		}
	}
}

// TestInfinite: a null that counts as above every value draws up what lies beside it.
func TestInfinite(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct{ a, b, t, want float64 }{
		{1, inf, 0, 1}, {1, inf, 0.5, inf}, {1, inf, 0.1, inf}, {-inf, 1, 0.9, -inf}, {-inf, 1, 1, 1},
		{inf, inf, 0.3, inf}, {-inf, -inf, 0.5, -inf}, {-inf, inf, 0, -inf}, {-inf, inf, 1, inf},
	} {
		if got := quantile.Between(c.a, c.b, c.t); got != c.want {
			t.Errorf("%v of the way from %v to %v: %v", c.t, c.a, c.b, got)
		}
	}
	if got := quantile.Median([]float64{-inf, inf}); got == got {
		t.Errorf("between infinities of both signs: %v", got)
	}
}

func TestRefuses(t *testing.T) {
	for _, q := range []float64{-0.1, 1.1, math.NaN()} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("the %v-quantile is answered", q)
				}
			}()
			quantile.Of([]float64{1, 2}, q)
		}()
	}
}
