package inference_test

import (
	"errors"
	"math"
	"testing"

	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// TestFew: what one value, or none, or values that are all equal, can say.
func TestFew(t *testing.T) {
	inf := math.Inf(1)
	same := func(n int, x float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = x
		}
		return v
	}
	for _, c := range []struct {
		test         string
		x, y         []float64
		null         float64
		low, high, p float64
	}{
		{"mean", nil, nil, 0, -inf, inf, 1}, {"mean", []float64{3}, nil, 0, -inf, inf, 1},
		{"mean", same(5, 0.97), nil, 0.9, -inf, inf, 1.0 / 16}, {"mean", same(6, 0.97), nil, 0.9, 0.97, 0.97, 1.0 / 32},
		{"mean", same(6, 0.97), nil, 0.97, 0.97, 0.97, 1}, {"mean", same(6, 0.97), nil, 1, 0.97, 0.97, 1.0 / 32},
		{"bootstrap-t", []float64{3}, nil, 0, -inf, inf, 1}, {"bootstrap-t", same(6, 2), nil, 0, 2, 2, 1.0 / 32},
		{"median", nil, nil, 0, -inf, inf, 1}, {"median", []float64{3}, nil, 0, -inf, inf, 1}, {"median", same(5, 1), nil, 0, -inf, inf, 1.0 / 16},
		{"median", same(6, 1), nil, 0, 1, 1, 1.0 / 32}, {"median", same(6, 1), nil, 1, 1, 1, 1},
		{"signed rank", nil, nil, 0, -inf, inf, 1}, {"signed rank", same(5, 1), nil, 0, -inf, inf, 1.0 / 16}, {"signed rank", same(6, 1), nil, 0, 1, 1, 1.0 / 32},
		{"signed rank", same(6, 1), nil, 1, 1, 1, 1},
		{"difference", nil, []float64{1, 2}, 0, -inf, inf, 1}, {"difference", []float64{2}, []float64{1}, 0, -inf, inf, 1},
		{"difference", []float64{5, 6, 7}, []float64{1, 2, 3}, 0, -inf, inf, 0.1}, {"difference", same(4, 5), same(4, 1), 0, 4, 4, 2.0 / 70},
		{"difference", same(4, 5), same(4, 1), 4, 4, 4, 1}, {"difference", same(20, 5), same(20, 1), 0, 4, 4, 2 / 137846528820.0},
		{"difference", same(20, 5), same(20, 5), 0, 0, 0, 1},
		{"ratio", []float64{5, 6, 7}, []float64{1, 2, 3}, 1, 0, inf, 0.1}, {"ratio", same(4, 5), same(4, 2), 1, 2.5, 2.5, 2.0 / 70},
		{"ratio", []float64{5, -1}, []float64{1, 2}, 1, 0, inf, 1}, {"ratio", nil, nil, 1, 0, inf, 1},
		{"superiority", nil, nil, 0.5, 0, 1, 1}, {"superiority", []float64{2}, []float64{1}, 0.5, 0, 1, 1},
		{"superiority", []float64{5, 6, 7}, []float64{1, 2, 3}, 0.5, 0, 1, 0.1},
		{"welch", []float64{1}, []float64{1, 2}, 0, -inf, inf, 1}, {"welch", nil, nil, 0, -inf, inf, 1}, {"welch", same(4, 5), same(4, 1), 0, 4, 4, 2.0 / 70},
		{"welch", same(3, 5), same(3, 1), 0, -inf, inf, 0.1},
		{"fieller", same(4, 5), same(4, 2), 1, 2.5, 2.5, 2.0 / 70}, {"fieller", []float64{-1, -2}, []float64{1, 2}, 1, 0, inf, 1},
		{"fieller", []float64{3}, []float64{1, 2}, 1, 0, inf, 1}, {"two as trend", nil, []float64{1, 2}, 0, -inf, inf, 1},
		{"two as trend", []float64{5, 6, 7}, []float64{1, 2, 3}, 0, -inf, inf, 0.1}, {"two as trend", same(4, 5), same(4, 1), 0, 4, 4, 2.0 / 70},
	} {
		a, err := tests[c.test](c.x, c.y, inference.Question{Null: c.null, Alpha: 0.05})
		if err != nil || a.Low != c.low || a.High != c.high || math.Abs(a.P-c.p) > 1e-13*c.p {
			t.Errorf("%s of %v and %v: %+v, want %v to %v, p %v (%v)", c.test, c.x, c.y, a, c.low, c.high, c.p, err)
		}
		if _, err := tests[c.test](c.x, c.y, inference.Question{Null: c.null, Alpha: 0.05, NoInterval: true}); err != nil {
			t.Errorf("%s of %v and %v: %v", c.test, c.x, c.y, err)
		}
	}
}

