package claimtests

import (
	"math"
	"strings"
	"testing"

	"spurion/stages"
	"spurion/stages/numeric/kernel"
)

// TestClusters: with few units of many rows each, a bootstrap of units gives intervals that hold the
// true median difference about as often as they say, where one of rows is far too narrow.
func TestClusters(t *testing.T) {
	const draws = 300
	stream := kernel.NewStream(14, "test/clusters")
	held := map[string]int{}
	for range draws {
		x := []float64{0.5, 0.55, 0.6, 0.9, 0.93, 0.95}
		y := make([][]float64, len(x))
		for range 12 {
			effect := 30 + 5*stream.Normal()
			for i := range x {
				v := 100 + 0.5*stream.Normal()
				if i >= 3 {
					v += effect
				}
				y[i] = append(y[i], v)
			}
		}
		for _, unit := range []string{"seed", ""} {
			got := outcomeOf(t, Compare, `{"y": "t95", "larger": {"strength": ">= 0.9"}, "smaller": {"strength": "< 0.9"}, "resamples": 299, "permutations": 99, "unit": "`+unit+`"}`, runs(x, y...))
			if got.low <= 30 && 30 <= got.high {
				held[unit]++
			}
		}
	}
	t.Logf("of %d intervals, %d over seeds and %d over rows hold the truth", draws, held["seed"], held[""])
	if held["seed"] < draws*90/100 || held[""] > draws*85/100 {
		t.Errorf("of %d intervals, %d over seeds and %d over rows hold the truth", draws, held["seed"], held[""])
	}
}

// TestCensoredBounds censors runs at a budget and compares with what the same tests say of the steps that the runs
// would have taken: the estimate is no larger, and the interval holds the one of the full data, end by end, as
// both draw the same resamples. So nothing is made of what was not observed.
func TestCensoredBounds(t *testing.T) {
	const groups = `"y": "t95", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}, "resamples": 199, "missing": "above"`
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
	}{
		{Compare, groups},
		{Compare, groups + `, "effect": "ratio", "min_effect": 3`},
		{Ratio, groups + `, "at_least": 1.5`},
		{Ratio, groups + `, "at_least": 1.5, "statistic": "mean"`},
		{Paired, groups},
		{Paired, groups + `, "effect": "ratio"`},
		{Trend, rising + `, "min_ratio": 1.5, "missing": "above", "resamples": 199`},
		{Trend, rising + `, "min_ratio": 1.5, "missing": "above", "resamples": 199, "block": "seed"`},
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
			want, got := outcomeOf(t, c.kind, "{"+c.settings+"}", runs(x, full...)), outcomeOf(t, c.kind, "{"+c.settings+"}", runs(x, cut...))
			if got.estimate > want.estimate || got.low > want.low || got.high < want.high {
				t.Errorf("%s: from the full data %v [%v, %v], censored at %v %v [%v, %v]", c.kind.Name,
					want.estimate, want.low, want.high, budget, got.estimate, got.low, got.high)
			}
			if got.missing == 0 {
				continue
			}
			if finite(got.high) {
				closed++
			} else {
				open++
			}
		}
		if open == 0 || closed == 0 && !strings.Contains(c.settings, "mean") { // a mean with a null has no upper end
			t.Errorf("%s %s: %d intervals without an upper end and %d with one", c.kind.Name, c.settings, open, closed)
		}
	}
}

// TestCensoredVerdicts: what a null may be decides nothing. Too short a budget does not refute a large effect, and a
// unit of which one row of two is censored is not ranked above all others.
func TestCensoredVerdicts(t *testing.T) {
	x := []float64{0.6, 0.9}
	slow := runs(x, []float64{10, 11, 12, 13, 14, 15}, []float64{40, null, null, null, null, null})
	const above = groups + `, "missing": "above"`
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
	}{
		{Compare, above + `, "effect": "ratio", "min_effect": 5`},
		{Compare, above + `, "min_effect": 100`},
		{Paired, above + `, "effect": "ratio", "min_effect": 5`},
		{Ratio, above + `, "at_least": 5`},
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
	if got.verdict != notReproduced || got.estimate != 21-26.5 {
		t.Errorf("half censored: %+v", got)
	}
}
