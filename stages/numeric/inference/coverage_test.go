package inference_test

import (
	"math"
	"testing"

	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
)

// A law draws one value.
type law func(s *kernel.Stream) float64

func normal(centre, spread float64) law {
	return func(s *kernel.Stream) float64 { return centre + spread*s.Normal() }
}

// skewed has the mean 1, the median log 2.
func skewed(s *kernel.Stream) float64 { return -kernel.Log64(1 - s.Float64()) }

func levels(l law, per float64) law {
	return func(s *kernel.Stream) float64 { return math.Round(per*l(s)) / per }
}

func many(l law, n int, s *kernel.Stream) []float64 {
	v := make([]float64, n)
	for i := range v {
		v[i] = l(s)
	}
	return v
}

// TestRates draws data whose effect is known, 1,000 times, and counts how often the interval misses it, and how often P against
// it is at most .05. Where most is .05 the method promises that, exactly or near enough that 1,000 draws cannot tell; where it is more the
// method is an approximation, and this is what it costs. least is what a method that is not needlessly careful reaches. Three standard
// errors (.0207 at .05) are allowed on either side.
func TestRates(t *testing.T) {
	const draws, alpha = 1000, 0.05
	superior := func(gap, spread float64) float64 { return 1 - math.Erfc(gap/spread/math.Sqrt2)/2 }
	for _, c := range []struct {
		name, test  string
		x, y        law
		n, m        int
		effect      float64
		most, least float64
	}{
		{"normal", "mean", normal(3, 2), nil, 5, 0, 3, 0.05, 0.05},
		{"normal", "mean", normal(3, 2), nil, 20, 0, 3, 0.05, 0.05},
		{"skewed", "mean", skewed, nil, 20, 0, 1, 0.085, 0.05},
		{"skewed", "bootstrap-t", skewed, nil, 20, 0, 1, 0.065, 0.03},
		{"normal", "bootstrap-t", normal(3, 2), nil, 10, 0, 3, 0.06, 0.03},
		{"skewed", "median", skewed, nil, 20, 0, math.Ln2, 0.0414, 0.0414},
		{"skewed", "median", skewed, nil, 9, 0, math.Ln2, 0.0391, 0.0391},
		{"normal", "signed rank", normal(3, 2), nil, 8, 0, 3, 0.0391, 0.0391},
		{"ties", "signed rank", levels(normal(3, 2), 1), nil, 20, 0, 3, 0.05, 0.015}, // its interval is closed, so that ends that are equal to the effect hold it
		{"spreads 1 and 3", "difference", normal(2, 1), normal(0, 3), 8, 12, 2, 0.06, 0.035},
		{"spreads 3 and 1", "difference", normal(2, 3), normal(0, 1), 8, 12, 2, 0.07, 0.035},
		{"ties", "difference", levels(normal(2, 1), 2), levels(normal(0, 1), 2), 5, 5, 2, 0.05, 0.02},
		{"spreads 1 and 3", "difference", normal(2, 1), normal(0, 3), 20, 40, 2, 0.06, 0.035},
		{"spreads 3 and 1", "difference", normal(2, 3), normal(0, 1), 20, 40, 2, 0.06, 0.035},
		{"equal", "ratio", skewed, skewed, 5, 7, 1, 0.05, 0.035},
		{"equal", "superiority", normal(0, 1), normal(0, 1), 8, 8, 0.5, 0.06, 0.02},
		{"apart", "superiority", normal(1, 1), normal(0, 1), 10, 20, superior(1, math.Sqrt2), 0.06, 0.02},
		{"spreads 3 and 1", "superiority", normal(2, 3), normal(0, 1), 10, 20, superior(2, math.Sqrt(10)), 0.06, 0.02},
		{"spreads 1 and 3", "superiority", normal(2, 1), normal(0, 3), 20, 20, superior(2, math.Sqrt(10)), 0.06, 0.02},
		{"spreads 1 and 3", "welch", normal(2, 1), normal(0, 3), 8, 12, 2, 0.055, 0.045},
		{"spreads 1 and 2", "fieller", normal(20, 1), normal(10, 2), 8, 12, 2, 0.055, 0.045},
		{"equal", "two as trend", skewed, skewed, 6, 7, 0, 0.05, 0.035},
	} {
		t.Run(c.test+"/"+c.name, func(t *testing.T) {
			t.Parallel()
			stream := kernel.NewStream(int64(c.n), "test/rates/"+c.test+"/"+c.name)
			missed, rejected := 0, 0
			for range draws {
				x := many(c.x, c.n, stream)
				var y []float64
				if c.y != nil {
					y = many(c.y, c.m, stream)
				}
				q := inference.Question{Null: c.effect, Alpha: alpha, Permutations: 499, Purpose: "test/rates"}
				a, err := tests[c.test](x, y, q)
				if err != nil {
					t.Fatal(err)
				}
				if c.effect < a.Low || c.effect > a.High {
					missed++
				}
				if a.P <= alpha {
					rejected++
				}
			}
			allowed := 3 * math.Sqrt(c.most*(1-c.most)/draws)
			for what, count := range map[string]int{"missed": missed, "rejected": rejected} {
				rate := float64(count) / draws
				if rate > c.most+allowed || rate < c.least-allowed {
					t.Errorf("%d and %d values: %s in %.3f", c.n, c.m, what, rate)
				}
			}
			t.Logf("%d and %d values: missed %.3f, rejected %.3f", c.n, c.m, float64(missed)/draws, float64(rejected)/draws)
		})
	}
}