// TestLeastUnits: so many values reach alpha, one fewer does not.
func TestLeastUnits(t *testing.T) {
	rising := func(n int, from float64) []float64 {
		v := make([]float64, n)
		for i := range v {
			v[i] = from + float64(i)
		}
		return v
	}
	for _, alpha := range []float64{0.2, 0.05, 0.01} {
		for _, test := range []string{"median", "signed rank", "difference", "two as trend"} {
			a, err := tests[test](rising(3, 100), rising(3, 1), inference.Question{Alpha: alpha})
			if err != nil {
				t.Fatal(err)
			}
			for n := max(2, a.LeastUnits-1); n <= a.LeastUnits; n++ {
				b, err := tests[test](rising(n, 100), rising(n, 1), inference.Question{Alpha: alpha})
				if err != nil || b.P != b.LeastP || (b.P <= alpha) != (n >= a.LeastUnits) {
					t.Errorf("%s at %v: %d values have p %v, least %v, and %d are said to do (%v)", test, alpha, n, b.P, b.LeastP, a.LeastUnits, err)
				}
			}
		}
	}
}

// TestCensored: ends from the least and the most that a value may be. 99 stands for none.
func TestCensored(t *testing.T) {
	inf := math.Inf(1)
	values := func(list ...float64) []inference.Value {
		v := inference.Measured(list)
		for i, x := range list {
			if x == 99 {
				v[i] = inference.Above(9)
			}
		}
		return v
	}
	q := inference.Question{Alpha: 0.1}
	for _, c := range []struct {
		name                string
		f                   func() (inference.Answer, error)
		estimate, low, high float64
	}{
		// Of five values at .1 the least and greatest.
		{"median", func() (inference.Answer, error) { return inference.Median(values(1, 2, 3, 9, 99), q) }, 3, 1, inf},
		{"median of nulls", func() (inference.Answer, error) { return inference.Median(values(1, 99, 99, 9, 99), q) }, 9, 1, inf},
		// Nulls are 9 at least: 4, 6, 8, 9 and 9 over 1, 2, 2, 1 and 2.
		{"ratio", func() (inference.Answer, error) {
			q := q
			q.Null = 1
			return inference.Ratio(values(4, 6, 8, 99, 99), values(1, 2, 2, 1, 2), q)
		}, 4.5, 3, inf},
		// Of 27 slopes 1, 2, 2, nine of 3 and three of 3.5 come first. J is 5 or less in 62 of 1680 deals, .037, so the sixth is the end.
		{"null at the end of x", func() (inference.Answer, error) {
			return inference.Trend([]float64{1, 1, 1, 2, 2, 2, 3, 3, 3}, values(1, 2, 3, 4, 5, 6, 99, 99, 99), nil, q)
		}, 3.5, 3, inf},
	} {
		a, err := c.f()
		if err != nil || a.Low != c.low || a.High != c.high || a.Estimate != c.estimate && !(math.IsNaN(c.estimate) && math.IsNaN(a.Estimate)) {
			t.Errorf("%s: %+v, want %v from %v to %v (%v)", c.name, a, c.estimate, c.low, c.high, err)
		}
	}
}

