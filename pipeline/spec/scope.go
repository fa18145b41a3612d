package spec

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// A scope says which names an expression may use.
type scope struct {
	where string // "a default", "a setting": for messages
	// constant allows functions alone; variables adds var; else local and sweep too.
	constant, variables bool
	// secrets allows what depends on sensitive variables, where it reaches no result by itself.
	secrets bool
	// each resolves a traversal each.NAME to a column of the stage's grid. It reports what is
	// wrong. It is nil where there is no each.
	each func(t hcl.Traversal) (col int, ok bool)
	// eachHint is what to say where each is nil.
	eachHint string
}

// A prepared expression has only names that exist; its context holds their values, but for each.
type prepared struct {
	expr hclsyntax.Expression
	ctx  *hcl.EvalContext
	cols []int // the columns of the grid that it depends on, ascending
	// secret says that it depends on a sensitive variable.
	secret bool
	bare   bool     // the expression is each.NAME and nothing else
	keys   []string // names under each, parallel to cols
}

// prepare checks an expression's names and collects their values. It is false if a name is
// unknown, which was reported, or if what it stands for is itself wrong.
func (l *loader) prepare(expr hclsyntax.Expression, sc *scope) (*prepared, bool) {
	ok := l.checkCalls(expr)
	p := &prepared{expr: expr}
	named := map[string]map[string]cty.Value{}
	for _, t := range expr.Variables() {
		if v := l.secretBehind(t); v != nil {
			p.secret = true
			if !sc.secrets {
				ok = false
				l.refuseSecret(t, v, sc)
				continue
			}
		}
		switch root := t.RootName(); root {
		case "var", "local", "sweep":
			v, good := l.named(root, t, sc)
			ok = ok && good
			if good && root != "var" {
				if named[root] == nil {
					named[root] = map[string]cty.Value{}
				}
				named[root][stepName(t, 1)] = v
			}
		case "each":
			col, good := l.eachColumn(t, sc)
			ok = ok && good
			if good {
				p.addColumn(col, stepName(t, 1))
			}
		default:
			ok = false
			l.strangeName(t, sc)
		}
	}
	if !ok {
		return nil, false
	}
	if t, isTraversal := expr.(*hclsyntax.ScopeTraversalExpr); isTraversal && len(p.cols) == 1 {
		p.bare = len(t.Traversal) == 2
	}
	p.ctx = &hcl.EvalContext{Functions: l.functions, Variables: map[string]cty.Value{"var": l.varObject, budgetName: l.budgetValue}}
	for root, values := range named {
		p.ctx.Variables[root] = cty.ObjectVal(values)
	}
	return p, true
}

func (p *prepared) addColumn(col int, name string) {
	for i, c := range p.cols {
		if c == col {
			return
		}
		if c > col {
			p.cols = append(p.cols[:i], append([]int{col}, p.cols[i:]...)...)
			p.keys = append(p.keys[:i], append([]string{name}, p.keys[i:]...)...)
			return
		}
	}
	p.cols, p.keys = append(p.cols, col), append(p.keys, name)
}

// constant evaluates an expression that may not use each.
func (l *loader) constant(expr hclsyntax.Expression, sc *scope) (cty.Value, bool) {
	p, ok := l.prepare(expr, sc)
	if !ok {
		return cty.NilVal, false
	}
	return l.eval(expr, p.ctx)
}

// stepName gives the name of the i-th step of a traversal, written .x or ["x"], or "".
func stepName(t hcl.Traversal, i int) string {
	if i >= len(t) {
		return ""
	}
	switch step := t[i].(type) {
	case hcl.TraverseRoot:
		return step.Name
	case hcl.TraverseAttr:
		return step.Name
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String && step.Key.IsKnown() && !step.Key.IsNull() {
			return step.Key.AsString()
		}
	}
	return ""
}

// named gives the value of var.x, local.x or sweep.x.
func (l *loader) named(root string, t hcl.Traversal, sc *scope) (cty.Value, bool) {
	if sc.constant || sc.variables && root != "var" {
		allowed := "literal values and functions"
		if sc.variables {
			allowed = "variables, literal values and functions"
		}
		l.report(&problem{Err: ErrUnknown, Summary: "Reference not allowed here", At: t.SourceRange(),
			Detail: fmt.Sprintf("%s may use only %s.", sentence(sc.where), allowed)})
		return cty.NilVal, false
	}
	name := stepName(t, 1)
	if name == "" {
		l.report(&problem{Err: ErrUnknown, Summary: "Incomplete reference", At: t.SourceRange(),
			Detail: fmt.Sprintf("Write %s.NAME: %q alone stands for nothing.", root, root)})
		return cty.NilVal, false
	}
	if root == "var" {
		return l.variable(name, t)
	}
	table, noun, cause := l.locals, "local value", ErrUnknown
	if root == "sweep" {
		table, noun, cause = l.sweeps, "sweep", ErrUnknownSweep
	}
	sym := table[name]
	if sym == nil {
		if !l.incomplete {
			l.report(&problem{Err: cause, Summary: clip("Unknown "+noun+" "+quoted(name), 59), At: t.SourceRange(),
				Detail: fmt.Sprintf("There is no %s with the name %q.%s", noun, name, didYouMean(name, root+".%s", noun+"s", keysOf(table)))})
		}
		return cty.NilVal, false
	}
	return l.symbolValue(sym)
}

