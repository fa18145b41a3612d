package claimtests

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/stages"
	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// TestCensoredBounds censors runs at a budget and compares with what the same tests say of the steps that the runs
// would have taken: the estimate is no larger, and the interval holds the one of the full data, end by end. So nothing is made of
// what was not observed.
func TestCensoredBounds(t *testing.T) {
	const censoring = sides + `, "missing": "above"`
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
	}{
		{Paired, censoring},
		{Paired, censoring + `, "effect": "ratio"`},
		{Trend, rising + `, "min_ratio": 1.5, "missing": "above"`},
		{Trend, rising + `, "min_ratio": 1.5, "missing": "above", "block": "seed"`},
	} {
		stream := kernel.NewStream(18, "test/censored")
		open, closed := 0, 0
		for range 60 {
			budget := 100 + 300*stream.Float64()
			full, cut := make([][]float64, 2), make([][]float64, 2)
			for i := range full {
				for range 7 {
					v := math.Ceil(float64(60+40*i) * math.Exp(stream.Normal()))
					full[i], cut[i] = append(full[i], v), append(cut[i], censored(v, budget))
				}
			}
			x := []float64{0.6, 0.9}
			want, got := findingOf(t, c.kind, "{"+c.settings+"}", runs(x, full...)), findingOf(t, c.kind, "{"+c.settings+"}", runs(x, cut...))
			const rounding = 1e-12
			if got.Estimate > want.Estimate+rounding*math.Abs(want.Estimate) || got.Low > want.Low+rounding*math.Abs(want.Low) || got.High < want.High-rounding*math.Abs(want.High) {
				t.Errorf("%s: from the full data %v [%v, %v], censored at %v %v [%v, %v]", c.kind.Name,
					want.Estimate, want.Low, want.High, budget, got.Estimate, got.Low, got.High)
			}
			if !slices.ContainsFunc(slices.Concat(cut...), math.IsNaN) {
				continue
			}
			if finite(got.High) {
				closed++
			} else {
				open++
			}
		}
		if open == 0 || closed == 0 {
			t.Errorf("%s %s: %d intervals without an upper end and %d with one", c.kind.Name, c.settings, open, closed)
		}
	}
}

// TestCensoredVerdicts: what a null may be decides nothing. Too short a budget does not refute a large effect, and a
// unit of which one row of two is censored is not ranked above all others.
func TestCensoredVerdicts(t *testing.T) {
	x := []float64{0.6, 0.9}
	slow := runs(x, []float64{10, 11, 12, 13, 14, 15}, []float64{40, null, null, null, null, null})
	const above = sides + `, "missing": "above"`
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
	}{
		{Compare, above + `, "effect": "ratio", "min_effect": 5`},
		{Compare, above + `, "min_effect": 100`},
		{Paired, above + `, "effect": "ratio", "min_effect": 5`},
		{Trend, rising + `, "missing": "above", "min_ratio": 5`},
		{Trend, rising + `, "missing": "above", "min_ratio": 5, "block": "seed"`},
	} {
		if got := outcomeOf(t, c.kind, "{"+c.settings+"}", slow); got.verdict != inconclusive || finite(got.high) || got.missing != 5 {
			t.Errorf("%s: %+v", c.kind.Name, got)
		}
	}
	// Medians of each seed at .9 and .95: 12 and a null, of which the least is (12 + 30) / 2.
	half := runs([]float64{0.6, 0.9, 0.95}, []float64{25, 26, 27, 30}, []float64{12, 12, 12, 12}, []float64{null, null, null, null})
	got := outcomeOf(t, Compare, `{"y": "t95", "larger": {"strength": ">= 0.9"}, "smaller": {"strength": "0.6"}, "missing": "above"}`, half)
	if got.verdict != inconclusive || got.estimate != 21-26.5 || !strings.Contains(got.detail, "though p is at most 0.05: values that are null, or equal") {
		t.Errorf("half censored: %+v", got)
	}
}

// censored gives a null for what takes longer than a budget.
func censored(y, budget float64) float64 {
	if y > budget {
		return null
	}
	return y
}

// findingOf gives what a test finds.
func findingOf(t *testing.T, kind *stages.Kind, settings string, in stagetest.Inputs) *finding {
	t.Helper()
	f, err := trialOf(t, kind, settings, in).(sample).find(inference.Question{})
	if err != nil {
		t.Fatal(err)
	}
	return f
}
