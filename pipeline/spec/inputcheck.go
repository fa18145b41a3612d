package spec

import (
	"reflect"
	"strconv"

	"github.com/hashicorp/hcl/v2"

	"spurion/stages"
)

// checkInputs asks settings that can tell about what they are given from outside, once for each combination.
func (l *loader) checkInputs(st *stage, settings []stages.Settings, class []int32, inputs []filled) {
	schema := st.kind.Schema()
	if _, checks := reflect.New(schema.Type).Interface().(stages.InputChecker); !checks || len(settings) == 0 {
		return
	}
	var outside []*filled
	for i := range inputs {
		if t := st.kind.Input(inputs[i].name).Type; t == stages.FileType || t == stages.EnvironmentType {
			outside = append(outside, &inputs[i])
		}
	}
	seen := map[string]bool{}
	var combination []byte
	for row := range st.grid.n {
		combination = strconv.AppendInt(combination[:0], int64(class[row]), 10)
		for _, f := range outside {
			combination = strconv.AppendInt(append(combination, ' '), int64(f.of(row)), 10)
		}
		if seen[string(combination)] {
			continue
		}
		seen[string(combination)] = true
		given := map[string][]string{}
		for _, f := range outside {
			for _, ref := range f.refs(row) {
				given[f.name] = append(given[f.name], ref.Path)
			}
		}
		decoded, err := schema.Decode(settings[class[row]])
		if err != nil {
			continue // it was reported when the settings were checked
		}
		for _, p := range decoded.(stages.InputChecker).CheckInputs(given) {
			l.report(&problem{Err: ErrValue, Summary: clip(p.Summary, 59), At: l.placeOf(st, p.Path), Detail: p.Detail})
		}
	}
}

// placeOf gives where a stage sets an attribute, or its header.
func (l *loader) placeOf(st *stage, name string) hcl.Range {
	if attr := st.attribute(name); attr != nil {
		return attr.Expr.Range()
	}
	return st.header
}
