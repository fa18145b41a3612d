package figure

import (
	"math"
	"slices"

	"spurion/stages/common/ink"
)

// How names stand below the x-axis.
const (
	level   = iota // in one line each
	broken         // in several lines, each as wide as its category
	upwards        // turned, to be read from below
)

// settleX decides which texts stand at the x-axis, and how, for panels as wide as they are now.
func (f *drawing) settleX() {
	f.xTexts, f.xHow = f.x.ticksWithin(f.width/5500, f.width/2500), level
	if f.x.names == nil {
		if most := withoutLast(f.xTexts); f.collideX(f.xTexts) && !f.collideX(most) {
			f.xTexts = most // it stands too near to the first of the next panel, or beyond the page
		}
		f.xTexts = thinOut(f.xTexts, f.collideX)
		return
	}
	switch up := f.upRoom(); {
	case !f.collideX(f.xTexts):
		return
	case f.allNames(func(name string) bool { return whole(name, tickSize, f.xRoom()) }),
		f.xRoom() >= 2*tickSize && f.xRoom()*maxLines > up && !f.allNames(func(name string) bool { return ink.TextWidth(name, tickSize, false) <= up }):
		f.xHow = broken
	default:
		f.xHow = upwards
		f.xTexts = thinOut(f.xTexts, func(list []tick) bool { return pile(&f.x, list) })
	}
}

func (f *drawing) allNames(holds func(string) bool) bool {
	for _, name := range f.x.names {
		if !holds(name) {
			return false
		}
	}
	return true
}

// settleY decides which texts stand at the y-axis, for panels as high as they are now.
func (f *drawing) settleY() {
	f.yTexts = f.y.ticksWithin(f.height/3200, f.height/1600)
	if f.y.names == nil {
		for i, t := range f.yTexts {
			f.yTexts[i].mute = ink.TextWidth(t.text, tickSize, false) > f.page.Width/4 // a number is never cut
		}
	}
	f.yTexts = thinOut(f.yTexts, func(list []tick) bool { return pile(&f.y, list) })
}

// thinOut mutes ticks until texts do not collide: on a logarithmic axis all but the powers of ten, then all but every
// second, third and so on. One is left in any case.
func thinOut(list []tick, collide func([]tick) bool) []tick {
	if !collide(list) {
		return list
	}
	if powers := powersOfTen(list); powers != nil {
		if list = powers; !collide(list) {
			return list
		}
	}
	n := labelled(list)
	for every := 2; every <= n; every++ {
		some, k := make([]tick, len(list)), 0
		for i, t := range list {
			if some[i] = t; t.text != "" {
				some[i].mute = t.mute || k%every != 0
				k++
			}
		}
		if every == n || !collide(some) {
			return some
		}
	}
	return list
}

// withoutLast mutes the last text.
func withoutLast(list []tick) []tick {
	out := slices.Clone(list)
	for i := len(out) - 1; i >= 0; i-- {
		if out[i].text != "" {
			out[i].mute = true
			break
		}
	}
	return out
}

// powersOfTen makes the ticks of a logarithmic axis between powers of ten small ones; nil if that leaves fewer than
// two texts.
func powersOfTen(list []tick) []tick {
	small := false // it has the small ticks of a logarithmic axis
	out := make([]tick, len(list))
	for i, t := range list {
		small = small || t.text == ""
		if out[i] = t; t.text != "" && !isPower(t.value) {
			out[i].text = ""
		}
	}
	if !small || labelled(out) < 2 {
		return nil
	}
	return out
}

func isPower(v float64) bool {
	for power := -323; power < 309; power++ {
		if v == decimal(1, power) {
			return true
		}
	}
	return false
}

// collideX reports whether texts in one line below the x-axis run into each other or into those of the next panel,
// or leave the page.
func (f *drawing) collideX(list []tick) bool {
	const between = tickSize * 2 / 3
	end, first, seen := math.MinInt32, 0, false
	if f.x.from > 0 {
		end = margin/2 - between
	}
	for _, t := range list {
		if t.text == "" || t.mute {
			continue
		}
		half := ink.TextWidth(t.text, tickSize, false) / 2
		if f.x.at(t.value)-half < end+between {
			return true
		}
		end = f.x.at(t.value) + half
		if !seen {
			first, seen = f.x.at(t.value)-half, true
		}
	}
	last := f.page.Width - margin/2 // where the text of the last panel may end
	if f.columns > 1 {
		last = min(last-(f.columns-1)*(f.width+3*gap), first+f.width+3*gap-between)
	}
	return seen && end > last
}

// pile reports whether lines of text that stand at ticks across a scale lie over each other.
func pile(s *scale, list []tick) bool {
	last, seen := 0, false
	for _, t := range list {
		if t.text == "" || t.mute {
			continue
		}
		at := s.at(t.value)
		if seen && max(at-last, last-at) < lineHeight(tickSize) {
			return true
		}
		last, seen = at, true
	}
	return false
}

// ticks draws the ticks, a grid if asked for, and the texts where no other panel has them.
func (f *drawing) ticks(left, below, grid bool) {
	black, faint := ink.Solid(ink.Black), ink.Paint{Color: ink.Black, Percent: 14}
	for _, t := range f.xTexts {
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
		if below && !t.mute {
			f.xText(t.text, x)
		}
	}
	faintLine := grid || f.s.Plot.Form == "bars"
	for _, t := range f.yTexts {
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
		if left && !t.mute {
			f.page.Write(ink.Text{At: ink.Point{X: f.x.from - tickLength - gap/3, Y: y + tickSize*35/100}, Anchor: ink.End, Size: tickSize, Paint: black,
				Text: ink.Shorten(t.text, tickSize, f.page.Width/4, false)})
		}
	}
}

// xText writes a text below the x-axis.
func (f *drawing) xText(text string, x int) {
	black := ink.Solid(ink.Black)
	if f.xHow == upwards {
		f.page.Write(ink.Text{At: ink.Point{X: x + tickSize*35/100, Y: f.y.from + tickLength + gap/3}, Anchor: ink.End, Size: tickSize, Up: true,
			Paint: black, Text: ink.Shorten(text, tickSize, f.upRoom(), false)})
		return
	}
	list := []string{text}
	if f.xHow == broken {
		list = lines(text, tickSize, f.xRoom())
	}
	for i, line := range list {
		f.page.Write(ink.Text{At: ink.Point{X: x, Y: f.y.from + tickLength + tickSize + i*lineHeight(tickSize)}, Anchor: ink.Middle, Size: tickSize, Paint: black, Text: line})
	}
}

// xRoom is the width of a category for its name; upRoom the height of a name that is turned.
func (f *drawing) xRoom() int { return f.width/len(f.x.names) - tickSize*2/3 }

func (f *drawing) upRoom() int {
	if f.s.Height > 0 {
		return min(f.page.Width/5, hundredthsOfPoint(f.s.Height)/4)
	}
	return f.page.Width / 5
}

// belowTicks is the height of the texts below the x-axis.
func (f *drawing) belowTicks() int {
	most := tickSize
	for _, t := range f.xTexts {
		switch f.xHow {
		case broken:
			most = max(most, tickSize+(len(lines(t.text, tickSize, f.xRoom()))-1)*lineHeight(tickSize))
		case upwards:
			most = max(most, ink.TextWidth(ink.Shorten(t.text, tickSize, f.upRoom(), false), tickSize, false))
		}
	}
	return most
}
