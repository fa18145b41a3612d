package aggregate

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// An expression is arithmetic on the columns of one row.
type expression struct {
	op          byte // + - * /, 'n' for a number, 'v' for a name; '-' with no left side negates
	number      float64
	name        string
	left, right *expression
}

// maxDepth bounds how deep parentheses and signs may stand in each other.
const maxDepth = 100

// parse reads an expression: sums of products of numbers, names, negations and parentheses, left to
// right.
func parse(text string) (*expression, error) {
	p := &parser{rest: text}
	e, err := p.sum(0)
	if err != nil {
		return nil, err
	}
	if p.skip(); p.rest != "" {
		return nil, fmt.Errorf("%q is left over", p.rest)
	}
	return e, nil
}

type parser struct{ rest string }

func (p *parser) skip() { p.rest = strings.TrimLeft(p.rest, " \t\n\r") }

// takes takes one of the characters of set, or gives 0.
func (p *parser) takes(set string) byte {
	p.skip()
	if p.rest == "" || !strings.Contains(set, p.rest[:1]) {
		return 0
	}
	c := p.rest[0]
	p.rest = p.rest[1:]
	return c
}

func (p *parser) sum(depth int) (*expression, error)     { return p.chain("+-", depth, p.product) }
func (p *parser) product(depth int) (*expression, error) { return p.chain("*/", depth, p.factor) }

func (p *parser) chain(ops string, depth int, part func(int) (*expression, error)) (*expression, error) {
	e, err := part(depth)
	for err == nil {
		op := p.takes(ops)
		if op == 0 {
			break
		}
		var right *expression
		right, err = part(depth)
		e = &expression{op: op, left: e, right: right}
	}
	return e, err
}

func (p *parser) factor(depth int) (*expression, error) {
	if depth > maxDepth {
		return nil, errors.New("it is nested too deeply")
	}
	if p.takes("-") != 0 {
		e, err := p.factor(depth + 1)
		return &expression{op: '-', right: e}, err
	}
	if p.takes("(") != 0 {
		e, err := p.sum(depth + 1)
		if err == nil && p.takes(")") == 0 {
			err = errors.New("a parenthesis is not closed")
		}
		return e, err
	}
	p.skip()
	end := 0
	for end < len(p.rest) && (word(p.rest[end]) || p.rest[end] == '.' || exponentSign(p.rest, end)) {
		end++
	}
	token := p.rest[:end]
	p.rest = p.rest[end:]
	switch {
	case token == "" && p.rest == "":
		return nil, errors.New("a number or a name is missing at the end")
	case token == "":
		return nil, fmt.Errorf("%q cannot stand here", p.rest[:1])
	case token[0] >= '0' && token[0] <= '9' || token[0] == '.':
		x, err := strconv.ParseFloat(token, 64)
		if err != nil || strings.ContainsAny(token, "xX_") {
			return nil, fmt.Errorf("%q is not a number", token)
		}
		return &expression{op: 'n', number: x}, nil
	case strings.Contains(token, "."):
		return nil, fmt.Errorf("%q is neither a number nor a name", token)
	}
	return &expression{op: 'v', name: token}, nil
}

func word(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// exponentSign reports whether the sign at i belongs to a number, as in 1e-3.
func exponentSign(text string, i int) bool {
	return i > 0 && (text[i] == '-' || text[i] == '+') && (text[i-1] == 'e' || text[i-1] == 'E') &&
		(text[0] >= '0' && text[0] <= '9' || text[0] == '.')
}

// names adds the names that the expression uses, each as often as it does.
func (e *expression) names(list []string) []string {
	if e == nil {
		return list
	}
	if e.op == 'v' {
		return append(list, e.name)
	}
	return e.right.names(e.left.names(list))
}

// value computes the expression; NaN where it does not exist. of gives a name's value.
func (e *expression) value(of func(name string) float64) float64 {
	switch e.op {
	case 'n':
		return e.number
	case 'v':
		return of(e.name)
	}
	right := e.right.value(of)
	if e.left == nil {
		return -right
	}
	left := e.left.value(of)
	switch e.op {
	case '+':
		return left + right
	case '-':
		return left - right
	case '*':
		return float64(left * right)
	}
	if right == 0 {
		return math.NaN()
	}
	return left / right
}

// unit gives the unit of the expression, or "" where the units of its parts do not tell. of gives a
// name's unit, in which "1" is a pure number.
func (e *expression) unit(of func(name string) string) string {
	switch e.op {
	case 'n':
		return "1"
	case 'v':
		return of(e.name)
	}
	right := e.right.unit(of)
	if e.left == nil {
		return right
	}
	left := e.left.unit(of)
	switch {
	case e.op == '*' && left == "1":
		return right
	case e.op == '/' && left == right && left != "":
		return "1"
	case e.op == '*' && right == "1", e.op == '/' && right == "1":
		return left
	case (e.op == '+' || e.op == '-') && left == right:
		return left
	}
	return ""
}
