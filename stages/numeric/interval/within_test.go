package interval_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"testing"

	"spurion/stages/numeric/interval"
	"spurion/stages/numeric/kernel"
)

// By hand for .95 and .96: p = .955, s² = 5e-5, N = 2 (.955 · .045)/5e-5 = 1719, t = 12.7062047, t²/N = .0939192.
func TestWithin(t *testing.T) {
	m := interval.Within([]float64{0.95, 0.96}, 0, 1)
	const c = 12.7062047 * 12.7062047 / 1719
	middle, half := (0.955+c/2)/(1+c), 12.7062047/(1+c)*math.Sqrt(0.955*0.045/1719+c/(4*1719))
	if m.Value != 0.955 || math.Abs(m.Low-(middle-half)) > 1e-9 || math.Abs(m.High-(middle+half)) > 1e-9 {
		t.Errorf("%+v, want %v ± %v", m, middle, half)
	}
	// The ends are the values that the mean just does not refute.
	for _, end := range []float64{m.Low, m.High} {
		if got := math.Abs(m.Value-end) / math.Sqrt(end*(1-end)/1719); math.Abs(got-12.7062047) > 1e-6 {
			t.Errorf("the end %v is %v standard errors away", end, got)
		}
	}
	for _, same := range [][]float64{{0.3}, {1, 1, 1}, {1, 1 - 1e-16}, {0, 0}, {0.7, 0.7}} {
		if m := interval.Within(same, 0, 1); m.Low != m.Value || m.High != m.Value || m.Value != same[0] {
			t.Errorf("%v: %+v", same, m)
		}
	}
	if shares, gaps := interval.Within([]float64{0.1, 0.4, 0.3}, 0, 1), interval.Within([]float64{-0.8, -0.2, -0.4}, -1, 1); math.Abs(gaps.Low-(2*shares.Low-1)) > 1e-12 ||
		math.Abs(gaps.High-(2*shares.High-1)) > 1e-12 {
		t.Errorf("%+v does not scale to %+v", shares, gaps)
	}
}

// Whatever the values, the interval lies between the ends and holds the mean, and it turns round with the values.
func TestWithinStaysWithin(t *testing.T) {
	s := kernel.NewStream(4, "test/within")
	for range 5000 {
		values, turned := make([]float64, 2+int(6*s.Float64())), []float64{}
		extreme := s.Float64() * 20
		for i := range values {
			values[i] = 1 / (1 + math.Exp(-extreme*s.Normal()-extreme))
			if s.Float64() < 0.3 {
				values[i] = math.Round(values[i])
			}
			turned = append(turned, 1-values[i])
		}
		m, back := interval.Within(values, 0, 1), interval.Within(turned, 0, 1)
		if !(0 <= m.Low && m.Low <= m.Value && m.Value <= m.High && m.High <= 1) {
			t.Fatalf("%v: %+v", values, m)
		}
		if math.Abs(m.Low+back.High-1) > 1e-6 || math.Abs(m.High+back.Low-1) > 1e-6 {
			t.Fatalf("%v: %+v, turned %+v", values, m, back)
		}
	}
}

