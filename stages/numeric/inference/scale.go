package inference

import (
	"math"
	"slices"
)

// A scale is how values of two groups are compared: by differences, or by ratios of positive values.
type scale struct {
	ratio bool
	slack float64 // what differences owe to rounding; unused by ratios
}

// gap gives how far x lies above y: x - y, or x/y.
func (s scale) gap(x, y float64) float64 {
	if s.ratio {
		return x / y
	}
	return x - y
}

// near reports whether gaps, or values, differ by rounding alone.
func (s scale) near(a, b float64) bool {
	if a == b || !finite(a) || !finite(b) {
		return a == b
	}
	if s.ratio {
		return math.Abs(a-b) <= float64(rounding*max(math.Abs(a), math.Abs(b)))
	}
	return math.Abs(a-b) <= s.slack
}

// compare gives the order of x, moved down by the shift, and y: -1, 0 or 1. Two infinite values are equal.
func (s scale) compare(x, y, shift float64) int {
	if math.IsInf(x, 1) && math.IsInf(y, 1) {
		return 0
	}
	switch g := s.gap(x, y); {
	case s.near(g, shift):
		return 0
	case g < shift:
		return -1
	}
	return 1
}

// middle gives what lies half-way between two gaps, on the scale.
func (s scale) middle(a, b float64) float64 {
	switch {
	case a == b:
		return a
	case math.IsInf(a, 0) || math.IsInf(b, 0):
		return a + b
	case s.ratio:
		return float64(math.Sqrt(a) * math.Sqrt(b))
	}
	return halfway(a, b)
}

// bounds gives the least and greatest shift that there is.
func (s scale) bounds() (least, most float64) {
	if s.ratio {
		return math.SmallestNonzeroFloat64, math.MaxFloat64
	}
	return -math.MaxFloat64, math.MaxFloat64
}

// levelled gives the values in ascending order, those of a run that differ by rounding alone from their
// neighbours made equal to its least.
func (s scale) levelled(values []float64) []float64 {
	order := slices.Sorted(slices.Values(values))
	for i, last := 1, 0.0; i < len(order); i++ {
		if i == 1 {
			last = order[0]
		}
		x := order[i]
		if s.near(x, last) {
			order[i] = order[i-1]
		}
		last = x
	}
	return order
}

// Two are two groups in ascending order, on a scale.
type two struct {
	scale
	x, y []float64
}

func newTwo(x, y []float64, ratio bool) *two {
	s := scale{ratio: ratio, slack: max(slackOf(x...), slackOf(y...))}
	return &two{s, s.levelled(x), s.levelled(y)}
}

// A run is how many values of each group are equal, after a shift.
type run struct{ x, y int }

// runs gives the pooled values in ascending order, those of x moved down by the shift.
func (t *two) runs(shift float64) []run {
	list := make([]run, 0, len(t.x)+len(t.y))
	for i, j := 0, 0; i < len(t.x) || j < len(t.y); {
		c := 0
		switch {
		case i == len(t.x):
			c = 1
		case j == len(t.y):
			c = -1
		default:
			c = t.compare(t.x[i], t.y[j], shift)
		}
		var r run
		if c <= 0 {
			for first := t.x[i]; i < len(t.x) && t.x[i] == first; i++ {
				r.x++
			}
		}
		if c >= 0 {
			for first := t.y[j]; j < len(t.y) && t.y[j] == first; j++ {
				r.y++
			}
		}
		list = append(list, r)
	}
	return list
}

// tied reports whether a group has equal values.
func (t *two) tied() bool {
	for _, values := range [][]float64{t.x, t.y} {
		for i := 1; i < len(values); i++ {
			if values[i] == values[i-1] {
				return true
			}
		}
	}
	return false
}

// upTo counts the pairs whose gap is at most g.
func (t *two) upTo(g float64) int {
	n, j := 0, 0 // the first j of y have a gap above g
	for _, x := range t.x {
		for j < len(t.y) && t.gap(x, t.y[j]) > g {
			j++
		}
		n += len(t.y) - j
	}
	return n
}

// median gives the median of all gaps. No infinite x meets an infinite y.
func (t *two) median() float64 {
	all := len(t.x) * len(t.y)
	high := kth(all/2, t.upTo)
	if all%2 == 1 || math.IsInf(high, 0) {
		return high
	}
	return t.middle(kth(all/2-1, t.upTo), high)
}

// levels lists the distinct finite gaps in ascending order; those of a run that differ by rounding alone are its least.
func (t *two) levels() []float64 {
	list := make([]float64, 0, len(t.x)*len(t.y))
	for _, x := range t.x {
		for _, y := range t.y {
			if finite(x) && finite(y) {
				list = append(list, t.gap(x, y))
			}
		}
	}
	return slices.CompactFunc(t.levelled(list), func(a, b float64) bool { return a == b })
}
