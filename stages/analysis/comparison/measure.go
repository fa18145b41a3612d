package comparison

import (
	"cmp"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages/common/measure"
	"spurion/stages/numeric/interval"
)

// A quantity is what the comparison knows of one of Settings.Measures.
type quantity struct {
	field    frame.Field
	share    bool // its values lie in [0, 1], and so do the intervals of their means; of differences in [-1, 1]
	best     int  // 1 if the highest mean is the best, -1 if the lowest, 0 if neither
	decimals int  // of its numbers for people; of the largest, if the setting decimals is not given
}

// Words of names that say that higher or lower is better.
var (
	betterWords = []string{"accuracy", "acc", "wga", "precision", "recall", "jaccard", "f1", "auc"}
	worseWords  = []string{"loss", "error"}
)

// know settles what the i-th measure is, from its settings or else its unit and name.
func (c *comparison) know(i int, values []float64) (err error) {
	m := &c.measures[i]
	if m.share, err = measure.IsShare(m.field, c.s.Shares, values); err != nil {
		return err
	}
	switch {
	case measure.Named(m.field.Name, betterWords):
		m.best = 1
	case measure.Named(m.field.Name, worseWords):
		m.best = -1
	}
	if said, given := c.s.Best[m.field.Name]; given {
		m.best = map[string]int{"highest": 1, "lowest": -1, "none": 0}[said]
	}
	return nil
}

// mean sums up values of the measure.
func (m *quantity) mean(values []float64) interval.Mean { return measure.Mean(values, m.share) }

// paired sums up by how much one cell differs from another, over the repetitions that both have.
func (m *quantity) paired(x, from *cell) *interval.Mean {
	gaps := map[string]float64{}
	for u, v := range x.values {
		if b, both := from.values[u]; both {
			gaps[u] = v - b
		}
	}
	return sum(gaps, func(values []float64) interval.Mean { return measure.Difference(values, m.share) })
}

// mark marks the best row of each group of rows, for each measure: the one that the interval of its difference,
// paired by repetition, tells apart from every other row with a value. It is the interval that differences are shown
// with, so the two agree.
func (c *comparison) mark() {
	for i := range c.measures {
		m := &c.measures[i]
		if m.best == 0 || !numeric(m.field.Type) {
			continue
		}
		groups := map[string][]*row{}
		for _, r := range c.rows {
			if r.cells[i].mean != nil {
				groups[r.group()] = append(groups[r.group()], r)
			}
		}
		for _, rows := range groups {
			best := slices.MaxFunc(rows, func(a, b *row) int { return m.compare(a.cells[i].mean.Value, b.cells[i].mean.Value) })
			best.cells[i].best = len(rows) > 1
			for _, other := range rows {
				if gap := m.paired(&best.cells[i], &other.cells[i]); other != best && (gap == nil || !gap.Known() || !m.better(gap)) {
					best.cells[i].best = false
				}
			}
			c.marked = c.marked || best.cells[i].best
		}
	}
}

func (m *quantity) compare(a, b float64) int {
	if m.best < 0 {
		a, b = b, a
	}
	return cmp.Compare(a, b)
}

// better reports whether a difference is on the good side of 0 as a whole.
func (m *quantity) better(gap *interval.Mean) bool {
	if m.best > 0 {
		return gap.Low > 0
	}
	return gap.High < 0
}
