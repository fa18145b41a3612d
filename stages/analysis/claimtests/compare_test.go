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
		says := slices.ContainsFunc([]string{" are the least that can.", " would decide."}, func(s string) bool { return strings.Contains(got.detail, s) })
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

const sides = `"y": "t95", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}`

func TestCompare(t *testing.T) {
	x := []float64{0.6, 0.9}
	apart := runs(x, []float64{1, 2, 3, 4}, []float64{10, 11, 12, 15})
	flat := runs(x, []float64{1, 4, 3, 6}, []float64{2, 3, 5, 1})
	check(t, Compare, sides, []outcomes{
		// One of 8!/(4! 4!) = 70 deals is as extreme on either side; the median of the 16 differences is 9.
		{"apart", ``, apart, reproduced, 9, 2. / 70, 8, 4, "t95 at strength 0.9 is 9 steps above that at strength 0.6 (95 % interval 6 to 14; Brunner-Munzel p = .0286; 4 and 4 seeds)."},
		{"ratio", `, "effect": "ratio"`, apart, reproduced, 5, 2. / 70, 8, 4, "t95 at strength 0.9 is 5 times that at strength 0.6 (95 % interval 2.5 to 15; "},
		{"superiority", `, "effect": "superiority"`, apart, reproduced, 1, anyNumber, 8, 4, "A value of t95 at strength 0.9 is above one at strength 0.6 with probability 1 (95 % interval 0."},
		{"too much asked", `, "min_effect": 20`, apart, notReproduced, 9, 2. / 70, 8, 4, "More than 20 is claimed. The whole interval lies below 20."},
		{"the estimate above, the interval not", `, "min_effect": 8`, apart, inconclusive, 9, anyNumber, 8, 4, "The interval holds 8, so this is not decided; about "},
		{"the estimate below, the interval not", `, "min_effect": 10`, apart, inconclusive, 9, anyNumber, 8, 4, "The interval holds 10, so this is not decided; about "},
		{"the wrong way", `, "larger": {"strength": "0.6"}, "smaller": {"strength": "0.9"}`, apart, notReproduced, -9, 2. / 70, 8, 4, "t95 at strength 0.6 is 9 steps below that at strength 0.9, a difference of -9 (95 % interval -14 to -6"},
		// U of 2, 3, 5, 1 over 1, 4, 3, 6: 1 + 1.5 + 3 + 0.5 of 16.
		{"flat", `, "effect": "superiority"`, flat, inconclusive, 6. / 16, anyNumber, 8, 4, "The interval holds 0.5, so this is not decided; about "},
		{"few", ``, runs(x, []float64{1, 2}, []float64{3, 4}), inconclusive, 2, 1. / 3, 4, 2, "So few seeds cannot decide; 4 in each group are the least that can."},
		{"one group", `, "where": {"seed": "0"}`, runs(x, []float64{1}, []float64{2}), inconclusive, 1, 1, 2, 1, ""},
		{"dropped", `, "missing": "drop", "alpha": 0.1`, runs(x, []float64{1, 2, null, 3}, []float64{10, 11, 12, 15}), reproduced, 9.5, 2. / 35, 7, 4, "; 1 null, left out)"},
		// At the least the nulls are 12: the median of the differences is then 9. There is no upper end.
		{"above", `, "missing": "above"`, runs(x, []float64{1, 2, 3, 4}, []float64{10, null, 12, null}), reproduced, 9, 2. / 70, 8, 4, "95 % interval from 6 on;"},
		{"nulls below", `, "missing": "above"`, runs(x, []float64{1, null, null, null}, []float64{10, 11, 12, 15}), inconclusive, null, anyNumber, 8, 4, "cannot be told, as too many values are null"},
		{"every row a unit", `, "unit": ""`, apart, reproduced, 9, 2. / 70, 8, 8, "4 and 4 rows"},
		// Welch's t of means 12 and 2.5.
		{"means", `, "statistic": "mean"`, apart, reproduced, 9.5, anyNumber, 8, 4, "The mean of t95 at strength 0.9 is 9.5 steps above that at strength 0.6 (95 % interval 6.246 to 12.75; Welch p = .00071"},
		{"ratio of means", `, "statistic": "mean", "effect": "ratio", "min_effect": 2`, apart, reproduced, 12. / 2.5, anyNumber, 8, 4, "Fieller p = "},
	})
	// Two rows a seed and group: within says what counts.
	twice := runs([]float64{0.5, 0.6, 0.9, 0.95}, []float64{1, 2, 3, 4}, []float64{3, 2, 5, 4}, []float64{10, 11, 12, 9}, []float64{14, 11, 20, 17})
	check(t, Compare, `"y": "t95", "larger": {"strength": ">= 0.9"}, "smaller": {"strength": "< 0.9"}`, []outcomes{
		{"median within", ``, twice, reproduced, anyNumber, 2. / 70, 16, 4, "4 and 4 seeds; each the median of 2 rows)"},
		// 9 to 12 less 3, 2, 5, 4.
		{"min and last", `, "within": "min", "where": {"strength": "> 0.5"}`, twice, reproduced, 7, 2. / 70, 12, 4, "4 and 4 seeds; each the min of its rows, 12 in all)"},
		{"last", `, "within": "last"`, twice, reproduced, anyNumber, 2. / 70, 16, 4, "each the last of 2 rows"},
		{"rows are not units", `, "unit": "strength"`, twice, inconclusive, anyNumber, 1. / 3, 16, 4, "2 and 2 strengths"},
	})
	check(t, Compare, `"y": "first", "y_smaller": "second"`, []outcomes{
		{"two columns", ``, table(row{0.9, 0, 5, 1}, row{0.9, 1, 6, 2}, row{0.9, 2, 7, 3}, row{0.9, 3, 8, 4}), reproduced, 4, 2. / 70, 8, 4, "first is 4 steps above second ("},
	})
	mistakes(t, Compare, runs(x, []float64{1, null}, []float64{3, 4}), map[string]string{
		sides: "smaller: t95 is null in 1 row of 2: [strength=0.6,seed=1]",
		sides + `, "missing": "drop", "unit": "sed"`:                                                    `"sed"`,
		`"y": "t59", "larger": {"seed": "1"}, "smaller": {"seed": "0"}`:                                 `"t59"`,
		`"y": "t95", "larger": {"strength": "0.6"}, "smaller": {"strength": "0.6"}`:                     "both sides are the same rows",
		`"y": "t95", "larger": {"strength": "0.7"}, "smaller": {"strength": "0.6"}`:                     "no row has strength 0.7; the column holds 0.6, 0.9",
		`"y": "method", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}`:                  "not numbers",
		sides + `, "missing": "drop", "effect": "superiority", "min_effect": 1`:                         "no number of units can show this share",
		sides + `, "missing": "drop", "effect": "superiority", "statistic": "mean"`:                     "of no mean",
		sides + `, "missing": "above", "statistic": "mean"`:                                             "a mean of values above every other does not exist",
		sides + `, "permutations": 99, "alpha": 0.01`:                                                   "too few permutations",
		`"y": "t95", "larger": {"strength": ">"}, "smaller": {"strength": "0.6"}`:                       "no value",
		sides + `, "missing": "drop", "effect": "size"`:                                                 "size",
		`"y": "t95", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}, "a": 1`:             `"a"`,
		sides + `, "missing": "drop", "effect": "ratio", "min_effect": 0`:                               "a ratio is above 0",
		`"y": "seed", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}, "effect": "ratio"`: "a ratio needs values above 0, but seed has 0",
		`"y": "t95", "missing": "drop", "larger": {"strength": ">= 0.6"}, "smaller": {"seed": "0"}`:     "smaller: larger and smaller share 2 rows of 3 and 2: [strength=0.6,seed=0] [strength=0.9,seed=0]; a row can be on one side only",
	})
}

