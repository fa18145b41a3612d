package gather

import (
	"fmt"
	"slices"

	"spurion/artifacts/frame"
)

// The columns that tell whether what a row is about came to its end, or was cut off.
const (
	cappedColumn    = "capped"    // true of a training that took all its steps without a stop rule holding
	convergedColumn = "converged" // false of a fit that did not reach its tolerance
)

// EndingColumn gives the column by which a table tells runs that ended at their cap: capped, or else converged. Every
// part must have it, as truth values; else it is "".
func EndingColumn(parts []Part) string {
	list, _ := blocks(parts)
	for _, name := range []string{cappedColumn, convergedColumn} {
		if len(list) > 0 && !slices.ContainsFunc(list, func(b *frame.Block) bool {
			f := b.Field(name)
			return f == nil || f.Type != frame.Bool
		}) {
			return name
		}
	}
	return ""
}

// CutOff reports whether a row of a column that EndingColumn named is of a run that was cut off; known is false where it
// is null, as what a run was to do then was to take its steps.
func CutOff(c *frame.Column, row int) (cut, known bool) {
	value, known := c.Value(row).(bool)
	return known && value == (c.Name == cappedColumn), known
}

// CutOffText says in a sentence how many of some runs were cut off, by the column that tells it; nothing if none was.
func CutOffText(column string, cut, of int) string {
	switch {
	case cut == 0:
		return ""
	case column == convergedColumn && of == 1:
		return "The fit did not converge."
	case column == convergedColumn:
		return fmt.Sprintf("%d of %d fits did not converge.", cut, of)
	case of == 1:
		return "The run ended at its cap, before a stop rule held."
	case cut == 1:
		return fmt.Sprintf("1 of %d runs ended at its cap, before a stop rule held.", of)
	}
	return fmt.Sprintf("%d of %d runs ended at their cap, before a stop rule held.", cut, of)
}
