package inference_test

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// scaled are the tests of two groups, with what swapping the groups does to an effect.
var swapped = map[string]func(float64) float64{
	"difference":  func(e float64) float64 { return -e },
	"welch":       func(e float64) float64 { return -e },
	"ratio":       func(e float64) float64 { return 1 / e },
	"superiority": func(e float64) float64 { return 1 - e },
}

// TestIntervalAndPAgree: without ties, P is at most alpha if and only if Null is outside the interval. Where the statistic
// does not rise all the way with the shift, the interval may hold a Null that P rejects, but never the other way round.
func TestIntervalAndPAgree(t *testing.T) {
	stream := kernel.NewStream(7, "test/agree")
	for _, c := range []struct {
		test         string
		one          bool // group
		nulls        [2]float64
		hulls        float64 // the share in which the interval may hold more
		most, repeat int
	}{
		{"mean", true, [2]float64{9, 12}, 0, 12, 400}, {"bootstrap-t", true, [2]float64{9, 12}, 0, 12, 60}, {"median", true, [2]float64{9, 12}, 0, 14, 400},
		{"signed rank", true, [2]float64{9, 12}, 0, 14, 400}, {"difference", false, [2]float64{-3, 4}, 0.01, 6, 200},
		{"difference", false, [2]float64{-3, 4}, 0.01, 22, 60}, {"ratio", false, [2]float64{0.6, 1.5}, 0.01, 6, 200}, {"superiority", false, [2]float64{0, 1}, 0, 12, 400},
		{"welch", false, [2]float64{-3, 4}, 0, 12, 400}, {"fieller", false, [2]float64{0.6, 1.5}, 0, 12, 400}, {"two as trend", false, [2]float64{-3, 4}, 0, 8, 200},
	} {
		inside, outside, more := 0, 0, 0
		for range c.repeat {
			x := drawn(stream, 2+stream.IntN(c.most-1), 10.5, 1, 0)
			var y []float64
			if !c.one {
				y = drawn(stream, 2+stream.IntN(c.most-1), 10, 2, 0)
			}
			q := inference.Question{Null: c.nulls[0] + (c.nulls[1]-c.nulls[0])*stream.Float64(), Alpha: []float64{0.01, 0.05, 0.2}[stream.IntN(3)], Permutations: 999}
			a, err := tests[c.test](x, y, q)
			if err != nil || !(a.Low <= a.Estimate && a.Estimate <= a.High) || a.P != min(1, 2*min(a.Below, a.Above)) || a.P < 0 {
				t.Fatalf("%s of %v and %v: %+v, %v", c.test, x, y, a, err)
			}
			excluded := q.Null < a.Low || q.Null > a.High
			switch {
			case excluded && a.P <= q.Alpha:
				outside++
			case !excluded && a.P > q.Alpha:
				inside++
			case excluded:
				t.Errorf("%s of %v and %v, null %v at %v: %+v", c.test, x, y, q.Null, q.Alpha, a)
			default:
				more++
			}
		}
		if inside < c.repeat/10 || outside < c.repeat/10 || float64(more) > c.hulls*float64(c.repeat) {
			t.Errorf("%s: of %d, %d inside, %d outside, %d rejected inside", c.test, c.repeat, inside, outside, more)
		}
	}
}

