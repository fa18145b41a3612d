package spec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// A columnName is a column that a setting names.
type columnName struct {
	path string // of the setting
	name string
	at   hcl.Range
}

// checkColumns reports settings that name a column which none of the tables given to an input has.
// Where some of these have columns that only the run decides, anything may be right.
func (l *loader) checkColumns(st *stage, given []filled) {
	if st.grid == nil {
		return
	}
	for _, u := range st.units {
		if u.results == nil || u.attr == nil || !namesColumns(u.attr, 0) {
			continue
		}
		for i := range given {
			if !l.checkUnit(st, u, &given[i]) {
				break
			}
		}
	}
}

// checkUnit checks a setting against one input, once for each pair of their values. It stops at the
// first that is wrong.
func (l *loader) checkUnit(st *stage, u *unit, in *filled) bool {
	type pair struct{ setting, input int32 }
	seen := map[pair]bool{}
	for row := range st.grid.n {
		p := pair{0, int32(row)}
		if u.class != nil {
			p.setting = u.class[row]
		}
		if in.class != nil {
			p.input = in.class[row]
		}
		if seen[p] {
			continue
		}
		seen[p] = true
		names := u.columns(u.leaves(row), in.name)
		if len(names) == 0 {
			continue
		}
		have, known := l.columnsOf(st.kind.Input(in.name), in.refs(row))
		if !known {
			continue
		}
		good := true
		for _, c := range names {
			if !slices.Contains(have, c.name) {
				good = false
				l.unknownColumn(st, u, in, c, have, row)
			}
		}
		if !good {
			return false
		}
	}
	return true
}

func (l *loader) unknownColumn(st *stage, u *unit, in *filled, c columnName, have []string, row int) {
	detail := fmt.Sprintf("%q names a column of the input %q, which has none called %q.%s", c.path, in.name, c.name,
		didYouMean(c.name, "%q", "columns", have))
	if u.class != nil {
		detail += fmt.Sprintf(" This is so for %s.", st.address(row))
	}
	l.report(&problem{Err: ErrUnknownColumn, Summary: clip("Unknown column "+quoted(c.name), 59), At: c.at, Detail: detail})
}

// columnsOf gives the columns of what an input is given, and the axes if it reads them; known is
// false if some of the columns are decided by a run.
func (l *loader) columnsOf(in *stages.Input, refs []Ref) (names []string, known bool) {
	type table struct {
		st     *Stage
		set    int32
		output string
	}
	seen := map[table]bool{}
	for _, ref := range refs {
		if ref.Stage == nil {
			return nil, false
		}
		from := l.stages[ref.Stage.KindName][ref.Stage.Name]
		t := table{ref.Stage, 0, ref.Output}
		if from.outputOf != nil {
			t.set = from.outputOf[ref.Instance]
		}
		if seen[t] {
			continue
		}
		seen[t] = true
		outputs := from.kind.Outputs
		if len(from.outputs) > 0 {
			outputs = from.outputs[t.set]
		}
		i := slices.IndexFunc(outputs, func(o stages.Output) bool { return o.Name == ref.Output })
		if i < 0 || outputs[i].Fields == nil {
			return nil, false
		}
		if in.Axes {
			names = append(names, from.grid.names()...)
		}
		for _, f := range outputs[i].Fields {
			names = append(names, f.Name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), len(names) > 0
}

// namesColumns reports whether an attribute, or one inside it, names columns.
func namesColumns(a *stages.Attribute, depth int) bool {
	if a.Column != "" || a.Nested == nil || depth > schemaDepth {
		return a.Column != ""
	}
	for i := range a.Nested.Attributes {
		if namesColumns(&a.Nested.Attributes[i], depth+1) {
			return true
		}
	}
	return false
}

// schemaDepth bounds the search of schemas that contain themselves.
const schemaDepth = 4

// columns gives what names columns of an input in the leaves of a setting that was written.
func (u *unit) columns(leaves []stages.Setting, input string) []columnName {
	if u.expr == nil || u.expr.expr == nil {
		return nil
	}
	var names []columnName
	for _, leaf := range leaves {
		steps := strings.Split(strings.TrimPrefix(strings.TrimPrefix(leaf.Path, u.path), "."), ".")
		if leaf.Path == u.path {
			steps = nil
		}
		a := attributeAt(u.attr, steps)
		if a == nil || a.Column != input || leaf.Value == string(a.Default) {
			continue
		}
		expr := itemAt(u.expr.expr, steps)
		add := func(name string, at hcl.Range) {
			if a.Descending {
				name = strings.TrimPrefix(name, "-")
			}
			if name != "" {
				names = append(names, columnName{leaf.Path, name, at})
			}
		}
		for i, name := range leafNames(a, leaf.Value) {
			switch a.Type {
			case stages.ListValue:
				add(name, elementRange(expr, i))
			case stages.MapValue:
				add(name, keyRange(expr, name))
			default:
				add(name, expr.Range())
			}
		}
	}
	return names
}

// leafNames gives the names in a canonical value.
func leafNames(a *stages.Attribute, value string) []string {
	var names []string
	var err error
	switch a.Type {
	case stages.ListValue:
		err = json.Unmarshal([]byte(value), &names)
	case stages.MapValue:
		var values map[string]any
		err = json.Unmarshal([]byte(value), &values)
		names = keysOf(values)
	default:
		names = []string{""}
		err = json.Unmarshal([]byte(value), &names[0])
	}
	if err != nil {
		return nil // it does not decode, which is reported
	}
	return names
}

// attributeAt follows the steps of a path from an attribute.
func attributeAt(a *stages.Attribute, steps []string) *stages.Attribute {
	for len(steps) > 0 && a != nil {
		if a.Type == stages.Blocks {
			steps = steps[1:] // the block's own name
		}
		if a.Nested == nil || len(steps) == 0 {
			return nil
		}
		a, steps = a.Nested.Attribute(steps[0]), steps[1:]
	}
	return a
}

// itemAt follows the steps of a path through objects that are written out, as far as they are.
func itemAt(expr hclsyntax.Expression, steps []string) hclsyntax.Expression {
	for _, step := range steps {
		item, ok := objectItem(expr, step)
		if !ok {
			break
		}
		expr = item.ValueExpr
	}
	return expr
}

// keyRange gives the range of a key of an object that is written out, else of the whole.
func keyRange(expr hclsyntax.Expression, key string) hcl.Range {
	if item, ok := objectItem(expr, key); ok {
		return item.KeyExpr.Range()
	}
	return expr.Range()
}

func objectItem(expr hclsyntax.Expression, key string) (hclsyntax.ObjectConsItem, bool) {
	if object, ok := unwrap(expr).(*hclsyntax.ObjectConsExpr); ok {
		for _, item := range object.Items {
			if v, diags := item.KeyExpr.Value(nil); !diags.HasErrors() && !v.IsNull() && v.Type() == cty.String && v.AsString() == key {
				return item, true
			}
		}
	}
	return hclsyntax.ObjectConsItem{}, false
}
