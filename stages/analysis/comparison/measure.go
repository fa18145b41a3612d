package comparison

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/interval"
)

// A measure is what the comparison knows of one of Settings.Measures.
type measure struct {
	field    frame.Field
	share    bool // its values lie in [0, 1], and so do the intervals of their means
	best     int  // 1 if the highest mean is the best, -1 if the lowest, 0 if neither
	decimals int  // of its numbers for people; of the largest, if the setting decimals is not given
}

// Words of names that say that a number of unit 1 is a share, and that higher or lower is better.
var (
	shareWords  = []string{"accuracy", "acc", "wga", "share", "precision", "recall", "jaccard", "f1", "auc"}
	betterWords = []string{"accuracy", "acc", "wga", "precision", "recall", "jaccard", "f1", "auc"}
	worseWords  = []string{"loss", "error"}
	// changeWords say that a number is another's difference or the like.
	changeWords = []string{"gain", "difference", "change", "lead", "drop", "gap", "ratio", "floor", "se"}
)

// named reports whether a name has one of the words and is not that of a change.
func named(name string, words []string) bool {
	parts := strings.Split(strings.ToLower(name), "_")
	has := func(list []string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(list, p) })
	}
	return has(words) && !has(changeWords)
}

// know settles what the i-th measure is, from its settings or else its unit and name.
func (c *comparison) know(i int, values []float64) error {
	m := &c.measures[i]
	if m.field.Unit == "1" || m.field.Unit == "" {
		m.share = named(m.field.Name, shareWords)
	}
	m.share = m.share || m.field.Unit == "share"
	outside := slices.IndexFunc(values, func(v float64) bool { return v < 0 || v > 1 })
	if said, given := c.s.Shares[m.field.Name]; given {
		m.share = said
		if said && outside >= 0 {
			return fmt.Errorf("shares: %s is %v, which is no share: they lie between 0 and 1", m.field.Name, values[outside])
		}
	}
	m.share = m.share && outside < 0
	switch {
	case named(m.field.Name, betterWords):
		m.best = 1
	case named(m.field.Name, worseWords):
		m.best = -1
	}
	if said, given := c.s.Best[m.field.Name]; given {
		m.best = map[string]int{"highest": 1, "lowest": -1, "none": 0}[said]
	}
	return nil
}

// mean sums up values of the measure.
func (m *measure) mean(values []float64) interval.Mean {
	if m.share {
		return interval.Within(values, 0, 1)
	}
	return interval.Of(values)
}

// mark marks the best row of each group of rows, for each measure: the one that Student's interval of its difference,
// paired by repetition, tells apart from every other row with a value.
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
				if gap := paired(&best.cells[i], &other.cells[i]); other != best && (gap == nil || !gap.Known() || !m.better(gap)) {
					best.cells[i].best = false
				}
			}
			c.marked = c.marked || best.cells[i].best
		}
	}
}

func (m *measure) compare(a, b float64) int {
	if m.best < 0 {
		a, b = b, a
	}
	return cmp.Compare(a, b)
}

// better reports whether a difference is on the good side of 0 as a whole.
func (m *measure) better(gap *interval.Mean) bool {
	if m.best > 0 {
		return gap.Low > 0
	}
	return gap.High < 0
}
