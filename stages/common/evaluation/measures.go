package evaluation

import (
	"math"
	"slices"
)

// Measures are what an evaluation finds. Within a group every law of the data and the uniform
// cube agree (they draw uniformly from the group), so group accuracies are those of both, and so
// is their least.
type Measures struct {
	// Classes is K, and Values is A, the number of values of the attribute: 0 for points without attributes.
	Classes, Values int

	Loss     float64 // mean under the data's law, nats
	Accuracy float64 // under the data's law
	// Groups are those that have points, ascending; nil without attributes.
	Groups        []GroupMeasures
	Worst         int    // the group of least accuracy, the first of equals; -1 without groups
	WorstName     string // as the data set calls it
	WorstAccuracy Optional
	MeanAccuracy  Optional // unweighted mean over the groups that exist
	// Minority and Majority are accuracies on the groups whose attribute is not, and is, the one that goes with their class;
	// nothing where no attribute does.
	Minority, Majority Optional
	// WorstClass is the name of the class of least accuracy, the first of equals.
	WorstClass         string
	WorstClassAccuracy Optional
	// Balanced is the unweighted mean over the classes of accuracy, MacroF1 that of 2 P R / (P + R), for precision P and
	// recall R, over the classes that exist or are predicted.
	Balanced, MacroF1 Optional
	OnlyClass         bool // one class is predicted for all points

	// Errors are standard errors of what has their name, and exist where it does (but see setErrors).
	LossError, AccuracyError, WorstError, MeanError Optional
	MinorityError, MajorityError                    Optional
	WorstClassError, BalancedError                  Optional

	// Core says how well the label is predicted where the attribute tells nothing of it, and Spurious how well the class
	// that goes with the attribute is, with their standard errors, which are 0 where the cube was enumerated. For data with
	// a law they are E[f_c sign(net)] and E[f_s sign(net)] on the uniform cube, sign(0) = +1; else balanced estimates.
	Core, CoreError, Spurious, SpuriousError Optional

	// Repeats has what each repeat found of an evaluation that has several (Evaluator.Repeat); else nil.
	Repeats []Measures

	classes []classMeasures // of the classes that exist, ascending
}

// GroupMeasures are those of a group that has points.
type GroupMeasures struct {
	Group    int
	Side     Side
	Points   int64
	Accuracy float64
	Error    float64  // the standard error of Accuracy
	Loss     Optional // mean, nats; nothing if it is not finite
}

// A Side says whether the attribute of a group is the one that goes with its class.
type Side int8

// The sides; none where no attribute goes with the class.
const (
	NoSide Side = iota
	MajoritySide
	MinoritySide
)

// classMeasures are those of a class that has points, under the data's law.
type classMeasures struct {
	class         int16
	accuracy, err Optional
	mass, right   float64 // under the law: of the class, and of its points that are predicted right
}

// Group gives the measures of a group; of no points if it does not exist.
func (m *Measures) Group(g int) GroupMeasures {
	if i, ok := m.find(g); ok {
		return m.Groups[i]
	}
	return GroupMeasures{Group: g}
}

func (m *Measures) find(g int) (int, bool) {
	return slices.BinarySearchFunc(m.Groups, g, func(x GroupMeasures, g int) int { return x.Group - g })
}

// GroupAccuracy gives the accuracy on a group; nothing if it does not exist.
func (m *Measures) GroupAccuracy(g int) Optional {
	x := m.Group(g)
	return Optional{x.Accuracy, x.Points > 0}
}

// summarise turns tallies into measures. At least one cell must have points.
func (p *population) summarise(t *tallies) Measures {
	m := Measures{Classes: p.data.ClassCount(), Values: p.values(), Worst: -1}
	m.setMeans(p, t)
	if p.grouped {
		m.setGroups(p, t)
		m.setSides(p, t)
		m.setCorrelations(p, t)
	}
	m.setErrors(p, t)
	m.setClasses(p, t)
	return m
}

// setMeans sets accuracy and loss under the law.
func (m *Measures) setMeans(p *population, t *tallies) {
	if p.simple() {
		all := t.all(p)
		m.Accuracy, m.Loss = all.accuracy(), all.Loss/float64(all.Points)
		return
	}
	for i := range t.cells {
		c := &t.cells[i]
		if c.Points == 0 {
			continue
		}
		m.Accuracy += float64(p.law[i] * c.accuracy())
		if p.law[i] > 0 {
			m.Loss += float64(p.law[i] * (c.Loss / float64(c.Points)))
		}
	}
}

// simple reports whether means are those of all points, each counting alike. They are so in value for samples of binary data
// too, whose sums go by group so that they have the bits that they always had.
func (p *population) simple() bool { return p.own && !(p.grouped && p.data.Binary()) }

// all adds up the cells.
func (t *tallies) all(p *population) (all Tally) {
	for i := range t.cells {
		all.add(&t.cells[i])
	}
	if p.simple() {
		all.Loss, all.Squares = t.ordered.loss, t.ordered.squares
	}
	return all
}

// setGroups sets what is about groups, without standard errors.
func (m *Measures) setGroups(p *population, t *tallies) {
	mean := 0.0
	m.Groups = make([]GroupMeasures, 0, len(t.cells))
	for i := range t.cells {
		c := &t.cells[i]
		if c.Points == 0 {
			continue
		}
		g := GroupMeasures{Group: p.cells[i].group, Side: p.cells[i].side(), Points: c.Points, Accuracy: c.accuracy(), Loss: Finite(c.Loss / float64(c.Points))}
		if m.Worst < 0 || g.Accuracy < m.WorstAccuracy.Value {
			m.Worst, m.WorstAccuracy = g.Group, Some(g.Accuracy)
		}
		mean += g.Accuracy
		m.Groups = append(m.Groups, g)
	}
	m.MeanAccuracy = Some(mean / float64(len(m.Groups)))
	m.WorstName = p.data.GroupName(m.Worst)
}

