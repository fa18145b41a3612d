package figure

import (
	"fmt"
	"math"

	"spurion/stages/analysis/figure/ink"
)

// Sizes, in hundredths of a point.
const (
	margin      = 500
	titleSize   = 1050
	labelSize   = 900
	tickSize    = 780
	captionSize = 750
	lineWidth   = 140
	thin        = 50
	markerSize  = 230
	tickLength  = 300
	gap         = 350
	minPanel    = 4500
	barRoom     = 3600 // for a heat map's color bar and its numbers
)

// A drawing is a figure being laid out.
type drawing struct {
	s    *Settings
	d    *data
	page *ink.Page
	// lacks says without what the tables are, as that failed
	lacks string

	x, y    scale
	columns int
	legend  []entry
	// what is around each panel
	left, below, above int
	width, height      int // of each panel
	top                int // of the first one
}

// draw lays out title, legend, panels and caption from top to bottom.
func (f *drawing) draw() (*ink.Page, error) {
	f.page = &ink.Page{Width: hundredthsOfPoint(f.s.Width), Title: f.title()}
	f.fitScales()
	if _, any := f.hide(); !any {
		return nil, fmt.Errorf("nothing to draw: no row has values above 0, as a logarithmic axis needs: leave out x_scale or y_scale")
	}
	f.legend = f.entries()
	y := margin
	if f.s.Title != "" {
		for _, line := range ink.Wrap(f.s.Title, titleSize*104/100, f.page.Width-2*margin) {
			y += titleSize
			f.page.Write(ink.Text{At: ink.Point{X: margin, Y: y}, Size: titleSize, Bold: true, Paint: ink.Solid(ink.Black), Text: line})
			y += titleSize / 4
		}
		y += gap
	}
	y = f.drawLegend(y)
	caption := f.caption()
	lines := ink.Wrap(caption, captionSize, f.page.Width-2*margin)
	f.page.Description = caption
	f.top = y
	captionHeight := len(lines)*captionSize*5/4 + gap
	if err := f.size(captionHeight); err != nil {
		return nil, err
	}
	for i := range f.d.panels.texts {
		f.panel(i)
	}
	f.outerLabels()
	rows := (len(f.d.panels.texts) + f.columns - 1) / f.columns
	y = f.top + rows*(f.above+f.height) + f.betweenRows()*(rows-1) + f.below + gap
	for _, line := range lines {
		y += captionSize * 5 / 4
		f.page.Write(ink.Text{At: ink.Point{X: margin, Y: y}, Size: captionSize, Paint: ink.Paint{Color: ink.Black, Percent: 75}, Text: line})
	}
	f.page.Height = max(f.page.Height, y+margin)
	return f.page, nil
}

func hundredthsOfPoint(mm float64) int { return int(math.Round(mm * 72 / 25.4 * 100)) }

func (f *drawing) title() string {
	if f.s.Title != "" {
		return f.s.Title
	}
	return fmt.Sprintf("%s against %s", f.yLabel(), f.xLabel())
}

// fitScales makes the scales that all panels share.
func (f *drawing) fitScales() {
	p := &f.s.Plot
	xs, ys := append([]float64{}, p.XLines...), append([]float64{}, p.YLines...)
	for _, s := range f.d.series {
		for _, r := range s.rows {
			xs = append(xs, r.x)
			if p.Points || p.Form == "scatter" {
				ys = append(ys, r.y)
			}
		}
		for _, c := range s.centers {
			ys = append(ys, c.y, c.low, c.high)
		}
	}
	for _, l := range f.d.fits {
		for _, r := range l.curve {
			ys = append(ys, r.y)
		}
	}
	if p.Form == "bars" {
		ys = append(ys, 0)
	}
	f.x, f.y = fitScale(xs, p.XScale == "log", p.XLimits), fitScale(ys, p.YScale == "log", p.YLimits)
	if p.Form == "bars" && len(p.YLimits) == 0 { // they stand on the axis
		for _, end := range []*float64{&f.y.lo, &f.y.hi} {
			if low, high := fitRange(ys); low == 0 && end == &f.y.lo || high == 0 && end == &f.y.hi {
				*end = 0
			}
		}
	}
	if f.d.xs.texts != nil {
		f.x = categories(f.valueNames(f.d.xs.texts, p.X))
	}
	if p.Form == "heatmap" {
		names := f.valueNames(f.d.ys.texts, p.Y[0])
		f.y = categories(names)
	}
}

