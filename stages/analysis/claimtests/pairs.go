package claimtests

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"spurion/stages/common/gather"
)

// A pair is a value of each side that belong together.
type pair struct {
	larger, smaller float64
	unit            string
	rows            int // of which they were made
}

// pairing says which rows belong together.
type pairing struct {
	larger, smaller           string // columns
	whereLarger, whereSmaller map[string]string
	keys                      []string // columns; empty to choose
	within                    string
}

// matched are both sides of a paired claim, joined.
type matched struct {
	list    []pair
	rows    int
	missing int
	alone   int    // rows without a partner
	by      string // what pairs agree in; empty for two columns of a row
	measure string // unit of the values
}

// join pairs the rows of two sides: two columns of one row, if the sides differ in nothing else;
// else rows that agree in the keys, by default in all axes that both sides have and that neither's
// conditions name. Several rows of a side with one key become their median or mean. A pair of which
// a row is left out for a null is left out.
func (p *pool) join(g pairing) (*matched, error) {
	rowwise := len(g.keys) == 0 && maps.Equal(g.whereLarger, g.whereSmaller) && p.sameTables(g.larger, g.smaller)
	for _, column := range []string{g.larger, g.smaller} {
		if len(p.with(column)) == 0 {
			_, err := p.take(column, nil, nil)
			return nil, err
		}
	}
	keys := g.keys
	if !rowwise && len(keys) == 0 {
		if keys = p.pairKeys(g); len(keys) == 0 {
			return nil, fmt.Errorf("pair: there is no axis that both sides have and that tells pairs apart; name columns in pair")
		}
	}
	larger, err := p.take(g.larger, g.whereLarger, keys)
	if err != nil {
		return nil, fmt.Errorf("larger: %w", err)
	}
	smaller, err := p.take(g.smaller, g.whereSmaller, keys)
	if err != nil {
		return nil, fmt.Errorf("smaller: %w", err)
	}
	out := &matched{missing: larger.missing + smaller.missing, measure: larger.measure, by: strings.Join(keys, ", ")}
	return out, out.match(larger, smaller, p.unit, g.within)
}

// match joins the rows of equal keys.
func (ps *matched) match(larger, smaller *side, unit, within string) error {
	atMost, atLeast := reducer(within), leastReducer(within, largest(larger, smaller))
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
		if unit != "" {
			one.unit = both[0].unit
			if j := slices.IndexFunc(both, func(o observation) bool { return o.unit != one.unit }); j >= 0 {
				return fmt.Errorf("pair: the rows of one pair have %s %s and %s; add %q to pair, or set unit", unit, one.unit, both[j].unit, unit)
			}
		}
		one.larger, one.smaller = atLeast(valuesOf(r.larger)), atMost(valuesOf(r.smaller))
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
	return fmt.Sprintf(" %s had no partner in %s.", count(ps.alone, "row"), ps.by)
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

// A gap is the difference within pairs, in one of three sizes; NaN where it does not exist.
type gap struct {
	name    string  // "difference", "ratio", "share"
	largest float64 // of all that are not null: a null above every value is above it
}

func newGap(name string, ps *matched) *gap {
	g := &gap{name: name, largest: math.Inf(-1)}
	for _, p := range ps.list {
		for _, x := range []float64{p.larger, p.smaller} {
			if finite(x) {
				g.largest = max(g.largest, x)
			}
		}
	}
	return g
}

// least gives the least that a pair's effect may be, if nulls are above every value, and equal in a share.
func (g *gap) least(p pair) float64 {
	if g.name != "share" && math.IsInf(p.smaller, 1) {
		return g.between(1, math.Inf(1)) // whatever is on the other side: the null may be as large as can be
	}
	return g.of(p)
}

// most gives the greatest that it may be.
func (g *gap) most(p pair) float64 {
	switch {
	case g.name == "share":
		return g.of(p)
	case math.IsInf(p.larger, 1):
		return math.Inf(1)
	}
	return g.between(p.larger, min(p.smaller, g.largest))
}

// between gives the difference or ratio of two numbers.
func (g *gap) between(larger, smaller float64) float64 {
	if g.name == "ratio" {
		return quotient(larger, smaller)
	}
	return larger - smaller
}

// of gives a pair's effect as an estimate counts it: two nulls as equal, one on the larger side as the largest
// value. Where the smaller side is a null, and the larger is not, the pair tells the more strongly against the claim
// the larger that null is: -Inf, or a ratio of 0.
func (g *gap) of(p pair) float64 {
	both := math.IsInf(p.larger, 1) && math.IsInf(p.smaller, 1)
	larger := min(p.larger, g.largest)
	switch {
	case g.name == "share" && (both || p.larger == p.smaller):
		return 0.5
	case g.name == "share" && p.larger > p.smaller:
		return 1
	case g.name == "share":
		return 0
	case g.name == "ratio" && both:
		return 1
	case both:
		return 0
	}
	return g.between(larger, p.smaller)
}

// centre is the effect over units.
func (g *gap) centre(values []float64) float64 {
	if g.name == "share" {
		return mean(values)
	}
	return median(values)
}

// byUnit gives f of the pairs of each unit: their median, or their mean for a share.
func (ps *matched) byUnit(f func(pair) float64, centre func([]float64) float64) []float64 {
	rows := make([]observation, len(ps.list))
	for i, p := range ps.list {
		rows[i] = observation{value: f(p), unit: p.unit}
	}
	_, values := grouped(rows)
	out := make([]float64, len(values))
	for i, v := range values {
		out[i] = centre(v)
	}
	return out
}

// slack is what rounding may make of the scores of pairs: of differences of their values, or of
// logarithms of ratios.
func (ps *matched) slack(effect string, margin float64) float64 {
	if effect == "ratio" {
		return rounding
	}
	values := []float64{margin}
	for _, p := range ps.list {
		values = append(values, p.larger, p.smaller)
	}
	return slackOf(values...)
}
