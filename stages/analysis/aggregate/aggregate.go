// Package aggregate is the kind "aggregate": groups of rows, one row each.
package aggregate

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// Kind makes one row of each group of rows.
//
//	in   tables  list of tables of one shape, with their axes
//	out  table   a row a group: the columns of by, results by name, derived columns by name
//
// Groups come in the order in which the kind table has their first rows, whatever sort says.
var Kind = stages.Define(stages.Kind{
	Name:    "aggregate",
	Version: 2,
	Brief:   "one pass over its tables",
	Doc: `Groups the rows of tables, and makes one row of each group, as group_by does in pandas and polars.

The rows of all tables are joined as by the kind table, axes first. Those that agree in the columns by
(all axes, if it is not given) are a group; nulls are a value of their own. Each block result makes
one column, derive computes further ones from these. A claim or figure can so be about one number
for each run: a share of its neurons, the last row, the value where something was first reached, a
difference.

A result that does not exist is null: that of no row or no value (but a count or sum is 0), std of one
value, what is derived from a null or by a division by 0. A condition that no row of a group fulfils
is no error here, but where of the stage must keep some row of the whole.

How many runs of a group ended at their cap is a result as well: function "count" where capped is "true" (of summaries of the
kind train with stop rules), or where converged is "false" (of fits).

A result has the marks (spurious attribute, group, split) of all columns that it is computed from, and of
those in by, where and until, which choose its rows; what is derived has those of its operands.`,
	Inputs: []stages.Input{gather.Input("tables", "the tables to aggregate, such as train.erm[*].neurons")},
	Outputs: []stages.Output{{
		Name: "table", Doc: "one row for each group", Type: stages.AnyType,
		Others: "the columns of by, or the axes without it, then results and what is derived, by name", OthersOf: others,
	}},
	Labels: gather.Labels,
}, run)

func others(settings any) stages.Others {
	s, o := settings.(*Settings), stages.Others{}
	if len(s.By) == 0 {
		o.Axes = []string{"tables"}
	}
	o.Kept = map[string][]string{"tables": s.By}
	o.Names = slices.Concat(s.By, slices.Sorted(maps.Keys(s.Results)), slices.Sorted(maps.Keys(s.Derive)))
	return o
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	parts, t, err := gather.ReadUnion(r.Inputs["tables"], gather.Options{Columns: s.needed(), Where: s.Where, Missing: s.Missing})
	if err != nil {
		return err
	}
	by := s.By
	if len(by) == 0 {
		by = gather.AxisNames(parts)
	}
	out, groups, err := group(t, by, s.Sort)
	if err != nil {
		return err
	}
	chosen := gather.Marks(t, slices.Concat(by, slices.Collect(maps.Keys(s.Where)))...)
	results := &frame.Table{}
	for _, name := range slices.Sorted(maps.Keys(s.Results)) {
		if err := ctx.Err(); err != nil {
			return err
		}
		if out.Column(name) != nil {
			return fmt.Errorf("result %s: there is a column %q already, an axis", name, name)
		}
		c, err := s.aggregate(name, t, parts, groups)
		if err != nil {
			return fmt.Errorf("result %s: %w", name, err)
		}
		c.Mark = chosen.With(s.marks(name, t))
		results.Columns = append(results.Columns, c)
	}
	out.Columns = append(out.Columns, results.Columns...)
	for _, name := range slices.Sorted(maps.Keys(s.Derive)) {
		c, err := derive(name, s.Derive[name], out)
		if err != nil {
			return fmt.Errorf("derive: %s: %w", name, err)
		}
		results.Columns = append(results.Columns, c)
	}
	out.Columns = append(out.Columns[:len(out.Columns):len(out.Columns)], results.Columns[len(s.Results):]...)
	return r.Write("table", out)
}

// group gives the columns by of each group, and its rows of t as they are sorted. Without columns
// all rows are one group, be there some or none.
func group(t *frame.Table, by, sort []string) (out *frame.Table, groups [][]int, err error) {
	keyed := &frame.Table{}
	for _, name := range by {
		c := t.Column(name)
		if c == nil {
			return nil, nil, stages.NoColumn(name, gather.Names(t))
		}
		if c.Type.IsList() {
			return nil, nil, fmt.Errorf("by: column %q holds %v, whose values make no groups", name, c.Type)
		}
		keyed.Columns = append(keyed.Columns, *c)
	}
	order, err := gather.Order(t, sort)
	if err != nil {
		return nil, nil, fmt.Errorf("sort: %w", err)
	}
	if len(by) == 0 {
		return &frame.Table{}, [][]int{order}, nil
	}
	of, first := gather.GroupRows(keyed, by)
	groups = make([][]int, len(first))
	for _, row := range order {
		groups[of[row]] = append(groups[of[row]], row)
	}
	return keyed.Take(first), groups, nil
}

// derive gives a column that is computed from others of the output.
func derive(name, text string, t *frame.Table) (frame.Column, error) {
	e, err := parse(text)
	if err != nil {
		return frame.Column{}, err
	}
	type operand struct {
		values []float64
		valid  []bool
	}
	operands := map[string]operand{}
	var numeric []string
	for i := range t.Columns {
		if values, valid, err := gather.Numbers(t, t.Columns[i].Name, nil); err == nil {
			operands[t.Columns[i].Name] = operand{values, valid}
			numeric = append(numeric, t.Columns[i].Name)
		}
	}
	for _, used := range e.names(nil) {
		if _, ok := operands[used]; !ok {
			those := "those are " + strings.Join(numeric, ", ")
			if len(numeric) == 0 {
				those = "there is none"
			}
			return frame.Column{}, fmt.Errorf("%q is no column of numbers here; %s", used, those)
		}
	}
	values := make([]float64, t.Rows())
	for row := range values {
		values[row] = e.value(func(name string) float64 {
			o := operands[name]
			if !o.valid[row] {
				return math.NaN()
			}
			return o.values[row]
		})
	}
	unit := e.unit(func(name string) string { return t.Column(name).Unit })
	return numbers(frame.Field{Name: name, Unit: unit, Doc: text, Mark: gather.Marks(t, e.names(nil)...)}, values), nil
}

// numbers makes a column in which what is not finite is null.
func numbers(f frame.Field, values []float64) frame.Column {
	f.Nullable = true
	valid := make([]bool, len(values))
	for i, x := range values {
		if valid[i] = x-x == 0; !valid[i] {
			values[i] = 0
		}
	}
	return frame.Float64s(f, values).WithValid(valid)
}
