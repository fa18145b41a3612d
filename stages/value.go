package stages

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// An Axis is one named coordinate of an instance in its stage's grid. Value is a string, int64,
// float64 or bool; along one stage, the values of an axis are all of one type.
type Axis struct {
	Name  string `json:"name"`
	Value any    `json:"value"`
}

// Text gives the value as it stands in an address: the shortest decimal that reads back as the
// same number, strings bare if they are plain words and quoted otherwise.
func (a Axis) Text() string {
	switch v := a.Value.(type) {
	case string:
		if plainWord(v) {
			return v
		}
		return strconv.Quote(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return FormatFloat(v)
	case bool:
		return strconv.FormatBool(v)
	}
	panic(fmt.Sprintf("stages: axis %s has a value of type %T", a.Name, a.Value))
}

// plainWord reports whether s can stand unquoted in an address and cannot be taken for a number,
// a boolean or a pattern.
func plainWord(s string) bool {
	if s == "" || s == "true" || s == "false" {
		return false
	}
	for i, r := range s {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
		rest := r >= '0' && r <= '9' || r == '-' || r == '.' || r == '/'
		if !letter && (i == 0 || !rest) {
			return false
		}
	}
	return true
}

// FormatFloat gives the shortest decimal that reads back as x, without an exponent between
// 1e-5 and 1e21.
func FormatFloat(x float64) string {
	s := strconv.FormatFloat(x, 'g', -1, 64)
	if strings.Contains(s, "e") {
		if f := strconv.FormatFloat(x, 'f', -1, 64); len(f) <= 21 {
			return f
		}
	}
	return s
}

// Address gives "kind.name" or "kind.name[axis=value,...]", axes in the order given.
func Address(kind, name string, axes []Axis) string {
	var b strings.Builder
	b.WriteString(kind)
	b.WriteByte('.')
	b.WriteString(name)
	if len(axes) == 0 {
		return b.String()
	}
	for i, a := range axes {
		if i == 0 {
			b.WriteByte('[')
		} else {
			b.WriteByte(',')
		}
		b.WriteString(a.Name)
		b.WriteByte('=')
		b.WriteString(a.Text())
	}
	b.WriteByte(']')
	return b.String()
}

// CompareAxes orders instances by their axes' values: numbers before strings before booleans,
// numbers by value. Lists with the same names in the same order are compared; a shorter one is
// first. It is the canonical order of a gathering input.
func CompareAxes(a, b []Axis) int {
	for i := range min(len(a), len(b)) {
		if c := cmp.Compare(a[i].Name, b[i].Name); c != 0 {
			return c
		}
		if c := compareValues(a[i].Value, b[i].Value); c != 0 {
			return c
		}
	}
	return cmp.Compare(len(a), len(b))
}

func compareValues(a, b any) int {
	if c := cmp.Compare(rank(a), rank(b)); c != 0 {
		return c
	}
	switch x := a.(type) {
	case string:
		return cmp.Compare(x, b.(string))
	case bool:
		return cmp.Compare(strconv.FormatBool(x), strconv.FormatBool(b.(bool)))
	}
	return cmp.Compare(number(a), number(b))
}

func rank(v any) int {
	switch v.(type) {
	case int64, float64:
		return 0
	case string:
		return 1
	}
	return 2
}

func number(v any) float64 {
	if i, ok := v.(int64); ok {
		return float64(i)
	}
	return v.(float64)
}

// Matches reports whether the axis has the value that a pattern asks for: text by Glob, numbers also by
// value, so that 0.90 matches 0.9.
func (a Axis) Matches(pattern string) bool {
	if s, ok := a.Value.(string); ok {
		return s == pattern || Glob(pattern, s)
	}
	if Glob(pattern, a.Text()) {
		return true
	}
	x, err := strconv.ParseFloat(pattern, 64)
	if _, isBool := a.Value.(bool); err != nil || isBool {
		return false
	}
	return number(a.Value) == x
}

// Glob matches text against a pattern in which * stands for any characters and ? for one. It takes
// time proportional to the product of the lengths at worst.
func Glob(pattern, text string) bool {
	p, t := []rune(pattern), []rune(text)
	i, star, mark := 0, -1, 0
	for j := 0; j < len(t); {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, j
			i++
		case i < len(p) && (p[i] == '?' || p[i] == t[j]):
			i++
			j++
		case star >= 0:
			mark++
			i, j = star+1, mark
		default:
			return false
		}
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
