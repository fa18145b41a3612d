// Package gather joins the tables of many instances into one, axes first, and picks rows and
// columns from it. It is what every kind that reads a grid of results begins with: kinds see a
// table per instance, and a question is asked of all of them.
//
// Rows keep one order: instances by stages.CompareAxes, then the order in their own table. Nothing
// here depends on the order in which instances were computed.
package gather

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// Options say what Union keeps and what it does where a table lacks a column.
type Options struct {
	// Columns are kept, in the order of the tables, and those that Where names; nil stands for all. Axes are
	// always kept.
	Columns []string
	// Where is what rows must fulfil to be kept, as the function Where has it.
	Where map[string]string
	// Missing is a kind's setting of that name: "null" gives nulls to a table that lacks another's column, "error" makes that
	// an error that names the setting. Empty, of a kind without it: an error.
	Missing string
}

// wanted gives the names of the columns that are kept; nil for all.
func (o *Options) wanted() []string {
	if o.Columns == nil {
		return nil
	}
	return slices.Concat(o.Columns, slices.Sorted(maps.Keys(o.Where)))
}

// Union joins the rows of all parts. The first columns are the axes, in order of first appearance,
// then the tables' columns likewise, matched by name. An axis that an instance does not have is
// null there (its column is then nullable), unless the instance's table has a column of that name,
// which is taken for it.
//
// Where tables differ in a column's type, frame.Unify says what it becomes, if it can: whole numbers and
// fractions become fractions, and what has no value takes the type of the others. A column has the marks that it
// has in any table. It is an error if one differs in unit, or in type such that nothing holds both, if a table
// contradicts its own axis, if a table lacks a column (but see Missing), if no table has one of
// Options.Columns, if no row fulfils a condition of Options.Where (see Where), or if there are no
// parts. The parts are not changed.
func Union(parts []Part, o Options) (*frame.Table, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("there is no table to gather")
	}
	u := newUnion(parts)
	if err := u.addAxes(); err != nil {
		return nil, err
	}
	if err := u.addColumns(o.wanted(), o.Missing); err != nil {
		return nil, err
	}
	t, err := where(&frame.Table{Columns: u.columns}, o.Where, u.parts)
	if err != nil {
		return nil, fmt.Errorf("where: %w", err)
	}
	return t, nil
}

// union is the state of a Union.
type union struct {
	parts   []Part         // by their axes
	blocks  []*frame.Block // of the parts, in their order
	first   []int          // the first part of each block
	axes    []string
	columns []frame.Column
}

func newUnion(parts []Part) *union {
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b Part) int { return stages.CompareAxes(a.Axes, b.Axes) })
	u := &union{parts: parts, axes: AxisNames(parts)}
	u.blocks, u.first = blocks(parts)
	return u
}

// name says which table an error is about.
func (u *union) name(i int) string { return "table " + partName(i, &u.parts[i]) }

// addAxes adds a column for each axis: its values, those of a column of its name where an instance lacks it, else null.
func (u *union) addAxes() error {
	for _, axis := range u.axes {
		spans := make([]frame.Span, len(u.parts))
		own := make([]int, 0, len(u.parts)) // parts that have a column instead
		var shares []frame.Share
		missing := false
		for i := range u.parts {
			p := &u.parts[i]
			spans[i] = p.rows
			a := p.axis(axis)
			if a == nil {
				own, missing = append(own, i), missing || p.rows.Block.Field(axis) == nil
				continue
			}
			c := p.rows.Block.Column(axis)
			if c != nil && !c.Holds(a.Value, p.rows.From, p.rows.To) {
				return fmt.Errorf("%s: its column %q holds other values than its axis of that name; rename one of them", u.name(i), axis)
			}
			spans[i].Value = a.Value
			shares = frame.AddConstant(shares, axisField(*a), a.Value, func() string { return u.name(i) })
		}
		for _, share := range u.shares(axis, own) {
			share.Field.Unit = "" // an axis has none
			shares = append(shares, share)
		}
		f, err := frame.Unify(shares)
		if err != nil {
			return fmt.Errorf("axis %q: %w", axis, err)
		}
		f.Nullable = f.Nullable || missing
		c, err := frame.Join(spans, f)
		if err != nil {
			return err
		}
		u.columns = append(u.columns, c)
	}
	return nil
}

