package comparison

import (
	"fmt"
	"slices"

	"spurion/stages"
	"spurion/stages/common/gather"
)

// fail notes which repetitions of which rows are not there because their instances failed: those that such an instance
// would have left if its table were as the tables of its like. A row that no other instance has a part in is not
// known, and one repetition of a table that others have summed up is none; of these the caption alone speaks.
func (c *comparison) fail(parts []gather.Part, lacks []stages.Lack) {
	byName := map[string]*row{}
	for _, r := range c.rows {
		byName[r.key()] = r
	}
	options := gather.Options{Columns: slices.Concat(c.s.Rows, []string{c.s.Over}), Where: c.s.Where}
	for i := range lacks {
		l := &lacks[i]
		for _, missing := range l.Missing {
			near, apart := gather.Like(l, missing, parts, c.s.Over)
			if !apart {
				continue
			}
			for _, p := range near {
				// No row of it is in this comparison, if there is an error.
				if t, err := gather.Union([]gather.Part{p.WithAxes(missing)}, options); err == nil {
					for at := range t.Rows() {
						name, unit := nameOf(t, c.s.Rows, at), gather.Text(t.Column(c.s.Over), at)
						if r := byName[(&row{name: name}).key()]; r != nil {
							r.fail(unit)
						}
					}
				}
			}
		}
	}
}

// fail notes a repetition that is not there.
func (r *row) fail(unit string) {
	if _, there := r.units[unit]; there {
		return
	}
	if r.failed == nil {
		r.failed = map[string]bool{}
	}
	r.failed[unit] = true
}

// expected reports whether the row has a repetition, or would have it if nothing had failed.
func (r *row) expected(unit string) bool {
	_, there := r.units[unit]
	return there || r.failed[unit]
}

// A repeated is how many repetitions a number of a row is to be over.
type repeated struct{ total, failed int }

// repeated gives those of the row itself.
func (r *row) repeated() repeated {
	return repeated{total: len(r.units) + len(r.failed), failed: len(r.failed)}
}

// pairedWith gives those of the row's difference from another one.
func (r *row) pairedWith(base *row) repeated {
	var of repeated
	for unit := range r.units {
		switch {
		case base.failed[unit]:
			of.total, of.failed = of.total+1, of.failed+1
		case base.expected(unit):
			of.total++
		}
	}
	for unit := range r.failed {
		if base.expected(unit) {
			of.total, of.failed = of.total+1, of.failed+1
		}
	}
	return of
}

// number says behind a number over how many repetitions it is: "(9 of 10 seeds, 1 failed)" where some failed, "of 9"
// where it is fewer than the most, and else nothing.
func (c *comparison) number(n int, of repeated) string {
	switch {
	case of.failed > 0 && c.s.Over == "seed":
		return fmt.Sprintf(" (%d of %d seeds, %d failed)", n, of.total, of.failed)
	case of.failed > 0:
		return fmt.Sprintf(" (%d of %d values of %s, %d failed)", n, of.total, c.call(c.s.Over), of.failed)
	case n > 0 && n < c.repeats:
		return fmt.Sprintf(" of %d", n)
	}
	return ""
}