// TestEndsAreWhereRejectionStarts: without ties, a Null just beyond an end is rejected and one just inside is not.
func TestEndsAreWhereRejectionStarts(t *testing.T) {
	stream := kernel.NewStream(19, "test/ends")
	for _, test := range sortedTests() {
		looked := 0
		for i := range 20 {
			sizes := [][2]int{{7, 6}, {9, 12}, {16, 18}, {5, 5}}[i%4]
			x, y := drawn(stream, sizes[0], 10.5, 1, 0), drawn(stream, sizes[1], 10, 2, 0)
			ask := func(null float64) inference.Answer {
				a, err := tests[test](x, y, inference.Question{Null: null, Alpha: 0.05, Permutations: 599, Purpose: "test/ends"})
				if err != nil {
					t.Fatal(err)
				}
				return a
			}
			a := ask(0.5)
			for side, end := range map[float64]float64{-1: a.Low, 1: a.High} {
				if math.IsInf(end, 0) || end == 0 || end == 1 && test == "superiority" {
					continue
				}
				looked++
				step := side * 1e-9 * max(1, math.Abs(end))
				if in, out := ask(end-step).P, ask(end+step).P; in <= 0.05 || out > 0.05 {
					t.Errorf("%s of %v and %v: p is %v within the end %v and %v beyond it", test, x, y, in, end, out)
				}
			}
		}
		if looked < 20 {
			t.Errorf("%s: only %d ends were looked at", test, looked)
		}
	}
}

// TestTiesKeepOrder: with ties the interval still holds the estimate, and P and the interval mostly agree.
func TestTiesKeepOrder(t *testing.T) {
	stream := kernel.NewStream(8, "test/ties")
	for _, test := range sortedTests() {
		apart := 0
		const repeat = 60
		for range repeat {
			x, y := drawn(stream, 2+stream.IntN(6), 10.5, 1, 1), drawn(stream, 2+stream.IntN(6), 10, 1, 1)
			if stream.IntN(6) == 0 {
				x, y = drawn(stream, 15, 10.5, 1, 1), drawn(stream, 16, 10, 1, 1)
			}
			null := map[string]float64{"ratio": 1, "fieller": 1, "superiority": 0.5}[test]
			if slices.Contains([]string{"mean", "median", "signed rank", "bootstrap-t"}, test) {
				null = 10
			}
			q := inference.Question{Null: null, Alpha: 0.1, Permutations: 199}
			a, err := tests[test](x, y, q)
			if err != nil || !(a.Low <= a.Estimate && a.Estimate <= a.High) || !(a.P >= 0 && a.P <= 1) {
				t.Fatalf("%s of %v and %v: %+v, %v", test, x, y, a, err)
			}
			if (null < a.Low || null > a.High) != (a.P <= q.Alpha) {
				apart++
			}
		}
		if apart > repeat/5 {
			t.Errorf("%s: interval and p disagree in %d of %d", test, apart, repeat)
		}
	}
}

