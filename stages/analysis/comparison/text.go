package comparison

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/numeric/interval"
)

// differenceSuffix ends the name of a column that holds a measure's difference.
const differenceSuffix = "_difference"

// A text is the comparison as people read it.
type text struct {
	fields  []frame.Field // of the columns
	heads   []string      // what people call them
	numeric []bool        // whether a column is set to the right
	rows    [][]string
	caption string
	groups  []string // of each row: its name without the last part
}

func (c *comparison) text() *text {
	t := &text{caption: c.caption()}
	column := func(f frame.Field, head string, right bool) {
		t.fields, t.heads, t.numeric = append(t.fields, f), append(t.heads, head), append(t.numeric, right)
	}
	for _, f := range c.names {
		column(frame.Field{Name: f.Name, Type: frame.String, Doc: f.Doc, Mark: f.Mark}, c.call(f.Name), false)
	}
	for _, f := range c.fields {
		doc := "Mean and 95 % interval: " + f.Doc
		if !numeric(f.Type) {
			doc = "How often each stands: " + f.Doc
		}
		column(frame.Field{Name: f.Name, Type: frame.String, Unit: f.Unit, Doc: doc, Mark: f.Mark.With(c.chosen)}, c.call(f.Name), numeric(f.Type))
		if slices.Contains(c.s.Differences, f.Name) {
			column(frame.Field{Name: f.Name + differenceSuffix, Type: frame.String, Unit: f.Unit, Doc: "Mean difference from the baseline and its 95 % interval.", Mark: f.Mark.With(c.chosen)},
				c.call(f.Name)+" − "+c.baselineName(), true)
		}
	}
	for _, r := range c.rows {
		var cells []string
		for _, value := range r.name {
			cells = append(cells, c.call(value))
		}
		for i, f := range c.fields {
			cells = append(cells, c.cell(&r.cells[i], len(r.units)))
			if slices.Contains(c.s.Differences, f.Name) {
				cells = append(cells, c.mean(r.cells[i].difference, true))
			}
		}
		t.rows = append(t.rows, cells)
		t.groups = append(t.groups, strings.Join(r.name[:len(r.name)-1], "\x00"))
	}
	return t
}

// call gives what people call a column or a value.
func (c *comparison) call(name string) string {
	if called, ok := c.s.Names[name]; ok {
		return called
	}
	return name
}

func (c *comparison) baselineName() string {
	var parts []string
	for _, column := range c.s.Rows {
		if value, given := c.s.Baseline[column]; given {
			parts = append(parts, c.call(value))
		}
	}
	return strings.Join(parts, " ")
}

func (c *comparison) caption() string {
	parts := []string{}
	if c.s.Caption != "" {
		parts = append(parts, strings.TrimSuffix(c.s.Caption, ".")+".")
	}
	what := map[string]string{"ends": "Means and 95 % intervals (Student's t)", "half": "Means ± half of their 95 % intervals (Student's t)", "none": "Means"}
	parts = append(parts, fmt.Sprintf("%s over at most %d values of %s.", what[c.s.Intervals], c.repeats, c.call(c.s.Over)))
	if len(c.s.Differences) > 0 {
		parts = append(parts, fmt.Sprintf("Differences are paired by %s.", c.call(c.s.Over)))
	}
	if c.lacks != "" {
		parts = append(parts, c.lacks+".")
	}
	return strings.Join(parts, " ")
}

// cell words a measure: 0.930 [0.910, 0.950] of 3, or worst (4), other (1). The number of values stands where
// it is not that of the most repetitions.
func (c *comparison) cell(x *cell, units int) string {
	if x.values == nil {
		var list []string
		for _, w := range x.words {
			if len(x.words) == 1 && w.n == units {
				return c.call(w.word)
			}
			list = append(list, fmt.Sprintf("%s (%d)", c.call(w.word), w.n))
		}
		if list == nil {
			return "–"
		}
		return strings.Join(list, ", ")
	}
	words := c.mean(x.mean, false)
	if n := len(x.values); n > 0 && n < c.repeats {
		words += fmt.Sprintf(" of %d", n)
	}
	return words
}

