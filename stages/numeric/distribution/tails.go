package distribution

import (
	"fmt"
	"math"

	"spurion/stages/numeric/kernel"
)

// The tails of the normal and of Student's distribution, and their inverses, on which verdicts hang. They are
// arithmetic of our own, so equal to the last bit on all machines, and are not settled.

// NormalTail gives the probability that a standard normal number is above z, to about 1e-13 of it down to 1e-300. NaN
// gives NaN.
func NormalTail(z float64) float64 {
	switch {
	case z != z:
		return z
	case z < 0:
		return 1 - NormalTail(-z)
	case z > 39:
		return 0
	}
	density := float64(kernel.Exp64(-float64(z*z)/2) * 0.3989422804014327)
	if z < 2.5 {
		return 0.5 - float64(density*centralSeries(z))
	}
	// Laplace's continued fraction z + 1/(z + 2/(z + 3/(z + ...))), from far enough inside.
	f := z
	for i := 150; i >= 1; i-- {
		f = z + float64(i)/f
	}
	return density / f
}

// centralSeries gives z + z³/3 + z⁵/(3·5) + ..., of which the density is the probability between 0 and z
// (Abramowitz, Stegun 1964, 26.2.11).
func centralSeries(z float64) float64 {
	sum, term := z, z
	for k := 3.0; term > 1e-18*sum; k += 2 {
		term = float64(term*z) * z / k
		sum += term
	}
	return sum
}

// NormalAbove gives the z above which a standard normal number is with probability p in (0, 1).
func NormalAbove(p float64) float64 {
	return above(p, NormalTail)
}

// StudentTail gives the probability that Student's t with df degrees of freedom, which need not be whole, is above
// t, to about 1e-12 of it down to 1e-20. NaN gives NaN. It panics unless df > 0.
func StudentTail(t, df float64) float64 {
	switch {
	case !(df > 0):
		panic(fmt.Sprintf("distribution: tail of Student's t with %v degrees of freedom", df))
	case t != t:
		return t
	case t < 0:
		return 1 - StudentTail(-t, df)
	case math.IsInf(t, 1):
		return 0
	case math.IsInf(df, 1):
		return NormalTail(t)
	case df > fewFreedom:
		return NormalTail(normalised(t, df))
	}
	// The tail is half of the incomplete beta function I(x; df/2, 1/2) at x = df/(df + t²). Below, y is 1 - x.
	r := float64(t / df * t)
	x, y := 1/(1+r), r/(1+r)
	if math.IsInf(r, 1) {
		y = 1
	}
	a := df / 2
	// x^a y^(1/2) / B(a, 1/2); log x is -log(1 + r).
	front := float64(kernel.Exp64(-float64(a*kernel.Log1p64(r))) * math.Sqrt(y) * halfStep(a) / 1.7724538509055159)
	if float64(x*(a+2.5)) < a+1 {
		return front / a * betaFraction(a, 0.5, x) / 2
	}
	return 0.5 - float64(front*betaFraction(0.5, a, y))
}

// Up to this many degrees of freedom the incomplete beta function is used; it gets worse with more.
const fewFreedom = 500

// normalised gives the number that is as far out in the normal distribution as t >= 0 is in Student's with df degrees of freedom
// (Hill 1970, Commun. ACM 13, 617-619, algorithm 395, with the next term of his series). Above 500 it is good to 1e-13 for
// tails down to 1e-20.
func normalised(t, df float64) float64 {
	a := df - 0.5
	b := float64(48 * float64(a*a))
	z2 := float64(a * kernel.Log1p64(float64(t/df*t)))
	z := math.Sqrt(z2)
	first := float64(z * polynomial(z2, 1, 3))
	second := float64(z * polynomial(z2, 4, 33, 240, 855))
	third := float64(z * polynomial(z2, 64, 788, 9801, 89775, 543375, 1788885))
	return z + (first-(second/10-third/210/b)/b)/b
}

// halfStep gives Γ(a + 1/2)/Γ(a): from far enough up by its series in 1/a, whose next term is below 1e-17 of it (Tricomi, Erdélyi
// 1951, Pacific J. Math. 1, 133-142), and down by Γ(a + 1) = a Γ(a).
func halfStep(a float64) float64 {
	down := 1.0
	for a < 30 {
		down = float64(down * (a / (a + 0.5)))
		a++
	}
	u := 1 / a
	v := float64(u * u)
	log := float64(u * polynomial(v, -31.0/18432, 17.0/14336, -1.0/640, 1.0/192, -1.0/8))
	return float64(down * math.Sqrt(a) * kernel.Exp64(log))
}

// betaFraction gives the continued fraction of the incomplete beta function: I(x; a, b) = x^a (1-x)^b / (a B(a, b)) times
// it, for x below (a+1)/(a+b+2), by Lentz's method (Press et al. 2007, Numerical Recipes, §6.4).
func betaFraction(a, b, x float64) float64 {
	const tiny = 1e-300
	nonzero := func(v float64) float64 {
		if math.Abs(v) < tiny {
			return tiny
		}
		return v
	}
	c, d := 1.0, 1/nonzero(1-float64((a+b)*x)/(a+1))
	h := d
	for i := 1; i <= 10_000; i++ {
		m := float64(i)
		even := float64(float64(m*(b-m))*x) / float64((a+m+m-1)*(a+m+m))
		d = 1 / nonzero(1+float64(even*d))
		c = nonzero(1 + even/c)
		h = float64(h * float64(d*c))
		odd := -float64(float64((a+m)*(a+b+m))*x) / float64((a+m+m)*(a+m+m+1))
		d = 1 / nonzero(1+float64(odd*d))
		c = nonzero(1 + odd/c)
		step := float64(d * c)
		h = float64(h * step)
		if math.Abs(step-1) < 1e-15 {
			break
		}
	}
	return h
}

// StudentAbove gives the t above which Student's t with df degrees of freedom is with probability p in (0, 1).
func StudentAbove(p, df float64) float64 {
	return above(p, func(t float64) float64 { return StudentTail(t, df) })
}

// above inverts a tail that falls from 1/2 at 0, and is symmetric: the least number whose tail is at most p. It
// panics unless p lies in (0, 1).
func above(p float64, tail func(float64) float64) float64 {
	switch {
	case !(p > 0 && p < 1):
		panic(fmt.Sprintf("distribution: where a tail is %v", p))
	case p > 0.5:
		return -above(1-p, tail)
	case p == 0.5:
		return 0
	}
	low, high := 0.0, 1.0
	for tail(high) > p {
		low, high = high, high+high
		if math.IsInf(high, 1) {
			return high
		}
	}
	for {
		middle := low + (high-low)/2
		if middle <= low || middle >= high {
			return high
		}
		if tail(middle) > p {
			low = middle
		} else {
			high = middle
		}
	}
}
