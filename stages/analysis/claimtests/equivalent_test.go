package claimtests

import (
	"testing"
)

const both = `"y": "t95", "first": {"strength": "0.9"}, "second": {"strength": "0.6"}`

func TestEquivalent(t *testing.T) {
	x := []float64{0.6, 0.9}
	close := runs(x, []float64{100, 101, 102, 103, 104}, []float64{104, 103, 102, 101, 100})
	far := runs(x, []float64{100, 101, 102, 103, 104}, []float64{134, 133, 132, 131, 130})
	wide := runs(x, []float64{10, 101, 102, 103, 204}, []float64{104, 203, 2, 101, 100})
	check(t, Equivalent, both, []outcomes{
		// Moved by 10 either way, all of one group lie above the other: one deal of 252, twice.
		{"close", `, "margin": 10`, close, reproduced, 0, 1. / 252, 10, 5, "from -10 to 10 asked; p is 0.003968 (exact; 0.003968 and 0.003968) over 5 and 5 values of seed"},
		{"close as a ratio", `, "margin_ratio": 1.25`, close, reproduced, 1, 1. / 252, 10, 5, "from 0.8 to 1.25 asked"},
		{"far", `, "margin": 10`, far, notReproduced, 30, 1, 10, 5, ""},
		{"far below", `, "margin": 10, "first": {"strength": "0.6"}, "second": {"strength": "0.9"}`, far, notReproduced, -30, 1, 10, 5, ""},
		{"far as a ratio", `, "margin_ratio": 1.2`, far, notReproduced, 132. / 102, 1, 10, 5, ""},
		{"wide", `, "margin": 10`, wide, inconclusive, -1, anyNumber, 10, 5, "does not settle whether it is -10. p is above 0.05. If this goes on, about 655 units"},
		{"few", `, "margin": 10`, runs(x, []float64{100, 101}, []float64{101, 100}), inconclusive, 0, 1. / 6, 4, 2, "3 values of seed in each group could"},
		// Differences 4, 2, 0, -2, -4: moved by 10 all are of one sign.
		{"pairs", `, "margin": 10, "paired": true`, close, reproduced, 0, 1. / 32, 10, 5, "5 values of seed, 5 pairs"},
		{"pairs as a ratio", `, "margin_ratio": 1.25, "paired": true`, close, reproduced, 1, 1. / 32, 10, 5, ""},
		// Moved by 3 they are 7, 5, 3, 1, -1, which rank 5, 4, 3 and twice 1.5: of 32 sums, 3 reach 13.5.
		{"pairs, a tight margin", `, "margin": 3, "paired": true`, close, inconclusive, 0, 3. / 32, 10, 5, ""},
		{"pairs far", `, "margin": 10, "paired": true`, far, notReproduced, 30, 1, 10, 5, ""},
		{"few pairs", `, "margin": 10, "paired": true`, runs(x, []float64{100, 101}, []float64{101, 100}), inconclusive, 0, 0.25, 4, 2, "5 values of seed could"},
	})
	rows := []row{{0.9, 0, 10, 11}, {0.9, 1, 12, 11}, {0.9, 2, 9, 9}, {0.9, 3, 14, 13}, {0.9, 4, 10, 10}}
	check(t, Equivalent, `"y": "first", "y_second": "second", "paired": true`, []outcomes{
		{"two columns", `, "margin": 5`, table(rows...), reproduced, 0, 1. / 32, 10, 5, ""},
	})
	mistakes(t, Equivalent, runs(x, []float64{0, 1}, []float64{1, 2}), map[string]string{
		both: "one margin",
		both + `, "margin": 1, "margin_ratio": 2`:            "one margin",
		both + `, "margin": 0`:                               "above 0",
		both + `, "margin": 1, "pair": ["seed"]`:             "pair without paired",
		both + `, "margin_ratio": 2`:                         "a ratio needs values above 0",
		both + `, "margin_ratio": 2, "paired": true`:         "a ratio needs values above 0",
		both + `, "margin": 1, "missing": "above"`:           "above",
		`"y": "t95", "margin": 1`:                            "same rows",
		`"y": "t95", "margin": 1, "y_second": "t"`:           `"t"`,
		both + `, "margin": 1, "where": {"strength": "0.6"}`: "no row has strength 0.9",
	})
}

