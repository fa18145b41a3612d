package claimtests

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// failing takes instances out of the inputs, and gives what a run then lacks.
func failing(in stagetest.Inputs, at ...int) (stagetest.Inputs, stages.Lack) {
	l := stages.Lack{Input: "table", Total: len(in["table"]), Along: []string{"strength", "seed"}}
	var left []stages.Artifact
	for i, a := range in["table"] {
		if slices.Contains(at, i) {
			l.Missing = append(l.Missing, a.Axes)
			continue
		}
		l.Beside = append(l.Beside, len(left))
		left = append(left, a)
	}
	return stagetest.Inputs{"table": left}, l
}

// upstream puts the tables of a run that lacks instances into one.
func upstream(t *testing.T, in stagetest.Inputs, l stages.Lack) (stagetest.Inputs, stages.Lack) {
	t.Helper()
	parts, err := gather.Read(in["table"])
	if err != nil {
		t.Fatal(err)
	}
	whole, err := gather.Union(parts, gather.Options{})
	if err != nil {
		t.Fatal(err)
	}
	l.Beside, l.Upstream = []int{0}, true
	return stagetest.Inputs{"table": {stagetest.Table(whole)}}, l
}

func lacking(lacks ...stages.Lack) func(*stages.Run) {
	return func(r *stages.Run) { r.Lacks = lacks }
}

// verdictWithout gives the verdict and detail on inputs that lack something.
func verdictWithout(t *testing.T, kind *stages.Kind, settings string, in stagetest.Inputs, lacks ...stages.Lack) (verdict, detail string) {
	t.Helper()
	table := stagetest.Run(t, kind, settings, in, lacking(lacks...))["verdict"]
	return table.Column("verdict").Strings.At(0), table.Column("detail").Strings.At(0)
}

const (
	stays   = "The verdict is the same whether the missing values are as bad or as good as they can be for the claim."
	turns   = "could change that: if the missing values were as bad as they can be for it, it would be "
	fails   = " failed (" // what is inconclusive stays so
	outside = "None of what is missing belongs to this claim."
)

