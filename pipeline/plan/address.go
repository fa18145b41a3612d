package plan

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"spurion/stages"
)

// A Pattern selects instances by address: KIND.NAME, or KIND.NAME[AXIS=VALUE,...]. Axes may be left
// out; *, and ? for one character, stand for any text in a kind, a name and a value; a value in
// double quotes is taken literally. Numbers match by value, so 0.90 selects strength=0.9.
type Pattern struct {
	text       string
	kind, name string
	axes       []axisPattern
}

type axisPattern struct {
	name   string
	value  string
	quoted bool
}

// ErrTarget is the cause of errors about an address or pattern: malformed, or selecting nothing.
var ErrTarget = errors.New("bad target")

// A targetError is an error about a pattern: it reads as its cause, and is an ErrTarget.
type targetError struct{ error }

func (targetError) Is(target error) bool { return target == ErrTarget }

// Targetf makes an error about something that was asked for by name: an ErrTarget.
func Targetf(format string, args ...any) error { return targetError{fmt.Errorf(format, args...)} }

// ParsePattern reads an address or pattern. Its error, an ErrTarget, says what is wrong and shows the
// form.
func ParsePattern(text string) (Pattern, error) {
	t, err := parsePattern(text)
	if err != nil {
		return Pattern{}, targetError{err}
	}
	return t, nil
}

// ParsePatterns reads several.
func ParsePatterns(texts []string) ([]Pattern, error) {
	patterns := make([]Pattern, len(texts))
	for i, text := range texts {
		var err error
		if patterns[i], err = ParsePattern(text); err != nil {
			return nil, err
		}
	}
	return patterns, nil
}

func parsePattern(text string) (Pattern, error) {
	t := Pattern{text: text}
	stage, rest, bracketed := strings.Cut(text, "[")
	var ok bool
	t.kind, t.name, ok = strings.Cut(stage, ".")
	if !ok || !wordPattern(t.kind) || !wordPattern(t.name) {
		return Pattern{}, fmt.Errorf("address %q is not of the form KIND.NAME or KIND.NAME[AXIS=VALUE,...]", text)
	}
	if !bracketed {
		return t, nil
	}
	for {
		name, after, ok := strings.Cut(rest, "=")
		if !ok || !word(name) {
			return Pattern{}, fmt.Errorf("address %q: expected AXIS=VALUE at %q", text, rest)
		}
		a := axisPattern{name: name}
		var err error
		if a.value, a.quoted, rest, err = cutValue(after); err != nil {
			return Pattern{}, fmt.Errorf("address %q: axis %s: %w", text, name, err)
		}
		t.axes = append(t.axes, a)
		switch rest[0] {
		case ']':
			if rest != "]" {
				return Pattern{}, fmt.Errorf("address %q: %q follows the closing bracket", text, rest[1:])
			}
			return t, nil
		case ',':
			rest = rest[1:]
		}
	}
}

// cutValue splits s after a value; rest starts with ',' or ']'.
func cutValue(s string) (value string, quoted bool, rest string, err error) {
	if strings.HasPrefix(s, `"`) {
		q, err := strconv.QuotedPrefix(s)
		if err != nil {
			return "", false, "", fmt.Errorf("the quoted value does not end")
		}
		value, err = strconv.Unquote(q)
		rest = s[len(q):]
		if err != nil || rest == "" || rest[0] != ',' && rest[0] != ']' {
			return "", false, "", fmt.Errorf("a comma or a closing bracket must follow the quoted value")
		}
		return value, true, rest, nil
	}
	// A bare value may hold brackets and commas only inside parentheses, as in parity(4).
	depth := 0
	for i, r := range s {
		switch {
		case r == '(':
			depth++
		case r == ')' && depth > 0:
			depth--
		case depth == 0 && (r == ',' || r == ']'):
			if i == 0 {
				return "", false, "", fmt.Errorf("has no value")
			}
			return s[:i], false, s[i:], nil
		}
	}
	return "", false, "", fmt.Errorf("the closing bracket is missing")
}

func word(s string) bool {
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return s != ""
}

func wordPattern(s string) bool {
	return s != "" && word("a"+strings.NewReplacer("*", "", "?", "").Replace(s))
}

// String gives the text that was parsed.
func (t Pattern) String() string { return t.text }

func (t Pattern) matchesStage(kind, name string) bool {
	return stages.Glob(t.kind, kind) && stages.Glob(t.name, name)
}

// exactStage reports whether the pattern names one stage, without globs.
func (t Pattern) exactStage() bool { return !strings.ContainsAny(t.kind+t.name, "*?") }

// missingAxis gives an axis that the pattern asks for and the stage does not have.
func (t Pattern) missingAxis(axes []string) string {
	for _, a := range t.axes {
		found := false
		for _, name := range axes {
			found = found || name == a.name
		}
		if !found {
			return a.name
		}
	}
	return ""
}

func (t Pattern) matchesAxes(axes []stages.Axis) bool {
	for _, want := range t.axes {
		for _, have := range axes {
			if have.Name == want.name && !want.matches(have) {
				return false
			}
		}
	}
	return true
}

func (a axisPattern) matches(axis stages.Axis) bool {
	if a.quoted {
		return axis.Value == a.value
	}
	return axis.Matches(a.value)
}

// nameList gives a few names for an error message.
func nameList(names []string) string {
	const most = 8
	switch {
	case len(names) == 0:
		return "none"
	case len(names) > most:
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}
