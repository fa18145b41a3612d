package spec

import (
	"fmt"
	"slices"

	"spurion/stages"
)

// checkColumns reports settings that name a column which none of the tables given to an input has, and conditions that
// nothing fulfils. Where some of these have columns that only the run decides, anything may be right.
func (l *loader) checkColumns(st *stage, given []filled) {
	if st.grid == nil {
		return
	}
	tables := make([]inputColumns, len(given))
	for i := range given {
		tables[i] = inputColumns{l: l, in: st.kind.Input(given[i].name), given: &given[i], known: map[int32]columnSet{}, held: map[classColumn]valueSet{}}
	}
	for _, u := range st.units {
		if u.results == nil || u.attr == nil || !namesColumns(u.attr, 0) {
			continue
		}
		for i := range tables {
			if !l.checkUnit(st, u, &tables[i]) {
				break
			}
		}
	}
}

// inputColumns gives the columns of what an input is given, found once for each class of rows.
type inputColumns struct {
	l     *loader
	in    *stages.Input
	given *filled
	known map[int32]columnSet
	held  map[classColumn]valueSet
}

// A columnSet is nil if a run decides some of the columns.
type columnSet []string

func (c *inputColumns) of(row int) columnSet {
	class := int32(row)
	if c.given.class != nil {
		class = c.given.class[row]
	}
	set, ok := c.known[class]
	if !ok {
		set = c.l.columnsOf(c.in, c.given.refs(row))
		c.known[class] = set
	}
	return set
}

// checkUnit checks a setting against one input, once for each pair of their values. It stops at the
// first that is wrong.
func (l *loader) checkUnit(st *stage, u *unit, in *inputColumns) bool {
	type pair struct{ setting, input int32 }
	seen := map[pair]bool{}
	for row := range st.grid.n {
		p := pair{0, int32(row)}
		if u.class != nil {
			p.setting = u.class[row]
		}
		if in.given.class != nil {
			p.input = in.given.class[row]
		}
		if seen[p] {
			continue
		}
		seen[p] = true
		leaves := u.leaves(row)
		names := u.columns(leaves, in.in.Name)
		if len(names) == 0 {
			continue
		}
		good := true
		if have := in.of(row); have != nil {
			for _, c := range names {
				if !slices.Contains(have, c.name) {
					good = false
					l.unknownColumn(st, u, in, c, have, row)
				}
			}
		}
		for _, c := range u.conditions(leaves, in.in.Name) {
			good = l.checkCondition(st, u, in, c, row) && good
		}
		if !good {
			return false
		}
	}
	return true
}

func (l *loader) unknownColumn(st *stage, u *unit, in *inputColumns, c columnName, have []string, row int) {
	detail := fmt.Sprintf("%q names a column of the input %q, which has none called %q.%s", c.path, in.in.Name, c.name,
		didYouMean(c.name, "%q", "columns", have))
	if u.class != nil {
		detail += fmt.Sprintf(" This is so for %s.", st.address(row))
	}
	l.report(&problem{Err: ErrUnknownColumn, Summary: clip("Unknown column "+quoted(c.name), 59), At: c.at, Detail: detail})
}

// columnsOf gives the columns of what an input is given, and the axes if it reads them.
func (l *loader) columnsOf(in *stages.Input, refs []Ref) columnSet {
	var names columnSet
	seen := map[declared]bool{}
	var last declared // most follow one of their kind
	for _, ref := range refs {
		o, of := l.declaredOutput(ref)
		if o == nil || !o.Foreseen() {
			return nil
		}
		if o.Others != "" {
			others := l.othersOf(ref, o)
			if others == nil {
				return nil
			}
			names = append(names, others...)
		}
		if of == last || seen[of] {
			continue
		}
		last, seen[of] = of, true
		if in.Axes {
			names = append(names, ref.Stage.Axes...)
		}
		for _, f := range o.Fields {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// An instanceOutput is an output of one instance.
type instanceOutput struct {
	st       *Stage
	instance int
	output   string
}

// othersOf gives the columns besides the declared ones that an instance's output has by its settings
// and inputs; nil if only its run knows.
func (l *loader) othersOf(ref Ref, o *stages.Output) columnSet {
	key := instanceOutput{ref.Stage, ref.Instance, ref.Output}
	if known, ok := l.others[key]; ok {
		return known
	}
	set := l.findOthers(ref, o)
	if l.others == nil {
		l.others = map[instanceOutput]columnSet{}
	}
	l.others[key] = set
	return set
}

func (l *loader) findOthers(ref Ref, o *stages.Output) columnSet {
	if ref.Instance >= len(ref.Stage.Instances) {
		return nil // something is wrong with the stage, which is reported
	}
	inst := &ref.Stage.Instances[ref.Instance]
	others, ok := l.namedBySettings(ref, o, inst.Settings)
	if !ok {
		return nil
	}
	names := append(columnSet{}, others.Names...)
	for _, in := range inst.Inputs {
		if slices.Contains(others.Axes, in.Name) {
			for i, given := range in.Refs {
				if given.Stage != nil && (i == 0 || given.Stage != in.Refs[i-1].Stage) {
					names = append(names, given.Stage.Axes...)
				}
			}
		}
		if slices.Contains(others.From, in.Name) {
			from := l.columnsOf(&stages.Input{}, in.Refs)
			if from == nil {
				return nil
			}
			names = append(names, from...)
		}
	}
	return names
}

// namedColumns is the key of what settings say; instances with equal settings share the slice.
type namedColumns struct {
	st     *Stage
	output string
	values *string
}

// namedBySettings asks the kind which columns settings name, once for instances that share them.
func (l *loader) namedBySettings(ref Ref, o *stages.Output, s stages.Settings) (stages.Others, bool) {
	key := namedColumns{st: ref.Stage, output: o.Name}
	if len(s.Values) > 0 {
		key.values = &s.Values[0]
	}
	if known, ok := l.byName[key]; ok {
		return known, true
	}
	settings, err := l.stages[ref.Stage.KindName][ref.Stage.Name].kind.Schema().Decode(s)
	if err != nil {
		return stages.Others{}, false // which is reported
	}
	if l.byName == nil {
		l.byName = map[namedColumns]stages.Others{}
	}
	l.byName[key] = o.OthersOf(settings)
	return l.byName[key], true
}
