package comparison

import (
	"fmt"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/stagetest"
)

// measured gives a table with a column for each measure, for each method and seed: values[method][measure][seed].
func measured(methods, names []string, values [][][]float64) stagetest.Inputs {
	var list []stages.Artifact
	for i, method := range methods {
		for seed := range values[i][0] {
			t := &frame.Table{Columns: []frame.Column{frame.Strings(frame.Field{Name: "method"}, []string{method})}}
			for k, name := range names {
				t.Columns = append(t.Columns, frame.Float64s(frame.Field{Name: name}, []float64{values[i][k][seed]}))
			}
			a := stagetest.Table(t)
			a.Axes = []stages.Axis{{Name: "seed", Value: int64(seed)}}
			list = append(list, a)
		}
	}
	return stagetest.Inputs{"tables": list}
}

func compared(t *testing.T, in stagetest.Inputs, measures, more string) *stagetest.Outcome {
	t.Helper()
	out, err := stagetest.Try(t.Context(), Kind, fmt.Sprintf(`{"rows": ["method"], "measures": [%s]%s}`, measures, more), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// lines gives the rows of the cells, each as one text.
func lines(out *stagetest.Outcome) string {
	t := out.Tables["cells"]
	var b strings.Builder
	for row := range t.Rows() {
		for i := range t.Columns {
			if i > 0 {
				b.WriteString(" | ")
			}
			b.WriteString(t.Columns[i].Strings.At(row))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// Numbers have significant digits by the measure, more where they are small, and decimals where the spec says so.
func TestDigits(t *testing.T) {
	in := measured([]string{"a", "b"}, []string{"steps", "loss", "correlation", "tiny"}, [][][]float64{
		{{100, 120}, {1e-7, 2e-7}, {0.91, 0.93}, {0, 0}}, {{1e6, 1.2e6}, {12345678.9, 22345678.9}, {0.9995, 0.99952}, {1e-300, 1e-300}},
	})
	const all = `"steps", "loss", "correlation", "tiny"`
	for _, c := range []struct{ more, want string }{
		{"", "a | 110 [-17, 237] | 1.50e-7 [-4.85e-7, 7.85e-7] | 0.920 [0.793, 1.047] | 0 (all equal)\nb | 1100000 [-170620, 2370620] | 17345679 [-46185345, 80876702] | 0.9995 [0.9994, 0.9996] | 1.00e-300 (all equal)\n"},
		{`, "intervals": "none", "digits": 5`, "a | 110 | 1.5000e-7 | 0.92000 | 0\nb | 1100000 | 17345679 | 0.99951 | 1.0000e-300\n"},
		{`, "intervals": "none", "decimals": 2`, "a | 110.00 | 0.00 | 0.92 | 0.00\nb | 1100000.00 | 17345678.90 | 1.00 | 0.00\n"},
		{`, "intervals": "none", "decimals_of": {"loss": 8, "steps": 1}`, "a | 110.0 | 0.00000015 | 0.920 | 0\nb | 1100000.0 | 17345678.90000000 | 0.9995 | 1.00e-300\n"},
		{`, "intervals": "half"`, "a | 110 ± 127 | 1.50e-7 ± 6.35e-7 | 0.920 ± 0.127 | 0 (all equal)\nb | 1100000 ± 1270620 | 17345679 ± 63531023 | 0.9995 ± 0.0001 | 1.00e-300 (all equal)\n"},
	} {
		if got := lines(compared(t, in, all, c.more+`, "best": {"loss": "none"}`)); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.more, got, c.want)
		}
	}
	if latex := string(compared(t, in, all, `, "best": {"loss": "none"}`).Files["latex"]); !strings.Contains(latex, `$1.50\times 10^{-7}$ [$-4.85\times 10^{-7}$, $7.85\times 10^{-7}$]`) {
		t.Errorf("LaTeX:\n%s", latex)
	}
}

// Measures are shares by their name, unit or setting, if all of their values are; the caption says which.
func TestShares(t *testing.T) {
	values := [][][]float64{{{0.9, 1}, {0.9, 1}, {0.9, 1}, {0.2, 1.1}}}
	in := measured([]string{"a"}, []string{"accuracy", "score", "accuracy_gain", "wga"}, values)
	for _, c := range []struct{ measures, more, want string }{
		{`"accuracy"`, "", "(Wilson's)"}, {`"score"`, "", "(Student's t)"}, {`"accuracy_gain"`, "", "(Student's t)"},
		{`"wga"`, "", "(Student's t)"}, // one value is above 1
		{`"score"`, `, "shares": {"score": true}`, "(Wilson's)"}, {`"accuracy"`, `, "shares": {"accuracy": false}`, "(Student's t)"},
		{`"accuracy", "score"`, "", "(Wilson's for accuracy, Student's t for the rest)"},
	} {
		out := compared(t, in, c.measures, c.more)
		if markdown := string(out.Files["markdown"]); !strings.Contains(markdown, c.want) {
			t.Errorf("%s %s:\n%s", c.measures, c.more, markdown)
		}
		table := out.Tables["table"]
		for row := range table.Rows() {
			how, high := table.Column("interval").Strings.At(row), table.Column("high").Float64s[row]
			if (how == "wilson") != (high <= 1) || high <= 0.95 {
				t.Errorf("%s %s: the interval %s ends at %v", c.measures, c.more, how, high)
			}
		}
	}
	_, err := stagetest.Try(t.Context(), Kind, `{"rows": ["method"], "measures": ["wga"], "shares": {"wga": true}}`, in)
	if err == nil || !strings.Contains(err.Error(), "shares: wga is 1.1, which is no share") {
		t.Errorf("1.1 as a share: %v", err)
	}
}

// Differences of shares have intervals between -1 and 1, others pass them; the caption has one word for means and
// differences, and what is marked as the best agrees with what is shown.
func TestDifferencesOfShares(t *testing.T) {
	values := [][][]float64{{{0.05, 0.1, 0.02}}, {{1, 0.8, 0.97}}, {{0.5, 0.1, 0.9}}}
	in := measured([]string{"a", "b", "c"}, []string{"score"}, values)
	const differences = `, "baseline": {"method": "a"}, "differences": ["score"], "best": {"score": "highest"}`
	for shares, want := range map[string]string{"true": "(Wilson's) over at most 3 values of seed. Differences are paired by seed.", "false": "(Student's t) over at most 3 values of seed. Differences are paired by seed."} {
		out := compared(t, in, `"score"`, differences+`, "shares": {"score": `+shares+`}`)
		if markdown := string(out.Files["markdown"]); !strings.Contains(markdown, want) {
			t.Errorf("shares %s:\n%s", shares, markdown)
		}
		low, high := out.Tables["table"].Column("difference_low"), out.Tables["table"].Column("difference_high")
		within := true
		for row := range out.Tables["table"].Rows() {
			within = within && (low.Null(row) || low.Float64s[row] >= -1 && high.Float64s[row] <= 1)
		}
		if within != (shares == "true") || low.Null(1) {
			t.Errorf("shares %s: differences from %v to %v", shares, low.Float64s, high.Float64s)
		}
	}
	// The t test tells b from a, 0.6 apart, at 5.2 standard errors where 4.3 are needed; the interval of shares needs
	// 4.3 / sqrt(1 - 0.6²) = 5.4.
	in = measured([]string{"a", "b"}, []string{"score"}, [][][]float64{{{0.1, 0.1, 0.1}}, {{0.5, 0.7, 0.9}}})
	out := compared(t, in, `"score"`, differences+`, "shares": {"score": true}`)
	table := out.Tables["table"]
	if low := table.Column("difference_low").Float64s[1]; low > 0 || table.Column("best").Bools[1] {
		t.Errorf("the interval begins at %v, best is %v", low, table.Column("best").Bools[1])
	}
	if out := compared(t, in, `"score"`, differences+`, "shares": {"score": false}`).Tables["table"]; out.Column("difference_low").Float64s[1] <= 0 || !out.Column("best").Bools[1] {
		t.Error("the t test does not tell b from a")
	}
}

func TestOneRepetition(t *testing.T) {
	out := compared(t, measured([]string{"a"}, []string{"score"}, [][][]float64{{{0.5}}}), `"score"`, "")
	if markdown := string(out.Files["markdown"]); !strings.Contains(markdown, "One value of seed each, so there are no intervals.") {
		t.Error(markdown)
	}
	out = compared(t, measured([]string{"a"}, []string{"score"}, [][][]float64{{{0.5}}}), `"score"`, `, "intervals": "none"`)
	if markdown := string(out.Files["markdown"]); strings.Contains(markdown, "seed") {
		t.Error(markdown)
	}
}

// The best is marked where its paired difference from every other row leaves out 0; else none is.
func TestBest(t *testing.T) {
	near := []float64{0.90, 0.80, 0.70}
	values := func(b, c []float64) [][][]float64 {
		loss := func(v []float64) []float64 { return []float64{1 - v[0], 1 - v[1], 1 - v[2]} }
		return [][][]float64{{near, loss(near)}, {b, loss(b)}, {c, loss(c)}}
	}
	for _, c := range []struct {
		name, more string
		b, c       []float64
		want       string // the methods that are marked, for accuracy and loss
	}{
		{"apart", "", []float64{0.95, 0.86, 0.74}, []float64{0.2, 0.3, 0.1}, "b b"},
		{"not from the second", "", []float64{0.99, 0.76, 0.72}, []float64{0.2, 0.3, 0.1}, " "},
		{"not from the third", "", []float64{0.95, 0.86, 0.74}, []float64{0.1, 0.99, 0.2}, " "},
		{"equal", "", near, near, " "},
		{"turned", `, "best": {"accuracy": "lowest", "loss": "none"}`, []float64{0.95, 0.86, 0.74}, []float64{0.2, 0.3, 0.1}, "c "},
	} {
		out := compared(t, measured([]string{"a", "b", "c"}, []string{"accuracy", "loss"}, values(c.b, c.c)), `"accuracy", "loss"`, c.more)
		marked, tidy := []string{"", ""}, []string{"", ""}
		for row, method := range []string{"a", "b", "c"} {
			for i, name := range []string{"accuracy", "loss"} {
				if strings.HasSuffix(out.Tables["cells"].Column(name).Strings.At(row), " *") {
					marked[i] += method
				}
				if out.Tables["table"].Column("best").Bools[2*row+i] {
					tidy[i] += method
				}
			}
		}
		if got := strings.Join(marked, " "); got != c.want || strings.Join(tidy, " ") != c.want {
			t.Errorf("%s: marked are %q, in the table %q, want %q", c.name, got, tidy, c.want)
		}
		markdown, latex := string(out.Files["markdown"]), string(out.Files["latex"])
		n := len(strings.TrimSpace(strings.ReplaceAll(c.want, " ", "")))
		if strings.Count(markdown, "| **") != n || strings.Count(latex, `& \textbf{`) != n || strings.Contains(markdown, "Bold marks the best") != (n > 0) {
			t.Errorf("%s:\n%s%s", c.name, markdown, latex)
		}
		if caption := out.Tables["cells"].Meta[stages.DisplayCaption]; strings.Contains(caption, "A star marks the best") != (n > 0) {
			t.Errorf("%s: %s", c.name, caption)
		}
	}
}

// Names and captions are text, whatever they hold: nothing of them is LaTeX or Markdown.
func TestStrangeNames(t *testing.T) {
	methods := []string{"a_b & 50%", `c#d $x^2$ ~\{}`, "λ→∞ |p|", "[x](y) *", "<b>`rm`", "中"}
	values := [][][]float64{{{1, 2}}, {{2, 3}}, {{3, 4}}, {{4, 5}}, {{5, 6}}, {{6, 7}}}
	out := compared(t, measured(methods, []string{"y"}, values), `"y"`, `, "caption": "50 % & more_things |<script>", "intervals": "none"`)
	for _, want := range []string{
		`    a\_b \& 50\% & 1.50 \\`, `    c\#d \$x\textasciicircum{}2\$ \textasciitilde{}\textbackslash{}\{\} & 2.50 \\`, `    $\lambda$$\rightarrow$$\infty$ $|$p$|$ & 3.50 \\`,
		`    {}[x](y) * & 4.50 \\`, "    $<$b$>$`rm` & 5.50 \\\\", `    \texttt{U+4E2D} & 6.50 \\`, `\caption{50 \% \& more\_things $|$$<$script$>$. Means`,
	} {
		if !strings.Contains(string(out.Files["latex"]), want+"\n") && !strings.Contains(string(out.Files["latex"]), want) {
			t.Errorf("LaTeX lacks %s:\n%s", want, out.Files["latex"])
		}
	}
	for _, want := range []string{
		`| a_b & 50% | 1.50 |`, `| c#d \$x^2\$ \~\\{} | 2.50 |`, `| λ→∞ \|p\| | 3.50 |`, `| \[x\](y) \* | 4.50 |`, "| \\<b>\\`rm\\` | 5.50 |", `50 % & more_things \|\<script>. Means`,
	} {
		if !strings.Contains(string(out.Files["markdown"]), want) {
			t.Errorf("Markdown lacks %s:\n%s", want, out.Files["markdown"])
		}
	}
}
