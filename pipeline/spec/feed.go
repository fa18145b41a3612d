package spec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

func (r *inputReader) node(expr hclsyntax.Expression) (*feed, bool) {
	expr = unwrap(expr)
	if t, ok := expr.(*hclsyntax.ScopeTraversalExpr); ok && t.Traversal.RootName() == "each" {
		if r.isOutput(t.Traversal) {
			if r.attribute == figuresAttribute {
				r.l.report(&problem{Err: ErrType, Summary: "figures takes stages", At: expr.Range(), Detail: "Write a list of stages: [KIND.NAME]."})
				return nil, false
			}
			return r.eachOutput(t.Traversal)
		}
		return r.value(expr)
	}
	if ref, ok := r.l.stageExpr(expr); ok {
		if ref == nil || ref.target == nil {
			return nil, false
		}
		return r.reference(ref)
	}
	if !r.mentionsOutputs(expr) {
		return r.value(expr)
	}
	switch e := expr.(type) {
	case *hclsyntax.ConditionalExpr:
		return r.choice(e)
	case *hclsyntax.TupleConsExpr:
		return r.list(e.Exprs)
	case *hclsyntax.ObjectConsExpr:
		return r.object(e)
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "concat" && !e.ExpandFinal {
			return r.list(e.Args)
		}
	}
	r.l.report(&problem{Err: ErrType, Summary: "Reference cannot be computed with", At: expr.Range(),
		Detail: "References to outputs can be listed with [a, b] or concat, chosen with condition ? a : b, and narrowed with [{axis = value}]; nothing else can be done with what is not computed yet."})
	return nil, false
}

// isOutput reports whether each.NAME is meant as an output.
func (r *inputReader) isOutput(t hcl.Traversal) bool {
	name := stepName(t, 1)
	if r.st.grid == nil || len(r.st.grid.origins) == 0 {
		return false
	}
	return name != "" && name != "value" && r.st.grid.column(name) < 0
}

// mentionsOutputs reports whether an expression refers to outputs of stages.
func (r *inputReader) mentionsOutputs(expr hclsyntax.Expression) bool {
	for _, t := range expr.Variables() {
		if root := t.RootName(); r.l.isStageRoot(root) || root == "each" && r.isOutput(t) {
			return true
		}
	}
	return false
}

// eachOutput reads each.OUTPUT.
func (r *inputReader) eachOutput(t hcl.Traversal) (*feed, bool) {
	name := stepName(t, 1)
	way, ok := r.l.findUpstream(r.st, name, t.SourceRange())
	if !ok {
		return nil, false
	}
	if len(t) > 2 {
		r.l.malformed(t.SourceRange())
		return nil, false
	}
	if !r.fits(way.end, name, t[1].SourceRange()) {
		return nil, false
	}
	r.from(way.end)
	if !slices.Contains(r.st.out.Uses, way.end.out) { // found further up than for_each
		r.st.out.Uses = append(r.st.out.Uses, way.end.out)
	}
	slab := make([]Ref, r.st.grid.n)
	return &feed{perRow: true, refs: func(row int) ([]Ref, bool) {
		i, ok := way.follow(r.st, row)
		if !ok {
			r.l.report(&problem{Err: ErrAmbiguous, Summary: clip("No single instance for each."+name, 59), At: t.SourceRange(),
				Detail: fmt.Sprintf("%s comes from none or several instances of %s. Write which ones you mean: %s.%s.", r.st.address(row), way.end.id(), way.end.id(), name)})
			return nil, false
		}
		slab[row] = Ref{Stage: way.end.out, Instance: i, Output: name}
		return slab[row : row+1 : row+1], r.hasOutput(way.end, i, name, t.SourceRange())
	}}, true
}

// hasOutput checks an output that only some instances have.
func (r *inputReader) hasOutput(target *stage, instance int, name string, at hcl.Range) bool {
	if target.outputOf == nil || name == "" {
		return true
	}
	for _, o := range target.outputs[target.outputOf[instance]] {
		if o.Name == name {
			return true
		}
	}
	r.l.report(&problem{Err: ErrUnknownOutput, Summary: clip("Unknown output "+quoted(name), 59), At: at,
		Detail: fmt.Sprintf("With its settings, %s has no output %q.", target.address(instance), name)})
	return false
}

