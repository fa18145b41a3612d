package stages

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"
)

// Nearest gives the candidate closest to a mistyped name, or "" if none is close. Ties go to the
// first in alphabetical order.
func Nearest(name string, candidates []string) string {
	best, bestDistance := "", 1+max(1, min(3, len(name)/3))
	sorted := slices.Sorted(slices.Values(candidates))
	for _, c := range sorted {
		if c == name {
			continue
		}
		d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(c), nil)
		if d == 2 && len(name) >= 3 && sameLetters(strings.ToLower(name), strings.ToLower(c)) {
			d = 1 // two letters changed places
		}
		if d < bestDistance {
			best, bestDistance = c, d
		}
	}
	if best == "" && len(name) >= 3 {
		for _, c := range sorted {
			if strings.HasPrefix(c, name) || len(c) >= 3 && strings.HasPrefix(name, c) {
				return c
			}
		}
	}
	return best
}

// sameLetters reports whether two words are made of the same letters.
func sameLetters(a, b string) bool {
	x, y := []byte(a), []byte(b)
	slices.Sort(x)
	slices.Sort(y)
	return string(x) == string(y)
}

// SomeNames lists names in their order, of more than 15 the first 14 and how many more there are.
func SomeNames(names []string) string {
	if len(names) > 15 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:14], ", "), len(names)-14)
	}
	return strings.Join(names, ", ")
}

// NoColumn is the error for a column that does not exist among those that do.
func NoColumn(name string, have []string) error {
	near := ""
	if best := Nearest(name, have); best != "" {
		near = fmt.Sprintf("; did you mean %q?", best)
	}
	return fmt.Errorf("there is no column %q; the columns are %s%s", name, SomeNames(have), near)
}
