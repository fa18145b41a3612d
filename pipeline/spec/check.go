package spec

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"spurion/stages"
)

// A structMaker makes settings structs, as Schema.Decode does, but decodes each distinct value of
// a field once: thousands of instances differ in a seed alone.
type structMaker struct {
	schema *stages.Schema
	fields []madeField
}

type madeField struct {
	name  string
	index int
	known map[string]reflect.Value // by its leaves
	last  stages.Settings          // the leaves that it had last, with their value: most settings have the same
	value reflect.Value
}

func newStructMaker(s *stages.Schema) *structMaker {
	m := &structMaker{schema: s}
	for i := range s.Type.NumField() {
		if name := s.Type.Field(i).Tag.Get("name"); name != "" {
			m.fields = append(m.fields, madeField{name: name, index: i, known: map[string]reflect.Value{}})
		}
	}
	return m
}

// decode gives a new struct. Fields that hold slices, maps or pointers may be shared between the
// results, which are for reading.
func (m *structMaker) decode(s stages.Settings) (any, error) {
	v := reflect.New(m.schema.Type)
	for f := range m.fields {
		field := &m.fields[f]
		if err := field.take(m.schema, part(s, field.name)); err != nil {
			return nil, err
		}
		v.Elem().Field(field.index).Set(field.value)
	}
	return v.Interface(), nil
}

// take makes the field's value of its leaves.
func (f *madeField) take(schema *stages.Schema, own stages.Settings) error {
	if f.value.IsValid() && slices.Equal(own.Paths, f.last.Paths) && slices.Equal(own.Values, f.last.Values) {
		return nil
	}
	key := strings.Join(own.Paths, "\x00") + "\x01" + strings.Join(own.Values, "\x00")
	x, ok := f.known[key]
	if !ok {
		whole, err := schema.Decode(own)
		if err != nil {
			return err
		}
		x = reflect.ValueOf(whole).Elem().Field(f.index)
		f.known[key] = x
	}
	f.last, f.value = own, x
	return nil
}

// part gives the settings at or under a path that is a name alone. They stand together: of all that may be in a name or follow
// it, the dot sorts first.
func part(s stages.Settings, name string) stages.Settings {
	from, _ := slices.BinarySearch(s.Paths, name)
	to := from
	for to < len(s.Paths) && (s.Paths[to] == name || len(s.Paths[to]) > len(name) && s.Paths[to][len(name)] == '.' && s.Paths[to][:len(name)] == name) {
		to++
	}
	return stages.Settings{Paths: s.Paths[from:to:to], Values: s.Values[from:to:to]}
}

// check decodes the settings as a run would, and asks a Checker about them.
func (r *settingsReader) check(list []stages.Settings, reps []int32) bool {
	s := r.st.kind.Schema()
	_, checks := reflect.New(s.Type).Interface().(stages.Checker)
	if !checks {
		if len(list) > 0 {
			_, err := s.Decode(list[0])
			return r.decoded(err, 0, reps)
		}
		return true
	}
	if checkParts(s, list) {
		return true
	}
	m := newStructMaker(s)
	ok := true
	for i := range list {
		v, err := m.decode(list[i])
		if !r.decoded(err, i, reps) {
			return false
		}
		for _, p := range v.(stages.Checker).Check() {
			ok = false
			r.senseless(p, list[i], int(reps[i]))
		}
	}
	return ok
}

// decoded reports settings that the kind's own struct refuses: a mistake of the program.
func (r *settingsReader) decoded(err error, i int, reps []int32) bool {
	if err == nil {
		return true
	}
	r.fail(&problem{Err: ErrType, Summary: "Settings do not fit the kind", At: r.st.header,
		Detail: fmt.Sprintf("The settings of %s cannot be decoded: %v.", r.st.address(int(reps[i])), err)})
	return false
}

// senseless reports a setting that is well typed but makes no sense.
func (r *settingsReader) senseless(p stages.Problem, s stages.Settings, row int) {
	d := &problem{Err: ErrValue, Summary: p.Summary, Detail: p.Detail, At: r.st.header}
	for path := p.Path; path != ""; path = parent(path) {
		if u := r.unitOf(path); u != nil {
			d.At = u.at
			if u.expr != nil && u.expr.expr != nil {
				if rest := strings.TrimPrefix(strings.TrimPrefix(p.Path, path), "."); rest != "" {
					d.At = itemAt(u.expr.expr, strings.Split(rest, ".")).Range()
				}
				d.Expr, d.Context = u.expr.expr, u.expr.ctx
				if len(u.cols) > 0 {
					d.Context = r.l.rowContext(u.expr, r.st.grid, row)
				}
			}
			break
		}
	}
	varies := false
	for _, u := range r.units {
		varies = varies || u.class != nil
	}
	if varies {
		d.Detail = strings.TrimSpace(fmt.Sprintf("%s This is so for %s.", d.Detail, r.st.address(row)))
	}
	r.fail(d)
}

// unitOf finds the unit that was written at a path.
func (r *settingsReader) unitOf(path string) *unit {
	for _, u := range r.units {
		if u.path == path && u.at != r.st.header {
			return u
		}
	}
	return nil
}

// parent gives "a.b" of "a.b.c", and "" of "a".
func parent(path string) string {
	i := strings.LastIndexByte(path, '.')
	if i < 0 {
		return ""
	}
	return path[:i]
}

// outputs gives the distinct sets of outputs, and which of them each row has (nil if there is one).
func (r *settingsReader) outputs(list []stages.Settings, class []int32) (sets [][]stages.Output, of []int32) {
	k := r.st.kind
	if k.DynamicOutputs == nil || len(list) == 0 {
		return [][]stages.Output{k.Outputs}, nil
	}
	m := newStructMaker(k.Schema())
	known := map[string]int32{}
	setOf := make([]int32, len(list))
	for i := range list {
		v, err := m.decode(list[i])
		if err != nil {
			return [][]stages.Output{k.Outputs}, nil
		}
		outs := k.OutputsOf(v)
		var key strings.Builder
		for _, o := range outs {
			fmt.Fprintf(&key, "%q %q %q\n", o.Name, o.Type, o.Extension)
		}
		id, ok := known[key.String()]
		if !ok {
			id = int32(len(sets))
			known[key.String()] = id
			sets = append(sets, outs)
		}
		setOf[i] = id
	}
	if len(sets) == 1 {
		return sets, nil
	}
	of = make([]int32, len(class))
	for row, c := range class {
		of[row] = setOf[c]
	}
	return sets, of
}
