// Package table is the kind "table": one table of many.
package table

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// Settings are the attributes of `stage "table"`.
type Settings struct {
	Columns []string          `name:"columns" column:"tables" doc:"columns to keep, in this order, after the axes; empty for all"`
	Where   map[string]string `name:"where" column:"tables" doc:"rows to keep: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Sort    []string          `name:"sort" column:"tables,descending" doc:"columns to sort the rows by, \"-column\" for descending; nulls last; equal rows keep their order"`
	Missing string            `name:"missing" doc:"what to do where a table lacks a column that others have: stop, or write null" default:"error" oneof:"error,null"`
}

// Check reports conditions without a value and columns named twice.
func (s *Settings) Check() []stages.Problem {
	return slices.Concat(gather.CheckWhere("where", s.Where), gather.CheckColumns("columns", s.Columns), gather.CheckColumns("sort", s.Sort))
}

// Kind joins the tables of many instances into one, and picks rows and columns of it.
//
//	in   tables  list of tables of one shape, with their axes
//	out  table   axes first, then the tables' columns; rows in the order of gather.Union
//
// The result is fixed by its inputs and settings: instances come in the order of their axes'
// values (stages.CompareAxes), rows of one instance in the order of its table, unless sorted.
var Kind = stages.Define(stages.Kind{
	Name:    "table",
	Version: 1,
	Brief:   "one pass over its tables",
	Doc: `Joins the tables of many instances into one, axes first.

The rows of all tables come under each other: instances in the order of their axes' values, the
rows of each in their own order. Columns are matched by name. Whole numbers here and fractions there
become fractions, and a column without a value (no rows, or nulls only) takes the others' type; text
beside numbers is an error, and so are two units, and a column that a table lacks, unless
missing = "null". An axis that only some instances have is null for the others. Of one instance with a
column named like one of its axes, both must agree.`,
	Inputs: []stages.Input{gather.Input("tables", "the tables to join, such as train.erm[*].summary")},
	Outputs: []stages.Output{{
		Name: "table", Doc: "the rows of all tables, axes first", Type: stages.AnyType,
		Others: "the axes, then the setting columns; without it all columns of the tables", OthersOf: others,
	}},
	Labels: gather.Labels,
}, run)

func others(settings any) stages.Others {
	s, o := settings.(*Settings), stages.Others{Axes: []string{"tables"}}
	if len(s.Columns) == 0 {
		o.From = []string{"tables"}
	}
	o.Names, o.Kept = s.Columns, map[string][]string{"tables": s.Columns}
	return o
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	parts, all, err := gather.ReadUnion(r.Inputs["tables"], gather.Options{Columns: s.needed(), Where: s.Where, Missing: s.Missing})
	if err != nil {
		return err
	}
	rows, err := gather.Sort(all, s.Sort)
	if err != nil {
		return fmt.Errorf("sort: %w", err)
	}
	out, err := pick(rows, s.Columns, gather.AxisNames(parts))
	if err != nil {
		return fmt.Errorf("columns: %w", err)
	}
	return r.Write("table", out)
}

// needed gives the columns that the settings name, but for where; nil if all are kept.
func (s *Settings) needed() []string {
	if len(s.Columns) == 0 {
		return nil
	}
	names := slices.Clone(s.Columns)
	for _, name := range s.Sort {
		names = append(names, strings.TrimPrefix(name, "-"))
	}
	return names
}

// pick gives the axes and then the columns asked for; all of t if none are.
func pick(t *frame.Table, columns, axes []string) (*frame.Table, error) {
	if len(columns) == 0 {
		return t, nil
	}
	out := &frame.Table{}
	for _, c := range t.Columns {
		if slices.Contains(axes, c.Name) {
			out.Columns = append(out.Columns, c)
		}
	}
	for _, name := range columns {
		c := t.Column(name)
		if c == nil {
			return nil, stages.NoColumn(name, gather.Names(t))
		}
		if !slices.Contains(axes, name) {
			out.Columns = append(out.Columns, *c)
		}
	}
	return out, nil
}
