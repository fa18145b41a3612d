package figure

import (
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// Of shares the interval lies between 0 and 1, of other numbers it may pass these. A measure is a share by its name, its unit
// or the setting, if all that is drawn of it lies there; the caption says which interval it has.
func TestIntervalsOfShares(t *testing.T) {
	in := stagetest.Inputs{}
	for seed, y := range [][3]float64{{1, 0.9, 0.9}, {0.98, 0.3, 0.3}, {0.8, 1, 1.2}} {
		a := stagetest.Table(&frame.Table{Columns: []frame.Column{
			frame.Int64s(frame.Field{Name: "step", Unit: "steps"}, []int64{0}),
			frame.Float64s(frame.Field{Name: "accuracy", Unit: "1"}, y[:1]),
			frame.Float64s(frame.Field{Name: "score", Unit: "1"}, y[1:2]),
			frame.Float64s(frame.Field{Name: "wga", Unit: "1"}, y[2:]),
		}})
		a.Axes = []stages.Axis{{Name: "seed", Value: int64(seed)}}
		in["table"] = append(in["table"], a)
	}
	for _, c := range []struct{ y, more, caption, shares string }{
		{`"accuracy"`, "", "mean (Wilson", "accuracy"},
		{`"score"`, "", "mean (Student", ""},
		{`"wga"`, "", "mean (Student", ""}, // one value is above 1
		{`"score"`, `, "shares": {"score": true}`, "mean (Wilson", "score"},
		{`"accuracy"`, `, "shares": {"accuracy": false}`, "mean (Student", ""},
		{`"score", "accuracy"`, "", "s for accuracy, Student", "accuracy"},
	} {
		for _, form := range []string{"curves", "bars", "fit"} {
			out := outcome(t, `{"plot": {"form": "`+form+`", "x": "step", "center": "mean", "spread": "ci95", "y": [`+c.y+`]`+c.more+`}}`, in)
			if svg := string(out.Files["svg"]); !strings.Contains(svg, c.caption) {
				t.Errorf("%s of %s %s: the caption lacks %q", form, c.y, c.more, c.caption)
			}
			table := out.Tables["table"]
			for row := range table.Rows() {
				if table.Column("mark").Strings.At(row) != "center" {
					continue
				}
				name, y, high := table.Column("measure").Strings.At(row), table.Column("y").Float64s[row], table.Column("high").Float64s[row]
				if (high <= 1) != (name == c.shares) || high <= y {
					t.Errorf("%s of %s %s: the interval of %s, %v, ends at %v", form, c.y, c.more, name, y, high)
				}
			}
		}
	}
	_, err := stagetest.Try(t.Context(), Kind, `{"plot": {"form": "curves", "x": "step", "y": ["wga"], "shares": {"wga": true}}}`, in)
	if err == nil || !strings.Contains(err.Error(), "shares: wga is 1.2, which is no share") {
		t.Errorf("1.2 as a share: %v", err)
	}
}
