package spec

import (
	"slices"

	"spurion/stages"
)

// A valueSet is what a column or an axis of an input can hold, in order of appearance.
type valueSet struct {
	known  bool // else anything
	values []any
	has    map[any]bool
}

func newValueSet() valueSet { return valueSet{known: true, has: map[any]bool{}} }

func (s *valueSet) add(values ...any) {
	for _, v := range values {
		if !s.has[v] {
			s.has[v] = true
			s.values = append(s.values, v)
		}
	}
}

// numeric reports whether all values are numbers, and so are compared as such.
func (s *valueSet) numeric() bool {
	return !slices.ContainsFunc(s.values, func(v any) bool { _, ok := stages.Numeric(v); return !ok })
}

// valuesOf gives what a column can hold in the tables that an input is given: the values of an axis, and those that kinds
// declare.
func (l *loader) valuesOf(in *stages.Input, refs []Ref, column string) valueSet {
	set := newValueSet()
	for _, ref := range refs {
		if in.Axes {
			if value, ok := l.axisOf(ref, column); ok {
				set.add(value)
				continue
			}
		}
		own := l.valuesIn(ref, column)
		if !own.known {
			return valueSet{}
		}
		set.add(own.values...)
	}
	return set
}

// axesOf gives the axes of the instance that a reference means, also of one that is not made since something else is wrong.
func (l *loader) axesOf(ref Ref) []stages.Axis {
	if ref.Stage == nil {
		return nil
	}
	if axes := l.stages[ref.Stage.KindName][ref.Stage.Name].axes; ref.Instance < len(axes) {
		return axes[ref.Instance]
	}
	return nil
}

// axisOf gives the value of one of these axes; ok is false if there is none of the name.
func (l *loader) axisOf(ref Ref, name string) (value any, ok bool) {
	for _, a := range l.axesOf(ref) {
		if a.Name == name {
			return a.Value, true
		}
	}
	return nil, false
}

// valuesIn gives what a column can hold in the table of one instance; nothing, if there is no such column.
func (l *loader) valuesIn(ref Ref, column string) valueSet {
	unknown := valueSet{}
	o, _ := l.declaredOutput(ref)
	if o == nil || !o.Foreseen() || ref.Instance >= len(ref.Stage.Instances) {
		return unknown
	}
	inst := &ref.Stage.Instances[ref.Instance]
	set := newValueSet()
	if texts, ok := l.declaredValues(ref, o, inst.Settings)[column]; ok {
		for _, text := range texts {
			set.add(text)
		}
		return set
	}
	if declares(*o, column) {
		return unknown
	}
	if o.Others == "" {
		return set
	}
	others, ok := l.namedBySettings(ref, o, inst.Settings)
	if !ok {
		return unknown
	}
	key := instanceColumn{instanceOutput{ref.Stage, ref.Instance, ref.Output}, column}
	if known, ok := l.held[key]; ok {
		return known
	}
	if l.held == nil {
		l.held = map[instanceColumn]valueSet{}
	}
	l.held[key] = l.valuesOfOthers(inst, &others, column)
	return l.held[key]
}

// An instanceColumn is a column of an output of one instance.
type instanceColumn struct {
	instanceOutput
	column string
}

// valuesOfOthers gives what a column besides the declared ones can hold, by what the instance is given; nothing, if there
// is no such column.
func (l *loader) valuesOfOthers(inst *Instance, others *stages.Others, column string) valueSet {
	set := newValueSet()
	found := false
	for _, in := range inst.Inputs {
		keeps := slices.Contains(others.Kept[in.Name], column)
		axes, tables := keeps || slices.Contains(others.Axes, in.Name), keeps || slices.Contains(others.From, in.Name)
		from := newValueSet()
		switch {
		case tables:
			from = l.valuesOf(&stages.Input{Axes: axes}, in.Refs, column)
		case axes:
			for _, given := range in.Refs {
				if value, ok := l.axisOf(given, column); ok {
					from.add(value)
				}
			}
		}
		if !from.known {
			return from
		}
		found = found || keeps || len(from.values) > 0
		set.add(from.values...)
	}
	if !found && slices.Contains(others.Names, column) {
		return valueSet{} // it is computed
	}
	return set
}

// declaredValues asks the kind what columns of an output can hold, once for instances that share their settings.
func (l *loader) declaredValues(ref Ref, o *stages.Output, s stages.Settings) map[string][]string {
	if o.Values == nil {
		return nil
	}
	key := namedColumns{st: ref.Stage, output: o.Name}
	if len(s.Values) > 0 {
		key.values = &s.Values[0]
	}
	if known, ok := l.declared[key]; ok {
		return known
	}
	if l.declared == nil {
		l.declared, l.makers = map[namedColumns]map[string][]string{}, map[*Stage]*structMaker{}
	}
	maker := l.makers[ref.Stage]
	if maker == nil {
		maker = newStructMaker(l.stages[ref.Stage.KindName][ref.Stage.Name].kind.Schema())
		l.makers[ref.Stage] = maker
	}
	settings, err := maker.decode(s)
	if err != nil {
		return nil // which is reported
	}
	l.declared[key] = o.Values(settings)
	return l.declared[key]
}
