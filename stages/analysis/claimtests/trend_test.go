package claimtests

import (
	"math"
	"strings"
	"testing"

	"spurion/stages/stagetest"
)

const rising = `"x": "strength", "y": "t95", "direction": "increasing"`

func TestTrend(t *testing.T) {
	x := []float64{0.6, 0.75, 0.9}
	perfect := [][]float64{{10, 12, 11}, {20, 22, 25}, {40, 41, 50}}
	reverse := [][]float64{{40, 41, 50}, {20, 22, 25}, {10, 12, 11}}
	flat := [][]float64{{10, 20, 30}, {11, 19, 31}, {9, 21, 29}}
	for _, c := range []struct {
		name, settings string
		x              []float64
		y              [][]float64
		verdict        string
		estimate, p    float64
		detail         string
	}{
		// One of 9!/(3!)³ = 1680 deals is perfect.
		{"perfect", rising, x, perfect, reproduced, 1, 1. / 1680, "p is 0.0005952 (exact) over 9 rows at 3 values of strength; Somers' D is 1 "},
		{"the wrong way", rising, x, reverse, notReproduced, -1, 1, "Somers' D is -1"},
		{"falling", strings.Replace(rising, "in", "de", 1), x, reverse, reproduced, -1, 1. / 1680, ""},
		// Of 27 pairs 5 + 4 + 4 rise and 14 fall.
		{"flat", rising, x, flat, notReproduced, (13. - 14) / 27, null, ""},
		{"all equal", rising, x, [][]float64{{5, 5}, {5, 5}, {5, 5}}, notReproduced, 0, 1, ""},
		// With two seeds at two values no outcome is below 1/6.
		{"too few", rising, x[:2], [][]float64{{1, 2}, {3, 4}}, inconclusive, 1, 1. / 6, "reaches 0.05; 3 rows at each value could"},
		{"too few, and wrong", rising, x[:2], [][]float64{{3, 4}, {1, 2}}, inconclusive, -1, 1, "3 rows at each"},
		{"one x", rising, x[:1], [][]float64{{3, 4}}, inconclusive, null, null, "2 rows of t95 at 1 value of strength: a trend needs two"},
		{"blocks", rising + `, "block": "seed"`, x, perfect, reproduced, 1, 1. / 216, "(exact within seed)"},
		{"few blocks", rising + `, "block": "seed"`, x[:2], [][]float64{{1, 2}, {3, 4}}, inconclusive, 1, 0.25, "5 values of seed could"},
		// Seed 1 lacks a value where nulls are dropped; where they count as above all, the rest rises.
		{"dropped", rising + `, "missing": "drop"`, x, [][]float64{{10, 12, 11}, {20, 22, 25}, {40, null, 50}}, reproduced, 1, 1. / 560, "over 8 rows (1 null, left out)"},
		{"above", rising + `, "missing": "above"`, x, [][]float64{{10, 12, 11}, {20, 22, 25}, {40, null, null}}, reproduced, 1, 1. / 1680, "goes from 11 to null steps"},
		{"above where it should be below", rising + `, "missing": "above"`, x, [][]float64{{10, null, null}, {20, 22, 25}, {40, 43, 50}}, notReproduced, null, null, ""},
		{"none observed", rising + `, "missing": "above"`, x, [][]float64{{null, null}, {null, null}, {null, null}}, inconclusive, null, null, "null in all 6 rows"},
		{"where", rising + `, "where": {"strength": "> 0.6"}, "alpha": 0.06`, x, [][]float64{{99, 99, 99}, {1, 2, 3}, {4, 5, 6}}, reproduced, 1, 0.05, "over 6 rows at 2 values"},
	} {
		got := outcomeOf(t, Trend, "{"+c.settings+"}", runs(c.x, c.y...))
		if got.verdict != c.verdict || !strings.Contains(got.detail, c.detail) {
			t.Errorf("%s: %+v", c.name, got)
		}
		if !math.IsNaN(c.p) && math.Abs(got.p-c.p) > 1e-12 {
			t.Errorf("%s: p is %v, want %v", c.name, got.p, c.p)
		}
		if !math.IsNaN(c.estimate) && math.Abs(got.estimate-c.estimate) > 1e-12 {
			t.Errorf("%s: the estimate is %v, want %v (%s)", c.name, got.estimate, c.estimate, got.detail)
		}
	}
}

