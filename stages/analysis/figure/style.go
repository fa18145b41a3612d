package figure

import "spurion/stages/common/ink"

// The palette is that of Okabe and Ito (2008), "Color universal design"; yellow is last, being pale on
// paper.
var palette = []ink.Color{
	{R: 0x00, G: 0x72, B: 0xB2}, // blue
	{R: 0xD5, G: 0x5E, B: 0x00}, // vermilion
	{R: 0x00, G: 0x9E, B: 0x73}, // bluish green
	{R: 0xCC, G: 0x79, B: 0xA7}, // reddish purple
	{R: 0xE6, G: 0x9F, B: 0x00}, // orange
	{R: 0x56, G: 0xB4, B: 0xE9}, // sky blue
	{Ink: true},
	{R: 0xF0, G: 0xE4, B: 0x42}, // yellow
}

// dashes tell lines apart without color.
var dashes = [][]int{nil, {420, 180}, {120, 150}, {600, 150, 120, 150}, {240, 120}, {700, 200, 240, 200}, {120, 300}, {500, 120, 120, 120, 120, 120}}

// A look is how a series is drawn.
type look struct {
	color  ink.Color
	dash   []int
	marker int
	hatch  int
}

// look gives a series its color, pattern and marker. With both colors and several measures, colors
// tell values of the color column and patterns measures; else both tell the same.
func (d *data) look(s *series) look {
	i := s.color
	dash := i
	if len(d.measures) > 1 {
		if len(d.colors.texts) > 1 {
			dash = s.measure
		} else {
			i, dash = s.measure, s.measure
		}
	}
	marker := i
	if i >= len(palette) {
		dash++ // the second time round a color has another pattern
	}
	return look{palette[i%len(palette)], dashes[dash%len(dashes)], marker % 8, dash % 5}
}

// marker gives the outline of a small shape: circle, square, triangle, diamond, triangle upside down,
// pentagon, cross, plus.
func marker(kind int, at ink.Point, r int) []ink.Point {
	shift := func(points ...int) []ink.Point {
		out := make([]ink.Point, 0, len(points)/2)
		for i := 0; i < len(points); i += 2 {
			out = append(out, ink.Point{X: at.X + points[i]*r/100, Y: at.Y + points[i+1]*r/100})
		}
		return out
	}
	switch kind {
	case 1:
		return shift(-88, -88, 88, -88, 88, 88, -88, 88)
	case 2:
		return shift(0, -125, 115, 75, -115, 75)
	case 3:
		return shift(0, -130, 110, 0, 0, 130, -110, 0)
	case 4:
		return shift(0, 125, -115, -75, 115, -75)
	case 5:
		return shift(0, -118, 112, -36, 69, 95, -69, 95, -112, -36)
	case 6:
		return shift(-110, -70, -70, -110, 0, -40, 70, -110, 110, -70, 40, 0, 110, 70, 70, 110, 0, 40, -70, 110, -110, 70, -40, 0)
	case 7:
		return shift(-35, -120, 35, -120, 35, -35, 120, -35, 120, 35, 35, 35, 35, 120, -35, 120, -35, 35, -120, 35, -120, -35, -35, -35)
	}
	return ink.Disc(at, r)
}

// hatch gives the lines of a pattern inside a rectangle: none, rising, falling, both, level.
func hatch(kind, x0, y0, x1, y1 int) [][]ink.Point {
	var lines [][]ink.Point
	const gap = 420
	rising, falling := kind == 1 || kind == 3, kind == 2 || kind == 3
	for c := gap / 2; rising && c < (x1-x0)+(y1-y0); c += gap {
		// the line x - x0 + y - y0 = c
		a := ink.Point{X: min(x0+c, x1), Y: y0 + max(0, c-(x1-x0))}
		b := ink.Point{X: x0 + max(0, c-(y1-y0)), Y: min(y0+c, y1)}
		lines = append(lines, []ink.Point{a, b})
	}
	for c := gap / 2; falling && c < (x1-x0)+(y1-y0); c += gap {
		a := ink.Point{X: max(x1-c, x0), Y: y0 + max(0, c-(x1-x0))}
		b := ink.Point{X: x1 - max(0, c-(y1-y0)), Y: min(y0+c, y1)}
		lines = append(lines, []ink.Point{a, b})
	}
	for y := y0 + gap/2; kind == 4 && y < y1; y += gap {
		lines = append(lines, []ink.Point{{X: x0, Y: y}, {X: x1, Y: y}})
	}
	return lines
}

// shades go from dark to light as cividis does (Nuñez, Anderton and Renslow 2018): in print without
// color too, and for the color-blind the same.
var shades = []ink.Color{
	{R: 0, G: 34, B: 78}, {R: 18, G: 53, B: 112}, {R: 59, G: 73, B: 108}, {R: 87, G: 93, B: 109}, {R: 112, G: 113, B: 115},
	{R: 138, G: 134, B: 120}, {R: 165, G: 156, B: 116}, {R: 195, G: 179, B: 105}, {R: 225, G: 204, B: 85}, {R: 254, G: 232, B: 56},
}

// shade gives the color of a share of 0 to 1000, and one to write on it.
func shade(thousandths int) (paint, text ink.Color) {
	at := min(max(thousandths, 0), 1000) * (len(shades) - 1)
	i := min(at/1000, len(shades)-2)
	mix := func(a, b uint8) uint8 { return uint8(int(a) + (int(b)-int(a))*(at-1000*i)/1000) }
	a, b := shades[i], shades[i+1]
	paint = ink.Color{R: mix(a.R, b.R), G: mix(a.G, b.G), B: mix(a.B, b.B)}
	if thousandths < 520 {
		return paint, ink.Paper
	}
	return paint, ink.Color{}
}
