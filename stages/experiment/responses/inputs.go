package responses

import (
	"errors"
	"fmt"
	"slices"

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
		return errors.New("the data set does not say which part of an input holds the core feature and which the spurious one. Data that compose makes says so, " +
			`but not with layout = "overlay" and an opacity below 1, where both lie in the same pixels: use another layout, or opacity = 1`)
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
	p.sort(l)
	for y, rows := range p.byLabel {
		labels := make(map[int32]bool, len(rows))
		for _, row := range rows {
			labels[row] = true
		}
		for a, others := range p.byAttribute {
			both := 0
			for _, row := range others {
				if labels[row] {
					both++
				}
			}
			p.shares[p.about.GroupOf(int16(y), int16(a))] = float64(both) / float64(p.samples.Rows)
		}
	}
	return nil
}

// sort lists the rows of each label and attribute.
func (p *pool) sort(l *dataset.Ledger) {
	p.byLabel, p.byAttribute = make([][]int32, p.about.ClassCount()), make([][]int32, p.about.ValueCount())
	for row, y := range p.samples.Labels(l, dataset.Evaluation) {
		p.byLabel[y] = append(p.byLabel[y], int32(row))
	}
	for row, a := range p.samples.Attributes(l, dataset.Evaluation) {
		p.byAttribute[a] = append(p.byAttribute[a], int32(row))
	}
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

// columns are parts of inputs, [coordinates, inputs].
type columns []float32

// columns gives the coordinates of rows of the samples, [coordinates, rows].
func (p *pool) columns(coordinates, rows []int32) columns {
	out := make(columns, len(coordinates)*len(rows))
	x := make([]float32, p.samples.Dimensions)
	for i, row := range rows {
		p.samples.Inputs(x, int(row), 1)
		for k, at := range coordinates {
			out[k*len(rows)+i] = x[at]
		}
	}
	return out
}

// anyRows draws so many rows of the samples, each anew.
func (p *pool) anyRows(count int, stream *kernel.Stream) []int32 {
	rows := make([]int32, count)
	for i := range rows {
		rows[i] = int32(stream.IntN(p.samples.Rows))
	}
	return rows
}

// A grid is n core inputs, each with each of m spurious ones; rest is that of another sample in each cell.
type grid struct {
	n, m                 int
	core, spurious, rest columns // [coordinates, n], [coordinates, m], [coordinates, n*m]
}

// newGrid draws a grid, balanced over classes and values of the attribute.
func (p *pool) newGrid(s *Settings) (*grid, error) {
	stream := kernel.NewStream(s.Seed, "responses/grid")
	core, err := balanced(p.byLabel, s.CoreInputs, stream, func(y int) string { return "class " + p.about.ClassName(y) })
	if err != nil {
		return nil, fmt.Errorf("core_inputs = %d: %w", s.CoreInputs, err)
	}
	spurious, err := balanced(p.byAttribute, s.SpuriousInputs, stream, func(a int) string { return "attribute " + p.about.AttributeName(a) })
	if err != nil {
		return nil, fmt.Errorf("spurious_inputs = %d: %w", s.SpuriousInputs, err)
	}
	g := &grid{n: len(core), m: len(spurious)}
	if err := fits("the grid", g.n*g.m, len(p.rest), "core_inputs and spurious_inputs"); err != nil {
		return nil, err
	}
	g.core, g.spurious = p.columns(p.core, core), p.columns(p.spurious, spurious)
	g.rest = p.columns(p.rest, p.anyRows(g.n*g.m, stream))
	return g, nil
}

// balanced draws rows from lists, equally many of each and about total in all, none twice.
func balanced(lists [][]int32, total int, stream *kernel.Stream, name func(int) string) ([]int32, error) {
	each := total / len(lists)
	if each == 0 {
		return nil, fmt.Errorf("that is less than one for each of %d: set it to %d at least", len(lists), len(lists))
	}
	for k, list := range lists {
		if len(list) == 0 {
			return nil, fmt.Errorf("no sample is of %s", name(k))
		}
		each = min(each, len(list))
	}
	var rows []int32
	for _, list := range lists {
		rows = append(rows, shuffled(list, stream)[:each]...)
	}
	return rows, nil
}

func shuffled(list []int32, stream *kernel.Stream) []int32 {
	list = slices.Clone(list)
	stream.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return list
}

// points are core inputs with spurious ones, one with one: equally many in each group, in the order of groups.
type points struct {
	n, each              int     // in all, and of each group
	core, spurious, rest columns // [coordinates, n]
	other                []int   // [n]: another point, each once, whose part takes the place of one that is ablated
}

// newPoints draws points. No core and no spurious input is of two of them.
func (p *pool) newPoints(s *Settings) (*points, error) {
	k, a := len(p.byLabel), len(p.byAttribute)
	each := s.Points / (k * a)
	if each == 0 {
		return nil, fmt.Errorf("points = %d is less than one for each of %d groups: set it to %d at least", s.Points, k*a, k*a)
	}
	for y, rows := range p.byLabel {
		if each = min(each, len(rows)/a); each == 0 {
			return nil, fmt.Errorf("points need %d samples of class %s, one for each value of the attribute, but there are %d", a, p.about.ClassName(y), len(rows))
		}
	}
	for v, rows := range p.byAttribute {
		if each = min(each, len(rows)/k); each == 0 {
			return nil, fmt.Errorf("points need %d samples of attribute %s, one for each class, but there are %d", k, p.about.AttributeName(v), len(rows))
		}
	}
	stream := kernel.NewStream(s.Seed, "responses/points")
	q := &points{n: each * k * a, each: each}
	core, spurious := make([]int32, q.n), make([]int32, q.n)
	for y, rows := range p.byLabel {
		copy(core[y*a*each:(y+1)*a*each], shuffled(rows, stream))
	}
	for v, rows := range p.byAttribute {
		rows = shuffled(rows, stream)
		for y := range k {
			copy(spurious[(y*a+v)*each:(y*a+v+1)*each], rows[y*each:])
		}
	}
	if err := fits("the points", q.n, p.about.Dimensions, "points"); err != nil {
		return nil, err
	}
	q.core, q.spurious = p.columns(p.core, core), p.columns(p.spurious, spurious)
	q.rest = p.columns(p.rest, p.anyRows(q.n, stream))
	order, next := make([]int, q.n), make([]int, q.n)
	for i := range order {
		order[i] = i
	}
	stream = kernel.NewStream(s.Seed, "responses/permutation")
	stream.Shuffle(q.n, func(i, j int) { order[i], order[j] = order[j], order[i] })
	for i, at := range order {
		next[at] = order[(i+1)%q.n]
	}
	q.other = next
	return q, nil
}

// maxNumbers bounds what is held at once of a grid or of points: 2 GiB of float32.
const maxNumbers = 1 << 29

// fits refuses what would take too much memory: so many numbers for each of count inputs.
func fits(what string, count, numbers int, remedy string) error {
	if count*numbers > maxNumbers {
		return fmt.Errorf("%s of %d with %d numbers for each would take more than %d MiB: set %s lower", what, count, numbers, maxNumbers>>18, remedy)
	}
	return nil
}
