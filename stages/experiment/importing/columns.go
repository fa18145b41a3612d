package importing

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"spurion/artifacts/frame"
)

// widthAtOnce is how many wide columns are decoded at a time.
const widthAtOnce = 64

// readColumns reads Parquet and Arrow, column by column.
func readColumns(ctx context.Context, file *file, want request, f *faults) (*table, error) {
	foreign := foreignParquet
	if file.format == arrowFormat {
		foreign = foreignArrow
	}
	if err := file.read(foreign); err != nil {
		return nil, err
	}
	data, err := file.content()
	if err != nil {
		return nil, err
	}
	header, err := frame.ColumnNames(data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file.Path, err)
	}
	before := f.count
	values, inputs := want.columnsOf(file, header, f)
	if f.count > before {
		return nil, errTold
	}
	p := &columns{file: file, data: data, header: header, f: f, table: table{values: map[string]*coded{}}}
	if err := p.readValues(append(slices.Clone(want.values), want.optional...), values); err != nil {
		return nil, err
	}
	if want.inputs {
		if err := p.readInputs(ctx, want, inputs); err != nil && !errors.Is(err, errTold) {
			return nil, err
		}
	}
	read := p.table // not within p, which would keep the file's bytes
	return &read, nil
}

// A columns is a file of columns that is being read.
type columns struct {
	table
	file   *file
	data   []byte
	header []string
	f      *faults
}

// decode gives columns.
func (p *columns) decode(places ...int) (*frame.Table, error) {
	names := make([]string, len(places))
	for i, at := range places {
		names[i] = p.header[at]
	}
	t, err := frame.DecodeColumns(p.data, names...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.file.Path, err)
	}
	p.rows = t.Rows()
	return t, nil
}

func (p *columns) readValues(names []string, places []int) error {
	for i, at := range places {
		if at < 0 {
			continue
		}
		t, err := p.decode(at)
		if err != nil {
			return err
		}
		if t.Columns[0].Type.IsList() {
			p.f.add("%s: the column %q holds lists; a label or attribute is text or a whole number", p.file.Path, names[i])
			return errTold
		}
		p.values[names[i]] = ofColumn(&t.Columns[0])
	}
	return nil
}

func (p *columns) readInputs(ctx context.Context, want request, places []int) error {
	if len(want.columns) == 0 {
		at, err := p.lists()
		if err != nil {
			return err
		}
		if len(at) != 1 {
			want.unsaid(p.file, p.header, p.f)
			return errTold
		}
		places = at
	}
	for first := 0; first < len(places); first += widthAtOnce {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := p.decode(places[first:min(len(places), first+widthAtOnce)]...)
		if err != nil {
			return err
		}
		if len(places) == 1 && t.Columns[0].Type.IsList() {
			return p.rowsOfLists(&t.Columns[0])
		}
		if err := p.wide(t, first, len(places)); err != nil {
			return err
		}
	}
	return nil
}

// lists gives the columns that hold lists of numbers.
func (p *columns) lists() (places []int, err error) {
	head, _, err := frame.DecodeFields(p.data)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.file.Path, err)
	}
	for _, c := range head.Columns {
		if c.Type.IsList() {
			places = append(places, slices.Index(p.header, c.Name))
		}
	}
	return places, nil
}

// wide puts columns of numbers beside each other.
func (p *columns) wide(t *frame.Table, first, width int) error {
	m := &p.inputs
	if m.floats == nil {
		if err := within(int64(t.Rows())*int64(width)*4, "its values take"); err != nil {
			return fmt.Errorf("%s: %w", p.file.Path, err)
		}
		m.width, m.floats = width, make([]float32, t.Rows()*width)
	}
	before := p.f.count
	for j := range t.Columns {
		c := &t.Columns[j]
		if !c.Type.IsNumber() && c.Type != frame.Bool {
			p.f.add("%s: the column %q holds %v, no numbers", p.file.Path, c.Name, c.Type)
			continue
		}
		for i := range t.Rows() {
			x, ok := number(c, i)
			if !ok {
				p.f.add("%s, row %d, column %q: %s fill it in, or leave out the row", p.file.Path, i, c.Name, unfit(c, i))
			}
			m.floats[i*width+first+j] = x
		}
	}
	if p.f.count > before {
		return errTold
	}
	return nil
}

// number gives a value as float32; ok is false if it does not exist, or is beyond float32.
func number(c *frame.Column, i int) (x float32, ok bool) {
	if c.Null(i) {
		return 0, false
	}
	switch c.Type {
	case frame.Bool:
		if c.Bools[i] {
			x = 1
		}
	case frame.Int8:
		x = float32(c.Int8s[i])
	case frame.Int64:
		x = float32(c.Int64s[i])
	case frame.Float32:
		x = c.Float32s[i]
	case frame.Float64:
		x = float32(c.Float64s[i])
	}
	return x, x-x == 0
}

func unfit(c *frame.Column, i int) string {
	if c.Null(i) {
		return "there is no value:"
	}
	return c.Text(i) + " is beyond float32:"
}

// rowsOfLists takes a column of lists, each as long as the first.
func (p *columns) rowsOfLists(c *frame.Column) error {
	before := p.f.count
	m := &p.inputs
	if c.Len() > 0 {
		m.width = width(c, 0)
	}
	for i := range c.Len() {
		if c.Null(i) {
			p.f.add("%s, row %d: there is no list in the column %q: leave out the row", p.file.Path, i, c.Name)
		} else if n := width(c, i); n != m.width {
			p.f.add("%s, row %d: the list in the column %q has %s, and the first %d", p.file.Path, i, c.Name, counted(n, "number"), m.width)
		}
	}
	if m.width == 0 && c.Len() > 0 {
		p.f.add("%s: the lists in the column %q are empty", p.file.Path, c.Name)
	}
	if p.f.count > before {
		return errTold
	}
	switch c.Type {
	case frame.Float32List:
		m.floats = c.Float32s[c.Offsets[0]:c.Offsets[c.Len()]]
		return nil
	case frame.Bytes:
		m.bytes, m.scale, m.offset = c.Uint8s, c.Scale, c.Offset
		return nil
	case frame.Signs, frame.Int8List, frame.Float64List:
	default:
		return fmt.Errorf("%s: the column %q holds %v, no lists of numbers", p.file.Path, c.Name, c.Type)
	}
	m.floats = make([]float32, c.Len()*m.width)
	for i := range c.Len() {
		if at := p.copyList(m.floats[i*m.width:(i+1)*m.width], c, i); at >= 0 {
			p.f.add("%s, row %d: number %d in the column %q is beyond float32", p.file.Path, i, at, c.Name)
		}
	}
	if p.f.count > before {
		return errTold
	}
	return nil
}

func width(c *frame.Column, i int) int {
	if c.Type == frame.Signs || c.Type == frame.Bytes {
		return c.Length
	}
	return int(c.Offsets[i+1] - c.Offsets[i])
}

// copyList gives the place of a number beyond float32, or -1.
func (p *columns) copyList(dst []float32, c *frame.Column, i int) int {
	switch c.Type {
	case frame.Signs:
		copy(dst, c.Value(i).([]float32))
	case frame.Int8List:
		for j, x := range c.Int8List(i) {
			dst[j] = float32(x)
		}
	case frame.Float64List:
		for j, x := range c.Float64List(i) {
			if dst[j] = float32(x); dst[j]-dst[j] != 0 {
				return j
			}
		}
	}
	return -1
}