func sortedTests() []string {
	var names []string
	for name := range tests {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestSwap: swapping the groups mirrors the answer, exactly but for the rounding of quotients.
func TestSwap(t *testing.T) {
	stream := kernel.NewStream(9, "test/swap")
	for test, mirror := range swapped {
		for i := range 24 {
			levels := []float64{0, 2}[i%2]
			sizes := [][2]int{{4, 6}, {5, 5}, {9, 12}, {11, 11}, {12, 9}, {16, 20}}[i/2%6]
			x, y := drawn(stream, sizes[0], 10.5, 1, levels), drawn(stream, sizes[1], 10, 2, levels)
			null := map[string]float64{"difference": 0.5, "welch": 0.5, "ratio": 1.25, "superiority": 0.625}[test]
			q := inference.Question{Null: null, Alpha: 0.05, Permutations: 499, Purpose: "test/swap"}
			a, err := tests[test](x, y, q)
			q.Null = mirror(null)
			b, err2 := tests[test](y, x, q)
			near := func(x, y float64) bool { return x == y || math.Abs(x-y) <= 1e-12*max(1, math.Abs(x)) }
			if err != nil || err2 != nil || !near(a.P, b.P) || !near(a.Below, b.Above) || !near(a.Estimate, mirror(b.Estimate)) ||
				!near(a.Low, mirror(b.High)) || !near(a.High, mirror(b.Low)) {
				t.Errorf("%s of %v and %v: %+v, swapped %+v", test, x, y, a, b)
			}
		}
	}
}

// TestShiftAndScale: moving and stretching values moves and stretches the effect, and nothing else. Values are whole 64ths, so that
// it is exact.
func TestShiftAndScale(t *testing.T) {
	stream := kernel.NewStream(10, "test/shift")
	for _, test := range sortedTests() {
		for i := range 12 {
			sizes := [][2]int{{4, 6}, {9, 12}, {16, 17}}[i%3]
			x, y := drawn(stream, sizes[0], 10.5, 1, 64), drawn(stream, sizes[1], 10, 2, 64)
			one := slices.Contains([]string{"mean", "median", "signed rank", "bootstrap-t"}, test)
			by, times, null := 8.0, 4.0, 0.25
			if one {
				null = 10.25
			}
			q := inference.Question{Null: null, Alpha: 0.05, Permutations: 499, Purpose: "test/shift"}
			change := func(v []float64) []float64 {
				w := slices.Clone(v)
				for i := range w {
					w[i] = times*w[i] + by
				}
				return w
			}
			effect := func(e float64) float64 { return times * e }
			switch {
			case one:
				effect = func(e float64) float64 { return times*e + by }
			case test == "ratio" || test == "fieller":
				q.Null, by, effect = 1.25, 0, func(e float64) float64 { return e }
			case test == "superiority":
				q.Null, effect = 0.5, func(e float64) float64 { return e }
			}
			a, err := tests[test](x, y, q)
			q.Null = effect(q.Null)
			b, err2 := tests[test](change(x), change(y), q)
			near := func(x, y float64) bool { return x == y || math.Abs(x-y) <= 1e-11*max(1, math.Abs(x)) }
			if err != nil || err2 != nil || !near(a.P, b.P) || !near(effect(a.Estimate), b.Estimate) || !near(effect(a.Low), b.Low) || !near(effect(a.High), b.High) {
				t.Errorf("%s of %v and %v: %+v, changed %+v", test, x, y, a, b)
			}
		}
	}
}

// TestOrderDoesNotMatter: values come in any order, and are left as they are.
func TestOrderDoesNotMatter(t *testing.T) {
	stream := kernel.NewStream(11, "test/order")
	for _, test := range sortedTests() {
		if test == "bootstrap-t" {
			continue // draws by place
		}
		x, y := drawn(stream, 8, 10.5, 1, 64), drawn(stream, 9, 10, 2, 64)
		q := inference.Question{Null: 1, Alpha: 0.05, Permutations: 499}
		if test == "superiority" {
			q.Null = 0.5
		}
		kept := slices.Concat(x, y)
		a, err := tests[test](x, y, q)
		if !slices.Equal(kept, slices.Concat(x, y)) {
			t.Errorf("%s changes its values", test)
		}
		stream.Shuffle(len(x), func(i, j int) { x[i], x[j] = x[j], x[i] })
		stream.Shuffle(len(y), func(i, j int) { y[i], y[j] = y[j], y[i] })
		b, err2 := tests[test](x, y, q)
		if err != nil || err2 != nil || math.Abs(a.P-b.P) > 1e-12 || math.Abs(a.Low-b.Low)+math.Abs(a.High-b.High) > 1e-12 {
			t.Errorf("%s: %+v and %+v", test, a, b)
		}
	}
}

// TestShareAgrees: of every outcome, against every bound, P is at most alpha if and only if the bound is outside the interval.
func TestShareAgrees(t *testing.T) {
	for _, n := range []int{1, 5, 20, 300} {
		for kept := 0; kept <= n; kept += max(1, n/10) {
			for i := range 41 {
				q := inference.Question{Null: float64(i) / 40, Alpha: 0.05}
				a := inference.Share(kept, n, q)
				if (q.Null < a.Low || q.Null > a.High) != (a.P <= q.Alpha) || !(a.Low <= a.Estimate && a.Estimate <= a.High) {
					t.Errorf("%d of %d against %v: %+v", kept, n, q.Null, a)
				}
			}
		}
	}
}
