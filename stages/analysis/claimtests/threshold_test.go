package claimtests

import (
	"math"
	"strings"
	"testing"

	"spurion/stages/stagetest"
)

func TestThreshold(t *testing.T) {
	x := []float64{0.6, 0.9}
	data := runs(x, []float64{1, 2, 3, 4}, []float64{10, 11, 12, 13})
	gap := runs(x, []float64{1, 2, 3, null}, []float64{10, 11, 12, 13})
	many := runs(x, []float64{1, 2, 3, 4, 5, 6}, []float64{11, 12, 13, 14, 15, 16}) // means and medians of seeds 6 to 11
	ones := runs(x[:1], []float64{1, 1, 1, 1, 1, 1})
	const mean, median = `"statistic": "mean"`, `"statistic": "median"`
	for _, c := range []struct {
		settings    string
		in          stagetest.Inputs
		verdict     string
		estimate, p float64
		n, units    int64
		detail      string
	}{
		{`"at_least": 1`, data, reproduced, 1, null, 8, 4, "All 4 seeds have t95 at least 1 steps; the min is 1 (8 rows in all). That is a fact about these seeds; the share among all such seeds is 0.3976 to 1 (95 % interval)."},
		{`"at_least": 1, "unit": ""`, data, reproduced, 1, null, 8, 8, "All 8 rows have"},
		{`"at_least": 1.5`, data, notReproduced, 1, null, 8, 4, "3 of 4 seeds have t95 at least 1.5 steps; the min is 1"},
		{`"above": 1`, data, notReproduced, 1, null, 8, 4, "3 of 4 seeds"},
		{`"at_most": 13`, data, reproduced, 13, null, 8, 4, "the max is 13"},
		{`"below": 13`, data, notReproduced, 13, null, 8, 4, "3 of 4 seeds"},
		{`"at_least": 10, "where": {"strength": "0.9"}`, data, reproduced, 10, null, 4, 4, "the min is 10. That"},
		{`"at_most": 4, "where": {"strength": "< 0.9", "seed": "> 2"}`, data, reproduced, 4, null, 1, 1, "The only seed has t95 at most 4 steps; the max is 4. That is a fact about this seed; the share among all such seeds is 0.025 to 1"},
		{`"statistic": "max", "at_least": 13`, data, reproduced, 13, null, 8, 4, "The max of t95 is 13 steps, and at least 13 is claimed (8 rows of 4 seeds). That is a fact about these seeds."},
		{`"statistic": "min", "at_most": 1`, data, reproduced, 1, null, 8, 4, "The min of t95 is 1 steps"},
		{`"statistic": "max", "below": 4, "where": {"strength": "< 0.9", "seed": "> 2"}`, data, notReproduced, 4, null, 1, 1, "The max of t95 is 4 steps, and below 4 is claimed (1 seed). That is a fact about this seed."},
		{`"rows": 9, "at_least": 1`, data, inconclusive, null, null, 8, 4, "8 rows where at least 9 are needed"},
		{`"missing": "drop", "at_least": 1`, gap, reproduced, 1, null, 7, 4, "; 1 null, left out)"},
		{`"missing": "fail", "at_least": 1`, gap, notReproduced, null, null, 8, 4, "the min is null (8 rows in all; 1 null, counted as failing)"},
		{`"missing": "fail", "at_most": 100`, gap, notReproduced, null, null, 8, 4, "3 of 4 seeds"},
		{`"missing": "drop", "at_most": 9, "where": {"seed": "3", "strength": "0.6"}`, gap, inconclusive, null, null, 0, 0, "0 rows"},

		// Student's t of 1, 2, 3, 4, 10, 11, 12, 13: mean 7, standard error √(172/56) = 1.753, times 2.365.
		{mean + `, "unit": "", "above": 2`, data, reproduced, 7, anyNumber, 8, 8, "The mean of t95 is 7 steps, and above 2 is claimed (95 % interval 2.856 to 11.14; Student's t, p = .0246; 8 rows)."},
		{mean + `, "unit": "", "below": 2`, data, notReproduced, 7, anyNumber, 8, 8, "The whole interval lies above 2."},
		{mean + `, "unit": "", "above": 6.5`, data, inconclusive, 7, anyNumber, 8, 8, "The interval holds 6.5, so this is not decided; about "},
		{mean + `, "interval": "bootstrap-t", "unit": "", "above": 2`, data, reproduced, 7, anyNumber, 8, 8, "bootstrap-t p = "},
		{mean + `, "interval": "bootstrap-t", "at_most": 6`, runs([]float64{0.6}, []float64{0.915, 0.88, 0.8}), inconclusive, anyNumber, anyNumber, 3, 3, "The interval has no ends, so this is not decided; about "},
		// The sign test: 4 of 8 above, 8 of 8; order statistics at its ends.
		{median + `, "unit": "", "above": 6.9`, data, inconclusive, 7, 1, 8, 8, "would hardly be by 10,000 rows"},
		{median + `, "unit": "", "at_least": 1`, data, reproduced, 7, 2. / 256, 8, 8, "95 % interval 1 to 13"},
		{median + `, "unit": "", "above": 1`, data, inconclusive, 7, 2. / 128, 8, 8, ""},
		{median + `, "unit": "", "at_most": 0.5`, data, notReproduced, 7, 2. / 256, 8, 8, ""},
		{median + `, "unit": "", "missing": "fail", "at_least": 0`, gap, inconclusive, 6.5, 18. / 256, 8, 8, "1 null, counted as failing"},
		{median + `, "unit": "", "missing": "fail", "at_most": 20, "alpha": 0.1`, gap, reproduced, anyNumber, 18. / 256, 8, 8, ""},
		// A bound that is itself allowed is kept to by values that are equal to it.
		{median + `, "at_least": 1`, ones, reproduced, 1, 2. / 64, 6, 6, ""},
		{median + `, "above": 1`, ones, inconclusive, 1, 1, 6, 6, ""},
		{mean + `, "at_most": 1`, ones, reproduced, 1, 2. / 64, 6, 6, ""},

		// Rows of one seed count once: four seeds decide nothing by signs, however many their rows.
		{median + `, "at_least": 1`, data, inconclusive, 7, 2. / 16, 8, 4, "So few seeds cannot decide; 6 are the least that can."},
		{median + `, "at_least": 1`, many, reproduced, 8.5, 2. / 64, 12, 6, "6 seeds; each the median of 2 rows)"},
		{median + `, "within": "max", "at_least": 10`, many, reproduced, 13.5, 2. / 64, 12, 6, "6 seeds; each the max of 2 rows)"},
		{mean + `, "at_least": 1, "where": {"strength": "0.9", "seed": "0"}`, data, inconclusive, 10, 1, 1, 1, ""},
	} {
		got := outcomeOf(t, Threshold, `{"column": "t95", `+c.settings+`}`, c.in)
		if got.verdict != c.verdict || c.estimate != anyNumber && !same(got.estimate, c.estimate) || got.n != c.n || got.units != c.units || !strings.Contains(got.detail, c.detail) {
			t.Errorf("%s: %+v", c.settings, got)
		}
		if got.unit != "steps" || c.p != anyNumber && !same(got.p, c.p) && math.Abs(got.p-c.p) > 1e-14 {
			t.Errorf("%s: unit %q, p %v, want %v", c.settings, got.unit, got.p, c.p)
		}
	}
}

