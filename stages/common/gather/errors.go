package gather

import (
	"slices"
	"strings"

	"spurion/artifacts/frame"
)

// errorSuffix ends the name of the column that holds the standard errors of the column with the rest of the name.
const errorSuffix = "_se"

// ErrorColumn gives the name of the column with the standard errors of a column's values, from what each was measured
// on: NAME_se, and of a name with a last word, such as accuracy_before, also accuracy_se_before. Every part must have it, as
// numbers in the column's unit; else it is "".
func ErrorColumn(parts []Part, column string) string {
	names := []string{column + errorSuffix}
	if i := strings.LastIndexByte(column, '_'); i > 0 {
		names = append(names, column[:i]+errorSuffix+column[i:])
	}
	list, _ := blocks(parts)
	for _, name := range names {
		if len(list) > 0 && !slices.ContainsFunc(list, func(b *frame.Block) bool {
			f, of := b.Field(name), b.Field(column)
			return f == nil || of == nil || !numeric(f.Type) || f.Unit != of.Unit
		}) {
			return name
		}
	}
	return ""
}
