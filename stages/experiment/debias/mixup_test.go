package debias

import (
	"math"
	"testing"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/neuralnet"
)

// Mean 1/2 and variance 1/(4(2a+1)) of Beta(a, a), within six standard errors.
func TestBeta(t *testing.T) {
	for _, a := range []float64{.05, .2, 1, 2, 30} {
		s := kernel.NewStream(4, "beta")
		const n = 40000
		var sum, squares float64
		for range n {
			x := beta(s, a)
			if !(x >= 0 && x <= 1) {
				t.Fatalf("Beta(%v) gave %v", a, x)
			}
			sum += x
			squares += (x - .5) * (x - .5)
		}
		variance := 1 / (4 * (2*a + 1))
		if math.Abs(sum/n-.5) > 6*math.Sqrt(variance/n) {
			t.Errorf("Beta(%v): mean %v", a, sum/n)
		}
		// The fourth central moment is 3 variance²(2a+1)/(2a+3).
		fourth := 3 * variance * variance * (2*a + 1) / (2*a + 3)
		if math.Abs(squares/n-variance) > 6*math.Sqrt((fourth-variance*variance)/n)+1e-12 {
			t.Errorf("Beta(%v): variance %v, want %v", a, squares/n, variance)
		}
	}
	s := kernel.NewStream(9, "x")
	for range 1000 {
		if x := beta(s, 1e-9); math.Min(x, 1-x) > 1e-6 {
			t.Fatalf("near a = 0 a draw is %v", x)
		}
	}
}

// A row of a batch is the mixture of two rows of the batch, and so are its loss and slope.
func TestMixupStep(t *testing.T) {
	trial := newTestTrial(t, finiteData(t, easyLaw(.9), 40), Settings{Batch: 8, Method: MethodSettings{Name: "mixup"}})
	source, plain := natural1(t, trial), natural1(t, trial)
	m := &permuted{Source: source, stream: kernel.NewStream(1, "m"), concentration: 1}
	m.loss = "logistic"
	var b, was trainloop.Batch
	for range 7 { // the last of an epoch too
		m.Next(&b)
		plain.Next(&was)
		n := len(b.Numbers()) / b.Rows
		for i, j := range m.partner {
			if m.share[i] != m.share[0] || m.labels[i] != was.Labels[j] || b.Labels[i] != was.Labels[i] {
				t.Fatalf("row %d: share %v, labels %d and %d", i, m.share[i], b.Labels[i], m.labels[i])
			}
			for k := range n {
				want := float64(m.share[i])*float64(was.Numbers()[i*n+k]) + float64(1-m.share[i])*float64(was.Numbers()[int(j)*n+k])
				if math.Abs(float64(b.Numbers()[i*n+k])-want) > 1e-6 {
					t.Fatalf("row %d, input %d is %v, want %v", i, k, b.Numbers()[i*n+k], want)
				}
			}
		}
		margins, losses, slopes := make([]float32, b.Rows), make([]float32, b.Rows), make([]float32, b.Rows)
		for i := range margins {
			margins[i] = float32(i) - 3
		}
		neuralnet.ScoreLosses("logistic", losses, slopes, margins, b.Labels)
		m.shape(&b, margins, losses, slopes)
		for i, f := range margins {
			// The cross-entropy against a soft label q is log(1 + e^f) - q f.
			q := float64(m.share[i])*float64(b.Labels[i]) + float64(1-m.share[i])*float64(m.labels[i])
			loss := math.Log1p(math.Exp(float64(f))) - q*float64(f)
			slope := 1/(1+math.Exp(-float64(f))) - q
			if math.Abs(float64(losses[i])-loss) > 1e-5 || math.Abs(float64(slopes[i])-slope) > 1e-5 {
				t.Fatalf("margin %v against %v: loss %v and slope %v, want %v and %v", f, q, losses[i], slopes[i], loss, slope)
			}
		}
	}
}

func natural1(t *testing.T, trial *Trial) trainloop.Source {
	t.Helper()
	source, err := trial.Natural("")
	if err != nil {
		t.Fatal(err)
	}
	return source
}

func TestMixupAtItsLimitIsERM(t *testing.T) {
	for _, d := range []string{"fresh", "finite"} {
		set := freshData(.9)
		if d == "finite" {
			set = finiteData(t, easyLaw(.9), 100)
		}
		erm := lastModel(t, run1(t, set, `{"name": "erm"}`, ""))
		if lastModel(t, run1(t, set, `{"name": "mixup", "concentration": 0}`, "")) != erm {
			t.Errorf("%s: with λ = 1 other weights than by ERM", d)
		}
		if lastModel(t, run1(t, set, `{"name": "mixup"}`, "")) == erm {
			t.Errorf("%s: mixing changes nothing", d)
		}
	}
}
