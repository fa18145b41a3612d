package claimtests

import (
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// null stands for a row without a value.
var null = math.NaN()

// runs gives one table per value of y, as of a stage with axes strength and seed: y[i] holds the
// values of the seeds 0, 1, ... at strength x[i].
func runs(x []float64, y ...[]float64) stagetest.Inputs {
	var list []stages.Artifact
	for i, seeds := range y {
		for seed, v := range seeds {
			valid := []bool{!math.IsNaN(v)}
			if !valid[0] {
				v = 0
			}
			a := stagetest.Table(&frame.Table{Columns: []frame.Column{
				frame.Float64s(frame.Field{Name: "t95", Unit: "steps", Doc: "the step"}, []float64{v}).WithValid(valid),
				frame.Strings(frame.Field{Name: "method", Doc: "the method"}, []string{"erm"}),
			}})
			a.Axes = []stages.Axis{{Name: "strength", Value: x[i]}, {Name: "seed", Value: int64(seed)}}
			list = append(list, a)
		}
	}
	return stagetest.Inputs{"table": list}
}

// outcome is a verdict's row, for comparison.
type outcome struct {
	verdict, measure, unit, needed, detail string
	estimate, low, high, p                 float64 // NaN for null
	n, missing, units, unitsNeeded         int64
}

func outcomeOf(t *testing.T, kind *stages.Kind, settings string, in stagetest.Inputs) outcome {
	t.Helper()
	table := stagetest.Run(t, kind, settings, in)["verdict"]
	if table.Rows() != 1 {
		t.Fatalf("%d rows", table.Rows())
	}
	number := func(name string) float64 {
		if v, ok := table.Column(name).Value(0).(float64); ok {
			return v
		}
		return math.NaN()
	}
	text := func(name string) string { return table.Column(name).Strings[0] }
	return outcome{
		verdict: text("verdict"), measure: text("measure"), unit: text("unit"), needed: text("needed"), detail: text("detail"),
		estimate: number("estimate"), low: number("ci_low"), high: number("ci_high"), p: number("p_value"),
		units: table.Column("n_units").Int64s[0], unitsNeeded: table.Column("units_needed").Int64s[0],
		n: table.Column("n").Int64s[0], missing: table.Column("n_missing").Int64s[0],
	}
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestThreshold(t *testing.T) {
	x := []float64{0.6, 0.9}
	data := runs(x, []float64{1, 2, 3, 4}, []float64{10, 11, 12, 13})
	gap := runs(x, []float64{1, 2, 3, null}, []float64{10, 11, 12, 13})
	many := runs(x, []float64{1, 2, 3, 4, 5, 6}, []float64{11, 12, 13, 14, 15, 16}) // means and medians of seeds 6 to 11
	for _, c := range []struct {
		settings    string
		in          stagetest.Inputs
		verdict     string
		estimate, p float64
		n, units    int64
		detail      string
	}{
		{`"at_least": 1`, data, reproduced, 1, null, 8, 4, "8 of 8 rows keep to it. At 95 % confidence at least 47.29 % of such seeds would."},
		{`"at_least": 1, "unit": ""`, data, reproduced, 1, null, 8, 8, "at least 68.77 % of such rows would."},
		{`"at_least": 1.5`, data, notReproduced, 1, null, 8, 4, "7 of 8 rows"},
		{`"above": 1`, data, notReproduced, 1, null, 8, 4, "7 of 8 rows"},
		{`"at_most": 13`, data, reproduced, 13, null, 8, 4, "8 of 8"},
		{`"below": 13`, data, notReproduced, 13, null, 8, 4, "7 of 8"},
		{`"at_least": 10, "where": {"strength": "0.9"}`, data, reproduced, 10, null, 4, 4, "Min of t95 is 10"},
		{`"at_most": 4, "where": {"strength": "< 0.9", "seed": "> 1"}`, data, reproduced, 4, null, 2, 2, ""},
		{`"statistic": "max", "at_least": 13`, data, reproduced, 13, null, 8, 4, "1 of 8 rows"},
		{`"statistic": "min", "at_most": 1`, data, reproduced, 1, null, 8, 4, "1 of 8 rows"},
		{`"rows": 9, "at_least": 1`, data, inconclusive, 1, null, 8, 4, "8 rows where at least 9 are needed"},
		{`"missing": "drop", "at_least": 1`, gap, reproduced, 1, null, 7, 4, "(1 null, left out)"},
		{`"missing": "fail", "at_least": 1`, gap, notReproduced, null, null, 8, 4, "is null"},
		{`"missing": "fail", "at_most": 100`, gap, notReproduced, null, null, 8, 4, "7 of 8 rows keep to it (1 null, counted as failing)"},
		{`"missing": "drop", "at_most": 9, "where": {"seed": "3", "strength": "0.6"}`, gap, inconclusive, null, null, 0, 0, "0 rows"},

		// Of -1, 0, 1, 2, 8, 9, 10, 11 the ranks of the positive ones add to 26.5 of 28: 3 of 128 signs reach that.
		{`"unit": "", "statistic": "mean", "above": 2`, data, reproduced, 7, 3. / 128, 8, 8, "above 2 asked; p is 0.02344 (exact) over 8 rows."},
		{`"unit": "", "statistic": "mean", "below": 2`, data, notReproduced, 7, 127. / 128, 8, 8, "interval"},
		{`"unit": "", "statistic": "mean", "above": 6.5`, data, inconclusive, 7, anyNumber, 8, 8, "does not settle whether it is 6.5. p is above 0.05. If this goes on, about"},
		{`"unit": "", "statistic": "median", "above": 6.9`, data, inconclusive, 7, 163. / 256, 8, 8, ""}, // 4 or more of 8
		{`"unit": "", "statistic": "median", "at_least": 1`, data, reproduced, 7, 1. / 256, 8, 8, ""},
		{`"unit": "", "statistic": "median", "at_most": 1`, data, notReproduced, 7, 255. / 256, 8, 8, ""},
		{`"unit": "", "missing": "fail", "statistic": "median", "at_least": 0`, gap, reproduced, 6.5, 9. / 256, 8, 8, "(1 null, counted as failing)"},
		{`"unit": "", "missing": "fail", "statistic": "median", "at_most": 20`, gap, reproduced, 10.5, 9. / 256, 8, 8, ""},
		{`"missing": "fail", "statistic": "median", "at_least": 0, "where": {"strength": "0.6"}`, gap, inconclusive, 1.5, 5. / 16, 4, 4, "interval up to 3)"},

		// Rows of one seed count once: four seeds decide nothing, however many their rows.
		{`"statistic": "mean", "at_least": 1`, data, inconclusive, 7, 1. / 16, 8, 4, "No outcome of so few reaches 0.05; 5 values of seed could."},
		{`"statistic": "mean", "at_least": 1`, many, reproduced, 8.5, 1. / 64, 12, 6, "over 6 values of seed (mean of the rows of each, 12 in all)"},
		{`"statistic": "median", "at_most": 10.5`, many, inconclusive, 8.5, 7. / 64, 12, 6, "p is above 0.05. If this goes on, about 9 units"},
		{`"statistic": "mean", "at_least": 1, "where": {"strength": "0.9", "seed": "0"}`, data, inconclusive, 10, 0.5, 1, 1, "5 values of seed could"},
	} {
		got := outcomeOf(t, Threshold, `{"column": "t95", `+c.settings+`}`, c.in)
		if got.verdict != c.verdict || !same(got.estimate, c.estimate) || got.n != c.n || got.units != c.units || !strings.Contains(got.detail, c.detail) {
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
		`"at_least": 1`:                               "t95 is null in 1 row of 3: [strength=0.6,seed=1]",
		`"at_least": 1, "missing": "skip"`:            "skip",
		``:                                            "exactly one",
		`"at_least": 1, "below": 2`:                   "exactly one",
		`"at_least": 1, "statistic": "mode"`:          "mode",
		`"at_least": 1, "where": {"seed": "9"}`:       "0, 1, 2",
		`"at_least": 1, "confidence": 1`:              "below 1",
		`"at_least": 1, "column": "method"`:           "strength, seed, t95",
		`"at_least": 1, "column": "worst"`:            `"worst"`,
		`"at_least": 1, "where": {"seed": ">"}`:       "no value",
		`"at_least": 1, "where": {"sed": "1"}`:        `"sed"`,
		`"at_least": 1, "resamples": 10`:              "at least 199",
		`"at_least": 1, "rows": 0, "missing": "drop"`: "at least 1",
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

// TestShareAtLeast compares with the closed form α^(1/n).
func TestShareAtLeast(t *testing.T) {
	for _, n := range []int{1, 3, 20, 1000} {
		want := math.Pow(0.05, 1/float64(n))
		if got := shareAtLeast(n, 0.05); math.Abs(got-want) > 1e-12 {
			t.Errorf("n = %d: %v, want %v", n, got, want)
		}
	}
}

// TestMeanInterval draws 1,000 sets of 20 normal values: a percentile interval of their mean is a
// little narrower than the nominal 95 % (about 93 %), so it holds the true mean in 91 to 96 % of
// them.
func TestMeanInterval(t *testing.T) {
	stream, held := kernel.NewStream(3, "test/coverage"), 0
	const sets = 1000
	s := &ThresholdSettings{Statistic: "mean", Confidence: 0.95, Resamples: 399, AtLeast: new(float64)}
	b := s.bounds()[0]
	for range sets {
		values := make([]float64, 20)
		for i := range values {
			values[i] = stream.Normal()
		}
		v := newVerdict()
		units := make([][]float64, len(values))
		for i := range values {
			units[i] = values[i : i+1]
		}
		if err := s.decideInterval(v, units, b, &pool{}, &meter{ctx: t.Context(), report: func(_, _ int64) {}}); err != nil {
			t.Fatal(err)
		}
		if v.low <= 0 && 0 <= v.high {
			held++
		}
		if held > 0 && (v.low > v.estimate || v.high < v.estimate) {
			t.Fatalf("the interval %v to %v leaves out the estimate %v", v.low, v.high, v.estimate)
		}
	}
	t.Logf("%d of %d intervals hold the mean", held, sets)
	if held < 910 || held > 960 {
		t.Errorf("%d of %d intervals hold the mean", held, sets)
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

func TestConform(t *testing.T) {
	x := []float64{0.6, 0.8, 0.9}
	var y [][]float64
	stream := kernel.NewStream(4, "test/conform")
	for i := range x {
		var seeds []float64
		for range 30 {
			seeds = append(seeds, float64(stream.IntN(40)+5*i))
		}
		y = append(y, seeds)
	}
	data := runs(x, y...)
	stagetest.Conform(t, Threshold, stagetest.Case{
		Name: "mean", Settings: `{"column": "t95", "statistic": "mean", "above": 20}`, Inputs: data,
	})
	stagetest.Conform(t, Trend, stagetest.Case{
		Name: "permuted", Settings: `{"x": "strength", "y": "t95", "direction": "increasing", "min_ratio": 1.1}`, Inputs: data,
	}, stagetest.Case{
		Name: "blocked", Settings: `{"x": "strength", "y": "t95", "direction": "increasing", "block": "seed"}`, Inputs: data,
	})
}

func TestGolden(t *testing.T) {
	data := runs([]float64{0.6, 0.9}, []float64{10, 30, 20, 40, 20}, []float64{30, 50, 60, 40, null})
	stagetest.Golden(t, Threshold, stagetest.Case{
		Settings: `{"column": "t95", "statistic": "median", "at_least": 25, "missing": "fail"}`, Inputs: data,
	}, map[string]string{"verdict": "5458c38eb306e016e1577c24d0cc2a17fdeda73a06f2d7664f161a6dc6ce680a"})
	stagetest.Golden(t, Trend, stagetest.Case{
		Settings: `{"x": "strength", "y": "t95", "direction": "increasing", "missing": "above", "min_ratio": 1.5}`, Inputs: data,
	}, map[string]string{"verdict": "87d2d064b2dd6dabc4a5e6029c675c3452f3a13ee4d7e9f3826428a0c1539905"})
}
