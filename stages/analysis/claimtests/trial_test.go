package claimtests

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"spurion/stages"
	"spurion/stages/numeric/inference"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// trials are claims of all tests that chance can reproduce, on ten seeds with a strong effect, of which the null must keep nothing.
func trials() []struct {
	kind     *stages.Kind
	settings string
	in       stagetest.Inputs
} {
	stream := kernel.NewStream(3, "test/trials")
	var y [][]float64
	for i := range strengths {
		var at []float64
		for range 10 {
			at = append(at, math.Round(1000*(1+float64(i)+0.3*stream.Normal()))/10)
		}
		y = append(y, at)
	}
	data := runs(strengths, y...)
	const ends = `"y": "t95", "larger": {"strength": "0.95"}, "smaller": {"strength": "0.55"}`
	const equal = `"y": "t95", "first": {"strength": "0.95"}, "second": {"strength": "0.55"}`
	type trial = struct {
		kind     *stages.Kind
		settings string
		in       stagetest.Inputs
	}
	return []trial{
		{Compare, ends, data}, {Compare, ends + `, "min_effect": 100`, data}, {Compare, ends + `, "effect": "ratio", "min_effect": 2`, data},
		{Compare, ends + `, "effect": "superiority", "min_effect": 0.6`, data}, {Compare, ends + `, "statistic": "mean", "effect": "ratio"`, data},
		{Paired, ends, data}, {Paired, ends + `, "effect": "ratio", "min_effect": 3`, data}, {Paired, ends + `, "effect": "share"`, data},
		{Paired, ends + `, "statistic": "median"`, data}, {Paired, ends + `, "statistic": "mean"`, data},
		{Threshold, `"column": "t95", "statistic": "mean", "above": 200, "where": {"strength": "0.95"}`, data},
		{Threshold, `"column": "t95", "statistic": "median", "at_least": 200, "where": {"strength": "0.95"}`, data},
		{Always, `"y": "t95", "is": "above", "value": 10, "at_least_share": 0.6`, data},
		{Equivalent, equal + `, "margin": 600`, data}, {Equivalent, equal + `, "margin_ratio": 12, "paired": true`, data},
		{Trend, rising, data}, {Trend, rising + `, "block": "seed"`, data}, {Trend, rising + `, "block": "seed", "min_ratio": 2`, data},
		{Trend, rising + `, "unit": "", "min_ratio": 2`, data},
	}
}

// TestNullOfTrials: a trial gives the verdict of its test, on which it reads no tables again, and samples under its null are
// reproduced no more often than one side of alpha allows (one-sided tests: alpha), and now and then at least.
func TestNullOfTrials(t *testing.T) {
	const draws, alpha = 150, 0.1
	for _, c := range trials() {
		settings := "{" + c.settings + `, "alpha": 0.1}`
		trial := trialOf(t, c.kind, settings, c.in)
		want := outcomeOf(t, c.kind, settings, c.in).verdict
		if got, err := trial.Verdict(nil); got != want || want != reproduced {
			t.Errorf("%s %s: the trial gives %s, %v; the test %s", c.kind.Name, settings, got, err, want)
		}
		stream := kernel.NewStream(4, "test/null")
		chance := 0
		for range draws {
			if got, err := trial.Null(stream).Verdict(nil); err != nil {
				t.Fatal(err)
			} else if got == reproduced {
				chance++
			}
		}
		share := alpha / 2
		if c.kind == Equivalent {
			share = alpha
		}
		t.Logf("%s %s: %d of %d", c.kind.Name, c.settings, chance, draws)
		if most := share*draws + 3.3*math.Sqrt(share*(1-share)*draws); float64(chance) > most {
			t.Errorf("%s %s: %d of %d samples under the null are reproduced, at most %.0f expected", c.kind.Name, c.settings, chance, draws, most)
		}
		if again, err := trial.Verdict(nil); again != want || err != nil {
			t.Errorf("%s %s: drawing changed the trial: %s, %v", c.kind.Name, c.settings, again, err)
		}
	}
}

// TestNoTrial: what a claim says of the units at hand has no chance in it.
func TestNoTrial(t *testing.T) {
	data := runs([]float64{0.6, 0.9}, spread(1, 6), spread(2, 6))
	for settings, kind := range map[string]*stages.Kind{
		`{"column": "t95", "at_least": 1}`: Threshold, `{"column": "t95", "statistic": "max", "at_least": 1}`: Threshold,
		`{"y": "t95", "is": "above", "value": 3}`: Always, `{"x": "strength", "y": "t95", "law": "constant", "against": ["linear"]}`: Fit,
	} {
		if trial := trialOf(t, kind, settings, data); trial != nil {
			t.Errorf("%s %s has a trial", kind.Name, settings)
		}
	}
	if _, err := Open(t.Context(), &stages.Run{Settings: &struct{}{}}); err == nil || !strings.Contains(err.Error(), "of no test") {
		t.Errorf("%v", err)
	}
}

