package frame

import (
	"math"
	"strconv"
)

// Rewrite replaces every text of the table by what text makes of it: values, names of columns, their units and docs, and
// metadata. The digits of whole numbers go through number: a column of which it changes one becomes text. It is for
// tables that are shown, and changes this one in place: names may be equal afterwards.
func (t *Table) Rewrite(text, number func(string) string) {
	for key, value := range t.Meta {
		t.Meta[key] = text(value)
	}
	for i := range t.Columns {
		c := &t.Columns[i]
		c.Name, c.Unit, c.Doc = text(c.Name), text(c.Unit), text(c.Doc)
		switch c.Type {
		case String:
			c.Strings = c.Strings.Map(text)
		case Int64, Float64:
			c.rewriteNumbers(number)
		}
	}
}

// rewriteNumbers makes the column one of text if number changes a value.
func (c *Column) rewriteNumbers(number func(string) string) {
	texts := make([]string, c.Len())
	changed := false
	for row := range texts {
		texts[row] = c.Text(row)
		if digits := c.Digits(row); digits != "" {
			if to := number(digits); to != digits {
				texts[row], changed = to, true
			}
		}
	}
	if changed {
		c.Type, c.Int64s, c.Float64s, c.Strings = String, nil, nil, TextsOf(texts)
	}
}

// Digits gives a whole number as it is written in full, also one among fractions, where it may have come from a table in
// which there were none; "" for null and for what is no whole number of at most 2^53.
func (c *Column) Digits(row int) string {
	switch {
	case c.Null(row):
	case c.Type == Int64:
		return strconv.FormatInt(c.Int64s[row], 10)
	case c.Type == Float64:
		if x := c.Float64s[row]; x == math.Trunc(x) && math.Abs(x) <= 1<<53 {
			return strconv.FormatInt(int64(x), 10)
		}
	}
	return ""
}
