package figure

import (
	"fmt"
	"math"

	"spurion/stages/common/ink"
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
	minBarRoom  = 3600 // for a heat map's color bar and its numbers
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
	xTexts, yTexts     []tick
	xHow               int      // how names stand below the x-axis
	xLines, yLines     []string // of the axes' labels
	width, height      int      // of each panel
	top                int      // of the first one
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
		for _, line := range ink.Wrap(f.s.Title, titleSize, f.page.Width-2*margin, true) {
			line = ink.Shorten(line, titleSize, f.page.Width-2*margin, true)
			y += titleSize
			f.page.Write(ink.Text{At: ink.Point{X: margin, Y: y}, Size: titleSize, Bold: true, Paint: ink.Solid(ink.Black), Text: line})
			y += titleSize / 4
		}
		y += gap
	}
	y = f.drawLegend(y)
	caption := f.caption()
	lines := ink.Wrap(caption, captionSize, f.page.Width-2*margin, false)
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
		line = ink.Shorten(line, captionSize, f.page.Width-2*margin, false)
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
		if low, high := fitRange(ys); low == 0 {
			f.y.lo = 0
		} else if high == 0 {
			f.y.hi = 0
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