// TestFitNull: a law that the dealt values do not follow is reproduced hardly ever.
func TestFitNull(t *testing.T) {
	stream := kernel.NewStream(5, "test/fit null")
	data := following(stream, 6, 0.1, func(x float64) float64 { return 5000 / (4 * x * (1 - x)) })
	const settings = `{"x": "strength", "y": "t95", "law": "1/(4x(1-x))", "permutations": 199, "resamples": 199}`
	trial := trialOf(t, Fit, settings, data)
	if got, err := trial.Verdict(nil); got != reproduced || err != nil {
		t.Errorf("%s, %v", got, err)
	}
	chance := 0
	for range 60 {
		if got, _ := trial.Null(stream).Verdict(nil); got == reproduced {
			chance++
		}
	}
	if chance > 3 {
		t.Errorf("%d of 60 are reproduced by chance", chance)
	}
}

// TestUnitsNeeded: with as many units as are asked for, drawn from the law at hand, a claim is decided about four times of five.
func TestUnitsNeeded(t *testing.T) {
	stream := kernel.NewStream(6, "test/units needed")
	draw := func(n int) stagetest.Inputs {
		var low, high []float64
		for range n {
			low, high = append(low, stream.Normal()), append(high, 0.8+stream.Normal())
		}
		return runs([]float64{0.6, 0.9}, low, high)
	}
	// Two groups 0.8 standard deviations apart are told apart, with a power of 0.8, by 26 values each (Student's t), and 27 by ranks.
	sum, found := 0, 0
	for range 12 {
		if got := outcomeOf(t, Compare, "{"+sides+"}", draw(10)); got.verdict == inconclusive && got.unitsNeeded > 0 {
			sum, found = sum+int(got.unitsNeeded), found+1
		}
	}
	if mean := sum / max(found, 1); found < 4 || mean < 12 || mean > 200 {
		t.Errorf("%d of 12 are inconclusive, and ask for %d units in the mean", found, mean)
	}
	decided := 0
	for range 100 {
		if quickVerdict(t, Compare, "{"+sides+"}", draw(27)) != inconclusive {
			decided++
		}
	}
	if decided < 65 || decided > 92 {
		t.Errorf("%d of 100 are decided by 27 units", decided)
	}
}

// TestForeseen: an estimate z standard errors from its bound with n units needs n ((1.96 + 0.84)/z)² of them.
func TestForeseen(t *testing.T) {
	f := beyond(true, 0, 0.05, inference.Answer{P: 0.31731051}) // one standard error
	if got := f.foreseen(10); got != 79 {
		t.Errorf("%d", got) // 10 · 7.85
	}
	if got := beyond(true, 0, 0.05, inference.Answer{P: 1}).foreseen(10); got < 10_000 {
		t.Errorf("without an effect %d", got)
	}
}

func TestWords(t *testing.T) {
	for x, want := range map[float64]string{
		0: "0", 12345678: "12350000", 1234.56: "1235", 0.00012344: "0.0001234", 1.2e-7: "1.2e-07", -12345: "-12340", 3e12: "3e+12", 0.1 + 0.2: "0.3",
	} {
		if got := number(x); got != want {
			t.Errorf("number(%v) is %s", x, got)
		}
	}
	for p, want := range map[float64]string{0.0004: "p = .0004", 0.0504: "p = .0504", 0.00041499: "p = .00041", 1: "p = 1", 3.21e-5: "p = 3e-5", 1e-12: "p = 1e-12", 0.05: "p = .05"} {
		if got := pText(p); got != want {
			t.Errorf("pText(%v) is %s", p, got)
		}
	}
	inf := math.Inf(1)
	for _, c := range []struct {
		low, high float64
		want      string
	}{{1, 2, "95 % interval 1 to 2"}, {1, inf, "95 % interval from 1 on"}, {-inf, 2, "95 % interval up to 2"}, {-inf, inf, ""}, {null, 1, ""}} {
		if got := rangeText(c.low, c.high, 0.95); got != c.want {
			t.Errorf("%v to %v: %q", c.low, c.high, got)
		}
	}
}

// TestReduce: the rules that make one value of several rows, of which some may be nulls above all.
func TestReduce(t *testing.T) {
	inf := math.Inf(1)
	for i, c := range []struct {
		rule   string
		values []float64
		value  float64
		least  float64 // if nulls are above 9
	}{
		{"median", []float64{3, 1, 2}, 2, 2}, {"mean", []float64{3, 1, 5}, 3, 3}, {"min", []float64{3, 1, 2}, 1, 1}, {"max", []float64{3, 1, 2}, 3, 3},
		{"last", []float64{3, 1, 2}, 2, 2}, {"median", []float64{1, inf}, inf, 5}, {"median", []float64{1, inf, inf}, inf, inf}, {"median", []float64{1, 2, inf}, 2, 2},
		{"mean", []float64{1, inf}, inf, 5}, {"min", []float64{inf, 4}, 4, 4}, {"max", []float64{inf, 4}, inf, inf}, {"last", []float64{4, inf}, inf, inf},
		{"mean", []float64{inf, inf}, inf, inf},
	} {
		if v, least := reduce(c.rule, c.values), reduceLeast(c.rule, c.values, 9); v != c.value || least != c.least {
			t.Errorf("%s: %s of %v is %v, at least %v", strconv.Itoa(i), c.rule, c.values, v, least)
		}
	}
}
