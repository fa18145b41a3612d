package stages

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// A Condition is one that a value must fulfil: Operator is = != < <= > or >=, before Value as it is written.
type Condition struct{ Operator, Value string }

var operators = []string{"=", "!=", "<", "<=", ">", ">="}

// slips are what people write for an operator.
var slips = map[string]string{"==": "=", "===": "=", "=>": ">=", "=<": "<=", "<>": "!=", "!": "!=", "!==": "!=", "=!": "!=", "<<": "<", ">>": ">"}

// ReadCondition reads a condition: an operator and a value, or a value alone, to be equal to. Signs of operators that make
// none together are an error, so that a slip is not taken for a value; a value that begins with such a sign stands
// after a space, as in "= <none>".
func ReadCondition(text string) (Condition, error) {
	value := strings.TrimLeft(text, "=<>!")
	op := text[:len(text)-len(value)]
	switch {
	case op == "":
		return Condition{"=", text}, nil
	case !slices.Contains(operators, op):
		hint := "the operators are " + strings.Join(operators, " ")
		if meant := slips[op]; meant != "" {
			hint = fmt.Sprintf("write %q", strings.TrimSpace(meant+" "+strings.TrimSpace(value)))
		}
		return Condition{}, fmt.Errorf("%q begins with %q, which is no operator: %s", text, op, hint)
	case strings.TrimSpace(value) == "":
		return Condition{}, fmt.Errorf("%q has no value: write one after the operator, such as %q", text, op+" 0.6")
	}
	return Condition{op, strings.TrimSpace(value)}, nil
}

// ReadConditions reads what may be several conditions joined by "and", as on what has an order.
func ReadConditions(text string) ([]Condition, error) {
	parts := strings.Split(text, " and ")
	list := make([]Condition, len(parts))
	for i, part := range parts {
		if len(parts) > 1 {
			part = strings.TrimSpace(part)
		}
		var err error
		if list[i], err = ReadCondition(part); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Holds reports whether the condition's operator is true of how a value compares with the condition's.
func (c Condition) Holds(compared int) bool {
	switch c.Operator {
	case "=":
		return compared == 0
	case "!=":
		return compared != 0
	case "<":
		return compared < 0
	case "<=":
		return compared <= 0
	case ">":
		return compared > 0
	}
	return compared >= 0
}

// A Predicate is a condition, or several, on the values of an axis.
type Predicate struct {
	conditions []Condition
	numbers    []float64 // of a condition on numbers: parallel to conditions
}

// ReadPredicate reads a condition on an axis of numbers, or of texts and truth values. The error says why there can be no
// such condition.
func ReadPredicate(text string, numbers bool) (Predicate, error) {
	if !numbers {
		c, err := ReadCondition(text)
		if err == nil && c.Operator != "=" && c.Operator != "!=" {
			err = fmt.Errorf("%q asks for an order, which only numbers have: write a value, or \"!= value\"", text)
		}
		return Predicate{conditions: []Condition{c}}, err
	}
	list, err := ReadConditions(text)
	p := Predicate{conditions: list}
	for _, c := range list {
		x, perr := strconv.ParseFloat(c.Value, 64)
		if perr != nil || x != x {
			return p, fmt.Errorf("%q is no number", c.Value)
		}
		p.numbers = append(p.numbers, x)
	}
	return p, err
}

// Holds reports whether the value of an axis fulfils it.
func (p Predicate) Holds(value any) bool {
	for i, c := range p.conditions {
		compared := 0
		if p.numbers != nil {
			if _, ok := Numeric(value); !ok {
				return false
			}
			compared = cmp.Compare(number(value), p.numbers[i])
		} else {
			compared = cmp.Compare(PlainText(value), c.Value)
		}
		if !c.Holds(compared) {
			return false
		}
	}
	return true
}

// Excludes reports whether it only keeps values out: it is one "!=".
func (p Predicate) Excludes() bool { return len(p.conditions) == 1 && p.conditions[0].Operator == "!=" }

// Value gives what a single condition compares with; "" for several.
func (p Predicate) Value() string {
	if len(p.conditions) != 1 {
		return ""
	}
	return p.conditions[0].Value
}

// Number gives the number that a single condition on numbers compares with; ok is false for none or several.
func (p Predicate) Number() (x float64, ok bool) {
	if len(p.numbers) != 1 {
		return 0, false
	}
	return p.numbers[0], true
}

// Numeric gives a value of an axis as a number; ok is false if it is none.
func Numeric(value any) (x float64, ok bool) {
	switch value.(type) {
	case int64, float64:
		return number(value), true
	}
	return 0, false
}

// PlainText gives a value of an axis as it stands in a table as text.
func PlainText(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	return Axis{Value: value}.Text()
}

// A Side is one of two groups of rows that are compared: the setting that chooses them, their column, and the conditions.
type Side struct {
	Path, Column string
	Where        map[string]string
}

// A Comparer is a settings struct that compares two groups of the rows of an input, which have no row in common if they
// are of one column. Where holds for both.
type Comparer interface {
	Sides() (input string, sides [2]Side, where map[string]string)
}
