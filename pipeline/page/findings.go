package page

import (
	"slices"
	"strings"
)

// A view is what the template sees.
type view struct {
	*Page
	Tally      []tallied
	Findings   []finding
	CheckTally []tallied
	Checked    []finding
	first      map[int]string // the claim of the spec under which a figure is shown
}

func newView(p *Page) *view {
	v := &view{Page: p, Findings: findings(p.Claims), Checked: findings(p.Checks), first: map[int]string{}}
	v.Tally = withLeft(tally(p.Claims, "reproduced", "not reproduced", "inconclusive"), v.leftOf(false))
	v.CheckTally = withLeft(tally(p.Checks, "met"), v.leftOf(true))
	for _, f := range slices.Concat(v.Findings, v.Checked) {
		for _, a := range f.Articles {
			for _, i := range a.Figures {
				if _, shown := v.first[i]; !shown {
					v.first[i] = a.anchor()
				}
			}
		}
	}
	return v
}

// A finding is the claims whose sources begin alike.
type finding struct {
	Name     string   // "R1a"; empty for claims without a source
	Says     []string // what the sources say, each once
	Tally    []tallied
	Articles []article
}

// An article is a claim of the spec, with the assertions that it makes.
type article struct {
	Of      string
	Title   string // what all of them say; empty if they have no beginning in common
	Asked   []string
	Claims  []assertion
	Figures []int
	Stages  []string
}

// An assertion is one of an article's.
type assertion struct {
	*Claim
	Rest string // what it says beyond the title
}

// findings puts claims in order: those of one finding together, and those of one claim of the spec in it.
func findings(claims []Claim) []finding {
	var list []finding
	for i := range claims {
		c := &claims[i]
		name, _, _ := strings.Cut(c.Source, ";")
		name, _, _ = strings.Cut(name, ",")
		at := slices.IndexFunc(list, func(f finding) bool { return f.Name == name })
		if at < 0 {
			at = len(list)
			list = append(list, finding{Name: name})
		}
		list[at].add(c)
	}
	for i := range list {
		f := &list[i]
		var all []Claim
		for k := range f.Articles {
			f.Articles[k].title()
			for _, c := range f.Articles[k].Claims {
				all = append(all, *c.Claim)
			}
		}
		f.Tally = tally(all, "reproduced", "not reproduced", "inconclusive")
	}
	return list
}

func (f *finding) add(c *Claim) {
	f.Says = addNew(f.Says, c.SourceSays)
	at := slices.IndexFunc(f.Articles, func(a article) bool { return a.Of == c.Of })
	if at < 0 {
		at = len(f.Articles)
		f.Articles = append(f.Articles, article{Of: c.Of})
	}
	a := &f.Articles[at]
	a.Claims = append(a.Claims, assertion{Claim: c, Rest: c.Says})
	a.Asked = addNew(a.Asked, c.Needed)
	for _, i := range c.Figures {
		if !slices.Contains(a.Figures, i) {
			a.Figures = append(a.Figures, i)
		}
	}
	for _, s := range c.Stages {
		a.Stages = addNew(a.Stages, s)
	}
}

// addNew appends a text that is neither empty nor there already.
func addNew(list []string, text string) []string {
	if text == "" || slices.Contains(list, text) {
		return list
	}
	return append(list, text)
}

// title finds what all assertions say, or say up to a colon, and leaves each the rest.
func (a *article) title() {
	first := a.Claims[0].Says
	if len(a.Claims) == 1 {
		a.Title = first
		return
	}
	n := len(first)
	for _, c := range a.Claims[1:] {
		n = min(n, len(c.Says))
		for i := range n {
			if first[i] != c.Says[i] {
				n = i
				break
			}
		}
	}
	if !slices.ContainsFunc(a.Claims, func(c assertion) bool { return c.Says != first }) {
		a.Title = strings.TrimSuffix(first, ".")
		for i := range a.Claims {
			a.Claims[i].Rest = strings.Join(a.Claims[i].Axes, ", ")
		}
		return
	}
	if n = strings.LastIndex(first[:n], ": "); n < 0 {
		return
	}
	a.Title = first[:n]
	for i := range a.Claims {
		a.Claims[i].Rest = a.Claims[i].Says[n+2:]
	}
}

// single reports whether there is one assertion only.
func (a article) single() bool { return len(a.Claims) == 1 }

// first is the first assertion, which has the lines and the command of all.
func (a article) first() assertion { return a.Claims[0] }

// anchor is the article's place on the page; that of a single assertion is its own.
func (a article) anchor() string {
	if a.single() {
		return a.Claims[0].anchor()
	}
	return anchor(a.Claims[0].block(), a.Of)
}

// anchor is the assertion's place on the page.
func (c *Claim) anchor() string { return anchor(c.block(), c.Name) }

// block gives the word that begins the claim in a spec.
func (c *Claim) block() string {
	if c.Check {
		return "check"
	}
	return "claim"
}

// found is what was found of all assertions, if it is the same of all; else each has its own.
func (a article) found() string {
	first := a.Claims[0]
	if slices.ContainsFunc(a.Claims, func(c assertion) bool { return c.Detail != first.Detail }) {
		return ""
	}
	return first.Detail
}

// A measured row is a number of all assertions of an article; an empty text where one has none.
type measured struct {
	Number
	Values []string
}

// measured gives the numbers of all assertions, by name.
func (a article) measured() []measured {
	var list []measured
	for k, c := range a.Claims {
		for _, n := range c.Numbers {
			at := slices.IndexFunc(list, func(m measured) bool { return m.Name == n.Name && m.Unit == n.Unit })
			if at < 0 {
				at = len(list)
				list = append(list, measured{Number: n, Values: make([]string, len(a.Claims))})
			}
			list[at].Values[k] = n.Value
		}
	}
	return list
}

// summarised reports whether there are so many claims that an overview of findings helps.
func (v *view) summarised() bool { return len(v.Findings) > 1 && len(v.Claims) > 2*len(v.Findings) }

// shownHere reports whether a figure stands under a claim, and not only a link to it.
func (v *view) shownHere(a article, figure int) bool { return v.first[figure] == a.anchor() }

// others gives the figures that belong to no claim.
func (v *view) others() []int {
	var list []int
	for i := range v.Figures {
		if _, shown := v.first[i]; !shown {
			list = append(list, i)
		}
	}
	return list
}

// stagesOf gives the stages behind a claim, upstream first.
func (v *view) stagesOf(a article) []Stage {
	var list []Stage
	for _, s := range v.Stages {
		if slices.Contains(a.Stages, s.ID) {
			list = append(list, s)
		}
	}
	return list
}

// totalCost is what all results cost, in seconds summed over workers.
func (r *Run) totalCost() float64 {
	sum := 0.0
	for _, s := range r.Stages {
		sum += s.Cost
	}
	return sum
}

// totalSeconds is what was computed in this run, in seconds summed over workers.
func (r *Run) totalSeconds() float64 {
	sum := 0.0
	for _, s := range r.Stages {
		sum += s.Seconds
	}
	return sum
}
