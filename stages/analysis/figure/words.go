package figure

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/measure"
)

// name gives what to call a column or value.
func (f *drawing) name(s string) string {
	if n, ok := f.s.Plot.Names[s]; ok {
		return n
	}
	return strings.ReplaceAll(s, "_", " ")
}

// valueNames gives what to call values of a column: names that were given, or numbers as they are.
func (f *drawing) valueNames(values []string, column string) []string {
	names := make([]string, len(values))
	for i, v := range values {
		names[i] = f.value(v)
	}
	return names
}

// panelName is a panel's heading: its value's name, if the spec gives one and none to the column, else both.
func (f *drawing) panelName(panel int) string {
	value := f.d.panels.texts[panel]
	_, named := f.s.Plot.Names[value]
	if _, column := f.s.Plot.Names[f.d.facet.Name]; named && !column {
		return f.value(value)
	}
	return f.name(f.d.facet.Name) + " = " + f.value(value)
}

func (f *drawing) value(v string) string {
	if _, given := f.s.Plot.Names[v]; !given {
		if x, err := strconv.ParseFloat(v, 64); err == nil {
			return numberText(x)
		}
	}
	return f.name(v)
}

// withUnit gives a column's name and unit, as an axis has it.
func (f *drawing) withUnit(c frame.Field) string {
	if c.Unit == "" || c.Unit == "1" || c.Unit == c.Name || c.Unit == c.Name+"s" || strings.HasSuffix(f.name(c.Name), "("+c.Unit+")") {
		return f.name(c.Name)
	}
	return f.name(c.Name) + " (" + c.Unit + ")"
}

func (f *drawing) xLabel() string {
	if l := f.s.Plot.XLabel; l != "" {
		return l
	}
	return f.withUnit(f.d.x)
}

// yLabel names the columns along y; several by the words that they end with alike.
func (f *drawing) yLabel() string {
	p := &f.s.Plot
	switch {
	case p.YLabel != "":
		return p.YLabel
	case p.Form == "heatmap":
		return f.withUnit(f.d.color)
	case len(p.Y) == 1:
		return f.withUnit(f.d.y)
	}
	alike := strings.Split(p.Y[0], "_")
	for _, y := range p.Y[1:] {
		words := strings.Split(y, "_")
		n := 0
		for n < len(alike) && n < len(words) && alike[len(alike)-1-n] == words[len(words)-1-n] {
			n++
		}
		alike = alike[len(alike)-n:]
	}
	if len(alike) == 0 {
		return "value"
	}
	common := f.d.y
	common.Name = strings.Join(alike, "_")
	return f.withUnit(common)
}

// caption says what the spec's author says, then what is drawn, n, the repeats, what failed, and what is left out.
func (f *drawing) caption() string {
	var parts []string
	if c := strings.TrimSpace(f.s.Caption); c != "" {
		parts = append(parts, strings.TrimSuffix(c, ".")+".")
	}
	if said := f.drawn(); said != "" {
		parts = append(parts, said)
	}
	if n := f.counts(); n != "" {
		parts = append(parts, n)
	}
	if said := f.measurement(); said != "" {
		parts = append(parts, said)
	}
	if f.lacks != "" {
		parts = append(parts, f.lacks+".")
	}
	if len(f.s.Where) > 0 {
		var conditions []string
		for _, column := range slices.Sorted(maps.Keys(f.s.Where)) {
			c := strings.TrimSpace(f.s.Where[column])
			if !strings.ContainsAny(c[:min(1, len(c))], "=!<>") {
				c = "= " + c
			}
			conditions = append(conditions, f.name(column)+" "+c)
		}
		parts = append(parts, "Only rows with "+strings.Join(conditions, ", ")+".")
	}
	parts = append(parts, f.fitted()...)
	if h, _ := f.hide(); h.sentence(&f.s.Plot) != "" {
		parts = append(parts, h.sentence(&f.s.Plot))
	}
	if f.d.dropped > 0 {
		parts = append(parts, fmt.Sprintf("%d rows without a value are left out.", f.d.dropped))
		if f.d.dropped == 1 {
			parts[len(parts)-1] = "1 row without a value is left out."
		}
	}
	return strings.Join(parts, " ")
}

