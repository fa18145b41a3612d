package responses

import (
	"math"
	"slices"

	"spurion/stages/common/dataset"
)

// An estimated value is a number with its standard error.
type estimated struct{ value, err float64 }

// measures are those of predictions on points. There are none where a logit is not a number.
type measures struct {
	accuracy, core, spurious estimated
}

// measured lists the measures, named as columns are.
var measured = []struct {
	name string
	of   func(*measures) *estimated
}{
	{"accuracy", func(m *measures) *estimated { return &m.accuracy }},
	{"core_correlation", func(m *measures) *estimated { return &m.core }},
	{"spurious_correlation", func(m *measures) *estimated { return &m.spurious }},
}

// A meter measures predictions on points, of which each group has equally many.
//
// The core accuracy is the mean over groups of the share of points whose label is predicted, the spurious accuracy that whose
// attribute's class is, if each class has a value of the attribute of its own that goes with it; a correlation is (K a - 1) / (K - 1) for K classes, which is 2 a - 1 for two: 1 for a network that
// goes by the feature alone, 0 for one that does not know of it, or always says the same.
type meter struct {
	groups, each int
	classes      int
	values       int
	goesWith     []int       // of each value of the attribute: the class that it goes with; -1 for none
	shares       [][]float64 // weights of groups: for the accuracy, the core and the spurious correlation
}

func newMeter(p *pool, each int) *meter {
	d := p.about
	m := &meter{groups: d.GroupCount(), each: each, classes: d.ClassCount(), values: d.ValueCount(), goesWith: attributeClasses(d)}
	even, paired := make([]float64, m.groups), make([]float64, m.groups)
	count := 0
	for g := range even {
		even[g] = 1 / float64(m.groups)
		if m.goesWith[g%m.values] >= 0 {
			count++
		}
	}
	for g := range paired {
		if m.goesWith[g%m.values] >= 0 {
			paired[g] = 1 / float64(count)
		}
	}
	m.shares = [][]float64{p.shares, even, paired}
	return m
}

// attributeClasses gives the class that each value of the attribute goes with.
func attributeClasses(d *dataset.Description) []int {
	list := make([]int, d.ValueCount())
	for a := range list {
		list[a] = -1
	}
	for y := range d.ClassCount() {
		a, ok := d.Pair(int16(y))
		if !ok || list[a] >= 0 { // several classes share a value
			for i := range list {
				list[i] = -1
			}
			break
		}
		list[a] = y
	}
	return list
}

// hasSpurious reports whether values of the attribute go with classes, one with each, so that there is a spurious correlation.
func (m *meter) hasSpurious() bool {
	return slices.ContainsFunc(m.goesWith, func(y int) bool { return y >= 0 })
}

// of measures predictions [points].
func (m *meter) of(predictions []int16) *measures {
	right, followed := make([]float64, m.groups), make([]float64, m.groups)
	for i, k := range predictions {
		g := i / m.each
		if int(k) == g/m.values {
			right[g]++
		}
		if int(k) == m.goesWith[g%m.values] {
			followed[g]++
		}
	}
	scale := float64(m.classes) / float64(m.classes-1)
	correlation := func(e estimated) estimated {
		return estimated{float64(scale*e.value) - 1/float64(m.classes-1), float64(scale * e.err)}
	}
	return &measures{
		accuracy: m.weighted(right, m.shares[0]),
		core:     correlation(m.weighted(right, m.shares[1])),
		spurious: correlation(m.weighted(followed, m.shares[2])),
	}
}

// weighted gives the weighted mean of groups' shares, from counts of each group. As each group's is an estimate of its own, the
// variances of the shares, a (1-a) / n, add up with the weights squared (Cochran 1977, Sampling Techniques, §5.3).
func (m *meter) weighted(counts, weights []float64) estimated {
	var e estimated
	variance, n := 0.0, float64(m.each)
	for g, count := range counts {
		a := count / n
		e.value += float64(weights[g] * a)
		variance += float64(float64(weights[g]*weights[g]) * float64(a*(1-a)) / n)
	}
	e.err = math.Sqrt(variance)
	return e
}
