package claimtests

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"spurion/stages/numeric/distribution"
)

// number gives x in at most four significant digits, for people: 12340, 0.0012, 1.2e-07.
func number(x float64) string {
	text := strconv.FormatFloat(x, 'g', 4, 64)
	if size := math.Abs(x); strings.Contains(text, "e") && size >= 1e-4 && size < 1e9 {
		if rounded, err := strconv.ParseFloat(text, 64); err == nil {
			return strconv.FormatFloat(rounded, 'f', -1, 64)
		}
	}
	return text
}

// numberOrNone gives a number for people; an infinity stands for a null that was counted.
func numberOrNone(x float64) string {
	if !finite(x) {
		return "null"
	}
	return number(x)
}

// percent gives a share as a percentage, for people.
func percent(share float64) string { return number(float64(100 * share)) }

// pText gives "p = .0004": a p-value in as many digits as tell.
func pText(p float64) string {
	if p < 1e-4 {
		text := strconv.FormatFloat(p, 'e', 0, 64)
		mantissa, exponent, _ := strings.Cut(text, "e-")
		return "p = " + mantissa + "e-" + strings.TrimLeft(exponent, "0")
	}
	digits := 2
	if p > 0.01 {
		digits = 3 // where levels lie
	}
	return "p = " + strings.TrimPrefix(strconv.FormatFloat(p, 'g', digits, 64), "0")
}

// count gives "1 row", "2 rows".
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// withUnit gives a number with its unit: "120 steps", or "0.4" for a pure number.
func withUnit(x float64, unit string) string { return numberOrNone(x) + unitText(unit) }

// unitText gives " steps", or nothing for a pure number.
func unitText(unit string) string {
	if unit == "" || unit == "1" {
		return ""
	}
	return " " + unit
}

// rangeText gives "95 % interval 1 to 2", or one without an end; nothing where there is none.
func rangeText(low, high, confidence float64) string {
	level := percent(confidence) + " % interval "
	switch {
	case math.IsNaN(low) || math.IsNaN(high) || !finite(low) && !finite(high):
		return ""
	case !finite(high):
		return level + "from " + number(low) + " on"
	case !finite(low):
		return level + "up to " + number(high)
	}
	return level + number(low) + " to " + number(high)
}

// listed joins what there is: "95 % interval 1 to 2; Welch p = .03; 20 seeds".
func listed(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "; ")
}

// nullsText says how many values were null and what became of them, or nothing.
func nullsText(n int, missing string) string {
	if n == 0 {
		return ""
	}
	fate := map[string]string{"drop": "left out", "above": "counted as above all others", "fail": "counted as failing"}[missing]
	return fmt.Sprintf("%d null, %s", n, fate)
}

// at gives " at strength 0.9, decay 0": the rows that conditions pick, or nothing.
func at(where map[string]string) string {
	if len(where) == 0 {
		return ""
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(where)) {
		parts = append(parts, name+" "+strings.TrimSpace(where[name]))
	}
	return " at " + strings.Join(parts, ", ")
}

// those names the other side of a comparison: "that at strength 0.6" of the same column, or the other column.
func those(column string, where map[string]string, other string) string {
	if other == column && len(where) > 0 {
		return "that" + at(where)
	}
	return other + at(where)
}

// titled gives a word with a capital.
func titled(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// manyRows says how many rows there are, if there are more than units.
func manyRows(v *verdict) string {
	if v.n == v.units {
		return ""
	}
	return count(v.n, "row") + " in all"
}

// keepText gives "All 20 seeds have", "18 of 20 seeds have".
func keepText(good, n int, p *pool) string {
	switch {
	case good == n && n == 1:
		return "The only " + p.singular() + " has"
	case good == n:
		return "All " + p.units(n) + " have"
	case good == 0:
		return "None of " + p.units(n) + " has"
	case good == 1:
		return "1 of " + p.units(n) + " has"
	}
	return fmt.Sprintf("%d of %s have", good, p.units(n))
}

// factText says that units at hand are no test, and what share of all such units they speak for.
func factText(good, n int, p *pool, confidence float64) string {
	low, high := distribution.ClopperPearson(good, n, confidence)
	return fmt.Sprintf(" That is a fact about %s; the share among all such %s is %s to %s (%s %% interval).",
		p.these(n), p.plural(), number(low), number(high), percent(confidence))
}

// these gives "these seeds", or "this seed" of one.
func (p *pool) these(n int) string {
	if n == 1 {
		return "this " + p.singular()
	}
	return "these " + p.plural()
}

// rowsText gives "20 rows of 5 seeds".
func (p *pool) rowsText(v *verdict) string {
	if p.unit == "" || v.n == v.units {
		return p.units(v.units)
	}
	return count(v.n, "row") + " of " + p.units(v.units)
}
