package interval

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

func TestStudentIsTheQuantile(t *testing.T) {
	for df := 1; df <= 500; df++ {
		want := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(df)}.Quantile(0.975)
		got := Student(df)
		if df <= 30 && math.Abs(got-want) > 6e-4 {
			t.Errorf("%d degrees of freedom: %v, want %v", df, got, want)
		}
		// 2.021 is for 40, and stands until 59.
		if got < want-6e-4 || got > want+0.0211 && df > 30 {
			t.Errorf("%d degrees of freedom: %v is not a little above %v", df, got, want)
		}
	}
}

func TestOf(t *testing.T) {
	if m := Of([]float64{3}); m.Known() || m.Value != 3 || m.Low != 3 || m.High != 3 {
		t.Errorf("one value: %+v", m)
	}
	// Mean 3, variance 2.5, standard error sqrt(.5), t(.975, 4) = 2.776.
	m := Of([]float64{1, 2, 3, 4, 5})
	if half := 2.776 * math.Sqrt(0.5); m.Value != 3 || !m.Known() || math.Abs(m.High-3-half) > 1e-12 || math.Abs(3-m.Low-half) > 1e-12 {
		t.Errorf("five values: %+v", m)
	}
}

// An interval for normal values holds the true mean 95 times in 100.
func TestCoverage(t *testing.T) {
	const draws = 20000
	held := 0
	state := uint64(1)
	uniform := func() float64 { // splitmix64
		state += 0x9e3779b97f4a7c15
		z := state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		return float64((z^z>>31)>>11) / (1 << 53)
	}
	for range draws {
		values := make([]float64, 5)
		for i := range values {
			values[i] = math.Sqrt(-2*math.Log(1-uniform())) * math.Cos(2*math.Pi*uniform())
		}
		if m := Of(values); m.Low <= 0 && 0 <= m.High {
			held++
		}
	}
	// Binomial with standard error .0015.
	if share := float64(held) / draws; math.Abs(share-0.95) > 0.0062 {
		t.Errorf("coverage %v", share)
	}
}
