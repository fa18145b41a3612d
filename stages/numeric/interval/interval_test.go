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

func TestOf(t *testing.T) {
	if m := interval.Of([]float64{3}); m.Known() || m.Value != 3 || m.Low != 3 || m.High != 3 {
		t.Errorf("one value: %+v", m)
	}
	// Mean 3, variance 2.5, standard error sqrt(.5), t(.975, 4) = 2.77644511.
	m := interval.Of([]float64{1, 2, 3, 4, 5})
	if half := 2.77644511 * math.Sqrt(0.5); m.Value != 3 || !m.Known() || math.Abs(m.High-3-half) > 1e-12 || math.Abs(3-m.Low-half) > 1e-12 {
		t.Errorf("five values: %+v", m)
	}
}

// TestQuantiles: values that are half -1 and half 1 have a standard error of 1/sqrt(n-1), so that the interval
// shows the quantile. Those of 31 to 39 degrees of freedom stand in no short table.
func TestQuantiles(t *testing.T) {
	for n, want := range map[int]float64{
		2: 12.7062047, 4: 3.18244631, 10: 2.26215716, 30: 2.04522964, 32: 2.03951345, 34: 2.0345153, 36: 2.03010793, 38: 2.02619246,
		40: 2.02269092, 60: 2.00099538, 120: 1.98009988, 1000: 1.96234146, 1_000_000: 1.95996636,
	} {
		values := make([]float64, n)
		for i := range values {
			values[i] = float64(i%2*2 - 1)
		}
		m := interval.Of(values)
		if got := m.High * math.Sqrt(float64(n-1)); m.Value != 0 || m.Low != -m.High || math.Abs(got/want-1) > 3e-9 {
			t.Errorf("%d values: %+v shows the quantile %v, want %v", n, m, got, want)
		}
	}
}

// An interval for normal values holds the true mean 95 times in 100.
func TestCoverage(t *testing.T) {
	const draws = 20000
	s := kernel.NewStream(1, "test/coverage")
	for _, n := range []int{2, 5, 33} {
		held := 0
		values := make([]float64, n)
		for range draws {
			for i := range values {
				values[i] = s.Normal()
			}
			if m := interval.Of(values); m.Low <= 0 && 0 <= m.High {
				held++
			}
		}
		// Binomial with standard error .0015.
		if share := float64(held) / draws; math.Abs(share-0.95) > 0.0062 {
			t.Errorf("coverage of %d values: %v", n, share)
		}
	}
}

// TestGolden: the same bits on every processor and build.
func TestGolden(t *testing.T) {
	s := kernel.NewStream(2, "test/golden")
	h := sha256.New()
	var values []float64
	for range 1100 {
		values = append(values, s.Normal())
		m := interval.Of(values)
		fmt.Fprintf(h, "%x %x %x\n", m.Value, m.Low, m.High)
	}
	const want = "6d94da68e18a5ede87bf7d0a06cc4ce96530e73abe380d3ef7a40c1ceaad18d6"
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("bits changed: raise the versions of the kinds that use it; got %s", got)
	}
}
