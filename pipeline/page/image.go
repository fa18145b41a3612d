package page

import (
	"bytes"
	"encoding/base64"
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
)

// plain reports whether the figure stands in the page itself: an SVG of plain shapes, text and small pictures, which so
// takes on the page's light or dark colors.
func (f *Figure) plain() bool { return f.Extension == ".svg" && plainSVG(f.Image) }

// dataURL gives an image as a URL that holds it, in which neither scripts run nor anything is fetched; of a format that
// no browser shows, nothing.
func (f *Figure) dataURL() string {
	kind := map[string]string{".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
		".gif": "image/gif", ".webp": "image/webp"}[strings.ToLower(f.Extension)]
	if kind == "" {
		return ""
	}
	return "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(f.Image)
}

// plainElements and plainAttributes are what an SVG may consist of to stand in the page.
var (
	plainElements   = words("svg title desc g rect path text line circle polygon polyline image")
	plainAttributes = words(`xmlns width height viewBox role font-family font-size font-weight fill stroke stroke-linejoin
		stroke-width stroke-dasharray fill-opacity stroke-opacity class x y x1 x2 y1 y2 cx cy r d points transform text-anchor textLength lengthAdjust
		preserveAspectRatio image-rendering`)
)

// embeddedPNG is all that an image may show: a PNG that is here, byte by byte.
var embeddedPNG = regexp.MustCompile(`^data:image/png;base64,[A-Za-z0-9+/]+={0,2}$`)

func words(s string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(s) {
		set[w] = true
	}
	return set
}

// plainSVG reports whether data is one well-formed svg element that holds only plain elements with
// plain attributes: nothing that runs, loads, links, styles or names. An image has its PNG in it.
func plainSVG(data []byte) bool {
	d := xml.NewDecoder(bytes.NewReader(data))
	depth, roots := 0, 0
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return depth == 0 && roots == 1
		}
		if err != nil {
			return false
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 {
				roots++
				if t.Name.Local != "svg" {
					return false
				}
			}
			depth++
			if !plainElements[t.Name.Local] || depth > 1 && t.Name.Local == "svg" || t.Name.Space != "http://www.w3.org/2000/svg" {
				return false
			}
			for _, a := range t.Attr {
				if t.Name.Local == "image" && a.Name.Space == "" && a.Name.Local == "href" && embeddedPNG.MatchString(a.Value) {
					continue
				}
				if a.Name.Space != "" || !plainAttributes[a.Name.Local] || strings.Contains(a.Value, "url(") {
					return false
				}
			}
		case xml.EndElement:
			depth--
		case xml.Comment, xml.ProcInst, xml.Directive:
			return false
		}
	}
}
