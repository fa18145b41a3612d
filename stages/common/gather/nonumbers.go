package gather

import (
	"fmt"
	"slices"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// noNumbers is the error for a column c, nil if there is none, that should hold numbers. A CSV says nothing of types, so
// one text in one table makes text of all: it names that table, and one that holds numbers.
func noNumbers(c *frame.Column, name string, of []Part) error {
	wrong := fmt.Sprintf("there is no column %q", name)
	if c != nil {
		wrong = fmt.Sprintf("column %q holds %v, not numbers", name, c.Type)
		if c.Type == frame.String {
			text, _ := whichText(c, of)
			wrong += text
		}
	}
	others := slices.DeleteFunc(Numeric(of), func(other string) bool { return other == name })
	if len(others) == 0 {
		return fmt.Errorf("%s", wrong)
	}
	return fmt.Errorf("%s; the columns of numbers are %s", wrong, stages.SomeNames(others))
}

// whichText says where the first text stands that is no number; and, if others are numbers, so that it is mixed, what to do.
func whichText(joined *frame.Column, of []Part) (text string, mixed bool) {
	if len(of) <= 1 {
		if len(of) == 1 && of[0].axis(joined.Name) == nil {
			joined = of[0].Table().Column(joined.Name) // of which no condition has left out a row
		}
		row := joined.FirstWord()
		if row < 0 {
			return "", false
		}
		text = fmt.Sprintf(": row %d has %s", row+1, frame.Excerpt(joined.Strings.At(row)))
		if mixed = joined.Strings.Any(frame.IsNumeral); mixed {
			text += ", others have numbers: " + frame.NoValueOrText(joined.Name, joined.Strings.At(row))
		}
		return text, mixed
	}
	word, number, numbers, row := -1, -1, "", 0
	for i := range of {
		c := of[i].Table().Column(joined.Name)
		if c == nil || c.Nulls() == c.Len() {
			continue
		}
		if at := c.FirstWord(); at >= 0 && word < 0 {
			word, row = i, at
		}
		if number < 0 && numeric(c.Type) {
			number, numbers = i, c.Type.String()
		}
	}
	if word < 0 {
		return "", false
	}
	said := of[word].Table().Column(joined.Name).Strings.At(row)
	text = fmt.Sprintf(": row %d of table %s has %s", row+1, partName(word, &of[word]), frame.Excerpt(said))
	if number >= 0 {
		text += fmt.Sprintf(", table %s holds %s: %s", partName(number, &of[number]), numbers, frame.NoValueOrText(joined.Name, said))
	}
	return text, number >= 0
}
