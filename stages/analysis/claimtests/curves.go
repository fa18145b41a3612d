package claimtests

import (
	"math"

	"spurion/stages/numeric/kernel"
)

// A law, as the setting calls it (the law of the data is package datalaw's), says how y depends on x, up to a or to
// a and b; with these it is a curve:
//
//	scaled  y = a·h(x)       constant, 1/(1-x), 1/(4x(1-x))
//	affine  y = a + b·h(x)   linear, a+b/(1-x), a+b/(4x(1-x))
//	power   y = a·h(x)^b     power, exponential (h = e^x), 1/(1-x)^b, 1/(4x(1-x))^b
type law struct {
	name, formula string
	form          form
	h             func(x float64) float64
}

type form uint8

const (
	scaled form = iota
	affine
	power
)

func (l *law) parameters() int {
	if l.form == scaled {
		return 1
	}
	return 2
}

// laws are all laws, in the order of their table.
var laws = []law{
	{"constant", "y = a", scaled, func(float64) float64 { return 1 }},
	{"linear", "y = a + b x", affine, identity},
	{"power", "y = a x^b", power, identity},
	{"exponential", "y = a exp(b x)", power, kernel.Exp64},
	{"1/(1-x)", "y = a / (1 - x)", scaled, overRest},
	{"1/(4x(1-x))", "y = a / (4 x (1 - x))", scaled, overVariance},
	{"a+b/(1-x)", "y = a + b / (1 - x)", affine, overRest},
	{"a+b/(4x(1-x))", "y = a + b / (4 x (1 - x))", affine, overVariance},
	{"1/(1-x)^b", "y = a / (1 - x)^b", power, overRest},
	{"1/(4x(1-x))^b", "y = a / (4 x (1 - x))^b", power, overVariance},
}

// usualLaws are compared if a claim names none: none of them contains another but the constant.
var usualLaws = []string{"constant", "linear", "power", "exponential", "1/(1-x)", "1/(4x(1-x))"}

func identity(x float64) float64 { return x }

func overRest(x float64) float64 { return 1 / (1 - x) }

func overVariance(x float64) float64 { return 1 / float64(float64(4*x)*(1-x)) }

// holds reports whether the law has a value at each x: h is finite, and above 0 where its
// logarithm is needed (for scaled laws and powers).
func (l *law) holds(x []float64) bool {
	for _, v := range x {
		h := l.h(v)
		if !finite(h) || l.form != affine && h <= 0 {
			return false
		}
	}
	return true
}

// points are observations on the scale of the fit (y, or its logarithm), summed up at each x.
type points struct {
	x      []float64 // distinct, ascending
	weight []float64 // observations at each x
	mean   []float64 // of z there
	within float64   // the squares about those means
	total  float64   // the squares about the mean of all
	n      float64
	log    bool
}

// summarise sums up z, each with the index of its x and a weight.
func summarise(x []float64, at []int, z []float64, weights []int, log bool) *points {
	p := &points{x: x, weight: make([]float64, len(x)), mean: make([]float64, len(x)), log: log}
	sum := 0.0
	for i, k := range at {
		w := float64(weights[i])
		p.weight[k] += w
		p.mean[k] += float64(w * z[i])
		p.n += w
		sum += float64(w * z[i])
	}
	for k, w := range p.weight {
		if w > 0 {
			p.mean[k] /= w
		}
	}
	for i, k := range at {
		w, d, e := float64(weights[i]), z[i]-p.mean[k], z[i]-sum/p.n
		p.within += float64(float64(w*d) * d)
		p.total += float64(float64(w*e) * e)
	}
	return p
}

// A curve is a law fitted by least squares.
type curve struct {
	a, b float64 // b is NaN for a law of one parameter
	rss  float64 // on the scale of the fit
}

// fit finds the law's parameters that minimise the squares on the scale of the points: in closed
// form, but for powers on the scale of y and for affine laws on that of its logarithm. There the
// shape is found by a grid and golden section, and the factor in closed form for each shape.
func (l *law) fit(p *points) curve {
	h := make([]float64, len(p.x))
	for k, x := range p.x {
		h[k] = l.h(x)
	}
	f := make([]float64, len(h))
	nan := math.NaN()
	switch {
	case l.form == scaled && p.log:
		logs(f, h)
		shift := p.shift(f)
		return curve{kernel.Exp64(shift), nan, p.squares(f, shift, 1)}
	case l.form == scaled:
		a := p.factor(h)
		return curve{a, nan, p.squares(h, 0, a)}
	case l.form == power && p.log:
		logs(f, h)
		shift, slope := p.line(f)
		return curve{kernel.Exp64(shift), slope, p.squares(f, shift, slope)}
	case l.form == affine && !p.log:
		shift, slope := p.line(h)
		return curve{shift, slope, p.squares(h, shift, slope)}
	case l.form == power:
		return p.fitPower(h, f)
	}
	return p.fitAffine(h, f)
}

func logs(to, h []float64) {
	for k, v := range h {
		to[k] = kernel.Log64(v)
	}
}

