package claimtests

import (
	"encoding/json"
	"flag"
	"math"
	"os"
	"slices"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// scipyTo is where TestWriteScipy leaves what .ci/handoff/test_scipy.py does again with SciPy.
var scipyTo = flag.String("scipy", "", "write data and verdicts for SciPy to repeat to this `file`")

// A scipyCase is a test with its data and what it gave.
type scipyCase struct {
	Test     string          `json:"test"`
	Settings json.RawMessage `json:"settings"`
	X        []float64       `json:"x"` // the axis
	Y        [][]float64     `json:"y"` // [x, seed]
	Estimate *float64        `json:"estimate"`
	P        *float64        `json:"p"`
	Method   string          `json:"method"`
	Low      *float64        `json:"low"`
	High     *float64        `json:"high"`
	Fits     []scipyFit      `json:"fits,omitempty"`
}

type scipyFit struct {
	Law  string   `json:"law"`
	A    float64  `json:"a"`
	B    *float64 `json:"b"`
	R2   float64  `json:"r2"`
	RSS  float64  `json:"rss"`
	AICc float64  `json:"aicc"`
}

func runScipyCase(t *testing.T, kind *stages.Kind, settings string, x []float64, y [][]float64) scipyCase {
	out := stagetest.Run(t, kind, settings, runs(x, y...))
	v := out["verdict"]
	number := func(table *frame.Table, name string, row int) *float64 {
		if f, ok := table.Column(name).Value(row).(float64); ok {
			return &f
		}
		return nil
	}
	c := scipyCase{
		Test: kind.Name, Settings: json.RawMessage(settings), X: x, Y: y, Method: v.Column("p_method").Strings.At(0),
		Estimate: number(v, "estimate", 0), P: number(v, "p_value", 0), Low: number(v, "ci_low", 0), High: number(v, "ci_high", 0),
	}
	if fits := out["fits"]; fits != nil {
		for i := range fits.Rows() {
			c.Fits = append(c.Fits, scipyFit{
				Law: fits.Column("law").Strings.At(i), A: *number(fits, "a", i), B: number(fits, "b", i), R2: *number(fits, "r2", i),
				RSS: *number(fits, "rss", i), AICc: *number(fits, "aicc", i),
			})
		}
	}
	return c
}

// TestWriteScipy runs every test on data with and without ties and effects. Without -scipy it only
// shows that this can be done.
func TestWriteScipy(t *testing.T) {
	stream := kernel.NewStream(15, "test/scipy")
	var cases []scipyCase
	const two = `"y": "t95", "larger": {"strength": "0.9"}, "smaller": {"strength": "0.6"}`
	x := []float64{0.6, 0.9}
	for _, seeds := range []int{5, 7, 20} {
		for _, levels := range []int{0, 5} { // values are rounded to so many, or not
			for _, effect := range []float64{0, 0.4} {
				y := make([][]float64, 2)
				for i := range y {
					for range seeds {
						v := 1 + stream.Float64() + effect*float64(i)
						if levels > 0 {
							v = math.Ceil(v * float64(levels))
						}
						y[i] = append(y[i], v)
					}
				}
				margin, bound := `"margin": 0.7`, "1.3"
				if levels > 0 {
					margin, bound = `"margin": 3.5`, "6.5"
				}
				for _, c := range []struct {
					kind     *stages.Kind
					settings string
				}{
					{Compare, `{` + two + `, "effect": "difference"}`},
					{Compare, `{` + two + `, "effect": "superiority"}`},
					{Compare, `{` + two + `, "effect": "ratio"}`},
					{Compare, `{` + two + `, "effect": "difference", "statistic": "mean"}`},
					{Paired, `{` + two + `}`},
					{Paired, `{` + two + `, "statistic": "median"}`},
					{Paired, `{` + two + `, "statistic": "mean", "min_effect": 0.1}`},
					{Paired, `{` + two + `, "effect": "ratio"}`},
					{Paired, `{` + two + `, "effect": "share"}`},
					{Equivalent, `{"y": "t95", "first": {"strength": "0.9"}, "second": {"strength": "0.6"}, ` + margin + `}`},
					{Equivalent, `{"y": "t95", "first": {"strength": "0.9"}, "second": {"strength": "0.6"}, "paired": true, "margin_ratio": 1.3}`},
					{Always, `{"y": "t95", "is": "above", "value": 1.3, "at_least_share": 0.4}`},
					{Trend, `{"x": "strength", "y": "t95", "direction": "increasing"}`},
					{Threshold, `{"column": "t95", "statistic": "mean", "above": ` + bound + `, "unit": ""}`},
					{Threshold, `{"column": "t95", "statistic": "median", "above": ` + bound + `, "unit": ""}`},
				} {
					cases = append(cases, runScipyCase(t, c.kind, c.settings, x, y))
				}
			}
		}
	}
	for _, noise := range []float64{0.02, 0.3} {
		for _, scale := range []string{"log", "linear"} {
			var y [][]float64
			for _, x := range strengths {
				var at []float64
				for range 3 {
					at = append(at, (100+900*x*x)*math.Exp(noise*stream.Normal()))
				}
				y = append(y, at)
			}
			all, _ := json.Marshal(slices.Collect(func(yield func(string) bool) {
				for i := range laws {
					if !yield(laws[i].name) {
						return
					}
				}
			}))
			settings := `{"x": "strength", "y": "t95", "law": "power", "resamples": 199, "scale": "` + scale + `", "against": ` + string(all) + `}`
			cases = append(cases, runScipyCase(t, Fit, settings, strengths, y))
		}
	}
	if *scipyTo == "" {
		return
	}
	data, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*scipyTo, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
