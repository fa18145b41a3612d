package spec

import (
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	hcljson "github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// setVariables gives every variable its value: default, environment, var files, --var.
func (l *loader) setVariables() {
	for _, v := range l.varOrder {
		v.value, v.source = v.defaultValue, "default"
	}
	for _, entry := range l.o.Environ {
		name, text, _ := strings.Cut(entry, "=")
		if name, ok := strings.CutPrefix(name, environPrefix); ok {
			if v := l.variables[name]; v != nil {
				l.setText(v, text, environPrefix+name)
			}
		}
	}
	for _, file := range l.o.VarFiles {
		l.readVarFile(file)
	}
	for _, entry := range l.o.Vars {
		name, text, ok := strings.Cut(entry, "=")
		v := l.variables[name]
		switch {
		case !ok:
			l.report(&problem{Err: ErrVariable, Summary: "Malformed --var", Detail: fmt.Sprintf("Write --var NAME=VALUE, not --var %s.", quoted(entry))})
		case v == nil && !l.incomplete:
			l.report(&problem{Err: ErrVariable, Summary: "Unknown variable in --var",
				Detail: fmt.Sprintf("The spec has no variable %q.%s", name, didYouMean(name, "%q", "variables", keysOf(l.variables)))})
		case v != nil:
			l.setText(v, text, "--var")
		}
	}
	values := map[string]cty.Value{}
	for _, v := range l.varOrder {
		if l.finishVariable(v) {
			values[v.name] = v.value
		}
	}
	l.varObject = cty.ObjectVal(values)
	for _, v := range l.varOrder {
		l.validate(v)
	}
}

// finishVariable settles whether a variable has a value.
func (l *loader) finishVariable(v *variable) bool {
	if v.wrong {
		return false
	}
	if v.value == cty.NilVal {
		l.report(&problem{Err: ErrVariable, Summary: clip(fmt.Sprintf("Variable %q has no value", v.name), 59), At: v.at,
			Detail: fmt.Sprintf("It has no default, so it must be set: --var %s=VALUE, a --var-file, or %s%s in the environment.", v.name, environPrefix, v.name)})
		return false
	}
	v.ok = l.checkSize(v.value, v.at)
	return v.ok
}

// setText parses a value given as text, by the variable's type: text for a string; else an
// expression. Without a type the default's decides.
func (l *loader) setText(v *variable, text, from string) {
	v.given = true
	if v.wrong {
		return
	}
	ty := v.ty
	if !v.typed && v.defaultValue != cty.NilVal {
		ty = v.defaultValue.Type()
	}
	value := cty.StringVal(text)
	if ty != cty.String {
		parsed, ok := l.parseText(text)
		switch {
		case ok:
			value = parsed
		case ty != cty.DynamicPseudoType:
			l.refuseText(v, text, from, fmt.Sprintf("must be of type %s", typeexpr.TypeString(withoutCalls(ty))))
			return
		}
	}
	what := fmt.Sprintf("The value %s of %q, from %s,", quoted(text), v.name, from)
	if v.sensitive {
		what = fmt.Sprintf("The value of %q, from %s,", v.name, from)
	}
	if l.refuseStrangers(value, v.ty, what, nil, v.at) {
		v.wrong = true
		return
	}
	converted, err := l.convertVariable(v, value)
	if err == nil && !v.typed && ty.IsPrimitiveType() {
		converted, err = convert.Convert(converted, ty)
	}
	if err != nil {
		l.refuseText(v, text, from, fmt.Sprintf("must be of type %s: %s", typeexpr.TypeString(withoutCalls(ty)), errorText(err)))
		return
	}
	v.value, v.source = converted, from
}

// withoutCalls makes a type printable: a function value has no type expression.
func withoutCalls(ty cty.Type) cty.Type {
	if ty == callType {
		return cty.DynamicPseudoType
	}
	return ty
}

func (l *loader) refuseText(v *variable, text, from, why string) {
	v.wrong = true
	shown := quoted(text)
	if v.sensitive {
		shown = Hidden
	}
	l.report(&problem{Err: ErrVariable, Summary: clip(fmt.Sprintf("Invalid value for variable %q", v.name), 59), At: v.at,
		Detail: fmt.Sprintf("The value %s, from %s, %s.", shown, from, why)})
}

// parseText evaluates text as an expression that may call functions.
func (l *loader) parseText(text string) (cty.Value, bool) {
	quiet := newQuietLoader(l)
	s := newSource("value", []byte(text))
	if !quiet.checkText(s) {
		return cty.NilVal, false
	}
	expr, diags := hclsyntax.ParseExpression(s.text, s.name, hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, false
	}
	meterAll(expr)
	return quiet.constant(expr, &scope{where: "a value", constant: true})
}

// newQuietLoader makes a loader whose reports go nowhere.
func newQuietLoader(l *loader) *loader {
	q := newLoader(Options{Kinds: l.o.Kinds, Root: l.o.Root})
	return q
}

// readVarFile takes values from a file of attributes, or of JSON.
func (l *loader) readVarFile(path string) {
	data, err := readFile(path)
	if err != nil {
		l.report(&problem{Err: ErrRead, Summary: "Variable file cannot be read", Detail: readProblem(err)})
		return
	}
	s := newSource(filepath.ToSlash(path), data)
	s.values = true
	if l.sources[s.name] != nil {
		s.name += " (variables)"
	}
	var attrs hcl.Attributes
	var diags hcl.Diagnostics
	if strings.HasSuffix(path, ".json") {
		l.sources[s.name] = s
		if !l.checkText(s) {
			return
		}
		var file *hcl.File
		if file, diags = hcljson.Parse(s.text, s.name); !diags.HasErrors() {
			attrs, diags = file.Body.JustAttributes()
		}
	} else {
		l.parse(s)
		if s.body == nil || s.broken {
			return
		}
		meterAll(s.body)
		attrs, diags = s.body.JustAttributes()
	}
	for _, d := range diags {
		l.fromHCL(d, ErrSyntax)
	}
	for _, name := range keysOf(attrs) {
		l.setFromFile(attrs[name], path)
	}
}

func (l *loader) setFromFile(attr *hcl.Attribute, path string) {
	v := l.variables[attr.Name]
	if v == nil {
		if !l.incomplete {
			l.report(&problem{Err: ErrVariable, Summary: clip("Unknown variable "+quoted(attr.Name), 59), At: attr.NameRange,
				Detail: fmt.Sprintf("The spec has no variable %q.%s", attr.Name, didYouMean(attr.Name, "%q", "variables", keysOf(l.variables)))})
		}
		return
	}
	var value cty.Value
	var ok bool
	if expr, native := attr.Expr.(hclsyntax.Expression); native {
		value, ok = l.constant(expr, &scope{where: "a variable file", constant: true})
	} else {
		var diags hcl.Diagnostics
		value, diags = attr.Expr.Value(nil)
		for _, d := range diags {
			l.fromHCL(d, ErrSyntax)
		}
		ok = !diags.HasErrors()
	}
	if !ok {
		v.wrong = true
		return
	}
	if v.wrong {
		return
	}
	if l.refuseStrangers(value, v.ty, fmt.Sprintf("The value of %q", v.name), attr.Expr, attr.Expr.Range()) {
		v.wrong = true
		return
	}
	converted, err := l.convertVariable(v, value)
	if err != nil {
		v.wrong = true
		l.report(&problem{Err: ErrType, Summary: clip(fmt.Sprintf("Invalid value for variable %q", v.name), 59), At: attr.Expr.Range(),
			Detail: fmt.Sprintf("It must be of type %s: %s.", typeexpr.TypeString(v.ty), errorText(err))})
		return
	}
	v.value, v.source = converted, filepath.ToSlash(path)
}
