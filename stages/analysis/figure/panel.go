package figure

import "spurion/stages/analysis/figure/ink"

// panel draws one panel: its frame and ticks, lines of reference, and what it shows.
func (f *drawing) panel(i int) {
	at := f.corner(i)
	f.x.from, f.x.to = at.X, at.X+f.width
	f.y.from, f.y.to = at.Y+f.height, at.Y
	if f.s.Plot.Facet != "" {
		f.page.Write(ink.Text{At: ink.Point{X: at.X, Y: at.Y - gap}, Size: labelSize, Paint: ink.Solid(ink.Black), Text: f.panelName(i)})
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

// ticks draws the ticks, a grid if asked for, and the numbers where no other panel has them.
func (f *drawing) ticks(left, below, grid bool) {
	black, faint := ink.Solid(ink.Black), ink.Paint{Color: ink.Black, Percent: 14}
	texts := f.xTicks()
	turn := f.crowded(texts)
	for k, t := range texts {
		x := f.x.at(t.value)
		length := tickLength
		if t.text == "" {
			length /= 2
		} else if grid {
			f.page.Line(ink.Point{X: x, Y: f.y.from}, ink.Point{X: x, Y: f.y.to}, faint, thin)
		}
		if f.x.names == nil {
			f.page.Line(ink.Point{X: x, Y: f.y.from}, ink.Point{X: x, Y: f.y.from + length}, black, thin+20)
		}
		if below && (!turn || k%2 == 0 || f.x.names != nil) {
			f.xText(t.text, x, turn)
		}
	}
	faintLine := grid || f.s.Plot.Form == "bars"
	for _, t := range f.y.ticksWithin(f.height/3200, f.height/1600) {
		y := f.y.at(t.value)
		length := tickLength
		if t.text == "" {
			length /= 2
		} else if faintLine {
			f.page.Line(ink.Point{X: f.x.from, Y: y}, ink.Point{X: f.x.to, Y: y}, faint, thin)
		}
		if f.y.names == nil {
			f.page.Line(ink.Point{X: f.x.from - length, Y: y}, ink.Point{X: f.x.from, Y: y}, black, thin+20)
		}
		if left {
			f.page.Write(ink.Text{At: ink.Point{X: f.x.from - tickLength - gap/3, Y: y + tickSize*35/100}, Anchor: ink.End, Size: tickSize, Paint: black, Text: shorten(t.text, f.page.Width/4)})
		}
	}
}

// xText writes a text below the x-axis; where names are crowded each is broken into two lines, or cut.
func (f *drawing) xText(text string, x int, crowded bool) {
	y := f.y.from + tickLength + tickSize
	put := func(s string, line int) {
		f.page.Write(ink.Text{At: ink.Point{X: x, Y: y + line*tickSize*11/10}, Anchor: ink.Middle, Size: tickSize, Paint: ink.Solid(ink.Black), Text: s})
	}
	if !crowded || f.x.names == nil {
		put(text, 0)
		return
	}
	lines := f.xLines(text)
	for i, line := range lines {
		if i == maxXLines-1 && len(lines) > maxXLines {
			line += "…"
		}
		if i < maxXLines {
			put(shorten(line, f.xRoom()), i)
		}
	}
}

// maxXLines is how many lines a name below the x-axis is broken into at most.
const maxXLines = 3

// xLines breaks a name below the x-axis to the width of its category.
func (f *drawing) xLines(text string) []string { return ink.Wrap(text, tickSize, f.xRoom()) }

func (f *drawing) xRoom() int { return f.width/len(f.x.names) - tickSize*2/3 }

func (f *drawing) xTicks() []tick { return f.x.ticksWithin(f.width/5500, f.width/2500) }

// belowTicks is the height of the texts below the x-axis: of the names with the most lines.
func (f *drawing) belowTicks() int {
	lines, texts := 1, f.xTicks()
	if f.x.names != nil && f.crowded(texts) {
		for _, t := range texts {
			lines = max(lines, min(len(f.xLines(t.text)), maxXLines))
		}
	}
	return tickSize + (lines-1)*tickSize*11/10
}

// shorten cuts a text to a width.
func shorten(text string, width int) string {
	letters := []rune(text)
	if ink.TextWidth(text, tickSize, false) <= width {
		return text
	}
	for len(letters) > 1 && ink.TextWidth(string(letters)+"…", tickSize, false) > width {
		letters = letters[:len(letters)-1]
	}
	return string(letters) + "…"
}

// crowded reports whether texts along x would run into each other.
func (f *drawing) crowded(texts []tick) bool {
	end := -1 << 30
	for _, t := range texts {
		half := ink.TextWidth(t.text, tickSize, false) / 2
		if t.text == "" {
			continue
		}
		if f.x.at(t.value)-half < end+tickSize*2/3 {
			return true
		}
		end = f.x.at(t.value) + half
	}
	return false
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
