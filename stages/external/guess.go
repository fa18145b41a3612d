package external

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/csvtext"
)

// A csvColumn is a column of CSV that is being read: first every field is looked at, then the type is decided, then
// every field is set.
type csvColumn struct {
	column   frame.Column
	null     []string
	declared bool // the type is
	dropped  bool
	// nameless columns, such as the index that pandas and R write, are dropped if they count the rows or are empty.
	nameless bool
	miscount bool // it is no count of rows
	first    int  // with what a nameless column begins to count

	guess guess
	texts map[string]string // distinct values, so that each is held once
}

// A guess is what was seen of a column's fields.
type guess struct {
	nulls, values, numbers, truths, texts int
	fractions                             bool // a number is not whole
	words                                 int
	word                                  spot // the first that means no number, such as NA
	large                                 spot // the first whole number beyond int64
	inexact                               spot // the first whole number that no float64 is equal to
	reworded                              bool // a number or truth value is not written as it is here: +3, True
}

// A spot is a field and its line; 0 for none.
type spot struct {
	field string
	line  int
}

// note keeps the first.
func (s *spot) note(field string, line int) {
	if s.line == 0 {
		*s = spot{strings.Clone(field), line}
	}
}

// isNull reports whether a field stands for no value.
func (c *csvColumn) isNull(field string) bool {
	return field == "" || slices.Contains(c.null, field)
}

// look takes note of a field.
func (c *csvColumn) look(field string, row, line int) {
	if c.isNull(field) {
		c.guess.nulls++
		return
	}
	c.guess.values++
	if c.nameless && !c.miscount {
		n, err := strconv.Atoi(field)
		if row == 0 {
			c.first = n
		}
		c.miscount = err != nil || n != c.first+row || c.first < 0 || c.first > 1 || c.guess.nulls > 0
	}
	if c.declared || c.dropped {
		return
	}
	g := &c.guess
	switch whole, number := csvtext.Numeral(field); {
	case number:
		g.numbers++
		g.reworded = g.reworded || field[0] == '+' || field[0] == ' ' || field == "-0" || field[len(field)-1] <= ' ' || field[0] == '\t'
		g.fractions = g.fractions || !whole
		if whole && len(field) > 15 {
			g.lookLarge(field, line)
		}
	case isTruth(field):
		g.truths++
		g.reworded = g.reworded || field != "true" && field != "false"
	case csvtext.IsWord(field):
		g.words++
		g.word.note(field, line)
	default:
		g.texts++
	}
}

// lookLarge takes note of a whole number of many digits.
func (g *guess) lookLarge(field string, line int) {
	digits := strings.TrimPrefix(strings.Trim(field, " \t"), "+")
	if _, err := strconv.ParseInt(digits, 10, 64); err != nil {
		g.large.note(field, line)
	}
	if x, err := strconv.ParseFloat(digits, 64); err != nil || strconv.FormatFloat(x, 'f', 0, 64) != digits {
		g.inexact.note(field, line)
	}
}

// tooManyDigits refuses to round a whole number without being told to.
func tooManyDigits(column string, at spot, why string) error {
	digits := at.field
	if len(digits) > 40 {
		digits = digits[:40] + "..."
	}
	return fmt.Errorf("column %s, line %d: %s %s: declare columns = { %s = { type = \"string\" } } to keep its digits, or type = \"float64\" to round it",
		column, at.line, digits, why, column)
}

// decide settles the type, or drops the column.
func (c *csvColumn) decide() error {
	if c.nameless && !c.dropped {
		if g := &c.guess; c.miscount || g.nulls > 0 && g.values > 0 {
			return fmt.Errorf("a column has no name (%q) and is not a count of the rows: name it, as in columns = { id = { from = %q } }, or write the table without it (pandas: index=False; R: row.names = FALSE)",
				c.column.Name, c.column.Name)
		}
		c.dropped = true
	}
	if c.dropped || c.declared {
		return nil
	}
	var err error
	c.column.Type, err = c.guess.typed(c.column.Name)
	c.column.Guess = c.guess.of(c.column.Type)
	return err
}

// of says how the type was found.
func (g *guess) of(t frame.Type) frame.Guess {
	switch {
	case (t == frame.Int64 || t == frame.Bool) && !g.reworded:
		return frame.GuessPlain
	case t == frame.String && g.words > 0 && g.words == g.values:
		return frame.GuessWords
	}
	return ""
}

// width gives the number of bytes that a value takes, beside the letters of a text.
func (c *csvColumn) width() int64 {
	if c.dropped {
		return 0
	}
	switch c.column.Type {
	case frame.Bool, frame.Int8:
		return 2
	case frame.Float32:
		return 5
	case frame.String:
		return 17
	}
	return 9
}

// makeRoom makes room for the values.
func (c *csvColumn) makeRoom(rows int) {
	if c.dropped {
		return
	}
	c.column, c.texts = empty(c.column, rows), map[string]string{}
	if c.guess.nulls > 0 {
		c.column.Nullable, c.column.Valid = true, make([]bool, rows)
	}
}

// typed gives the first type that fits all values: whole numbers, numbers, true and false, text. Numbers with leading
// zeros are text, since they name things (007), and so is a column without values. What would lose digits is an error.
func (g *guess) typed(name string) (frame.Type, error) {
	switch {
	case g.texts > 0 || g.numbers > 0 && g.truths > 0:
		return frame.String, nil
	case g.words > 0 && g.numbers+g.truths > 0:
		what := "numbers"
		if g.truths > 0 {
			what = "true and false"
		}
		return 0, fmt.Errorf("column %s, line %d: %q stands among %s: if it says that there is no value, declare null = [%s]; if the column is text, columns = { %s = { type = \"string\" } }",
			name, g.word.line, g.word.field, what, inSpec(g.word.field), name)
	case g.fractions && g.inexact.line > 0:
		return 0, tooManyDigits(name, g.inexact, "stands among fractions, and no float64 is equal to it")
	case g.fractions:
		return frame.Float64, nil
	case g.large.line > 0:
		return 0, tooManyDigits(name, g.large, "is a whole number beyond int64")
	case g.numbers > 0:
		return frame.Int64, nil
	case g.truths > 0:
		return frame.Bool, nil
	}
	return frame.String, nil
}

func isTruth(s string) bool { return strings.EqualFold(s, "true") || strings.EqualFold(s, "false") }
