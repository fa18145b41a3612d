package responses

import (
	"errors"
	"fmt"

	"spurion/artifacts/frame"
	"spurion/stages/common/dataset"
	"spurion/stages/numeric/kernel"
)

// parts are the coordinates of inputs, each in one list, ascending.
type parts struct{ core, spurious, rest []int32 }

// partsOf tells where the core and the spurious feature lie: in the blocks of a law, or where the description says. If it names
// the place of one alone, as where one image covers a part of another, the other feature is in all other coordinates.
func partsOf(d *dataset.Description) (*parts, error) {
	owner := make([]byte, d.Dimensions) // of each coordinate: 'c', 's' or 0
	if law := d.Law; law != nil {
		for i := range law.CoreLength {
			owner[i] = 'c'
		}
		for i := range law.SpuriousLength {
			owner[law.CoreLength+i] = 's'
		}
	} else if err := owners(owner, d); err != nil {
		return nil, err
	}
	p := &parts{}
	for i, o := range owner {
		to := &p.rest
		switch o {
		case 'c':
			to = &p.core
		case 's':
			to = &p.spurious
		}
		*to = append(*to, int32(i))
	}
	if len(p.core) == 0 || len(p.spurious) == 0 {
		return nil, errors.New("the core or the spurious feature has no coordinates of its own, so there is nothing to put together")
	}
	return p, nil
}

func owners(owner []byte, d *dataset.Description) error {
	if len(d.Parts) == 0 {
		return errors.New("the data set does not say which part of an input holds the core feature and which the spurious one: import says so with part \"core\" { ... } and " +
			`part "spurious" { ... }, and compose by itself, but not with layout = "overlay" and an opacity below 1, where both lie in the same pixels`)
	}
	names := map[string]byte{dataset.CorePart: 'c', dataset.SpuriousPart: 's'}
	for i := range d.Parts {
		for _, at := range d.Coordinates(&d.Parts[i]) {
			if owner[at] != 0 {
				return fmt.Errorf("the core and the spurious part share coordinate %d: they must lie apart, so that one can be exchanged without the other", at)
			}
			owner[at] = names[d.Parts[i].Name]
		}
	}
	if len(d.Parts) == 1 {
		other := 'c' + 's' - names[d.Parts[0].Name]
		for i, o := range owner {
			if o == 0 {
				owner[i] = other
			}
		}
	}
	return nil
}

// A pool is samples whose parts are put together.
type pool struct {
	*parts
	source      string // a split, or fromLaw
	samples     *dataset.Samples
	about       *dataset.Description
	byLabel     [][]int32 // rows
	byAttribute [][]int32
	shares      []float64 // of each group, among the samples or by the law
}

// newPool reads the samples that settings ask for. d is nil if no data set was given; about describes the data then, too.
func newPool(s *Settings, d *dataset.Dataset, about *dataset.Description, l *dataset.Ledger) (*pool, error) {
	where, err := partsOf(about)
	if err != nil {
		return nil, err
	}
	p := &pool{parts: where, about: about, source: s.From, shares: make([]float64, about.GroupCount())}
	if p.source == auto {
		p.source = fromLaw
		if d != nil && d.Test != nil {
			p.source = string(dataset.TestSplit)
		}
	}
	if p.source == fromLaw {
		if about.Law == nil {
			return nil, errors.New("there are no inputs to put together: the data has no law to draw them from, so give the input data, with a test split, or set from to a split that it has")
		}
		err = p.draw(s, l)
	} else {
		err = p.read(d, l)
	}
	return p, err
}

// read takes the samples of a split.
func (p *pool) read(d *dataset.Dataset, l *dataset.Ledger) error {
	if d == nil {
		return fmt.Errorf("from = %q is a split of the input data, which is not given", p.source)
	}
	p.samples = d.Split(dataset.Split(p.source))
	if p.samples == nil {
		return fmt.Errorf("the data set has no %s split: make one, or set from", p.source)
	}
	if !p.samples.HasAttributes() {
		return fmt.Errorf("samples of the %s split have no attributes, so nobody knows which spurious input is which", p.source)
	}
	for g, count := range p.sort(l) {
		p.shares[g] = float64(count) / float64(p.samples.Rows)
	}
	return nil
}

// sort lists the rows of each label and attribute, and counts those of each group.
func (p *pool) sort(l *dataset.Ledger) (groups []int) {
	p.byLabel, p.byAttribute = make([][]int32, p.about.ClassCount()), make([][]int32, p.about.ValueCount())
	groups = make([]int, p.about.GroupCount())
	attributes := p.samples.Attributes(l, dataset.Evaluation)
	for row, y := range p.samples.Labels(l, dataset.Evaluation) {
		a := attributes[row]
		p.byLabel[y] = append(p.byLabel[y], int32(row))
		p.byAttribute[a] = append(p.byAttribute[a], int32(row))
		groups[p.about.GroupOf(y, a)]++
	}
	return groups
}

// draw draws samples from the law, equally many from each group that has inputs: enough for the grid and the points.
func (p *pool) draw(s *Settings, l *dataset.Ledger) error {
	law, err := p.about.Law.Compile()
	if err != nil {
		return err
	}
	each := (max(s.Points, s.CoreInputs, s.SpuriousInputs) + 1) / 2
	var labels, attributes []int16
	for g, mass := range law.UniformMasses() {
		for range each {
			if mass > 0 {
				labels, attributes = append(labels, int16(g/2)), append(attributes, int16(g%2))
			}
		}
	}
	packed := make([]uint64, len(labels)*law.Words())
	if err := law.SampleGiven(kernel.NewStream(s.Seed, "responses/law"), packed, labels, attributes); err != nil {
		return err
	}
	if p.samples, err = dataset.Pack(dataset.TestSplit, law.Dimensions(), packed, labels, attributes); err != nil {
		return err
	}
	l.Note(frame.MarkAttribute, dataset.Evaluation, "")
	p.sort(l)
	masses := law.Masses()
	copy(p.shares, masses[:])
	return nil
}
