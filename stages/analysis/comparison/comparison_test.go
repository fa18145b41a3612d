package comparison

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// result is the summary of one run: an accuracy (NaN for none) and the worst group.
func result(method string, seed int64, accuracy float64, worst string) stages.Artifact {
	valid := []bool{!math.IsNaN(accuracy)}
	if !valid[0] {
		accuracy = 0
	}
	a := stagetest.Table(&frame.Table{Columns: []frame.Column{
		frame.Strings(frame.Field{Name: "method", Doc: "the method"}, []string{method}),
		frame.Float64s(frame.Field{Name: "accuracy", Unit: "1", Doc: "accuracy"}, []float64{accuracy}).WithValid(valid),
		frame.Strings(frame.Field{Name: "worst_group", Doc: "the worst group"}, []string{worst}),
	}})
	a.Axes = []stages.Axis{{Name: "task", Value: "easy"}, {Name: "seed", Value: seed}}
	return a
}

func inputs() stagetest.Inputs {
	nan := math.NaN()
	return stagetest.Inputs{"tables": {
		result("erm", 0, 0.25, "y0s1"), result("erm", 1, 0.5, "y1s0"), result("erm", 2, 0.75, "y0s1"),
		result("jtt", 0, 0.75, "y1s0"), result("jtt", 1, nan, "y1s0"), result("jtt", 2, 1, "y1s0"),
		result("a_b", 0, nan, "y1s0"),
	}}
}

const settings = `{"rows": ["task", "method"], "measures": ["accuracy", "worst_group"], "baseline": {"method": "erm"},
	"differences": ["accuracy"], "sort": "-accuracy", "decimals": 2, "caption": "All methods", "names": {"erm": "ERM", "accuracy": "Accuracy"}}`

func TestTidy(t *testing.T) {
	student := strings.Replace(settings, `"decimals"`, `"shares": {"accuracy": false}, "decimals"`, 1)
	got := stagetest.Run(t, Kind, student, inputs())["table"]
	want := []struct {
		method        string
		n, missing    string
		mean, half    float64
		pairs         string
		gap, halfGap  float64
		known, paired bool
	}{
		// Student's quantiles: 12.7062047 for 1 degree of freedom, 4.30265273 for 2.
		{"jtt", "2", "1", 0.875, 12.7062047 * 0.125, "2", 0.375, 12.7062047 * 0.125, true, true},
		{"erm", "3", "0", 0.5, 4.30265273 * 0.25 / math.Sqrt(3), "0", 0, 0, true, false},
		{"a_b", "0", "1", 0, 0, "0", 0, 0, false, false},
	}
	if got.Rows() != len(want) {
		t.Fatalf("%d rows", got.Rows())
	}
	for row, w := range want {
		text := func(name string) string { return gather.Text(got.Column(name), row) }
		near := func(name string, want float64, known bool) {
			c := got.Column(name)
			if c.Null(row) == known {
				t.Errorf("%s: %s is null: %v", w.method, name, c.Null(row))
			} else if known && math.Abs(c.Value(row).(float64)-want) > 1e-12 {
				t.Errorf("%s: %s is %v, want %v", w.method, name, c.Value(row), want)
			}
		}
		if text("task") != "easy" || text("method") != w.method || text("measure") != "accuracy" || text("n") != w.n || text("missing") != w.missing || text("pairs") != w.pairs {
			t.Errorf("row %d: %s %s %s %s %s, want %+v", row, text("task"), text("method"), text("n"), text("missing"), text("pairs"), w)
		}
		near("mean", w.mean, w.known)
		near("low", w.mean-w.half, w.known)
		near("high", w.mean+w.half, w.known)
		near("difference", w.gap, w.paired)
		near("difference_low", w.gap-w.halfGap, w.paired)
		near("difference_high", w.gap+w.halfGap, w.paired)
	}
}

func TestForPeople(t *testing.T) {
	out, err := stagetest.Try(t.Context(), Kind, settings, inputs())
	if err != nil {
		t.Fatal(err)
	}
	markdown := `| task | method | Accuracy | Accuracy − ERM | worst_group |
| --- | --- | ---: | ---: | --- |
| easy | jtt | 0.88 [0.03, 1.00] of 2 | +0.38 [-0.75, +0.94] of 2 | y1s0 |
| easy | ERM | 0.50 [0.11, 0.89] | – | y0s1 (2), y1s0 (1) |
| easy | a_b | – | – | y1s0 |

All methods. Means and 95 % intervals (Wilson's) over at most 3 values of seed. Differences are paired by seed.
`
	if got := string(out.Files["markdown"]); got != markdown {
		t.Errorf("markdown:\n%s", got)
	}
	latex := string(out.Files["latex"])
	for _, want := range []string{
		`\begin{tabular}{llrrl}`, `    easy & jtt & 0.88 [0.03, 1.00] of 2 & +0.38 [$-$0.75, +0.94] of 2 & y1s0 \\`, `easy & a\_b & -- & -- & y1s0 \\`,
		`95 \% intervals`, `Accuracy $-$ ERM`, "\\bottomrule\n",
	} {
		if !strings.Contains(latex, want) {
			t.Errorf("LaTeX without %s:\n%s", want, latex)
		}
	}
	cells := out.Tables["cells"]
	if got := cells.Meta[stages.DisplayHeads]; got != `["task","method","Accuracy","Accuracy − ERM","worst_group"]` {
		t.Errorf("heads %s", got)
	}
	if got := cells.Meta[stages.DisplayCaption]; !strings.HasPrefix(got, "All methods. Means") {
		t.Errorf("caption %q", got)
	}
	if got := strings.Join(gather.Names(cells), " "); got != "task method accuracy accuracy_difference worst_group" {
		t.Errorf("columns %s", got)
	}
}

