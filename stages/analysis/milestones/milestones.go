// Package milestones is the kind "milestones": when runs first reach levels, or shares of what other runs reach.
package milestones

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

// Kind tells when runs first reach levels.
//
//	in   tables     list of histories: a row an evaluation, with the column step
//	in   reference  optional: histories of runs whose ceiling levels are shares of
//	out  table      a row for each run and level
//
// Runs come in the order in which the kind table has them, levels in that of the setting.
var Kind = stages.Define(stages.Kind{
	Name:    "milestones",
	Version: 1,
	Brief:   "one pass over its tables",
	Doc: `Tells when runs first reach levels: of core_correlation, or of any other column of their histories.

A run is an instance of tables. It reaches a level at the first evaluated step at which the column is at least that. Levels
are values of the column, or, with a reference, shares of its ceiling: the runs of reference are those of the same
experiment without the spurious correlation (strength = 0.5), and what they reach is what there is to be learned of the
core. So on images, where no network gets to a core correlation of 0.95, "learned" is 0.9 of the ceiling.

A run that did not reach a level has null as reached_step, and last_step says until when it was followed: such a time is
censored, above last_step, which claims are told by missing = "above". Rows of a level are picked by where = { level = 0.9 }.
Evaluations without a value of the column are passed over; a run without any is an error, as is a ceiling that is not
above 0.`,
	Inputs: []stages.Input{
		gather.Input("tables", "the histories, such as train.erm[*].history"),
		{Name: "reference", Doc: "histories of the runs that a ceiling is of, such as train.erm[{ strength = 0.5 }].history", Type: stages.AnyType, Cardinality: stages.List, Axes: true},
	},
	Outputs: []stages.Output{{Name: "table", Doc: "one row for each run and level", Fields: fields,
		Others: "before these the axes of tables", OthersOf: func(any) stages.Others { return stages.Others{Axes: []string{"tables"}} }}},
	Labels: gather.Labels,
}, run)

var fields = []frame.Field{
	{Name: "column", Type: frame.String, Doc: "The column that reaches the level."},
	{Name: "level", Type: frame.Float64, Unit: "1", Doc: "The level as it is set: a share of the ceiling, or without a reference a value of the column."},
	{Name: "threshold", Type: frame.Float64, Doc: "The value of the column that is the level: with a reference, level times ceiling.", Unit: stages.OwnUnit},
	{Name: "reached_step", Type: frame.Int64, Unit: "steps", Nullable: true, Doc: "The first evaluated step at which the column is at least threshold; null if it never is (censored at last_step)."},
	{Name: "last_step", Type: frame.Int64, Unit: "steps", Doc: "The last evaluated step with a value of the column."},
	{Name: "largest", Type: frame.Float64, Doc: "The largest value of the column.", Unit: stages.OwnUnit},
	{Name: "ceiling", Type: frame.Float64, Nullable: true, Doc: "What the reference reaches, as the setting ceiling says; null without a reference.", Unit: stages.OwnUnit},
	{Name: "ceiling_se", Type: frame.Float64, Nullable: true, Doc: "Standard error of ceiling, from the spread of the reference's runs; null for one, and without a reference.", Unit: stages.OwnUnit},
	{Name: "ceiling_runs", Type: frame.Int64, Nullable: true, Doc: "Runs that the ceiling is of; null without a reference."},
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	side, err := read(r.Inputs["tables"], s)
	if err != nil {
		return err
	}
	var of *ceilings
	if given := r.Inputs["reference"]; len(given) > 0 {
		reference, err := read(given, s)
		if err != nil {
			return fmt.Errorf("reference: %w", err)
		}
		if of, err = newCeilings(reference, s); err != nil {
			return fmt.Errorf("reference: %w", err)
		}
	}
	t, err := side.table(s, of)
	if err != nil {
		return err
	}
	return r.Write("table", t)
}

// A side is one of the inputs: the rows of all its runs, which are its instances.
type side struct {
	t     *frame.Table
	axes  []string
	runs  []history
	mark  frame.Mark // of what is computed
	field frame.Field
}

// A history is what a run has of the column.
type history struct {
	row    int // its first one in the table
	steps  []int64
	values []float64
}

