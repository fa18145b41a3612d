package claimtests

import (
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

const rising = `"x": "strength", "y": "t95", "direction": "increasing"`

func TestTrend(t *testing.T) {
	x := []float64{0.6, 0.75, 0.9}
	perfect := [][]float64{{10, 12, 11, 13}, {20, 22, 25, 28}, {40, 41, 50, 55}}
	reverse := [][]float64{{40, 41, 50, 55}, {20, 22, 25, 28}, {10, 12, 11, 13}}
	flat := [][]float64{{10, 20, 30, 40}, {11, 19, 31, 39}, {9, 21, 29, 41}}
	falling := strings.Replace(rising, "in", "de", 1)
	check(t, Trend, "", []outcomes{
		// One of 12!/(4!)³ = 34650 deals is perfect; the median of 48 slopes is that of differences over .15 and .3.
		{"perfect", rising, runs(x, perfect...), reproduced, anyNumber, 2. / 34650, 12, 4, "t95 rises along strength by 1"},
		{"in words", rising, runs(x, perfect...), reproduced, anyNumber, anyNumber, 12, 4, "Jonckheere-Terpstra p = 6e-5; 4 seeds at 3 values of strength; Somers' D 1). Its median goes from 11.5 to 45.5 steps."},
		{"the wrong way", rising, runs(x, reverse...), notReproduced, anyNumber, 2. / 34650, 12, 4, "Somers' D -1). Its median goes from 45.5 to 11.5 steps. The whole interval lies below 0."},
		{"falling", falling, runs(x, reverse...), reproduced, anyNumber, 2. / 34650, 12, 4, "t95 falls along strength by 1"},
		{"flat", rising, runs(x, flat...), inconclusive, anyNumber, anyNumber, 12, 4, "The interval holds 0, so this is not decided, and would hardly be by 10,000 seeds at each strength."},
		{"all equal", rising, runs(x, []float64{5, 5, 5}, []float64{5, 5, 5}, []float64{5, 5, 5}), inconclusive, 0, 1, 9, 3, "t95 neither rises nor falls along strength in the median"},
		// With three seeds at two values no outcome is below 2/20.
		{"too few", rising, runs(x[:2], []float64{1, 2, 3}, []float64{4, 5, 6}), inconclusive, anyNumber, 0.1, 6, 3, "So few seeds cannot decide; 4 at each strength are the least that can."},
		{"one x", rising, runs(x[:1], []float64{3, 4}), inconclusive, null, null, 2, 2, "There are 2 rows of t95 at 1 value of strength: a trend needs two."},
		{"blocks", rising + `, "block": "seed"`, runs(x, perfect...), reproduced, anyNumber, 2. / 1296, 12, 4, "p = .0015 within seed"},
		{"few blocks", rising + `, "block": "seed"`, runs(x[:2], []float64{1, 2, 3, 4, 5}, []float64{6, 7, 8, 9, 10}), inconclusive, anyNumber, 2. / 32, 10, 5, "So few seeds cannot decide; 6 are the least that can."},
		// Seed 1 lacks a value where nulls are dropped; where they count as above all, the rest rises.
		{"dropped", rising + `, "missing": "drop"`, runs(x, perfect[0], perfect[1], []float64{40, null, 50, 55}), reproduced, anyNumber, anyNumber, 11, 4, "1 null, left out"},
		{"above", rising + `, "missing": "above"`, runs(x, perfect[0], perfect[1], []float64{40, null, null, null}), reproduced, anyNumber, 2. / 34650, 12, 4, "goes from 11.5 to null steps"},
		{"above where it should be below", rising + `, "missing": "above"`, runs(x, []float64{10, null, null, null}, perfect[1], perfect[2]), inconclusive, anyNumber, anyNumber, 12, 4, ""},
		{"none observed", rising + `, "missing": "above"`, runs(x, []float64{null, null}, []float64{null, null}, []float64{null, null}), inconclusive, null, null, 6, 2, "t95 is null in all 6 rows."},
		{"where", rising + `, "where": {"strength": "> 0.6"}, "alpha": 0.1`, runs(x, []float64{99, 99, 99}, []float64{1, 2, 3}, []float64{4, 5, 6}), reproduced, anyNumber, 0.1, 6, 3, "3 seeds at 2 values"},
	})
}

// TestTrendCountsUnits: twenty rows of each run are as one, whatever makes one of them.
func TestTrendCountsUnits(t *testing.T) {
	stream := kernel.NewStream(2, "test/units")
	x := []float64{0.6, 0.75, 0.9}
	var list, medians []stages.Artifact
	for _, strength := range x {
		for seed := range int64(5) {
			run := 10 * stream.Normal()
			var steps, values []float64
			for step := range 20 {
				steps, values = append(steps, float64(step)), append(values, run+stream.Normal())
			}
			long := stagetest.Table(&frame.Table{Columns: []frame.Column{
				frame.Float64s(frame.Field{Name: "step", Doc: "the step"}, steps), frame.Float64s(frame.Field{Name: "t95", Doc: "the value"}, values),
			}})
			short := stagetest.Table(&frame.Table{Columns: []frame.Column{frame.Float64s(frame.Field{Name: "t95", Doc: "the value"}, []float64{median(slices.Clone(values))})}})
			long.Axes = []stages.Axis{{Name: "strength", Value: strength}, {Name: "seed", Value: seed}}
			short.Axes = long.Axes
			list, medians = append(list, long), append(medians, short)
		}
	}
	for _, more := range []string{"", `, "block": "seed"`, `, "within": "mean"`, `, "within": "last"`} {
		got := outcomeOf(t, Trend, "{"+rising+more+"}", stagetest.Inputs{"table": list})
		if got.n != 300 || got.units != 5 || !strings.Contains(got.detail, "of 20 rows") || got.p < 0.0002 {
			t.Errorf("%s: %+v", more, got)
		}
		if strings.Contains(more, "within") {
			continue
		}
		want := outcomeOf(t, Trend, "{"+rising+more+"}", stagetest.Inputs{"table": medians})
		if got.p != want.p || got.estimate != want.estimate || got.low != want.low || got.verdict != want.verdict {
			t.Errorf("%s: %+v\nof the medians %+v", more, got, want)
		}
	}
}

func TestTrendRatio(t *testing.T) {
	x := []float64{0.6, 0.75, 0.9}
	y := [][]float64{{10, 12, 11, 13, 10, 12}, {20, 22, 25, 28, 21, 23}, {40, 41, 50, 55, 42, 45}} // ratios 4, 3.417, 4.545, 4.231, 4.2, 3.75
	wide := [][]float64{{10, 20, 30, 40, 10, 20}, {50, 60, 70, 80, 50, 60}, {90, 100, 300, 400, 95, 98}}
	censored := [][]float64{{10, 12, 11, 13, 10, 12}, {20, 22, 25, 28, 21, 23}, {40, null, null, null, 42, 45}}
	falling := strings.Replace(rising, "in", "de", 1)
	above := rising + `, "missing": "above"`
	for _, c := range []struct {
		name, settings string
		y              [][]float64
		verdict        string
		detail         string
	}{
		{"reached", rising + `, "min_ratio": 3`, y, reproduced, "t95 at strength 0.9 is 4 times that at 0.6 (95 % interval 3.417 to 4.545; "},
		{"in words", rising + `, "min_ratio": 3`, y, reproduced, "Wilcoxon signed-rank p = .0312; 6 seeds at 3 values of strength). t95 rises along strength by 1"},
		{"far off", rising + `, "min_ratio": 9`, y, notReproduced, "The whole interval lies below 9."},
		{"the interval holds it", rising + `, "min_ratio": 4`, y, inconclusive, "The interval holds 4"},
		{"wide", rising + `, "min_ratio": 8`, wide, inconclusive, "The interval holds 8"},
		{"falling", falling + `, "min_ratio": 3`, [][]float64{y[2], y[1], y[0]}, reproduced, "t95 at strength 0.6 is 4 times that at 0.9"},
		{"flat in the middle", rising + `, "min_ratio": 3`, [][]float64{y[0], y[2], y[1]}, notReproduced, ""}, // ends 2 apart
		{"censored above", above + `, "min_ratio": 3`, censored, reproduced, "; 3 null, counted as above all others). t95 rises"},
		{"censored below", falling + `, "missing": "above", "min_ratio": 2`, [][]float64{{null, null, null, null, null, null}, y[1], {1, null, null, null, null, null}}, inconclusive, ""},
		{"zero", rising + `, "min_ratio": 2`, [][]float64{{0, 0, 0, 0, 0, 0}, {1, 1, 1, 1, 1, 1}, {2, 2, 2, 2, 2, 2}}, inconclusive, "has no ratio that can be told"},
		// Other seeds at each end: two groups.
		{"unpaired", rising + `, "unit": "", "min_ratio": 3`, y, reproduced, "Brunner-Munzel p = "},
	} {
		got := outcomeOf(t, Trend, "{"+c.settings+"}", runs(x, c.y...))
		if got.verdict != c.verdict || !strings.Contains(got.detail, c.detail) {
			t.Errorf("%s: %+v", c.name, got)
		}
		if finite(got.low) && (got.low > got.estimate || got.high < got.estimate) {
			t.Errorf("%s: the interval %v to %v leaves out %v", c.name, got.low, got.high, got.estimate)
		}
	}
}

func TestTrendErrors(t *testing.T) {
	data := runs([]float64{0.6, 0.9}, []float64{1, 2, null}, []float64{3, 4, 5})
	for settings, want := range map[string]string{
		rising: "t95 is null in 1 row of 6: [strength=0.6,seed=2]",
		`"x": "method", "y": "t95", "direction": "increasing", "missing": "drop"`: `method: column "method" holds string, not numbers: row 1 of table [strength=0.6,seed=0] has "erm"; the columns of numbers are strength, seed, t95`,
		`"x": "strength", "y": "t59", "direction": "increasing"`:                  `"t59"`,
		`"x": "t95", "y": "seed", "direction": "increasing"`:                      "x: t95 is null",
		`"x": "strength", "y": "strength", "direction": "increasing"`:             "three different columns",
		`"x": "strength", "y": "t95", "direction": "up"`:                          "up",
		rising + `, "block": "sed"`:                                               `"sed"`,
		rising + `, "block": "strength"`:                                          "three different columns",
		rising + `, "alpha": 0.001, "permutations": 999`:                          "too few permutations",
		rising + `, "where": {"strength": "0.7"}`:                                 "0.6, 0.9",
	} {
		_, err := stagetest.Try(t.Context(), Trend, "{"+settings+"}", data)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", settings, err, want)
		}
	}
}
