package figure

import (
	"slices"

	"spurion/stages/common/ink"
)

// spread reports whether centers have one to draw.
func (f *drawing) spread() bool { return f.s.Plot.Spread != "none" }

// band draws the spread about a curve, in pieces where it has no place on the axes. Where one center stands alone
// the spread is a whisker.
func (f *drawing) band(s *series) {
	if !f.spread() {
		return
	}
	for _, piece := range f.pieces(s.centers, func(c center) bool { return f.x.holds(c.x) && f.y.has(c.high) }) {
		if len(piece) == 1 {
			f.whisker(f.x.at(piece[0].x), piece[0], f.d.look(s).color)
			continue
		}
		var upper, lower []ink.Point
		wide := false
		for _, c := range piece {
			wide = wide || c.high > c.low
			upper = append(upper, ink.Point{X: f.x.at(c.x), Y: f.y.at(min(max(c.high, f.y.lo), f.y.hi))})
			lower = append(lower, ink.Point{X: f.x.at(c.x), Y: f.y.at(max(min(c.low, f.y.hi), f.y.lo))})
		}
		if wide {
			slices.Reverse(lower)
			f.page.Draw(ink.Shape{Lines: [][]ink.Point{append(upper, lower...)}, Fill: ink.Paint{Color: f.d.look(s).color, Percent: 20}})
		}
	}
}

// pieces cuts centers at those that are not drawn, and leaves these out.
func (f *drawing) pieces(centers []center, drawn func(center) bool) [][]center {
	var pieces [][]center
	open := false
	for _, c := range centers {
		switch {
		case !drawn(c):
			open = false
			continue
		case !open:
			pieces = append(pieces, nil)
		}
		last := len(pieces) - 1
		pieces[last], open = append(pieces[last], c), true
	}
	return pieces
}

// curve draws the line through the centers, and a few markers at places that differ between series; a center that
// has no line to it has a marker too.
func (f *drawing) curve(s *series, place int) {
	look := f.d.look(s)
	var places []value
	for _, c := range s.centers {
		places = append(places, value{c.x, c.y})
	}
	f.polyline(places, ink.Solid(look.color), lineWidth, look.dash)
	var seen []center
	var alone []bool
	for _, piece := range f.pieces(s.centers, func(c center) bool { return f.has(value{c.x, c.y}) }) {
		for _, c := range piece {
			if f.x.holds(c.x) && f.y.holds(c.y) {
				seen, alone = append(seen, c), append(alone, len(piece) == 1)
			}
		}
	}
	every := max(1, len(seen)/7)
	for i, c := range seen {
		if alone[i] || len(f.d.series) > 1 && i%every == place*max(1, every/5)%every {
			f.marker(look, c.x, c.y, markerSize*85/100, 100)
		}
	}
}

// A value is a place on the scales.
type value struct{ x, y float64 }

// polyline draws a line through values, as far as it lies in the panel.
func (f *drawing) polyline(values []value, paint ink.Paint, width int, dash []int) {
	var lines [][]ink.Point
	for i := 1; i < len(values); i++ {
		if !f.has(values[i-1]) || !f.has(values[i]) {
			continue
		}
		a, b, ok := f.clip(values[i-1], values[i])
		if !ok {
			continue
		}
		if n := len(lines); n > 0 && lines[n-1][len(lines[n-1])-1] == a {
			lines[n-1] = append(lines[n-1], b)
		} else {
			lines = append(lines, []ink.Point{a, b})
		}
	}
	for _, l := range lines {
		f.page.Draw(ink.Shape{Lines: [][]ink.Point{l}, Stroke: paint, Width: width, Dash: dash})
	}
}

// clip gives the part of a line between two values that lies in the panel (Liang and Barsky 1984, in
// whole numbers).
func (f *drawing) clip(from, to value) (a, b ink.Point, ok bool) {
	a, b = ink.Point{X: f.x.at(from.x), Y: f.y.at(from.y)}, ink.Point{X: f.x.at(to.x), Y: f.y.at(to.y)}
	dx, dy := b.X-a.X, b.Y-a.Y
	const whole = 1 << 16
	t0, t1 := 0, whole
	for _, edge := range [4][2]int{{-dx, a.X - f.x.from}, {dx, f.x.to - a.X}, {-dy, a.Y - f.y.to}, {dy, f.y.from - a.Y}} {
		p, q := edge[0], edge[1]
		switch {
		case p == 0 && q < 0:
			return a, b, false
		case p < 0:
			t0 = max(t0, -q*whole/-p)
		case p > 0:
			t1 = min(t1, q*whole/p)
		}
	}
	if t0 > t1 {
		return a, b, false
	}
	start := a
	if t0 > 0 {
		a = ink.Point{X: start.X + dx*t0/whole, Y: start.Y + dy*t0/whole}
	}
	if t1 < whole {
		b = ink.Point{X: start.X + dx*t1/whole, Y: start.Y + dy*t1/whole}
	}
	return a, b, true
}

