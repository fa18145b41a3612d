package claimtests

import (
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// An ending is what a column says of a run: 1, 0, or null.
type ending = float64

// ended gives tables as runs does, with a column of truth values on how each run ended, and a second measure.
func ended(column string, x []float64, of ...[]ending) stagetest.Inputs {
	var list []stages.Artifact
	for i, seeds := range of {
		for seed, e := range seeds {
			a := stagetest.Table(&frame.Table{Columns: []frame.Column{
				frame.Float64s(frame.Field{Name: "t95", Unit: "steps", Doc: "the step"}, []float64{float64(10*i + 2*seed + 5)}),
				frame.Float64s(frame.Field{Name: "t50", Unit: "steps", Doc: "another step"}, []float64{float64(seed + 1)}),
				frame.Bools(frame.Field{Name: column, Doc: "how it ended", Nullable: true}, []bool{e == 1}).WithValid([]bool{!math.IsNaN(e)}),
			}})
			a.Axes = []stages.Axis{{Name: "strength", Value: x[i]}, {Name: "seed", Value: int64(seed)}}
			list = append(list, a)
		}
	}
	return stagetest.Inputs{"table": list}
}

// Every test says how many of the runs that it is about were cut off, each once, and no others.
func TestClaimsSayWhatWasCutOff(t *testing.T) {
	x := []float64{0.6, 0.9, 0.95}
	capped := ended("capped", x, []ending{0, 1, 0, 0, 0, 0, 0}, []ending{1, 0, 0, 1, 0, 0, 0}, []ending{1, 1, 1, 1, 1, 1, 1})
	const at, both = `"where": {"strength": "< 0.95"}`, "3 of 14 runs ended at their cap, before a stop rule held."
	for _, c := range []struct {
		kind     *stages.Kind
		settings string
		in       stagetest.Inputs
		cut      any
		text     string
	}{
		{Compare, "{" + sides + "}", capped, int64(3), both},
		{Paired, "{" + sides + "}", capped, int64(3), both},
		{Paired, `{"y": "t95", "y_smaller": "t50", ` + at + `}`, capped, int64(3), both},
		{Equivalent, `{"first": {"strength": "0.9"}, "second": {"strength": "0.6"}, "y": "t95", "margin": 30}`, capped, int64(3), both},
		{Trend, `{"x": "strength", "y": "t95", "direction": "increasing", ` + at + `}`, capped, int64(3), both},
		{Fit, `{"x": "strength", "y": "t95", "law": "power"}`, capped, int64(10), "10 of 21 runs ended at their cap"},
		{Threshold, `{"column": "t95", "at_least": 1, ` + at + `}`, capped, int64(3), both},
		{Always, `{"y": "t95", "is": "above", "value": 1, "where": {"strength": "0.6"}}`, capped, int64(1), "1 of 7 runs ended at its cap, before a stop rule held."},
		{Always, `{"y": "t95", "is": "above", "than": "t50", "where": {"strength": "0.6"}}`, capped, int64(1), "1 of 7 runs ended at its cap"},
		{Always, `{"y": "t95", "is": "above", "value": 1}`, ended("converged", x, []ending{1, 0}, []ending{0, 0}), int64(3), "3 of 4 fits did not converge."},
		{Always, `{"y": "t95", "is": "above", "value": 1}`, ended("capped", x, []ending{0, 0}), int64(0), ""},
		{Always, `{"y": "t95", "is": "above", "value": 1}`, ended("capped", x, []ending{null, null}), nil, ""},
		{Always, `{"y": "t95", "is": "above", "value": 1}`, ended("capped", x, []ending{null, 1}), int64(1), "The run ended at its cap, before a stop rule held."},
		{Always, `{"y": "t95", "is": "above", "value": 1}`, ended("else", x, []ending{1, 1}), nil, ""},
	} {
		v := stagetest.Run(t, c.kind, c.settings, c.in)["verdict"]
		if got := stagetest.Value(t, v, "n_capped", 0); got != c.cut {
			t.Errorf("%s %s: n_capped is %v, want %v", c.kind.Name, c.settings, got, c.cut)
		}
		detail := stagetest.Value(t, v, "detail", 0).(string)
		says := strings.Contains(detail, "at its cap") || strings.Contains(detail, "at their cap") || strings.Contains(detail, "converge")
		if !strings.Contains(detail, c.text) || says != (c.text != "") || strings.Count(detail, "cap,") > 1 {
			t.Errorf("%s %s: %q, want it to say %q", c.kind.Name, c.settings, detail, c.text)
		}
	}
}
