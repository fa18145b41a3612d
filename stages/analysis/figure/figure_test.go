package figure

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image/png"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/stagetest"
)

// history is one instance's table: three steps, with a null.
func history(strength float64, seed int64, y ...float64) stages.Artifact {
	steps, group := make([]int64, len(y)), make([]string, len(y))
	valid := make([]bool, len(y))
	for i := range y {
		steps[i], group[i], valid[i] = int64(i)*100, []string{"early", "late_one"}[min(i, 1)], y[i] >= 0
		y[i] = max(y[i], 0)
	}
	a := stagetest.Table(&frame.Table{Columns: []frame.Column{
		frame.Int64s(frame.Field{Name: "step", Unit: "steps", Doc: "when"}, steps),
		frame.Strings(frame.Field{Name: "phase", Doc: "which"}, group),
		frame.Float64s(frame.Field{Name: "loss", Unit: "nats", Doc: "how much", Nullable: true}, y).WithValid(valid),
		frame.Float64s(frame.Field{Name: "other_loss", Unit: "nats", Doc: "how much else", Nullable: true}, append([]float64{}, y...)).WithValid(append([]bool{}, valid...)),
	}})
	a.Axes = []stages.Axis{{Name: "strength", Value: strength}, {Name: "seed", Value: seed}}
	return a
}

func inputs() stagetest.Inputs {
	return stagetest.Inputs{"table": {
		history(0.6, 0, 4, 2, 1), history(0.6, 1, 6, 3, 1), history(0.6, 2, 5, 4, -1),
		history(0.9, 0, 8, 8, 4), history(0.9, 1, 8, 6, 2), history(0.9, 2, 8, 7, 3),
	}}
}

var cases = []stagetest.Case{
	{Name: "curves", Inputs: inputs(), Settings: `{"title": "Losses & λ", "plot": {"form": "curves", "x": "step", "y": ["loss"], "color": "strength", "y_lines": [5]}}`},
	{Name: "measures", Inputs: inputs(), Settings: `{"plot": {"form": "curves", "x": "step", "y": ["loss", "other_loss"], "facet": "strength", "center": "mean", "spread": "ci95", "x_limits": [0, 150]}}`},
	{Name: "scatter", Inputs: inputs(), Settings: `{"plot": {"form": "scatter", "x": "loss", "y": ["other_loss"], "color": "seed", "x_scale": "log", "y_scale": "log", "diagonal": true}}`},
	{Name: "bars", Inputs: inputs(), Settings: `{"plot": {"form": "bars", "x": "phase", "y": ["loss", "other_loss"], "points": true, "spread": "range"}}`},
	{Name: "heatmap", Inputs: inputs(), Settings: `{"plot": {"form": "heatmap", "x": "step", "y": ["strength"], "value": "loss"}}`},
	{Name: "fit", Inputs: inputs(), Settings: `{"where": {"step": "100"}, "height": 90, "plot": {"form": "fit", "x": "strength", "y": ["loss"], "laws": ["linear", "log", "inverse", "balance", "power", "exponential"], "points": true}}`},
}

func TestKind(t *testing.T) {
	stagetest.Conform(t, Kind, cases...)
}

