package figure

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// measured is a table of y at x for three seeds, in the order of the lists.
func measured(x []float64, bySeed ...[]float64) stagetest.Inputs {
	var list []stages.Artifact
	for seed, y := range bySeed {
		a := stagetest.Table(&frame.Table{Columns: []frame.Column{
			frame.Float64s(frame.Field{Name: "x"}, x), frame.Float64s(frame.Field{Name: "y"}, y),
		}})
		a.Axes = []stages.Axis{{Name: "seed", Value: int64(seed)}}
		list = append(list, a)
	}
	return stagetest.Inputs{"table": list}
}

func caption(t *testing.T, out *stagetest.Outcome) string {
	t.Helper()
	m := regexp.MustCompile(`<desc>([^<]*)</desc>`).FindSubmatch(out.Files["svg"])
	if m == nil {
		t.Fatal("no description")
	}
	return string(m[1])
}

// A logarithmic axis draws the statistics of all rows, and says what it has no place for.
func TestLogarithmicAxis(t *testing.T) {
	in := measured([]float64{1, 2, 3, 4}, []float64{0, 5, -1, -4}, []float64{10, 10, 1, -2}, []float64{20, 15, 3, -3})
	const plot = `{"plot": {"form": "curves", "x": "x", "y": ["y"], "center": "mean", "spread": "range", "points": true, "y_scale": "log"}}`
	out := outcome(t, plot, in)
	if got, want := rows(out.Tables["table"], "center"), "1 10 0 20 3\n2 10 5 15 3\n3 1 -1 3 3\n4 -3 -4 -2 3"; got != want {
		t.Errorf("centers\n%s\nwant\n%s", got, want)
	}
	const want = "n = 3 (seed 0–2). Not drawn, as a logarithmic axis has no place for 0 and below: 1 mean, 2 lower ends of bands, 5 rows."
	if got := caption(t, out); !strings.HasSuffix(got, want) {
		t.Errorf("the caption is %q", got)
	}
	linear := outcome(t, strings.Replace(plot, `"log"`, `"linear"`, 1), in)
	if got := caption(t, linear); !strings.HasSuffix(got, "n = 3 (seed 0–2).") {
		t.Errorf("the caption of a linear axis is %q", got)
	}
	for form, said := range map[string]string{
		`"form": "scatter", "x": "y", "y": ["y"], "x_scale": "log"`:                  "0 and below: 5 rows.",
		`"form": "fit", "x": "y", "y": ["x"], "spread": "range", "x_scale": "log"`:   "0 and below: 5 medians.",
		`"form": "fit", "x": "x", "y": ["y"], "laws": ["linear"], "y_scale": "log"`:  "0 and below: 1 median, 1 lower end of a bar, part of a + bx.",
		`"form": "curves", "x": "x", "y": ["y"], "spread": "none", "y_scale": "log"`: "0 and below: 1 median.",
	} {
		if got := caption(t, outcome(t, `{"plot": {`+form+`}}`, in)); !strings.HasSuffix(got, said) {
			t.Errorf("%s: the caption is %q, want %q at its end", form, got, said)
		}
	}
	_, err := stagetest.Try(t.Context(), Kind, `{"where": {"x": "4"}, "plot": {"form": "scatter", "x": "x", "y": ["y"], "y_scale": "log"}}`, in)
	if err == nil || !strings.Contains(err.Error(), "leave out x_scale or y_scale") {
		t.Errorf("nothing above 0: %v", err)
	}
}

// Whatever the values, the numbers behind a figure are the same on a logarithmic y-axis.
func TestScaleChangesNoNumber(t *testing.T) {
	s := kernel.NewStream(1, "test/scale")
	for range 60 {
		x, ys := make([]float64, 8), make([][]float64, 3)
		for i := range x {
			x[i] = float64(i / 2)
		}
		for k := range ys {
			ys[k] = make([]float64, len(x))
			for i := range ys[k] {
				ys[k][i] = s.Normal() + 0.5
			}
		}
		for _, plot := range []Plot{
			{Form: "curves", Center: "mean", Spread: "ci95"}, {Form: "scatter"},
			{Form: "fit", Laws: []string{"linear", "exponential", "power", "log"}, Points: true},
		} {
			var numbers [2][]byte
			for i, scale := range []string{"linear", "log"} {
				plot.X, plot.Y, plot.Over, plot.YScale = "x", []string{"y"}, "seed", scale
				parts, err := gather.Read(measured(x, ys...)["table"])
				if err != nil {
					t.Fatal(err)
				}
				d, err := read(&Settings{Plot: plot}, parts)
				if err != nil {
					t.Fatal(err)
				}
				if numbers[i], err = frame.Encode(d.table()); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(numbers[0], numbers[1]) {
				t.Fatalf("%s of %v: other numbers on a logarithmic axis", plot.Form, ys)
			}
		}
	}
}

// A law says which rows it could not use, and which series it could not be fitted to.
func TestRowsThatLawsNeed(t *testing.T) {
	in := measured([]float64{0, 1, 2, 3}, []float64{0, 2, 4, 8}, []float64{-1, 2, 4, 8})
	got := caption(t, outcome(t, `{"plot": {"form": "fit", "x": "x", "y": ["y"], "laws": ["linear", "exponential", "power", "log", "inverse", "balance"]}}`, in))
	for _, want := range []string{
		"R² = 0.971. a·exp(bx) by least squares: a = 1, b = 0.693, R² of ln y = 1 (without 2 of 8 rows, as it needs y &gt; 0). ",
		"(without 2 of 8 rows, as it needs x &gt; 0 and y &gt; 0). ", "(without 2 of 8 rows, as it needs x &gt; 0). ",
		"(without 2 of 8 rows, as it needs x ≠ 1). ", "(without 4 of 8 rows, as it needs x ≠ 0 and x ≠ 1).",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the caption lacks %q: %s", want, got)
		}
	}
	got = caption(t, outcome(t, `{"where": {"x": "<= 1"}, "plot": {"form": "fit", "x": "x", "y": ["y"], "laws": ["exponential"]}}`, in))
	if want := "a·exp(bx) by least squares: cannot be fitted (without 2 of 4 rows, as it needs y &gt; 0)."; !strings.HasSuffix(got, want) {
		t.Errorf("the caption is %q", got)
	}
}

