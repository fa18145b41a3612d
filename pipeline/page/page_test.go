package page

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"go/format"
	"io"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/valyala/quicktemplate/parser"
)

const plain = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><title>t</title><path d="M0 0L1 1" stroke="currentColor"/></svg>`

func sample() *Page {
	one, low := 1.0, 0.5
	return &Page{
		Spec: "quick", Description: "An <experiment> & more", Path: "specs/quick.hcl",
		Variables: []Variable{{Name: "seeds", Value: "3", Source: "default"}},
		Claims: []Claim{
			{Name: "slower", Of: "slower", Says: "It is <later>.", Source: "R1", Test: "trend", Verdict: "reproduced", Detail: "p is small.", Estimate: &one, Low: &low, High: &one,
				N: 12, Numbers: []Number{{Name: "estimate", Value: "1"}}, Figures: []int{0, 1}, Stages: []string{"train.erm"}, Command: "spurion run specs/quick.hcl claim.slower",
				Lines: Lines{"specs/quick.hcl:9", `claim "slower" {}`}},
			{Name: "other[k=<1>]", Of: "other", Axes: []string{"k = <1>"}, Says: "Other.", Verdict: "not evaluated", Figures: []int{1}},
		},
		Figures: []Figure{
			{Address: "figure.a", Image: []byte(plain), Extension: ".svg", Files: []File{{Path: "figures/a%3A#1.svg"}},
				Table: &Table{Columns: []Column{{Name: "x", Unit: "steps"}}, Rows: [][]string{{"1"}}, Total: 9, Path: "tables/a.parquet"}},
			{Address: "figure.b", Image: []byte("\x89PNG"), Extension: ".png"},
			{Address: "figure.c", Image: []byte(plain), Extension: ".svg"},
		},
		Stages: []Stage{{ID: "generate.x", Instances: 2}, {ID: "train.erm", Instances: 2, Axes: "seed 0, 1", Uses: []string{"generate.x"},
			Settings: []Number{{Name: "batch", Value: "64"}}, Lines: Lines{"specs/quick.hcl:1", "stage {}"}}},
		Tables: []File{{Path: "tables/a.parquet", Rows: 9, Bytes: 12345}},
		Run:    Run{ID: "20260101T000000Z-abc", Program: "spurion", Outcome: "done", Stages: []StageRun{{ID: "train.erm", Computed: 2, Seconds: 1.5}}},
	}
}

func render(p *Page) string { return string(Render(p)) }

// The Go code of the page is what its template gives.
func TestGenerated(t *testing.T) {
	template, err := os.ReadFile("page.qtpl")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := parser.ParseNoLineComments(&b, bytes.NewReader(template), "page.qtpl", "page"); err != nil {
		t.Fatal(err)
	}
	want, err := format.Source(b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile("page.qtpl.go"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("page.qtpl.go is not made from page.qtpl, %v: go generate", err)
	}
	if raw, want := regexp.MustCompile(`{%\w+= .*? %}`).FindAllString(string(template), -1), []string{"{%s= style %}", "{%s= graph(v.Stages) %}", "{%z= f.Image %}"}; !slices.Equal(raw, want) {
		t.Errorf("%q are not escaped, want %q", raw, want)
	}
}

// No text of a page is taken for HTML, wherever it stands.
func TestEscapes(t *testing.T) {
	const text = `x<i y="z' &amp; z`
	for of := range 3 { // of every list
		var p Page
		fill(reflect.ValueOf(&p).Elem(), text, of)
		for i := range p.Figures {
			p.Figures[i].Extension = ".png"
		}
		html := render(&p)
		for _, raw := range []string{"x<", `="z`, "z' ", " &amp; z"} {
			if at := strings.Index(html, raw); at >= 0 {
				t.Errorf("%d of every list: %q stands in %q", of, raw, html[max(0, at-60):at+20])
			}
		}
		if !strings.Contains(html, "x&lt;i y=&quot;z&#39; &amp;amp; z") {
			t.Errorf("%d of every list: the text is not on the page", of)
		}
	}
}

// fill puts a text into every text that v holds, and so many elements into every list.
func fill(v reflect.Value, text string, elements int) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), text, elements)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), elements, elements))
		for i := range elements {
			fill(v.Index(i), text, elements)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), text, elements)
		}
	}
}

// What a program printed and a file holds comes without control characters.
func TestNoControls(t *testing.T) {
	p := sample()
	p.Run.Failures = []Failure{{"exec.a", "\x1b[31mred\a\x7f\nmore"}}
	p.Figures[0].Table.Rows[0][0] = "\x1b]0;x\a"
	if html := render(p); strings.ContainsAny(html, "\x1b\a\x7f\x00") || !strings.Contains(html, "red\nmore") {
		t.Errorf("%q", html)
	}
}

