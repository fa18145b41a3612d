package external

import (
	"errors"
	"fmt"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/csvtext"
)

// set puts a field into a row.
func (c *csvColumn) set(row int, field string) error {
	if c.isNull(field) {
		return nil
	}
	if c.column.Valid != nil {
		c.column.Valid[row] = true
	}
	var err error
	switch c.column.Type {
	case frame.Bool:
		c.column.Bools[row], err = truth(strings.Trim(field, " \t"))
	case frame.Int8:
		var n int64
		n, err = whole(field, 8)
		c.column.Int8s[row] = int8(n)
	case frame.Int64:
		c.column.Int64s[row], err = whole(field, 64)
	case frame.Float32:
		var x float64
		x, err = decimal(field, 32)
		c.column.Float32s[row] = float32(x)
	case frame.Float64:
		c.column.Float64s[row], err = decimal(field, 64)
	case frame.String:
		c.column.Strings.Set(row, c.text(field))
	}
	return err
}

// mostTexts is how many distinct texts of a column are looked for, so that each is held once.
const mostTexts = 1 << 14

// text gives a copy of a field, the same one for equal fields: the field is part of its whole row.
func (c *csvColumn) text(field string) string {
	if t, ok := c.texts[field]; ok {
		return t
	}
	t := strings.Clone(field)
	if len(c.texts) < mostTexts {
		c.texts[t] = t
	}
	return t
}

// whole reads a whole number, as 12 or 1e3 or 12.0, exactly.
func whole(field string, bits int) (int64, error) {
	n, err := csvtext.Whole(field, bits)
	switch {
	case errors.Is(err, csvtext.ErrRange):
		return 0, fmt.Errorf("%q is too large for int%d", field, bits)
	case err != nil:
		return 0, fmt.Errorf("%q is no whole number%s", field, orNull(field))
	}
	return n, nil
}

// wholeNumber gives x as a whole number of so many bits, and false if it is none or beyond what a float64 holds exactly.
func wholeNumber(x float64, bits int) (int64, bool) {
	limit := float64(int64(1) << 53)
	if bits < 53 {
		limit = float64(int64(1) << (bits - 1))
	}
	n := int64(0)
	if x >= -limit && x <= limit {
		n = int64(x)
	}
	return n, float64(n) == x && (x < limit || bits > 53)
}

// decimal reads a decimal number: no hexadecimal one, no underscores, neither NaN nor infinite.
func decimal(field string, bits int) (float64, error) {
	x, err := csvtext.Decimal(field, bits)
	switch {
	case errors.Is(err, csvtext.ErrRange):
		return 0, fmt.Errorf("%q is too large for float%d", field, bits)
	case err != nil:
		return 0, fmt.Errorf("%q is no number%s", field, orNull(field))
	}
	return x, nil
}

func truth(s string) (bool, error) {
	switch {
	case strings.EqualFold(s, "true"):
		return true, nil
	case strings.EqualFold(s, "false"):
		return false, nil
	}
	return false, fmt.Errorf("%q is neither true nor false%s", s, orNull(s))
}

// orNull says what to declare for a field that means no value.
func orNull(field string) string {
	if !csvtext.IsWord(field) {
		return ""
	}
	return fmt.Sprintf("; if it says that there is no value, declare null = [%s]", inSpec(field))
}