// golden are the digests of the cases' outputs: of a PDF without its compression, of a PNG's pixels.
var golden = []map[string]string{
	{"svg": "d86f2740ec717a6ca9b2d56e6e05a52459945907582280097098586cf394f2ae",
		"pdf":   "9f821223058a1306812c11638704f263328b0cfd69475f1453bcdbb548ac38fc",
		"png":   "c7a5f08f701f8f1981b21d2f0ed6118197db76b8074a9a881e8df070a025ba0d",
		"table": "94bc4b544105696f326eb378b478b7958042e6727d61640c8474dba51781a583"},
	{"svg": "2cfd43472066a1c9112d3bfe09a417a5fc98260ee76a425079d9ab114bcedf26",
		"pdf":   "05593e3447304c5b207cfb4bc055b40548b91c24dd08aba5d3e1973a3cfb1f3b",
		"png":   "d40002789cca90c087ad6af05b528ef97e21e8811d4136245e8c0b17239db409",
		"table": "d59ec1c2449c57956c5e5c9b741ef248211307001da898e3083d7fab8b0354ec"},
	{"svg": "8be8a9490090288bd9fff4322f26872066a17fe0451c463658a1803b3ddfe2b7",
		"pdf":   "6b8ee9cc478b462eb0e4ec98987861a1c762daee0b83053e7fc27e93e3ee04ca",
		"png":   "efa57385d92b496d4b407789fee448f8471747bb0e6ff5836aa82acbcf31702e",
		"table": "06434e977ec18cb7f1dd644a01cf72dca4cf44721d5954ea5bfcbf22fec0a2d1"},
	{"svg": "ff575e4b6568062ab569d1a2fbd7841c876255b5ce21f06c977a6e6d46c6f241",
		"pdf":   "c7967642999047cbd9bf8cdd509663a8e63a8e322a32f2725cc8da30e59b0114",
		"png":   "aa008702153454a050eb0431ff794aaa127032f28ef59e74b5d0c33f63ce1950",
		"table": "94fae5d5e1507e408aa5c86d89d0af75b99790cd92b860e4210a82d30e6db4dd"},
	{"svg": "ba10d7adbb4db034025eafd7bd674a2f2dcebf82a300ea53e9093117ca007323",
		"pdf":   "add80f280c0547ce83199d7b418e1dadbf21ae7f7ec0cf85fc8e9f0232c7ad27",
		"png":   "13015bc07d4d97a14d08a29f8012fb097b1766a5c4fe41adb30044ea7cd92ca6",
		"table": "80bc59b16ed7ab87a35c20734e70d0807c9473c4e3ffc0da857725ca75bf1c25"},
	{"svg": "b2dd9809ce0754eb1c6bd91dff95a27b0c68a3216d1759cdc4bc586e8c4c591e",
		"pdf":   "8edf5b6975286f26e4148cefe2d4330f8c5d28b808d626a5ec6c74c76655616b",
		"png":   "44d855b87f92bbe8d35fe40b5cd6905b3e707614d5f641d5cb0b5eb1522b03e5",
		"table": "6155bb599a5e611b99a593bc012cdbdcca8f3b7652b19e06ee0c8481d3ffde0b"},
}

// What changes a number, a pixel or a shape changes a figure in every store: raise Version with it. That
// the files' own bytes are equal on all processors is for TestTrainingsKeepTheirBytes of the program, which
// .ci/bits runs on each.
func TestGolden(t *testing.T) {
	for i, want := range golden {
		c := cases[i]
		c.Decode = decoded
		t.Run(c.Name, func(t *testing.T) { stagetest.Golden(t, Kind, c, want) })
	}
}

