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

// A Part is one instance's table with the instance's axes.
type Part struct {
	Axes  []stages.Axis
	Table *frame.Table
}

// Read decodes the tables of an input, in the order given.
func Read(artifacts []stages.Artifact) ([]Part, error) {
	parts := make([]Part, len(artifacts))
	for i, a := range artifacts {
		t, err := a.Table()
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", name(i, a.Axes), err)
		}
		parts[i] = Part{Axes: a.Axes, Table: t}
	}
	return parts, nil
}

// ReadUnion reads the tables of an input and joins their rows.
func ReadUnion(artifacts []stages.Artifact, o Options) ([]Part, *frame.Table, error) {
	parts, err := Read(artifacts)
	if err != nil {
		return nil, nil, err
	}
	t, err := Union(parts, o)
	return parts, t, err
}

// Options say what Union keeps and what it does where a table lacks a column.
type Options struct {
	// Columns are kept, in the order of the tables, and those that Where names; nil stands for all. Axes are
	// always kept.
	Columns []string
	// Where is what rows must fulfil to be kept, as the function Where has it.
	Where map[string]string
	// FillNull gives nulls to a table that lacks another's column; without it that is an error.
	FillNull bool
}

// Union joins the rows of all parts. The first columns are the axes, in order of first appearance,
// then the tables' columns likewise, matched by name. An axis that an instance does not have is
// null there (its column is then nullable), unless the instance's table has a column of that name,
// which is taken for it. Whole numbers and fractions along one axis become fractions.
//
// A column has the marks that it has in any table. It is an error if one differs in type or unit between
// tables, if a table contradicts its own axis, if a table lacks a column (but see FillNull), if no table
// has one of Options.Columns, if no row fulfils a condition of Options.Where (see Where), or if there are
// no parts. The parts are not changed.
func Union(parts []Part, o Options) (*frame.Table, error) {
	if len(parts) == 0 {
		return nil, fmt.Errorf("there is no table to gather")
	}
	if o.Columns != nil {
		o.Columns = slices.Concat(o.Columns, slices.Sorted(maps.Keys(o.Where)))
	}
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b Part) int { return stages.CompareAxes(a.Axes, b.Axes) })
	u := union{rows: make([]int, len(parts))}
	for i, p := range parts {
		if err := u.addAxes(i, p); err != nil {
			return nil, fmt.Errorf("table %s: %w", name(i, p.Axes), err)
		}
	}
	for i, p := range parts {
		if err := u.addColumns(i, p.Table, o.Columns); err != nil {
			return nil, fmt.Errorf("table %s: %w", name(i, p.Axes), err)
		}
	}
	if err := u.checkAsked(o.Columns, parts); err != nil {
		return nil, err
	}
	for _, c := range u.columns {
		i := slices.Index(c.parts, nil)
		switch {
		case i < 0:
		case c.axis || o.FillNull:
			c.field.Nullable = true
		default:
			return nil, fmt.Errorf("table %s has no column %q, which others have; its columns are %s",
				name(i, parts[i].Axes), c.field.Name, strings.Join(Names(parts[i].Table), ", "))
		}
	}
	t, err := frame.Concat(u.tables())
	if err != nil {
		return nil, err
	}
	if t, err = Where(t, o.Where); err != nil {
		return nil, fmt.Errorf("where: %w", err)
	}
	return t, nil
}

// union is the state of a Union: every column of the result with each part's share of it.
type union struct {
	columns []*joined
	rows    []int // of each part
}

// joined is a column of the result before its parts are joined.
type joined struct {
	field frame.Field
	axis  bool
	parts []*frame.Column // nil where a part lacks it
}

func (u *union) column(name string) *joined {
	for _, c := range u.columns {
		if c.field.Name == name {
			return c
		}
	}
	return nil
}

// addAxes adds part i's axes as constant columns.
func (u *union) addAxes(i int, p Part) error {
	u.rows[i] = p.Table.Rows()
	for _, a := range p.Axes {
		c := constant(a, u.rows[i])
		if own := p.Table.Column(a.Name); own != nil && !holds(own, a) {
			return fmt.Errorf("its column %q holds other values than its axis of that name; rename one of them", a.Name)
		}
		if err := u.put(i, &c, true); err != nil {
			return err
		}
	}
	return nil
}

// addColumns adds the columns of part i's table that are wanted (nil: all) or stand for an axis.
func (u *union) addColumns(i int, t *frame.Table, wanted []string) error {
	for c := range t.Columns {
		col := &t.Columns[c]
		there := u.column(col.Name)
		if there != nil && there.axis {
			if there.parts[i] == nil {
				if err := u.put(i, col, true); err != nil {
					return err
				}
			}
			continue
		}
		if wanted != nil && !slices.Contains(wanted, col.Name) {
			continue
		}
		if err := u.put(i, col, false); err != nil {
			return err
		}
	}
	return nil
}

// put records col as part i's share of the column of its name.
func (u *union) put(i int, col *frame.Column, axis bool) error {
	there := u.column(col.Name)
	if there == nil {
		field := col.Field
		there = &joined{field: field, axis: axis, parts: make([]*frame.Column, len(u.rows))}
		u.columns = append(u.columns, there)
	}
	f := &there.field
	if there.axis {
		if err := there.widen(col); err != nil {
			return err
		}
	}
	switch {
	case col.Type != f.Type && !there.axis:
		return fmt.Errorf("column %q holds %v here and %v in other tables", col.Name, col.Type, f.Type)
	case col.Unit != f.Unit && !there.axis:
		return fmt.Errorf("column %q is in %q here and in %q in other tables", col.Name, col.Unit, f.Unit)
	}
	f.Mark = f.Mark.With(col.Mark)
	f.Nullable = f.Nullable || col.Nullable
	there.parts[i] = col
	return nil
}

// widen lets an axis hold both whole numbers and fractions.
func (j *joined) widen(col *frame.Column) error {
	if col.Type == j.field.Type {
		return nil
	}
	number := func(t frame.Type) bool { return t == frame.Int64 || t == frame.Float64 }
	if !number(col.Type) || !number(j.field.Type) {
		return fmt.Errorf("axis %q holds %v here and %v in other tables", col.Name, col.Type, j.field.Type)
	}
	j.field.Type = frame.Float64
	return nil
}

// tables gives each part with exactly the fields of the result.
func (u *union) tables() []*frame.Table {
	tables := make([]*frame.Table, len(u.rows))
	for i, rows := range u.rows {
		tables[i] = &frame.Table{Columns: make([]frame.Column, len(u.columns))}
		for c, col := range u.columns {
			tables[i].Columns[c] = fit(col.parts[i], col.field, rows)
		}
	}
	return tables
}

// checkAsked reports a column that was asked for and that no table has.
func (u *union) checkAsked(wanted []string, parts []Part) error {
	for _, w := range wanted {
		if u.column(w) != nil {
			continue
		}
		var have []string
		for _, c := range u.columns {
			if c.axis {
				have = append(have, c.field.Name)
			}
		}
		for _, p := range parts {
			for _, n := range Names(p.Table) {
				if !slices.Contains(have, n) {
					have = append(have, n)
				}
			}
		}
		return NoColumn(w, have)
	}
	return nil
}

// name says which of the gathered tables an error is about.
func name(i int, axes []stages.Axis) string {
	if len(axes) == 0 {
		return fmt.Sprintf("%d", i+1)
	}
	text := make([]string, len(axes))
	for k, a := range axes {
		text[k] = a.Name + "=" + a.Text()
	}
	return "[" + strings.Join(text, ",") + "]"
}