func TestAlways(t *testing.T) {
	x := []float64{0.6, 0.9}
	good := runs(x, []float64{10, 11, 12, 13, 14}, []float64{30, 33, 36, 39, 42})
	gap := runs(x, []float64{10, 11, 12, 13, 14}, []float64{30, 33, null, 39, 42})
	check(t, Always, `"y": "t95"`, []outcomes{
		{"all", `, "is": "at_least", "value": 10`, good, reproduced, 1, 1. / 32, 10, 5, "5 of 5 values of seed are as said, and 10 of 10 rows; p is 0.03125 (exact) against a share of 0.5; the 95 % interval of the share is 0.4782 to 1"},
		{"the bound itself", `, "is": "above", "value": 10`, good, notReproduced, 0.8, 6. / 32, 10, 5, "4 of 5 values of seed are as said, and 9 of 10 rows"},
		{"below", `, "is": "below", "value": 42.5`, good, reproduced, 1, 1. / 32, 10, 5, ""},
		{"at most", `, "is": "at_most", "value": 41`, good, notReproduced, 0.8, 6. / 32, 10, 5, ""},
		{"few", `, "is": "below", "value": 99, "where": {"seed": "< 3"}`, good, inconclusive, 1, 1. / 8, 6, 3, "All keep to it, but are too few: 5 values of seed would do."},
		{"a higher share", `, "is": "below", "value": 99, "share": 0.9`, good, inconclusive, 1, math5(0.9), 10, 5, "29 values of seed would do"},
		{"exactly alpha", `, "is": "below", "value": 99, "where": {"seed": "< 2"}, "share": 0.1, "alpha": 0.01`, good, reproduced, 1, 0.01, 4, 2, "p is 0.01 (exact)"},
		{"below alpha with one more", `, "is": "below", "value": 99, "where": {"seed": "< 1"}, "share": 0.1, "alpha": 0.01`, good, inconclusive, 1, 0.1, 2, 1, "too few: 2 values of seed would do."},
		{"rows", `, "is": "below", "value": 99, "unit": ""`, good, reproduced, 1, 1. / 1024, 10, 10, "10 of 10 rows are as said"},
		{"null fails", `, "is": "above", "value": 1, "missing": "fail"`, gap, notReproduced, 0.8, 6. / 32, 10, 5, "(1 null, counted as failing)"},
		{"null is above", `, "is": "above", "value": 1, "missing": "above"`, gap, reproduced, 1, 1. / 32, 10, 5, "(1 null, counted as above all others)"},
		{"null is not below", `, "is": "below", "value": 99, "missing": "above"`, gap, notReproduced, 0.8, 6. / 32, 10, 5, ""},
		{"null is nothing", `, "is": "below", "value": 99, "missing": "drop"`, gap, reproduced, 1, 1. / 32, 9, 5, ""},
	})
	rows := []row{{0.9, 0, 1, 2}, {0.9, 1, 3, 4}, {0.9, 2, 2, null}, {0.9, 3, null, null}, {0.9, 4, 2, 9}, {0.9, 5, 1, 3}}
	check(t, Always, `"y": "first", "is": "below", "than": "second"`, []outcomes{
		{"sooner", `, "where": {"seed": "!= 3"}, "missing": "above"`, table(rows...), reproduced, 1, 1. / 32, 10, 5, ""},
		{"neither", `, "missing": "above"`, table(rows...), notReproduced, 5. / 6, 7. / 64, 12, 6, "5 of 6 values of seed"},
		{"fail", `, "missing": "fail", "where": {"seed": "!= 3"}`, table(rows...), notReproduced, 0.8, 6. / 32, 10, 5, ""},
		{"drop", `, "missing": "drop"`, table(rows...), inconclusive, 1, 1. / 16, 8, 4, "1 row lacks the other column."},
	})
	mistakes(t, Always, gap, map[string]string{
		`"y": "t95", "is": "above", "value": 1`:                                   "t95 is null in 1 row of 10: [strength=0.9,seed=2]",
		`"y": "t95", "is": "above"`:                                               "nothing to compare with",
		`"y": "t95", "is": "above", "value": 1, "than": "x"`:                      "nothing to compare with",
		`"y": "t95", "is": "above", "than": "t95"`:                                "compared with itself",
		`"y": "t95", "is": "over", "value": 1`:                                    "over",
		`"y": "t95", "is": "above", "than": "t", "missing": "drop"`:               `"t"`,
		`"y": "t95", "is": "above", "value": 1, "missing": "drop", "share": 1`:    "below 1",
		`"y": "t95", "is": "above", "value": 1, "missing": "drop", "unit": "sed"`: `"sed"`,
	})
}

// math5 gives q⁵.
func math5(q float64) float64 { return q * q * q * q * q }

// TestAlwaysAcrossTables compares columns of two kinds' tables, instance by instance.
func TestAlwaysAcrossTables(t *testing.T) {
	x := []float64{0.6, 0.9}
	late := runs(x, []float64{10, 11, 12}, []float64{30, 33, 36})
	soon := runs(x, []float64{1, 2, 3}, []float64{4, 5, 6})
	for i := range soon["table"] {
		table, _ := soon["table"][i].Table()
		table.Columns[0].Name = "robust"
	}
	late["table"] = append(late["table"], soon["table"]...)
	check(t, Always, `"y": "robust", "is": "below", "than": "t95", "alpha": 0.2`, []outcomes{
		{"by all axes", ``, late, reproduced, 1, 1. / 8, 12, 3, "6 of 6 rows"},
		{"by seed", `, "pair": ["seed"]`, late, reproduced, 1, 1. / 8, 12, 3, "3 of 3 rows"},
	})
}
