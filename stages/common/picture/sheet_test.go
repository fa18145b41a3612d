package picture

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"flag"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"spurion/stages/common/ink"
)

var show = flag.String("show", "", "a folder to write the sheets of the tests into, to look at them")

// sheet gives a sheet of the pictures that Pillow has.
func sheet(t *testing.T) *Sheet {
	t.Helper()
	files := pillow(t)
	read := func(names ...string) (list []*Image) {
		for _, name := range names {
			m, err := Decode(files["decode/"+name], noLimit)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, m)
		}
		return list
	}
	return &Sheet{Title: "Samples of photos & drawings", Caption: "The first pictures of each group, in the order of the data set. " +
		"The group is the class and the attribute.", Groups: []Group{
		{"dress, zero (n = 4,750)", read("rgb8.png", "palette8.png", "grey8.png", "rgba16.png", "rgb8-1x1.png")},
		{"a label of many words that needs several lines and a verylongwordthatfitsnowhereatallinthiscolumn", append(read("420-75.jpg"), nil, read("loss80.webp")[0])},
		{"truck, one (n = 0)", nil},
		{"turned", read("turned1.png", "turned6.png", "420-1x17.jpg")},
	}}
}

// written gives a page in the three formats.
func written(t *testing.T, name string, page *ink.Page) (svg, pdf, png []byte) {
	t.Helper()
	svg, pdf, png = page.SVG(), page.PDF(), page.PNG()
	if *show != "" {
		for extension, data := range map[string][]byte{".svg": svg, ".pdf": pdf, ".png": png} {
			if err := os.WriteFile(filepath.Join(*show, name+extension), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return svg, pdf, png
}

// Every pixel of every picture is a square of the page, of the same size, in the PNG and in the SVG.
func TestSheetShowsItsPixels(t *testing.T) {
	s := sheet(t)
	svg, pdf, drawn := written(t, "sheet", s.Page())
	seen, err := png.Decode(bytes.NewReader(drawn))
	if err != nil {
		t.Fatal(err)
	}
	var shown []*Image
	for _, g := range s.Groups {
		for _, m := range g.Pictures {
			if m != nil {
				shown = append(shown, m)
			}
		}
	}
	type embedded struct {
		X, Y, Width, Height float64
		Href                string
	}
	var placed []embedded
	d := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && e.Name.Local == "image" {
			var p struct {
				X      float64 `xml:"x,attr"`
				Y      float64 `xml:"y,attr"`
				Width  float64 `xml:"width,attr"`
				Height float64 `xml:"height,attr"`
				Href   string  `xml:"href,attr"`
			}
			if err := d.DecodeElement(&p, &e); err != nil {
				t.Fatal(err)
			}
			placed = append(placed, embedded(p))
		}
	}
	if len(placed) != len(shown) || bytes.Count(pdf, []byte("/Subtype /Image")) != len(shown) {
		t.Fatalf("%d pictures, %d in the SVG, %d in the PDF", len(shown), len(placed), bytes.Count(pdf, []byte("/Subtype /Image")))
	}
	for i, m := range shown {
		p := placed[i]
		data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(p.Href, "data:image/png;base64,"))
		if err != nil {
			t.Fatal(err)
		}
		if in, err := Decode(data, noLimit); err != nil || !bytes.Equal(in.Pixels, m.Pixels) {
			t.Errorf("picture %d is another in the SVG: %v", i, err)
		}
		const perPoint = 200. / 72
		factor := int(p.Width*perPoint/float64(m.Width) + .5)
		if factor != 2 || float64(factor*m.Width)/perPoint-p.Width > 1e-9 || float64(factor*m.Height)/perPoint-p.Height > 1e-9 {
			t.Errorf("picture %d of %d x %d is %v x %v points, %d times", i, m.Height, m.Width, p.Height, p.Width, factor)
		}
		left, top := int(p.X*perPoint+.5), int(p.Y*perPoint+.5)
		for y := range m.Height * factor {
			for x := range m.Width * factor {
				r, g, b, _ := seen.At(left+x, top+y).RGBA()
				at := y/factor*m.Width + x/factor
				want := m.RGB()
				if uint8(r) != want.plane(0)[at] || uint8(g) != want.plane(1)[at] || uint8(b) != want.plane(2)[at] {
					t.Fatalf("picture %d at %d, %d is %d %d %d in the PNG", i, x, y, uint8(r), uint8(g), uint8(b))
				}
			}
		}
	}
	if again, _, _ := written(t, "sheet", sheet(t).Page()); !bytes.Equal(again, svg) {
		t.Error("the same sheet is drawn otherwise")
	}
	for _, text := range []string{"no samples", "Samples of photos &amp; drawings", "dress, zero (n =", "…"} {
		if !bytes.Contains(svg, []byte(text)) {
			t.Errorf("%q is not on the sheet", text)
		}
	}
}

// Pictures that are larger than a cell become smaller with their ratio, and others beside them are not enlarged then.
func TestSheetOfLargePictures(t *testing.T) {
	wide, tall, small := newImage(3, 300, 500), newImage(1, 1000, 10), newImage(3, 5, 5)
	s := &Sheet{Groups: []Group{{"", []*Image{wide, tall, small}}}}
	svg, _, _ := written(t, "large", s.Page())
	sizes := regexp.MustCompile(`<image x="[\d.]+" y="[\d.]+" width="([\d.]+)" height="([\d.]+)"`).FindAllStringSubmatch(string(svg), -1)
	if len(sizes) != 3 || sizes[0][1] != "43.2" || sizes[0][2] != "25.92" || sizes[1][1] != "0.72" || sizes[1][2] != "72" || sizes[2][1] != "1.8" {
		t.Errorf("the sizes in points are %v", sizes)
	}
	if !strings.Contains(string(svg), "<title>Samples</title>") {
		t.Error("a sheet without a title is nameless")
	}
	empty := (&Sheet{Groups: []Group{{Label: "none"}}}).Page()
	if svg, _, _ := written(t, "empty", empty); !bytes.Contains(svg, []byte("no samples")) {
		t.Error("an empty sheet does not say so")
	}
}