// decoded takes the standard library's compression off a picture.
func decoded(t testing.TB, output string, data []byte) []byte {
	t.Helper()
	switch output {
	case "png":
		img, err := png.Decode(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		at := img.Bounds()
		out := fmt.Appendf(nil, "%v ", at)
		for y := at.Min.Y; y < at.Max.Y; y++ {
			for x := at.Min.X; x < at.Max.X; x++ {
				r, g, b, a := img.At(x, y).RGBA()
				out = append(out, byte(r>>8), byte(g>>8), byte(b>>8), byte(a>>8))
			}
		}
		return out
	case "pdf": // its objects without the stream, whose length moves those behind it, and the stream inflated
		head, rest, _ := bytes.Cut(data, []byte("4 0 obj\n"))
		_, stream, _ := bytes.Cut(rest, []byte("stream\n"))
		r, err := zlib.NewReader(bytes.NewReader(stream))
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		_, tail, _ := bytes.Cut(stream, []byte("5 0 obj\n"))
		tail, _, _ = bytes.Cut(tail, []byte("xref\n"))
		return slices.Concat(head, content, tail)
	}
	return data
}

func outcome(t *testing.T, settings string, in stagetest.Inputs) *stagetest.Outcome {
	t.Helper()
	out, err := stagetest.Try(t.Context(), Kind, settings, in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func rows(t *frame.Table, mark string) string {
	var lines []string
	for i := range t.Rows() {
		if t.Column("mark").Strings.At(i) != mark {
			continue
		}
		var cells []string
		for c := range t.Columns {
			if n := t.Columns[c].Name; n != "mark" && n != "measure" {
				cells = append(cells, gather.Text(&t.Columns[c], i))
			}
		}
		lines = append(lines, strings.Join(cells, " "))
	}
	return strings.Join(lines, "\n")
}

// Centers, spreads and n are those of the rows: computed by hand here.
func TestTable(t *testing.T) {
	for _, c := range []struct{ name, settings, want string }{
		{"median and quartiles", cases[0].Settings.(string), `0.6 0 5 4.5 5.5 3
0.6 100 3 2.5 3.5 3
0.6 200 1 1 1 2
0.9 0 8 8 8 3
0.9 100 7 6.5 7.5 3
0.9 200 3 2.5 3.5 3`},
		{"range of bars", `{"where": {"strength": "0.6"}, "plot": {"form": "bars", "x": "phase", "y": ["loss"], "spread": "range"}}`, "early 5 4 6 3\nlate_one 2 1 4 3"},
		{"heat map", cases[4].Settings.(string), `0.6 0 5 4.5 5.5 3
0.6 100 3 2.5 3.5 3
0.6 200 1 1 1 2
0.9 0 8 8 8 3
0.9 100 7 6.5 7.5 3
0.9 200 3 2.5 3.5 3`},
	} {
		if got := rows(outcome(t, c.settings, inputs()).Tables["table"], "center"); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// The interval is Student's: for 4, 5 and 6 the mean 5, the standard error 1/√3, the quantile 4.30265273.
func TestConfidenceInterval(t *testing.T) {
	c := summary([]float64{6, 4, 5}, "mean", "ci95", false)
	if half := 4.30265273 / math.Sqrt(3); c.y != 5 || math.Abs(c.low-(5-half)) > 1e-12 || math.Abs(c.high-(5+half)) > 1e-12 {
		t.Errorf("the summary is %+v", c)
	}
}

// Each law is found again in data that it made.
func TestLawsAreRecovered(t *testing.T) {
	for name, f := range map[string]func(float64) float64{
		"linear": func(x float64) float64 { return 3 + 2*x }, "log": func(x float64) float64 { return 3 + 2*math.Log(x) },
		"inverse": func(x float64) float64 { return 3 + 2/(1-x) }, "balance": func(x float64) float64 { return 3 + 2/(4*x*(1-x)) },
		"power": func(x float64) float64 { return 3 * math.Pow(x, 2) }, "exponential": func(x float64) float64 { return 3 * math.Exp(2*x) },
	} {
		s := &series{}
		for x := 0.1; x < 0.96; x += 0.05 {
			s.rows = append(s.rows, row{x: x, y: f(x)})
		}
		got := fitLaw(lawNamed(name), s, false)
		if !got.found || math.Abs(got.a-3) > 1e-9 || math.Abs(got.b-2) > 1e-9 || math.Abs(got.r2-1) > 1e-12 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if f := fitLaw(lawNamed("linear"), &series{rows: []row{{x: 1, y: 2}, {x: 1, y: 3}}}, false); f.found || len(f.curve) > 0 {
		t.Errorf("a line through one x: %+v", f)
	}
}

// What a reader must know stands in the figure: units, n, seeds, conditions, what was left out.
func TestWords(t *testing.T) {
	svg := string(outcome(t, cases[0].Settings.(string), inputs()).Files["svg"])
	for _, want := range []string{"Losses &amp; λ", ">loss (nats)<", ">step<", ">0.9<", "Lines: median; bands: quartiles. n = 2 to 3 (seed 0–2). 1 row without a value is left out."} {
		if !strings.Contains(svg, want) {
			t.Errorf("the figure does not say %q", want)
		}
	}
	svg = string(outcome(t, cases[1].Settings.(string), inputs()).Files["svg"])
	for _, want := range []string{">strength = 0.9<", "other loss", "95 % confidence interval of the mean", "2 rows without a value"} {
		if !strings.Contains(svg, want) {
			t.Errorf("the figure with panels does not say %q", want)
		}
	}
	named := `{"plot": {"form": "fit", "x": "step", "y": ["loss"], "laws": ["linear"], "facet": "strength", "names": {"0.6": "weak"}}}`
	svg = string(outcome(t, named, inputs()).Files["svg"])
	for _, want := range []string{">weak<", ">strength = 0.9<", " (weak); a = "} {
		if !strings.Contains(svg, want) {
			t.Errorf("the figure with a named panel does not say %q", want)
		}
	}
	svg = string(outcome(t, cases[5].Settings.(string), inputs()).Files["svg"])
	for _, want := range []string{"Only rows with step = 100.", "a + bx by least squares: a = −5, b = 13.3, R² = "} {
		if !strings.Contains(svg, want) {
			t.Errorf("the fit does not say %q", want)
		}
	}
}

// The order in which instances were computed does not show.
func TestOrderOfInputs(t *testing.T) {
	in := inputs()
	want := outcome(t, cases[0].Settings.(string), in)
	list := in["table"]
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	got := outcome(t, cases[0].Settings.(string), stagetest.Inputs{"table": list})
	if !bytes.Equal(got.Files["svg"], want.Files["svg"]) {
		t.Error("the figure depends on the order of its inputs")
	}
}

func TestMistakes(t *testing.T) {
	for settings, want := range map[string]string{
		`{"plot": {"form": "curves", "x": "stp", "y": ["loss"]}}`:                                                         `no column "stp"`,
		`{"plot": {"form": "curves", "x": "phase", "y": ["loss"]}}`:                                                       "not numbers",
		`{"plot": {"form": "curves", "x": "step", "y": ["loss"], "facet": "strength", "panels": ["0.7"]}}`:                "0.6, 0.9",
		`{"plot": {"form": "curves", "x": "step", "y": []}}`:                                                              "plot.y is empty",
		`{"plot": {"form": "curves", "x": "step", "y": ["loss"], "shares": {"step": true}}}`:                              `"step" is not among y`,
		`{"plot": {"form": "fit", "x": "step", "y": ["loss"], "laws": ["cubic"]}}`:                                        `no law "cubic"`,
		`{"plot": {"form": "curves", "x": "step", "y": ["loss"], "x_limits": [1, 0]}}`:                                    "lower first",
		`{"plot": {"form": "curves", "x": "step", "y": ["loss"], "y_limits": [0, 1], "y_scale": "log"}}`:                  "above 0",
		`{"where": {"loss": "1"}, "plot": {"form": "curves", "x": "step", "y": ["loss"], "facet": "step"}, "height": 20}`: "larger",
	} {
		_, err := stagetest.Try(t.Context(), Kind, settings, inputs())
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", settings, err, want)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		s    scale
		want string
	}{
		{scale{lo: 0, hi: 1}, "0 0.2 0.4 0.6 0.8 1"},
		{scale{lo: -0.04, hi: 20800}, "0 5,000 10,000 15,000 20,000"},
		{scale{lo: -3e-5, hi: 2e-5}, "−3e−5 −2e−5 −1e−5 0 1e−5 2e−5"},
		{scale{lo: 0.5, hi: 2000, log: true}, "1 10 100 1,000"},
		{scale{lo: 300, hi: 2500, log: true}, "500 1,000 2,000"},
		{scale{lo: 1e-9, hi: 1e9, log: true}, "1e−9 1e−6 0.001 1 1,000 1e6 1e9"},
		{scale{lo: 2.1, hi: 2.4, log: true}, "2.1 2.2 2.3 2.4"},
		{categories([]string{"a", "b"}), "a b"},
		{scale{lo: 1, hi: 1 + 4e-16}, "1"},
		{fitScale([]float64{1, 1 + 2e-16, 1 + 4e-16}, false, nil), "0.6 0.8 1 1.2 1.4"},
		{fitScale([]float64{1e6, 1e6 * (1 + 1e-13)}, true, nil), "500,000 1e6 2e6"},
	} {
		var got []string
		for _, tick := range c.s.ticks(5) {
			if tick.text != "" {
				got = append(got, tick.text)
			}
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v has the ticks %q, want %q", c.s, strings.Join(got, " "), c.want)
		}
	}
}

// A narrow axis has three texts if there is room for them, and no more than that needs.
func TestTicksOfNarrowAxes(t *testing.T) {
	for _, c := range []struct {
		s         scale
		few, most int
		want      string
	}{
		{scale{lo: 0.48, hi: 0.97}, 2, 5, "0.5 0.6 0.7 0.8 0.9"},
		{scale{lo: -100, hi: 9200}, 3, 6, "0 2,000 4,000 6,000 8,000"},
		{scale{lo: -100, hi: 9200}, 2, 2, "0 5,000"},
		{scale{lo: 0, hi: 1}, 4, 9, "0 0.5 1"},
	} {
		var got []string
		for _, tick := range c.s.ticksWithin(c.few, c.most) {
			got = append(got, tick.text)
		}
		if strings.Join(got, " ") != c.want {
			t.Errorf("%+v has the ticks %q, want %q", c.s, strings.Join(got, " "), c.want)
		}
	}
}

// Names below the x-axis that do not fit beside each other are broken into lines, and the axis' label stands
// below the last of them.
func TestBrokenNames(t *testing.T) {
	svg := string(outcome(t, `{"width": 60, "plot": {"form": "bars", "x": "phase", "y": ["loss"], "x_label": "when",
		"names": {"early": "as it was in the beginning of all", "late_one": "much later, when all had been done"}}}`, inputs()).Files["svg"])
	height := func(text string) float64 {
		m := regexp.MustCompile(`<text[^>]* y="([0-9.]+)"[^>]*>` + regexp.QuoteMeta(text) + `<`).FindStringSubmatch(svg)
		if m == nil {
			t.Fatalf("no text %q in\n%s", text, svg)
		}
		y, err := strconv.ParseFloat(m[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		return y
	}
	if last, label := height("beginning of all"), height("when"); label < last+9 {
		t.Errorf("the label is at %v, the last line of names at %v", label, last)
	}
}

// Whatever the numbers, a figure is drawn, and nothing of it lies far off the page.
func FuzzFigure(f *testing.F) {
	f.Add(1.0, 2.0, 3.0, uint8(0))
	f.Add(1e-300, -1e300, 0.0, uint8(3))
	f.Add(5.0, 5.0, 5.0, uint8(6))
	f.Fuzz(func(t *testing.T, a, b, c float64, how uint8) {
		for _, v := range []*float64{&a, &b, &c} {
			if math.IsNaN(*v) || math.IsInf(*v, 0) || math.Abs(*v) > 1e300 {
				*v = 1
			}
		}
		form := []string{"curves", "scatter", "bars", "heatmap", "fit"}[how%5]
		scales := ""
		if how%2 == 1 && form != "bars" && form != "heatmap" {
			scales = `, "y_scale": "log"`
		}
		y, value := "loss", ""
		if form == "heatmap" {
			y, value = "strength", `, "value": "loss"`
		}
		table := stagetest.Table(&frame.Table{Columns: []frame.Column{
			frame.Float64s(frame.Field{Name: "x"}, []float64{a, b, c}), frame.Float64s(frame.Field{Name: "strength"}, []float64{c, a, b}),
			frame.Float64s(frame.Field{Name: "loss", Unit: "nats"}, []float64{b, c, a}),
		}})
		out, err := stagetest.Try(t.Context(), Kind, `{"width": 60, "plot": {"form": "`+form+`", "x": "x", "y": ["`+y+`"]`+value+scales+`}}`, stagetest.Inputs{"table": {table}})
		if err != nil {
			if scales != "" && strings.Contains(err.Error(), "nothing to draw") {
				return
			}
			t.Fatal(err)
		}
		if len(out.Files["svg"]) > 1<<20 || bytes.Contains(out.Files["svg"], []byte("NaN")) {
			t.Errorf("a strange figure of %d bytes", len(out.Files["svg"]))
		}
	})
}
