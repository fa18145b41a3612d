package csvtext

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// ErrNumber says that a field is no number of the kind that is asked for, ErrRange that it is one beyond the type.
var (
	ErrNumber = errors.New("no number")
	ErrRange  = errors.New("too large")
)

// Whole reads a whole number, as 12 or 1e3 or 12.0, exactly. The error is ErrNumber or ErrRange.
func Whole(field string, bits int) (int64, error) {
	s := strings.Trim(field, " \t")
	n, err := strconv.ParseInt(s, 10, bits)
	if err == nil {
		return n, nil
	}
	x, xerr := Decimal(field, 64)
	if xerr == nil {
		if digits, ok := wholeDigits(s); ok {
			if n, err = strconv.ParseInt(digits, 10, bits); err == nil {
				return n, nil
			}
		}
	}
	if errors.Is(err, strconv.ErrRange) || xerr == nil && math.Abs(x) >= 1<<63 {
		return 0, ErrRange
	}
	return 0, ErrNumber
}

// wholeDigits writes a decimal number that is whole, and not too large, without point and exponent.
func wholeDigits(s string) (string, bool) {
	mantissa, exponent := strings.ToLower(s), 0
	if i := strings.IndexByte(mantissa, 'e'); i >= 0 {
		var err error
		if exponent, err = strconv.Atoi(mantissa[i+1:]); err != nil {
			return "", false
		}
		mantissa = mantissa[:i]
	}
	digits, fraction, _ := strings.Cut(mantissa, ".")
	digits, exponent = digits+fraction, exponent-len(fraction)
	for exponent < 0 && strings.HasSuffix(digits, "0") {
		digits, exponent = digits[:len(digits)-1], exponent+1
	}
	switch bare := strings.TrimLeft(digits, "+-0"); {
	case bare == "":
		return "0", true
	case exponent < 0 || exponent > 20:
		return "", false
	}
	return digits + strings.Repeat("0", exponent), true
}

// Decimal reads a decimal number: no hexadecimal one, no underscores, neither NaN nor infinite. Spaces and tabs around it do not
// count. The error is ErrNumber or ErrRange.
func Decimal(field string, bits int) (float64, error) {
	s := strings.Trim(field, " \t")
	if strings.ContainsAny(s, "xX_pPnN") { // nan, inf
		return 0, ErrNumber
	}
	x, err := strconv.ParseFloat(s, bits)
	if errors.Is(err, strconv.ErrRange) {
		return 0, ErrRange
	}
	if err != nil {
		return 0, ErrNumber
	}
	return x, nil
}

// Numeral reports whether s is a decimal number, with spaces around it or not, and whether it is whole. Hexadecimal
// numbers, underscores and leading zeros are none.
func Numeral(s string) (whole, number bool) {
	s = strings.Trim(s, " \t")
	if s != "" && (s[0] == '+' || s[0] == '-') {
		s = s[1:]
	}
	digits := LeadingDigits(s)
	if digits > 1 && s[0] == '0' {
		return false, false
	}
	rest, decimals := s[digits:], 0
	whole = rest == ""
	if strings.HasPrefix(rest, ".") {
		decimals = LeadingDigits(rest[1:])
		rest = rest[1+decimals:]
	}
	if digits+decimals == 0 {
		return false, false
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		n := LeadingDigits(rest)
		return false, n > 0 && n == len(rest)
	}
	return whole, rest == ""
}

// LeadingDigits counts the digits that s begins with.
func LeadingDigits(s string) int {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

// IsWord reports whether s is what programs write for a number that does not exist or is not finite.
func IsWord(s string) bool {
	switch strings.ToLower(strings.Trim(s, " \t")) {
	case "na", "n/a", "#n/a", "<na>", "nan", "-nan", "null", "none", "nil", "nat", ".", "-", "?",
		"inf", "+inf", "-inf", "infinity", "+infinity", "-infinity":
		return true
	}
	return false
}
