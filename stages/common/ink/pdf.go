package ink

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// PDF gives the page as a PDF 1.4 document of one page. It holds no date and no identifier; text is
// outlines, so it needs no font (and cannot be searched: the SVG can).
func (p *Page) PDF() []byte {
	var content bytes.Buffer
	percents := p.percents()
	var pictures []string
	// from here on y runs downwards, and a unit is a hundredth of a point
	fmt.Fprintf(&content, "0.01 0 0 -0.01 0 %s cm 1 j\n", hundredths(p.Height))
	for _, m := range p.marks {
		switch m := m.(type) {
		case Shape:
			m.pdf(&content)
		case Text:
			m.pdf(&content)
		case Bitmap:
			pictures = append(pictures, m.object())
			m.pdf(&content, len(pictures))
		}
	}
	var states strings.Builder
	for _, n := range percents {
		fmt.Fprintf(&states, "/A%d << /ca %s /CA %s >> ", n, hundredths(n), hundredths(n))
	}
	if len(pictures) > 0 {
		states.WriteString(">> /XObject << ")
		for i := range pictures {
			fmt.Fprintf(&states, "/I%d %d 0 R ", i+1, firstPicture+i)
		}
	}
	stream := deflate(content.Bytes())
	objects := []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %s %s] /Contents 4 0 R /Resources << /ExtGState << %s>> >> >>",
			hundredths(p.Width), hundredths(p.Height), states.String()),
		fmt.Sprintf("<< /Length %d /Filter /FlateDecode >>\nstream\n%s\nendstream", len(stream), stream),
	}
	objects = append(objects, pictures...)
	return assemble(append(objects, fmt.Sprintf("<< /Title <%s> >>", utf16Hex(p.Title))))
}

// firstPicture is the number of the first object that is a picture.
const firstPicture = 5

// deflate compresses data. What comes out is the Go release's choice.
func deflate(data []byte) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	_, err := w.Write(data)
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		panic(err) // memory takes all bytes
	}
	return b.Bytes()
}

// assemble numbers the objects from 1 and adds the table of where they stand. The last one is the
// document's information.
func assemble(objects []string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	for i, o := range objects {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	start := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(objects)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n", len(objects)+1, len(objects), start)
	return b.Bytes()
}

// percents lists the opacities that occur.
func (p *Page) percents() []int {
	list := []int{100}
	for _, m := range p.marks {
		switch m := m.(type) {
		case Shape:
			list = append(list, m.Fill.Percent, m.Stroke.Percent)
		case Text:
			list = append(list, m.Paint.Percent)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func (s *Shape) pdf(b *bytes.Buffer) {
	path := func() {
		for _, line := range s.Lines {
			for i, p := range line {
				fmt.Fprintf(b, "%d %d %c\n", p.X, p.Y, "ml"[min(i, 1)])
			}
			if s.Closed {
				b.WriteString("h\n")
			}
		}
	}
	if s.Fill.Percent > 0 {
		s.Fill.pdf(b, "rg")
		path()
		b.WriteString("f\n")
	}
	if s.Stroke.Percent > 0 {
		s.Stroke.pdf(b, "RG")
		fmt.Fprintf(b, "%d w %s 0 d\n", s.Width, strings.ReplaceAll(fmt.Sprint(append([]int{}, s.Dash...)), ",", " "))
		path()
		b.WriteString("S\n")
	}
}

func (t *Text) pdf(b *bytes.Buffer) {
	t.Paint.pdf(b, "rg")
	var from Point
	t.outline(func(s segment) {
		switch s.op {
		case 'M', 'L':
			from = s.args[0]
			fmt.Fprintf(b, "%d %d %c\n", from.X, from.Y, s.op+'a'-'A')
		case 'Q': // as a cubic curve: control points two thirds of the way
			c, to := s.args[0], s.args[1]
			fmt.Fprintf(b, "%d %d %d %d %d %d c\n", divide(from.X+2*c.X, 3), divide(from.Y+2*c.Y, 3),
				divide(to.X+2*c.X, 3), divide(to.Y+2*c.Y, 3), to.X, to.Y)
			from = to
		}
	})
	b.WriteString("f\n")
}

func (p Paint) pdf(b *bytes.Buffer, operator string) {
	fmt.Fprintf(b, "/A%d gs %s %s %s %s\n", p.Percent, share(p.Color.R), share(p.Color.G), share(p.Color.B), operator)
}

// share gives v/255 with three digits.
func share(v uint8) string {
	n := divide(int(v)*1000, 255)
	return fmt.Sprintf("%d.%03d", n/1000, n%1000)
}

func utf16Hex(s string) string {
	var b strings.Builder
	b.WriteString("FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}
