package publish

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
	"golang.org/x/sync/errgroup"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// keepBytes is how many bytes of blobs are held decoded; the tables beyond are read again when
// their turn comes.
const keepBytes = 32 << 20

// A part is one instance's table.
type part struct {
	instance *Instance
	table    *frame.Table // nil: to be read again
	fields   []frame.Field
}

// A union is the tables of some instances as one: axes first, then the columns of all tables in
// the order in which they come up. Where a table lacks a column that another has, it is null.
type union struct {
	axes   []frame.Field
	fields []frame.Field // without axes
	parts  []part
	read   func(digest string) ([]byte, error)
}

// newUnion reads the fields of all instances' tables (and the tables themselves while they are not
// too large) and makes one set of fields of them.
func newUnion(ctx context.Context, s *Source, instances []*Instance, read func(string) ([]byte, error)) (*union, error) {
	u := &union{read: read, parts: make([]part, len(instances))}
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	var size int64
	for i, in := range instances {
		size += in.Size
		whole := size <= keepBytes
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			p := &u.parts[i]
			p.instance = in
			data, err := read(in.Digest)
			if err != nil {
				return fmt.Errorf("%s: %w", in.Address, err)
			}
			var head *frame.Table
			if whole {
				head, err = frame.Decode(data)
				p.table = head
			} else {
				head, _, err = frame.DecodeFields(data)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", in.Address, err)
			}
			p.fields = head.Fields()
			return nil
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	if err := u.unifyAxes(s); err != nil {
		return nil, err
	}
	return u, u.unify(s.Axes)
}

// all gives the fields of the union, axes first.
func (u *union) all() []frame.Field { return slices.Concat(u.axes, u.fields) }

// selects keeps only the columns with the names, in their order, which may mix axes with others.
// It gives the fields of the result.
func (u *union) selects(names []string) ([]frame.Field, error) {
	all := u.all()
	if names == nil {
		return all, nil
	}
	fields := make([]frame.Field, 0, len(names))
	for _, name := range names {
		i := slices.IndexFunc(all, func(f frame.Field) bool { return f.Name == name })
		if i < 0 {
			have := make([]string, len(all))
			for j, f := range all {
				have[j] = f.Name
			}
			return nil, fmt.Errorf("there is no column %q; the columns are %s%s", name, strings.Join(have, ", "), suggestion(name, have))
		}
		if slices.ContainsFunc(fields, func(f frame.Field) bool { return f.Name == name }) {
			return nil, fmt.Errorf("the column %q is asked for twice", name)
		}
		fields = append(fields, all[i])
	}
	return fields, nil
}

// suggestion gives "; did you mean ..." if a column has nearly the name.
func suggestion(name string, have []string) string {
	best, distance := "", 1+max(1, min(3, len(name)/2))
	for _, c := range have {
		if d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(c), nil); d < distance {
			best, distance = c, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// whole gives the i-th instance's own table, which table needs too: it is kept.
func (u *union) whole(i int) (*frame.Table, error) {
	p := &u.parts[i]
	if p.table == nil {
		data, err := u.read(p.instance.Digest)
		if err == nil {
			p.table, err = frame.Decode(data)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", p.instance.Address, err)
		}
	}
	return p.table, nil
}

// table gives the i-th instance's table with exactly the fields, which are some of the union's.
func (u *union) table(i int, fields []frame.Field) (*frame.Table, error) {
	p := &u.parts[i]
	t := p.table
	p.table = nil // it is asked for once
	if t == nil {
		var err error
		if t, err = u.readAgain(p, fields); err != nil {
			return nil, fmt.Errorf("%s: %w", p.instance.Address, err)
		}
	}
	rows := t.Rows()
	out := &frame.Table{Columns: make([]frame.Column, len(fields))}
	for k, f := range fields {
		own := t.Column(f.Name)
		a := slices.IndexFunc(u.axes, func(axis frame.Field) bool { return axis.Name == f.Name })
		switch {
		case a >= 0:
			c, err := constant(f, axisValue(p.instance.Axes[a], f.Type), rows)
			if err != nil {
				return nil, err
			}
			if own != nil && !agrees(own, p.instance.Axes[a]) {
				return nil, fmt.Errorf("%s: the column %s holds other values than the axis of that name; rename the axis in the spec, and run again: what is computed is kept", p.instance.Address, f.Name)
			}
			out.Columns[k] = c
		case own == nil:
			out.Columns[k] = frame.Nulls(f, rows)
		default:
			out.Columns[k] = *own
		}
		out.Columns[k].Field = f
	}
	return out, nil
}

// readAgain reads the part's table: the columns that the fields name, or all if there is none of
// them, for the number of rows.
func (u *union) readAgain(p *part, fields []frame.Field) (*frame.Table, error) {
	data, err := u.read(p.instance.Digest)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, own := range p.fields {
		if slices.ContainsFunc(fields, func(f frame.Field) bool { return f.Name == own.Name }) {
			names = append(names, own.Name)
		}
	}
	if len(names) == 0 {
		return frame.Decode(data)
	}
	return frame.DecodeColumns(data, names...)
}

// constant gives a column of equal values.
func constant(f frame.Field, v any, rows int) (frame.Column, error) {
	c := frame.Column{Field: f}
	switch v := v.(type) {
	case bool:
		c.Bools = slices.Repeat([]bool{v}, rows)
	case int64:
		c.Int64s = slices.Repeat([]int64{v}, rows)
	case float64:
		c.Float64s = slices.Repeat([]float64{v}, rows)
	case string:
		c.Strings = slices.Repeat([]string{v}, rows)
	default:
		return c, fmt.Errorf("the axis %s has a value of type %T", f.Name, v)
	}
	return c, nil
}

// agrees reports whether all values of a column are the axis's.
func agrees(c *frame.Column, a stages.Axis) bool {
	want := axisValue(a, c.Type)
	for row := range c.Len() {
		if c.Value(row) != want {
			return false
		}
	}
	return true
}

// writeTo writes all tables in order.
func (u *union) writeTo(ctx context.Context, w *frame.Writer, fields []frame.Field, parts []int) error {
	for _, i := range parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		t, err := u.table(i, fields)
		if err != nil {
			return err
		}
		if err := w.Write(t); err != nil {
			return fmt.Errorf("%s: %w", u.parts[i].instance.Address, err)
		}
	}
	return w.Close()
}

// order gives the indices of all parts.
func (u *union) order() []int {
	order := make([]int, len(u.parts))
	for i := range order {
		order[i] = i
	}
	return order
}