// TestClaimsWithoutWhatFailed has 14 seeds at each of three strengths, of which one fails. A claim that is clear
// stays; one that hangs on a single seed does not.
func TestClaimsWithoutWhatFailed(t *testing.T) {
	rising := runs([]float64{0.6, 0.7, 0.9}, spread(1, 14), spread(3, 14), spread(5, 14))
	flat := runs([]float64{0.6, 0.7, 0.9}, spread(1, 14), spread(1, 14), spread(1, 14))
	four := runs([]float64{0.6, 0.7, 0.8, 0.9}, spread(1, 14), spread(2, 14), spread(3, 14), spread(4, 14))
	const equal = `"y": "t95", "first": {"strength": "0.9"}, "second": {"strength": "0.6"}`
	const atHigh, atMiddle, atLow = 33, 19, 5 // strength 0.9, 0.7 and 0.6, seed 5
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
		in       stagetest.Inputs
		failed   int
		verdict  string // without what failed
		says     string
	}{
		{Threshold, `{"column": "t95", "at_least": 5}`, rising, atHigh, reproduced, turns},
		{Threshold, `{"column": "t95", "at_least": 30}`, rising, atHigh, notReproduced, stays}, // others are below it
		{Threshold, `{"column": "t95", "statistic": "max", "at_least": 40}`, rising, atLow, reproduced, stays},
		{Threshold, `{"column": "t95", "statistic": "median", "at_least": 20}`, rising, atHigh, reproduced, stays},
		{Threshold, `{"column": "t95", "statistic": "median", "at_least": 50}`, flat, atHigh, notReproduced, stays},
		{Threshold, `{"column": "t95", "statistic": "mean", "at_least": 20}`, rising, atHigh, reproduced, noMean},
		{Threshold, `{"column": "t95", "at_least": 5, "where": {"strength": "0.6"}}`, rising, atHigh, reproduced, outside},
		{Threshold, `{"column": "t95", "at_least": 5, "where": {"t95": "> 1"}}`, rising, atHigh, reproduced, "could change that: the claim chooses its rows by a column that it measures"},
		{Always, `{"y": "t95", "is": "above", "value": 5}`, rising, atLow, reproduced, turns},
		{Always, `{"y": "t95", "is": "above", "value": 30}`, rising, atHigh, notReproduced, stays},
		{Always, `{"y": "t95", "is": "above", "value": 5, "at_least_share": 0.5}`, rising, atLow, reproduced, stays},
		{Always, `{"y": "t95", "is": "above", "value": 5, "at_least_share": 0.7}`, rising, atLow, reproduced, turns},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing"}`, rising, atLow, reproduced, stays},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing"}`, rising, atMiddle, reproduced, stays},
		{Trend, `{"x": "strength", "y": "t95", "direction": "decreasing", "block": "seed"}`, rising, atMiddle, notReproduced, stays},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing", "min_ratio": 1.5}`, rising, atHigh, reproduced, stays},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing"}`, flat, atHigh, inconclusive, fails},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing", "min_ratio": 9}`, rising, atHigh, notReproduced, stays},
		{Compare, "{" + sides + "}", rising, atHigh, reproduced, stays},
		{Compare, "{" + sides + `, "effect": "ratio", "min_effect": 1.5}`, rising, atLow, reproduced, stays},
		{Compare, "{" + sides + `, "effect": "superiority", "min_effect": 0.6}`, rising, atLow, reproduced, stays},
		{Compare, "{" + sides + `, "statistic": "mean"}`, rising, atHigh, reproduced, noMean},
		{Compare, "{" + sides + `, "min_effect": 60}`, rising, atHigh, notReproduced, stays},
		{Compare, "{" + sides + "}", rising, atMiddle, reproduced, outside},
		{Compare, "{" + sides + "}", flat, atHigh, inconclusive, fails},
		{Paired, "{" + sides + `, "pair": ["seed"]}`, rising, atHigh, reproduced, stays},
		{Paired, "{" + sides + `, "pair": ["seed"], "effect": "ratio", "min_effect": 1.5}`, rising, atLow, reproduced, stays},
		{Paired, "{" + sides + `, "pair": ["seed"], "effect": "share", "min_effect": 0.7}`, rising, atHigh, reproduced, turns},
		{Paired, "{" + sides + `, "pair": ["seed"], "effect": "share"}`, rising, atHigh, reproduced, stays},
		{Paired, "{" + sides + `, "pair": ["seed"], "statistic": "mean"}`, rising, atHigh, reproduced, noMean},
		{Equivalent, "{" + equal + `, "margin": 30}`, flat, atHigh, reproduced, stays},
		{Equivalent, "{" + equal + `, "margin": 5}`, rising, atHigh, notReproduced, stays},
		{Fit, `{"x": "strength", "y": "t95", "law": "linear", "against": ["constant"], "scale": "linear"}`, four, atHigh, reproduced, "could change that: one value can change a fitted curve by any amount."},
	} {
		t.Run(c.kind.Name+" "+c.settings, func(t *testing.T) {
			in, l := failing(c.in, c.failed)
			if got, said := verdictWithout(t, c.kind, c.settings, in); got != c.verdict {
				t.Fatalf("the verdict on what there is is %s, want %s: %s", got, c.verdict, said)
			}
			want := c.verdict
			if c.says != stays && c.says != outside && c.says != fails {
				want = inconclusive
			}
			verdict, detail := verdictWithout(t, c.kind, c.settings, in, l)
			missing := fmt.Sprintf("%d of %d instances, 1 failed (strength %s, seed 5)", l.Total-1, l.Total, l.Missing[0][0].Text())
			if verdict != want || !strings.Contains(detail, c.says) || !strings.Contains(detail, missing) {
				t.Errorf("%s: %s\nwant %s: ... %s", verdict, detail, want, c.says)
			}
			in, l = upstream(t, in, l)
			if again, said := verdictWithout(t, c.kind, c.settings, in, l); again != verdict || said != detail {
				t.Errorf("of one table made of all it is %s: %s", again, said)
			}
		})
	}
}

// What failed cannot be told where tables do not say which rows it would have.
func TestClaimsThatCannotTellWhatFailed(t *testing.T) {
	data := runs([]float64{0.6, 0.9}, spread(1, 10), spread(5, 10))
	const trend = `{"x": "strength", "y": "t95", "direction": "increasing"}`
	in, direct := failing(data, 3)
	inSix, directSix := failing(runs(strengths, spread(1, 8), spread(2, 8), spread(3, 8), spread(4, 8), spread(5, 8), spread(6, 8)), 3)
	nothing := direct
	nothing.Beside = nil
	whole, above := upstream(t, in, direct)
	mixed := above
	mixed.Mixed = true
	summed := above
	summed.Along = []string{"strength", "seed", "lost"}
	for name, c := range map[string]struct {
		in       stagetest.Inputs
		settings string
		lack     stages.Lack
		says     string
	}{
		"nothing beside it":      {in, trend, nothing, noLike},
		"another kind between":   {whole, trend, mixed, mixedIn},
		"an axis is summed over": {whole, trend, summed, mixedIn},
		"unequal rows":           {stagetest.Inputs{"table": append([]stages.Artifact{longer(t, in["table"][0])}, in["table"][1:]...)}, trend, direct, unlike},
		"x is measured":          {inSix, `{"x": "t95", "y": "strength", "direction": "increasing"}`, directSix, axis},
	} {
		if verdict, detail := verdictWithout(t, Trend, c.settings, c.in, c.lack); verdict != inconclusive || !strings.Contains(detail, c.says) {
			t.Errorf("%s: %s: %s", name, verdict, detail)
		}
	}
}

// longer doubles the rows of a table.
func longer(t *testing.T, a stages.Artifact) stages.Artifact {
	t.Helper()
	table, err := a.Table()
	if err != nil {
		t.Fatal(err)
	}
	out := stagetest.Table(table.Take([]int{0, 0}))
	out.Axes = a.Axes
	return out
}

// TestNothingTurnsAVerdict fills in what failed with all kinds of values: none may lead to another verdict than the one
// that was given without them.
func TestNothingTurnsAVerdict(t *testing.T) {
	const wide = `"y": "t95", "larger": {"strength": ">= 0.7"}, "smaller": {"strength": "0.6"}`
	const few = `, "permutations": 199}`
	const nulls = `, "missing": "above"` + few
	const nullsOf = `, "missing": "above"}`
	tests := []struct {
		kind     *stages.Kind
		settings string
	}{
		{Threshold, `{"column": "t95", "statistic": "median", "at_least": 20}`},
		{Threshold, `{"column": "t95", "statistic": "median", "below": 45}`},
		{Threshold, `{"column": "t95", "at_least": 20}`},
		{Always, `{"y": "t95", "is": "below", "value": 50}`},
		{Always, `{"y": "t95", "is": "below", "value": 45, "at_least_share": 0.5}`},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing"` + few},
		{Trend, `{"x": "strength", "y": "t95", "direction": "decreasing", "block": "seed"` + few},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing", "min_ratio": 1.2` + few},
		{Compare, "{" + sides + `, "min_effect": 5` + few},
		{Compare, "{" + sides + `, "effect": "ratio", "min_effect": 1.2` + few},
		{Paired, "{" + sides + `, "min_effect": 5}`},
		{Paired, "{" + sides + `, "effect": "share", "min_effect": 0.6}`},
		{Equivalent, `{"y": "t95", "first": {"strength": "0.9"}, "second": {"strength": "0.6"}, "margin": 25` + few},
		{Equivalent, `{"y": "t95", "first": {"strength": "0.9"}, "second": {"strength": "0.6"}, "margin_ratio": 2, "paired": true` + few},
		{Compare, "{" + wide + `, "within": "mean", "min_effect": 5` + few},
		{Compare, "{" + wide + `, "effect": "ratio", "min_effect": 1.2` + few},
		{Paired, "{" + wide + `, "pair": ["seed"], "within": "mean", "min_effect": 3}`},
		{Threshold, `{"column": "t95", "statistic": "median", "at_least": 20, "missing": "drop"}`},
		{Threshold, `{"column": "t95", "statistic": "median", "at_most": 45, "missing": "fail"}`},
		{Always, `{"y": "t95", "is": "above", "value": 10, "missing": "above"}`},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing"` + nulls},
		{Trend, `{"x": "strength", "y": "t95", "direction": "decreasing", "block": "seed", "min_ratio": 1.1` + nulls},
		{Compare, "{" + sides + `, "min_effect": 5` + nulls},
		{Compare, "{" + sides + `, "effect": "superiority", "min_effect": 0.6` + nulls},
		{Paired, "{" + sides + `, "min_effect": 3` + nullsOf},
		{Paired, "{" + sides + `, "effect": "ratio"` + nullsOf},
	}
	stream := kernel.NewStream(1, "claimtests/failed")
	kept := 0
	for _, c := range tests {
		for range 12 {
			nulls := strings.Contains(c.settings, "missing")
			data := randomRuns(stream, nulls)
			at := []int{stream.IntN(len(data["table"])), stream.IntN(len(data["table"]))}
			in, l := failing(data, at...)
			if quickVerdict(t, c.kind, c.settings, in) == inconclusive {
				continue
			}
			verdict, detail := verdictWithout(t, c.kind, c.settings, in, l)
			if verdict == inconclusive {
				continue
			}
			kept++
			for range 6 {
				filled := stagetest.Inputs{"table": slices.Clone(in["table"])}
				for _, axes := range l.Missing {
					filled["table"] = append(filled["table"], oneRow(axes, randomValue(stream, nulls)))
				}
				if got := quickVerdict(t, c.kind, c.settings, filled); got != verdict {
					t.Fatalf("%s %s: %s\n%s, but with what failed %s", c.kind.Name, c.settings, verdict, detail, got)
				}
			}
		}
	}
	if kept < 30 {
		t.Errorf("only %d verdicts were given: the test tells too little", kept)
	}
}

