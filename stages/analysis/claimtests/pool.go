package claimtests

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// A pool is the tables of a claim, from which it takes one side after the other.
type pool struct {
	parts   []gather.Part
	where   map[string]string // of every side
	unit    string            // a column; empty if each row is a unit
	missing string            // "error", "drop", or "above": a null is larger than every value
}

// An observation is one row of a side. Its value is +Inf for a null that counts as above all.
type observation struct {
	value  float64
	beside float64 // the number in another column of the row; NaN if it is null
	unit   string
	key    string // of pairs: equal for rows that belong together
	at     int    // the row's place in the side's table
	row    int    // its place in all tables that have the column, whatever the side
}

// A side is the rows of one side of a comparison.
type side struct {
	column  string
	rows    []observation
	missing int    // nulls, whether left out or counted
	measure string // unit of the values
	table   *frame.Table
}

// defaultUnit is what rows are grouped by if a claim does not say.
const defaultUnit = "seed"

// openPool reads the tables; a null that is missing = "fail" counts as above all here. The unit defaultUnit is taken for no unit
// where no table has it; any other must be there.
func openPool(ctx context.Context, r *stages.Run, where map[string]string, unit, missing string) (*pool, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	parts, err := gather.Read(r.Inputs["table"])
	if err != nil {
		return nil, err
	}
	if missing == "fail" {
		missing = "above"
	}
	p := &pool{parts: parts, where: where, unit: unit, missing: missing}
	if unit == defaultUnit && len(p.with(unit)) == 0 {
		p.unit = ""
	}
	return p, nil
}

// with gives the tables that have the column, or an axis of that name.
func (p *pool) with(column string) []gather.Part {
	var have []gather.Part
	for _, part := range p.parts {
		if part.Has(column) {
			have = append(have, part)
		}
	}
	return have
}

// take gives the rows of a column in all tables that have it, under the pool's conditions and those of the side. Keys are the
// columns whose values make up each row's key; without any it is the row's place. Beside names another column of numbers,
// if it is not empty: see lacking.
func (p *pool) take(column string, where map[string]string, keys []string, beside string) (*side, error) {
	others := keys
	if beside != "" {
		others = slices.Concat(keys, []string{beside})
	}
	t, places, err := p.read(column, where, others)
	if err != nil {
		return nil, err
	}
	values, valid, err := t.numbers(column)
	if err != nil {
		return nil, err
	}
	s := &side{column: column, measure: t.Column(column).Unit, table: t.Table}
	if slices.Contains(valid, false) && p.missing == "error" {
		return nil, fmt.Errorf("%s is null in %s; set missing to say what that means", column, t.nullRows(column, valid))
	}
	var more []float64
	var have []bool
	if beside != "" {
		if more, have, err = t.numbers(beside); err != nil {
			return nil, fmt.Errorf("%s: %w", beside, err)
		}
	}
	for i, x := range values {
		if !valid[i] {
			s.missing++
			x = math.Inf(1)
			if p.missing == "drop" {
				continue
			}
		}
		o := observation{value: x, unit: strconv.Itoa(i), key: strconv.Itoa(i), at: i, row: places[i]}
		if p.unit != "" {
			o.unit = gather.Text(t.Column(p.unit), i)
		}
		if len(keys) > 0 {
			o.key = gather.Key(t.Table, keys, i)
		}
		if beside != "" {
			if o.beside = more[i]; !have[i] {
				o.beside = math.NaN()
			}
		}
		s.rows = append(s.rows, o)
	}
	return s, nil
}