// TestWithinCoverage keeps how often intervals hold the true mean, of 95 times in 100, for shares and for differences of two
// shares: as 20,000 draws of each law gave it, for Within and for Student's interval. Within does better near an end, where
// the values are skewed, and equally well in the middle. It is not at .95 everywhere: few values do not show how skewed
// they are. Of these laws an interval on the logit scale (Student's of log p/(1-p) by the delta method) gave at most .01
// more, and was 1.4 times as wide for 3 values of Beta(50,1).
func TestWithinCoverage(t *testing.T) {
	beta := func(a float64) func(s *kernel.Stream) float64 { // Beta(a, 1)
		return func(s *kernel.Stream) float64 { return math.Pow(s.Float64(), 1/a) }
	}
	middle := func(s *kernel.Stream) float64 { // Beta(2, 2), the middle of three
		a, b, c := s.Float64(), s.Float64(), s.Float64()
		return max(min(a, b), min(max(a, b), c))
	}
	minus := func(x, y func(s *kernel.Stream) float64) func(s *kernel.Stream) float64 {
		return func(s *kernel.Stream) float64 { return x(s) - y(s) }
	}
	least := func(s *kernel.Stream) float64 { return 1 - beta(50)(s) } // Beta(1, 50)
	for _, c := range []struct {
		name            string
		low, mean       float64
		draw            func(s *kernel.Stream) float64
		within, student [4]float64 // of 3, 5, 10 and 20 values
	}{
		{"Beta(50,1)", 0, 50.0 / 51, beta(50), [4]float64{0.939, 0.928, 0.927, 0.935}, [4]float64{0.886, 0.883, 0.904, 0.920}},
		{"Beta(5,1)", 0, 5.0 / 6, beta(5), [4]float64{0.942, 0.940, 0.940, 0.946}, [4]float64{0.905, 0.909, 0.923, 0.935}},
		{"Beta(2,2)", 0, 0.5, middle, [4]float64{0.950, 0.950, 0.954, 0.954}, [4]float64{0.939, 0.940, 0.949, 0.950}},
		{"Beta(50,1) - Beta(1,50)", -1, 49.0 / 51, minus(beta(50), least), [4]float64{0.948, 0.944, 0.941, 0.946}, [4]float64{0.923, 0.916, 0.928, 0.938}},
		{"Beta(50,1) - Beta(5,1)", -1, 50.0/51 - 5.0/6, minus(beta(50), beta(5)), [4]float64{0.910, 0.914, 0.924, 0.936}, [4]float64{0.911, 0.914, 0.924, 0.935}},
		{"Beta(50,1) - Beta(50,1)", -1, 0, minus(beta(50), beta(50)), [4]float64{0.967, 0.967, 0.959, 0.953}, [4]float64{0.967, 0.967, 0.959, 0.953}},
	} {
		s := kernel.NewStream(5, "test/shares/"+c.name)
		for i, n := range []int{3, 5, 10, 20} {
			const draws = 3000
			within, student := 0, 0
			values := make([]float64, n)
			for range draws {
				for i := range values {
					values[i] = c.draw(s)
				}
				if m := interval.Within(values, c.low, 1); m.Low <= c.mean && c.mean <= m.High {
					within++
				}
				if m := interval.Of(values); m.Low <= c.mean && c.mean <= m.High {
					student++
				}
			}
			// A share of 3,000 draws has a standard error of at most .006.
			for _, got := range []struct {
				of         string
				held, want float64
			}{{"Within", float64(within) / draws, c.within[i]}, {"Student's", float64(student) / draws, c.student[i]}} {
				if math.Abs(got.held-got.want) > 0.018 {
					t.Errorf("%d values of %s: the interval %s holds the mean %.3f of the time, want %.3f", n, c.name, got.of, got.held, got.want)
				}
			}
		}
	}
}

// An interval of differences that leaves out 0 is at least as strict as a paired t test: Student's leaves it out too.
func TestWithinAgreesWithStudent(t *testing.T) {
	s := kernel.NewStream(7, "test/zero")
	apart := 0
	for range 5000 {
		values := make([]float64, 2+int(6*s.Float64()))
		shift := s.Float64()
		for i := range values {
			values[i] = math.Max(-1, math.Min(1, shift+0.3*s.Normal()))
		}
		within, student := interval.Within(values, -1, 1), interval.Of(values)
		if within.Low > 0 || within.High < 0 {
			apart++
			if student.Low <= 0 && student.High >= 0 {
				t.Fatalf("%v: %+v leaves out 0, %+v does not", values, within, student)
			}
		}
	}
	if apart < 500 {
		t.Errorf("%d of 5000 intervals leave out 0: this test shows little", apart)
	}
}

// TestWithinGolden: the same bits on every processor and build.
func TestWithinGolden(t *testing.T) {
	s := kernel.NewStream(6, "test/golden")
	h := sha256.New()
	var values []float64
	for range 1100 {
		values = append(values, s.Float64())
		m := interval.Within(values, 0, 1)
		fmt.Fprintf(h, "%x %x %x\n", m.Value, m.Low, m.High)
	}
	const want = "178a103bbd42886ed92d1b97648a4bb05be4f177d304f99b28b8d996bea8ce87"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("bits changed: raise the versions of the kinds that use it; got %s", got)
	}
}