func (c *comparison) mean(m *interval.Mean, signed bool) string {
	if m == nil {
		return "–"
	}
	words := c.number(m.Value, signed)
	switch {
	case !m.Known():
	case c.s.Intervals == "ends":
		words += fmt.Sprintf(" [%s, %s]", c.number(m.Low, signed), c.number(m.High, signed))
	case c.s.Intervals == "half":
		words += " ± " + c.number(float64(m.High-m.Low)/2, false)
	}
	return words
}

func (c *comparison) number(v float64, signed bool) string {
	words := strconv.FormatFloat(v, 'f', c.s.Decimals, 64)
	if strings.Trim(words, "-0.") == "" {
		words = strings.TrimPrefix(words, "-") // no minus before nothing
		signed = false
	}
	if signed && v > 0 {
		words = "+" + words
	}
	return words
}

// table gives the cells as columns of text, and what people call these.
func (t *text) table() *frame.Table {
	heads, err := json.Marshal(t.heads)
	if err != nil {
		panic("comparison: " + err.Error()) // a list of texts
	}
	out := &frame.Table{Meta: map[string]string{stages.DisplayHeads: string(heads), stages.DisplayCaption: t.caption}}
	for i, f := range t.fields {
		values := make([]string, len(t.rows))
		for k, r := range t.rows {
			values[k] = r[i]
		}
		out.Columns = append(out.Columns, frame.Strings(f, values))
	}
	return out
}

// markdown gives a table of the sort that GitHub and pandoc read.
func (t *text) markdown() string {
	var b strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + strings.NewReplacer(`\`, `\\`, "|", `\|`, "\n", " ").Replace(c) + " ")
		}
		b.WriteString("|\n")
	}
	line(t.heads)
	rule := make([]string, len(t.heads))
	for i := range rule {
		rule[i] = "---"
		if t.numeric[i] {
			rule[i] = "---:"
		}
	}
	line(rule)
	for _, r := range t.rows {
		line(r)
	}
	b.WriteString("\n" + t.caption + "\n")
	return b.String()
}

var latexEscapes = strings.NewReplacer(`\`, `\textbackslash{}`, "{", `\{`, "}", `\}`, "$", `\$`, "&", `\&`, "#", `\#`, "%", `\%`,
	"_", `\_`, "^", `\^{}`, "~", `\~{}`, "−", "$-$", "–", "--", "\n", " ", "λ", `$\lambda$`, "±", `$\pm$`)

// latex gives a table for the package booktabs, with a rule between groups of rows.
func (t *text) latex() string {
	var b strings.Builder
	b.WriteString("% needs \\usepackage{booktabs}\n\\begin{table}\n  \\centering\n  \\caption{" + latexEscapes.Replace(t.caption) + "}\n  \\begin{tabular}{")
	for _, right := range t.numeric {
		b.WriteByte("lr"[boolInt(right)])
	}
	b.WriteString("}\n    \\toprule\n")
	line := func(cells []string) {
		for i, c := range cells {
			if i > 0 {
				b.WriteString(" & ")
			}
			c = latexEscapes.Replace(c)
			if strings.HasPrefix(c, "-") && !strings.HasPrefix(c, "--") {
				c = "$-$" + c[1:]
			}
			c = strings.ReplaceAll(strings.ReplaceAll(c, "[-", "[$-$"), ", -", ", $-$")
			b.WriteString(c)
		}
		b.WriteString(" \\\\\n")
	}
	b.WriteString("    ")
	line(t.heads)
	b.WriteString("    \\midrule\n")
	for i, r := range t.rows {
		if i > 0 && t.groups[i] != t.groups[i-1] {
			b.WriteString("    \\midrule\n")
		}
		b.WriteString("    ")
		line(r)
	}
	b.WriteString("    \\bottomrule\n  \\end{tabular}\n\\end{table}\n")
	return b.String()
}
