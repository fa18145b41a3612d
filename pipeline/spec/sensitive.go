package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// Hidden stands wherever a sensitive value would.
const Hidden = "(sensitive)"

// shortestSecret is how many bytes a value must have to be masked in text: masking every "1" would leave nothing to
// read, and whoever has so short a secret has none.
const shortestSecret = 4

// sensitiveVariable reads the attribute of a variable.
func (l *loader) sensitiveVariable(v *variable, attr *hclsyntax.Attribute) {
	value, ok := l.constant(attr.Expr, &scope{where: "sensitive", constant: true})
	switch {
	case !ok:
		v.wrong = true
	case value.IsNull() || value.Type() != cty.Bool:
		v.wrong = true
		l.report(&problem{Err: ErrType, Summary: `Wrong type of "sensitive"`, At: attr.Expr.Range(), Expr: attr.Expr,
			Detail: fmt.Sprintf("\"sensitive\" must be true or false, but is %s.", describe(value))})
	default:
		v.sensitive = value.True()
	}
}

// secretOf gives a sensitive variable that the expression depends on, also through local values and sweeps; nil if
// there is none. What an expression mentions decides, not what it yields: var.token == "" is sensitive, too.
func (l *loader) secretOf(expr hcl.Expression) *variable {
	if !l.sensitive {
		return nil
	}
	for _, t := range expr.Variables() {
		if v := l.secretBehind(t); v != nil {
			return v
		}
	}
	return nil
}

func (l *loader) secretBehind(t hcl.Traversal) *variable {
	name := stepName(t, 1)
	switch t.RootName() {
	case "var":
		if v := l.variables[name]; v != nil && v.sensitive {
			return v
		}
	case "local":
		return l.secretOfSymbol(l.locals[name])
	case "sweep":
		return l.secretOfSymbol(l.sweeps[name])
	}
	return nil
}

// secretOfSymbol looks into the definition of a symbol, once; in a cycle, which is reported elsewhere, there is nothing.
func (l *loader) secretOfSymbol(s *symbol) *variable {
	if s == nil || s.secretKnown {
		if s == nil {
			return nil
		}
		return s.secret
	}
	s.secretKnown = true
	if s.expr != nil {
		s.secret = l.secretOf(s.expr)
	}
	return s.secret // a sweep has none: its axes may not
}

// refuseSecret reports an expression that may not depend on a sensitive variable.
func (l *loader) refuseSecret(t hcl.Traversal, v *variable, sc *scope) {
	l.report(&problem{Err: ErrSensitive, Summary: "Sensitive value not allowed here", At: t.SourceRange(),
		Detail: fmt.Sprintf("%s may not depend on var.%s, which is sensitive: it would be seen in addresses, results or messages. The command and the environment of an exec may.", sentence(sc.where), v.name)})
}

// secretTexts gives the texts by which the values of sensitive variables are recognised, the longest first.
func (l *loader) secretTexts() []string {
	seen := map[string]bool{}
	for _, v := range l.varOrder {
		if !v.sensitive || v.value == cty.NilVal {
			continue
		}
		_ = cty.Walk(v.value, func(_ cty.Path, e cty.Value) (bool, error) {
			if !e.IsKnown() || e.IsNull() {
				return false, nil
			}
			switch e.Type() {
			case cty.String:
				seen[e.AsString()] = true
			case cty.Number:
				seen[numberText(e.AsBigFloat())] = true
			}
			return true, nil
		})
	}
	texts := []string{}
	for s := range seen {
		if s = strings.TrimSpace(s); len(s) >= shortestSecret {
			texts = append(texts, s)
		}
	}
	sort.Slice(texts, func(i, j int) bool {
		if len(texts[i]) != len(texts[j]) {
			return len(texts[i]) > len(texts[j])
		}
		return texts[i] < texts[j]
	})
	return texts
}

// hide masks the values of sensitive variables in a message, also where they were cut.
func (l *loader) hide(text string) string {
	if !l.sensitive {
		return text
	}
	for _, s := range l.secretTexts() {
		for _, form := range []string{s, escaped(s), clip(s, 60), strings.TrimSuffix(strings.TrimPrefix(quoted(s), `"`), `"`)} {
			text = strings.ReplaceAll(text, form, Hidden)
		}
	}
	return text
}

// escaped gives a text as it stands in JSON, without the quotes.
func escaped(s string) string {
	text, err := json.Marshal(s)
	if err != nil {
		return s
	}
	return string(text[1 : len(text)-1])
}

// Mask replaces the values of sensitive variables in a text, which may be JSON. Values of less than four bytes stay.
func (s *Spec) Mask(text string) string {
	for _, secret := range s.Secrets {
		if strings.Contains(text, secret) {
			text = strings.ReplaceAll(text, secret, Hidden)
		}
		if e := escaped(secret); e != secret {
			text = strings.ReplaceAll(text, e, Hidden)
		}
	}
	return text
}

// MaskArgs masks a command line: values of sensitive variables, whatever they are, and what Mask masks.
func (s *Spec) MaskArgs(args []string) []string {
	masked := make([]string, len(args))
	for i, arg := range args {
		masked[i] = s.Mask(arg)
		value := strings.TrimPrefix(arg, "--var=")
		if i == 0 || args[i-1] != "--var" {
			if value == arg {
				continue
			}
		}
		name, _, _ := strings.Cut(value, "=")
		for _, v := range s.Variables {
			if v.Sensitive && v.Name == name {
				masked[i] = strings.TrimSuffix(arg, value) + name + "=" + Hidden
			}
		}
	}
	return masked
}

// IsSensitive reports whether a setting depends on a sensitive variable.
func (s *Stage) IsSensitive(setting string) bool {
	for _, path := range s.Sensitive {
		if setting == path || strings.HasPrefix(setting, path) && setting[len(path)] == '.' {
			return true
		}
	}
	return false
}

// Shown gives the value of an instance's setting as people may see it.
func (s *Stage) Shown(setting, value string) string {
	if s.IsSensitive(setting) {
		return Hidden
	}
	return value
}

// Keyed gives the value of an instance's setting as it stands in the text of a key: of a sensitive one a digest.
func (s *Stage) Keyed(setting, value string) string {
	if len(s.Sensitive) == 0 || !s.IsSensitive(setting) {
		return value
	}
	sum := sha256.Sum256([]byte(setting + "\x00" + value))
	return Hidden + " " + hex.EncodeToString(sum[:])
}
