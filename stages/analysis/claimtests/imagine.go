package claimtests

import (
	"maps"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
)

// imagined is the rows that an instance which failed would have left, but for what is measured in them.
type imagined struct {
	gather.Part
	sides [][]bool // by side, which rows are of it
}

// The reasons for which it cannot be told what failed would have left, each a sentence without its full stop.
const (
	noLike   = "no instance like those that failed is there to tell which rows theirs would be"
	mixedIn  = "the tables do not tell which of their values come from which instance"
	unlike   = "the tables of other instances differ in which rows they have, so it is not known which rows are missing"
	measured = "the claim chooses its rows by a column that it measures, so it is not known which of the missing rows it would have used"
	axis     = "the claim measures an axis, and what missing rows could do to that is not worked out"
	twoSided = "a missing row would count on both sides of the claim"
)

// imagine gives the rows that failed instances would have left, where the claim is about some of them. They follow
// from the axes of what failed, and from tables of its like: if these agree in their rows, it would have had
// the same. If it cannot be told, unknown says why.
func (k *stake) imagine(lacks []stages.Lack, parts []gather.Part) (list []imagined, unknown string) {
	if slices.ContainsFunc(k.sides, func(s stakeSide) bool { return slices.Contains(k.design(), s.column) }) {
		return nil, measured
	}
	for i := range lacks {
		l := &lacks[i]
		if slices.ContainsFunc(k.sides, func(s stakeSide) bool { return slices.ContainsFunc(l.Missing[0], named(s.column)) }) {
			return nil, axis
		}
		if len(l.Beside) > 0 && !slices.ContainsFunc(l.Beside, func(at int) bool { return k.measures(parts[at].Table()) }) {
			continue // the claim reads none of their columns
		}
		for _, axes := range l.Missing {
			p, unknown := k.like(l, axes, parts)
			if unknown != "" {
				return nil, unknown
			}
			one := imagined{Part: p}
			about := false
			if one.sides, about, unknown = k.members(p); unknown != "" {
				return nil, unknown
			}
			if about {
				list = append(list, one)
			}
		}
	}
	return list, ""
}

// design gives the columns that say which row is which.
func (k *stake) design() []string {
	names := slices.Concat(k.fixed, []string{k.unit}, slices.Collect(maps.Keys(k.where)))
	for _, s := range k.sides {
		names = slices.AppendSeq(names, maps.Keys(s.where))
	}
	slices.Sort(names)
	return slices.DeleteFunc(slices.Compact(names), func(name string) bool { return name == "" })
}

// measures reports whether a table has a column that is measured.
func (k *stake) measures(t *frame.Table) bool {
	return slices.ContainsFunc(k.sides, func(s stakeSide) bool { return t.Column(s.column) != nil })
}

// like gives the table that an instance with these axes would have left, as those of its like have it.
func (k *stake) like(l *stages.Lack, missing []stages.Axis, parts []gather.Part) (p gather.Part, unknown string) {
	near, apart := gather.Like(l, missing, parts, k.unit)
	switch {
	case !apart:
		return p, mixedIn
	case len(near) == 0:
		return p, noLike
	}
	for _, o := range near[1:] {
		if !sameRows(near[0].Table(), o.Table(), k.design()) {
			return p, unlike
		}
	}
	return near[0].WithAxes(missing), ""
}

// named gives a function that reports an axis of the name.
func named(name string) func(stages.Axis) bool {
	return func(a stages.Axis) bool { return a.Name == name }
}

// sameRows reports whether two tables have as many rows and the same values in those of the columns that they have.
func sameRows(a, b *frame.Table, columns []string) bool {
	if a.Rows() != b.Rows() {
		return false
	}
	for _, name := range columns {
		x, y := a.Column(name), b.Column(name)
		if (x == nil) != (y == nil) {
			return false
		}
		for row := 0; x != nil && row < a.Rows(); row++ {
			if gather.Text(x, row) != gather.Text(y, row) {
				return false
			}
		}
	}
	return true
}

// members tells which rows of a table are of which side, and whether any is.
func (k *stake) members(p gather.Part) (sides [][]bool, about bool, unknown string) {
	t, err := gather.Union([]gather.Part{p}, gather.Options{})
	if err != nil {
		return nil, false, mixedIn
	}
	taken := map[string][]int{} // by column: the side that a row is of, plus one
	for i, s := range k.sides {
		of := make([]bool, t.Rows())
		sides = append(sides, of)
		if t.Column(s.column) == nil {
			continue
		}
		all, err := gather.Conditions(t, k.where)
		if err != nil {
			return nil, false, unlike
		}
		own, err := gather.Conditions(t, s.where)
		if err != nil {
			return nil, false, unlike
		}
		if taken[s.column] == nil {
			taken[s.column] = make([]int, t.Rows())
		}
		for row := range of {
			if of[row] = all(row) && own(row); !of[row] {
				continue
			}
			if taken[s.column][row] > 0 {
				return nil, false, twoSided
			}
			taken[s.column][row], about = i+1, true
		}
	}
	return sides, about, ""
}
