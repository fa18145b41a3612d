package dataset

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"spurion/artifacts/frame"
)

// A reader takes a table apart. Rows in messages are counted from 0 over the whole table.
type reader struct {
	table      *frame.Table
	known      bool        // whether the table's metadata describes it
	about      Description // dimensions are -1 until known
	parts      [3]part     // as Splits
	labels     []int16
	attributes []int16 // nil if there are none
	inputs     *frame.Column
}

// A part is the rows of a split.
type part struct {
	first, rows int
	list        []int // in order; nil while they stand together
}

// add adds rows from..to.
func (p *part) add(from, to int) {
	switch {
	case p.rows == 0:
		p.first = from
	case p.list == nil && from == p.first+p.rows:
	default:
		for i := len(p.list); i < p.rows; i++ {
			p.list = append(p.list, p.first+i)
		}
		for row := from; row < to; row++ {
			p.list = append(p.list, row)
		}
	}
	p.rows += to - from
}

// row gives the table's row of the i-th.
func (p *part) row(i int) int {
	if p.list == nil {
		return p.first + i
	}
	return p.list[i]
}

// of gives the part's values, width to a row.
func of[T any](p *part, values []T, width int) []T {
	if p.list == nil {
		return values[p.first*width : (p.first+p.rows)*width] // with room to the next split: see joined
	}
	out := make([]T, 0, p.rows*width)
	for _, row := range p.list {
		out = append(out, values[row*width:(row+1)*width]...)
	}
	return out
}

func (r *reader) read() error {
	splits := r.table.Column("split")
	if splits == nil || splits.Type != frame.String {
		return fmt.Errorf("a data set needs a string column split, with values train, validation and test")
	}
	if n := splits.Nulls(); n > 0 {
		return fmt.Errorf("column split has %d nulls", n)
	}
	for from := 0; from < splits.Len(); {
		split, to := splits.Strings.At(from), splits.Strings.End(from)
		place := slices.Index(Splits, Split(split))
		if place < 0 {
			return fmt.Errorf("row %d: there is no split %q; there are train, validation and test", from, split)
		}
		r.parts[place].add(from, to)
		from = to
	}
	if err := r.readMarks(); err != nil {
		return err
	}
	return r.readInputs()
}

// readMarks reads labels, attributes and groups, and how many there are of each.
func (r *reader) readMarks() (err error) {
	if r.labels, err = r.marks("label", r.about.ClassCount()); err != nil {
		return err
	}
	if r.labels == nil {
		return fmt.Errorf("a data set needs an integer column label, with values from 0 on: 0 and 1 for two classes")
	}
	if err := r.countClasses(); err != nil {
		return err
	}
	if r.attributes, err = r.marks("attribute", r.about.ValueCount()); err != nil {
		return err
	}
	groups, err := r.marks("group", r.about.GroupCount())
	if err != nil {
		return err
	}
	if err := r.countValues(groups); err != nil {
		return err
	}
	if groups != nil && r.attributes == nil {
		r.attributes = make([]int16, len(groups))
		for i, g := range groups {
			r.attributes[i] = r.about.AttributeOf(g)
		}
	}
	for i, g := range groups {
		if want := r.about.GroupOf(r.labels[i], r.attributes[i]); g != want {
			return fmt.Errorf("row %d: group %d, but label %d and attribute %d make group %d", i, g, r.labels[i], r.attributes[i], want)
		}
	}
	return nil
}

// countClasses finds how many classes there are in a table that does not say.
func (r *reader) countClasses() error {
	if r.known {
		return nil
	}
	count := 1 + most(r.labels, 1)
	if count == 2 {
		return nil
	}
	seen := make([]bool, count)
	for _, y := range r.labels {
		seen[y] = true
	}
	if y := slices.Index(seen, false); y >= 0 {
		return fmt.Errorf("row %d: label is %d, but no row has the label %d; labels are 0, 1, ... without gaps", slices.Index(r.labels, int16(count-1)), count-1, y)
	}
	r.about.Classes = numbers(count)
	return nil
}

// countValues finds how many values the attribute has in a table that does not say; groups is nil if there are none.
func (r *reader) countValues(groups []int16) error {
	if r.known {
		return nil
	}
	count := 1 + most(r.attributes, 1)
	if r.attributes == nil && groups != nil {
		k := r.about.ClassCount()
		count = max(2, (most(groups, 0)+k)/k)
	}
	if count > 2 || r.about.Classes != nil {
		r.about.Attributes = []Attribute{{Name: "attribute", Values: numbers(count)}}
	}
	return r.about.checkGroups()
}

// most gives the largest of marks, or least if that is more.
func most(marks []int16, least int16) int {
	for _, v := range marks {
		least = max(least, v)
	}
	return int(least)
}

// numbers gives the names "0", "1", ...
func numbers(count int) []string {
	names := make([]string, count)
	for i := range names {
		names[i] = strconv.Itoa(i)
	}
	return names
}