// fits checks that an output exists and is of the type that the input takes.
func (r *inputReader) fits(target *stage, name string, at hcl.Range) bool {
	out, found, complete := target.findOutput(name)
	if !found {
		if former := target.kind.Former[name]; complete && former != "" {
			r.l.report(&problem{Err: ErrUnknownOutput, Summary: clip("No output any more: "+quoted(name), 59), At: at, Detail: former})
		} else if complete {
			r.l.report(&problem{Err: ErrUnknownOutput, Summary: clip("Unknown output "+quoted(name), 59), At: at,
				Detail: fmt.Sprintf("%s has no output %q.%s", target.id(), name, didYouMean(name, "%q", "outputs", target.outputNames(nil)))})
		}
		return false
	}
	if r.in == nil || stages.Fits(r.in.Type, out) {
		return true
	}
	have := "a table of type " + out.Type
	if out.Type == "" {
		have = "a table of no special type"
	}
	if out.Extension != "" {
		have = "a file"
	}
	hint := ""
	if names := target.outputNames(func(o stages.Output) bool { return stages.Fits(r.in.Type, o) }); len(names) > 0 {
		hint = fmt.Sprintf(" Did you mean %s.%s?", target.id(), names[0])
	} else if other := r.inputFor(out); r.in.Type == stages.FileType && other != "" {
		hint = fmt.Sprintf(" The input %q takes it.", other)
	}
	r.l.report(&problem{Err: ErrType, Summary: clip(fmt.Sprintf("Wrong type for input %q", r.in.Name), 59), At: at,
		Detail: fmt.Sprintf("The input %q must be %s, but %s.%s is %s.%s", r.in.Name, inputWants(r.in), target.id(), name, have, hint)})
	return false
}

// inputFor gives another input of the stage that an output fits, or "".
func (r *inputReader) inputFor(out stages.Output) string {
	for i := range r.st.kind.Inputs {
		if in := &r.st.kind.Inputs[i]; in != r.in && stages.Fits(in.Type, out) {
			return in.Name
		}
	}
	return ""
}

// union merges the columns that two feeds depend on.
func union(a, b []int) []int {
	out := slices.Concat(a, b)
	slices.Sort(out)
	return slices.Compact(out)
}

func (r *inputReader) list(exprs []hclsyntax.Expression) (*feed, bool) {
	out := &feed{shape: listOfRefs}
	feeds, ok := r.nodes(out, exprs)
	out.refs = func(row int) ([]Ref, bool) {
		var all []Ref
		for _, f := range feeds {
			refs, ok := f.refs(row)
			if !ok {
				return nil, false
			}
			if len(feeds) == 1 {
				return refs, true
			}
			all = append(all, refs...)
		}
		return all, true
	}
	return out, ok
}

func (r *inputReader) nodes(out *feed, exprs []hclsyntax.Expression) ([]*feed, bool) {
	var feeds []*feed
	ok := true
	for _, x := range exprs {
		f, good := r.node(x)
		if good && f.shape == objectOfRefs {
			good = false
			r.l.report(&problem{Err: ErrType, Summary: "Object in a list of references", At: x.Range(), Detail: "A list holds references, not objects of them."})
		}
		ok = ok && good
		if good {
			feeds = append(feeds, f)
			out.cols, out.perRow = union(out.cols, f.cols), out.perRow || f.perRow
		}
	}
	return feeds, ok
}

// object reads the references of a Map input.
func (r *inputReader) object(e *hclsyntax.ObjectConsExpr) (*feed, bool) {
	out := &feed{shape: objectOfRefs}
	ok := true
	var keys []string
	var exprs []hclsyntax.Expression
	for _, item := range e.Items {
		key, good := r.l.constant(item.KeyExpr, &scope{where: "a key"})
		if good {
			text := describe(key)
			if !key.IsNull() && key.Type() == cty.String {
				text = key.AsString()
			}
			good = r.l.checkName("key", text, item.KeyExpr.Range())
		}
		if good && slices.Contains(keys, key.AsString()) {
			good = false
			r.l.report(&problem{Err: ErrDuplicate, Summary: "Key stands twice", At: item.KeyExpr.Range(), Detail: "Each key of an object may stand once."})
		}
		if ok = ok && good; good {
			keys, exprs = append(keys, key.AsString()), append(exprs, item.ValueExpr)
		}
	}
	before := r.one
	r.one = true // each attribute takes one
	feeds, good := r.nodes(out, exprs)
	r.one = before
	out.refs = func(row int) ([]Ref, bool) {
		var all []Ref
		for i, f := range feeds {
			refs, ok := f.refs(row)
			if !ok {
				return nil, false
			}
			for _, ref := range refs {
				ref.Key = keys[i]
				all = append(all, ref)
			}
		}
		slices.SortStableFunc(all, func(a, b Ref) int { return compareKeys(a.Key, b.Key) })
		return all, true
	}
	return out, ok && good
}

func compareKeys(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
