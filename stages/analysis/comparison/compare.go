package comparison

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/interval"
)

// A comparison is every row with what was measured in its repetitions.
type comparison struct {
	s        *Settings
	names    []frame.Field // of the columns that name rows
	measures []quantity
	rows     []*row
	repeats  int  // the most repetitions of a row
	marked   bool // some cell is the best
	// lacks says without what the tables are, as that failed.
	lacks string
	// chosen is the mark of the columns that choose the rows behind a number.
	chosen frame.Mark
	// ending is the column that tells whether runs were cut off; "" for none.
	ending string
	// ofErrors is the mark of the columns with standard errors.
	ofErrors frame.Mark
}

// A row is one line of the comparison.
type row struct {
	name   []string        // values of Settings.Rows
	units  map[string]int  // the row of the joined table that each repetition is
	failed map[string]bool // repetitions that are not there because their instances failed
	cells  []cell
	ends   ends
}

// key tells the row from others.
func (r *row) key() string { return strings.Join(r.name, "\x00") }

// group names the rows that share all of a row's name but the last part.
func (r *row) group() string { return strings.Join(r.name[:len(r.name)-1], "\x00") }

// A cell is one measure of a row.
type cell struct {
	values     map[string]float64 // by repetition; of numbers
	words      []counted          // of text and truth values, the most frequent first
	mean       *interval.Mean     // nil without a value
	difference *interval.Mean     // from the baseline; nil without a pair
	best       bool               // told apart from all other rows of its group
	valueError *float64           // standard error of one value, root mean square over them; nil if the tables do not say
}

type counted struct {
	word string
	n    int
}

// compare joins the tables and sums up their rows.
func compare(s *Settings, parts []gather.Part) (*comparison, error) {
	errors, ending := errorColumns(parts, s.Measures), gather.EndingColumn(parts)
	t, err := gather.Union(parts, gather.Options{Columns: slices.Concat(s.Rows, s.Measures, []string{s.Over}, given(errors), given([]string{ending})), Where: s.Where})
	if err != nil {
		return nil, err
	}
	if t.Rows() == 0 {
		return nil, fmt.Errorf("no row fulfils where")
	}
	c := &comparison{s: s, ending: ending, chosen: gather.Marks(t, slices.Concat(s.Rows, []string{s.Over}, slices.Collect(maps.Keys(s.Where)))...)}
	for _, name := range slices.Concat(s.Rows, s.Measures) {
		col := t.Column(name)
		if col == nil {
			return nil, stages.NoColumn(name, gather.Names(t))
		}
		if len(c.names) < len(s.Rows) {
			c.names = append(c.names, col.Field)
		} else {
			c.measures = append(c.measures, quantity{field: col.Field})
		}
	}
	if err := c.group(t); err != nil {
		return nil, err
	}
	c.end(t)
	for _, r := range c.rows {
		r.cells = make([]cell, len(s.Measures))
		c.repeats = max(c.repeats, len(r.units))
	}
	for i := range s.Measures {
		if err := c.measure(i, t); err != nil {
			return nil, err
		}
		if err := c.measured(i, errors[i], t); err != nil {
			return nil, err
		}
	}
	if err := c.subtract(); err != nil {
		return nil, err
	}
	for i := range c.measures {
		c.round(i)
	}
	c.mark()
	c.order()
	return c, nil
}

// group sorts the joined rows by name and repetition.
func (c *comparison) group(t *frame.Table) error {
	over := t.Column(c.s.Over)
	if over == nil {
		return stages.NoColumn(c.s.Over, gather.Names(t))
	}
	of, first := gather.GroupRows(t, c.s.Rows)
	for _, i := range first {
		c.rows = append(c.rows, &row{name: nameOf(t, c.s.Rows, i), units: map[string]int{}})
	}
	for i, g := range of {
		r := c.rows[g]
		unit := gather.Text(over, i)
		if _, twice := r.units[unit]; twice {
			return fmt.Errorf("%s has several rows with %s %s: add to rows the column that tells them apart, or pick with where",
				c.title(r), c.s.Over, unit)
		}
		r.units[unit] = i
	}
	return nil
}

// nameOf gives the name of the row that a row of the joined table is of.
func nameOf(t *frame.Table, columns []string, at int) []string {
	name := make([]string, len(columns))
	for k, column := range columns {
		name[k] = gather.Text(t.Column(column), at)
	}
	return name
}