func (l *loader) variable(name string, t hcl.Traversal) (cty.Value, bool) {
	v := l.variables[name]
	if v == nil {
		if !l.incomplete {
			l.report(&problem{Err: ErrVariable, Summary: clip("Unknown variable "+quoted(name), 59), At: t.SourceRange(),
				Detail: fmt.Sprintf("There is no variable with the name %q.%s", name, didYouMean(name, "var.%s", "variables", keysOf(l.variables)))})
		}
		return cty.NilVal, false
	}
	return v.value, v.ok
}

func (l *loader) eachColumn(t hcl.Traversal, sc *scope) (int, bool) {
	if sc.each == nil {
		hint := sc.eachHint
		if hint == "" {
			hint = fmt.Sprintf("%s is not part of an instance, so there is no each.", sentence(sc.where))
		}
		l.report(&problem{Err: ErrUnknown, Summary: "No each here", At: t.SourceRange(), Detail: hint})
		return 0, false
	}
	if stepName(t, 1) == "" {
		l.report(&problem{Err: ErrUnknown, Summary: "Incomplete reference", At: t.SourceRange(),
			Detail: `Write each.AXIS for the value of an axis, or each.value for the element of a map: "each" alone stands for nothing.`})
		return 0, false
	}
	return sc.each(t)
}

// strangeName reports a name that stands for nothing here: a stage where a value is wanted, or a
// slip.
func (l *loader) strangeName(t hcl.Traversal, sc *scope) {
	root := t.RootName()
	if isRole(root) || l.stages[root] != nil || l.o.Kinds.Kind(root) != nil {
		detail := fmt.Sprintf("%s refers to what a stage computes, which is not known before anything runs: no setting may depend on a computed value. Only inputs, for_each and depends_on take references to stages.", traversalText(t))
		if sc.where == "for_each" {
			detail = fmt.Sprintf("Nothing is computed with the instances of a stage, neither by a for nor by a function. for_each takes %s as it is, some of it by an axis, %[1]s[{ axis = value }], or those that agree with the points of a list: [%[1]s, [for p in sweep.NAME : p if p.axis > 0.5]].",
				traversalText(t[:min(len(t), 2)]))
		}
		l.report(&problem{Err: ErrComputed, Summary: "Value depends on a computed result", At: t.SourceRange(), Detail: detail})
		return
	}
	if l.incomplete {
		return
	}
	detail := fmt.Sprintf("There is nothing with the name %q.", root)
	switch {
	case l.sweeps[root] != nil:
		detail += fmt.Sprintf(" Did you mean sweep.%s?", root)
	case l.variables[root] != nil:
		detail += fmt.Sprintf(" Did you mean var.%s?", root)
	case l.locals[root] != nil:
		detail += fmt.Sprintf(" Did you mean local.%s?", root)
	case len(t) == 1 && l.isFunction(root):
		detail += fmt.Sprintf(" A function is called as %s(...).", root)
	case len(t) == 1:
		detail += fmt.Sprintf(" Text is written in quotes: %q.", root)
	default:
		roots := append(l.kindNames(), "var", "local", "each", "sweep")
		detail += didYouMean(root, "%s", "names to start from", roots)
	}
	l.report(&problem{Err: ErrUnknown, Summary: "Unknown name " + quoted(clip(root, 40)), At: t.SourceRange(), Detail: detail})
}

// kindNames lists the kinds of stages.
func (l *loader) kindNames() []string { return stages.Names(l.o.Kinds.Kinds) }

// checkCalls reports functions that do not exist. HCL would too, but its suggestions depend on the
// order of a map.
func (l *loader) checkCalls(expr hclsyntax.Expression) bool {
	ok := true
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		call, isCall := n.(*hclsyntax.FunctionCallExpr)
		if !isCall {
			return nil
		}
		if _, known := l.functions[call.Name]; !known {
			ok = false
			hint := ""
			if instead, known := l.instead[call.Name]; known {
				hint = " " + instead
			} else if best := stages.Nearest(call.Name, keysOf(l.functions)); best != "" {
				hint = fmt.Sprintf(" Did you mean %s?", best)
			} else if len(l.calls) > 0 {
				hint = fmt.Sprintf(" The functions of stages are %s; the others are Terraform's.", enumerate(l.calls))
			}
			l.report(&problem{Err: ErrFunction, Summary: "Unknown function " + quoted(clip(call.Name, 40)), At: call.NameRange,
				Detail: fmt.Sprintf("There is no function with the name %q.%s", call.Name, hint)})
		}
		return nil
	})
	return ok
}

// sentence starts words with a capital.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func (l *loader) isFunction(name string) bool {
	_, ok := l.functions[name]
	return ok
}