// marks gives a column of integers from 0 to count-1; nil if there is no such column. The count of a table that does not
// describe itself is not known yet: any that could be will do.
func (r *reader) marks(name string, count int) ([]int16, error) {
	c := r.table.Column(name)
	if c == nil {
		return nil, nil
	}
	if n := c.Nulls(); n > 0 {
		return nil, fmt.Errorf("column %s has %d nulls", name, n)
	}
	if !r.known {
		count = MaxGroups
	}
	values := make([]int16, c.Len())
	for i := range values {
		var v int64
		switch c.Type {
		case frame.Int8:
			v = int64(c.Int8s[i])
		case frame.Int64:
			v = c.Int64s[i]
		case frame.Bool:
			if c.Bools[i] {
				v = 1
			}
		default:
			return nil, fmt.Errorf("column %s holds %v, not integers", name, c.Type)
		}
		if v < 0 || v >= int64(count) {
			return nil, fmt.Errorf("row %d: %s is %d; it must be from 0 to %d", i, name, v, count-1)
		}
		values[i] = int16(v)
	}
	return values, nil
}

func (r *reader) readInputs() error {
	c := r.table.Column("inputs")
	if c == nil || !c.Type.IsList() {
		return fmt.Errorf("a data set needs a column inputs with a list of numbers in each row")
	}
	if n := c.Nulls(); n > 0 {
		return fmt.Errorf("column inputs has %d nulls", n)
	}
	r.inputs = c
	if c.Type == frame.Signs || c.Type == frame.Bytes {
		if r.about.Dimensions >= 0 && r.about.Dimensions != c.Length && c.Len() > 0 {
			return fmt.Errorf("%d inputs in a row, not the %d dimensions of the metadata", c.Length, r.about.Dimensions)
		}
		r.about.Dimensions = c.Length
		return nil
	}
	for i := range c.Len() {
		n := int(c.Offsets[i+1] - c.Offsets[i])
		if r.about.Dimensions < 0 {
			r.about.Dimensions = n
		}
		if n != r.about.Dimensions {
			return fmt.Errorf("row %d: %d inputs, not %d as the rest", i, n, r.about.Dimensions)
		}
		if c.Type == frame.Float64List {
			for _, x := range c.Float64List(i) {
				if math.Abs(x) > math.MaxFloat32 {
					return fmt.Errorf("row %d: an input of %v, which is beyond float32", i, x)
				}
			}
		}
	}
	return nil
}

// samples gives the rows of a split; nil if there are none.
func (r *reader) samples(split Split) (*Samples, error) {
	p := &r.parts[slices.Index(Splits, split)]
	if p.rows == 0 {
		return nil, nil
	}
	m := Marks{Classes: r.about.ClassCount(), Values: r.about.ValueCount(), Labels: of(p, r.labels, 1)}
	if r.attributes != nil {
		m.Attributes = of(p, r.attributes, 1)
	}
	return New(split, r.inputsOf(p), m)
}

// inputsOf gives the inputs of a split's rows, as bits if all of them are -1 and +1.
func (r *reader) inputsOf(p *part) Inputs {
	n := r.about.Dimensions
	switch {
	case r.inputs.Type == frame.Signs:
		return Inputs{Dimensions: n, Signs: of(p, r.inputs.Words, words(n))}
	case r.inputs.Type == frame.Bytes:
		return Inputs{Dimensions: n, Bytes: of(p, r.inputs.Uint8s, n), Scale: r.inputs.Scale, Offset: r.inputs.Offset}
	case n == 0:
		return Inputs{}
	}
	if packed := r.pack(p); packed != nil {
		return Inputs{Dimensions: n, Signs: packed}
	}
	if r.inputs.Type == frame.Float32List {
		return Inputs{Dimensions: n, Floats: of(p, r.inputs.Float32s, n)}
	}
	floats := make([]float32, p.rows*n)
	for i := range p.rows {
		for j := range n {
			floats[i*n+j] = r.input(p.row(i), j)
		}
	}
	return Inputs{Dimensions: n, Floats: floats}
}

func (r *reader) input(row, j int) float32 {
	at := int(r.inputs.Offsets[row]) + j
	switch r.inputs.Type {
	case frame.Int8List:
		return float32(r.inputs.Int8s[at])
	case frame.Float64List: // as pandas and polars have them: a data set's inputs are float32
		return float32(r.inputs.Float64s[at])
	}
	return r.inputs.Float32s[at]
}

// pack gives the rows' inputs as bits, or nil if some are neither -1 nor +1.
func (r *reader) pack(p *part) []uint64 {
	words := words(r.about.Dimensions)
	packed := make([]uint64, p.rows*words)
	for i := range p.rows {
		row := p.row(i)
		for j := range r.about.Dimensions {
			switch r.input(row, j) {
			case 1:
				packed[i*words+j>>6] |= 1 << uint(j&63)
			case -1:
			default:
				return nil
			}
		}
	}
	return packed
}
