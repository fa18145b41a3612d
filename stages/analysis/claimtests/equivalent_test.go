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
		{"close", `, "margin": 10`, close, reproduced, 0, 1. / 252, 10, 5, "t95 at strength 0.9 is 0 steps above that at strength 0.6 (90 % interval -2 to 2; two one-sided Brunner-Munzel p = .004; 5 and 5 seeds). From -10 to 10 is claimed."},
		{"close as a ratio", `, "margin_ratio": 1.25`, close, reproduced, 1, 1. / 252, 10, 5, "From 0.8 to 1.25 is claimed."},
		{"far", `, "margin": 10`, far, notReproduced, 30, 1, 10, 5, "The whole interval lies outside of the range from -10 to 10."},
		{"far below", `, "margin": 10, "first": {"strength": "0.6"}, "second": {"strength": "0.9"}`, far, notReproduced, -30, 1, 10, 5, ""},
		{"far as a ratio", `, "margin_ratio": 1.2`, far, notReproduced, anyNumber, 1, 10, 5, ""},
		{"wide", `, "margin": 10`, wide, inconclusive, -1, anyNumber, 10, 5, "The interval lies partly outside of the range from -10 to 10, so this is not decided; about "},
		{"few", `, "margin": 10`, runs(x, []float64{100, 101}, []float64{101, 100}), inconclusive, 0, 1. / 6, 4, 2, "So few seeds cannot decide; 3 in each group are the least that can."},
		// Differences 4, 2, 0, -2, -4: moved by 10 all are of one sign.
		{"pairs", `, "margin": 10, "paired": true`, close, reproduced, 0, 1. / 32, 10, 5, "two one-sided Wilcoxon signed-rank p = .0312; 5 seeds)"},
		{"pairs as a ratio", `, "margin_ratio": 1.25, "paired": true`, close, reproduced, 1, 1. / 32, 10, 5, ""},
		// Moved by 3 they are 7, 5, 3, 1, -1, which rank 5, 4, 3 and twice 1.5: of 32 sums, 3 reach 13.5.
		{"pairs, a tight margin", `, "margin": 3, "paired": true`, close, inconclusive, 0, 3. / 32, 10, 5, "about "},
		{"pairs far", `, "margin": 10, "paired": true`, far, notReproduced, 30, 1, 10, 5, ""},
		{"few pairs", `, "margin": 10, "paired": true`, runs(x, []float64{100, 101}, []float64{101, 100}), inconclusive, 0, 0.25, 4, 2, "5 are the least that can"},
	})
	rows := []row{{0.9, 0, 10, 11}, {0.9, 1, 12, 11}, {0.9, 2, 9, 9}, {0.9, 3, 14, 13}, {0.9, 4, 10, 10}}
	check(t, Equivalent, `"y": "first", "y_second": "second", "paired": true`, []outcomes{
		{"two columns", `, "margin": 5`, table(rows...), reproduced, 0, 1. / 32, 5, 5, ""},
	})
	mistakes(t, Equivalent, runs(x, []float64{0, 1}, []float64{1, 2}), map[string]string{
		both: "one margin",
		both + `, "margin": 1, "margin_ratio": 2`:                                                 "one margin",
		both + `, "margin": 0`:                                                                    "above 0",
		both + `, "margin": 1, "pair": ["seed"]`:                                                  "pair without paired",
		both + `, "margin_ratio": 2`:                                                              "a ratio needs values above 0",
		both + `, "margin_ratio": 2, "paired": true`:                                              "a ratio needs values above 0",
		both + `, "margin": 1, "missing": "above"`:                                                "above",
		`"y": "t95", "margin": 1`:                                                                 "same rows",
		`"y": "t95", "margin": 1, "y_second": "t"`:                                                `"t"`,
		both + `, "margin": 1, "where": {"strength": "0.6"}`:                                      "no row has strength 0.9",
		`"y": "t95", "margin": 1, "first": {"strength": ">= 0.6"}, "second": {"strength": "0.6"}`: "second: first and second share 2 rows of 4 and 2",
	})
}

