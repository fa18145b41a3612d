package spec

import (
	"fmt"
	"regexp/syntax"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// free is the price of calls that look at no more than one element.
func free([]cty.Value) (int64, error) { return 0, nil }

// fixed is the price of calls that compute as much whatever they are given.
func fixed(n int64) price { return func([]cty.Value) (int64, error) { return n, nil } }

// logspacePrice is that of a power for each element.
func logspacePrice(args []cty.Value) (int64, error) {
	if n, ok := args[2], args[2].Type() == cty.Number; ok {
		if n, ok := toInt64(n.AsBigFloat()); ok && n > 0 && n <= maxLogspace {
			return 3000 * n, nil
		}
	}
	return 8, nil
}

// lengthPrice is that of counting the characters of a text; a list knows its length.
func lengthPrice(args []cty.Value) (int64, error) { return int64(len(textOf(args[0]))), nil }

// textOf gives an argument as the text that it will be converted to, if it is one value.
func textOf(v cty.Value) string {
	switch v.Type() {
	case cty.String:
		return v.AsString()
	case cty.Number:
		return numberText(v.AsBigFloat())
	}
	return ""
}

// deepLimit is beyond every budget.
const deepLimit = 1 << 40

// joinPrice is the length of the text.
func joinPrice(args []cty.Value) (int64, error) {
	n := deepSizes(args, deepLimit)
	for _, v := range args[1:] {
		n += times(int64(elements(v)), int64(len(textOf(args[0]))))
	}
	return n, nil
}

// splitPrice counts what the text falls into.
func splitPrice(args []cty.Value) (int64, error) {
	sep, text := textOf(args[0]), textOf(args[1])
	return deepSizes(args, deepLimit) + 16*int64(strings.Count(text, sep)+1), nil
}

// replacePrice is the length of the text.
func replacePrice(args []cty.Value) (int64, error) {
	text, old, with := textOf(args[0]), textOf(args[1]), textOf(args[2])
	return deepSizes(args, deepLimit) + times(int64(strings.Count(text, old)), int64(len(with))), nil
}

// trimPrice is that of looking each character up among those to be cut.
func trimPrice(args []cty.Value) (int64, error) {
	n := deepSizes(args, deepLimit)
	if cut := textOf(args[1]); len(cut) > utf8.RuneCountInString(cut) {
		n += times(int64(len(textOf(args[0]))), int64(len(cut))) / 16
	}
	return n, nil
}

func indentPrice(args []cty.Value) (int64, error) {
	if args[0].Type() != cty.Number {
		return deepSizes(args, deepLimit), nil
	}
	n, ok := toInt64(args[0].AsBigFloat())
	if !ok || n < 0 || n > 1000 {
		return 0, function.NewArgErrorf(0, "must be an integer from 0 to 1000")
	}
	return deepSizes(args, deepLimit) + times(n, int64(strings.Count(textOf(args[1]), "\n"))), nil
}

// formatPrice is the length of what a format can make of its arguments; widths of thousands of columns are refused.
func formatPrice(args []cty.Value) (int64, error) {
	if len(args) == 0 {
		return 0, nil
	}
	text, digits, width := textOf(args[0]), 0, int64(0)
	verbs, at := int64(0), int64(0)
	for _, r := range text + " " {
		if r == '%' {
			verbs++
		}
		if r >= '0' && r <= '9' {
			at = 10*at + int64(r-'0')
			if digits++; digits > 3 {
				return 0, function.NewArgErrorf(0, "a width may have at most 3 digits")
			}
			continue
		}
		width += at
		digits, at = 0, 0
	}
	longest, rows := int64(0), int64(1)
	for _, v := range args[1:] {
		size := deepSizeOf(v, deepLimit)
		if v.CanIterateElements() {
			size *= 64 // the library writes it as JSON, digit by digit
		}
		longest = max(longest, size)
		rows = max(rows, int64(elements(v)))
	}
	one := int64(len(text)) + width + times(verbs, longest)
	return deepSizes(args, deepLimit) + one, nil
}

// formatListPrice is that of a text for each row; what a row holds is taken for the longest of them.
func formatListPrice(args []cty.Value) (int64, error) {
	rows := int64(1)
	one := []cty.Value{args[0]}
	for _, v := range args[1:] {
		if ty := v.Type(); !ty.IsTupleType() && !ty.IsListType() && !ty.IsSetType() {
			one = append(one, v)
			continue
		}
		rows = max(rows, int64(elements(v)))
		longest, size := cty.False, int64(0)
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			if n := deepSizeOf(e, deepLimit); n > size {
				longest, size = e, n
			}
		}
		one = append(one, longest)
	}
	n, err := formatPrice(one)
	return deepSizes(args, deepLimit) + times(n, rows), err
}

// regexPrice is the work of running a pattern over a text: once, or, where it is to find all, as often as the text has
// characters, since a pattern may look at all that is left for each match.
func regexPrice(pattern, text int, all bool) price {
	return func(args []cty.Value) (int64, error) {
		n := deepSizes(args, deepLimit)
		size := programSize(textOf(args[pattern]))
		length := int64(len(textOf(args[text])))
		n += times(size, 8+length/4)
		if all {
			n += times(size, square(length)/32)
		}
		if len(args) == 3 {
			with := textOf(args[2])
			n += times(length+1, int64(len(with))) + times(int64(strings.Count(with, "$")), length)
		}
		return n, nil
	}
}

// programSize gives about the number of instructions of a regular expression, before it is compiled.
func programSize(pattern string) int64 {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return int64(len(pattern)) // the function says what is wrong
	}
	return instructions(tree)
}

func instructions(re *syntax.Regexp) int64 {
	n := int64(1 + len(re.Rune)/2)
	for _, sub := range re.Sub {
		n += instructions(sub)
	}
	if re.Op == syntax.OpRepeat {
		n = times(n, int64(max(re.Min, re.Max, 1)))
	}
	return n
}

// productPrice refuses products of more elements than the limit.
func productPrice(limit int) price {
	return func(args []cty.Value) (int64, error) {
		n := 1
		for _, a := range args {
			size := elements(a)
			if size > 0 && n > limit/size {
				return 0, fmt.Errorf("the product would have more than %s elements", grouped(limit))
			}
			n *= size
		}
		return deepSizes(args, deepLimit) + int64(n)*int64(8+8*len(args)), nil
	}
}

// nestedPrice refuses JSON whose brackets are nested so deeply that reading it would exhaust the stack.
func nestedPrice(args []cty.Value) (int64, error) {
	depth, inText := 0, false
	text := textOf(args[0])
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case inText && c == '\\':
			i++
		case c == '"':
			inText = !inText
		case inText:
		case c == '[' || c == '{':
			if depth++; depth > maxNesting {
				return 0, function.NewArgErrorf(0, "at most %d brackets may be nested", maxNesting)
			}
		case c == ']' || c == '}':
			depth--
		}
	}
	return 8 * int64(len(text)), nil
}

// digitsPrice refuses numbers of more digits than anyone writes.
func digitsPrice(args []cty.Value) (int64, error) {
	if n := len(textOf(args[0])); n > maxDigits {
		return 0, function.NewArgErrorf(0, "%s characters are too many for a number", grouped(n))
	}
	return 8, nil
}