func TestThresholdErrors(t *testing.T) {
	data := runs([]float64{0.6}, []float64{1, null, 3})
	for settings, want := range map[string]string{
		`"at_least": 1`:                         "t95 is null in 1 row of 3: [strength=0.6,seed=1]",
		`"at_least": 1, "missing": "skip"`:      "skip",
		``:                                      "exactly one",
		`"at_least": 1, "below": 2`:             "exactly one",
		`"at_least": 1, "statistic": "mode"`:    "mode",
		`"at_least": 1, "where": {"seed": "9"}`: "0, 1, 2",
		`"at_least": 1, "alpha": 0`:             "above 0",
		`"at_least": 1, "statistic": "mean", "missing": "fail"`:       "a mean needs numbers",
		`"at_least": 1, "interval": "bootstrap-t", "missing": "drop"`: "interval is of a mean",
		`"at_least": 1, "column": "method"`:                           "strength, seed, t95",
		`"at_least": 1, "column": "worst"`:                            `"worst"`,
		`"at_least": 1, "where": {"seed": ">"}`:                       "no value",
		`"at_least": 1, "where": {"sed": "1"}`:                        `"sed"`,
		`"at_least": 1, "resamples": 10`:                              "at least 199",
		`"at_least": 1, "rows": 0, "missing": "drop"`:                 "at least 1",
	} {
		if !strings.Contains(settings, `"column"`) {
			settings = strings.TrimSuffix(`"column": "t95", `+settings, ", ")
		}
		_, err := stagetest.Try(t.Context(), Threshold, "{"+settings+"}", data)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", settings, err, want)
		}
	}
}

func TestPercentiles(t *testing.T) {
	draws := make([]float64, 1999)
	for i := range draws {
		draws[i] = float64((i*7 + 3) % 1999)
	}
	if low, high := percentiles(draws, 0.95); low != 49 || high != 1949 {
		t.Errorf("the interval is %v to %v", low, high)
	}
	if low, high := percentiles([]float64{2, 1, 3}, 0.99); low != 1 || high != 3 {
		t.Errorf("of three draws it is %v to %v", low, high)
	}
}

func TestMedian(t *testing.T) {
	inf := math.Inf(1)
	for _, c := range []struct {
		values []float64
		want   float64
	}{{[]float64{3}, 3}, {[]float64{4, 1}, 2.5}, {[]float64{3, 1, 2}, 2}, {[]float64{1, inf, inf}, inf}, {[]float64{1, inf}, inf}, {[]float64{inf, inf}, inf}} {
		if got := median(c.values); got != c.want {
			t.Errorf("median of %v is %v", c.values, got)
		}
	}
}
