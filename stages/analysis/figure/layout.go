package figure

import (
	"fmt"

	"spurion/stages/common/ink"
)

// maxLines is how many lines a name, a heading or an axis' label is broken into at most.
const maxLines = 3

// lines breaks a text to a width; what needs more than maxLines lines, or has a word wider than one, is cut.
func lines(text string, size, width int) []string {
	list := ink.Wrap(text, size, width, false)
	if len(list) > maxLines {
		list = list[:maxLines]
		list[maxLines-1] += "…"
	}
	for i := range list {
		list[i] = ink.Shorten(list[i], size, width, false)
	}
	return list
}

// whole reports whether lines cuts nothing.
func whole(text string, size, width int) bool {
	list := ink.Wrap(text, size, width, false)
	for _, line := range list {
		if ink.TextWidth(line, size, false) > width {
			return false
		}
	}
	return len(list) <= maxLines
}

// lineHeight is the distance between lines of text of a size.
func lineHeight(size int) int { return size * 11 / 10 }

// size decides how large each panel is, how many stand beside each other, and which texts stand at the axes: these
// take room, and the room decides which texts there are, so it is gone through until they fit.
func (f *drawing) size(captionHeight int) error {
	n := len(f.d.panels.texts)
	f.columns = 1
	for f.columns < min(n, 4) && f.columns*f.columns < n {
		f.columns++
	}
	if n == 3 {
		f.columns = 3
	}
	left, right := min(f.widestTick(&f.y), f.page.Width/4), min(f.widestTick(&f.x)/2, f.page.Width/8)
	if f.x.names != nil {
		right = 0
	}
	labels := 1 // lines of the y-axis' label
	for range 6 {
		f.place(left, right, labels, captionHeight)
		if f.width < minPanel || f.height < minPanel {
			return fmt.Errorf("%d panels of a figure %v mm wide and %v mm high would be smaller than 16 mm: make it larger, or draw fewer panels",
				n, f.s.Width, f.s.Height)
		}
		needLeft, needRight := f.needs()
		if needLeft <= left && needRight <= right && len(f.yLines) <= labels {
			break
		}
		left, right, labels = max(left, needLeft), max(right, needRight), max(labels, len(f.yLines))
	}
	return nil
}

// place lays out the panels between room for the texts left and right of them.
func (f *drawing) place(left, right, labels, captionHeight int) {
	f.left = margin + labelSize + (labels-1)*lineHeight(labelSize) + gap + tickLength + left
	right += margin + gap
	if f.s.Plot.Form == "heatmap" {
		right += f.barRoom()
	}
	n := len(f.d.panels.texts)
	rows := (n + f.columns - 1) / f.columns
	f.width = (f.page.Width - f.left - right - (f.columns-1)*3*gap) / f.columns
	f.x.from, f.x.to = f.left, f.left+f.width
	f.settleX()
	f.above = gap / 2
	if f.s.Plot.Facet != "" {
		f.above = labelSize*3/2 + (f.headingLines()-1)*lineHeight(labelSize)
	}
	middle := f.left + (f.columns*f.width+(f.columns-1)*3*gap)/2
	f.xLines = lines(f.xLabel(), labelSize, 2*min(middle-margin, f.page.Width-margin-middle))
	f.below = tickLength + f.belowTicks() + gap + labelSize + (max(len(f.xLines), 1)-1)*lineHeight(labelSize)
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
	f.y.from, f.y.to = f.height, 0
	f.settleY()
	tall := rows*f.height + (rows-1)*(f.above+f.betweenRows())
	f.yLines = lines(f.yLabel(), labelSize, tall+2*min(f.above, tickLength))
}

// needs gives the room that the texts left and right of the panels take.
func (f *drawing) needs() (left, right int) {
	for _, t := range f.yTexts {
		if t.mute {
			continue
		}
		left = max(left, min(ink.TextWidth(t.text, tickSize, false), f.page.Width/4))
	}
	if f.x.names == nil {
		for _, t := range f.xTexts {
			right = max(right, min(f.x.at(t.value)+ink.TextWidth(t.text, tickSize, false)/2-f.x.to-gap, f.page.Width/8))
		}
	}
	return left, right
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

// heading gives the lines above a panel. In a last row that is not full, the texts at the x-axis of the row above
// stand beside it.
func (f *drawing) heading(panel int) []string {
	room := f.width + 2*gap
	if len(f.d.panels.texts)%f.columns != 0 && f.xHow == level {
		for _, t := range f.xTexts {
			if !t.mute {
				room = min(room, f.x.at(t.value)-f.x.from-ink.TextWidth(t.text, tickSize, false)/2+f.width+5*gap/2)
			}
		}
	}
	return lines(f.panelName(panel), labelSize, room)
}

func (f *drawing) headingLines() int {
	most := 1
	for i := range f.d.panels.texts {
		most = max(most, len(f.heading(i)))
	}
	return most
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
	bottom := last.Y + f.height + f.below - (len(f.xLines)-1)*lineHeight(labelSize)
	black := ink.Solid(ink.Black)
	for i, line := range f.xLines {
		f.page.Write(ink.Text{At: ink.Point{X: middle, Y: bottom + i*lineHeight(labelSize)}, Anchor: ink.Middle, Size: labelSize, Paint: black, Text: line})
	}
	for i, line := range f.yLines {
		f.page.Write(ink.Text{At: ink.Point{X: margin + labelSize*8/10 + i*lineHeight(labelSize), Y: (first.Y + last.Y + f.height) / 2}, Anchor: ink.Middle,
			Size: labelSize, Up: true, Paint: black, Text: line})
	}
}