// read takes the histories of an input apart.
func read(artifacts []stages.Artifact, s *Settings) (*side, error) {
	parts, t, err := gather.ReadUnion(artifacts, gather.Options{Columns: []string{"step", s.Column}, Where: s.Where})
	if err != nil {
		return nil, err
	}
	values, valid, err := gather.Numbers(t, s.Column, parts)
	if err != nil {
		return nil, err
	}
	steps := t.Column("step")
	if steps.Type != frame.Int64 {
		return nil, fmt.Errorf("column step: %v are no steps; give histories, such as train.erm[*].history", steps.Type)
	}
	out := &side{t: t, axes: gather.AxisNames(parts), field: t.Column(s.Column).Field}
	out.mark = gather.Marks(t, slices.Concat([]string{"step", s.Column}, slices.Sorted(maps.Keys(s.Where)))...)
	of, first := gather.GroupRows(t, out.axes)
	for _, row := range first {
		out.runs = append(out.runs, history{row: row})
	}
	for row, run := range of {
		h := &out.runs[run]
		if steps.Null(row) || !valid[row] {
			continue
		}
		if n := len(h.steps); n > 0 && steps.Int64s[row] <= h.steps[n-1] {
			return nil, fmt.Errorf("%s: step %d comes after step %d: pick the rows of one curve with where, such as where = { stage = \"main\" }", out.name(h), steps.Int64s[row], h.steps[n-1])
		}
		h.steps, h.values = append(h.steps, steps.Int64s[row]), append(h.values, values[row])
	}
	for i := range out.runs {
		if len(out.runs[i].steps) == 0 {
			return nil, fmt.Errorf("%s: %s has no value at any step, so that no level can be reached: look in its history why, and leave the run out or give another column", out.name(&out.runs[i]), s.Column)
		}
	}
	return out, nil
}

// name tells which run a history is of.
func (s *side) name(h *history) string {
	var list []string
	for _, axis := range s.axes {
		list = append(list, axis+" "+gather.Text(s.t.Column(axis), h.row))
	}
	if len(list) == 0 {
		return "the run"
	}
	return "the run of " + strings.Join(list, ", ")
}

// reached gives the first step with at least the threshold.
func (h *history) reached(threshold float64) (step int64, ok bool) {
	i := slices.IndexFunc(h.values, func(v float64) bool { return v >= threshold })
	if i < 0 {
		return 0, false
	}
	return h.steps[i], true
}

// table makes the rows; of is nil without a reference.
func (s *side) table(set *Settings, of *ceilings) (*frame.Table, error) {
	own, mark := slices.Clone(fields), s.mark
	if of != nil {
		mark = mark.With(of.mark)
	}
	for i := range own {
		if own[i].Unit == stages.OwnUnit {
			own[i].Unit = s.field.Unit
		}
		if own[i].Name != "column" && own[i].Name != "level" {
			own[i].Mark = mark
		}
	}
	b := frame.NewBuilder(own)
	var rows []int
	for i := range s.runs {
		h := &s.runs[i]
		var c *ceiling
		if of != nil {
			var err error
			if c, err = of.find(s, h); err != nil {
				return nil, err
			}
		}
		for _, level := range set.Levels {
			rows = append(rows, h.row)
			b.String("column", set.Column)
			h.append(b, level, c)
		}
	}
	found, err := b.Table()
	if err != nil {
		return nil, err
	}
	out := s.t.Take(rows)
	out.Columns = slices.DeleteFunc(out.Columns, func(c frame.Column) bool { return !slices.Contains(s.axes, c.Name) })
	for _, c := range found.Columns {
		if out.Column(c.Name) != nil {
			return nil, fmt.Errorf("an axis is called %s, as a column of the result is: give the axis another name", c.Name)
		}
		out.Columns = append(out.Columns, c)
	}
	return out, nil
}

// append adds the row of a level.
func (h *history) append(b *frame.Builder, level float64, c *ceiling) {
	threshold := level
	if c != nil {
		threshold = float64(level * c.value)
	}
	b.Float64("level", level)
	b.Float64("threshold", threshold)
	step, ok := h.reached(threshold)
	b.Int64If(ok, "reached_step", step)
	b.Int64("last_step", h.steps[len(h.steps)-1])
	b.Float64("largest", slices.Max(h.values))
	if c == nil {
		for _, name := range []string{"ceiling", "ceiling_se", "ceiling_runs"} {
			b.Null(name)
		}
		b.EndRow()
		return
	}
	b.Float64("ceiling", c.value)
	b.Float64If(c.runs > 1, "ceiling_se", c.se)
	b.Int("ceiling_runs", c.runs)
	b.EndRow()
}
