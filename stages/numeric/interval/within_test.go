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

// Of shares near an end it holds the true mean about 95 times in 100, where Student's does less often: here of
// values u^.05, u uniform, whose mean is 1/1.05.
func TestWithinCoverage(t *testing.T) {
	const draws = 10000
	s := kernel.NewStream(5, "test/shares")
	for _, n := range []int{3, 5, 10} {
		held, student := 0, 0
		values := make([]float64, n)
		for range draws {
			for i := range values {
				values[i] = math.Pow(s.Float64(), 0.05)
			}
			if m := interval.Within(values, 0, 1); m.Low <= 1/1.05 && 1/1.05 <= m.High {
				held++
			}
			if m := interval.Of(values); m.Low <= 1/1.05 && 1/1.05 <= m.High {
				student++
			}
		}
		if share := float64(held) / draws; share < 0.925 || share > 0.96 || held <= student {
			t.Errorf("coverage of %d values: %v, by Student's interval %v", n, share, float64(student)/draws)
		}
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
	const want = "915dc0724c1b25941cd04b225477d0617af499a3e23b2333ffe63ff6e52141ca"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("bits changed: raise the versions of the kinds that use it; got %s", got)
	}
}