// What a page does not show it counts, also among the verdicts.
func TestLeft(t *testing.T) {
	p := sample()
	p.Checks = []Claim{{Check: true, Name: "ok", Of: "ok", Says: "It is.", Verdict: "met"}}
	p.Left = []Left{{false, "slower", "reproduced", 40}, {false, "slower", "odd", 7}, {true, "ok", "met", 11}}
	p.FiguresLeft, p.ComparisonsLeft, p.Run.FailuresLeft = 1001, 1002, 1003
	p.Run.Failures = []Failure{{"exec.a", "no"}}
	p.Comparisons = []Comparison{{Address: "comparison.c", Table: Table{Columns: []Column{{Name: "x"}}, Rows: [][]string{{"1"}}, Total: 1004, Path: "tables/c.parquet"}}}
	html := render(p)
	for _, want := range []string{
		"<b>41</b> reproduced", "<b>7</b> odd", "<b>12</b> met", "40 of <code>slower</code> (reproduced) 7 of <code>slower</code> (odd). All are in",
		"11 of <code>ok</code> (met). All are in", "1001 more are in figures/", "1002 more are in tables/", "and 1003 more", `1 of 1004 rows; all are in <a href="./tables/c.parquet">`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	if p = sample(); strings.Contains(render(p), "Not shown") || strings.Contains(render(p), "more are in") {
		t.Error("a page that shows all says that it does not")
	}
}

func TestRender(t *testing.T) {
	html := render(sample())
	for _, want := range []string{
		"An &lt;experiment&gt; &amp; more", "It is &lt;later&gt;.", `href="#claim-slower"`, `id="claim-slower"`, `✓ <span class="word">reproduced</span>`, `? <span class="word">not evaluated</span>`,
		`href="#claim-other~5bk~3d~3c1~3e~5d">Other.</a> <code>k = &lt;1&gt;</code>`, `id="claim-other~5bk~3d~3c1~3e~5d"`,
		"0.5 to 1", plain, "data:image/png;base64,iVBORw==", `href="./figures/a%253A%231.svg"`, "spurion run specs/quick.hcl claim.slower",
		`<a href="#figure-2">figure 2</a>`, "1 of 9 rows", "x (steps)", "12 kB", "20260101T000000Z-abc", `claim &quot;slower&quot; {}`,
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for figure, times := range map[string]int{`<figure id="figure-1">`: 1, `<figure id="figure-2">`: 1, `<figure id="figure-3">`: 1, "<script": 0, "ZgotmplZ": 0} {
		if n := strings.Count(html, figure); n != times {
			t.Errorf("%s stands %d times, want %d", figure, n, times)
		}
	}
	if strings.Contains(strings.ReplaceAll(html, "http://www.w3.org/2000/svg", ""), "http:") || strings.Contains(html, "https:") {
		t.Error("the page refers to the network")
	}
	if render(sample()) != html {
		t.Error("equal pages differ")
	}
	if empty := render(&Page{Spec: "nothing"}); !strings.Contains(empty, "No table is computed yet") {
		t.Error("an empty page does not say so")
	}
}

// The content follows what is found, not which run found it.
func TestContent(t *testing.T) {
	content := func(change func(*Page)) string {
		p := sample()
		change(p)
		return Digest(p)
	}
	same := content(func(*Page) {})
	if content(func(p *Page) { p.Run, p.Content = Run{ID: "another", Seconds: 3}, "digest" }) != same {
		t.Error("another run gives another content")
	}
	for what, change := range map[string]func(*Page){
		"verdict": func(p *Page) { p.Claims[0].Verdict = "inconclusive" },
		"image":   func(p *Page) { p.Figures[1].Image = []byte("other") },
		"number":  func(p *Page) { p.Claims[0].Numbers[0].Value = "2" },
		"lines":   func(p *Page) { p.Claims[0].Lines.Text = "claim {}" },
	} {
		if content(change) == same {
			t.Errorf("another %s gives the same content", what)
		}
	}
}

// Only what can do nothing stands in the page itself.
func TestPlainSVG(t *testing.T) {
	const squeezed = `<svg xmlns="http://www.w3.org/2000/svg"><text x="1" textLength="9" lengthAdjust="spacingAndGlyphs">t</text></svg>`
	const embedding = `<svg xmlns="http://www.w3.org/2000/svg"><image x="9" y="9" width="9" height="9" preserveAspectRatio="none" image-rendering="pixelated" href="data:image/png;base64,iVBORw0KGgo="/></svg>`
	if !plainSVG([]byte(embedding)) || !plainSVG([]byte(squeezed)) || !plainSVG([]byte(plain)) || !plainSVG([]byte(plain+"\n")) {
		t.Error("a plain drawing is refused")
	}
	const head = `<svg xmlns="http://www.w3.org/2000/svg">`
	for _, bad := range []string{
		"", "text", "<svg", head, `<svg viewBox="0 0 1 1"></svg>`, head + "</svg>" + head + "</svg>",
		head + "<script>alert(1)</script></svg>", head + `<path onload="x()"/></svg>`, head + `<g style="fill:url(x)"/></svg>`,
		head + `<image href="http://example.com/x.png"/></svg>`, head + `<a href="javascript:x"><text>t</text></a></svg>`,
		head + `<image href="data:image/svg+xml;base64,iVBORw0KGgo="/></svg>`, head + `<image href="data:image/png,iVBORw0KGgo="/></svg>`,
		head + `<image href="data:image/png;base64,iVBO w0KGgo="/></svg>`, head + `<image href=""/></svg>`, head + `<rect href="data:image/png;base64,iVBORw0KGgo="/></svg>`,
		`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"><image xlink:href="data:image/png;base64,iVBORw0KGgo="/></svg>`,
		head + "<foreignObject/></svg>", head + `<path fill="url(http://example.com/#x)"/></svg>`, head + `<path id="run"/></svg>`,
		head + "<!-- --></svg>", `<?xml version="1.0"?>` + head + "</svg>", `<!DOCTYPE svg [<!ENTITY x "y">]>` + head + "</svg>",
		`<html xmlns="http://www.w3.org/2000/svg"></html>`, head + `<rect xmlns="http://www.w3.org/1999/xhtml"/></svg>`,
	} {
		if plainSVG([]byte(bad)) {
			t.Errorf("%q is taken for a plain drawing", bad)
		}
	}
}

// Every stage is drawn once, right of all that it uses, and no two overlap.
func TestGraph(t *testing.T) {
	stages := []Stage{{ID: "a.one"}, {ID: "a.two"}, {ID: "b.x", Uses: []string{"a.two", "a.one"}}, {ID: "c.y", Uses: []string{"b.x", "a.one"}},
		{ID: "claim.<z>", Uses: []string{"c.y"}}, {ID: "d.lone", Uses: []string{"gone.away"}}}
	layers := layered(stages)
	width, height := place(layers)
	seen := 0
	var all []*node
	for _, layer := range layers {
		for _, n := range layer {
			seen++
			for _, from := range n.from {
				if from.x+from.width >= n.x {
					t.Errorf("%s is not right of %s", n.stage.ID, from.stage.ID)
				}
			}
			if n.x < 0 || n.y < 0 || n.x+n.width > width || n.y+nodeHeight > height {
				t.Errorf("%s stands outside", n.stage.ID)
			}
			for _, o := range all {
				if n.x < o.x+o.width && o.x < n.x+n.width && n.y < o.y+nodeHeight && o.y < n.y+nodeHeight {
					t.Errorf("%s covers %s", n.stage.ID, o.stage.ID)
				}
			}
			all = append(all, n)
		}
	}
	if seen != len(stages) {
		t.Errorf("%d of %d stages are drawn", seen, len(stages))
	}
	d := xml.NewDecoder(bytes.NewReader([]byte(graph(stages))))
	edges := 0
	for {
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if s, ok := token.(xml.StartElement); ok && s.Name.Local == "path" {
			edges++
		}
	}
	if edges != 5 {
		t.Errorf("%d edges, want 5", edges)
	}
}

func TestNumbers(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 1: "1", 0.123456: "0.1235", -2.5: "−2.5", 2.7e-6: "2.7e-06", 123456: "123500", 1e9: "1e+09"} {
		if got := number(&v); got != want {
			t.Errorf("%v is written %s, want %s", v, got, want)
		}
	}
	for _, c := range []struct{ got, want string }{
		{number(nil), "–"}, {seconds(0.0123), "12 ms"}, {seconds(90), "90.0 s"}, {seconds(600), "10.0 min"}, {size(999), "999 B"}, {size(2_500_000), "2.5 MB"},
		{anchor("claim", "a b"), "claim-a~20b"}, {anchor("claim", "a[k=é]"), "claim-a~5bk~3d~e9~5d"}, {fmt.Sprint(class("inconclusive")), "open"},
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}