func TestTrendRatio(t *testing.T) {
	x := []float64{0.6, 0.75, 0.9}
	y := [][]float64{{10, 12, 11, 13}, {20, 22, 25, 28}, {40, 41, 50, 55}} // medians 11.5 and 45.5
	wide := [][]float64{{10, 20, 30, 40}, {50, 60, 70, 80}, {90, 100, 300, 400}}
	censored := [][]float64{{10, 12, 11, 13}, {20, 22, 25, 28}, {40, null, null, null}}
	const above = rising + `, "missing": "above"`
	const falling = `"x": "strength", "y": "t95", "direction": "decreasing"`
	for _, c := range []struct {
		name, settings string
		y              [][]float64
		verdict        string
		estimate       float64
		detail         string
	}{
		{"reached", rising + `, "min_ratio": 2.5`, y, reproduced, 45.5 / 11.5, "from 11.5 to 45.5 steps, a ratio of 3.957 (95 % interval"},
		{"far short", rising + `, "min_ratio": 20`, y, notReproduced, 45.5 / 11.5, ""},
		{"short by less than its interval", rising + `, "min_ratio": 10`, wide, inconclusive, 8, ""},
		{"falling", falling + `, "min_ratio": 2.5`, [][]float64{y[2], y[1], y[0]}, reproduced, 45.5 / 11.5, "from 45.5 to 11.5"},
		// The censored median counts as the largest value, 40.
		{"censored above", above + `, "min_ratio": 3`, censored, reproduced, 40 / 11.5, "to null steps, a ratio of 3.478"},
		{"censored below", falling + `, "missing": "above", "min_ratio": 2`, [][]float64{{null, null, null, null}, {50, 60, 70, 80}, {1, null, null, null}}, notReproduced, null, "have no ratio"},
		{"zero", rising + `, "min_ratio": 2`, [][]float64{{0, 0, 0, 0}, {1, 1, 1, 1}, {2, 2, 2, 2}}, inconclusive, null, "have no ratio"},
	} {
		got := outcomeOf(t, Trend, "{"+c.settings+"}", runs(x, c.y...))
		if got.verdict != c.verdict || !strings.Contains(got.detail, c.detail) || !same(got.estimate, c.estimate) {
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
		rising: "y: t95 is null in 1 row of 6: [strength=0.6,seed=2]",
		`"x": "method", "y": "t95", "direction": "increasing"`:        `x: column "method" holds string, not numbers: row 1 of table [strength=0.6,seed=0] has "erm"; the columns of numbers are strength, seed, t95`,
		`"x": "strength", "y": "t59", "direction": "increasing"`:      `"t59"`,
		`"x": "t95", "y": "seed", "direction": "increasing"`:          "x: t95 is null",
		`"x": "strength", "y": "strength", "direction": "increasing"`: "three different columns",
		`"x": "strength", "y": "t95", "direction": "up"`:              "up",
		rising + `, "block": "sed"`:                                   `"sed"`,
		rising + `, "block": "strength"`:                              "three different columns",
		rising + `, "alpha": 0.0001, "permutations": 999`:             "too few permutations",
		rising + `, "where": {"strength": "0.7"}`:                     "0.6, 0.9",
	} {
		_, err := stagetest.Try(t.Context(), Trend, "{"+settings+"}", data)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", settings, err, want)
		}
	}
}

// TestSomersD compares with the definition over pairs, with ties in both.
func TestSomersD(t *testing.T) {
	y := []float64{1, 2, 2, 3, 5, 5, 4, 1}
	groups := []int{0, 0, 1, 1, 1, 2, 2, 2}
	agree, differ, all := 0, 0, 0
	for i := range y {
		for j := range y {
			if groups[i] >= groups[j] {
				continue
			}
			all++
			if y[i] < y[j] {
				agree++
			} else if y[i] > y[j] {
				differ++
			}
		}
	}
	d := newDesign(y, groups, make([]int, 8), 3, 1)
	if got, want := d.somers([]int{1, 1, 1, 1, 1, 1, 1, 1}), float64(agree-differ)/float64(all); math.Abs(got-want) > 1e-15 {
		t.Errorf("D is %v, want %v", got, want)
	}
	// A row of weight 2 is a row given twice.
	twice := newDesign(append(y, 5), append(groups, 1), make([]int, 9), 3, 1)
	if got, want := d.somers([]int{1, 1, 1, 1, 2, 1, 1, 1}), twice.somers([]int{1, 1, 1, 1, 1, 1, 1, 1, 1}); got != want {
		t.Errorf("with a weight of 2 D is %v, with the row twice %v", got, want)
	}
}
