package claimtests

import (
	"math"
	"strings"
	"testing"

	"spurion/stages"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// The tests of this file draw many data sets without the effect that a claim asserts, and count how many are called
// reproduced all the same. The share expected is known beforehand: the largest p-value up to alpha that so many units
// can give, as all p-values here are exact. Where ties or a second condition make a test stricter, it is a bound.

// checkRate compares a count among draws with its expected share, or with a bound on it. A right test fails one in
// 2,000 times: at 3.3 standard errors.
func checkRate(t *testing.T, name string, count, draws int, share float64, bound bool) {
	t.Helper()
	rate, slack := float64(count)/float64(draws), 3.3*math.Sqrt(share*(1-share)/float64(draws))
	t.Logf("%s: %.4f by chance, %.4f expected", name, rate, share)
	if rate > share+slack || !bound && rate < share-slack {
		t.Errorf("%s: %d of %d draws, a share of %.4f, are reproduced by chance; %.4f expected", name, count, draws, rate, share)
	}
}

// A tally counts the draws in which a claim is reproduced: by chance, without the effect that it asserts, and with it.
type tally struct{ chance, found int }

func (c *tally) add(t *testing.T, kind *stages.Kind, settings string, without, with stagetest.Inputs) {
	t.Helper()
	if outcomeOf(t, kind, settings, without).verdict == reproduced {
		c.chance++
	}
	if outcomeOf(t, kind, settings, with).verdict == reproduced {
		c.found++
	}
}

// TestNoDifference draws two groups without any difference, where seeds resemble themselves or do not, and
// the same with one put in: with a difference all are reproduced. With a budget, values above it are null.
func TestNoDifference(t *testing.T) {
	const draws = 600
	const groups = `"y": "t95", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}, "resamples": 199`
	for _, c := range []struct {
		name     string
		kind     *stages.Kind
		settings string
		alike    float64 // how much the two values of a seed share
		times    float64 // the larger group has so many times the values: no effect, if that is what is asked for
		budget   float64
		share    float64
		bound    bool
	}{
		// Of C(12, 6) = 924 deals, 43 have U >= 29 and 30 have U >= 30: 43/924 = .0465.
		{"compare", Compare, groups, 0, 1, 0, 43. / 924, false},
		{"compare, seeds alike", Compare, groups, 3, 1, 0, 43. / 924, true},
		{"compare, a least effect", Compare, groups + `, "effect": "ratio", "min_effect": 1.5`, 0, 1, 0, 43. / 924, true},
		{"compare, censored", Compare, groups + `, "missing": "above"`, 0, 1, 100.3, 0.05, true},
		// Of 64 signs of 6 ranks, 3 reach 19 of 21.
		{"paired", Paired, groups, 3, 1, 0, 3. / 64, false},
		{"paired, every", Paired, groups + `, "every": true`, 3, 1, 0, 1. / 64, false},
		{"paired, censored", Paired, groups + `, "missing": "above"`, 3, 1, 100.3, 0.05, true},
		{"ratio", Ratio, groups + `, "at_least": 1`, 0, 1, 0, 43. / 924, true},
		{"ratio of 1.2", Ratio, groups + `, "at_least": 1.2`, 0, 1.2, 0, 43. / 924, true},
		{"ratio, censored", Ratio, groups + `, "at_least": 1, "missing": "above"`, 0, 1, 100.3, 0.05, true},
	} {
		stream := kernel.NewStream(10, "test/no difference/"+c.name)
		var got tally
		for range draws {
			var low, same, high []float64
			for range 6 {
				seed := c.alike * stream.Normal()
				a, b := 100+seed+stream.Normal(), c.times*(100+seed+stream.Normal())
				low, same, high = append(low, censored(a, c.budget)), append(same, censored(b, c.budget)), append(high, censored(2*b, c.budget))
			}
			x := []float64{0.6, 0.9}
			got.add(t, c.kind, "{"+c.settings+"}", runs(x, low, same), runs(x, low, high))
		}
		checkRate(t, c.name, got.chance, draws, c.share, c.bound)
		if c.budget == 0 && got.found < draws {
			t.Errorf("%s: %d of %d found", c.name, got.found, draws)
		}
	}
}

// censored gives y, or null if it is above the budget; 0 is no budget.
func censored(y, budget float64) float64 {
	if budget > 0 && y > budget {
		return null
	}
	return y
}

// TestNoTrend draws rows without a trend, and the same with one put in.
func TestNoTrend(t *testing.T) {
	const draws = 500
	x := []float64{0.6, 0.75, 0.9}
	level := func(blocked bool) float64 {
		var y []float64
		var groups, blocks []int
		for i := range 15 {
			y, groups, blocks = append(y, float64(i)), append(groups, i%3), append(blocks, i/3)
		}
		if !blocked {
			clear(blocks)
		}
		return attainable(newDesign(y, groups, blocks, 3, maxOf(blocks)).null(), 0.05)
	}
	for _, c := range []struct {
		name, settings string
		alike, budget  float64
		share          float64
		bound          bool
	}{
		{"rows", rising, 0, 0, level(false), false},
		{"rows of seeds alike", rising, 5, 0, level(false), true},
		{"within seeds", rising + `, "block": "seed"`, 5, 0, level(true), false},
		{"a least ratio", rising + `, "min_ratio": 1.01`, 0, 0, level(false), true},
		{"censored", rising + `, "missing": "above"`, 0, 100.3, 0.05, true},
		{"censored, within seeds", rising + `, "missing": "above", "block": "seed"`, 5, 100.3, 0.05, true},
	} {
		stream := kernel.NewStream(5, "test/no trend/"+c.name)
		var got tally
		for range draws {
			y, z := make([][]float64, 3), make([][]float64, 3)
			for range 5 {
				seed := c.alike * stream.Normal()
				for i := range x {
					v := 100 + seed + stream.Normal()
					y[i], z[i] = append(y[i], censored(v, c.budget)), append(z[i], v*float64(1+i))
				}
			}
			settings := `{` + c.settings + `, "resamples": 199}`
			got.add(t, Trend, settings, runs(x, y...), runs(x, z...))
		}
		checkRate(t, c.name, got.chance, draws, c.share, c.bound)
		if got.found < draws {
			t.Errorf("%s: %d of %d found", c.name, got.found, draws)
		}
	}
}

// TestNotBeyond draws seeds of two rows each, whose mean and median are at the bound itself; and at a distance of
// it. Of six seeds only the largest sum of signs has p of at most .05 for a median, three of 64 for a mean.
func TestNotBeyond(t *testing.T) {
	const draws = 600
	for _, c := range []struct {
		name, settings string
		share          float64
		bound          bool
	}{
		{"median above", `"statistic": "median", "above": 100`, 1. / 64, false},
		{"median below", `"statistic": "median", "below": 100`, 1. / 64, false},
		{"mean above", `"statistic": "mean", "above": 100`, 3. / 64, true},
		{"mean at most", `"statistic": "mean", "at_most": 100`, 3. / 64, true},
	} {
		stream := kernel.NewStream(16, "test/not beyond/"+c.name)
		sign := 1.0
		if strings.Contains(c.settings, "below") || strings.Contains(c.settings, "most") {
			sign = -1
		}
		var got tally
		for range draws {
			y, z := make([][]float64, 2), make([][]float64, 2)
			for range 6 {
				seed := 100 + 3*stream.Normal()
				for i := range y {
					v := seed + stream.Normal()
					y[i], z[i] = append(y[i], v), append(z[i], v+sign*30)
				}
			}
			settings := `{"column": "t95", ` + c.settings + `, "resamples": 199}`
			x := []float64{0.6, 0.9}
			got.add(t, Threshold, settings, runs(x, y...), runs(x, z...))
		}
		checkRate(t, c.name, got.chance, draws, c.share, c.bound)
		if got.found < draws {
			t.Errorf("%s: %d of %d found", c.name, got.found, draws)
		}
	}
}

// TestNotEquivalent draws groups that differ by exactly the margin, where the level is greatest: at
// most alpha are called equivalent; and of groups that do not differ by far as much, nearly all are.
func TestNotEquivalent(t *testing.T) {
	const draws = 600
	for _, paired := range []string{"false", "true"} {
		stream := kernel.NewStream(11, "test/not equivalent")
		var got tally
		for range draws {
			var a, b, c []float64
			for range 8 {
				x := 10 * stream.Float64()
				a, b, c = append(a, x+stream.Normal()), append(b, 20+x+stream.Normal()), append(c, x+stream.Normal())
			}
			settings := `{"y": "t95", "first": {"strength": "0.9"}, "second": {"strength": "0.6"}, "margin": 20, "resamples": 199, "paired": ` + paired + `}`
			x := []float64{0.6, 0.9}
			got.add(t, Equivalent, settings, runs(x, a, b), runs(x, a, c))
		}
		t.Logf("paired %s: %d of %d by chance, %d found", paired, got.chance, draws, got.found)
		if limit := draws*0.05 + 3.3*math.Sqrt(draws*0.05*0.95); float64(got.chance) > limit || got.found < draws {
			t.Errorf("paired %s: %d of %d by chance, %d found", paired, got.chance, draws, got.found)
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
		checkRate(t, number(keep), got, draws, want, false)
	}
}

// TestNoLaw draws y without any relation to x: the p-value of a fit is at most .05 in about 5 % of
// the draws, whether the rows of a seed resemble each other or not, and no more are reproduced.
func TestNoLaw(t *testing.T) {
	const draws = 300
	for _, alike := range []float64{0, 1} {
		stream := kernel.NewStream(13, "test/no law")
		chance, found := 0, 0
		for range draws {
			y := make([][]float64, len(strengths))
			for range 4 {
				seed := alike * stream.Normal()
				for i := range y {
					y[i] = append(y[i], math.Exp(seed+0.3*stream.Normal()))
				}
			}
			const base = `"x": "strength", "y": "t95", "law": "power", "permutations": 199, "resamples": 199`
			if outcomeOf(t, Fit, `{`+base+`, "against": ["constant"]}`, runs(strengths, y...)).p <= 0.05 {
				chance++
			}
			if outcomeOf(t, Fit, `{`+base+`}`, runs(strengths, y...)).verdict == reproduced {
				found++
			}
		}
		checkRate(t, "p, alike "+number(alike), chance, draws, 0.05, false)
		checkRate(t, "verdict, alike "+number(alike), found, draws, 0.05, true)
	}
}

// TestOtherLaw draws y from a law other than the claimed one, with noise from little to much. Of two laws d standard
// deviations apart the log-likelihoods differ by N(-d²/2, d²): a lead of 2 in AICc, 1 in likelihood, comes up with a
// probability of at most P(Z > √2) = .0786, at d = √2.
func TestOtherLaw(t *testing.T) {
	const draws = 200
	for _, noise := range []float64{0.1, 0.3, 1, 3} {
		stream := kernel.NewStream(17, "test/other law/"+number(noise))
		chance := 0
		for range draws {
			in := following(stream, 4, noise, func(x float64) float64 { return 1e6 / (1 - x) })
			const settings = `{"x": "strength", "y": "t95", "law": "1/(4x(1-x))", "against": ["1/(1-x)"], "permutations": 99, "resamples": 199}`
			if outcomeOf(t, Fit, settings, in).verdict == reproduced {
				chance++
			}
		}
		checkRate(t, "noise of "+number(noise), chance, draws, 0.0786, true)
	}
}
