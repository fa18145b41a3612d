package spec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// cross gives the natural join of two grids: their product, in which rows must agree on the axes
// that both have. Stages that descend from one sweep so match up.
func (l *loader) cross(st *stage, a, b *grid, expr hclsyntax.Expression, t *term) (*grid, bool) {
	var left, right []int // shared columns
	for j, c := range b.cols {
		i := a.column(c.name)
		if i < 0 {
			continue
		}
		if !sameRank(a.cols[i], c) {
			l.report(&problem{Err: ErrType, Summary: clip("Axis of two types: "+quoted(c.name), 59), At: t.at,
				Detail: fmt.Sprintf("The axis %q of %s holds values of another type than in what stands before it, so that none can be equal.", c.name, t.text)})
			return nil, false
		}
		left, right = append(left, i), append(right, j)
	}
	rows, total := matching(a, b, left, right)
	if total > int64(l.maxInstances) {
		detail := ""
		if len(left) == 0 {
			detail = fmt.Sprintf(" (%s x %s)", grouped(a.n), grouped(b.n))
		}
		l.tooMany(st, int(min(total, 1<<60)), expr.Range(), detail)
		return nil, false
	}
	if total == 0 && a.n > 0 && b.n > 0 {
		var names []string
		for _, i := range left {
			names = append(names, a.cols[i].name)
		}
		l.report(&problem{Err: ErrMatch, Summary: "Nothing matches in for_each", At: expr.Range(),
			Detail: fmt.Sprintf("What is crossed shares the axes %s, and no instances agree on them. Axes of the same name are joined where they are equal; rename one of them if they mean different things.", enumerate(names))})
		return nil, false
	}
	return joined(a, b, left, right, rows, int(total)), true
}

// matching gives, for each row of a, the rows of b that agree with it, and how many pairs there are.
func matching(a, b *grid, left, right []int) (rows func(row int) []int32, total int64) {
	all := make(map[string][]int32)
	translated := make([][]int32, len(right))
	for k, j := range right {
		translated[k] = translate(a.cols[left[k]], b.cols[j])
	}
	codes := make([]int32, len(left))
	for row := range b.n {
		missing := false
		for k, j := range right {
			codes[k] = translated[k][b.cols[j].codes[row]]
			missing = missing || codes[k] < 0
		}
		if !missing {
			key := packed(codes)
			all[key] = append(all[key], int32(row))
		}
	}
	rows = func(row int) []int32 {
		for k, i := range left {
			codes[k] = a.cols[i].codes[row]
		}
		return all[packed(codes)]
	}
	for row := range a.n {
		total += int64(len(rows(row)))
	}
	return rows, total
}

// joined makes the grid of the pairs.
func joined(a, b *grid, left, right []int, rows func(row int) []int32, total int) *grid {
	fromA, fromB := make([]int32, 0, total), make([]int32, 0, total)
	for row := range a.n {
		for _, other := range rows(row) {
			fromA, fromB = append(fromA, int32(row)), append(fromB, other)
		}
	}
	out := &grid{n: total}
	for i, c := range a.cols {
		col := c.gather(fromA)
		for k := range left {
			if left[k] == i {
				widen(col, b.cols[right[k]])
			}
		}
		out.cols = append(out.cols, col)
	}
	for _, c := range b.cols {
		if a.column(c.name) < 0 {
			out.cols = append(out.cols, c.gather(fromB))
		}
	}
	out.joinValues(a, b, fromA, fromB)
	for _, side := range []struct {
		g    *grid
		rows []int32
	}{{a, fromA}, {b, fromB}} {
		for _, o := range side.g.origins {
			composed := make([]int32, total)
			for i, row := range side.rows {
				composed[i] = int32(o.row(int(row)))
			}
			out.origins = append(out.origins, origin{stage: o.stage, rows: composed})
		}
	}
	return out
}

// joinValues decides what each.value is: that of the one part that has any; of a map beside a list,
// the map's, since what a list holds are axes; of two different maps or lists, nothing.
func (g *grid) joinValues(a, b *grid, fromA, fromB []int32) {
	takeA, takeB := a.value != nil, b.value != nil
	if takeA && takeB {
		same := sameValues(a.value, b.value)
		takeA, takeB = same || b.listed && !a.listed, !same && a.listed && !b.listed
		g.valueClash = !takeA && !takeB
	}
	g.valueClash = g.valueClash || a.valueClash || b.valueClash
	switch {
	case g.valueClash:
	case takeA:
		g.value, g.listed = a.value.gather(fromA), a.listed
	case takeB:
		g.value, g.listed = b.value.gather(fromB), b.listed
	}
}

// widen makes float64 of whole numbers that are joined with others, so that an axis has one type.
func widen(c, with *column) {
	if len(c.values) == 0 || len(with.values) == 0 {
		return
	}
	_, whole := c.values[0].(int64)
	_, fraction := with.values[0].(float64)
	if !whole || !fraction {
		return
	}
	values := make([]any, len(c.values))
	for i, v := range c.values {
		values[i] = float64(v.(int64))
	}
	c.values = values
}

// sameValues reports whether two columns of each.value come from one map.
func sameValues(a, b *column) bool {
	return len(a.ctys) == len(b.ctys) && len(a.ctys) > 0 && &a.ctys[0] == &b.ctys[0]
}