// read joins the tables that have the column and keeps the rows of a side, with their places among all rows of these tables
// that fulfil the pool's conditions.
func (p *pool) read(column string, where map[string]string, others []string) (source, []int, error) {
	have := p.with(column)
	if len(have) == 0 {
		have = p.parts // the error then lists what there is
	}
	columns := slices.Concat([]string{column}, others, slices.Sorted(maps.Keys(where)))
	if p.unit != "" {
		columns = append(columns, p.unit)
	}
	all, err := gather.Union(have, gather.Options{Columns: columns, Where: p.where})
	if err != nil {
		return source{}, nil, err
	}
	t, err := gather.Where(all, where)
	if err != nil {
		return source{}, nil, fmt.Errorf("where: %w", err)
	}
	holds, err := gather.Conditions(all, where)
	if err != nil {
		return source{}, nil, fmt.Errorf("where: %w", err)
	}
	var places []int
	for row := range all.Rows() {
		if holds(row) {
			places = append(places, row)
		}
	}
	return source{Table: t, parts: have}, places, nil
}

// axes gives the names of the axes that all tables with the column have, in order.
func (p *pool) axes(column string) []string {
	var names []string
	for i, part := range p.with(column) {
		if i == 0 {
			for _, a := range part.Axes {
				names = append(names, a.Name)
			}
			continue
		}
		names = slices.DeleteFunc(names, func(name string) bool {
			return !slices.ContainsFunc(part.Axes, func(a stages.Axis) bool { return a.Name == name })
		})
	}
	return names
}

// units says how many units there are, in words: "20 seeds", "1 row".
func (p *pool) units(n int) string {
	return count(n, p.singular())
}

// singular names a unit: "seed", "row".
func (p *pool) singular() string {
	if p.unit == "" {
		return "row"
	}
	return p.unit
}

// plural names the units: "seeds", "rows".
func (p *pool) plural() string {
	return p.singular() + "s"
}

// source is rows that a claim is about.
type source struct {
	*frame.Table
	parts []gather.Part // all tables that it could be about
}

// numbers gives a column of numbers; valid is false where it is null.
func (s source) numbers(column string) (values []float64, valid []bool, err error) {
	return gather.Numbers(s.Table, column, s.parts)
}

// nullRows says in words which rows of a column are null, the first few of them.
func (s source) nullRows(column string, valid []bool) string {
	var rows []int
	for i, ok := range valid {
		if !ok {
			rows = append(rows, i)
		}
	}
	return fmt.Sprintf("%s of %d: %s", count(len(rows), "row"), len(valid), rowsText(s.Table, column, rows))
}

// rowsText shows the first few of some rows by their other columns.
func rowsText(t *frame.Table, column string, rows []int) string {
	var list []string
	for _, i := range rows {
		if len(list) == 3 {
			list = append(list, "...")
			break
		}
		var cells []string
		for c := range t.Columns {
			if t.Columns[c].Name != column && !t.Columns[c].Type.IsList() {
				cells = append(cells, t.Columns[c].Name+"="+gather.Text(&t.Columns[c], i))
			}
		}
		list = append(list, "["+strings.Join(cells, ",")+"]")
	}
	return strings.Join(list, " ")
}

// apart reports rows that two sides share. Two columns of one row share none.
func apart(a, b *side, first, second string) error {
	if a.column != b.column {
		return nil
	}
	of := map[int]bool{}
	for _, o := range a.rows {
		of[o.row] = true
	}
	var shared []int
	for _, o := range b.rows {
		if of[o.row] {
			shared = append(shared, o.at)
		}
	}
	if len(shared) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s and %s share %s of %d and %d: %s; a row can be on one side only, so narrow the conditions", second, first, second,
		count(len(shared), "row"), len(a.rows), len(b.rows), rowsText(b.table, b.column, shared))
}

// lacking reports rows in which the column beside is null; with valued only rows that have a value themselves.
func (s *side) lacking(name string, valued bool) error {
	var rows []int
	for _, o := range s.rows {
		if math.IsNaN(o.beside) && (finite(o.value) || !valued) {
			rows = append(rows, o.at)
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return fmt.Errorf("%s is null in %s of %d: %s", name, count(len(rows), "row"), len(s.rows), rowsText(s.table, name, rows))
}
