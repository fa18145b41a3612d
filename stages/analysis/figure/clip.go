package figure

import (
	"fmt"
	"strings"
)

// has reports whether a value has a place on the scale or beyond its ends: a logarithmic one has none for 0 and below.
func (s *scale) has(v float64) bool { return !s.log || v > 0 }

func (f *drawing) has(v value) bool { return f.x.has(v.x) && f.y.has(v.y) }

// A hidden counts what logarithmic axes have no place for.
type hidden struct {
	centers, ends, rows int
	laws                []string // of which a part is not drawn, by their formulas
}

// hide counts what is not drawn, and reports whether anything is.
func (f *drawing) hide() (h hidden, any bool) {
	rows := f.s.Plot.Points || f.s.Plot.Form == "scatter"
	for _, s := range f.d.series {
		for _, c := range s.centers {
			switch {
			case !f.has(value{c.x, c.y}):
				h.centers++
			case f.spread() && !f.y.has(c.low):
				h.ends++
			}
			any = any || f.has(value{c.x, c.y}) || f.spread() && f.has(value{c.x, c.high})
		}
		for _, r := range s.rows {
			if rows && !f.has(r.value()) {
				h.rows++
			}
			any = any || rows && f.has(r.value())
		}
	}
	for _, name := range f.s.Plot.Laws {
		if f.cut(lawNamed(name)) {
			h.laws = append(h.laws, "part of "+lawNamed(name).formula)
		}
	}
	return h, any
}

// cut reports whether a part of a law's lines is not drawn.
func (f *drawing) cut(l *law) bool {
	for _, fit := range f.d.fits {
		for _, r := range fit.curve {
			if fit.law == l && !f.has(r.value()) {
				return true
			}
		}
	}
	return false
}

func (r row) value() value { return value{r.x, r.y} }

// sentence says what is not drawn; "" if all is.
func (h hidden) sentence(p *Plot) string {
	var list []string
	add := func(n int, one, many string) {
		if n == 1 {
			list = append(list, "1 "+one)
		} else if n > 1 {
			list = append(list, fmt.Sprintf("%d %s", n, many))
		}
	}
	add(h.centers, p.Center, p.Center+"s")
	around := map[string]string{"curves": "band", "fit": "bar"}[p.Form]
	add(h.ends, "lower end of a "+around, "lower ends of "+around+"s")
	add(h.rows, "row", "rows")
	list = append(list, h.laws...)
	if len(list) == 0 {
		return ""
	}
	return "Not drawn, as a logarithmic axis has no place for 0 and below: " + strings.Join(list, ", ") + "."
}
