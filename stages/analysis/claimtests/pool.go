package claimtests

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"

	"spurion/stages"
	"spurion/stages/common/gather"
)

// A pool is the tables of a claim that compares, from which it takes one side after the other.
type pool struct {
	parts   []gather.Part
	where   map[string]string // of every side
	unit    string            // a column; empty if each row is a unit
	missing string            // "error", "drop", or "above": a null is larger than every value
}

// An observation is one row of a side. Its value is +Inf for a null that counts as above all.
type observation struct {
	value float64
	unit  string
	key   string // of pairs: equal for rows that belong together
}

// A side is the rows of one side of a comparison.
type side struct {
	rows    []observation
	missing int    // nulls, whether left out or counted
	measure string // unit of the values
	// nulls says which rows have none; it is for an error of who reads on
	nulls string
}

// openPool reads the tables; a null that is missing = "fail" counts as above all here. The unit defaultUnit is taken for no unit where no table has it; any
// other must be there.
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

// defaultUnit is what rows are grouped by if a claim does not say.
const defaultUnit = "seed"

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

// take gives the rows of a column in all tables that have it, under the pool's conditions and those
// of the side. Keys are the columns whose values make up each row's key; without any it is the
// row's place.
func (p *pool) take(column string, where map[string]string, keys []string) (*side, error) {
	t, err := p.read(column, where, keys)
	if err != nil {
		return nil, err
	}
	values, valid, err := t.numbers(column)
	if err != nil {
		return nil, err
	}
	s := &side{measure: t.Column(column).Unit}
	if slices.Contains(valid, false) {
		s.nulls = t.missing(column, valid)
		if p.missing == "error" {
			return nil, fmt.Errorf("%s is null in %s; set missing to say what that means", column, s.nulls)
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
		o := observation{value: x, unit: strconv.Itoa(i), key: strconv.Itoa(i)}
		if p.unit != "" {
			o.unit = gather.Text(t.Column(p.unit), i)
		}
		if len(keys) > 0 {
			o.key = gather.Key(t.Table, keys, i)
		}
		s.rows = append(s.rows, o)
	}
	return s, nil
}

// read joins the tables that have the column and keeps the rows of a side.
func (p *pool) read(column string, where map[string]string, keys []string) (source, error) {
	have := p.with(column)
	if len(have) == 0 {
		have = p.parts // the error then lists what there is
	}
	columns := slices.Concat([]string{column}, keys, slices.Sorted(maps.Keys(where)))
	if p.unit != "" {
		columns = append(columns, p.unit)
	}
	t, err := gather.Union(have, gather.Options{Columns: columns, Where: p.where})
	if err != nil {
		return source{}, err
	}
	if t, err = gather.Where(t, where); err != nil {
		return source{}, fmt.Errorf("where: %w", err)
	}
	return source{Table: t, parts: have}, nil
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

// of names what the units are: "seeds", or "rows".
func (p *pool) of() string {
	if p.unit == "" {
		return "rows"
	}
	return "values of " + p.unit
}
