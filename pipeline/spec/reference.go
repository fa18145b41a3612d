package spec

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// A stageRef is KIND.NAME, with [*] or [{axis = value}] and .OUTPUT after it where given.
type stageRef struct {
	target   *stage // nil if there is none, which was reported
	output   string
	all      bool                 // [*]
	selector hclsyntax.Expression // what stands in brackets
	at       hcl.Range
	outputAt hcl.Range
}

// stageExpr reads a reference with brackets. It is false for what is none.
func (l *loader) stageExpr(expr hclsyntax.Expression) (*stageRef, bool) {
	expr = unwrap(expr)
	ref := &stageRef{at: expr.Range()}
	var rest hcl.Traversal
	var source hclsyntax.Expression
	switch e := expr.(type) {
	case *hclsyntax.ScopeTraversalExpr:
		if !l.isStageRoot(e.Traversal.RootName()) {
			return nil, false
		}
		ref, _ = l.parseStageRef(e.Traversal)
		return ref, true
	case *hclsyntax.SplatExpr:
		ref.all, source = true, e.Source
		if each, ok := e.Each.(*hclsyntax.RelativeTraversalExpr); ok {
			rest = each.Traversal
		}
	case *hclsyntax.IndexExpr:
		ref.selector, source = e.Key, e.Collection
	case *hclsyntax.RelativeTraversalExpr:
		index, ok := unwrap(e.Source).(*hclsyntax.IndexExpr)
		if !ok {
			return nil, false
		}
		ref.selector, source, rest = index.Key, index.Collection, e.Traversal
	default:
		return nil, false
	}
	base, ok := unwrap(source).(*hclsyntax.ScopeTraversalExpr)
	if !ok || !l.isStageRoot(base.Traversal.RootName()) {
		return nil, false
	}
	inner, ok := l.parseStageRef(base.Traversal)
	if !ok {
		return inner, true
	}
	if inner.output != "" || inner.selector != nil {
		l.malformed(ref.at)
		return &stageRef{}, true
	}
	ref.target = inner.target
	if len(rest) > 0 {
		ref.output, ref.outputAt = stepName(rest, 0), rest[0].SourceRange()
	}
	if len(rest) > 1 || len(rest) == 1 && ref.output == "" {
		l.malformed(ref.at)
		return &stageRef{}, true
	}
	return ref, true
}

func (l *loader) malformed(at hcl.Range) {
	l.report(&problem{Err: ErrUnknown, Summary: "Malformed reference to a stage", At: at,
		Detail: "A reference is KIND.NAME.OUTPUT for the matching instances, KIND.NAME[*].OUTPUT for all, or KIND.NAME[{axis = value}].OUTPUT for some."})
}

// parseStageRef reads KIND.NAME, KIND.NAME.OUTPUT and KIND.NAME["key"].OUTPUT. The reference has
// no target if something is wrong, which was reported.
func (l *loader) parseStageRef(t hcl.Traversal) (*stageRef, bool) {
	target, ok := l.target(t, true)
	if !ok {
		return &stageRef{}, false
	}
	ref := &stageRef{target: target, at: t.SourceRange()}
	rest := t[2:]
	if len(rest) > 0 {
		if step, ok := rest[0].(hcl.TraverseIndex); ok {
			ref.selector = &hclsyntax.LiteralValueExpr{Val: step.Key, SrcRange: step.SrcRange}
			rest = rest[1:]
		}
	}
	if len(rest) > 0 {
		ref.output, ref.outputAt = stepName(rest, 0), rest[0].SourceRange()
		rest = rest[1:]
		if ref.output == "" {
			rest = t
		}
	}
	if len(rest) > 0 {
		l.malformed(ref.at)
		return &stageRef{}, false
	}
	return ref, true
}

// selection turns the value in brackets into columns of the target and the codes wanted of them.
func (l *loader) selection(ref *stageRef, v cty.Value) (cols []int, codes []int32, ok bool) {
	g := ref.target.grid
	refuse := func(err error, detail string) ([]int, []int32, bool) {
		l.report(&problem{Err: err, Summary: "Invalid selection of instances", At: ref.selector.Range(), Detail: detail})
		return nil, nil, false
	}
	if v.IsNull() {
		return refuse(ErrType, "The selection is null. Write [{axis = value}].")
	}
	want := map[string]cty.Value{}
	switch ty := v.Type(); {
	case ty.IsObjectType() || ty.IsMapType():
		want = v.AsValueMap()
	case ty.IsPrimitiveType() && g.column("key") >= 0:
		want["key"] = v
	default:
		example := "axis = value"
		if len(g.cols) > 0 && len(g.cols[0].values) > 0 {
			example = g.cols[0].name + " = " + literal(g.cols[0].values[0])
		}
		return refuse(ErrType, fmt.Sprintf("Instances are selected by their axes: %s[{%s}].", ref.target.id(), example))
	}
	for _, name := range keysOf(want) {
		i := g.column(name)
		if i < 0 {
			return refuse(ErrUnknown, fmt.Sprintf("%s has no axis %q.%s", ref.target.id(), name, didYouMean(name, "%q", "axes", g.names())))
		}
		code, bad := g.cols[i].find(want[name])
		if bad != "" {
			return refuse(ErrMatch, fmt.Sprintf("%s has no instance with %s = %s.%s", ref.target.id(), name, describe(want[name]), bad))
		}
		cols, codes = append(cols, i), append(codes, code)
	}
	return cols, codes, true
}

// find gives the code of a value, or says which values there are.
func (c *column) find(v cty.Value) (int32, string) {
	for try := range 2 {
		x, bad := any(nil), "no scalar"
		if !v.IsNull() && (v.Type().IsPrimitiveType() || v.Type() == callType) {
			x, bad = axisValue(v, try == 0 && v.Type() == cty.Number && v.AsBigFloat().IsInt())
		}
		if bad == "" {
			key := axisKey(x)
			if i := slices.IndexFunc(c.values, func(y any) bool { return axisKey(y) == key }); i >= 0 {
				return int32(i), ""
			}
		}
	}
	var list []string
	for i, y := range c.values {
		if i == 10 && len(c.values) > 11 {
			list = append(list, fmt.Sprintf("%d more", len(c.values)-i))
			break
		}
		list = append(list, literal(y))
	}
	if len(list) == 0 {
		return 0, " The axis has no values."
	}
	return 0, fmt.Sprintf(" The values of the axis are %s.", enumerate(list))
}

// literal writes an axis value as in a spec.
func literal(v any) string {
	if s, ok := v.(string); ok {
		return quoted(s)
	}
	return stages.Axis{Value: v}.Text()
}

// findOutput gives the output with a name among those of any class, and whether all are known.
func (st *stage) findOutput(name string) (out stages.Output, found, complete bool) {
	for _, set := range st.outputs {
		for _, o := range set {
			if o.Name == name {
				return o, true, true
			}
		}
	}
	if st.kind == nil {
		return out, false, false
	}
	for _, o := range st.kind.Outputs {
		if o.Name == name {
			return o, true, true
		}
	}
	return out, false, st.settingsOK || st.kind.DynamicOutputs == nil
}

func (st *stage) outputNames(fits func(stages.Output) bool) []string {
	var names []string
	sets := st.outputs
	if len(sets) == 0 && st.kind != nil {
		sets = [][]stages.Output{st.kind.Outputs}
	}
	for _, set := range sets {
		for _, o := range set {
			if (fits == nil || fits(o)) && !slices.Contains(names, o.Name) {
				names = append(names, o.Name)
			}
		}
	}
	return names
}