func (f *drawing) marker(l look, x, y float64, size, percent int) {
	at := ink.Point{X: f.x.at(x), Y: f.y.at(y)}
	f.page.Draw(ink.Shape{Lines: [][]ink.Point{marker(l.marker, at, size)}, Fill: ink.Paint{Color: l.color, Percent: percent}, Closed: true})
}

// points draws every row of a series: smaller where there are many, or centers beside them.
func (f *drawing) points(s *series) {
	look := f.d.look(s)
	size, percent := markerSize*80/100, 65
	if f.s.Plot.Form != "scatter" || len(s.rows) > 300 {
		size, percent = markerSize*55/100, 50
	}
	for _, r := range s.rows {
		if f.x.holds(r.x) && f.y.holds(r.y) {
			f.marker(look, r.x, r.y, size, percent)
		}
	}
}

// summaries draws centers with bars for their spread.
func (f *drawing) summaries(s *series) {
	look := f.d.look(s)
	for _, c := range s.centers {
		if !f.x.holds(c.x) {
			continue
		}
		f.whisker(f.x.at(c.x), c, look.color)
		if f.y.holds(c.y) {
			f.marker(look, c.x, c.y, markerSize, 100)
		}
	}
}

// whisker draws the spread of a center at x, as far as it lies in the panel.
func (f *drawing) whisker(x int, c center, color ink.Color) {
	low, high := max(c.low, f.y.lo), min(c.high, f.y.hi)
	if !f.spread() || low >= high {
		return
	}
	top, bottom := f.y.at(high), f.y.at(low)
	lines := [][]ink.Point{{{X: x, Y: top}, {X: x, Y: bottom}}}
	for _, end := range []struct {
		value float64
		y     int
	}{{c.high, top}, {c.low, bottom}} {
		if f.y.holds(end.value) {
			lines = append(lines, []ink.Point{{X: x - 200, Y: end.y}, {X: x + 200, Y: end.y}})
		}
	}
	f.page.Draw(ink.Shape{Lines: lines, Stroke: ink.Solid(color), Width: thin + 40})
}

// lawLine draws a fitted law.
func (f *drawing) lawLine(l *fit) {
	color := ink.Black
	if len(f.d.colors.texts) > 1 {
		color = f.d.look(l.series).color
	}
	var places []value
	for _, r := range l.curve {
		places = append(places, value{r.x, r.y})
	}
	f.polyline(places, ink.Solid(color), lineWidth*3/4, f.lawDash(l.law))
}

// bars draws the bars of a panel: those of one category side by side.
func (f *drawing) bars(panel int) {
	many, beside := len(f.d.colors.texts)*len(f.d.measures), len(f.d.measures)
	if f.s.Plot.Color == f.s.Plot.X { // colors are categories: a bar has its place to itself
		many, beside = len(f.d.measures), 0
	}
	slot := f.width / len(f.d.xs.texts)
	wide := slot * 8 / 10 / many
	floor := f.y.at(min(max(0, f.y.lo), f.y.hi))
	for _, s := range f.d.series {
		if s.panel != panel {
			continue
		}
		look := f.d.look(s)
		k := s.color*beside + s.measure
		for _, c := range s.centers {
			x0 := f.x.at(c.x) - many*wide/2 + k*wide
			x1 := x0 + wide*92/100
			top := f.y.at(min(max(c.y, f.y.lo), f.y.hi))
			f.bar(look, x0, min(top, floor), x1, max(top, floor))
			middle := (x0 + x1) / 2
			for _, r := range s.rows {
				if f.s.Plot.Points && r.x == c.x && f.y.holds(r.y) {
					at := ink.Point{X: middle, Y: f.y.at(r.y)}
					f.page.Draw(ink.Shape{Lines: [][]ink.Point{ink.Disc(at, 120)}, Closed: true,
						Fill: ink.Solid(ink.Paper), Stroke: ink.Solid(ink.Color{}), Width: thin})
				}
			}
			f.whisker(middle, c, ink.Black)
		}
	}
}

// bar draws a bar with its hatch and outline.
func (f *drawing) bar(l look, x0, y0, x1, y1 int) {
	if y0 == y1 {
		y1 += 30 // zero is seen as well
	}
	f.page.Draw(ink.Shape{Lines: [][]ink.Point{ink.Rect(x0, y0, x1, y1)}, Fill: ink.Paint{Color: l.color, Percent: 80}})
	if lines := hatch(l.hatch, x0, y0, x1, y1); len(lines) > 0 {
		f.page.Draw(ink.Shape{Lines: lines, Stroke: ink.Solid(ink.Paper), Width: thin + 30})
	}
	f.page.Draw(ink.Shape{Lines: [][]ink.Point{ink.Rect(x0, y0, x1, y1)}, Closed: true, Stroke: ink.Solid(l.color), Width: thin + 20})
}