// Worst gives the least share of cells with so many points of which so many are right, of those that have any; 1 if none has.
func Worst(right, points []float64) float64 {
	least := 1.0
	for c, n := range points {
		if n > 0 {
			least = min(least, right[c]/n)
		}
	}
	return least
}

// setSides sets the accuracies of minority and majority.
func (m *Measures) setSides(p *population, t *tallies) {
	var minority, majority share
	for i := range t.cells {
		if t.cells[i].Points == 0 {
			continue
		}
		switch p.cells[i].side() {
		case MajoritySide:
			majority.add(p, i, &t.cells[i])
		case MinoritySide:
			minority.add(p, i, &t.cells[i])
		}
	}
	m.Minority, m.MinorityError = minority.accuracy()
	m.Majority, m.MajorityError = majority.accuracy()
}

// setCorrelations sets core and spurious correlation.
//
// In each group the correlation of the prediction with the label is (K a - 1) / (K - 1), a being the group's accuracy, and
// with the attribute the same of the share of points for which the class that goes with the attribute is predicted. They are
// weighted by balanced masses: those on the uniform cube give E[f_c sign(net)] and E[f_s sign(net)], equal ones the
// balanced estimates. Errors are from the binomial variance within groups (Cochran 1977, §5.3).
func (m *Measures) setCorrelations(p *population, t *tallies) {
	if p.balanced == nil {
		return
	}
	var core, spurious, coreVariance, spuriousVariance float64
	steep := steepness(m.Classes)
	for i := range t.cells {
		c := &t.cells[i]
		if c.Points == 0 {
			continue
		}
		u, n := p.balanced[i], float64(c.Points)
		a := c.accuracy()
		agreement := Corrected(a, m.Classes)
		v := float64(u*u) * float64(steep*float64(a*(1-a))) / n
		core += float64(u * agreement)
		coreVariance += v
		switch {
		case m.Classes > 2:
			b := float64(c.Follow) / n
			agreement = Corrected(b, m.Classes)
			v = float64(u*u) * float64(steep*float64(b*(1-b))) / n
		case !p.cells[i].majority: // of two classes, the other one goes with the attribute
			agreement = -agreement
		}
		spurious += float64(u * agreement)
		spuriousVariance += v
	}
	if p.exact {
		coreVariance, spuriousVariance = 0, 0
	}
	m.Core, m.CoreError = Some(core), Some(math.Sqrt(coreVariance))
	if p.paired() {
		m.Spurious, m.SpuriousError = Some(spurious), Some(math.Sqrt(spuriousVariance))
	}
}

// setClasses sets what is about classes, and which of them are predicted.
func (m *Measures) setClasses(p *population, t *tallies) {
	m.classes = make([]classMeasures, 0, min(m.Classes, len(t.cells)))
	for i := 0; i < len(t.cells); {
		class := p.cells[i].class
		var s share
		for ; i < len(t.cells) && p.cells[i].class == class; i++ {
			if t.cells[i].Points > 0 {
				s.add(p, i, &t.cells[i])
			}
		}
		c := classMeasures{class: class, mass: s.law.weight, right: s.law.sum}
		if p.own {
			c.mass, c.right = float64(s.tally.Points), float64(s.tally.Correct)
		}
		if c.accuracy, c.err = s.accuracy(); c.accuracy.Valid {
			m.classes = append(m.classes, c)
		}
	}
	m.setWorstClass(p)
	m.setMacroF1(p, t)
	kinds := 0
	for _, n := range t.predicted {
		if n > 0 {
			kinds++
		}
	}
	m.OnlyClass = kinds == 1
}

func (m *Measures) setWorstClass(p *population) {
	sum, variance := 0.0, 0.0
	for _, c := range m.classes {
		sum += c.accuracy.Value
		variance += float64(c.err.Value * c.err.Value)
		if !m.WorstClassAccuracy.Valid || c.accuracy.Value < m.WorstClassAccuracy.Value {
			m.WorstClassAccuracy, m.WorstClassError, m.WorstClass = c.accuracy, c.err, p.data.ClassName(int(c.class))
		}
	}
	n := float64(len(m.classes))
	m.Balanced, m.BalancedError = Some(sum/n), Some(math.Sqrt(variance)/n)
}

// setMacroF1 sets the unweighted mean of the classes' F1 = 2 TP / (P + T): TP is the mass of the class's points that are
// predicted right, P that of the points for which it is predicted, and T its own. Under a law's masses there are two
// classes, and what is wrong of one is predicted to be the other.
func (m *Measures) setMacroF1(p *population, t *tallies) {
	predicted := t.masses
	for y, n := range t.predicted {
		predicted[y] = float64(n)
	}
	if !p.own {
		clear(predicted)
		for _, c := range m.classes {
			predicted[c.class] += c.right
			predicted[1-c.class] += c.mass - c.right
		}
	}
	sum, kinds := 0.0, 0
	for _, c := range m.classes {
		if both := c.mass + predicted[c.class]; both > 0 {
			sum += float64(2*c.right) / both
			kinds++
		}
		predicted[c.class] = 0
	}
	for _, n := range predicted { // classes that are predicted, and do not exist
		if n > 0 {
			kinds++
		}
	}
	m.MacroF1 = Finite(sum / float64(kinds))
}
