package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// An edge leads from a stage to one upstream: through its for_each, or through an input.
type edge struct {
	to     *stage
	origin int // index into grid.origins, or -1
	input  int // index into the stage's filled inputs
}

// A route is a way along edges to the stage whose output each.NAME means.
type route struct {
	end   *stage
	edges []edge
}

// findUpstream finds the nearest stage with an output, breadth first: the stages of for_each, then
// those that they come from. Several equally near are reported.
func (l *loader) findUpstream(st *stage, name string, at hcl.Range) (route, bool) {
	level := make([]route, 0, len(st.grid.origins))
	for i, o := range st.grid.origins {
		level = append(level, route{o.stage, []edge{{o.stage, i, -1}}})
	}
	seen := map[*stage]bool{st: true}
	complete := true
	for len(level) > 0 {
		var found, next []route
		for _, r := range level {
			if seen[r.end] {
				continue
			}
			seen[r.end] = true
			complete = complete && !r.end.broken() && r.end.grid != nil
			_, has, known := r.end.findOutput(name)
			complete = complete && known
			if has {
				found = append(found, r)
			}
			for _, e := range r.end.edges {
				next = append(next, route{e.to, append(r.edges[:len(r.edges):len(r.edges)], e)})
			}
		}
		if len(found) == 1 {
			return found[0], true
		}
		if len(found) > 1 {
			var ids []string
			for _, r := range found {
				ids = append(ids, r.end.id())
			}
			l.report(&problem{Err: ErrAmbiguous, Summary: clip("Ambiguous each."+name, 59), At: at,
				Detail: fmt.Sprintf("%s all have an output %q. Write which one you mean: %s.%s.", enumerate(ids), name, ids[0], name)})
			return route{}, false
		}
		level = next
	}
	if complete && !l.incomplete && st.grid.n > 0 { // an empty list does not tell its axes
		l.unknownEach(st, name, at, seen)
	}
	return route{}, false
}

// unknownEach reports each.NAME that is neither an axis nor an output.
func (l *loader) unknownEach(st *stage, name string, at hcl.Range, upstream map[*stage]bool) {
	axes := st.grid.names()
	candidates := slices.Clone(axes)
	for up := range upstream {
		if up != st {
			candidates = append(candidates, up.outputNames(nil)...)
		}
	}
	slices.Sort(candidates)
	candidates = slices.Compact(candidates)
	detail := fmt.Sprintf("each.%s is neither an axis of %s nor an output of a stage that it comes from.", name, st.id())
	switch {
	case name == "key" && len(axes) > 0:
		detail = fmt.Sprintf("There is a key only for a list or a map. Use the name of an axis: %s.", eachNames(axes))
	case name == "value" && st.grid.valueClash:
		detail = "each.value could be the element of either of two maps or lists that for_each crosses. Make a sweep of one of them"
		if len(axes) > 0 {
			detail += fmt.Sprintf(", or use the axes: %s", eachNames(axes))
		}
		detail += "."
	case name == "value":
		detail = "each.value is the element of a list or map in for_each, and here there is none."
		if len(axes) > 0 {
			detail += fmt.Sprintf(" Use the name of an axis: %s.", eachNames(axes))
		}
	default:
		detail += didYouMean(name, "each.%s", "names", candidates)
	}
	l.report(&problem{Err: ErrUnknown, Summary: clip("Unknown each."+name, 59), At: at, Detail: detail})
}

func eachNames(axes []string) string {
	return "each." + strings.Join(axes, ", each.")
}

// follow gives the instance at the end of a route; it is false if an input on the way took none
// or several, which is not reported.
func (r route) follow(st *stage, row int) (int, bool) {
	for _, e := range r.edges {
		if e.origin >= 0 {
			row = st.grid.origins[e.origin].row(row)
		} else {
			next := -1
			for _, ref := range st.filledInputs[e.input].refs(row) {
				if ref.Stage == e.to.out {
					if next >= 0 && next != ref.Instance {
						return 0, false
					}
					next = ref.Instance
				}
			}
			if next < 0 {
				return 0, false
			}
			row = next
		}
		st = e.to
	}
	return row, true
}
