package debias

import (
	"math"
	"slices"
	"testing"

	"spurion/stages/numeric/kernel"
)

// By hand: α m = 2.5 of 5 losses; the two largest weigh 0.4 each, the next 0.2.
func TestTailWeights(t *testing.T) {
	for _, c := range []struct {
		alpha  float64
		losses []float32
		want   []float32
	}{
		{.5, []float32{1, 5, 2, 4, 3}, []float32{0, .4, 0, .4, .2}},
		{.4, []float32{1, 5, 2, 4, 3}, []float32{0, .5, 0, .5, 0}},
		{.1, []float32{1, 5, 2, 4, 3}, []float32{0, 1, 0, 0, 0}}, // less than a row
		{1, []float32{1, 5, 2, 4, 3}, []float32{.2, .2, .2, .2, .2}},
		{.5, []float32{7, 7, 7}, []float32{1 / 1.5, 1 - 1/1.5, 0}}, // the first of equals
		{1e-320, []float32{1, 2}, []float32{0, 1}},
	} {
		got := (&tail{alpha: c.alpha}).weigh(c.losses)
		for i := range got {
			if math.Abs(float64(got[i]-c.want[i])) > 1e-7 {
				t.Errorf("α = %v of %v: weights %v, want %v", c.alpha, c.losses, got, c.want)
				break
			}
		}
	}
}

// The weighted sum is the conditional value at risk: min over v of v + mean max(l - v, 0) / α, which
// is reached at one of the losses.
func TestTailIsTheConditionalValueAtRisk(t *testing.T) {
	s := kernel.NewStream(5, "losses")
	c := &tail{}
	for range 300 {
		losses := make([]float32, 1+s.IntN(20))
		for i := range losses {
			losses[i] = float32(s.Float64())
		}
		c.alpha = 1 - s.Float64()
		var got, sum float64
		for i, w := range c.weigh(losses) {
			got += float64(w) * float64(losses[i])
			sum += float64(w)
		}
		want := math.Inf(1)
		for _, v := range losses {
			excess := 0.0
			for _, l := range losses {
				excess += max(float64(l-v), 0)
			}
			want = min(want, float64(v)+excess/(c.alpha*float64(len(losses))))
		}
		if math.Abs(got-want) > 1e-6 || math.Abs(sum-1) > 1e-6 {
			t.Fatalf("α = %v of %v: %v, want %v; weights sum to %v", c.alpha, losses, got, want, sum)
		}
	}
}

// With α = 1 it is ERM, bit for bit.
func TestCVaROfEverythingIsERM(t *testing.T) {
	d := finiteData(t, easyLaw(.9), 100) // whose last batch of an epoch is smaller
	erm := lastModel(t, run1(t, d, `{"name": "erm"}`, ""))
	models := []string{lastModel(t, run1(t, d, `{"name": "cvar_dro", "alpha": 1}`, "")), lastModel(t, run1(t, d, `{"name": "cvar_dro", "alpha": 0.9}`, ""))}
	if !slices.Equal([]bool{models[0] == erm, models[1] == erm}, []bool{true, false}) {
		t.Errorf("as ERM: α = 1 %v, α = 0.9 %v", models[0] == erm, models[1] == erm)
	}
}
