package figure

import (
	"math"

	"spurion/stages/common/ink"
)

// valueRange gives the least and greatest cell of all panels.
func (f *drawing) valueRange() (low, high float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, s := range f.d.series {
		for _, c := range s.centers {
			low, high = math.Min(low, c.y), math.Max(high, c.y)
		}
	}
	return low, high
}

// cells draws a heat map: dark is low, light is high, and each cell says its number if it fits.
func (f *drawing) cells(panel int) {
	low, high := f.valueRange()
	wide, tall := f.width/len(f.d.xs.texts), f.height/len(f.d.ys.texts)
	for _, s := range f.d.series {
		if s.panel != panel {
			continue
		}
		for _, c := range s.centers {
			x, y := f.x.at(c.x), f.y.at(float64(s.color))
			share := 500
			if high > low {
				share = int(math.Round((c.y - low) / (high - low) * 1000))
			}
			paint, text := shade(share)
			f.page.Draw(ink.Shape{Lines: [][]ink.Point{ink.Rect(x-wide/2, y-tall/2, x+wide-wide/2, y+tall-tall/2)}, Fill: ink.Solid(paint),
				Stroke: ink.Solid(ink.Paper), Width: thin, Closed: true})
			number := short(c.y)
			if ink.TextWidth(number, tickSize, false) < wide-gap/2 && tickSize < tall {
				f.page.Write(ink.Text{At: ink.Point{X: x, Y: y + tickSize*35/100}, Anchor: ink.Middle, Size: tickSize, Paint: ink.Solid(text), Text: number})
			}
		}
	}
}

// barScale gives the values along the color bar.
func (f *drawing) barScale() scale {
	low, high := f.valueRange()
	if equal(low, high) {
		low, high = low-0.5, low+0.5
	}
	return scale{lo: low, hi: high}
}

// barRoom is the width of the color bar with its numbers.
func (f *drawing) barRoom() int {
	bar := f.barScale()
	return max(minBarRoom, f.widestTick(&bar)+2*gap+900+tickLength)
}

// colorBar shows what the shades stand for, right of the panels.
func (f *drawing) colorBar() {
	x := f.page.Width - margin - f.barRoom() + 2*gap
	const steps = 40
	top, bottom := f.y.to, f.y.from
	for i := range steps {
		paint, _ := shade(1000 * i / (steps - 1))
		// each covers the rest of the bar, or viewers would show the paper between them
		f.page.Draw(ink.Shape{Lines: [][]ink.Point{ink.Rect(x, top, x+900, bottom-(bottom-top)*i/steps)}, Fill: ink.Solid(paint)})
	}
	bar := f.barScale()
	bar.from, bar.to = bottom, top
	black := ink.Solid(ink.Black)
	for _, t := range bar.ticks(5) {
		y := bar.at(t.value)
		f.page.Line(ink.Point{X: x + 900, Y: y}, ink.Point{X: x + 900 + tickLength/2, Y: y}, black, thin)
		f.page.Write(ink.Text{At: ink.Point{X: x + 900 + tickLength, Y: y + tickSize*35/100}, Size: tickSize, Paint: black, Text: t.text})
	}
}
