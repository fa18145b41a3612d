package spec

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"spurion/stages"
)

// environPrefix starts the names of environment variables that set variables.
const environPrefix = "SPURION_VAR_"

// A variable is an input of the spec.
type variable struct {
	name, description string
	at                hcl.Range
	typed             bool // type was given
	ty                cty.Type
	optional          *typeexpr.Defaults
	defaultValue      cty.Value // NilVal if there is none
	validations       []*hclsyntax.Block

	value  cty.Value
	source string
	ok     bool // value is there and valid
	wrong  bool // the declaration itself is, which was reported
	// sensitive says that the value is shown nowhere.
	sensitive bool
	given     bool // some source gave a value
}

func (l *loader) declareVariable(b *hclsyntax.Block, quiet bool) {
	name := b.Labels[0]
	if !quiet && !l.checkName("variable", name, b.LabelRanges[0]) {
		return
	}
	if first := l.variables[name]; first != nil {
		if !quiet {
			l.duplicate("var."+name, "The variable", b.LabelRanges[0], first.at)
		}
		return
	}
	v := &variable{name: name, at: b.DefRange(), ty: cty.DynamicPseudoType, wrong: quiet}
	l.variables[name] = v
	l.varOrder = append(l.varOrder, v)
	if quiet {
		return
	}
	for _, attr := range attributesInOrder(b.Body) {
		switch attr.Name {
		case "type":
			l.variableType(v, attr)
		case "default":
		case "description":
			v.description, _ = l.text(attr, &scope{where: "a variable's description", constant: true})
		case "sensitive":
			l.sensitiveVariable(v, attr)
			l.sensitive = l.sensitive || v.sensitive
		default:
			l.report(&problem{Err: ErrUnknown, Summary: "Unknown attribute " + quoted(clip(attr.Name, 40)), At: attr.NameRange,
				Detail: fmt.Sprintf("A variable has no attribute %q.%s", attr.Name, didYouMean(attr.Name, "%q", "attributes", []string{"type", "default", "description", "sensitive"}))})
		}
	}
	if attr := b.Body.Attributes["default"]; attr != nil {
		l.variableDefault(v, attr)
	}
	for _, inner := range b.Body.Blocks {
		if inner.Type != "validation" {
			l.report(&problem{Err: ErrUnknown, Summary: "Unknown block " + quoted(clip(inner.Type, 40)), At: inner.TypeRange,
				Detail: fmt.Sprintf("A variable has no block %q.%s", inner.Type, didYouMean(inner.Type, "%q", "blocks", []string{"validation"}))})
		} else if l.checkLabels(inner, nil, false) {
			v.validations = append(v.validations, inner)
		}
	}
}

func (l *loader) variableType(v *variable, attr *hclsyntax.Attribute) {
	ty, defaults, diags := typeexpr.TypeConstraintWithDefaults(attr.Expr)
	for _, d := range diags {
		l.fromHCL(d, ErrType)
	}
	if diags.HasErrors() || !l.checkTypeDefaults(attr.Expr) {
		v.wrong = true
		return
	}
	v.ty, v.optional, v.typed = ty, defaults, true
}

func (l *loader) variableDefault(v *variable, attr *hclsyntax.Attribute) {
	value, ok := l.constant(attr.Expr, &scope{where: "a default", constant: true})
	if !ok {
		v.wrong = true
		return
	}
	if !v.wrong {
		if l.refuseStrangers(value, v.ty, fmt.Sprintf("The default of %q", v.name), attr.Expr, attr.Expr.Range()) {
			v.wrong = true
			return
		}
		converted, err := l.convertVariable(v, value)
		if err != nil {
			v.wrong = true
			l.report(&problem{Err: ErrType, Summary: "Default does not fit the variable's type", At: attr.Expr.Range(), Expr: attr.Expr,
				Detail: fmt.Sprintf("The default of %q must be of type %s: %s.", v.name, typeexpr.TypeString(v.ty), errorText(err))})
			return
		}
		value = converted
	}
	v.defaultValue = value
}

// convertVariable makes a value, which has no strangers, fit the variable's type.
func (l *loader) convertVariable(v *variable, value cty.Value) (cty.Value, error) {
	if v.optional != nil {
		value = v.optional.Apply(loose(value))
	}
	if v.ty == cty.DynamicPseudoType {
		return value, nil
	}
	l.budget.start(32 * int64(l.elements))
	return l.budget.conform(value, v.ty)
}