// addColumns adds the columns of the tables that are wanted (nil: all), beside the axes.
func (u *union) addColumns(wanted []string, missing string) error {
	var names []string
	for _, b := range u.blocks {
		for _, f := range b.Fields {
			if !slices.Contains(u.axes, f.Name) && !slices.Contains(names, f.Name) && (wanted == nil || slices.Contains(wanted, f.Name)) {
				names = append(names, f.Name)
			}
		}
	}
	fields := make([]frame.Field, len(names))
	for k, column := range names {
		var err error
		if fields[k], err = frame.Unify(u.shares(column, nil)); err != nil {
			return err
		}
	}
	for _, w := range wanted {
		if have := slices.Concat(u.axes, names); !slices.Contains(have, w) {
			return stages.NoColumn(w, u.all())
		}
	}
	for k := range fields {
		if err := u.lacking(&fields[k], missing); err != nil {
			return err
		}
	}
	spans := make([]frame.Span, len(u.parts))
	for i := range u.parts {
		spans[i] = u.parts[i].rows
	}
	for _, f := range fields {
		c, err := frame.Join(spans, f)
		if err != nil {
			return err
		}
		u.columns = append(u.columns, c)
	}
	return nil
}

// lacking makes the field nullable if a table lacks it, or reports that table.
func (u *union) lacking(f *frame.Field, missing string) error {
	for k, b := range u.blocks {
		if b.Field(f.Name) != nil {
			continue
		}
		if missing != "null" {
			remedy := ""
			if missing != "" {
				remedy = `, and missing = "null" writes null there`
			}
			return fmt.Errorf("%s has no column %q, which others have%s; its columns are %s",
				u.name(u.first[k]), f.Name, remedy, stages.SomeNames(fieldNames(b.Fields)))
		}
		f.Nullable = true
	}
	return nil
}

// shares gives what the blocks of some parts (nil: all) hold of a column, in the order of the parts.
func (u *union) shares(column string, of []int) []frame.Share {
	among := u.blocks
	if of != nil {
		some := make([]Part, len(of))
		for k, i := range of {
			some[k] = u.parts[i]
		}
		among, _ = blocks(some)
	}
	var shares []frame.Share
	for _, b := range among {
		f := b.Field(column)
		if f == nil {
			continue
		}
		shares = append(shares, frame.Share{Field: *f, Each: func(yield func(*frame.Column, func(int) frame.Place) bool) error {
			yield(b.Column(column), func(row int) frame.Place { return u.of(b, row) })
			return nil
		}})
	}
	return shares
}

// of gives the part with the row of the block.
func (u *union) of(b *frame.Block, row int) frame.Place {
	for i := range u.parts {
		if s := u.parts[i].rows; s.Block == b && s.From <= row && row < s.To {
			return frame.Place{Table: u.name(i), Row: row - s.From}
		}
	}
	return frame.Place{Table: "a table", Row: row}
}

// all gives the names of all axes and columns.
func (u *union) all() []string {
	have := slices.Clone(u.axes)
	for _, b := range u.blocks {
		for _, f := range b.Fields {
			if !slices.Contains(have, f.Name) {
				have = append(have, f.Name)
			}
		}
	}
	return have
}

// partName says which of the gathered tables an error is about.
func partName(i int, p *Part) string {
	if p.of != nil {
		return p.of()
	}
	if len(p.Axes) == 0 {
		return fmt.Sprintf("%d", i+1)
	}
	text := make([]string, len(p.Axes))
	for k, a := range p.Axes {
		text[k] = a.Name + "=" + a.Text()
	}
	return "[" + strings.Join(text, ",") + "]"
}
