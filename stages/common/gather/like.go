package gather

import (
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// Like gives the tables of the instances that are most like one that failed: those that differ from it in the axis or
// column unit alone, or else all beside it. A table that was made of several instances (Lack.Upstream) is taken apart:
// each instance's rows have the axes along which the instances differ as axes. None is there if nothing was beside it.
// The result apart is false if the tables do not tell the instances' rows apart.
func Like(l *stages.Lack, missing []stages.Axis, parts []Part, unit string) (list []Part, apart bool) {
	var others []Part
	switch {
	case len(l.Beside) == 0:
		return nil, true
	case l.Upstream:
		if others, apart = takeApart(l, missing, parts[l.Beside[0]]); !apart {
			return nil, false
		}
	default:
		for _, at := range l.Beside {
			others = append(others, parts[at])
		}
	}
	near := slices.DeleteFunc(slices.Clone(others), func(o Part) bool {
		return slices.ContainsFunc(missing, func(a stages.Axis) bool { return a.Name != unit && slices.ContainsFunc(o.Axes, differs(a)) })
	})
	if len(near) == 0 {
		near = others
	}
	return near, true
}

// WithAxes gives the part with the values of other axes where it has axes of their names: the part that an instance
// with these axes would have left, if its table were the same.
func (p Part) WithAxes(others []stages.Axis) Part {
	axes := slices.Clone(p.Axes)
	for i, a := range axes {
		if at := slices.IndexFunc(others, func(b stages.Axis) bool { return a.Name == b.Name }); at >= 0 {
			axes[i] = others[at]
		}
	}
	return Part{Axes: axes, of: p.of, rows: p.rows}
}

// takeApart takes a table apart that was made of several instances.
func takeApart(l *stages.Lack, missing []stages.Axis, whole Part) (list []Part, apart bool) {
	if l.Mixed {
		return nil, false
	}
	table := whole.Table()
	var telling []string // columns that tell the instances apart
	for _, name := range l.Along {
		own := whole.axis(name)
		switch {
		case own != nil && slices.ContainsFunc(missing, differs(*own)):
			return nil, false
		case own != nil:
		case table.Column(name) == nil:
			return nil, false
		default:
			telling = append(telling, name)
		}
	}
	of, first := GroupRows(table, telling)
	rest := &frame.Table{}
	for _, c := range table.Columns {
		if !slices.Contains(telling, c.Name) {
			rest.Columns = append(rest.Columns, c)
		}
	}
	rows := make([][]int, len(first))
	for row, g := range of {
		rows[g] = append(rows[g], row)
	}
	for g, at := range first {
		p := NewPart(slices.Clone(whole.Axes), rest.Take(rows[g]))
		for _, name := range telling {
			switch v := table.Column(name).Value(at).(type) {
			case bool, int64, float64, string:
				p.Axes = append(p.Axes, stages.Axis{Name: name, Value: v})
			default:
				return nil, false
			}
		}
		list = append(list, p)
	}
	return list, true
}

// differs gives a function that reports an axis of the same name with another value.
func differs(a stages.Axis) func(stages.Axis) bool {
	return func(b stages.Axis) bool { return a.Name == b.Name && a.Text() != b.Text() }
}
