package frame

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"unicode/utf8"
)

// Check is what the engine runs before it stores a table: every field is there in order with the
// declared type, unit, nullability and mark, and no other column; columns are equally long; names
// are snake_case and distinct; numbers are finite; nulls stand only in nullable columns; strings
// are valid UTF-8. With nil fields only the table's own consistency is checked. The error names
// the columns, and the row (from 0) of the first bad value of each.
func (t *Table) Check(fields []Field) error { return t.check(fields, fields == nil) }

// CheckHas is Check for a table that may have other columns too, wherever they stand among the fields.
func (t *Table) CheckHas(fields []Field) error { return t.check(fields, true) }

func (t *Table) check(fields []Field, others bool) error {
	errs := t.checkFields(fields, others)
	seen := make(map[string]bool, len(t.Columns))
	rows := t.Rows()
	for i := range t.Columns {
		c := &t.Columns[i]
		if seen[c.Name] {
			errs = append(errs, fmt.Errorf("column %s: there are two of that name", c.Name))
		}
		seen[c.Name] = true
		if err := c.check(rows); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (t *Table) checkFields(fields []Field, others bool) []error {
	var errs []error
	for _, f := range fields {
		c := t.Column(f.Name)
		switch {
		case c == nil:
			errs = append(errs, fmt.Errorf("column %s is missing", f.Name))
		case c.Type != f.Type:
			errs = append(errs, fmt.Errorf("column %s holds %v, not %v as declared", f.Name, c.Type, f.Type))
		case c.Unit != f.Unit:
			errs = append(errs, fmt.Errorf("column %s has the unit %q, not %q as declared", f.Name, c.Unit, f.Unit))
		case c.Nullable != f.Nullable:
			errs = append(errs, fmt.Errorf("column %s: nullable is %v, not %v as declared", f.Name, c.Nullable, f.Nullable))
		case f.Length != 0 && c.Length != f.Length:
			errs = append(errs, fmt.Errorf("column %s has %d %v in a row, not %d as declared", f.Name, c.Length, c.Type, f.Length))
		case f.Scale != 0 && (c.Scale != f.Scale || c.Offset != f.Offset):
			errs = append(errs, fmt.Errorf("column %s has the scale %v and the offset %v, not %v and %v as declared", f.Name, c.Scale, c.Offset, f.Scale, f.Offset))
		case c.Mark != f.Mark:
			errs = append(errs, fmt.Errorf("column %s has the mark %q, not %q as declared", f.Name, c.Mark, f.Mark))
		}
	}
	declared := make([]string, 0, len(fields)) // in the table's order
	for i := range t.Columns {
		name := t.Columns[i].Name
		if slices.ContainsFunc(fields, func(f Field) bool { return f.Name == name }) {
			declared = append(declared, name)
		} else if !others {
			errs = append(errs, fmt.Errorf("column %s is not declared", name))
		}
	}
	if len(errs) > 0 {
		return errs
	}
	for i, f := range fields {
		if declared[i] != f.Name {
			return []error{fmt.Errorf("column %s stands where %s is declared", declared[i], f.Name)}
		}
	}
	return nil
}

// check finds the first thing that is wrong with the column.
func (c *Column) check(rows int) error {
	if !IsName(c.Name) {
		return fmt.Errorf("column %q: a name is snake_case: a lower-case letter, then lower-case letters, digits and _", c.Name)
	}
	if !utf8.ValidString(c.Doc) || !utf8.ValidString(c.Unit) || !utf8.ValidString(string(c.Mark)) {
		return fmt.Errorf("column %s: its description is not valid UTF-8", c.Name)
	}
	if !c.Mark.Known() {
		return fmt.Errorf("column %s has the mark %q; the marks are %v, several joined by Mark.With", c.Name, c.Mark, Marks)
	}
	if err := c.checkShape(); err != nil {
		return fmt.Errorf("column %s: %w", c.Name, err)
	}
	if c.Len() != rows {
		return fmt.Errorf("column %s has %d rows, the first column %d", c.Name, c.Len(), rows)
	}
	if c.Valid != nil && !c.Nullable {
		if i := slices.Index(c.Valid, false); i >= 0 {
			return fmt.Errorf("column %s, row %d: null, but the column is not nullable", c.Name, i)
		}
	}
	return c.checkValues()
}

// checkShape checks that the slices fit the type and each other.
func (c *Column) checkShape() error {
	if c.Type < Bool || c.Type > Bytes {
		return fmt.Errorf("%v is not a type", c.Type)
	}
	lengths := [...]struct {
		used bool
		n    int
	}{
		{c.Type.stored() == Bool, len(c.Bools)},
		{c.Type.stored() == Int8, len(c.Int8s)},
		{c.Type.stored() == Int64, len(c.Int64s)},
		{c.Type.stored() == Float32, len(c.Float32s)},
		{c.Type.stored() == Float64, len(c.Float64s)},
		{c.Type.stored() == String, c.Strings.Len()},
		{c.Type == Signs, len(c.Words)},
		{c.Type == Bytes, len(c.Uint8s)},
		{c.Type.hasOffsets(), len(c.Offsets)},
	}
	elements := 0
	for i, l := range lengths {
		if !l.used && l.n > 0 {
			return fmt.Errorf("it holds %v, but values of another type are set", c.Type)
		}
		if l.used && i < len(lengths)-1 {
			elements = l.n
		}
	}
	if err := c.checkPacked(); err != nil {
		return err
	}
	if c.Valid != nil && len(c.Valid) != c.Len() {
		return fmt.Errorf("%d rows, but %d marks of validity", c.Len(), len(c.Valid))
	}
	if !c.Type.hasOffsets() {
		return nil
	}
	if len(c.Offsets) == 0 || c.Offsets[0] != 0 || int(c.Offsets[len(c.Offsets)-1]) != elements {
		return fmt.Errorf("the offsets do not run from 0 to %d, the number of elements", elements)
	}
	for i := range c.Len() {
		if c.Offsets[i] > c.Offsets[i+1] {
			return fmt.Errorf("row %d: the offsets decrease", i)
		}
		if c.Null(i) && c.Offsets[i] != c.Offsets[i+1] {
			return fmt.Errorf("row %d: a null list has elements", i)
		}
	}
	return nil
}

// checkPacked checks what only rows of equal length have.
func (c *Column) checkPacked() error {
	most := 0
	if c.Type.isPacked() {
		most = maxPacked
	}
	switch {
	case c.Length < min(1, most) || c.Length > most:
		return fmt.Errorf("it holds %v, %d in a row", c.Type, c.Length)
	case c.Type != Bytes && (c.Scale != 0 || c.Offset != 0):
		return fmt.Errorf("it holds %v, with a scale or an offset", c.Type)
	case c.Type == Signs && len(c.Words)%c.words() != 0:
		return fmt.Errorf("%d words are no rows of %d signs", len(c.Words), c.Length)
	case c.Type == Bytes && len(c.Uint8s)%c.Length != 0:
		return fmt.Errorf("%d bytes are no rows of %d", len(c.Uint8s), c.Length)
	case c.Type == Bytes:
		return c.checkScale()
	}
	return nil
}

func (c *Column) checkValues() error {
	switch c.Type {
	case Float64:
		for i, x := range c.Float64s {
			// x-x is 0 unless x is infinite or not a number
			if x-x != 0 && !c.Null(i) {
				return c.badNumber(i, x)
			}
		}
	case Float32:
		for i, x := range c.Float32s {
			if x-x != 0 && !c.Null(i) {
				return c.badNumber(i, float64(x))
			}
		}
	case Float32List:
		for i, x := range c.Float32s {
			if x-x != 0 {
				return c.badElement(i, float64(x))
			}
		}
	case Float64List:
		for i, x := range c.Float64s {
			if x-x != 0 {
				return c.badElement(i, x)
			}
		}
	case Signs:
		return c.checkSigns()
	case Date:
		for i, x := range c.Int64s {
			if (x < -maxDays || x > maxDays) && !c.Null(i) {
				return fmt.Errorf("column %s, row %d: day %d is too far from 1970 for a date", c.Name, i, x)
			}
		}
	case TimeOfDay:
		for i, x := range c.Int64s {
			if (x < 0 || x >= dayNanos) && !c.Null(i) {
				return fmt.Errorf("column %s, row %d: %d ns are no time of day", c.Name, i, x)
			}
		}
	case String:
		return c.checkTexts()
	}
	return nil
}

func (c *Column) badNumber(row int, x float64) error {
	return fmt.Errorf("column %s, row %d: %s; write null for what does not exist", c.Name, row, notFinite(x))
}

func (c *Column) badElement(i int, x float64) error {
	row, _ := slices.BinarySearch(c.Offsets, int32(i)+1)
	return fmt.Errorf("column %s, row %d: %s in a list; write null for the whole list, or leave the element out", c.Name, row-1, notFinite(x))
}

func notFinite(x float64) string {
	if math.IsNaN(x) {
		return "NaN"
	}
	return formatFloat(x, 64)
}

// IsName reports whether s can name a column: snake_case, which is a lower-case letter, then lower-case
// letters, digits and _.
func IsName(s string) bool {
	for i := range len(s) {
		ch := s[i]
		if (ch < 'a' || ch > 'z') && (i == 0 || ch != '_' && (ch < '0' || ch > '9')) {
			return false
		}
	}
	return s != ""
}