// randomRuns gives eight seeds at three strengths, with a trend up, down or none, and some nulls if asked to.
func randomRuns(stream *kernel.Stream, nulls bool) stagetest.Inputs {
	slope := float64(10 * (stream.IntN(5) - 2))
	var values [3][]float64
	for i := range values {
		for range 8 {
			v := math.Round(30 + slope*float64(i-1) + 8*stream.Float64())
			if nulls && stream.IntN(10) == 0 {
				v = math.NaN()
			}
			values[i] = append(values[i], v)
		}
	}
	return runs([]float64{0.6, 0.7, 0.9}, values[0], values[1], values[2])
}

// randomValue is now among those of the others, now far away, and now null if it may be.
func randomValue(stream *kernel.Stream, nulls bool) float64 {
	if nulls && stream.IntN(4) == 0 {
		return math.NaN()
	}
	return []float64{60 * stream.Float64(), 1 + math.Round(60*stream.Float64()), 0.001, 1e4, 35}[stream.IntN(5)]
}

func oneRow(axes []stages.Axis, value float64) stages.Artifact {
	valid := []bool{value == value}
	if !valid[0] {
		value = 0
	}
	a := stagetest.Table(&frame.Table{Columns: []frame.Column{
		frame.Float64s(frame.Field{Name: "t95", Unit: "steps", Doc: "the step"}, []float64{value}).WithValid(valid),
		frame.Strings(frame.Field{Name: "method", Doc: "the method"}, []string{"erm"}),
	}})
	a.Axes = axes
	return a
}

