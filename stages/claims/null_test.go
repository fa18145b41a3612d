package claims

import (
	"math"
	"testing"

	"spurion/stages"
	"spurion/stages/kernel"
	"spurion/stages/stagetest"
)

// TestNoDifference runs whole tests on tables without any difference, where seeds resemble
// themselves or do not, and on the same with one put in. The share that is reproduced by chance is the
// largest p-value up to alpha that so many units can give, known beforehand where there are no ties,
// or below it where it must be; the bounds are 3.3 standard errors with 600 draws. With a difference
// nearly all are reproduced.
func TestNoDifference(t *testing.T) {
	const draws = 600
	const groups = `"y": "t95", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}, "resamples": 199`
	for _, c := range []struct {
		name     string
		kind     *stages.Kind
		settings string
		alike    float64 // how much the two values of a seed share
		level    float64 // expected
		atMost   bool    // or less
	}{
		// Of C(12, 6) = 924 deals, 43 have U >= 29 and 30 have U >= 30: 43/924 = .0465.
		{"compare", Compare, groups, 0, 43. / 924, false},
		{"compare, seeds alike", Compare, groups, 3, 43. / 924, true},
		{"compare, a least effect", Compare, groups + `, "effect": "ratio", "min_effect": 1.5`, 0, 43. / 924, true},
		// Of 64 signs of 6 ranks, 3 reach 19 of 21.
		{"paired", Paired, groups, 3, 3. / 64, false},
		{"paired, every", Paired, groups + `, "every": true`, 3, 1. / 64, false},
		{"ratio", Ratio, groups + `, "at_least": 1`, 0, 43. / 924, true},
	} {
		stream := kernel.NewStream(10, "test/no difference/"+c.name)
		chance, found := 0, 0
		for range draws {
			var low, same, high []float64
			for range 6 {
				seed := c.alike * stream.Normal()
				a, b := stream.Normal(), stream.Normal()
				low, same, high = append(low, 100+seed+a), append(same, 100+seed+b), append(high, 2*(100+seed+b))
			}
			x := []float64{0.6, 0.9}
			if outcomeOf(t, c.kind, "{"+c.settings+"}", runs(x, low, same)).verdict == reproduced {
				chance++
			}
			if outcomeOf(t, c.kind, "{"+c.settings+"}", runs(x, low, high)).verdict == reproduced {
				found++
			}
		}
		rate, se := float64(chance)/draws, math.Sqrt(c.level*(1-c.level)/draws)
		t.Logf("%s: %.4f by chance, %.4f expected; %d of %d found", c.name, rate, c.level, found, draws)
		if rate > c.level+3.3*se || !c.atMost && rate < c.level-3.3*se || found < draws {
			t.Errorf("%s: %.4f by chance, %.4f expected; %d of %d found", c.name, rate, c.level, found, draws)
		}
	}
}

// TestNotEquivalent draws groups that differ by exactly the margin, where the level is greatest: at
// most alpha are called equivalent; and of groups that do not differ by far as much, nearly all are.
func TestNotEquivalent(t *testing.T) {
	const draws = 600
	for _, paired := range []string{"false", "true"} {
		stream := kernel.NewStream(11, "test/not equivalent")
		chance, found := 0, 0
		for range draws {
			var a, b, c []float64
			for range 8 {
				x := 10 * stream.Float64()
				a, b, c = append(a, x+stream.Normal()), append(b, 20+x+stream.Normal()), append(c, x+stream.Normal())
			}
			settings := `{"y": "t95", "first": {"strength": "0.9"}, "second": {"strength": "0.6"}, "margin": 20, "resamples": 199, "paired": ` + paired + `}`
			x := []float64{0.6, 0.9}
			if outcomeOf(t, Equivalent, settings, runs(x, a, b)).verdict == reproduced {
				chance++
			}
			if outcomeOf(t, Equivalent, settings, runs(x, a, c)).verdict == reproduced {
				found++
			}
		}
		t.Logf("paired %s: %d of %d by chance, %d found", paired, chance, draws, found)
		if limit := draws*0.05 + 3.3*math.Sqrt(draws*0.05*0.95); float64(chance) > limit || found < draws {
			t.Errorf("paired %s: %d of %d by chance, %d found", paired, chance, draws, found)
		}
	}
}

// TestNotAlways draws seeds of which each keeps to a bound with probability .5, or .99: of five, all
// do with probability 1/32, or .951.
func TestNotAlways(t *testing.T) {
	const draws = 1000
	stream := kernel.NewStream(12, "test/not always")
	for keep, want := range map[float64]float64{0.5: 1. / 32, 0.99: math5(0.99)} {
		got := 0
		for range draws {
			var y []float64
			for range 5 {
				y = append(y, keep-stream.Float64())
			}
			if outcomeOf(t, Always, `{"y": "t95", "is": "above", "value": 0}`, runs([]float64{0.9}, y)).verdict == reproduced {
				got++
			}
		}
		if rate := float64(got) / draws; math.Abs(rate-want) > 3.5*math.Sqrt(want*(1-want)/draws) {
			t.Errorf("%v: %v of the draws, want %v", keep, rate, want)
		}
	}
}