// A curve that stands at a single x, or alone between values without a place, has its spread and its center drawn.
func TestLoneCenter(t *testing.T) {
	shapes := func(settings string, in stagetest.Inputs) (lines, fills int) {
		svg := outcome(t, settings, in).Files["svg"]
		return bytes.Count(svg, []byte(`stroke="#0072b2"`)), bytes.Count(svg, []byte(`fill="#0072b2"`))
	}
	const plot = `{"plot": {"form": "curves", "x": "x", "y": ["y"], "spread": "range"%s}}`
	for _, c := range []struct {
		name, more   string
		in           stagetest.Inputs
		lines, fills int
	}{
		{"one x", "", measured([]float64{2}, []float64{1}, []float64{2}, []float64{4}), 1, 1},                                                                                   // a whisker, a marker
		{"a line", "", measured([]float64{1, 2}, []float64{1, 1}, []float64{2, 2}, []float64{4, 4}), 1, 1},                                                                      // a line, a band
		{"between", `, "y_scale": "log"`, measured([]float64{1, 2, 3, 4}, []float64{-1, 1, -1, -3}, []float64{-2, 2, -2, -3}, []float64{-3, 4, -4, -3}), 1, 1},                  // as one x
		{"one x in view", `, "x_limits": [1.5, 2.5]`, measured([]float64{1, 2, 3}, []float64{1, 1, 1}, []float64{2, 2, 2}, []float64{4, 4, 4}), 2, 0},                           // a line, a whisker
		{"nothing repeated", "", measured([]float64{2}, []float64{1}), 0, 1},                                                                                                    // a marker
		{"a band that is cut", `, "y_scale": "log"`, measured([]float64{1, 2, 3, 4, 5}, []float64{1, 1, -1, 1, 1}, []float64{2, 2, -1, 2, 2}, []float64{3, 3, -1, 3, 3}), 2, 2}, // two lines, two bands
	} {
		if lines, fills := shapes(fmt.Sprintf(plot, c.more), c.in); lines != c.lines || fills != c.fills {
			t.Errorf("%s: %d lines and %d fills, want %d and %d", c.name, lines, fills, c.lines, c.fills)
		}
	}
}

// One value has no confidence interval: the table says null, not a width of 0. Where there are two, it has one.
func TestIntervalOfOneValue(t *testing.T) {
	const plot = `{"plot": {"form": "curves", "x": "x", "y": ["y"], "center": "mean", "spread": "%s"}}`
	for spread, nulls := range map[string]int{"ci95": 1, "range": 0, "quartiles": 0} {
		in := measured([]float64{1, 2}, []float64{1, 1})
		second := measured([]float64{2}, []float64{3})["table"][0]
		second.Axes = []stages.Axis{{Name: "seed", Value: int64(1)}}
		in["table"] = append(in["table"], second)
		out := outcome(t, fmt.Sprintf(plot, spread), in)
		table := out.Tables["table"]
		mark, low, high, n := table.Column("mark"), table.Column("low"), table.Column("high"), table.Column("n")
		got := 0
		for row := range table.Rows() {
			if mark.Strings.At(row) != "center" {
				continue
			}
			if low.Null(row) != high.Null(row) || n.Null(row) {
				t.Errorf("%s, row %d: low %v, high %v, n %v", spread, row, low.Value(row), high.Value(row), n.Value(row))
			}
			if low.Null(row) {
				got++
			}
		}
		if got != nulls {
			t.Errorf("%s: %d centers without an interval, want %d", spread, got, nulls)
		}
	}
}
