package figure

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// curves are those of two seeds, with standard errors.
func curves(column, unit string, scale float64) stagetest.Inputs {
	in := stagetest.Inputs{}
	for seed, se := range []float64{.03, .04} {
		a := stagetest.Table(&frame.Table{Columns: []frame.Column{
			frame.Int64s(frame.Field{Name: "step", Unit: "steps"}, []int64{0, 100}),
			frame.Float64s(frame.Field{Name: "accuracy_before", Unit: "1"}, []float64{.5, .9}),
			frame.Float64s(frame.Field{Name: column, Unit: unit}, []float64{scale * se, 0}),
		}})
		a.Axes = []stages.Axis{{Name: "seed", Value: int64(seed)}}
		in["table"] = append(in["table"], a)
	}
	return in
}

// The caption says the largest standard error, if tables have it and it can be seen.
func TestCaptionSaysMeasurementError(t *testing.T) {
	const says = "Standard error of a single value, from the points that it was measured on: at most 0.04."
	for _, c := range []struct {
		column, unit string
		scale        float64
		want         bool
	}{
		{"accuracy_before_se", "1", 1, true},
		{"accuracy_se_before", "1", 1, true},
		{"accuracy_se_before", "1", .05, false}, // .002 of a range of .4
		{"accuracy_se_before", "steps", 1, false},
		{"accuracy_se", "1", 1, false},
	} {
		for _, form := range []string{"curves", "bars", "scatter", "fit"} {
			svg := string(outcome(t, `{"width": 60, "plot": {"form": "`+form+`", "x": "step", "y": ["accuracy_before"]}}`, curves(c.column, c.unit, c.scale)).Files["svg"])
			if got := strings.Contains(svg, says); got != c.want || !c.want && strings.Contains(svg, "Standard error") {
				t.Errorf("%s in %q, times %v, as %s: it says so: %v", c.column, c.unit, c.scale, form, got)
			}
		}
	}
}

// The spread error is one standard error of a single value: of two seeds, the root of the mean square.
func TestSpreadOfMeasurement(t *testing.T) {
	out := outcome(t, `{"width": 60, "plot": {"form": "curves", "x": "step", "y": ["accuracy_before"], "spread": "error"}}`, curves("accuracy_before_se", "1", 1))
	for i, want := range []float64{math.Sqrt((.03*.03 + .04*.04) / 2), 0} {
		y, low, high := out.Tables["table"].Column("y").Float64s[i], out.Tables["table"].Column("low").Float64s[i], out.Tables["table"].Column("high").Float64s[i]
		if math.Abs(y-low-want) > 1e-12 || math.Abs(high-y-want) > 1e-12 {
			t.Errorf("step %d: %v from %v to %v, want %v about it", i, y, low, high, want)
		}
	}
	if svg := string(out.Files["svg"]); !strings.Contains(svg, "bands: one standard error of a single value") {
		t.Error("the caption does not say what bands are")
	}
	_, err := stagetest.Try(t.Context(), Kind, `{"plot": {"form": "curves", "x": "step", "y": ["accuracy_before"], "spread": "error"}}`, curves("other_se", "1", 1))
	if want := "no column accuracy_before_se"; err == nil || !strings.Contains(fmt.Sprint(err), want) {
		t.Errorf("without standard errors: %v, want %q", err, want)
	}
}