// TestNoLaw draws y without any relation to x: the p-value of a fit is at most .05 in about 5 % of
// the draws, whether the rows of a seed resemble each other or not.
func TestNoLaw(t *testing.T) {
	const draws = 300
	for _, alike := range []float64{0, 1} {
		stream := kernel.NewStream(13, "test/no law")
		chance := 0
		for range draws {
			y := make([][]float64, len(strengths))
			for range 4 {
				seed := alike * stream.Normal()
				for i := range y {
					y[i] = append(y[i], math.Exp(seed+0.3*stream.Normal()))
				}
			}
			got := outcomeOf(t, Fit, `{"x": "strength", "y": "t95", "law": "power", "against": ["constant"], "permutations": 199, "resamples": 199}`, runs(strengths, y...))
			if got.p <= 0.05 {
				chance++
			}
		}
		t.Logf("alike %v: %d of %d", alike, chance, draws)
		if rate, se := float64(chance)/draws, math.Sqrt(0.05*0.95/draws); math.Abs(rate-0.05) > 3.3*se {
			t.Errorf("alike %v: %v of the draws without a law have p of at most .05", alike, rate)
		}
	}
}

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

// TestConformAll checks what every kind promises.
func TestConformAll(t *testing.T) {
	data := runs([]float64{0.6, 0.7, 0.8, 0.9}, spread(1, 40), spread(2, 40), spread(3, 40), spread(4, 40))
	const groups = `"larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}, "y": "t95"`
	stagetest.Conform(t, Compare, stagetest.Case{Name: "compare", Settings: "{" + groups + `, "effect": "ratio", "min_effect": 1.1}`, Inputs: data})
	stagetest.Conform(t, Paired, stagetest.Case{Name: "paired", Settings: "{" + groups + `, "effect": "ratio"}`, Inputs: data})
	stagetest.Conform(t, Ratio, stagetest.Case{Name: "ratio", Settings: "{" + groups + `, "at_least": 1.5}`, Inputs: data})
	stagetest.Conform(t, Equivalent, stagetest.Case{Name: "equivalent", Settings: `{"first": {"strength": "0.9"}, "second": {"strength": "0.6"}, "y": "t95", "margin": 1}`, Inputs: data})
	stagetest.Conform(t, Always, stagetest.Case{Name: "always", Settings: `{"y": "t95", "is": "above", "value": 3}`, Inputs: data})
	stagetest.Conform(t, Fit, stagetest.Case{Name: "fit", Settings: `{"x": "strength", "y": "t95", "law": "linear", "scale": "linear"}`, Inputs: data})
}

// spread gives n values that rise and fall.
func spread(k, n int) []float64 {
	var values []float64
	for i := range n {
		values = append(values, float64(10*k+(i*7+k)%13))
	}
	return values
}

func TestGoldenAll(t *testing.T) {
	data := runs([]float64{0.6, 0.7, 0.8, 0.9}, spread(1, 7), spread(2, 7), spread(3, 7), spread(4, 7))
	const groups = `"larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}, "y": "t95"`
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
		want     map[string]string
	}{
		{Compare, "{" + groups + `, "effect": "ratio", "min_effect": 1.1}`, map[string]string{"verdict": "53ba83acb840d700c18381ee06b219f5e58f05053dca6b365f42451075f27251"}},
		{Paired, "{" + groups + `, "effect": "ratio", "every": true}`, map[string]string{"verdict": "40cb1fe7e70f69c931dda2a557a8ea0c9c2d076f9abb3af1ab0c49ede01cddaf"}},
		{Ratio, "{" + groups + `, "at_least": 1.5}`, map[string]string{"verdict": "c797850ae7dcc0848a900f4c30958077eac1217264cbb226e56f4b8d90f7f55e"}},
		{Equivalent, `{"first": {"strength": "0.7"}, "second": {"strength": "0.6"}, "y": "t95", "margin_ratio": 3}`, map[string]string{"verdict": "6a2067710e4874068b465f16dcf86cacc7384447ec45748dfa0cb5ae6612779d"}},
		{Always, `{"y": "t95", "is": "above", "value": 3}`, map[string]string{"verdict": "03699836eba6b0aac8a36d2c7eccd9a8e648d61241f80270b6ad06f24368791b"}},
		{Fit, `{"x": "strength", "y": "t95", "law": "power"}`, map[string]string{"verdict": "de31ab00bfc0ba3279fcf9bd32af56fe93e681f7d902f9a8c62da708c0938c81", "fits": "6821724bd1336c3edc69119bc5339045ed6457fba904ef7f3ce29be2b8891ec8"}},
	} {
		stagetest.Golden(t, c.kind, stagetest.Case{Settings: c.settings, Inputs: data}, c.want)
	}
}