// title names a row for messages.
func (c *comparison) title(r *row) string {
	pairs := make([]string, len(r.name))
	for i, value := range r.name {
		pairs[i] = c.s.Rows[i] + " " + value
	}
	return strings.Join(pairs, ", ")
}

// measure fills the cells of the i-th measure.
func (c *comparison) measure(i int, t *frame.Table) error {
	name := c.s.Measures[i]
	if !numeric(c.measures[i].field.Type) {
		for _, r := range c.rows {
			r.cells[i].words = count(t.Column(name), r.units)
		}
		return nil
	}
	values, valid, err := gather.Numbers(t, name, nil)
	if err != nil {
		return err
	}
	var all []float64
	for _, r := range c.rows {
		to := &r.cells[i]
		to.values = map[string]float64{}
		for unit, at := range r.units {
			if valid[at] {
				to.values[unit] = values[at]
				all = append(all, values[at])
			}
		}
	}
	if err := c.know(i, all); err != nil {
		return err
	}
	for _, r := range c.rows {
		r.cells[i].mean = sum(r.cells[i].values, c.measures[i].mean)
	}
	return nil
}

func numeric(t frame.Type) bool { return t.IsNumber() }

// sum sums up values in the order of their repetitions' names; nil if there is none.
func sum(values map[string]float64, mean func([]float64) interval.Mean) *interval.Mean {
	if len(values) == 0 {
		return nil
	}
	list := make([]float64, 0, len(values))
	for _, u := range units(values) {
		list = append(list, values[u])
	}
	m := mean(list)
	return &m
}

// units gives the repetitions of values in the order of their names.
func units(values map[string]float64) []string { return slices.Sorted(maps.Keys(values)) }

// count counts words, the most frequent first, equals by name.
func count(col *frame.Column, rows map[string]int) []counted {
	n := map[string]int{}
	for _, at := range rows {
		if !col.Null(at) {
			n[gather.Text(col, at)]++
		}
	}
	var list []counted
	for _, word := range slices.Sorted(maps.Keys(n)) {
		list = append(list, counted{word, n[word]})
	}
	slices.SortStableFunc(list, func(a, b counted) int { return cmp.Compare(b.n, a.n) })
	return list
}

// subtract sets the differences from the baseline, by repetition.
func (c *comparison) subtract() error {
	for _, name := range c.s.Differences {
		i := slices.Index(c.s.Measures, name)
		if !numeric(c.measures[i].field.Type) {
			return fmt.Errorf("differences: %q holds %v, which has no difference", name, c.measures[i].field.Type)
		}
		for _, r := range c.rows {
			base := c.baseline(r)
			if base == nil || base == r {
				continue
			}
			r.cells[i].difference = c.measures[i].paired(&r.cells[i], &base.cells[i])
		}
	}
	if len(c.s.Baseline) > 0 && !slices.ContainsFunc(c.rows, func(r *row) bool { return c.baseline(r) == r }) {
		return fmt.Errorf("baseline: no row has %s", conditions(c.s.Baseline))
	}
	return nil
}

// baseline gives the row to compare with; nil if there is none.
func (c *comparison) baseline(r *row) *row {
	want := slices.Clone(r.name)
	for i, column := range c.s.Rows {
		if value, given := c.s.Baseline[column]; given {
			want[i] = value
		}
	}
	for _, other := range c.rows {
		if slices.Equal(other.name, want) {
			return other
		}
	}
	return nil
}

func conditions(m map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, name+" "+m[name])
	}
	return strings.Join(list, ", ")
}

// order puts rows that share all of their name but the last part together, and sorts these.
func (c *comparison) order() {
	name, down := strings.CutPrefix(c.s.Sort, "-")
	if name == "" {
		return
	}
	i := slices.Index(c.s.Measures, name)
	var places gather.Groups[string] // of rows that are sorted among themselves
	place := func(r *row) int { return places.Of(r.group()) }
	for _, r := range c.rows {
		place(r)
	}
	slices.SortStableFunc(c.rows, func(a, b *row) int {
		if o := cmp.Compare(place(a), place(b)); o != 0 {
			return o
		}
		x, y := a.cells[i].mean, b.cells[i].mean
		switch {
		case x == nil || y == nil: // without a value last
			return cmp.Compare(boolInt(x == nil), boolInt(y == nil))
		case down:
			return cmp.Compare(y.Value, x.Value)
		}
		return cmp.Compare(x.Value, y.Value)
	})
}

func boolInt(b bool) int {
	if b {
		return 1
	}
	return 0
}
