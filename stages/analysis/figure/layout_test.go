package figure

import (
	"fmt"
	"html"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/kernel"
	"spurion/stages/stagetest"
)

// A box is where a text stands on the page, in points.
type box struct {
	text                     string
	left, top, right, bottom float64
	size                     float64
}

var textTag = regexp.MustCompile(`<text([^>]*)>([^<]*)</text>`)

// boxes gives the places of all texts of a picture, from its SVG.
func boxes(t testing.TB, svg string) []box {
	t.Helper()
	var list []box
	for _, m := range textTag.FindAllStringSubmatch(svg, -1) {
		attribute := func(name string) string {
			found := regexp.MustCompile(` ` + name + `="([^"]*)"`).FindStringSubmatch(m[1])
			if found == nil {
				return ""
			}
			return found[1]
		}
		number := func(name string) float64 {
			v, err := strconv.ParseFloat(attribute(name), 64)
			if err != nil {
				t.Fatalf("%s of %s: %v", name, m[0], err)
			}
			return v
		}
		x, y, size, width := number("x"), number("y"), number("font-size"), number("textLength")
		from := map[string]float64{"": 0, "middle": -width / 2, "end": -width}[attribute("text-anchor")]
		b := box{text: html.UnescapeString(m[2]), size: size, left: x + from, right: x + from + width, top: y - 0.7*size, bottom: y + 0.2*size}
		if strings.Contains(attribute("transform"), "rotate(-90") {
			b.left, b.right, b.top, b.bottom = x-0.7*size, x+0.2*size, y-from-width, y-from
		}
		list = append(list, b)
	}
	return list
}

// checkBoxes wants no text over another, and none beyond the page.
func checkBoxes(t *testing.T, name, svg string) {
	t.Helper()
	m := regexp.MustCompile(`viewBox="0 0 ([0-9.]+) ([0-9.]+)"`).FindStringSubmatch(svg)
	if m == nil {
		t.Fatal("no viewBox")
	}
	width, _ := strconv.ParseFloat(m[1], 64)
	height, _ := strconv.ParseFloat(m[2], 64)
	list := boxes(t, svg)
	if len(list) < 3 {
		t.Errorf("%s: only %d texts", name, len(list))
	}
	for i, a := range list {
		if a.left < 0 || a.top < 0 || a.right > width || a.bottom > height {
			t.Errorf("%s: %q leaves the page of %v × %v: %+v", name, a.text, width, height, a)
		}
		for _, b := range list[:i] {
			if a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom {
				t.Errorf("%s: %q and %q lie over each other:\n%+v\n%+v", name, a.text, b.text, a, b)
			}
		}
	}
}

// sketch draws a table by settings, without the formats that take time.
func sketch(t *testing.T, s *Settings, table *frame.Table) (svg string, err error) {
	t.Helper()
	parts, err := gather.Read(stagetest.Inputs{"table": {stagetest.Table(table)}}["table"])
	if err != nil {
		t.Fatal(err)
	}
	d, err := read(s, parts)
	if err != nil {
		return "", err
	}
	page, err := (&drawing{s: s, d: d}).draw()
	if err != nil {
		return "", err
	}
	return string(page.SVG()), nil
}

// Whatever the ranges, scales, names and sizes, no text lies over another and none leaves the page.
func TestTextsKeepApart(t *testing.T) {
	s := kernel.NewStream(3, "test/layout")
	drawn := 0
	for i := range 250 {
		c := anyFigure(s)
		svg, err := sketch(t, c.settings, c.table)
		if err != nil {
			if !strings.Contains(err.Error(), "make it larger") && !strings.Contains(err.Error(), "nothing to draw") {
				t.Fatal(err)
			}
			continue
		}
		drawn++
		checkBoxes(t, fmt.Sprintf("%d: %+v", i, c.settings), svg)
		if t.Failed() {
			return
		}
	}
	if drawn < 150 {
		t.Errorf("only %d figures were drawn", drawn)
	}
}

type anyCase struct {
	settings *Settings
	table    *frame.Table
}

// anyFigure makes up a figure: its form, size, scales, ranges and names.
func anyFigure(s *kernel.Stream) anyCase {
	pick := func(n int) int { return int(s.Float64() * float64(n)) }
	values := func(n int) []float64 {
		// a range of any width at any place: constant, up to rounding, tiny, below a decade, over 30 decades
		low := math.Pow(10, float64(pick(13)-6)) * (1 + s.Float64())
		if pick(3) == 0 {
			low = float64(pick(2))
		}
		span := math.Abs(low) * math.Pow(10, float64(-pick(17)))
		if pick(4) == 0 {
			span = math.Pow(10, float64(pick(60)-30))
		}
		wide, extreme := pick(5) == 0, pick(8) == 0
		list := make([]float64, n)
		for i := range list {
			list[i] = low + span*s.Float64()
			if wide {
				list[i] = math.Pow(10, 30*s.Float64()-15)
			}
			if pick(40) == 0 {
				list[i] = -list[i]
			}
			if extreme && pick(4) == 0 {
				list[i] = []float64{0, 1e300, -1e300, 1e-300, 5e-324, 1}[pick(6)]
			}
		}
		return list
	}
	words := func(n, distinct int) []string {
		length := 1 + pick(40)
		list := make([]string, n)
		for i := range list {
			k := i % distinct
			name := fmt.Sprintf("%d", k)
			for len(name) < length {
				name += []string{" of", "word", "_x", "WWW", "i"}[(k+len(name))%5]
			}
			list[i] = name
		}
		return list
	}
	const n = 24
	p := Plot{
		Form: []string{"curves", "scatter", "bars", "heatmap", "fit"}[pick(5)], X: "x", Y: []string{"y"}, Over: "seed", Center: "median", Spread: "range",
		Points: pick(2) == 0,
	}
	distinct := 1 + pick(n)
	t := &frame.Table{Columns: []frame.Column{
		frame.Float64s(frame.Field{Name: "x", Unit: "steps"}, values(n)), frame.Float64s(frame.Field{Name: "y", Unit: "nats"}, values(n)),
		frame.Strings(frame.Field{Name: "name"}, words(n, distinct)), frame.Strings(frame.Field{Name: "other"}, words(n, 1+pick(n))),
		frame.Float64s(frame.Field{Name: "value", Unit: "1"}, values(n)),
	}}
	switch p.Form {
	case "bars":
		p.X = "name"
	case "heatmap":
		p.X, p.Y, p.Value = "name", []string{"other"}, "value"
	default:
		p.XScale, p.YScale = []string{"linear", "log"}[pick(2)], []string{"linear", "log"}[pick(2)]
	}
	if pick(2) == 0 {
		p.Color = "other"
	}
	if pick(2) == 0 {
		p.Facet = "name"
	}
	if p.Form == "heatmap" {
		p.Color = ""
	}
	if pick(4) == 0 {
		p.XLabel, p.YLabel = words(1, 1)[0]+" along the horizontal axis of all the panels", words(1, 1)[0]+" along the vertical axis of all the panels"
	}
	settings := &Settings{Width: float64(50 + 10*pick(20)), Plot: p}
	if pick(3) == 0 {
		settings.Title = strings.Repeat("A title ", 1+pick(20))
	}
	if pick(3) == 0 {
		settings.Height = float64(60 + 10*pick(20))
	}
	return anyCase{settings, t}
}
