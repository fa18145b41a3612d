package comparison

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/markup"
	"spurion/stages/common/measure"
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
	best    [][]bool // of each row, the cells that are marked
	starred string   // the caption where a star marks them; caption where bold letters do
	caption string
	groups  []string // of each row: its name without the last part
}

func (c *comparison) text() *text {
	t := &text{starred: c.caption("A star marks"), caption: c.caption("Bold marks")}
	column := func(f frame.Field, head string, right bool) {
		t.fields, t.heads, t.numeric = append(t.fields, f), append(t.heads, head), append(t.numeric, right)
	}
	for _, f := range c.names {
		column(frame.Field{Name: f.Name, Type: frame.String, Doc: f.Doc, Mark: f.Mark}, c.call(f.Name), false)
	}
	for _, m := range c.measures {
		f, doc := m.field, "Mean and 95 % interval: "
		if !numeric(f.Type) {
			doc = "How often each stands: "
		}
		column(frame.Field{Name: f.Name, Type: frame.String, Unit: f.Unit, Doc: doc + f.Doc, Mark: f.Mark.With(c.chosen)}, c.call(f.Name), numeric(f.Type))
		if slices.Contains(c.s.Differences, f.Name) {
			column(frame.Field{Name: f.Name + differenceSuffix, Type: frame.String, Unit: f.Unit, Doc: "Mean difference from the baseline and its 95 % interval.", Mark: f.Mark.With(c.chosen)},
				c.call(f.Name)+" − "+c.baselineName(), true)
		}
	}
	for _, r := range c.rows {
		var cells []string
		var best []bool
		add := func(cell string, isBest bool) { cells, best = append(cells, cell), append(best, isBest) }
		for _, value := range r.name {
			add(c.call(value), false)
		}
		for i := range c.measures {
			m := &c.measures[i]
			add(c.cell(m, r, &r.cells[i]), r.cells[i].best)
			if slices.Contains(c.s.Differences, m.field.Name) {
				add(c.difference(m, r, r.cells[i].difference), false)
			}
		}
		t.rows, t.best = append(t.rows, cells), append(t.best, best)
		t.groups = append(t.groups, r.group())
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

// caption says what the numbers are; marks begins the sentence on the best: "Bold marks".
func (c *comparison) caption(marks string) string {
	parts := []string{}
	if c.s.Caption != "" {
		parts = append(parts, strings.TrimSuffix(c.s.Caption, ".")+".")
	}
	over := c.call(c.s.Over)
	what := map[string]string{"ends": "Means and 95 % intervals", "half": "Means ± half of their 95 % intervals", "none": "Means"}[c.s.Intervals]
	if c.s.Intervals != "none" {
		what += " (" + c.intervals() + ")"
	}
	if c.s.Intervals == "half" && slices.ContainsFunc(c.measures, func(m quantity) bool { return m.share }) {
		what += ", or the distances to both ends where these differ,"
	}
	switch {
	case c.repeats > 1:
		parts = append(parts, fmt.Sprintf("%s over at most %d values of %s.", what, c.repeats, over))
	case c.s.Intervals != "none":
		parts = append(parts, fmt.Sprintf("One value of %s each, so there are no intervals.", over))
	}
	if len(c.s.Differences) > 0 {
		parts = append(parts, fmt.Sprintf("Differences are paired by %s.", over))
	}
	if c.marked {
		among := "each other row"
		if len(c.s.Rows) > 1 {
			var same []string
			for _, column := range c.s.Rows[:len(c.s.Rows)-1] {
				same = append(same, c.call(column))
			}
			among += " of one " + strings.Join(same, " and ")
		}
		parts = append(parts, fmt.Sprintf("%s the best where the 95 %% interval of its difference from %s, paired by %s, leaves out 0.", marks, among, over))
	}
	if said := c.measurement(); said != "" {
		parts = append(parts, said)
	}
	if said := c.endings(); said != "" {
		parts = append(parts, said)
	}
	if c.lacks != "" {
		parts = append(parts, c.lacks+".")
	}
	return strings.Join(parts, " ")
}

// intervals names the kinds of intervals that there are, of means and differences alike.
func (c *comparison) intervals() string {
	var shares []string
	others := false
	for _, m := range c.measures {
		switch {
		case !numeric(m.field.Type):
		case m.share:
			shares = append(shares, c.call(m.field.Name))
		default:
			others = true
		}
	}
	return measure.Intervals(shares, others)
}

// cell words a measure: 0.930 [0.910, 0.950] of 3, or worst (4), other (1). The number of values stands where
// it is not that of the most repetitions.
func (c *comparison) cell(m *quantity, r *row, x *cell) string {
	if x.values != nil {
		return c.mean(m, x.mean, r.repeated(), false)
	}
	var list []string
	n := 0
	for _, w := range x.words {
		n += w.n
		if len(x.words) == 1 && w.n == len(r.units) {
			list = append(list, c.call(w.word))
			break
		}
		list = append(list, fmt.Sprintf("%s (%d)", c.call(w.word), w.n))
	}
	words := cmp.Or(strings.Join(list, ", "), "–")
	if of := r.repeated(); of.failed > 0 {
		words += c.number(n, of)
	}
	return words
}

// difference words the difference of a measure from the baseline.
func (c *comparison) difference(m *quantity, r *row, x *interval.Mean) string {
	base := c.baseline(r)
	if base == nil || base == r {
		return "–"
	}
	return c.mean(m, x, r.pairedWith(base), true)
}

// table gives the cells as columns of text, and what people call these.
func (t *text) table() *frame.Table {
	heads, err := json.Marshal(t.heads)
	if err != nil {
		panic("comparison: " + err.Error()) // a list of texts
	}
	out := &frame.Table{Meta: map[string]string{stages.DisplayHeads: string(heads), stages.DisplayCaption: t.starred}}
	for i, f := range t.fields {
		values := make([]string, len(t.rows))
		for k, r := range t.rows {
			if values[k] = r[i]; t.best[k][i] {
				values[k] += " *"
			}
		}
		out.Columns = append(out.Columns, frame.Strings(f, values))
	}
	return out
}

// markdown gives a table of the sort that GitHub and pandoc read.
func (t *text) markdown() string {
	var b strings.Builder
	line := func(cells []string, best []bool) {
		for i, c := range cells {
			if !t.numeric[i] || best == nil {
				c = markup.Markdown(c)
			}
			if best != nil && best[i] {
				c = "**" + c + "**"
			}
			b.WriteString("| " + c + " ")
		}
		b.WriteString("|\n")
	}
	line(t.heads, nil)
	for _, right := range t.numeric {
		b.WriteString([]string{"| --- ", "| ---: "}[boolInt(right)])
	}
	b.WriteString("|\n")
	for k, r := range t.rows {
		line(r, t.best[k])
	}
	b.WriteString("\n" + markup.Markdown(t.caption) + "\n")
	return b.String()
}

// latex gives a table for the package booktabs, with a rule between groups of rows.
func (t *text) latex() string {
	var b strings.Builder
	b.WriteString("% needs \\usepackage{booktabs}\n\\begin{table}\n  \\centering\n  \\caption{" + markup.LaTeX(t.caption) + "}\n  \\begin{tabular}{")
	for _, right := range t.numeric {
		b.WriteByte("lr"[boolInt(right)])
	}
	b.WriteString("}\n    \\toprule\n")
	line := func(cells []string, best []bool) {
		b.WriteString("    ")
		for i, c := range cells {
			if i > 0 {
				b.WriteString(" & ")
			}
			c = markup.LaTeX(c)
			if t.numeric[i] && best != nil {
				c = latexNumbers(c)
			}
			if best != nil && best[i] {
				c = `\textbf{` + c + "}"
			}
			b.WriteString(c)
		}
		b.WriteString(" \\\\\n")
	}
	line(t.heads, nil)
	b.WriteString("    \\midrule\n")
	for i, r := range t.rows {
		if i > 0 && t.groups[i] != t.groups[i-1] {
			b.WriteString("    \\midrule\n")
		}
		line(r, t.best[i])
	}
	b.WriteString("    \\bottomrule\n  \\end{tabular}\n\\end{table}\n")
	return b.String()
}

var (
	powerOfTen = regexp.MustCompile(`([-+]?)(\d+(?:\.\d+)?)e(-?\d+)`)
	minus      = regexp.MustCompile(`(^|[ \[(])-(\d)`)
)

// latexNumbers sets minus signs and powers of ten of a cell of numbers.
func latexNumbers(s string) string {
	s = powerOfTen.ReplaceAllString(s, `$$${1}${2}\times 10^{${3}}$$`)
	return minus.ReplaceAllString(s, `${1}$$-$$${2}`)
}