func fitRange(values []float64) (low, high float64) {
	low, high = values[0], values[0]
	for _, v := range values {
		low, high = math.Min(low, v), math.Max(high, v)
	}
	return low, high
}

// size decides how large each panel is, and how many stand beside each other.
func (f *drawing) size(captionHeight int) error {
	n := len(f.d.panels.texts)
	f.columns = 1
	for f.columns < min(n, 4) && f.columns*f.columns < n {
		f.columns++
	}
	if n == 3 {
		f.columns = 3
	}
	f.left = margin + labelSize + gap + tickLength
	f.left += min(f.widestTick(&f.y), f.page.Width/4) // longer texts are cut
	if f.s.Plot.Facet != "" {
		f.above = labelSize * 3 / 2
	} else {
		f.above = gap / 2
	}
	right := margin + gap + min(f.widestTick(&f.x)/2, f.page.Width/8)
	if f.x.names != nil {
		right = margin + gap
	}
	if f.s.Plot.Form == "heatmap" {
		right += barRoom
	}
	f.width = (f.page.Width - f.left - right - (f.columns-1)*3*gap) / f.columns
	f.x.from, f.x.to = 0, f.width
	f.below = tickLength + f.belowTicks() + gap + labelSize
	rows := (n + f.columns - 1) / f.columns
	fixed := f.top + rows*f.above + f.betweenRows()*(rows-1) + f.below + captionHeight + margin
	if f.s.Height > 0 {
		f.page.Height = hundredthsOfPoint(f.s.Height)
		f.height = (f.page.Height - fixed) / rows
	} else {
		f.height = f.width * 52 / 100
		if f.columns > 1 {
			f.height = f.width * 85 / 100
		}
		if f.s.Plot.Form == "heatmap" {
			f.height = max(min(len(f.d.ys.texts)*2400, f.width), minPanel)
		}
		f.page.Height = fixed + rows*f.height
	}
	if f.width < minPanel || f.height < minPanel {
		return fmt.Errorf("%d panels of a figure %v mm wide and %v mm high would be smaller than 16 mm: make it larger, or draw fewer panels",
			n, f.s.Width, f.s.Height)
	}
	f.y.from, f.y.to = f.height, 0
	return nil
}

// betweenRows is the room between rows of panels, beside their titles.
func (f *drawing) betweenRows() int { return 2 * gap }

func (f *drawing) widestTick(s *scale) int {
	widest := 0
	for _, t := range s.ticks(5) {
		widest = max(widest, ink.TextWidth(t.text, tickSize, false))
	}
	return widest
}

// corner gives the top left of a panel.
func (f *drawing) corner(panel int) ink.Point {
	column, row := panel%f.columns, panel/f.columns
	return ink.Point{
		X: f.left + column*(f.width+3*gap),
		Y: f.top + f.above + row*(f.height+f.above+f.betweenRows()),
	}
}

// outerLabels writes the axes' labels, once for all panels.
func (f *drawing) outerLabels() {
	n := len(f.d.panels.texts)
	rows := (n + f.columns - 1) / f.columns
	first, last := f.corner(0), f.corner((rows-1)*f.columns)
	middle := first.X + (f.columns*f.width+(f.columns-1)*3*gap)/2
	bottom := last.Y + f.height + f.below
	black := ink.Solid(ink.Black)
	f.page.Write(ink.Text{At: ink.Point{X: middle, Y: bottom}, Anchor: ink.Middle, Size: labelSize, Paint: black, Text: f.xLabel()})
	f.page.Write(ink.Text{At: ink.Point{X: margin + labelSize*8/10, Y: (first.Y + last.Y + f.height) / 2}, Anchor: ink.Middle,
		Size: labelSize, Up: true, Paint: black, Text: f.yLabel()})
}