// TestTrendRates: the slope of seeds that differ from each other, within blocks, and of rows that are independent.
func TestTrendRates(t *testing.T) {
	const draws, alpha, slope = 1000, 0.05, 3.0
	for _, blocked := range []bool{false, true} {
		stream := kernel.NewStream(1, "test/trend rates")
		missed, rejected := 0, 0
		for range draws {
			var x, y []float64
			var block []int
			for seed := range 5 {
				own := 0.0
				if blocked {
					own = 5 * stream.Normal()
				}
				for _, at := range []float64{0.6, 0.75, 0.9, 0.95} {
					x, y, block = append(x, at), append(y, slope*at+own+stream.Normal()), append(block, seed)
				}
			}
			if !blocked {
				block = nil
			}
			a, err := inference.Trend(x, inference.Measured(y), block, inference.Question{Null: slope, Alpha: alpha})
			if err != nil || a.Method != inference.Exact {
				t.Fatalf("%+v, %v", a, err)
			}
			if slope < a.Low || slope > a.High {
				missed++
			}
			if a.P <= alpha {
				rejected++
			}
		}
		// As nothing is tied, both are the same event, whose probability is .04 to .05.
		if missed != rejected || float64(missed)/draws > alpha+0.0207 || float64(missed)/draws < 0.04-0.0207 {
			t.Errorf("blocked %v: missed in %d of %d, rejected in %d", blocked, missed, draws, rejected)
		}
	}
}

// TestUnits: Student's t with an effect of half a standard deviation needs 34 values for a power of 0.8 (Cohen 1988, table 2.4.1:
// 33.4), one without an effect any number; a share of 18 of 20 against 0.8 needs about 140 (exact binomial power).
func TestUnits(t *testing.T) {
	values := []float64{-1.55, -1, -0.66, -0.38, -0.12, 0.12, 0.38, 0.66, 1, 1.55} // quantiles of the normal distribution
	spread := 0.0
	for _, v := range values {
		spread += v * v / 10
	}
	for i := range values {
		values[i] = values[i]/math.Sqrt(spread) + 0.5
	}
	mean := func(size int, s *kernel.Stream, q inference.Question) (inference.Answer, error) {
		return inference.Mean(inference.Resample(values, size, s), q)
	}
	q := inference.Question{Alpha: 0.05, Purpose: "test/units"}
	if n, err := inference.Units(10, q, mean); err != nil || n < 27 || n > 41 {
		t.Errorf("%d values are said to do, 34 are known to (%v)", n, err)
	}
	q.Null = 0.5
	if n, err := inference.Units(10, q, mean); err != nil || n != 0 {
		t.Errorf("without an effect %d values are said to do (%v)", n, err)
	}
	q.Null = 0.8
	n, err := inference.Units(20, q, func(size int, s *kernel.Stream, q inference.Question) (inference.Answer, error) {
		kept := 0
		for range size {
			if s.Float64() < 0.9 {
				kept++
			}
		}
		return inference.Share(kept, size, q), nil
	})
	if err != nil || n < 85 || n > 150 {
		t.Errorf("%d units are said to show a share of .9 against .8 (%v)", n, err)
	}
}
