package inference

import (
	"math"

	"spurion/stages/numeric/distribution"
)

// A placement sums up where values of two groups lie among each other: how many of y each x exceeds, equal ones counted half, and
// how many of x each y. It holds whole numbers, in halves, exact as float64 up to 2^53: up to 6,000 values a group.
type placement struct {
	n, m           int
	sum            float64 // over x, of twice the y exceeded; that over y is 2nm less
	squareX, fromX float64 // Σ of squares over x, over y
}

// place counts runs of pooled values in ascending order.
func place(runs []run) placement {
	n, m, sum, squareX, fromX := 0, 0, 0, 0, 0
	for _, r := range runs {
		overY, overX := m+m+r.y, n+n+r.x
		sum += r.x * overY
		squareX += r.x * overY * overY
		fromX += r.y * overX * overX
		n += r.x
		m += r.y
	}
	return placement{n, m, float64(sum), float64(squareX), float64(fromX)}
}

// superiority gives the probability that a value of x is above one of y, equal ones counted half.
func (p *placement) superiority() float64 {
	return p.sum / float64(p.n*p.m+p.n*p.m)
}

// spreads gives the parts of x and of y of the variance of sum. They are (nS² of Brunner and Munzel) 0 for a group of one.
func (p *placement) spreads() (x, y float64) {
	n, m := float64(p.n), float64(p.m)
	other := float64(2*n*m) - p.sum
	if p.n > 1 {
		x = (float64(n*p.squareX) - float64(p.sum*p.sum)) / (n - 1)
	}
	if p.m > 1 {
		y = (float64(m*p.fromX) - float64(other*other)) / (m - 1)
	}
	return x, y
}

// statistic gives Brunner and Munzel's: the superiority less 1/2 over its standard error. Where there is no spread it is ±Inf, or 0 for a
// superiority of 1/2.
func (p *placement) statistic() float64 {
	x, y := p.spreads()
	return ratioOf(p.sum-float64(p.n*p.m), x+y)
}

// freedom gives Satterthwaite's degrees of freedom; NaN without spread.
func (p *placement) freedom() float64 {
	x, y := p.spreads()
	return freedom(x, p.n, y, p.m)
}

// freedom gives the degrees of freedom of a sum of two variances, of n and m values (Satterthwaite 1946, Biometrics Bull. 2,
// 110-114); NaN if both are 0.
func freedom(x float64, n int, y float64, m int) float64 {
	whole := x + y
	a, b := 0.0, 0.0
	if n > 1 {
		a = float64(x/whole*(x/whole)) / float64(n-1)
	}
	if m > 1 {
		b = float64(y/whole*(y/whole)) / float64(m-1)
	}
	return 1 / (a + b)
}

// studentTails gives the one-sided p-values of the statistic from Student's distribution, which are at least floor.
func (p *placement) studentTails(floor float64) (below, above float64) {
	t := p.statistic()
	if math.IsInf(t, 0) || t == 0 {
		below, above = 0.5, 0.5
		if t > 0 {
			below, above = 1, 0
		} else if t < 0 {
			below, above = 0, 1
		}
	} else {
		df := p.freedom()
		below, above = distribution.StudentTail(-t, df), distribution.StudentTail(t, df)
	}
	return max(below, floor), max(above, floor)
}
