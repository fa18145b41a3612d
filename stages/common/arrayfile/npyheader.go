package arrayfile

import (
	"fmt"
	"strconv"
	"strings"
)

// parseNPYHeader reads the dictionary that a header is, as Python writes it:
//
//	{'descr': '<f4', 'fortran_order': False, 'shape': (160000, 2048), }
//
// Keys come in any order, and none but these. A type with fields, a list, is passed over. Offset is the header's in the file.
func parseNPYHeader(text string, offset int64) (npyHeader, error) {
	p := literal{text: text}
	h := npyHeader{}
	seen := map[string]bool{}
	p.expect('{')
	for p.fault == "" && !p.accept('}') {
		from := p.at
		key := p.quoted()
		p.expect(':')
		if seen[key] {
			p.failAt(from, "the key %s comes twice", quoted(key))
		}
		seen[key] = true
		switch key {
		case "descr":
			h.descr, h.simple = p.descr()
		case "fortran_order":
			h.fortran = p.boolean()
		case "shape":
			h.shape = p.shape()
		default:
			p.failAt(from, "there is a key %s", quoted(key))
		}
		if !p.accept(',') {
			p.expect('}')
			break
		}
	}
	if p.space(); p.fault == "" && p.at < len(p.text) {
		p.fail("the header goes on behind its end")
	}
	for _, key := range []string{"descr", "fortran_order", "shape"} {
		if p.fault == "" && !seen[key] {
			p.fail("the key %s is missing", key)
		}
	}
	if p.fault != "" {
		return h, &Error{Offset: offset + int64(p.at), Summary: "the header is not as numpy writes it: " + p.fault,
			Remedy: "Write the file again with np.save", Err: ErrFormat}
	}
	return h, nil
}

// A literal is text in Python, read from the left. After a fault nothing more is read.
type literal struct {
	text  string
	at    int
	fault string
}

func (p *literal) fail(format string, args ...any) {
	if p.fault == "" {
		p.fault = fmt.Sprintf(format, args...)
	}
}

// failAt is for a fault that has been passed already.
func (p *literal) failAt(at int, format string, args ...any) {
	if p.fault == "" {
		p.at = at
		p.fail(format, args...)
	}
}

func (p *literal) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// accept passes a sign if it comes next.
func (p *literal) accept(sign byte) bool {
	p.space()
	if p.fault != "" || p.at >= len(p.text) || p.text[p.at] != sign {
		return false
	}
	p.at++
	return true
}

func (p *literal) expect(sign byte) {
	if !p.accept(sign) {
		p.fail("%q is missing", sign)
	}
}

// quoted reads text between quotes, without escapes.
func (p *literal) quoted() string {
	p.space()
	if p.fault == "" && p.at < len(p.text) && (p.text[p.at] == '\'' || p.text[p.at] == '"') {
		rest := p.text[p.at+1:]
		if end := strings.IndexByte(rest, p.text[p.at]); end >= 0 && !strings.Contains(rest[:end], `\`) {
			p.at += end + 2
			return rest[:end]
		}
	}
	p.fail("text in quotes is missing")
	return ""
}

// descr reads a type: simple if it is text, otherwise a list of fields, or a pair of a type and a shape, as it stands there.
func (p *literal) descr() (descr string, simple bool) {
	if p.space(); p.at < len(p.text) && p.text[p.at] != '[' && p.text[p.at] != '(' {
		return p.quoted(), true
	}
	from, depth := p.at, 0
	for p.fault == "" {
		if p.space(); p.at >= len(p.text) {
			p.fail("the type has no end")
			break
		}
		switch p.text[p.at] {
		case '\'', '"':
			p.quoted()
			continue
		case '[', '(':
			depth++
		case ']', ')':
			depth--
		}
		if p.at++; depth == 0 {
			break
		}
	}
	return p.text[from:p.at], false
}

func (p *literal) boolean() bool {
	value := p.word("True")
	if !value && !p.word("False") {
		p.fail("True or False is missing")
	}
	return value
}

// word passes a word if it comes next.
func (p *literal) word(w string) bool {
	p.space()
	if p.fault != "" || !strings.HasPrefix(p.text[p.at:], w) {
		return false
	}
	p.at += len(w)
	return true
}

// maxDimensions is numpy's own bound.
const maxDimensions = 64

// shape reads a tuple: (), (3,) or (3, 4). Python 2 wrote some numbers as 3L.
func (p *literal) shape() []int {
	shape := []int{}
	p.expect('(')
	for p.fault == "" && !p.accept(')') {
		p.space()
		from := p.at
		for p.at < len(p.text) && p.text[p.at] >= '0' && p.text[p.at] <= '9' {
			p.at++
		}
		n, err := strconv.ParseUint(p.text[from:p.at], 10, 63)
		if err != nil || n > maxValues {
			p.failAt(from, "the shape has no whole number from 0 to 2^56 here")
			break
		}
		p.accept('L')
		if shape = append(shape, int(n)); len(shape) > maxDimensions {
			p.fail("the shape has more than %d dimensions", maxDimensions)
		}
		if !p.accept(',') {
			p.expect(')')
			if len(shape) == 1 {
				p.fail("the shape is a number in brackets, no tuple")
			}
			break
		}
	}
	return shape
}