// Student's quantiles: 12.706 for two values, 4.303 for three. A share's interval is longer on the side of the middle.
func TestIntervalsForPeople(t *testing.T) {
	const student = `"shares": {"accuracy": false}, `
	for _, c := range []struct{ intervals, more, row, caption, latex string }{
		{"ends", student, "| easy | jtt | 0.88 [-0.71, 2.46] of 2 | +0.38 [-1.21, +1.96] of 2 | y1s0 |", "Means and 95 % intervals (Student's t) over", `0.88 [$-$0.71, 2.46] of 2`},
		{"half", student, "| easy | jtt | 0.88 ± 1.59 of 2 | +0.38 ± 1.59 of 2 | y1s0 |", "Means ± half of their 95 % intervals (Student's t) over", `0.88 $\pm$ 1.59 of 2`},
		{"half", "", "| easy | jtt | 0.88 (-0.84, +0.12) of 2 | +0.38 (-1.13, +0.57) of 2 | y1s0 |",
			"Means ± half of their 95 % intervals (Wilson's), or the distances to both ends where these differ, over", `0.88 ($-$0.84, +0.12) of 2`},
		{"half", "", "| easy | ERM | 0.50 ± 0.39 | –", "", `0.50 $\pm$ 0.39`},
		{"none", "", "| easy | jtt | 0.88 of 2 | +0.38 of 2 | y1s0 |", "All methods. Means over at most 3 values of seed.", "0.88 of 2"},
	} {
		out, err := stagetest.Try(t.Context(), Kind, strings.Replace(settings, `"decimals"`, c.more+`"intervals": "`+c.intervals+`", "decimals"`, 1), inputs())
		if err != nil {
			t.Fatal(err)
		}
		if markdown := string(out.Files["markdown"]); !strings.Contains(markdown, c.row) || !strings.Contains(markdown, c.caption) {
			t.Errorf("%s %s:\n%s", c.intervals, c.more, markdown)
		}
		if latex := string(out.Files["latex"]); !strings.Contains(latex, c.latex) {
			t.Errorf("%s %s:\n%s", c.intervals, c.more, latex)
		}
	}
}

func TestErrors(t *testing.T) {
	twice := inputs()
	twice["tables"] = append(twice["tables"], result("erm", 2, 0.5, "y0s1"))
	for name, c := range map[string]struct {
		settings string
		inputs   stagetest.Inputs
		want     string
	}{
		"a repetition twice": {settings, twice, "task easy, method erm has several rows with seed 2"},
		"no baseline":        {strings.Replace(settings, `"baseline": {"method": "erm"}`, `"baseline": {"method": "dro"}`, 1), inputs(), "no row has method dro"},
		"words subtracted":   {strings.Replace(settings, `"differences": ["accuracy"]`, `"differences": ["worst_group"]`, 1), inputs(), "worst_group"},
		"nothing left":       {strings.Replace(settings, `"decimals": 2`, `"where": {"method": "dro"}`, 1), inputs(), "where: no row has method dro"},
	} {
		_, err := stagetest.Try(t.Context(), Kind, c.settings, c.inputs)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

func TestConform(t *testing.T) {
	stagetest.Conform(t, Kind, stagetest.Case{Name: "all settings", Settings: settings, Inputs: inputs()})
}

func TestGolden(t *testing.T) {
	stagetest.Golden(t, Kind, stagetest.Case{Settings: settings, Inputs: inputs()}, map[string]string{
		"cells":    "85fd0d2f407572ce392e4ed4719241167be096dd1ebc3e5af77d04c2bed4c1a5",
		"latex":    "ff7f1c7675a7d4dca6f6d87aff009c5eac5cc1a48445cb72963dadf76a497bad",
		"markdown": "8dcc96604608d0057453a77b1ff193faa0978f535c82012b8fffd9dca59a64c6",
		"table":    "d984a3e51c34e4356f23f26bda89c8a5695e7b1bfe5ae4811f881076bba5604a",
	})
}

// TestGoldenMany keeps the bytes of intervals with few and many degrees of freedom: 1, 2, 33, 39, 119 and 1009.
func TestGoldenMany(t *testing.T) {
	stream := kernel.NewStream(1, "test/many")
	var in []stages.Artifact
	for _, n := range []int{2, 3, 34, 40, 120, 1010} {
		for seed := range n {
			in = append(in, result(fmt.Sprintf("of_%d", n), int64(seed), stream.Float64(), "y0s1"))
		}
	}
	const many = `{"rows": ["method"], "measures": ["accuracy"], "baseline": {"method": "of_120"}, "differences": ["accuracy"], "decimals": 9, "intervals": "half"}`
	stagetest.Golden(t, Kind, stagetest.Case{Settings: many, Inputs: stagetest.Inputs{"tables": in}}, map[string]string{
		"cells":    "b5512ad4fb0684e7c1d88e58e154976990fc5b718e15f3937f1e49f429a77e91",
		"latex":    "f780a2892f2a0399d9b83ab1aa3b48de4de7be802c1db7304fad0c769d39bf95",
		"markdown": "7d87de535d958289a4a1b620f595bba4e65a8819e2ec7e985358d6117bd3abd4",
		"table":    "1ed17ad49791d0dac1e4b661fcf7953c937d91c063eaff5b06cf5ce8e2e06233",
	})
}
