package frame

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// clash is the error for a column whose types in two of all tables have nothing in common.
func clash(column string, a, b *witness, all []*witness) error {
	a, b = written(a, all), written(b, all)
	text, other := a, b
	if text.field.Type != String {
		text, other = b, a
	}
	what := fmt.Sprintf("the column %q holds %v in %s and %v in %s", column, a.field.Type, a.from.Table, b.field.Type, b.from.Table)
	if text.field.Type != String || !other.field.Type.IsNumber() && other.field.Type != Bool {
		return fmt.Errorf("%s: %s", what, oneType(column))
	}
	odd, err := text.share.find(func(c *Column, row int) bool { return !IsNumeral(c.Strings.At(row)) })
	if err != nil {
		return err
	}
	if odd == nil {
		return fmt.Errorf("%s: all texts of %s are numbers, such as %s: %s", what, text.from.Table, Excerpt(text.text), oneType(column))
	}
	return fmt.Errorf("%s, in row %d %s: %s", what, odd.from.Row+1, Excerpt(odd.text), NoValueOrText(column, odd.text))
}

// written gives a witness of text for one whose guessed type is text only because of that.
func written(w *witness, all []*witness) *witness {
	for _, o := range all {
		if w.field.Type == String && w.share.Field.Type != String && o.share.Field.Type == String {
			return o
		}
	}
	return w
}

// NoValueOrText says what to do about a text among numbers.
func NoValueOrText(column, text string) string {
	if Excerpt(text) != strconv.Quote(text) {
		return oneType(column)
	}
	return fmt.Sprintf("if %s says that there is no value, declare null = [%s] in the CSV output of the exec that writes it; else give the column one type there, such as columns = { %s = { type = \"string\" } }",
		Excerpt(text), Excerpt(text), column)
}

// oneType says what to do about a column whose types have nothing in common.
func oneType(column string) string {
	return fmt.Sprintf(`give it one type where these tables are made (an exec declares it: columns = { %s = { type = "string" } } in the output)`, column)
}

// Excerpt quotes a text, or its beginning.
func Excerpt(text string) string {
	const most = 40
	if utf8.RuneCountInString(text) <= most {
		return strconv.Quote(text)
	}
	return strconv.Quote(string([]rune(text)[:most])) + "..."
}

// IsNumeral reports whether a text is a finite number.
func IsNumeral(text string) bool {
	x, err := strconv.ParseFloat(strings.Trim(text, " \t"), 64)
	return err == nil && !math.IsNaN(x) && !math.IsInf(x, 0)
}

// FirstWord gives the first row whose text is no number; -1 if there is none, or the column holds no text.
func (c *Column) FirstWord() int {
	for row := range c.Strings.Len() {
		if !c.Null(row) && !IsNumeral(c.Strings.At(row)) {
			return row
		}
	}
	return -1
}

// fractions names a table that has fractions.
func fractions(all []*witness) string {
	for _, w := range all {
		if w.field.Type == Float32 || w.field.Type == Float64 {
			return fmt.Sprintf("%v in %s", w.field.Type, w.from.Table)
		}
	}
	return "in another"
}
