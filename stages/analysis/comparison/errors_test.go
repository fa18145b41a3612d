package comparison

import (
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// told are runs with a score and its standard error (NaN for none).
func told(method string, scores, errs []float64) []stages.Artifact {
	var list []stages.Artifact
	for seed, score := range scores {
		se, ok := errs[seed], !math.IsNaN(errs[seed])
		if !ok {
			se = 0
		}
		a := stagetest.Table(&frame.Table{Columns: []frame.Column{
			frame.Strings(frame.Field{Name: "method"}, []string{method}),
			frame.Float64s(frame.Field{Name: "score", Unit: "1"}, []float64{score}),
			frame.Float64s(frame.Field{Name: "score_se", Unit: "1", Nullable: true, Mark: "group"}, []float64{se}).WithValid([]bool{ok}),
		}})
		a.Axes = []stages.Axis{{Name: "seed", Value: int64(seed)}}
		list = append(list, a)
	}
	return list
}

// The caption says the largest standard error of a value where the mean owes to it a tenth of its interval or more.
// The interval of 1, 2 and 3 is 2 x 4.30265 / √3 long, so that this is a standard error of a value of .8605.
func TestCaptionSaysMeasurementError(t *testing.T) {
	nan := math.NaN()
	for _, c := range []struct {
		name         string
		scores, errs []float64
		says         string
	}{
		{"small", []float64{1, 2, 3}, []float64{.86, .86, .86}, ""},
		{"large", []float64{1, 2, 3}, []float64{.861, .861, .861}, "up to 0.86 (SCORE)."},
		{"mean square", []float64{1, 2, 3}, []float64{0, 0, 1.5}, "up to 0.87 (SCORE)."},
		{"one value", []float64{1}, []float64{.001}, "up to 0.001 (SCORE)."},
		{"exact", []float64{1}, []float64{0}, ""},
		{"equal values", []float64{1, 1}, []float64{.001, .001}, "up to 0.001 (SCORE)."},
		{"not told", []float64{1, 1}, []float64{nan, nan}, ""},
	} {
		in := stagetest.Inputs{"tables": told("erm", c.scores, c.errs)}
		out, err := stagetest.Try(t.Context(), Kind, `{"rows": ["method"], "measures": ["score"], "names": {"score": "SCORE"}}`, in)
		if err != nil {
			t.Fatal(err)
		}
		text := string(out.Files["markdown"])
		if got := strings.Contains(text, "Standard errors of single values"); got != (c.says != "") || !strings.Contains(text, c.says) {
			t.Errorf("%s: %s, want %q", c.name, text, c.says)
		}
		squares, n := 0.0, 0.0
		for _, se := range c.errs {
			if !math.IsNaN(se) {
				squares, n = squares+se*se, n+1
			}
		}
		if se, ok := out.Tables["table"].Column("value_se").Value(0).(float64); ok != (n > 0) || ok && math.Abs(se-math.Sqrt(squares/n)) > 1e-12 {
			t.Errorf("%s: value_se is %v", c.name, out.Tables["table"].Column("value_se").Value(0))
		}
		if mark := out.Tables["table"].Column("value_se").Mark; mark != "group" {
			t.Errorf("%s: value_se is marked %q", c.name, mark)
		}
	}
}