// TestPlacesAreExtreme compares the places of one or two rows of a trend with all places that they could have.
func TestPlacesAreExtreme(t *testing.T) {
	stream := kernel.NewStream(1, "claimtests/places")
	for n := range 600 {
		rows := &trendRows{x: []float64{1, 2, 3, 4}, blocks: 1 + n%2}
		for range 9 {
			rows.y = append(rows.y, float64(stream.IntN(6)))
			rows.group, rows.block = append(rows.group, stream.IntN(4)), append(rows.block, stream.IntN(rows.blocks))
		}
		if n%3 == 0 {
			rows.y[0] = math.Inf(1) // a null above all
		}
		open := []int{7, 8}[n%2:]
		rising := n%4 < 2
		p := &places{trendRows: rows, x: extremes{low: -100, high: 100, null: n%3 == 0}, rising: rising, open: open}
		for _, y := range rows.y[:9-len(open)] {
			if finite(y) {
				p.known = append(p.known, y)
			}
		}
		slices.Sort(p.known)
		p.known = slices.Compact(p.known)
		var candidates []float64
		for y := -1.0; y < 6; y += 0.25 {
			candidates = append(candidates, y)
		}
		if p.x.null {
			candidates = append(candidates, math.Inf(1))
		}
		most, least := 0.0, math.Inf(1)
		for _, a := range candidates {
			for _, b := range candidates {
				rows.y[8] = b
				if len(open) == 2 {
					rows.y[7] = a
				}
				count := concordance(rows)
				most, least = max(most, count), min(least, count)
			}
		}
		var got []float64
		for _, p.x.tied = range []bool{false, true} {
			p.fill()
			got = append(got, concordance(rows))
		}
		if rising && slices.Max(got) < most || !rising && slices.Min(got) > least {
			t.Fatalf("%d: rising %v gives %g of %g to %g: y %v at %v in %v", n, rising, got, least, most, rows.y, rows.group, rows.block)
		}
	}
}

// concordance counts the pairs of a block that rise, equal ones half.
func concordance(t *trendRows) float64 {
	sum := 0.0
	for i, y := range t.y {
		for j, z := range t.y {
			switch {
			case t.block[i] != t.block[j] || t.group[i] >= t.group[j]:
			case y < z:
				sum++
			case y == z:
				sum += 0.5
			}
		}
	}
	return sum
}
