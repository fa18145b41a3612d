package ink

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
)

// SVG gives the page as an SVG document: no scripts, no references (pictures are in it), no identifiers, so that it may
// stand inside an HTML page beside others. The paper is a rectangle of class "paper".
func (p *Page) SVG() []byte {
	var b bytes.Buffer
	w, h := hundredths(p.Width), hundredths(p.Height)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%spt" height="%spt" viewBox="0 0 %s %s" role="img"`, w, h, w, h)
	b.WriteString(" font-family=\"Arial, Helvetica, 'Liberation Sans', sans-serif\" fill=\"none\" stroke-linejoin=\"round\">\n")
	fmt.Fprintf(&b, "<title>%s</title>\n<desc>%s</desc>\n", escape(p.Title), escape(p.Description))
	fmt.Fprintf(&b, "<rect class=\"paper\" width=\"%s\" height=\"%s\" fill=\"#ffffff\"/>\n", w, h)
	for _, m := range p.marks {
		switch m := m.(type) {
		case Shape:
			m.svg(&b)
		case Text:
			m.svg(&b)
		case Bitmap:
			m.svg(&b)
		}
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

func (s *Shape) svg(b *bytes.Buffer) {
	b.WriteString(`<path d="`)
	for _, line := range s.Lines {
		for i, p := range line {
			b.WriteByte("ML"[min(i, 1)])
			b.WriteString(hundredths(p.X))
			b.WriteByte(' ')
			b.WriteString(hundredths(p.Y))
		}
		if s.Closed || s.Fill.Percent > 0 && s.Stroke.Percent == 0 {
			b.WriteByte('Z')
		}
	}
	b.WriteByte('"')
	s.Fill.svg(b, "fill")
	if s.Stroke.Percent > 0 {
		s.Stroke.svg(b, "stroke")
		fmt.Fprintf(b, ` stroke-width="%s"`, hundredths(s.Width))
		if len(s.Dash) > 0 {
			dash := make([]string, len(s.Dash))
			for i, d := range s.Dash {
				dash[i] = hundredths(d)
			}
			fmt.Fprintf(b, ` stroke-dasharray="%s"`, strings.Join(dash, " "))
		}
	}
	b.WriteString("/>\n")
}

// The text is as wide as it was laid out, in whatever font the viewer has for it.
func (t *Text) svg(b *bytes.Buffer) {
	x, y := hundredths(t.At.X), hundredths(t.At.Y)
	fmt.Fprintf(b, `<text x="%s" y="%s" font-size="%s"`, x, y, hundredths(t.Size))
	if t.Anchor != Start {
		fmt.Fprintf(b, ` text-anchor="%s"`, [...]string{Middle: "middle", End: "end"}[t.Anchor])
	}
	if t.Bold {
		b.WriteString(` font-weight="bold"`)
	}
	if t.Up {
		fmt.Fprintf(b, ` transform="rotate(-90 %s %s)"`, x, y)
	}
	if width := TextWidth(t.Text, t.Size, t.Bold); width > 0 {
		fmt.Fprintf(b, ` textLength="%s" lengthAdjust="spacingAndGlyphs"`, hundredths(width))
	}
	t.Paint.svg(b, "fill")
	fmt.Fprintf(b, ">%s</text>\n", escape(t.Text))
}

func (p Paint) svg(b *bytes.Buffer, attribute string) {
	if p.Percent == 0 {
		return
	}
	if p.Color.Ink {
		fmt.Fprintf(b, ` %s="currentColor"`, attribute)
	} else {
		fmt.Fprintf(b, ` %s="#%02x%02x%02x"`, attribute, p.Color.R, p.Color.G, p.Color.B)
	}
	if p.Percent < 100 {
		fmt.Fprintf(b, ` %s-opacity="%s"`, attribute, hundredths(p.Percent))
	}
}

// hundredths gives n/100 as the shortest decimal.
func hundredths(n int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	s := sign + strconv.Itoa(n/100)
	if r := n % 100; r != 0 {
		s += "." + strings.TrimRight(fmt.Sprintf("%02d", r), "0")
	}
	return s
}

// escape makes text fit for SVG; what XML cannot hold becomes U+FFFD.
func escape(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' || r == 0xFFFE || r == 0xFFFF {
			return 0xFFFD
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
