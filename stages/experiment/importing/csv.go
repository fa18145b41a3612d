package importing

import (
	"bytes"
	"context"
	"errors"
	"io"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/csvtext"
)

// readCSV reads a text, a row at a time.
func readCSV(ctx context.Context, file *file, want request, f *faults) (t *table, err error) {
	err = file.read(func(r io.ReaderAt, size int64) error {
		separator := rune(0)
		if file.format == tsvFormat {
			separator = '\t'
		}
		if err := foreignText(r, size); err != nil {
			return err
		}
		lines, err := countLines(ctx, r, size)
		if err != nil {
			return err
		}
		text, err := csvtext.NewReader(io.NewSectionReader(r, 0, size), separator)
		if err != nil {
			return err
		}
		c := &csvTable{file: file, want: want, f: f, table: table{values: map[string]*coded{}}}
		before := f.count
		c.columns, c.inputs = want.columnsOf(file, text.Header, f)
		if want.inputs && len(want.columns) == 0 {
			want.unsaid(file, text.Header, f)
		}
		if f.count > before {
			return errTold
		}
		if err := within(int64(lines)*int64(4*len(c.inputs)+4*len(c.columns)), "its values take"); err != nil {
			return err
		}
		c.table.inputs = matrix{width: len(c.inputs), floats: make([]float32, 0, lines*len(c.inputs))}
		for range c.columns {
			c.coders = append(c.coders, newCoder(lines))
		}
		if err := c.read(ctx, text); err != nil {
			return err
		}
		t = c.finish()
		return nil
	})
	return t, err
}

// A csvTable is one that is being read.
type csvTable struct {
	table
	file            *file
	want            request
	f               *faults
	columns, inputs []int // places in a record
	coders          []*coder
}

func (c *csvTable) read(ctx context.Context, text *csvtext.Reader) error {
	for {
		record, err := text.Read()
		if err == io.EOF {
			return nil
		}
		if err == nil && c.rows%1024 == 0 {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		c.rows++
		c.lines = append(c.lines, int32(text.Line(0)))
		for i, at := range c.columns {
			if at >= 0 {
				c.coders[i].field(record[at])
			}
		}
		for _, at := range c.inputs {
			x, err := csvtext.Decimal(record[at], 32)
			if err != nil {
				c.fault(text, at, record[at], err)
			}
			c.table.inputs.floats = append(c.table.inputs.floats, float32(x))
		}
	}
}

func (c *csvTable) fault(text *csvtext.Reader, at int, field string, err error) {
	why := "is no number"
	switch {
	case errors.Is(err, csvtext.ErrRange):
		why = "is beyond float32"
	case strings.TrimSpace(field) == "":
		why = "is no number: fill it in, or leave out the row"
	case csvtext.IsWord(field):
		why = "is not finite: replace it, or leave out the row"
	}
	c.f.add("%s, line %d, column %q: %s %s", c.file.Path, text.Line(at), text.Header[at], frame.Excerpt(field), why)
}

func (c *csvTable) finish() *table { // a copy, as the rest need not be kept
	for i, name := range append(slices.Clone(c.want.values), c.want.optional...) {
		if c.columns[i] >= 0 {
			c.values[name] = &c.coders[i].coded
		}
	}
	read := c.table
	return &read
}

// countLines gives how many lines a text has at most.
func countLines(ctx context.Context, r io.ReaderAt, size int64) (lines int, err error) {
	buf := make([]byte, min(size, 1<<20))
	for at := int64(0); at < size; at += int64(len(buf)) {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		n, err := r.ReadAt(buf[:min(int64(len(buf)), size-at)], at)
		if err != nil && err != io.EOF {
			return 0, err
		}
		lines += bytes.Count(buf[:n], []byte("\n"))
	}
	return lines + 1, nil
}
