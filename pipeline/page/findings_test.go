package page

import (
	"slices"
	"strings"
	"testing"
)

// many are claims of two findings, mixed; one of them makes three assertions.
func many() *Page {
	list := []Claim{
		{Name: "a[k=1]", Of: "a", Source: "R1; Someone 2024", SourceSays: "Stronger is later.", Says: "Later: one.", Needed: "a trend", Verdict: "reproduced",
			Axes: []string{"k = 1"}, Figures: []int{0}, Stages: []string{"train.x"}, Numbers: []Number{{Name: "n", Value: "7"}}, Command: "spurion run s claim.a"},
		{Name: "b", Of: "b", Source: "R2", Says: "Two parts.", Verdict: "inconclusive", Figures: []int{0}},
		{Name: "a[k=2]", Of: "a", Source: "R1, the exception", SourceSays: "Stronger is later.", Says: "Later: two.", Needed: "a trend", Verdict: "not reproduced",
			Axes: []string{"k = 2"}, Detail: "It is not.", Figures: []int{1, 0}, Stages: []string{"generate.x", "train.x"}, Numbers: []Number{{Name: "p", Value: "0.5"}, {Name: "n", Value: "8"}}},
		{Name: "a[k=3]", Of: "a", Source: "R1", Says: "Later: three.", Verdict: "reproduced", Axes: []string{"k = 3"}},
		{Name: "c[k=1]", Of: "c", Says: "Alone.", Verdict: "reproduced", Axes: []string{"k = 1"}},
		{Name: "c[k=2]", Of: "c", Says: "Together.", Verdict: "reproduced", Axes: []string{"k = 2"}},
		{Name: "d", Of: "d", Says: "More: one.", Verdict: "reproduced"},
	}
	return &Page{Spec: "many", Claims: list, Figures: []Figure{{Address: "figure.a", Image: []byte(plain), Extension: ".svg"}, {Address: "figure.b", Image: []byte(plain), Extension: ".svg"}},
		Stages: []Stage{{ID: "generate.x"}, {ID: "train.x", Version: 3}}}
}

// Claims of one finding stand together, and those of one claim of the spec, under what they have in common.
func TestFindings(t *testing.T) {
	list := findings(many().Claims)
	if len(list) != 3 || list[0].Name != "R1" || list[1].Name != "R2" || list[2].Name != "" {
		t.Fatalf("%+v", list)
	}
	r1 := list[0]
	if !slices.Equal(r1.Says, []string{"Stronger is later."}) || len(r1.Articles) != 1 {
		t.Fatalf("%+v", r1)
	}
	a := r1.Articles[0]
	if a.Title != "Later" || a.single() || a.class() != "no" || !slices.Equal(a.Asked, []string{"a trend"}) || !slices.Equal(a.Figures, []int{0, 1}) {
		t.Errorf("%+v", a)
	}
	var rests []string
	for _, c := range a.Claims {
		rests = append(rests, c.Rest)
	}
	if !slices.Equal(rests, []string{"one.", "two.", "three."}) {
		t.Errorf("the assertions are %q", rests)
	}
	for _, m := range a.measured() {
		if want := map[string][]string{"n": {"7", "8", ""}, "p": {"", "0.5", ""}}[m.Name]; !slices.Equal(m.Values, want) {
			t.Errorf("%s is %q", m.Name, m.Values)
		}
	}
	c := list[2].Articles[0]
	if c.Title != "" || c.Claims[1].Rest != "Together." || c.class() != "yes" || list[2].Articles[1].Title != "More: one." {
		t.Errorf("%+v", list[2].Articles)
	}
	same := findings([]Claim{{Of: "e", Says: "So it is.", Axes: []string{"k = 1"}}, {Of: "e", Says: "So it is.", Axes: []string{"k = 2"}}})[0].Articles[0]
	if same.Title != "So it is" || same.Claims[1].Rest != "k = 2" {
		t.Errorf("%+v", same)
	}
	if k := list[1].Articles[0].class(); k != "open" {
		t.Errorf("an undecided claim is %q", k)
	}
}

func TestFindingsOnThePage(t *testing.T) {
	p := many()
	html := render(p)
	for _, want := range []string{
		`<a href="#finding-R1">R1</a>`, `id="finding-R1"`, "Stronger is later.", `id="claim-a"`, `id="claim-a~5bk~3d2~5d"`, `href="#claim-a~5bk~3d2~5d">two.</a>`,
		"<h3>Not reproduced</h3>", "It is not.", `<h3>Later</h3>`, `<h3><code>c</code></h3>`, "<code>k = 2</code>", "version 3 of its kind", "spurion run s claim.a",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	for text, times := range map[string]int{`<figure id="figure-1">`: 1, `<figure id="figure-2">`: 1, `<article `: 4, "ZgotmplZ": 0, "the source says.": 0} {
		if n := strings.Count(html, text); n != times {
			t.Errorf("%s stands %d times, want %d", text, n, times)
		}
	}
	p.Claims = p.Claims[:2] // a claim a finding needs no overview
	if html := render(p); strings.Contains(html, "All claims") || strings.Contains(html, "R1</a>") {
		t.Error("there is an overview of two claims")
	}
}

// checked is a page with a claim that is weak among its like, and checks.
func checked() *Page {
	return &Page{Spec: "checked", Figures: []Figure{{Address: "figure.a", Image: []byte(plain), Extension: ".svg"}},
		Claims: []Claim{
			{Name: "a[k=1]", Of: "a", Says: "Later: one.", Verdict: "reproduced, not after Holm", Detail: "p is .04.", Figures: []int{0}},
			{Name: "a[k=2]", Of: "a", Says: "Later: two.", Verdict: "reproduced", Detail: "p is .04."},
		},
		Checks: []Claim{
			{Check: true, Name: "a", Of: "a", Says: "All have learned.", Verdict: "met", Figures: []int{0}},
			{Check: true, Name: "ended", Of: "ended", Says: "All ended.", Verdict: "not met", Command: "spurion run s check.ended"},
		}}
}

// Checks have a section, a tally and places of their own, and one that is not met is told beside the claims.
func TestChecksOnThePage(t *testing.T) {
	html := render(checked())
	for _, want := range []string{
		`<a href="#checks">Checks</a>`, `<h2>Checks: what must hold for the claims to mean anything</h2>`, `id="claim-a"`, `id="check-a"`, `href="#check-ended">All ended.</a>`,
		`<span class="badge yes"><b>1</b> met</span>`, `<span class="badge no"><b>1</b> not met</span>`, `<span class="badge weak"><b>1</b> reproduced, not after Holm</span>`,
		`<article id="claim-a" class="claim weak">`, `title="reproduced, not after Holm">◐`, "The claims rest on checks that are not all met:", "spurion run s check.ended",
	} {
		if !strings.Contains(html, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	// what was found of both instances is said once, and the figure is shown under the claim, not under the check of its name
	for text, times := range map[string]int{"p is .04.": 1, `<figure id="figure-1">`: 1, `<article `: 3, "<b>0</b>": 2, "ZgotmplZ": 0} {
		if n := strings.Count(html, text); n != times {
			t.Errorf("%s stands %d times, want %d", text, n, times)
		}
	}
	all := checked()
	all.Checks = all.Checks[:1]
	if html := render(all); strings.Contains(html, "rest on checks") || !strings.Contains(html, `id="checks"`) {
		t.Error("all checks are met")
	}
}
