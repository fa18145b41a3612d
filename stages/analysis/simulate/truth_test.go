package simulate

import (
	"math"
	"testing"

	"spurion/stages/numeric/distribution"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

func decoded(t *testing.T, text string) *Settings {
	t.Helper()
	s, err := stagetest.Settings(Kind, text)
	if err != nil {
		t.Fatal(err)
	}
	return s.(*Settings)
}

// The laws have mean 0 and a standard deviation of 1, as drawn and by their quantiles, and both agree.
func TestLaws(t *testing.T) {
	for name, l := range laws {
		const n = 100_000
		stream := kernel.NewStream(1, "test/laws")
		sum, squares := 0.0, 0.0
		var below [3]int
		at := []float64{0.1, 0.5, 0.9}
		for range n {
			x := l.draw(stream)
			sum, squares = sum+x, squares+x*x
			for i, u := range at {
				if x <= l.quantile(u) {
					below[i]++
				}
			}
		}
		mean, deviation := sum/n, math.Sqrt(squares/n-sum/n*sum/n)
		want, room := 1.0, 0.02
		if name == "rounded" {
			want = math.Sqrt(1 + 1.0/48) // Sheppard's correction, for steps of 1/2
		}
		if name == "heavy" || name == "lognormal" {
			room = 0.1 // their fourth moment is infinite, or large
		}
		if math.Abs(mean) > 0.016 || math.Abs(deviation-want) > room {
			t.Errorf("%s: mean %.4f, standard deviation %.4f", name, mean, deviation)
		}
		for i, u := range at {
			share := float64(below[i]) / n
			if name == "rounded" { // a quantile is one of few values
				if share < u {
					t.Errorf("rounded: %.4f of the values are at most the %.1f-quantile", share, u)
				}
			} else if math.Abs(share-u) > 0.006 {
				t.Errorf("%s: %.4f of the values are below the %.1f-quantile", name, share, u)
			}
		}
	}
}

// What is counted by pairs of quantiles is right to 1e-3 where there is a closed form.
func TestTruth(t *testing.T) {
	above := func(z float64) float64 { return 1 - distribution.NormalTail(z) }
	for _, c := range []struct {
		name      string
		got, want float64
	}{
		{"superiority of normal laws of equal spread", superiority(decoded(t, `{"method": "superiority", "units": 2}`).grid(1), normalGrid(), 1, inf), above(1 / math.Sqrt2)},
		{"superiority of normal laws of unequal spread", superiority(decoded(t, `{"method": "superiority", "units": 2}`).grid(3), normalGrid(), 1, inf), above(1 / math.Sqrt(10))},
		{"move of a superiority", decoded(t, `{"method": "superiority", "units": 2, "effect": 0.76}`).move(), distribution.NormalAbove(0.24) * math.Sqrt2},
		{"move of a share", decoded(t, `{"method": "share", "units": 2, "effect": 0.84}`).move(), distribution.NormalAbove(0.16)},
		{"median of lognormal values", decoded(t, `{"method": "median", "law": "lognormal", "units": 2}`).without(), (1 - math.Exp(0.5)) / math.Sqrt(math.Exp(2)-math.E)},
		{"shift of lognormal groups of equal spread, counted", medianDifference(decoded(t, `{"method": "compare", "law": "lognormal", "units": 2}`).grid(1), decoded(t, `{"method": "compare", "law": "lognormal", "units": 2}`).grid(1)), 0},
		{"shift of normal groups of unequal spread, counted", medianDifference(decoded(t, `{"method": "compare", "units": 2}`).grid(3), normalGrid()), 0},
		{"ratio of means of lognormal groups", decoded(t, `{"method": "ratio_mean", "law": "lognormal", "units": 2, "spread": 2}`).without(), math.Exp(1.5)},
	} {
		if math.Abs(c.got-c.want) > 1e-3 {
			t.Errorf("%s is %.5f, want %.5f", c.name, c.got, c.want)
		}
	}
}

// What cannot be counted in closed form agrees with draws: the centre of the mean of two skewed values, and of the difference and the
// ratio of groups of unequal spread.
func TestTruthByDraws(t *testing.T) {
	const n = 200_000
	for _, c := range []struct {
		settings string
		above    func(s *Settings, stream *kernel.Stream, by float64) bool // that the estimand of a draw is above the effect
	}{
		{`{"method": "paired", "law": "lognormal", "units": 2, "effect": 0.5}`, func(s *Settings, stream *kernel.Stream, by float64) bool {
			l := laws[s.Law]
			return (l.draw(stream)+l.draw(stream))/2+by > 0.5
		}},
		{`{"method": "compare", "law": "shares", "units": 2, "spread": 3, "effect": 0.5}`, func(s *Settings, stream *kernel.Stream, by float64) bool {
			l := laws[s.Law]
			return s.raw(l.draw(stream), 3)+by-s.raw(l.draw(stream), 1) > 0.5
		}},
		{`{"method": "ratio", "law": "shares", "units": 2, "spread": 3, "effect": 1.5}`, func(s *Settings, stream *kernel.Stream, by float64) bool {
			l := laws[s.Law]
			return s.raw(l.draw(stream), 3)*by/s.raw(l.draw(stream), 1) > 1.5
		}},
	} {
		s := decoded(t, c.settings)
		stream, by, above := kernel.NewStream(2, "test/truth"), s.move(), 0
		for range n {
			if c.above(s, stream, by) {
				above++
			}
		}
		if share := float64(above) / n; math.Abs(share-0.5) > 4*0.5/math.Sqrt(n) {
			t.Errorf("%s: %.4f of the draws are above the true effect", c.settings, share)
		}
	}
}