func errorText(err error) string {
	if pe, ok := err.(cty.PathError); ok && len(pe.Path) > 0 {
		return fmt.Sprintf("at %s: %v", pathText(pe.Path), pe)
	}
	return err.Error()
}

func pathText(path cty.Path) string {
	var b strings.Builder
	for _, step := range path {
		switch step := step.(type) {
		case cty.GetAttrStep:
			b.WriteString("." + step.Name)
		case cty.IndexStep:
			b.WriteString("[" + describe(step.Key) + "]")
		}
	}
	return b.String()
}

// validate checks a variable's own rules.
func (l *loader) validate(v *variable) {
	broken := false
	defer func() { v.ok = v.ok && !broken }()
	for _, b := range v.validations {
		condition, message := b.Body.Attributes["condition"], b.Body.Attributes["error_message"]
		for _, attr := range attributesInOrder(b.Body) {
			if attr != condition && attr != message {
				l.report(&problem{Err: ErrUnknown, Summary: "Unknown attribute " + quoted(clip(attr.Name, 40)), At: attr.NameRange,
					Detail: "A validation has the attributes condition and error_message."})
			}
		}
		if condition == nil || message == nil {
			l.report(&problem{Err: ErrMissing, Summary: "Incomplete validation", At: b.DefRange(),
				Detail: "A validation needs the attributes condition and error_message."})
			continue
		}
		if !v.ok {
			continue
		}
		sc := &scope{where: "a validation", variables: true, secrets: true}
		p, ok := l.prepare(condition.Expr, sc)
		if !ok {
			continue
		}
		held, ok := l.eval(p.expr, p.ctx)
		if !ok {
			continue
		}
		held, err := convert.Convert(held, cty.Bool)
		if err != nil || held.IsNull() {
			l.report(&problem{Err: ErrType, Summary: "Condition is not true or false", At: condition.Expr.Range(), Expr: condition.Expr,
				Detail: "The condition of a validation must be true or false."})
			continue
		}
		if text, ok := l.text(message, sc); ok && held.False() {
			broken = true
			l.report(&problem{Err: ErrValidation, Summary: clip(fmt.Sprintf("Invalid value for variable %q", v.name), 59),
				At: condition.Expr.Range(), Expr: condition.Expr, Context: p.ctx,
				Detail: fmt.Sprintf("%s\n\nThe value came from %s.", text, v.source)})
		}
	}
}

// variableResult gives the variable as Spec shows it.
func (l *loader) variableResult(v *variable) Variable {
	out := Variable{Name: v.name, Type: "any", Description: v.description, Source: v.source, Range: l.rangeOf(v.at)}
	if v.typed {
		out.Type = typeexpr.TypeString(v.ty)
	}
	shown := plain(v.value)
	if out.Sensitive = v.sensitive; v.sensitive {
		shown = Hidden
	}
	text, err := stages.Canonical(shown)
	if err != nil {
		text = "null"
	}
	out.Value = text
	return out
}

func (l *loader) rangeOf(r hcl.Range) Range {
	if s := l.sources[r.Filename]; s != nil {
		return s.rangeOf(r)
	}
	return Range{File: r.Filename, Line: r.Start.Line, Column: r.Start.Column, EndLine: r.End.Line, EndColumn: r.End.Column}
}

// plain gives a value as stages.Canonical takes it; a function is its text.
func plain(v cty.Value) any {
	if v.IsNull() {
		return nil
	}
	switch ty := v.Type(); {
	case ty == cty.String:
		return v.AsString()
	case ty == cty.Bool:
		return v.True()
	case ty == callType:
		return callOf(v).text
	case ty == cty.Number:
		if i, ok := toInt64(v.AsBigFloat()); ok {
			return i
		}
		f, _ := toFloat64(v.AsBigFloat())
		return f
	case ty.IsObjectType() || ty.IsMapType():
		object := map[string]any{}
		for k, e := range v.AsValueMap() {
			object[k] = plain(e)
		}
		return object
	}
	list := []any{}
	for _, e := range v.AsValueSlice() {
		list = append(list, plain(e))
	}
	return list
}
