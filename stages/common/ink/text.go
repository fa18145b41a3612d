package ink

import (
	"strings"
	"sync"

	"codeberg.org/go-fonts/liberation/liberationsansbold"
	"codeberg.org/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

// em is the number of font units in the size of the letters, in both fonts.
const em = 2048

// A face is a font with the outlines that were asked for so far. Its lock is held while it is read,
// because pages are drawn in several goroutines.
type face struct {
	mu     sync.Mutex
	font   *sfnt.Font
	buffer sfnt.Buffer
	glyphs map[rune]*glyph
}

// A glyph is a letter in font units, y upwards.
type glyph struct {
	advance  int
	segments []segment
}

// A segment is a part of an outline: to move, to draw a line, or a quadratic curve by its control
// point and end.
type segment struct {
	op   byte // 'M', 'L' or 'Q'
	args [2]Point
}

var faces = [2]*face{parse(liberationsansregular.TTF), parse(liberationsansbold.TTF)}

func parse(data []byte) *face {
	f, err := sfnt.Parse(data)
	if err != nil || f.UnitsPerEm() != em {
		panic("ink: the embedded font cannot be read")
	}
	return &face{font: f, glyphs: map[rune]*glyph{}}
}

func faceOf(bold bool) *face {
	if bold {
		return faces[1]
	}
	return faces[0]
}

// glyph gives a letter; one that the font lacks is its empty box.
func (f *face) glyph(r rune) *glyph {
	f.mu.Lock()
	defer f.mu.Unlock()
	if g := f.glyphs[r]; g != nil {
		return g
	}
	index, err := f.font.GlyphIndex(&f.buffer, r)
	if err != nil {
		index = 0
	}
	g := &glyph{}
	if width, err := f.font.GlyphAdvance(&f.buffer, index, fixed.I(em), font.HintingNone); err == nil {
		g.advance = width.Round()
	}
	segments, err := f.font.LoadGlyph(&f.buffer, index, fixed.I(em), nil)
	if err != nil {
		segments = nil
	}
	point := func(p fixed.Point26_6) Point { return Point{p.X.Round(), p.Y.Round()} }
	for _, s := range segments {
		switch s.Op {
		case sfnt.SegmentOpMoveTo:
			g.segments = append(g.segments, segment{'M', [2]Point{point(s.Args[0])}})
		case sfnt.SegmentOpLineTo:
			g.segments = append(g.segments, segment{'L', [2]Point{point(s.Args[0])}})
		case sfnt.SegmentOpQuadTo:
			g.segments = append(g.segments, segment{'Q', [2]Point{point(s.Args[0]), point(s.Args[1])}})
		}
	}
	f.glyphs[r] = g
	return g
}

// TextWidth gives the width of a line of text in hundredths of a point, without kerning.
func TextWidth(text string, size int, bold bool) int {
	f, units := faceOf(bold), 0
	for _, r := range text {
		units += f.glyph(r).advance
	}
	return divide(units*size, em)
}

// Wrap breaks a text at spaces into lines of at most a width; a longer word has a line of its own.
func Wrap(text string, size, width int, bold bool) []string {
	var lines []string
	line := ""
	for _, word := range strings.Fields(text) {
		longer := line + " " + word
		if line == "" {
			longer = word
		}
		if line != "" && TextWidth(longer, size, bold) > width {
			lines = append(lines, line)
			longer = word
		}
		line = longer
	}
	if line != "" {
		lines = append(lines, line)
	}
	return lines
}

// Shorten cuts a text to a width, with an ellipsis where it ends early.
func Shorten(text string, size, width int, bold bool) string {
	letters := []rune(text)
	if TextWidth(text, size, bold) <= width {
		return text
	}
	for len(letters) > 1 && TextWidth(string(letters)+"…", size, bold) > width {
		letters = letters[:len(letters)-1]
	}
	return string(letters) + "…"
}

// outline calls draw with every segment of the text on the page.
func (t *Text) outline(draw func(segment)) {
	f := faceOf(t.Bold)
	units := 0
	switch t.Anchor {
	case Middle:
		units = -divide(TextWidth(t.Text, em, t.Bold), 2)
	case End:
		units = -TextWidth(t.Text, em, t.Bold)
	}
	for _, r := range t.Text {
		g := f.glyph(r)
		for _, s := range g.segments {
			for i, p := range s.args {
				x, y := divide((units+p.X)*t.Size, em), divide(p.Y*t.Size, em)
				if t.Up {
					x, y = y, -x
				}
				s.args[i] = Point{t.At.X + x, t.At.Y + y}
			}
			draw(s)
		}
		units += g.advance
	}
}
