// Package ink draws pages: lines, shapes, text and small pictures, written as SVG, PDF and PNG.
//
// Equal pages give equal drawings, on every machine and with every Go release: the same SVG, the same
// pixels, the same operators in a PDF. So coordinates are whole numbers, hundredths of a point (1/7200 inch)
// from the top left, and text is measured and shapes are filled with whole numbers; the only operation on
// fractions is a square root and a division, which IEEE 754 fixes. PDF and PNG are compressed by the standard
// library, which gives equal bytes on every machine, but not for ever: another Go release may find a shorter way.
//
// Text is Liberation Sans, whose metrics are Arial's and Helvetica's: an SVG names those and keeps
// its text as text, a PDF and a PNG hold the letters' outlines, so that no font can be missing.
package ink

// A Point is a place on the page in hundredths of a point: x from the left, y from the top.
type Point struct{ X, Y int }

// A Color is sRGB. Ink is the color of text and axes: black on paper, and in an SVG the color of the
// text around it, so that a dark page may show it light.
type Color struct {
	R, G, B uint8
	Ink     bool
}

// Black and Paper are the colors of what has none of its own.
var (
	Black = Color{Ink: true}
	Paper = Color{R: 255, G: 255, B: 255}
)

// A Paint is a color and how opaque it is, in percent; the zero Paint paints nothing.
type Paint struct {
	Color   Color
	Percent int // 0 to 100
}

// Solid gives an opaque paint.
func Solid(c Color) Paint { return Paint{c, 100} }

// A Shape is a set of polylines, filled (by the nonzero rule, closed for that), stroked, or both.
type Shape struct {
	Lines  [][]Point
	Closed bool // the stroke goes back to each line's start
	Fill   Paint
	Stroke Paint
	Width  int   // of the stroke
	Dash   []int // lengths on and off in turn; empty for a whole line
}

// An Anchor says which part of a text stands at its point.
type Anchor uint8

// The anchors.
const (
	Start Anchor = iota
	Middle
	End
)

// A Text is one line of text: At is on its baseline.
type Text struct {
	At     Point
	Anchor Anchor
	Size   int // of the font, in hundredths of a point
	Bold   bool
	Up     bool // turned by a quarter to the left: it reads upwards
	Paint  Paint
	Text   string
}

// A Page is what is drawn on, in order; later marks cover earlier ones.
type Page struct {
	Width, Height int
	Title         string // told to those who do not see the page
	Description   string
	marks         []any // Shape, Text or Bitmap
}

// Draw adds a shape. One without points is left out.
func (p *Page) Draw(s Shape) {
	for _, l := range s.Lines {
		if len(l) > 1 {
			p.marks = append(p.marks, s)
			return
		}
	}
}

// Write adds a text; an empty one is left out.
func (p *Page) Write(t Text) {
	if t.Text != "" {
		p.marks = append(p.marks, t)
	}
}

// Line draws a straight line.
func (p *Page) Line(a, b Point, stroke Paint, width int, dash ...int) {
	p.Draw(Shape{Lines: [][]Point{{a, b}}, Stroke: stroke, Width: width, Dash: dash})
}

// Rect gives the corners of a rectangle.
func Rect(x0, y0, x1, y1 int) []Point {
	return []Point{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}}
}

// circle holds a quarter of a polygon of 24 corners on a circle of radius 10,000.
var circle = [7]Point{{10000, 0}, {9659, 2588}, {8660, 5000}, {7071, 7071}, {5000, 8660}, {2588, 9659}, {0, 10000}}

// Disc gives a polygon of 24 corners that stands for a circle.
func Disc(center Point, radius int) []Point {
	points := make([]Point, 0, 24)
	at := func(x, y int) {
		points = append(points, Point{center.X + divide(x*radius, 10000), center.Y + divide(y*radius, 10000)})
	}
	for i := range 6 {
		at(circle[i].X, circle[i].Y)
	}
	for i := range 6 {
		at(-circle[i].Y, circle[i].X)
	}
	for i := range 6 {
		at(-circle[i].X, -circle[i].Y)
	}
	for i := range 6 {
		at(circle[i].Y, -circle[i].X)
	}
	return points
}

// divide gives a/b rounded to the nearest whole number, halves away from zero; b is positive.
func divide(a, b int) int {
	if a < 0 {
		return -((-a + b/2) / b)
	}
	return (a + b/2) / b
}
