package figure

import "spurion/stages/common/ink"

// panel draws one panel: its frame and ticks, lines of reference, and what it shows.
func (f *drawing) panel(i int) {
	at := f.corner(i)
	f.x.from, f.x.to = at.X, at.X+f.width
	f.y.from, f.y.to = at.Y+f.height, at.Y
	if f.s.Plot.Facet != "" {
		heading := f.heading(i)
		for k, line := range heading {
			y := at.Y - gap - (len(heading)-1-k)*lineHeight(labelSize)
			f.page.Write(ink.Text{At: ink.Point{X: at.X, Y: y}, Size: labelSize, Paint: ink.Solid(ink.Black), Text: line})
		}
	}
	first, lowest := i%f.columns == 0, i+f.columns >= len(f.d.panels.texts)
	switch f.s.Plot.Form {
	case "heatmap":
		f.cells(i)
		f.ticks(first, lowest, false)
		if i == 0 {
			f.colorBar()
		}
		return
	case "bars":
		f.ticks(first, lowest, false)
		f.references()
		f.bars(i)
	default:
		f.ticks(first, lowest, true)
		f.references()
		f.marks(i)
	}
	f.axes()
}

// marks draws the series of a panel: first all bands, then lines, then points, so that none hides
// another's line.
func (f *drawing) marks(panel int) {
	var here []*series
	for _, s := range f.d.series {
		if s.panel == panel {
			here = append(here, s)
		}
	}
	form := f.s.Plot.Form
	for _, s := range here {
		if form == "curves" {
			f.band(s)
		}
	}
	for _, l := range f.d.fits {
		if l.series.panel == panel {
			f.lawLine(l)
		}
	}
	for _, s := range here {
		if form == "scatter" || f.s.Plot.Points {
			f.points(s)
		}
	}
	for k, s := range here {
		switch form {
		case "curves":
			f.curve(s, k)
		case "fit":
			f.summaries(s)
		}
	}
}

// axes draws the two axes over what is in the panel.
func (f *drawing) axes() {
	black := ink.Solid(ink.Black)
	f.page.Draw(ink.Shape{Lines: [][]ink.Point{{{X: f.x.from, Y: f.y.to}, {X: f.x.from, Y: f.y.from}, {X: f.x.to, Y: f.y.from}}},
		Stroke: black, Width: thin + 20})
}

// references draws the lines that the spec asks for.
func (f *drawing) references() {
	p := &f.s.Plot
	paint := ink.Paint{Color: ink.Black, Percent: 60}
	for _, v := range p.YLines {
		if f.y.holds(v) {
			f.page.Line(ink.Point{X: f.x.from, Y: f.y.at(v)}, ink.Point{X: f.x.to, Y: f.y.at(v)}, paint, thin+30, 250, 200)
		}
	}
	for _, v := range p.XLines {
		if f.x.holds(v) {
			f.page.Line(ink.Point{X: f.x.at(v), Y: f.y.from}, ink.Point{X: f.x.at(v), Y: f.y.to}, paint, thin+30, 250, 200)
		}
	}
	if p.Diagonal {
		lo, hi := max(f.x.lo, f.y.lo), min(f.x.hi, f.y.hi)
		if lo < hi {
			f.page.Line(ink.Point{X: f.x.at(lo), Y: f.y.at(lo)}, ink.Point{X: f.x.at(hi), Y: f.y.at(hi)}, paint, thin+30, 250, 200)
		}
	}
}