// fitted gives a sentence for each law that was to be fitted: its numbers, how good it is, and which rows it could
// not use.
func (f *drawing) fitted() []string {
	var sentences []string
	for _, name := range f.s.Plot.Laws {
		law, r2 := lawNamed(name), "R²"
		if law.onLog {
			r2 = "R² of ln y"
		}
		var numbers, failed []string
		for _, l := range f.d.fits {
			if l.law.name != name {
				continue
			}
			var about []string
			if len(f.d.panels.texts) > 1 {
				about = append(about, f.panelName(l.series.panel))
			}
			if len(f.d.colors.texts) > 1 {
				about = append(about, f.name(f.s.Plot.Color)+" "+f.d.colors.texts[l.series.color])
			}
			if len(f.d.measures) > 1 {
				about = append(about, f.name(f.d.measures[l.series.measure]))
			}
			if l.unused > 0 {
				about = append(about, fmt.Sprintf("without %d of %d rows, as it needs %s", l.unused, len(l.series.rows), law.needs))
			}
			words := ""
			if len(about) > 0 {
				words = " (" + strings.Join(about, ", ") + ")"
			}
			if l.found {
				numbers = append(numbers, fmt.Sprintf("a = %s, b = %s, %s = %s", short(l.a), short(l.b), r2, short(l.r2))+words)
			} else {
				failed = append(failed, "cannot be fitted"+words)
			}
		}
		if numbers = append(numbers, failed...); len(numbers) > 0 {
			sentences = append(sentences, law.formula+" by least squares: "+strings.Join(numbers, "; ")+".")
		}
	}
	return sentences
}

// drawn says what lines, bars and bands stand for.
func (f *drawing) drawn() string {
	p := &f.s.Plot
	marks := map[string]string{"curves": "Lines", "bars": "Bars", "fit": "Points", "heatmap": "Cells"}[p.Form]
	if marks == "" {
		return "Every point is one row."
	}
	around := map[string]string{"curves": "bands", "bars": "whiskers", "fit": "bars"}[p.Form]
	text := fmt.Sprintf("%s: %s", marks, p.Center)
	if p.Spread == "error" {
		text += "; " + around + ": one standard error of a single value"
	}
	if most, _ := f.mostAndLeast(); most > 1 {
		switch p.Spread {
		case "quartiles":
			text += "; " + around + ": quartiles"
		case "ci95":
			text += "; " + around + ": 95 % confidence interval of the mean (" + f.intervals() + ")"
		case "range":
			text += "; " + around + ": least to greatest"
		}
	}
	if p.Points {
		text += "; small marks: single rows"
	}
	return text + "."
}

// intervals names the confidence intervals that there are.
func (f *drawing) intervals() string {
	var shares []string
	for m, share := range f.d.shares {
		if share {
			shares = append(shares, f.name(f.d.measures[m]))
		}
	}
	return measure.Intervals(shares, len(shares) < len(f.d.shares))
}

func (f *drawing) mostAndLeast() (most, least int) {
	least = 1 << 30
	for _, s := range f.d.series {
		for _, c := range s.centers {
			most, least = max(most, c.n), min(least, c.n)
		}
	}
	return most, least
}

// counts says n, and which repeats there are.
func (f *drawing) counts() string {
	most, least := f.mostAndLeast()
	var n string
	switch {
	case most == 0:
		rows := 0
		for _, s := range f.d.series {
			rows += len(s.rows)
		}
		n = fmt.Sprintf("n = %s points", numberText(float64(rows)))
	case most == least:
		n = fmt.Sprintf("n = %d", most)
	default:
		n = fmt.Sprintf("n = %d to %d", least, most)
	}
	repeats := f.d.repeats.texts
	if len(repeats) == 1 && repeats[0] == "" || slices.Contains(f.s.columns(), f.s.Plot.Over) {
		return n + "." // repeats have no name, or the picture shows them
	}
	return n + " (" + f.name(f.s.Plot.Over) + " " + spans(repeats) + ")."
}

// spans writes 0, 1, 2, 5 as 0–2, 5.
func spans(values []string) string {
	var out []string
	for i := 0; i < len(values); {
		end := i
		for end+1 < len(values) && follows(values[end], values[end+1]) {
			end++
		}
		switch {
		case end-i >= 2:
			out = append(out, values[i]+"–"+values[end])
		default:
			out = append(out, values[i:end+1]...)
		}
		i = end + 1
	}
	if len(out) > 8 {
		out = append(out[:7:7], fmt.Sprintf("... (%d values)", len(values)))
	}
	return strings.Join(out, ", ")
}

func follows(a, b string) bool {
	x, err := strconv.Atoi(a)
	y, err2 := strconv.Atoi(b)
	return err == nil && err2 == nil && y == x+1
}
