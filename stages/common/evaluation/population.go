package evaluation

import (
	"math"
	"slices"

	"spurion/stages/common/dataset"
	"spurion/stages/numeric/datalaw"
)

// Where networks are measured, as the column measured_on tells it: on points of the data's law, or on a split.
const (
	OnLaw        = "law"
	OnTest       = string(dataset.TestSplit)
	OnValidation = string(dataset.ValidationSplit)
)

// A population says what the points that are measured stand for. They are counted by cell: by group, or by class where
// points have no attributes. What has a number for each cell is a slice in their order.
type population struct {
	data    *dataset.Description
	cells   []cell // ascending; those without points need not be there
	grouped bool   // cells are groups
	// law holds the cells' masses under the data's own law, balanced those that core and spurious correlation are under:
	// on the uniform cube for data with a law, else equal ones if every group has points. Each sums to 1 over the cells
	// that exist. balanced is nil if there are no correlations.
	law, balanced []float64
	// exact says that the points are all of the cube, so that no measure has a sampling error.
	exact bool
	// own says that law holds the shares of the points themselves, which were drawn without regard to
	// groups: how many a group has is then an accident too.
	own bool
}

// A cell is a group, or a class where there are no attributes.
type cell struct {
	group     int   // its number: A y + s, or y
	class     int16 // y
	attribute int16 // s; 0 without attributes
	pairs     bool  // whether an attribute goes with the class
	majority  bool  // whether the cell's does
	follows   int16 // the class that its attribute goes with; -1 if it does not go with exactly one
}

// side tells whether the cell's attribute goes with its class.
func (c *cell) side() Side {
	switch {
	case !c.pairs:
		return NoSide
	case c.majority:
		return MajoritySide
	}
	return MinoritySide
}

// twoByTwo is the description of data with a law, as far as groups go.
var twoByTwo = &dataset.Description{}

// ofLaw gives the population of points of a law's four groups, with the masses of the law and on the uniform cube.
func ofLaw(law *datalaw.Compiled) population {
	masses, uniform := law.Masses(), law.UniformMasses()
	return fourGroups(masses[:], uniform[:])
}

// fourGroups gives the population of points of the groups of binary data.
func fourGroups(law, balanced []float64) population {
	return population{data: twoByTwo, cells: cellsOf(twoByTwo, []int{0, 1, 2, 3}), grouped: true, law: law, balanced: balanced}
}

// ofSamples gives the population that samples are, and the place of each sample's cell, [rows]. d describes the data set.
// l notes what is read for the purpose.
func ofSamples(d *dataset.Description, s *dataset.Samples, purpose string, l *dataset.Ledger) (population, []int16) {
	if !s.HasAttributes() {
		return ofCells(population{data: d, own: true}, s.Labels(l, purpose), s.Classes())
	}
	return ofCells(population{data: d, own: true, grouped: true}, s.Groups(l, purpose), s.GroupCount())
}

// ofCells sets the cells of a population of points, of which each is of one of so many kinds, and gives the place of each
// point's cell.
func ofCells(p population, of []int16, kinds int) (population, []int16) {
	count := make([]int, kinds)
	for _, c := range of {
		count[c]++
	}
	var have []int
	place := make([]int16, kinds)
	for c, n := range count {
		if n > 0 {
			place[c] = int16(len(have))
			have = append(have, c)
			p.law = append(p.law, float64(n)/float64(len(of)))
		}
	}
	places := make([]int16, len(of))
	for i, c := range of {
		places[i] = place[c]
	}
	if p.grouped {
		p.cells = cellsOf(p.data, have)
	} else {
		for _, y := range have {
			p.cells = append(p.cells, cell{group: y, class: int16(y), follows: -1})
		}
	}
	if p.grouped && len(have) == kinds {
		p.balanced = slices.Repeat([]float64{1 / float64(kinds)}, kinds)
	}
	return p, places
}

// cellsOf gives groups as cells.
func cellsOf(d *dataset.Description, groups []int) []cell {
	follows := d.Followed()
	cells := make([]cell, len(groups))
	for i, g := range groups {
		c := cell{group: g, class: d.LabelOf(int16(g)), attribute: d.AttributeOf(int16(g)), follows: -1}
		pair, ok := d.Pair(c.class)
		c.pairs, c.majority = ok, ok && pair == c.attribute
		if follows != nil {
			c.follows = follows[c.attribute]
		}
		cells[i] = c
	}
	return cells
}

// paired reports whether each value of the attribute goes with one class.
func (p *population) paired() bool { return p.grouped && p.cells[0].follows >= 0 }

// values gives the number of values of the attribute; 0 without attributes.
func (p *population) values() int {
	if !p.grouped {
		return 0
	}
	return p.data.ValueCount()
}

// Corrected turns an accuracy a on K classes, each as frequent as another, into (K a - 1) / (K - 1): 0 for a guess, 1 if all
// is right; 2 a - 1 for two classes.
func Corrected(a float64, classes int) float64 {
	k := float64(classes)
	return (float64(k*a) - 1) / (k - 1)
}

// steepness is the square of the factor by which Corrected multiplies an accuracy, as of standard errors.
func steepness(classes int) float64 {
	k := float64(classes)
	factor := k / (k - 1)
	return float64(factor * factor)
}

// A share is the accuracy on some cells together, each counted by its mass.
type share struct {
	tally         Tally
	law, balanced mean
	exact, ownLaw bool
}

// A mean adds up accuracies by weights, and their variances.
type mean struct{ weight, sum, variance float64 }

func (m *mean) add(weight float64, t *Tally) {
	m.weight += weight
	m.sum += float64(weight * t.accuracy())
	m.variance += float64(float64(weight*weight) * t.variance())
}

// add adds the cell at a place.
func (s *share) add(p *population, i int, t *Tally) {
	s.exact, s.ownLaw = p.exact, p.own
	s.tally.add(t)
	s.law.add(p.law[i], t)
	if p.balanced != nil {
		s.balanced.add(p.balanced[i], t)
	}
}

// accuracy gives it with its standard error: under the law or, where the law has none of the cells, on the uniform cube.
// Nothing if no points are there.
func (s *share) accuracy() (accuracy, se Optional) {
	if s.tally.Points == 0 {
		return Optional{}, Optional{}
	}
	a, variance := s.tally.accuracy(), s.tally.variance()
	if !s.ownLaw {
		by := s.law
		if by.weight == 0 {
			by = s.balanced
		}
		if by.weight == 0 {
			return Optional{}, Optional{}
		}
		a, variance = by.sum/by.weight, by.variance/float64(by.weight*by.weight)
	}
	if s.exact {
		variance = 0
	}
	return Some(a), Some(math.Sqrt(variance))
}
