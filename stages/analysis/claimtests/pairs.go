package claimtests

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spurion/stages/common/gather"
)

// A pair is a value of each side that belong together.
type pair struct {
	larger, smaller float64
	beside          float64 // of the larger side's rows, reduced as they are
	unit            string
	rows            int // of which they were made
}

// pairing says which rows belong together.
type pairing struct {
	larger, smaller           string // columns
	whereLarger, whereSmaller map[string]string
	keys                      []string // columns; empty to choose
	within                    string
	first, second             string // what the sides are called in a spec: "larger", "smaller"
	beside                    string // a column beside the larger one: see pool.take
}

// matched are both sides of a paired claim, joined.
type matched struct {
	list    []pair
	rows    int
	missing int
	alone   int    // rows without a partner
	unit    string // the column of units
	within  string
	by      string // what pairs agree in; empty for two columns of a row
	measure string // unit of the values
	rowwise bool   // whether the sides are two columns of one row
}

// join pairs the rows of two sides: two columns of one row, if the sides differ in nothing else;
// else rows that agree in the keys, by default in all axes that both sides have and that neither's
// conditions name. Several rows of a side with one key become one value, as within says. A pair of
// which a row is left out for a null is left out. A row that is on both sides is an error.
func (p *pool) join(g pairing) (*matched, error) {
	rowwise := len(g.keys) == 0 && maps.Equal(g.whereLarger, g.whereSmaller) && p.sameTables(g.larger, g.smaller)
	for _, column := range []string{g.larger, g.smaller} {
		if len(p.with(column)) == 0 {
			_, err := p.take(column, nil, nil, "")
			return nil, err
		}
	}
	keys := g.keys
	if !rowwise && len(keys) == 0 {
		if keys = p.pairKeys(g); len(keys) == 0 {
			return nil, fmt.Errorf("pair: there is no axis that both sides have and that tells pairs apart; name columns in pair")
		}
	}
	larger, err := p.take(g.larger, g.whereLarger, keys, g.beside)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.first, err)
	}
	smaller, err := p.take(g.smaller, g.whereSmaller, keys, "")
	if err != nil {
		return nil, fmt.Errorf("%s: %w", g.second, err)
	}
	if g.beside != "" {
		if err := larger.lacking(g.beside, true); err != nil {
			return nil, err
		}
	}
	if err := apart(larger, smaller, g.first, g.second); err != nil {
		return nil, err
	}
	out := &matched{
		missing: larger.missing + smaller.missing, measure: larger.measure, by: strings.Join(keys, ", "), unit: p.unit, within: g.within, rowwise: rowwise,
	}
	return out, out.match(larger, smaller)
}

// match joins the rows of equal keys.
func (ps *matched) match(larger, smaller *side) error {
	most := largest(larger.rows, smaller.rows)
	type rows struct{ larger, smaller []observation }
	var keys gather.Groups[string]
	var groups []rows
	get := func(key string) *rows {
		i := keys.Of(key)
		if i == len(groups) {
			groups = append(groups, rows{})
		}
		return &groups[i]
	}
	for _, o := range larger.rows {
		r := get(o.key)
		r.larger = append(r.larger, o)
	}
	for _, o := range smaller.rows {
		r := get(o.key)
		r.smaller = append(r.smaller, o)
	}
	for i, r := range groups {
		if len(r.larger) == 0 || len(r.smaller) == 0 {
			ps.alone += len(r.larger) + len(r.smaller)
			continue
		}
		both := slices.Concat(r.larger, r.smaller)
		one := pair{unit: fmt.Sprint(i), rows: len(both)}
		if ps.rowwise {
			one.rows = len(r.larger) // both sides are columns of these
		}
		if ps.unit != "" {
			one.unit = both[0].unit
			if j := slices.IndexFunc(both, func(o observation) bool { return o.unit != one.unit }); j >= 0 {
				return fmt.Errorf("pair: the rows of one pair have %s %s and %s; add %q to pair, or set unit", ps.unit, one.unit, both[j].unit, ps.unit)
			}
		}
		one.larger, one.smaller = reduceLeast(ps.within, valuesOf(r.larger), most), reduce(ps.within, valuesOf(r.smaller))
		beside := make([]float64, len(r.larger))
		for k, o := range r.larger {
			beside[k] = o.beside
		}
		one.beside = reduce(ps.within, beside)
		ps.rows += one.rows
		ps.list = append(ps.list, one)
	}
	if len(ps.list) == 0 && ps.alone > 0 && len(larger.rows) > 0 && len(smaller.rows) > 0 {
		return fmt.Errorf("pair: no row of one side agrees with one of the other in %s", cmp.Or(ps.by, "both columns"))
	}
	return nil
}

// aloneText says how many rows had no partner, or nothing.
func (ps *matched) aloneText() string {
	switch {
	case ps.alone == 0:
		return ""
	case ps.by == "" && ps.alone == 1:
		return " 1 row lacks the other column."
	case ps.by == "":
		return fmt.Sprintf(" %d rows lack the other column.", ps.alone)
	}
	return fmt.Sprintf(" %s had no partner of the same %s.", count(ps.alone, "row"), ps.by)
}

func valuesOf(rows []observation) []float64 {
	values := make([]float64, len(rows))
	for i, o := range rows {
		values[i] = o.value
	}
	return values
}

// sameTables reports whether exactly the tables that have one column have the other.
func (p *pool) sameTables(a, b string) bool {
	return !slices.ContainsFunc(p.parts, func(part gather.Part) bool { return part.Has(a) != part.Has(b) })
}

// pairKeys gives the axes in which pairs agree if a claim does not say.
func (p *pool) pairKeys(g pairing) []string {
	other := p.axes(g.smaller)
	return slices.DeleteFunc(p.axes(g.larger), func(name string) bool {
		_, a := g.whereLarger[name]
		_, b := g.whereSmaller[name]
		return a || b || name == g.larger || name == g.smaller || !slices.Contains(other, name)
	})
}
