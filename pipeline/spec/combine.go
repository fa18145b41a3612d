package spec

import (
	"fmt"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// evalRow evaluates a prepared expression for one row.
func (l *loader) evalRow(p *prepared, g *grid, row int) (cty.Value, bool) {
	if p.bare {
		c := g.at(p.cols[0])
		return c.ctys[c.codes[row]], true
	}
	if len(p.cols) == 0 {
		return l.eval(p.expr, p.ctx)
	}
	return l.eval(p.expr, l.rowContext(p, g, row))
}

// rowContext adds each to an expression's context.
func (l *loader) rowContext(p *prepared, g *grid, row int) *hcl.EvalContext {
	each := make(map[string]cty.Value, len(p.cols))
	for i, col := range p.cols {
		c := g.at(col)
		each[p.keys[i]] = c.ctys[c.codes[row]]
	}
	ctx := p.ctx.NewChild()
	ctx.Functions = l.functions // before the context's own: those of the evaluating loader
	ctx.Variables = map[string]cty.Value{"each": cty.ObjectVal(each), budgetName: l.budgetValue}
	return ctx
}

// evaluate gives a unit its leaves.
func (r *settingsReader) evaluate(u *unit) {
	if u.expr == nil {
		return
	}
	reps := []int32{0}
	if len(u.cols) > 0 {
		if r.st.grid == nil {
			return
		}
		u.class, reps = r.st.grid.classes(u.cols)
	}
	u.results = make([][]stages.Setting, len(reps))
	if r.evaluateParts(u, reps) {
		return
	}
	for i, row := range reps {
		v, ok := r.l.evalRow(u.expr, r.st.grid, int(row))
		if !ok {
			r.ok = false
			return
		}
		var bad *valueProblem
		if u.results[i], bad = u.convert(v); bad != nil {
			r.invalid(u, int(row), v, bad)
			return
		}
	}
}

// convert turns a value into the unit's leaves; null stands for the default.
func (u *unit) convert(v cty.Value) ([]stages.Setting, *valueProblem) {
	if !v.IsNull() {
		return convertValue(u.attr, u.path, v)
	}
	leaves, bad := absentValue(u.schema, u.attr, u.path)
	if bad != nil && bad.Err == ErrMissing {
		bad = refusal(ErrMissing, "must be %s, but is null", wants(u.attr))
	}
	return leaves, bad
}

// invalid reports a value that cannot be the setting.
func (r *settingsReader) invalid(u *unit, row int, v cty.Value, bad *valueProblem) {
	p := &problem{Err: bad.Err, Summary: clip(fmt.Sprintf("Invalid value for %q", u.attr.Name), 59), At: u.at}
	name := u.path
	if strings.HasPrefix(bad.Detail, "has ") || strings.HasPrefix(bad.Detail, "needs ") {
		name = u.attr.Name
	}
	p.Detail = fmt.Sprintf("%q %s", name, stop(bad.Detail))
	if u.expr.expr != nil {
		p.At = elementRange(u.expr.expr, bad.element-1)
		p.Expr, p.Context = u.expr.expr, u.expr.ctx
		if len(u.cols) > 0 {
			p.Context = r.l.rowContext(u.expr, r.st.grid, row)
			p.Detail += fmt.Sprintf(" This is so for %s.", r.st.address(row))
		}
	} else {
		p.Detail += fmt.Sprintf(" It is taken from the axis %s, since it was not given.", u.attr.DefaultAxis)
	}
	r.fail(p)
}

// combine makes settings of the units: one for each class of rows that agree in all of them.
func (r *settingsReader) combine() (list []stages.Settings, class, reps []int32) {
	var cols []int
	leaves := 0
	for _, u := range r.units {
		cols = union(cols, u.cols)
		if len(u.results) > 0 {
			leaves += len(u.results[0])
		}
	}
	class, reps = r.st.grid.classes(cols)
	list = make([]stages.Settings, len(reps))
	slab := make([]string, 0, len(reps)*leaves)
	shapes := map[string]*shape{}
	single := r.singleShape()
	var first *shape
	for i, row := range reps {
		sh := first
		if sh == nil || !single {
			sh = r.shapeOf(int(row), shapes)
			first = sh
		}
		start := len(slab)
		for _, from := range sh.from {
			u := r.units[from.unit]
			slab = append(slab, u.leaves(int(row))[from.leaf].Value)
		}
		list[i] = stages.Settings{Paths: sh.paths, Values: slab[start:len(slab):len(slab)]}
	}
	return list, class, reps
}

func (u *unit) leaves(row int) []stages.Setting {
	if u.class == nil {
		return u.results[0]
	}
	return u.results[u.class[row]]
}

// A shape is a sorted list of paths, and which unit's leaf each comes from. Instances share it.
type shape struct {
	paths []string
	from  []struct{ unit, leaf int }
}

// singleShape reports whether every unit has the same paths in all its classes.
func (r *settingsReader) singleShape() bool {
	for _, u := range r.units {
		for _, leaves := range u.results[min(1, len(u.results)):] {
			if len(leaves) != len(u.results[0]) {
				return false
			}
			for i := range leaves {
				if leaves[i].Path != u.results[0][i].Path {
					return false
				}
			}
		}
	}
	return true
}

func (r *settingsReader) shapeOf(row int, known map[string]*shape) *shape {
	sh := &shape{}
	var all []string
	for i, u := range r.units {
		for j, leaf := range u.leaves(row) {
			all = append(all, leaf.Path)
			sh.from = append(sh.from, struct{ unit, leaf int }{i, j})
		}
	}
	key := strings.Join(all, "\x00")
	if old := known[key]; old != nil {
		return old
	}
	order := make([]int, len(all))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return all[order[i]] < all[order[j]] })
	from := sh.from
	sh.from = make([]struct{ unit, leaf int }, len(from))
	for i, at := range order {
		sh.paths = append(sh.paths, all[at])
		sh.from[i] = from[at]
	}
	known[key] = sh
	return sh
}