func TestAlways(t *testing.T) {
	x := []float64{0.6, 0.9}
	good := runs(x, []float64{10, 11, 12, 13, 14, 15}, []float64{30, 33, 36, 39, 42, 45})
	gap := runs(x, []float64{10, 11, 12, 13, 14, 15}, []float64{30, 33, null, 39, 42, 45})
	const half = `, "at_least_share": 0.5`
	check(t, Always, `"y": "t95"`, []outcomes{
		// As it stands: no test.
		{"all", `, "is": "at_least", "value": 10`, good, reproduced, 1, null, 12, 6,
			"All 6 seeds have t95 at least 10 steps (12 rows in all). That is a fact about these seeds; the share among all such seeds is 0.5407 to 1 (95 % interval)."},
		{"the bound itself", `, "is": "above", "value": 10`, good, notReproduced, 5. / 6, null, 12, 6, "5 of 6 seeds have t95 above 10 steps (12 rows in all). Seed 0 does not. That is a fact"},
		{"two do not", `, "is": "above", "value": 11`, good, notReproduced, 4. / 6, null, 12, 6, "Seeds 0 and 1 do not."},
		{"below", `, "is": "below", "value": 45.5`, good, reproduced, 1, null, 12, 6, ""},
		{"at most", `, "is": "at_most", "value": 44`, good, notReproduced, 5. / 6, null, 12, 6, ""},
		{"few", `, "is": "below", "value": 99, "where": {"seed": "< 3"}`, good, reproduced, 1, null, 6, 3, ""},
		// Of all such seeds: at p = 2 q^n.
		{"half", `, "is": "below", "value": 99` + half, good, reproduced, 1, 2. / 64, 12, 6, "All 6 seeds have t95 below 99 steps (a share of 1; 95 % interval 0.5407 to 1; exact binomial p = .0312; 12 rows in all)."},
		{"half, but one", `, "is": "above", "value": 10` + half, good, inconclusive, 5. / 6, 14. / 64, 12, 6, "The interval holds 0.5, so this is not decided; about "},
		{"half, none", `, "is": "above", "value": 99` + half, good, notReproduced, 0, 2. / 64, 12, 6, "None of 6 seeds has t95 above 99 steps (a share of 0;"},
		{"half, few", `, "is": "below", "value": 99, "where": {"seed": "< 3"}` + half, good, inconclusive, 1, 2. / 8, 6, 3, "So few seeds cannot decide; 6 are the least that can."},
		{"a higher share", `, "is": "below", "value": 99, "at_least_share": 0.8`, good, inconclusive, 1, 2 * 0.262144, 12, 6, "17 are the least that can"},
		{"rows", `, "is": "below", "value": 99, "unit": "", "at_least_share": 0.7`, good, reproduced, 1, anyNumber, 12, 12, "All 12 rows have"},
		{"null fails", `, "is": "above", "value": 1, "missing": "fail"`, gap, notReproduced, 5. / 6, null, 12, 6, "1 null, counted as failing"},
		{"null is above", `, "is": "above", "value": 1, "missing": "above"`, gap, reproduced, 1, null, 12, 6, "1 null, counted as above all others"},
		{"null is not below", `, "is": "below", "value": 99, "missing": "above"`, gap, notReproduced, 5. / 6, null, 12, 6, ""},
		{"null is nothing", `, "is": "below", "value": 99, "missing": "drop"`, gap, reproduced, 1, null, 11, 6, ""},
	})
	rows := []row{{0.9, 0, 1, 2}, {0.9, 1, 3, 4}, {0.9, 2, 2, null}, {0.9, 3, null, null}, {0.9, 4, 2, 9}, {0.9, 5, 1, 3}}
	check(t, Always, `"y": "first", "is": "below", "than": "second"`, []outcomes{
		{"sooner", `, "where": {"seed": "!= 3"}, "missing": "above"`, table(rows...), reproduced, 1, null, 5, 5, ""},
		{"neither", `, "missing": "above"`, table(rows...), notReproduced, 5. / 6, null, 6, 6, "5 of 6 seeds"},
		{"fail", `, "missing": "fail", "where": {"seed": "!= 3"}`, table(rows...), notReproduced, 0.8, null, 5, 5, ""},
		{"drop", `, "missing": "drop"`, table(rows...), reproduced, 1, null, 4, 4, "1 row lacks the other column."},
	})
	// The second column is the standard error of the first: 10 misses 12 by 1 of them, 9 misses by 1.5.
	errors := []row{{0.9, 0, 10, 2}, {0.9, 1, 14, 2}, {0.9, 2, 9, 2}, {0.9, 3, 13, 1}}
	check(t, Always, `"y": "first", "is": "at_least", "value": 12, "error": "second"`, []outcomes{
		{"one error", `, "tolerance": 1`, table(errors...), notReproduced, 0.75, null, 4, 4, "3 of 4 seeds have first at least 12 steps within 1 standard errors. Seed 2 does not."},
		{"two errors", `, "tolerance": 2`, table(errors...), reproduced, 1, null, 4, 4, ""},
		{"from above", `, "tolerance": 1.5, "is": "below"`, table(errors...), reproduced, 1, null, 4, 4, ""},
		{"not from above", `, "tolerance": 0.5, "is": "below"`, table(errors...), notReproduced, 0.5, null, 4, 4, ""},
	})
	mistakes(t, Always, gap, map[string]string{
		`"y": "t95", "is": "above", "value": 1`:                                         "t95 is null in 1 row of 12: [strength=0.9,seed=2]",
		`"y": "t95", "is": "above"`:                                                     "nothing to compare with",
		`"y": "t95", "is": "above", "value": 1, "than": "x"`:                            "nothing to compare with",
		`"y": "t95", "is": "above", "than": "t95"`:                                      "compared with itself",
		`"y": "t95", "is": "over", "value": 1`:                                          "over",
		`"y": "t95", "is": "above", "than": "t", "missing": "drop"`:                     `"t"`,
		`"y": "t95", "is": "above", "value": 1, "missing": "drop", "at_least_share": 1`: "below 1",
		`"y": "t95", "is": "above", "value": 1, "missing": "drop", "unit": "sed"`:       `"sed"`,
		`"y": "t95", "is": "above", "value": 1, "missing": "drop", "tolerance": 1`:      "belong together",
		`"y": "t95", "is": "above", "value": 1, "missing": "drop", "error": "t95"`:      "belong together",
		`"y": "seed", "is": "above", "value": -1, "tolerance": 1, "error": "t95"`:       "error: t95 is null in 1 row of 12: [strength=0.9,seed=2]",
	})
}

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
	check(t, Always, `"y": "robust", "is": "below", "than": "t95"`, []outcomes{
		{"by all axes", ``, late, reproduced, 1, null, 12, 3, "All 3 seeds have robust below t95 (12 rows in all)."},
		{"by seed", `, "pair": ["seed"]`, late, reproduced, 1, null, 12, 3, "All 3 seeds have robust below t95 ("},
	})
}
