package responses

import (
	"fmt"
	"slices"

	"spurion/stages/common/trainloop"
	"spurion/stages/numeric/kernel"
)

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

// newGrid draws a grid, balanced over classes and values of the attribute. There must be memory for so many numbers of each cell.
func (p *pool) newGrid(s *Settings, numbers int) (*grid, error) {
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
	if err := fits("the grid", g.n*len(p.core)+g.m*len(p.spurious)+g.n*g.m*(len(p.rest)+numbers), "core_inputs and spurious_inputs"); err != nil {
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
	kernel.Shuffle(list, stream)
	return list
}

// points are core inputs with spurious ones, one with one: equally many in each group, in the order of groups.
type points struct {
	n, each              int     // in all, and of each group
	core, spurious, rest columns // [coordinates, n]
	other                []int32 // [n]: another point, each once, whose part takes the place of one that is ablated
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
	if err := fits("the points", q.n*p.about.Dimensions, "points"); err != nil {
		return nil, err
	}
	q.core, q.spurious = p.columns(p.core, core), p.columns(p.spurious, spurious)
	q.rest = p.columns(p.rest, p.anyRows(q.n, stream))
	order := shuffled(trainloop.All(q.n), kernel.NewStream(s.Seed, "responses/permutation"))
	q.other = make([]int32, q.n)
	for i, at := range order {
		q.other[at] = order[(i+1)%q.n]
	}
	return q, nil
}

// maxNumbers bounds what is held at once of a grid, or of points: 2 GiB of float32.
const maxNumbers = 1 << 29

// fits refuses what would take too much memory.
func fits(what string, numbers int, remedy string) error {
	if numbers > maxNumbers {
		return fmt.Errorf("%s would take %d MiB of memory, and at most %d are used: set %s lower", what, numbers>>18, maxNumbers>>18, remedy)
	}
	return nil
}
