// Package join is the kind "join": rows beside the rows of other tables that they belong to.
package join

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// Settings are the attributes of `stage "join"`.
type Settings struct {
	On      []string          `name:"on" column:"tables" doc:"columns that must agree, beside the axes that both sides have; a null agrees with nothing"`
	Columns []string          `name:"columns" column:"with" required:"true" doc:"columns to take from with, such as [\"decoded_core\"]"`
	Where   map[string]string `name:"where" column:"with" doc:"rows of with to look in: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Missing string            `name:"missing" doc:"what to do where a row of tables belongs to no row of with, or a table lacks a column that others of its side have: stop, or write null" default:"error" oneof:"error,null"`
}

// Check reports columns named twice.
func (s *Settings) Check() []stages.Problem {
	problems := gather.CheckWhere("where", s.Where)
	return slices.Concat(problems, gather.CheckColumns("on", s.On), gather.CheckColumns("columns", s.Columns))
}

// Kind joins tables side by side, as a left join does in pandas and SQL.
//
//	in   tables  list of tables, with their axes
//	in   with    list of tables, with their axes
//	out  table   the rows of tables in the order of gather.Union, with columns of with
//
// A row belongs to the row of with that agrees with it in the axes that both sides have and in on.
var Kind = stages.Define(stages.Kind{
	Name:    "join",
	Version: 2,
	Brief:   "one pass over its tables",
	Doc: `Puts columns of other tables beside the rows that they belong to, as a left join does in pandas and SQL.

The tables of each side are first joined under each other, as by the kind table. A row of tables then
belongs to the row of with that agrees with it in all axes that both sides have, and in the columns
on: so the decoded correlations of a probe, a row a checkpoint, come beside the summary whose rules
chose these steps. Every row of tables stays, in its order, and a row of with may belong to several.
It is an error if several rows of with fit one: name more columns in on, or pick with where.

What is taken keeps its marks (spurious attribute, group, split), and has those of the columns that it was
looked up by too: on, the shared axes, where.`,
	Inputs: []stages.Input{
		gather.Input("tables", "the tables whose rows are kept, such as debias.jtt[*].summary"),
		gather.Input("with", "the tables to take columns from, such as probe.jtt[*].decoded"),
	},
	Outputs: []stages.Output{{Name: "table", Doc: "the rows of tables, with the columns of with behind their own", Type: stages.AnyType,
		Others: "the axes and columns of tables, then the setting columns", OthersOf: others}},
	Labels: gather.Labels,
}, run)

func others(settings any) stages.Others {
	columns := settings.(*Settings).Columns
	return stages.Others{Axes: []string{"tables"}, From: []string{"tables"}, Names: columns, Kept: map[string][]string{"with": columns}}
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	left, t, err := gather.ReadUnion(r.Inputs["tables"], gather.Options{Missing: s.Missing})
	if err != nil {
		return err
	}
	_, with, err := gather.ReadUnion(r.Inputs["with"], gather.Options{Columns: slices.Concat(s.On, s.Columns), Where: s.Where, Missing: s.Missing})
	if err != nil {
		return fmt.Errorf("with: %w", err)
	}
	keys := slices.Clone(s.On)
	for _, axis := range gather.AxisNames(left) {
		if with.Column(axis) != nil && !slices.Contains(keys, axis) {
			keys = append(keys, axis)
		}
	}
	places, err := match(t, with, keys)
	if err != nil {
		return err
	}
	out, err := s.beside(t, with, places, keys)
	if err != nil {
		return err
	}
	return r.Write("table", out)
}

// match gives the row of with that each row of t belongs to, -1 for none.
func match(t, with *frame.Table, keys []string) ([]int, error) {
	for _, side := range []*frame.Table{t, with} {
		for _, name := range keys {
			if side.Column(name) == nil {
				return nil, fmt.Errorf("on: %w", stages.NoColumn(name, gather.Names(side)))
			}
		}
	}
	if len(keys) == 0 && with.Rows() > 1 {
		return nil, fmt.Errorf("the tables and with have no axis in common, so that every row would belong to all %d rows of with: say in on which columns tell rows apart, or pick one row with where", with.Rows())
	}
	var groups gather.Groups[string]
	var rows [][]int // of with, in each group
	for row := range with.Rows() {
		if key, whole := key(with, keys, row); whole {
			g := groups.Of(key)
			if g == len(rows) {
				rows = append(rows, nil)
			}
			rows[g] = append(rows[g], row)
		}
	}
	places := make([]int, t.Rows())
	for row := range places {
		key, whole := key(t, keys, row)
		g, known := groups.Find(key)
		switch {
		case !whole || !known:
			places[row] = -1
		case len(rows[g]) > 1:
			return nil, fmt.Errorf("several rows of with have %s: name more columns in on, or pick with where", describe(t, keys, row))
		default:
			places[row] = rows[g][0]
		}
	}
	return places, nil
}

// key gives a row's values, and whether none of them is null.
func key(t *frame.Table, keys []string, row int) (string, bool) {
	for _, name := range keys {
		if t.Column(name).Null(row) {
			return "", false
		}
	}
	return gather.Key(t, keys, row), true
}

// beside puts the columns asked for behind those of t.
func (s *Settings) beside(t, with *frame.Table, places []int, keys []string) (*frame.Table, error) {
	if at := slices.Index(places, -1); at >= 0 && s.Missing == "error" {
		if len(keys) == 0 {
			return nil, fmt.Errorf(`with has no rows; with missing = "null" its columns are null`)
		}
		return nil, fmt.Errorf(`no row of with has %s; with missing = "null" its columns are null there`, describe(t, keys, at))
	}
	chosen := gather.Marks(t, keys...).With(gather.Marks(with, append(slices.Sorted(maps.Keys(s.Where)), keys...)...))
	taken := &frame.Table{}
	for _, name := range s.Columns {
		c := with.Column(name)
		if c == nil {
			return nil, fmt.Errorf("columns: %w", stages.NoColumn(name, gather.Names(with)))
		}
		if t.Column(name) != nil {
			return nil, fmt.Errorf("columns: both sides have %q", name)
		}
		taken.Columns = append(taken.Columns, *c)
		taken.Columns[len(taken.Columns)-1].Mark = c.Mark.With(chosen)
	}
	out := &frame.Table{Columns: slices.Clone(t.Columns)}
	out.Columns = append(out.Columns, gather.TakeOrNull(taken, places).Columns...)
	return out, nil
}

// describe names a row by its keys.
func describe(t *frame.Table, keys []string, row int) string {
	pairs := make([]string, len(keys))
	for i, name := range keys {
		pairs[i] = name + " " + gather.Text(t.Column(name), row)
	}
	return strings.Join(pairs, ", ")
}