func TestPaired(t *testing.T) {
	x := []float64{0.6, 0.9}
	up := runs(x, []float64{1, 2, 3, 4, 5, 6}, []float64{3, 3, 6, 9, 11, 13})  // differences 2, 1, 3, 5, 6, 7
	one := runs(x, []float64{1, 2, 3, 4, 5, 6}, []float64{3, 1, 6, 9, 11, 13}) // 2, -1, 3, 5, 6, 7
	check(t, Paired, sides, []outcomes{
		// Of the 21 means of two differences the middle one is 4; of 64 signs only all alike are as extreme.
		{"up", ``, up, reproduced, 4, 2. / 64, 12, 6, "t95 at strength 0.9 is 4 steps above that at strength 0.6 (95 % interval 1 to 7; Wilcoxon signed-rank p = .0312; 6 seeds)."},
		{"median", `, "statistic": "median"`, up, reproduced, 4, 2. / 64, 12, 6, "sign test p = .0312"},
		{"mean", `, "statistic": "mean"`, up, reproduced, 4, anyNumber, 12, 6, "Student's t, p = .0"},
		// Of 64 signs all + and all + but the smallest reach 20 of 21.
		{"but one", `, "alpha": 0.1`, one, reproduced, 4, 4. / 64, 12, 6, ""},
		{"share", `, "effect": "share"`, up, reproduced, 1, 2. / 64, 12, 6, "t95 at strength 0.9 is above that at strength 0.6 in 6 of 6 seeds (95 % interval 0.5407 to 1; exact binomial p = .0312; 6 seeds)."},
		{"share of all but one", `, "effect": "share"`, one, inconclusive, 5. / 6, 14. / 64, 12, 6, "The interval holds 0.5, so this is not decided; about "},
		// Ratios 3, 1.5, 2, 2.25, 2.2, 2.167.
		{"ratio", `, "effect": "ratio", "min_effect": 1.4`, up, reproduced, anyNumber, 2. / 64, 12, 6, "t95 at strength 0.9 is 2.1"},
		{"ratio far off", `, "effect": "ratio", "min_effect": 5`, up, notReproduced, anyNumber, 2. / 64, 12, 6, "The whole interval lies below 5."},
		{"down", `, "larger": {"strength": "0.6"}, "smaller": {"strength": "0.9"}`, up, notReproduced, -4, 2. / 64, 12, 6, "The whole interval lies below 0."},
		{"equal", ``, runs(x, []float64{1, 2, 3, 4, 5, 6}, []float64{1, 2, 3, 4, 5, 6}), inconclusive, 0, 1, 12, 6, "would hardly be by 10,000 seeds"},
		{"few", ``, runs(x, []float64{1, 2}, []float64{3, 3}), inconclusive, 1.5, 0.5, 4, 2, "So few seeds cannot decide; 6 are the least that can."},
		{"alone", `, "missing": "drop"`, runs(x, []float64{1, 2, 3, 4, 5, 6, 7}, []float64{3, 3, 6, 9, 11, 13, null}), reproduced, 4, 2. / 64, 12, 6, "1 row had no partner of the same seed."},
		{"censored", `, "missing": "above", "alpha": 0.1`, runs(x, []float64{1, 2, 3, 4, 5, null}, []float64{3, 3, 6, 9, null, null}), inconclusive, anyNumber, anyNumber, 12, 6, "3 null, counted as above all others"},
		{"one is later at most", `, "missing": "above"`, runs(x, []float64{1, 2, 3, 4, 5, 6}, []float64{3, 3, 6, 9, 11, null}), reproduced, anyNumber, 2. / 64, 12, 6, "95 % interval from 1 on"},
	})
	var rows []row
	for s := range int64(7) {
		rows = append(rows, row{0.9, s, float64(10 + s), float64(4 + 2*s)}) // differences 6, 5, 4, 3, 2, 1, 0
	}
	check(t, Paired, `"y": "first", "y_smaller": "second"`, []outcomes{
		{"two columns", ``, table(rows...), reproduced, 3, 2. / 64, 7, 7, "first is 3 steps above second ("},
		{"some of them", `, "where": {"seed": "< 2"}`, table(rows...), inconclusive, 5.5, 0.5, 2, 2, ""},
	})
	// Two strengths in each seed: pairs of a seed are one unit. Seeds' medians are 3, 2, 3.
	four := runs([]float64{0.5, 0.6}, []float64{1, 2, 3}, []float64{3, 4, 7})
	five := runs([]float64{0.5, 0.6}, []float64{5, 4, 6}, []float64{5, 6, 10})
	mark(four, "degree", 1)
	mark(five, "degree", 2)
	both := stagetest.Inputs{"table": slices.Concat(four["table"], five["table"])}
	check(t, Paired, `"y": "t95", "larger": {"degree": "2"}, "smaller": {"degree": "1"}, "alpha": 0.3`, []outcomes{
		{"units", ``, both, reproduced, anyNumber, 2. / 8, 12, 3, "3 seeds; each the median of 2 pairs"},
		{"the least of a seed", `, "within": "min"`, both, reproduced, 2.25, 2. / 8, 12, 3, "3 seeds; each the min of 2 pairs"},
		{"pairs", `, "unit": ""`, both, reproduced, 2.5, 2. / 64, 12, 6, "; 6 pairs)"},
		{"by seed", `, "pair": ["seed"]`, both, reproduced, anyNumber, 2. / 8, 12, 3, "each the median of 2 rows"},
		{"within", `, "pair": ["strength"], "unit": "strength"`, both, inconclusive, anyNumber, 2. / 4, 12, 2, ""},
	})
	mistakes(t, Paired, both, map[string]string{
		`"y": "t95", "larger": {"degree": "2"}, "smaller": {"degree": "1"}, "pair": ["strength"]`: `add "seed" to pair`,
		`"y": "t95", "larger": {"degree": "2"}, "smaller": {"degree": "1"}, "pair": ["degree"]`:   "no row of one side agrees",
		`"y": "t95", "larger": {"degree": "2"}, "smaller": {"degree": "1"}, "pair": ["width"]`:    `"width"`,
		`"y": "t95"`:                     "both sides are the same rows",
		`"y": "t95", "y_smaller": "t96"`: `"t96"`,
		`"y": "t95", "larger": {"degree": "2"}, "smaller": {"degree": "1"}, "effect": "share", "min_effect": 1`:       "no number of units can show this share",
		`"y": "t95", "larger": {"degree": "2"}, "smaller": {"degree": "1"}, "effect": "share", "statistic": "median"`: "of no mean or median",
		`"y": "t95", "larger": {"degree": "2"}, "smaller": {"seed": "1"}, "pair": ["strength", "seed"]`:               "smaller: larger and smaller share 2 rows of 6 and 4",
	})
	mistakes(t, Paired, runs(x, []float64{0, 1}, []float64{1, 2}), map[string]string{
		sides + `, "effect": "ratio"`: "a ratio needs values above 0",
	})
}

// mark adds an axis to every table.
func mark(in stagetest.Inputs, name string, value int64) {
	for i := range in["table"] {
		in["table"][i].Axes = append(in["table"][i].Axes, stages.Axis{Name: name, Value: value})
	}
}