// shift gives the s that minimises the squares of z - (f + s).
func (p *points) shift(f []float64) float64 {
	sum := 0.0
	for k, w := range p.weight {
		sum += float64(w * (p.mean[k] - f[k]))
	}
	return sum / p.n
}

// factor gives the a that minimises the squares of z - a f.
func (p *points) factor(f []float64) float64 {
	zf, ff := 0.0, 0.0
	for k, w := range p.weight {
		zf += float64(float64(w*p.mean[k]) * f[k])
		ff += float64(float64(w*f[k]) * f[k])
	}
	if ff == 0 {
		return 0
	}
	return zf / ff
}

// line gives the shift and slope that minimise the squares of z - (shift + slope f); the slope is 0
// if f does not vary.
func (p *points) line(f []float64) (shift, slope float64) {
	mz, mf := 0.0, 0.0
	for k, w := range p.weight {
		mz += float64(w * p.mean[k])
		mf += float64(w * f[k])
	}
	mz, mf = mz/p.n, mf/p.n
	zf, ff := 0.0, 0.0
	for k, w := range p.weight {
		d := f[k] - mf
		zf += float64(float64(w*d) * (p.mean[k] - mz))
		ff += float64(float64(w*d) * d)
	}
	if ff > 0 {
		slope = zf / ff
	}
	return mz - float64(slope*mf), slope
}

// squares sums (z - (shift + slope f))² over all observations.
func (p *points) squares(f []float64, shift, slope float64) float64 {
	sum := p.within
	for k, w := range p.weight {
		d := p.mean[k] - shift - float64(slope*f[k])
		sum += float64(float64(w*d) * d)
	}
	return sum
}

// fitPower fits a·h^b on the scale of y: b such that h^b spans at most e^30.
func (p *points) fitPower(h, f []float64) curve {
	logs(f, h)
	low, high := f[0], f[0]
	for _, v := range f {
		low, high = min(low, v), max(high, v)
	}
	if low == high {
		a := p.factor([]float64{1})
		return curve{a, 0, p.squares(make([]float64, len(h)), a, 0)}
	}
	middle := (low + high) / 2
	g := make([]float64, len(h))
	try := func(b float64) (a, rss float64) {
		for k, v := range f {
			g[k] = kernel.Exp64(float64(b * (v - middle)))
		}
		a = p.factor(g)
		return a, p.squares(g, 0, a)
	}
	reach := 30 / (high - low)
	b := minimise(-reach, reach, func(b float64) float64 { _, rss := try(b); return rss })
	a, rss := try(b)
	return curve{float64(a * kernel.Exp64(-float64(b*middle))), b, rss}
}

// fitAffine fits a + b·h on the scale of log y. The curve is positive where it matters: its values at
// the least and greatest h are in the proportion 1-t to t, t in (0, 1).
func (p *points) fitAffine(h, f []float64) curve {
	low, high := h[0], h[0]
	for _, v := range h {
		low, high = min(low, v), max(high, v)
	}
	if low == high {
		shift := p.shift(make([]float64, len(h)))
		return curve{kernel.Exp64(shift), 0, p.squares(f, shift, 0)}
	}
	try := func(s float64) (shift, rss float64) {
		t := kernel.Sigmoid64(s)
		for k, v := range h {
			f[k] = kernel.Log64((float64((1-t)*(high-v)) + float64(t*(v-low))) / (high - low))
		}
		shift = p.shift(f)
		return shift, p.squares(f, shift, 1)
	}
	s := minimise(-20, 20, func(s float64) float64 { _, rss := try(s); return rss })
	shift, rss := try(s)
	t, scale := kernel.Sigmoid64(s), kernel.Exp64(shift)
	b := float64(scale*(t+t-1)) / (high - low)
	return curve{float64(scale*(1-t)) - float64(b*low), b, rss}
}

// minimise finds the least value of f on [low, high]: of 61 places the best, then golden section
// between its neighbours to about 1e-9 of the range. p-values count how often dealt rows come to squares as
// small, so its steps are fixed: an optimizer of gonum's stops by numbers that differ between builds.
func minimise(low, high float64, f func(float64) float64) float64 {
	const places = 60
	at := func(i int) float64 { return low + float64((high-low)*(float64(i)/places)) }
	best, least := 0, math.Inf(1)
	for i := range places + 1 {
		if v := f(at(i)); v < least {
			best, least = i, v
		}
	}
	a, b := at(max(best-1, 0)), at(min(best+1, places))
	const golden = 0.6180339887498949
	c, d := b-float64(golden*(b-a)), a+float64(golden*(b-a))
	fc, fd := f(c), f(d)
	for range 42 {
		if fc <= fd {
			b, d, fd = d, c, fc
			c = b - float64(golden*(b-a))
			fc = f(c)
		} else {
			a, c, fc = c, d, fd
			d = a + float64(golden*(b-a))
			fd = f(d)
		}
	}
	return (a + b) / 2
}
