package picture

import (
	"slices"

	"spurion/stages/common/ink"
)

// A Sheet is a page of samples: a row for each group, its label on the left.
type Sheet struct {
	Title, Caption string // above and below; may be empty
	Groups         []Group
}

// A Group is a row of a sheet. Its label is broken at spaces, and shortened where it is too long.
type Group struct {
	Label    string
	Pictures []*Image // of any shapes; nil leaves a gap
}

// Sizes of a sheet in hundredths of a point; those around pictures are whole pixels of the PNG.
const (
	pixel       = 36 // of the PNG, which has 200 an inch
	cellWidth   = 120 * pixel
	cellHeight  = 200 * pixel
	sheetMargin = 14 * pixel
	sheetGap    = 10 * pixel
	leastWidth  = 28368 // 100 mm
	labelWidth  = 10800 // at most
	titleSize   = 1050
	labelSize   = 800
	captionSize = 750
)

// Page lays the sheet out. All pictures of a sheet are enlarged by one whole factor, the largest with which they fit into 15 by 25 mm,
// and nothing is smoothed; those that are larger are made smaller by Resize, each as far as it must. The page is as wide as the
// longest row and as high as its groups, so callers choose how many of each they show. Equal sheets give equal pages.
func (s *Sheet) Page() *ink.Page {
	rows, factor := s.thumbnails()
	wide, high, columns := 0, 0, 1
	for _, row := range rows {
		columns = max(columns, len(row))
		for _, m := range row {
			if m != nil {
				wide, high = max(wide, m.Width*factor*pixel), max(high, m.Height*factor*pixel)
			}
		}
	}
	left := sheetMargin
	if w := s.labelsWidth(); w > 0 {
		left = onPixel(left + w + sheetGap)
	}
	page := &ink.Page{Width: max(leastWidth, left+columns*(wide+sheetGap)-sheetGap+sheetMargin), Title: s.Title, Description: s.Caption}
	if s.Title == "" {
		page.Title = "Samples"
	}
	y := sheetMargin
	if s.Title != "" {
		y = lines(page, s.Title, titleSize, y, true, 100) + sheetGap
	}
	for i, row := range rows {
		y = onPixel(y)
		y += s.group(page, i, row, factor, left, y, wide, high) + sheetGap
	}
	if s.Caption != "" {
		y = lines(page, s.Caption, captionSize, y, false, 75)
	}
	page.Height = onPixel(y + sheetMargin)
	return page
}

// thumbnails gives the pictures, none larger than a cell, and the factor by which all are enlarged.
func (s *Sheet) thumbnails() (rows [][]*Image, factor int) {
	wide, high := 1, 1
	for _, g := range s.Groups {
		row := make([]*Image, len(g.Pictures))
		for i, m := range g.Pictures {
			if m != nil {
				row[i] = thumbnail(m)
				wide, high = max(wide, row[i].Width), max(high, row[i].Height)
			}
		}
		rows = append(rows, row)
	}
	return rows, min(cellWidth/pixel/wide, cellHeight/pixel/high)
}

// thumbnail makes a picture that is larger than a cell as large as it may be there.
func thumbnail(m *Image) *Image {
	const width, height = cellWidth / pixel, cellHeight / pixel
	switch {
	case m.Width <= width && m.Height <= height:
		return m
	case m.Width*height >= m.Height*width:
		return m.Resize(max(1, m.Height*width/m.Width), width, Stretch)
	}
	return m.Resize(height, max(1, m.Width*height/m.Height), Stretch)
}

// group draws a row with its top at y, and tells how high it is.
func (s *Sheet) group(page *ink.Page, i int, row []*Image, factor, left, y, wide, high int) int {
	label := s.label(i)
	const line = labelSize * 11 / 10
	empty := !slices.ContainsFunc(row, func(m *Image) bool { return m != nil })
	height := max(high, len(label)*line)
	if empty {
		height = max(1, len(label)) * line
	}
	for k, text := range label {
		at := y + (height-len(label)*line)/2 + k*line + labelSize*9/10
		page.Write(ink.Text{At: ink.Point{X: sheetMargin, Y: at}, Size: labelSize, Paint: ink.Solid(ink.Black), Text: text})
	}
	for k, m := range row {
		if m == nil {
			continue
		}
		w, h := m.Width*factor*pixel, m.Height*factor*pixel
		at := ink.Point{X: left + k*(wide+sheetGap) + halfOnPixel(wide-w), Y: y + halfOnPixel(height-h)}
		page.Place(ink.Bitmap{At: at, Width: w, Height: h, Columns: m.Width, Rows: m.Height, Channels: m.Channels, Pixels: m.together()})
		frame := ink.Rect(at.X-pixel/2, at.Y-pixel/2, at.X+w+pixel/2, at.Y+h+pixel/2)
		page.Draw(ink.Shape{Lines: [][]ink.Point{frame}, Closed: true, Stroke: ink.Paint{Color: ink.Black, Percent: 30}, Width: pixel})
	}
	if empty {
		at := ink.Point{X: left, Y: y + height/2 + labelSize*35/100}
		page.Write(ink.Text{At: at, Size: labelSize, Paint: ink.Paint{Color: ink.Black, Percent: 60}, Text: "no samples"})
	}
	return height
}

// label gives the lines of a group's label.
func (s *Sheet) label(i int) []string {
	label := ink.Wrap(s.Groups[i].Label, labelSize, labelWidth, false)
	for k, text := range label {
		label[k] = ink.Shorten(text, labelSize, labelWidth, false)
	}
	return label
}

func (s *Sheet) labelsWidth() int {
	width := 0
	for i := range s.Groups {
		for _, text := range s.label(i) {
			width = max(width, ink.TextWidth(text, labelSize, false))
		}
	}
	return width
}

// lines writes a text across the page from y on, and tells where it ends.
func lines(page *ink.Page, text string, size, y int, bold bool, percent int) int {
	room := page.Width - 2*sheetMargin
	for _, line := range ink.Wrap(text, size, room, bold) {
		y += size * 5 / 4
		page.Write(ink.Text{At: ink.Point{X: sheetMargin, Y: y}, Size: size, Bold: bold, Paint: ink.Paint{Color: ink.Black, Percent: percent},
			Text: ink.Shorten(line, size, room, bold)})
	}
	return y
}

// together gives the pixels with their channels together, row by row.
func (m *Image) together() []uint8 {
	if m.Channels == 1 {
		return m.Pixels
	}
	out := make([]uint8, len(m.Pixels))
	for c := range m.Channels {
		for i, v := range m.plane(c) {
			out[i*m.Channels+c] = v
		}
	}
	return out
}

// onPixel rounds up to whole pixels of the PNG, and halfOnPixel halves to such.
func onPixel(n int) int     { return (n + pixel - 1) / pixel * pixel }
func halfOnPixel(n int) int { return n / 2 / pixel * pixel }
