package figure

import "spurion/stages/common/ink"

// An entry of the legend is a sample and a text; one without a sample is a heading.
type entry struct {
	text    string
	heading bool
	look    look
	law     *law
	line    bool // the sample is a line
	marker  bool // or has a marker
	bar     bool
}

// entries gives the legend: values of the color column, then measures, then laws. What there is only
// one of needs none.
func (f *drawing) entries() []entry {
	d, p := f.d, &f.s.Plot
	var list []entry
	if p.Form == "heatmap" {
		return []entry{{heading: true, text: "Cells and bar: " + f.withUnit(d.y)}}
	}
	base := entry{line: p.Form == "curves", marker: p.Form != "bars", bar: p.Form == "bars"}
	if len(d.colors.texts) > 1 {
		list = append(list, entry{heading: true, text: f.withUnit(d.color)})
		for i, v := range d.colors.texts {
			e := base
			e.text, e.look = f.value(v), d.look(&series{color: i})
			if len(d.measures) > 1 && base.line {
				e.look.dash = nil
			}
			list = append(list, e)
		}
	}
	if len(d.measures) > 1 {
		for i, m := range d.measures {
			e := base
			e.text, e.look = f.name(m), d.look(&series{measure: i})
			if len(d.colors.texts) > 1 {
				e.look.color, e.marker = ink.Black, base.marker && !base.line
			}
			list = append(list, e)
		}
	}
	seen := map[string]bool{}
	for _, l := range d.fits {
		if len(l.curve) > 0 && !seen[l.law.name] {
			seen[l.law.name] = true
			list = append(list, entry{text: l.law.formula, law: l.law, line: true, look: look{color: ink.Black, dash: f.lawDash(l.law)}})
		}
	}
	return list
}

// lawDash gives the pattern of a law's line, by its place among those that are fitted.
func (f *drawing) lawDash(l *law) []int {
	for i, name := range f.s.Plot.Laws {
		if name == l.name {
			return dashes[i%len(dashes)]
		}
	}
	return nil
}

const sampleWidth = 2000

// drawLegend writes the legend in as many rows as it needs, and gives where the next thing goes.
func (f *drawing) drawLegend(y int) int {
	if len(f.legend) == 0 {
		return y
	}
	x, row := margin, y+labelSize
	for i, e := range f.legend {
		room := f.page.Width - 2*margin
		if !e.heading {
			room -= sampleWidth + gap
		}
		e.text = ink.Shorten(e.text, labelSize, room, false)
		width := ink.TextWidth(e.text, labelSize, false) + 3*gap
		if !e.heading {
			width += sampleWidth + gap
		}
		if e.heading && i > 0 || x > margin && x+width > f.page.Width-margin {
			x, row = margin, row+labelSize*3/2
		}
		if !e.heading {
			f.sample(e, x, row-labelSize*35/100)
			x += sampleWidth + gap
			width -= sampleWidth + gap
		}
		f.page.Write(ink.Text{At: ink.Point{X: x, Y: row}, Size: labelSize, Paint: ink.Solid(ink.Black), Text: e.text})
		x += width
	}
	return row + labelSize/2 + gap
}

func (f *drawing) sample(e entry, x, y int) {
	middle := ink.Point{X: x + sampleWidth/2, Y: y}
	if e.bar {
		f.bar(e.look, x+sampleWidth/4, y-350, x+sampleWidth*3/4, y+350)
		return
	}
	if e.line {
		f.page.Line(ink.Point{X: x, Y: y}, ink.Point{X: x + sampleWidth, Y: y}, ink.Solid(e.look.color), lineWidth, e.look.dash...)
	}
	if e.marker {
		f.page.Draw(ink.Shape{Lines: [][]ink.Point{marker(e.look.marker, middle, markerSize)}, Fill: ink.Solid(e.look.color)})
	}
}
