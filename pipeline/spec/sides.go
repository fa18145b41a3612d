package spec

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"spurion/stages"
)

// checkSides reports two groups of rows that a stage compares, and that have all rows of some instance in common, once for
// each combination of settings and input. What else they share only the data can tell.
func (l *loader) checkSides(st *stage, settings []stages.Settings, class []int32, inputs []filled) {
	schema := st.kind.Schema()
	if _, compares := reflect.New(schema.Type).Interface().(stages.Comparer); !compares || len(settings) == 0 {
		return
	}
	type pair struct{ setting, input int }
	seen := map[pair]bool{}
	known := map[string][]instanceAxes{}
	for row := range st.grid.n {
		decoded, err := schema.Decode(settings[class[row]])
		if err != nil {
			return // it was reported when the settings were checked
		}
		name, sides, where := decoded.(stages.Comparer).Sides()
		at := slices.IndexFunc(inputs, func(f filled) bool { return f.name == name })
		if at < 0 || sides[0].Column != sides[1].Column || maps.Equal(sides[0].Where, sides[1].Where) {
			continue // two columns may stand in one row; and what is equal the kind reports
		}
		p := pair{int(class[row]), inputs[at].of(row)}
		if seen[p] {
			continue
		}
		seen[p] = true
		names := slices.Sorted(maps.Keys(sides[0].Where))
		names = append(append(names, slices.Sorted(maps.Keys(sides[1].Where))...), slices.Sorted(maps.Keys(where))...)
		key := fmt.Sprintf("%d %d %q", at, p.input, names)
		if known[key] == nil {
			known[key] = l.axesAmong(inputs[at].refs(row), names)
		}
		for _, axes := range known[key] {
			if axes.inBoth(sides, where) {
				l.report(&problem{Err: ErrValue, Summary: clip(fmt.Sprintf("Rows both in %s and in %s", sides[0].Path, sides[1].Path), 59), At: l.placeOf(st, sides[1].Path),
					Detail: fmt.Sprintf("Rows of %s are in %s (%s) and in %s (%s): they would be compared with themselves. Choose groups without a row in common.",
						axes.String(), sides[0].Path, conditionsText(sides[0].Where), sides[1].Path, conditionsText(sides[1].Where)) + l.forInstance(st, row)})
				return
			}
		}
	}
}

// forInstance says which instance a detail is about, of a stage that has several.
func (l *loader) forInstance(st *stage, row int) string {
	if st.grid.n < 2 {
		return ""
	}
	return fmt.Sprintf(" This is so for %s.", st.address(row))
}

// instanceAxes are those axes of an instance that conditions name.
type instanceAxes []stages.Axis

func (a instanceAxes) String() string {
	if len(a) == 0 {
		return "all instances"
	}
	parts := make([]string, len(a))
	for i := range a {
		parts[i] = a[i].Name + " " + a[i].Text()
	}
	return strings.Join(parts, ", ")
}

// axesAmong gives the distinct coordinates of instances along the named axes.
func (l *loader) axesAmong(refs []Ref, names []string) []instanceAxes {
	var list []instanceAxes
	seen := map[string]bool{}
	for _, ref := range refs {
		if ref.Stage == nil {
			continue
		}
		var own instanceAxes
		for _, a := range l.axesOf(ref) {
			if slices.Contains(names, a.Name) {
				own = append(own, a)
			}
		}
		if text := fmt.Sprint(own); !seen[text] {
			seen[text] = true
			list = append(list, own)
		}
	}
	return list
}

// inBoth reports whether all rows of an instance are in both groups, as far as where keeps them. A condition on a column
// that is no axis of the instance must be the same in both.
func (a instanceAxes) inBoth(sides [2]stages.Side, where map[string]string) bool {
	for i, side := range sides {
		other := sides[1-i].Where
		for name, text := range side.Where {
			fulfils, isAxis := a.fulfils(name, text)
			if isAxis && !fulfils || !isAxis && other[name] != text {
				return false
			}
		}
	}
	for name, text := range where {
		if fulfils, isAxis := a.fulfils(name, text); isAxis && !fulfils {
			return false
		}
	}
	return true
}

func (a instanceAxes) fulfils(name, text string) (fulfils, isAxis bool) {
	i := slices.IndexFunc(a, func(x stages.Axis) bool { return x.Name == name })
	if i < 0 {
		return false, false
	}
	_, number := stages.Numeric(a[i].Value)
	p, err := stages.ReadPredicate(text, number)
	return err == nil && p.Holds(a[i].Value), true
}

// conditionsText writes conditions as people do.
func conditionsText(where map[string]string) string {
	if len(where) == 0 {
		return "all rows"
	}
	var parts []string
	for _, name := range keysOf(where) {
		parts = append(parts, name+" "+clip(where[name], 40))
	}
	return strings.Join(parts, ", ")
}
