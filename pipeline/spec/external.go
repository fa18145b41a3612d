package spec

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// value reads an expression without references: null, or paths of files and names of variables.
func (r *inputReader) value(expr hclsyntax.Expression) (*feed, bool) {
	p, ok := r.l.prepare(expr, r.l.eachScope(r.st, "an input"))
	if !ok {
		return nil, false
	}
	f := &feed{shape: valueRefs, cols: p.cols}
	f.refs = func(row int) ([]Ref, bool) {
		v, ok := r.l.evalRow(p, r.st.grid, row)
		if !ok {
			return nil, false
		}
		return r.external(v, expr)
	}
	return f, true
}

// external turns text into references to files or variables.
func (r *inputReader) external(v cty.Value, expr hclsyntax.Expression) ([]Ref, bool) {
	if v.IsNull() {
		return nil, true
	}
	if r.in == nil {
		if list, ok := listElements(v); ok && len(list) == 0 {
			return nil, true
		}
		r.l.report(&problem{Err: ErrType, Summary: r.attribute + " takes stages", At: expr.Range(), Detail: "Write a list of stages: [KIND.NAME]."})
		return nil, false
	}
	ty := v.Type()
	isList := ty.IsTupleType() || ty.IsListType() || ty.IsSetType()
	isObject := ty.IsObjectType() || ty.IsMapType()
	if isObject && r.in.Cardinality == stages.Map {
		var all []Ref
		values := v.AsValueMap()
		for _, k := range keysOf(values) {
			ref, ok := r.externalRef(values[k], expr.Range())
			if !ok || !r.l.checkName("key", k, expr.Range()) {
				return nil, false
			}
			ref.Key = k
			all = append(all, ref)
		}
		return all, true
	}
	if isList && !r.one {
		var all []Ref
		ok := true
		seen := map[string]bool{}
		for i, e := range v.AsValueSlice() {
			refs, good := r.externalRefs(e, elementRange(expr, i))
			ok = ok && good
			for _, ref := range refs {
				if r.in.Type == stages.FileType && seen[ref.Path] {
					continue // patterns may overlap
				}
				seen[ref.Path] = true
				all = append(all, ref)
			}
		}
		return all, ok
	}
	ref, ok := r.externalRef(v, expr.Range())
	return []Ref{ref}, ok
}

// externalRefs is externalRef for the element of a list, which may be a folder or a pattern of files.
func (r *inputReader) externalRefs(v cty.Value, at hcl.Range) ([]Ref, bool) {
	if r.in.Type != stages.FileType || v.IsNull() || v.Type() != cty.String {
		ref, ok := r.externalRef(v, at)
		return []Ref{ref}, ok
	}
	if path, ok := r.l.unreadPath(v.AsString()); ok {
		return []Ref{{Path: path}}, true
	}
	paths, err := r.l.fileset(v.AsString())
	if err != nil {
		r.badPath(v, at, err)
		return nil, false
	}
	refs := make([]Ref, len(paths))
	for i, p := range paths {
		refs[i].Path = p
	}
	return refs, true
}

// badPath reports a path that cannot be used; err continues the sentence "the path X".
func (r *inputReader) badPath(v cty.Value, at hcl.Range, err error) {
	r.l.report(&problem{Err: ErrPath, Summary: "File cannot be used", At: at,
		Detail: stop(fmt.Sprintf("The path %s %v", quoted(stages.LaidOut(v.AsString())), err))})
}

func (r *inputReader) externalRef(v cty.Value, at hcl.Range) (Ref, bool) {
	isText := !v.IsNull() && v.Type() == cty.String
	switch {
	case r.in.Type == stages.FileType && isText:
		if path, ok := r.l.unreadPath(v.AsString()); ok {
			return Ref{Path: path}, true
		}
		path, err := r.l.projectFile(v.AsString())
		if err != nil {
			r.badPath(v, at, err)
			return Ref{}, false
		}
		return Ref{Path: path}, true
	case r.in.Type == stages.EnvironmentType && isText:
		if name := v.AsString(); validVariable(name) {
			return Ref{Path: name}, true
		}
		r.l.report(&problem{Err: ErrName, Summary: "Invalid name of an environment variable", At: at,
			Detail: fmt.Sprintf("%s is not the name of a variable: letters, digits and underscores, not starting with a digit.", quoted(v.AsString()))})
		return Ref{}, false
	}
	r.l.report(&problem{Err: ErrType, Summary: clip(fmt.Sprintf("Wrong type for input %q", r.in.Name), 59), At: at,
		Detail: fmt.Sprintf("The input %q must be %s, but is %s.%s", r.in.Name, inputWants(r.in), describe(v), r.hint()) + r.readInstead(v, isText)})
	return Ref{}, false
}

// readInstead gives the stage to write where the path of a file stands for what a stage makes of it.
func (r *inputReader) readInstead(v cty.Value, isText bool) string {
	if !isText {
		return ""
	}
	for _, k := range r.l.o.Kinds.Kinds {
		if k.Reads == nil {
			continue
		}
		if stage, output := k.Reads(r.in.Type, v.AsString()); stage != "" {
			return fmt.Sprintf("\n\nA file is read by a stage of its own:\n\n%s\n\nand here: %s = %s", stage, r.in.Name, output)
		}
	}
	return ""
}

// hint names outputs that would fit an input.
func (r *inputReader) hint() string {
	for _, st := range r.l.order {
		if st == r.st || st.broken() || st.kind == nil {
			continue
		}
		if names := st.outputNames(func(o stages.Output) bool { return stages.Fits(r.in.Type, o) }); len(names) > 0 {
			return fmt.Sprintf(" For example %s.%s.", st.id(), names[0])
		}
	}
	return ""
}

func validVariable(s string) bool {
	for i := range len(s) {
		c := s[i]
		if !(c == '_' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || i > 0 && c >= '0' && c <= '9') {
			return false
		}
	}
	return s != ""
}
