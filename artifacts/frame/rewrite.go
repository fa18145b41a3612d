package frame

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
			for row, s := range c.Strings {
				c.Strings[row] = text(s)
			}
		case Int64:
			c.rewriteNumbers(number)
		}
	}
}

// rewriteNumbers makes the column one of text if number changes a value.
func (c *Column) rewriteNumbers(number func(string) string) {
	texts := make([]string, len(c.Int64s))
	changed := false
	for row := range c.Int64s {
		if !c.Null(row) {
			digits := c.Text(row)
			texts[row] = number(digits)
			changed = changed || texts[row] != digits
		}
	}
	if changed {
		c.Type, c.Int64s, c.Strings = String, nil, texts
	}
}
