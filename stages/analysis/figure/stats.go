package figure

import (
	"cmp"
	"slices"

	"spurion/stages/common/measure"
	"spurion/stages/numeric/interval"
	"spurion/stages/numeric/kernel"
	"spurion/stages/numeric/quantile"
)

// A center sums up the rows of a series that share x.
type center struct {
	x, y, low, high float64
	n               int  // distinct values of the repeated axis
	open            bool // one value has no confidence interval: low and high are y, and say nothing
}

// sumUp gives every series its centers, ordered by x. A scatter plot has none.
func (d *data) sumUp(p *Plot) {
	for _, s := range d.series {
		slices.SortStableFunc(s.rows, func(a, b row) int { return cmp.Compare(a.x, b.x) })
		for i := 0; i < len(s.rows) && p.Form != "scatter"; {
			end := i
			repeats := map[int]bool{}
			var ys []float64
			for ; end < len(s.rows) && s.rows[end].x == s.rows[i].x; end++ {
				ys = append(ys, s.rows[end].y)
				repeats[s.rows[end].repeat] = true
			}
			c := summary(ys, p.Center, p.Spread, d.shares[s.measure])
			if p.Spread == "error" {
				c.spreadErrors(s.rows[i:end])
			}
			c.x, c.n = s.rows[i].x, len(repeats)
			if len(d.repeats.texts) == 1 && d.repeats.texts[0] == "" {
				c.n = len(ys) // nothing is repeated by name: every row counts
			}
			s.centers = append(s.centers, c)
			i = end
		}
		for _, name := range p.Laws {
			d.fits = append(d.fits, fitLaw(lawNamed(name), s, p.XScale == "log"))
		}
	}
}

// know settles which measures are shares, by what is drawn of them.
func (d *data) know(p *Plot) (err error) {
	values := make([][]float64, len(d.measures))
	for _, s := range d.series {
		for _, r := range s.rows {
			values[s.measure] = append(values[s.measure], r.y)
		}
	}
	d.shares = make([]bool, len(d.measures))
	for m, field := range d.fields {
		if d.shares[m], err = measure.IsShare(field, p.Shares, values[m]); err != nil {
			return err
		}
	}
	return nil
}

// summary gives the center and spread of values, of which there is at least one, and says whether they are shares.
func summary(values []float64, kind, spread string, shares bool) center {
	slices.Sort(values)
	c := center{y: quantile.Median(values)}
	if kind == "mean" {
		c.y = interval.Average(values)
	}
	c.low, c.high = c.y, c.y
	switch spread {
	case "quartiles", "":
		c.low, c.high = quantile.Of(values, 0.25), quantile.Of(values, 0.75)
	case "range":
		c.low, c.high = values[0], values[len(values)-1]
	case "ci95":
		m := measure.Mean(values, shares)
		c.low, c.high, c.open = m.Low, m.High, len(values) < 2
	}
	return c
}

// A law is a curve with two parameters that is a straight line in some g(x) and, if onLog, ln y.
type law struct {
	name, formula string
	needs         string // of a row, "" for nothing
	onLog         bool
	g             func(float64) (float64, bool) // false where it has no value
}

var laws = []law{
	{"linear", "a + bx", "", false, func(x float64) (float64, bool) { return x, true }},
	{"log", "a + b ln x", "x > 0", false, logOf},
	{"inverse", "a + b/(1−x)", "x ≠ 1", false, func(x float64) (float64, bool) { return 1 / (1 - x), x != 1 }},
	{"balance", "a + b/(4x(1−x))", "x ≠ 0 and x ≠ 1", false, func(x float64) (float64, bool) {
		return 1 / float64(4*x*(1-x)), x != 0 && x != 1
	}},
	{"power", "a·xᵇ", "x > 0 and y > 0", true, logOf},
	{"exponential", "a·exp(bx)", "y > 0", true, func(x float64) (float64, bool) { return x, true }},
}

func logOf(x float64) (float64, bool) {
	if x <= 0 {
		return 0, false
	}
	return kernel.Log64(x), true
}

func lawNamed(name string) *law {
	for i := range laws {
		if laws[i].name == name {
			return &laws[i]
		}
	}
	return nil
}

func lawNames() []string {
	names := make([]string, len(laws))
	for i := range laws {
		names[i] = laws[i].name
	}
	return names
}

// A fit is a law with the parameters that suit a series best.
type fit struct {
	law    *law
	series *series
	a, b   float64 // of the formula
	r2     float64 // share of the variance of y (of ln y, if the law is fitted on it) that it explains
	unused int     // rows of the series that the law has no value for
	found  bool    // false if no parameters suit best
	curve  []row
}

// fitLaw fits by least squares to all rows that the law has a value for. None suit best if
// these have fewer than two values of x, or all y are equal.
func fitLaw(l *law, s *series, logX bool) *fit {
	f := &fit{law: l, series: s}
	var g, y []float64
	for _, r := range s.rows {
		v, ok := l.g(r.x)
		if !ok || l.onLog && r.y <= 0 {
			f.unused++
			continue
		}
		g, y = append(g, v), append(y, r.y)
		if l.onLog {
			y[len(y)-1] = kernel.Log64(r.y)
		}
	}
	n := float64(len(g))
	mg, my := interval.Average(g), interval.Average(y)
	sgg, sgy, syy := 0.0, 0.0, 0.0
	for i := range g {
		sgg += float64((g[i] - mg) * (g[i] - mg))
		sgy += float64((g[i] - mg) * (y[i] - my))
		syy += float64((y[i] - my) * (y[i] - my))
	}
	if n < 2 || sgg == 0 || syy == 0 {
		return f
	}
	f.b, f.r2 = sgy/sgg, float64(sgy*sgy)/float64(sgg*syy)
	f.a, f.found = my-float64(f.b*mg), true
	for _, x := range places(s.rows, logX) {
		if v, ok := l.g(x); ok {
			at := f.a + float64(f.b*v)
			if l.onLog {
				at = kernel.Exp64(at)
			}
			f.curve = append(f.curve, row{x: x, y: at})
		}
	}
	if l.onLog {
		f.a = kernel.Exp64(f.a)
	}
	return f
}

// places gives the values of x at which a curve is drawn, from the first of the rows, which are sorted, to the
// last, as far as the axis has them.
func places(rows []row, logX bool) []float64 {
	if logX {
		for len(rows) > 0 && rows[0].x <= 0 {
			rows = rows[1:]
		}
	}
	if len(rows) == 0 {
		return nil
	}
	const steps = 60
	first, last := rows[0].x, rows[len(rows)-1].x
	list := make([]float64, steps+1)
	for i := range list {
		list[i] = first + float64((last-first)*float64(i)/steps)
	}
	if logX {
		ratio := kernel.Log64(last) - kernel.Log64(first)
		for i := range steps {
			list[i] = float64(first * kernel.Exp64(float64(ratio*float64(i)/steps)))
		}
		list[steps] = last
	}
	return list
}
