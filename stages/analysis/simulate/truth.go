package simulate

import (
	"slices"
	"sync"

	"spurion/stages/numeric/kernel"
)

// What a test estimates is known: by symmetry, in closed form, or by counting pairs of quantiles. A law is then taken for gridSize equally
// likely values, its quantiles at (i + 1/2) / gridSize, and the two groups for all pairs of them. Against closed forms that is right to
// 1e-3 standard deviations (TestTruth).
const gridSize = 1000

// normalGrid holds the quantiles of the normal law, from which all others but the heavy one are made.
var normalGrid = sync.OnceValue(func() []float64 { return laws["normal"].grid() })

// grid gives the law's quantiles, ascending.
func (l law) grid() []float64 {
	list := make([]float64, gridSize)
	for i := range list {
		list[i] = l.quantile((float64(i) + 0.5) / gridSize)
	}
	return list
}

// grid gives the quantiles of the values of a law: those of the group said to be larger with its spread, before they are moved.
func (s *Settings) grid(spread float64) []float64 {
	var list []float64
	if s.Law == "heavy" {
		list = laws[s.Law].grid()
	} else {
		list = slices.Clone(normalGrid())
		for i, z := range list {
			list[i] = s.fromNormal(z)
		}
	}
	for i, x := range list {
		list[i] = s.raw(x, spread)
	}
	return list
}

// fromNormal makes a standard normal number one of the law.
func (s *Settings) fromNormal(z float64) float64 {
	switch {
	case s.Law == "lognormal" && methods[s.Method].multiplies():
		return z // raw makes it lognormal
	case s.Law == "lognormal":
		return fromNormal(z)
	case s.Law == "rounded":
		return halves(z)
	case s.Law == "shares":
		return fromLogit(z)
	}
	return z
}

// centre is the mean of values that are to have a ratio, in standard deviations: far enough from 0 that none is below.
const centre = 20

// raw makes a standardised number a value: as it is, or above 0 where the effect is a ratio. A lognormal value is then exp(z), and its
// spread that of its logarithm.
func (s *Settings) raw(x, spread float64) float64 {
	switch {
	case !methods[s.Method].multiplies():
		return float64(x * spread)
	case s.Law == "lognormal":
		return kernel.Exp64(float64(x * spread))
	}
	return centre + float64(x*spread)
}

// without gives what the method would estimate if the larger group, or the pairs' differences, were not moved.
func (s *Settings) without() float64 {
	m := methods[s.Method]
	symmetric := laws[s.Law].symmetric
	switch m.estimand {
	case ofMedian:
		if !symmetric {
			return s.fromNormal(0)
		}
	case ofPseudomedian:
		if !symmetric {
			return medianDifference(s.grid(1), mirrored(s.grid(1))) / 2
		}
	case ofShift:
		if !symmetric && s.Spread != 1 {
			return medianDifference(s.grid(s.Spread), s.grid(1))
		}
	case ofRatio:
		if s.Spread != 1 && s.Law != "lognormal" {
			return kernel.Exp64(medianDifference(logs(s.grid(s.Spread)), logs(s.grid(1))))
		}
		return 1
	case ofMeanRatio:
		if s.Law == "lognormal" {
			return kernel.Exp64((float64(s.Spread*s.Spread) - 1) / 2)
		}
		return 1
	case ofEndRatio:
		return 1
	}
	return 0
}

// move gives by how much the larger group is moved, so that the effect is the true one: a number to add, or to multiply by.
func (s *Settings) move() float64 {
	m := methods[s.Method]
	switch {
	case m.multiplies():
		return s.effect() / s.without()
	case m.estimand == ofShare:
		return -laws[s.Law].quantile(1 - s.effect())
	case m.estimand == ofSuperiority:
		larger, smaller := s.grid(s.Spread), s.grid(1)
		return bisect(-20, 20, func(shift float64) bool { return superiority(larger, smaller, shift, s.cut()) < s.effect() })
	}
	return s.effect() - s.without()
}

// cut gives the value above which none is known; infinite without.
func (s *Settings) cut() float64 {
	if s.Censored == 0 {
		return inf
	}
	u := 1 - s.Censored
	switch {
	case methods[s.Method].design == pairs:
		return normalQuantile(u) // the smaller side is normal
	case s.Law == "lognormal" && methods[s.Method].multiplies():
		return s.raw(normalQuantile(u), 1)
	}
	return s.raw(laws[s.Law].quantile(u), 1)
}

func mirrored(list []float64) []float64 {
	out := make([]float64, len(list))
	for i, x := range list {
		out[len(list)-1-i] = -x
	}
	return out
}

func logs(list []float64) []float64 {
	for i, x := range list {
		list[i] = kernel.Log64(x)
	}
	return list
}

// medianDifference gives the median of all x - y, of ascending lists.
func medianDifference(xs, ys []float64) float64 {
	return bisect(xs[0]-ys[len(ys)-1], xs[len(xs)-1]-ys[0], func(d float64) bool {
		return superiority(xs, ys, -d, inf) > 0.5
	})
}

// superiority gives the share of pairs in which x + shift is above y, equal ones counted half; what is above cut is equal.
func superiority(xs, ys []float64, shift, cut float64) float64 {
	below, equal, j, k := 0, 0, 0, 0
	for _, x := range xs {
		x = min(x+shift, cut)
		for j < len(ys) && min(ys[j], cut) < x {
			j++
		}
		for k < len(ys) && min(ys[k], cut) <= x {
			k++
		}
		below, equal = below+j, equal+k-j
	}
	return (float64(below) + float64(equal)/2) / (float64(len(xs)) * float64(len(ys)))
}

// bisect gives the place between low and high up to which more holds.
func bisect(low, high float64, more func(float64) bool) float64 {
	for range 80 {
		if middle := low + (high-low)/2; more(middle) {
			low = middle
		} else {
			high = middle
		}
	}
	return low + (high-low)/2
}
