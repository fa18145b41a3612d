package claimtests

import (
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// row is an instance's table of one row, with the columns first and second.
type row struct {
	strength      float64
	seed          int64
	first, second float64 // NaN for null
}

// table gives one table per row, as of a stage with axes strength and seed.
func table(rows ...row) stagetest.Inputs {
	var list []stages.Artifact
	for _, r := range rows {
		column := func(name string, v float64) frame.Column {
			valid := v == v
			if !valid {
				v = 0
			}
			return frame.Float64s(frame.Field{Name: name, Unit: "steps", Doc: "a step", Nullable: true}, []float64{v}).WithValid([]bool{valid})
		}
		a := stagetest.Table(&frame.Table{Columns: []frame.Column{column("first", r.first), column("second", r.second)}})
		a.Axes = []stages.Axis{{Name: "strength", Value: r.strength}, {Name: "seed", Value: r.seed}}
		list = append(list, a)
	}
	return stagetest.Inputs{"table": list}
}

// outcomes runs cases of one test.
type outcomes struct {
	name, settings string
	in             stagetest.Inputs
	verdict        string
	estimate, p    float64 // NaN for none, any for any
	n, units       int64
	detail         string
}

const anyNumber = 1e99

func check(t *testing.T, kind *stages.Kind, base string, cases []outcomes) {
	t.Helper()
	for _, c := range cases {
		got := outcomeOf(t, kind, "{"+base+c.settings+"}", c.in)
		near := func(got, want float64) bool {
			return want == anyNumber || same(got, want) || math.Abs(got-want) <= 1e-9*math.Abs(want)
		}
		if got.verdict != c.verdict || !near(got.estimate, c.estimate) || !near(got.p, c.p) || got.n != c.n || got.units != c.units ||
			!strings.Contains(got.detail, c.detail) {
			t.Errorf("%s: %+v", c.name, got)
		}
		if got.low > got.high || finite(got.low) && got.estimate < got.low-1e-9 || finite(got.high) && got.estimate > got.high+1e-9 {
			t.Errorf("%s: the interval %v to %v leaves out %v", c.name, got.low, got.high, got.estimate)
		}
		says := slices.ContainsFunc([]string{" could.", " would do.", " would decide."}, func(s string) bool { return strings.Contains(got.detail, s) })
		if says != (got.unitsNeeded > 0) || says && got.verdict != inconclusive {
			t.Errorf("%s: %s, and %d units needed: %s", c.name, got.verdict, got.unitsNeeded, got.detail)
		}
	}
}

func mistakes(t *testing.T, kind *stages.Kind, in stagetest.Inputs, cases map[string]string) {
	t.Helper()
	for settings, want := range cases {
		_, err := stagetest.Try(t.Context(), kind, "{"+settings+"}", in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", settings, err, want)
		}
	}
}

const groups = `"y": "t95", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}`

func TestCompare(t *testing.T) {
	x := []float64{0.6, 0.9}
	apart := runs(x, []float64{1, 2, 3, 4}, []float64{10, 11, 12, 15})
	flat := runs(x, []float64{1, 4, 3, 6}, []float64{2, 3, 5, 1})
	check(t, Compare, groups, []outcomes{
		// One of 8!/(4! 4!) = 70 deals is as extreme; medians 2.5 and 11.5.
		{"apart", ``, apart, reproduced, 9, 1. / 70, 8, 4, "p is 0.01429 (exact) over 4 and 4 values of seed; median of t95 (strength 0.9) less that of t95 (strength 0.6) is 9 (95 % interval"},
		{"ratio", `, "effect": "ratio", "min_effect": 2.5`, apart, reproduced, 11.5 / 2.5, 1. / 70, 8, 4, "the medians are 11.5 and 2.5 steps"},
		{"superiority", `, "effect": "superiority", "min_effect": 1`, apart, reproduced, 1, 1. / 70, 8, 4, ""},
		{"an exception", `, "effect": "superiority", "min_effect": 1`, runs(x, []float64{1, 2, 3, 11}, []float64{10, 12, 13, 15}), notReproduced, 15. / 16, 2. / 70, 8, 4, ""},
		{"too much asked", `, "min_effect": 20`, apart, notReproduced, 9, 1. / 70, 8, 4, ""},
		{"not settled", `, "min_effect": 10`, apart, inconclusive, 9, 1. / 70, 8, 4, "does not settle whether it is 10. If this goes on, about"},
		{"the wrong way", `, "larger": {"strength": "0.6"}, "smaller": {"strength": "0.9"}`, apart, notReproduced, -9, 1, 8, 4, ""},
		// U of 2, 3, 5, 1 over 1, 4, 3, 6: 1 + 1.5 + 3 + 0.5 of 16.
		{"flat", `, "effect": "superiority"`, flat, notReproduced, 6. / 16, anyNumber, 8, 4, ""},
		{"few", ``, runs(x, []float64{1, 2}, []float64{3, 4}), inconclusive, 2, 1. / 6, 4, 2, "No outcome of so few reaches 0.05; 3 values of seed in each group could."},
		{"one group", `, "where": {"seed": "0"}`, runs(x, []float64{1}, []float64{2}), inconclusive, 1, 0.5, 2, 1, ""},
		{"dropped", `, "missing": "drop"`, runs(x, []float64{1, 2, null, 3}, []float64{10, 11, 12, 15}), reproduced, 9.5, 1. / 35, 7, 4, "(1 null, left out)"},
		// The nulls count as the largest value, 12; ranks put them above all.
		{"above", `, "missing": "above"`, runs(x, []float64{1, 2, 3, 4}, []float64{10, null, 12, null}), reproduced, 12 - 2.5, 1. / 70, 8, 4, "the medians are null and 2.5"},
		{"nulls below", `, "missing": "above"`, runs(x, []float64{1, null, null, null}, []float64{10, 11, 12, 15}), notReproduced, null, anyNumber, 8, 4, "is null"},
		{"every row a unit", `, "unit": ""`, apart, reproduced, 9, 1. / 70, 8, 8, "4 and 4 rows"},
	})
	// Two rows a seed and group: their medians count. Of 6!/(3! 3!) deals one is as extreme.
	twice := runs([]float64{0.5, 0.6, 0.9, 0.95}, []float64{1, 2, 3}, []float64{3, 2, 5}, []float64{10, 11, 12}, []float64{14, 11, 20})
	check(t, Compare, `"y": "t95", "larger": {"strength": ">= 0.9"}, "smaller": {"strength": "< 0.9"}`, []outcomes{
		{"median within", ``, twice, reproduced, 12 - 2, 1. / 20, 12, 3, "3 and 3 values of seed (median of the rows of each, 12 in all)"},
		{"rows are not units", `, "unit": "strength"`, twice, inconclusive, anyNumber, 1. / 6, 12, 4, "2 and 2 values of strength"},
	})
	mistakes(t, Compare, runs(x, []float64{1, null}, []float64{3, 4}), map[string]string{
		groups: "smaller: t95 is null in 1 row of 2: [strength=0.6,seed=1]",
		groups + `, "missing": "drop", "unit": "sed"`:                                       `"sed"`,
		`"y": "t59", "larger": {"seed": "1"}, "smaller": {"seed": "0"}`:                     `"t59"`,
		`"y": "t95", "larger": {"strength": "0.6"}, "smaller": {"strength": "0.6"}`:         "both sides are the same rows",
		`"y": "t95", "larger": {"strength": "0.7"}, "smaller": {"strength": "0.6"}`:         "0.6, 0.9",
		`"y": "method", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}`:      "not numbers",
		groups + `, "missing": "drop", "effect": "superiority", "min_effect": 2`:            "a share is at most 1",
		groups + `, "permutations": 99, "alpha": 0.001`:                                     "too few permutations",
		`"y": "t95", "larger": {"strength": ">"}, "smaller": {"strength": "0.6"}`:           "no value",
		groups + `, "missing": "drop", "effect": "size"`:                                    "size",
		`"y": "t95", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}, "a": 1`: `"a"`,
	})
}

func TestRatio(t *testing.T) {
	x := []float64{0.6, 0.9}
	thrice := runs(x, []float64{10, 11, 12, 13, 14}, []float64{30, 33, 36, 39, 42})
	equal := runs(x, []float64{10, 11, 12, 13, 14}, []float64{14, 13, 12, 11, 10})
	check(t, Ratio, groups, []outcomes{
		// 1.5 times the smaller are 15 to 21, all below 30: one deal of 252.
		{"reached", `, "at_least": 1.5`, thrice, reproduced, 3, 1. / 252, 10, 5, "at least 1.5 asked; p is 0.003968 (exact) over 5 and 5 values of seed"},
		{"mean", `, "at_least": 1.5, "statistic": "mean"`, thrice, reproduced, 3, 1. / 252, 10, 5, "Mean of t95"},
		{"far short", `, "at_least": 10`, thrice, notReproduced, 3, 1, 10, 5, ""},
		{"about", `, "at_least": 2.9`, thrice, inconclusive, 3, anyNumber, 10, 5, "p is above 0.05. If this goes on, about 15 units"},
		{"no effect", `, "at_least": 2.5`, equal, notReproduced, 1, 1, 10, 5, ""},
		{"few", `, "at_least": 1.5`, runs(x, []float64{1, 1}, []float64{30, 33}), inconclusive, 31.5, 1. / 6, 4, 2, "3 values of seed in each group could"},
		{"zero", `, "at_least": 1.5`, runs(x, []float64{0, 0, 0}, []float64{1, 2, 3}), inconclusive, null, 1. / 20, 6, 3, "is null"},
		{"censored", `, "at_least": 1.5, "missing": "above"`, runs(x, []float64{10, 11, 12, 13, 14}, []float64{30, 33, null, null, null}), reproduced, 33. / 12, 1. / 252, 10, 5, "interval from 2.357 on)"},
	})
	mistakes(t, Ratio, thrice, map[string]string{
		groups:                       "at_least",
		groups + `, "at_least": 0`:   "above 0",
		`"y": "t95", "at_least": 2`:  "both sides are the same rows",
		groups + `, "at_least": "x"`: "at_least",
	})
}

func TestPaired(t *testing.T) {
	x := []float64{0.6, 0.9}
	up := runs(x, []float64{1, 2, 3, 4, 5}, []float64{3, 3, 6, 9, 11})  // differences 2, 1, 3, 5, 6
	one := runs(x, []float64{1, 2, 3, 4, 5}, []float64{3, 1, 6, 9, 11}) // 2, -1, 3, 5, 6
	check(t, Paired, groups, []outcomes{
		{"up", ``, up, reproduced, 3, 1. / 32, 10, 5, "p is 0.03125 (exact) over 5 values of seed; median difference of t95 (strength 0.9) and t95 (strength 0.6) is 3"},
		{"every", `, "every": true`, up, reproduced, 3, 1. / 32, 10, 5, "5 of 5 pairs are as said"},
		// Of 32 signs only all + and all + but the smallest reach 14 of 15.
		{"but one", `, "alpha": 0.1`, one, reproduced, 3, 2. / 32, 10, 5, "4 of 5 pairs"},
		{"every but one", `, "alpha": 0.1, "every": true`, one, notReproduced, 3, 2. / 32, 10, 5, "4 of 5 pairs"},
		{"an exception", `, "alpha": 0.1, "effect": "share", "min_effect": 1`, one, notReproduced, 0.8, 2. / 32, 10, 5, ""},
		{"share", `, "alpha": 0.1, "effect": "share", "min_effect": 0.8`, one, reproduced, 0.8, 2. / 32, 10, 5, ""},
		// Ratios 3, 1.5, 2, 2.25, 2.2.
		{"ratio", `, "effect": "ratio", "min_effect": 2`, up, reproduced, 2.2, 1. / 32, 10, 5, ""},
		{"ratio far off", `, "effect": "ratio", "min_effect": 5`, up, notReproduced, 2.2, 1. / 32, 10, 5, ""},
		{"down", `, "larger": {"strength": "0.6"}, "smaller": {"strength": "0.9"}`, up, notReproduced, -3, 1, 10, 5, ""},
		{"equal", ``, runs(x, []float64{1, 2, 3, 4, 5}, []float64{1, 2, 3, 4, 5}), notReproduced, 0, 1, 10, 5, ""},
		{"few", ``, runs(x, []float64{1, 2}, []float64{3, 3}), inconclusive, 1.5, 0.25, 4, 2, "No outcome of so few reaches 0.05; 5 values of seed could."},
		{"alone", `, "missing": "drop"`, runs(x, []float64{1, 2, 3, 4, 5, 6}, []float64{3, 3, 6, 9, 11, null}), reproduced, 3, 1. / 32, 10, 5, "1 row had no partner in seed."},
		{"censored", `, "missing": "above"`, runs(x, []float64{1, 2, 3, 4, 5, null}, []float64{3, 3, 6, 9, null, null}), reproduced, 2.5, 1. / 32, 12, 6, "(3 null, counted as above all others)"},
	})
	var rows []row
	for s := range int64(6) {
		rows = append(rows, row{0.9, s, float64(10 + s), float64(5 + 2*s)}) // differences 5, 4, 3, 2, 1, 0
	}
	check(t, Paired, `"y": "first", "y_smaller": "second"`, []outcomes{
		{"two columns", ``, table(rows...), reproduced, 2.5, 1. / 32, 12, 6, "5 of 6 pairs are as said"},
		{"some of them", `, "where": {"seed": "< 2"}`, table(rows...), inconclusive, 4.5, 0.25, 4, 2, ""},
	})
	// Two strengths in each seed: pairs of a seed are one unit. Seeds' medians are 3, 2, 3.
	four := runs([]float64{0.5, 0.6}, []float64{1, 2, 3}, []float64{3, 4, 7})
	five := runs([]float64{0.5, 0.6}, []float64{5, 4, 6}, []float64{5, 6, 10})
	mark(four, "degree", 1)
	mark(five, "degree", 2)
	both := stagetest.Inputs{"table": slices.Concat(four["table"], five["table"])}
	check(t, Paired, `"y": "t95", "larger": {"degree": "2"}, "smaller": {"degree": "1"}, "alpha": 0.2`, []outcomes{
		{"units", ``, both, reproduced, 3, 1. / 8, 12, 3, "over 3 values of seed; median difference of t95 (degree 2) and t95 (degree 1) is 3"},
		{"pairs", `, "unit": ""`, both, reproduced, 2.5, 1. / 64, 12, 6, "over 6 pairs"},
		{"by seed", `, "pair": ["seed"]`, both, reproduced, 3, 1. / 8, 12, 3, "3 of 3 pairs"},
		{"within", `, "pair": ["strength"], "unit": "strength"`, both, inconclusive, 2.5, 1. / 4, 12, 2, ""},
	})
	mistakes(t, Paired, both, map[string]string{
		`"y": "t95", "larger": {"degree": "2"}, "smaller": {"degree": "1"}, "pair": ["strength"]`: `add "seed" to pair`,
		`"y": "t95", "larger": {"degree": "2"}, "smaller": {"degree": "1"}, "pair": ["degree"]`:   "no row of one side agrees",
		`"y": "t95", "larger": {"degree": "2"}, "smaller": {"degree": "1"}, "pair": ["width"]`:    `"width"`,
		`"y": "t95"`:                     "both sides are the same rows",
		`"y": "t95", "y_smaller": "t96"`: `"t96"`,
	})
	mistakes(t, Paired, runs(x, []float64{0, 1}, []float64{1, 2}), map[string]string{
		groups + `, "effect": "ratio"`: "a ratio needs values above 0",
	})
}

// mark adds an axis to every table.
func mark(in stagetest.Inputs, name string, value int64) {
	for i := range in["table"] {
		in["table"][i].Axes = append(in["table"][i].Axes, stages.Axis{Name: name, Value: value})
	}
}
