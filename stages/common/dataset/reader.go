package dataset

import (
	"fmt"
	"math"
	"slices"

	"spurion/artifacts/frame"
)

// A reader takes a table apart. Rows in messages are counted from 0 over the whole table.
type reader struct {
	table      *frame.Table
	dimensions int     // -1 until known
	parts      [3]part // as Splits
	labels     []int8
	attributes []int8 // nil if there are none
	inputs     *frame.Column
}

// A part is the rows of a split.
type part struct {
	first, rows int
	list        []int // in order; nil while they stand together
}

func (p *part) add(row int) {
	switch {
	case p.rows == 0:
		p.first = row
	case p.list == nil && row == p.first+p.rows:
	default:
		for i := len(p.list); i < p.rows; i++ {
			p.list = append(p.list, p.first+i)
		}
		p.list = append(p.list, row)
	}
	p.rows++
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
	for i, s := range splits.Strings {
		place := slices.Index(Splits, Split(s))
		if place < 0 {
			return fmt.Errorf("row %d: there is no split %q; there are train, validation and test", i, s)
		}
		r.parts[place].add(i)
	}
	var err error
	if r.labels, err = r.binary("label", 1); err != nil {
		return err
	}
	if r.labels == nil {
		return fmt.Errorf("a data set needs an integer column label, with values 0 and 1")
	}
	if r.attributes, err = r.binary("attribute", 1); err != nil {
		return err
	}
	groups, err := r.binary("group", 3)
	if err != nil {
		return err
	}
	if groups != nil && r.attributes == nil {
		r.attributes = make([]int8, len(groups))
		for i, g := range groups {
			r.attributes[i] = g & 1
		}
	}
	for i, g := range groups {
		if want := 2*r.labels[i] + r.attributes[i]; g != want {
			return fmt.Errorf("row %d: group %d, but label %d and attribute %d make group %d", i, g, r.labels[i], r.attributes[i], want)
		}
	}
	return r.readInputs()
}

// binary gives a column of small integers from 0 to most; nil if there is no such column.
func (r *reader) binary(name string, most int64) ([]int8, error) {
	c := r.table.Column(name)
	if c == nil {
		return nil, nil
	}
	if n := c.Nulls(); n > 0 {
		return nil, fmt.Errorf("column %s has %d nulls", name, n)
	}
	values := c.Int8s
	if c.Type != frame.Int8 || values == nil {
		values = make([]int8, c.Len())
	}
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
		if v < 0 || v > most {
			return nil, fmt.Errorf("row %d: %s is %d; it must be from 0 to %d", i, name, v, most)
		}
		if c.Type != frame.Int8 {
			values[i] = int8(v)
		}
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
	if c.Type == frame.Signs {
		if r.dimensions >= 0 && r.dimensions != c.Length && c.Len() > 0 {
			return fmt.Errorf("%d inputs in a row, not the %d dimensions of the metadata", c.Length, r.dimensions)
		}
		r.dimensions = c.Length
		return nil
	}
	for i := range c.Len() {
		n := int(c.Offsets[i+1] - c.Offsets[i])
		if r.dimensions < 0 {
			r.dimensions = n
		}
		if n != r.dimensions {
			return fmt.Errorf("row %d: %d inputs, not %d as the rest", i, n, r.dimensions)
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
	labels := of(p, r.labels, 1)
	var attributes []int8
	if r.attributes != nil {
		attributes = of(p, r.attributes, 1)
	}
	n := r.dimensions
	if r.inputs.Type == frame.Signs {
		return Pack(split, n, of(p, r.inputs.Words, (n+63)/64), labels, attributes)
	}
	if packed := r.pack(p); packed != nil {
		return Pack(split, n, packed, labels, attributes)
	}
	floats := make([]float32, p.rows*n)
	for i := range p.rows {
		for j := range n {
			floats[i*n+j] = r.input(p.row(i), j)
		}
	}
	return Real(split, n, floats, labels, attributes)
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
	words := (r.dimensions + 63) / 64
	packed := make([]uint64, p.rows*words)
	for i := range p.rows {
		row := p.row(i)
		for j := range r.dimensions {
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