// TestCensoredBounds: the low end is that of values at their bounds in the place of nulls, the high end that of the others.
func TestCensoredBounds(t *testing.T) {
	const far = 1e6 // as good as infinite
	stream := kernel.NewStream(4, "test/censored")
	censor := func(n int) (values []inference.Value, low, high []float64) {
		for _, x := range drawn(stream, n, 10, 1, 0) {
			if x > 10.8 {
				values, low, high = append(values, inference.Above(10.8)), append(low, 10.8), append(high, far)
				continue
			}
			values, low, high = append(values, inference.Measured([]float64{x})...), append(low, x), append(high, x)
		}
		return values, low, high
	}
	censored := 0
	for range 60 {
		x, xLow, xHigh := censor(16)
		y, yLow, yHigh := censor(17)
		q := inference.Question{Alpha: 0.05}
		a, err := inference.Difference(x, y, q)
		low, err2 := inference.Difference(inference.Measured(xLow), inference.Measured(yHigh), q)
		high, err3 := inference.Difference(inference.Measured(xHigh), inference.Measured(yLow), q)
		if errors.Join(err, err2, err3) != nil {
			t.Fatal(errors.Join(err, err2, err3))
		}
		end := func(x float64) float64 {
			if math.Abs(x) > far/2 {
				return math.Inf(int(math.Copysign(1, x)))
			}
			return x
		}
		if want := end(low.Low); a.Low != want {
			t.Errorf("%v and %v: low end %v, want %v", x, y, a.Low, want)
		}
		if want := end(high.High); a.High != want {
			t.Errorf("%v and %v: high end %v, want %v", x, y, a.High, want)
		}
		if math.IsInf(a.Low, 0) || math.IsInf(a.High, 0) {
			censored++
		}
		plain, err := inference.Difference(inference.Measured(xHigh), inference.Measured(yHigh), q)
		if err != nil || math.Abs(plain.P-a.P) > 1e-12 { // all nulls equal and largest
			t.Errorf("%v and %v: p is %v, want %v (%v)", x, y, a.P, plain.P, err)
		}
	}
	if censored == 0 || censored == 60 {
		t.Errorf("%d of 60 intervals lack an end: the test looks at one case only", censored)
	}
}

// TestRoundedEnds: an end that is Null but for rounding is Null, as 0.3 - 0.1 is 0.2, so that the interval holds it.
func TestRoundedEnds(t *testing.T) {
	one, three := 0.1, 0.3
	if three-one == 0.2 {
		t.Fatal("nothing is rounded")
	}
	for _, null := range []float64{0.2, three - one, math.Nextafter(0.2, 1)} {
		q := inference.Question{Null: null, Alpha: 0.05}
		x, y := []float64{three, three, three, three}, []float64{one, one, one, one}
		d := []float64{three - one, three - one, 0.5 - three, 0.4 - 0.2, 1 - 0.8, 0.2}
		for _, test := range []string{"difference", "two as trend", "median", "signed rank"} {
			a, err := tests[test](x, y, q)
			if test == "median" || test == "signed rank" {
				a, err = tests[test](d, nil, q)
			}
			if err != nil || a.Low > null || a.High < null || a.P != 1 {
				t.Errorf("%s against %v: %+v, %v", test, null, a, err)
			}
		}
	}
	a, err := tests["ratio"]([]float64{three, three, three, three}, []float64{one, one, one, one}, inference.Question{Null: 3, Alpha: 0.05})
	if err != nil || a.Low > 3 || a.High < 3 || a.P != 1 {
		t.Errorf("ratio: %+v, %v", a, err)
	}
}

// TestStops: the step's error ends a test that takes long, and comes back.
func TestStops(t *testing.T) {
	stop := errors.New("stop")
	x, y := []float64{1, 2, 2, 4, 5, 6, 7, 8, 9, 10, 11}, []float64{3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8}
	for _, test := range []string{"bootstrap-t", "difference", "ratio"} {
		steps := 0
		_, err := tests[test](x, y, inference.Question{Null: 1, Alpha: 0.05, Step: func() error {
			if steps++; steps == 50 {
				return stop
			}
			return nil
		}})
		if !errors.Is(err, stop) || steps != 50 {
			t.Errorf("%s: %v after %d steps", test, err, steps)
		}
	}
}
