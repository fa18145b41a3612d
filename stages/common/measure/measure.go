// Package measure tells what a column of numbers measures, where a spec does not say: whether its numbers are
// shares. It is the one place for that rule, and for which interval their means and differences have.
package measure

import (
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/numeric/interval"
)

var (
	// shareWords say that a number of unit 1 is a share.
	shareWords = []string{"accuracy", "acc", "wga", "share", "precision", "recall", "jaccard", "f1", "auc", "auroc"}
	// changeWords say that a number is another's difference or the like.
	changeWords = []string{"gain", "difference", "change", "lead", "drop", "gap", "ratio", "floor", "se"}
)

// Named reports whether a column's name has one of the words and is not that of a change.
func Named(name string, words []string) bool {
	parts := strings.Split(strings.ToLower(name), "_")
	has := func(list []string) bool {
		return slices.ContainsFunc(parts, func(p string) bool { return slices.Contains(list, p) })
	}
	return has(words) && !has(changeWords)
}

// IsShare reports whether the numbers of a column are shares. What a spec says in its setting shares, by column,
// comes first. Else they are if the unit is share, or if it is 1 or none and the name says so, and if all values lie
// in [0, 1]. Values that do not, in a column that is said to be one of shares, are an error.
func IsShare(column frame.Field, said map[string]bool, values []float64) (bool, error) {
	outside := slices.IndexFunc(values, func(v float64) bool { return !(v >= 0 && v <= 1) })
	if share, given := said[column.Name]; given {
		if share && outside >= 0 {
			return false, fmt.Errorf("shares: %s is %v, which is no share: they lie between 0 and 1", column.Name, values[outside])
		}
		return share, nil
	}
	plain := column.Unit == "1" || column.Unit == ""
	return outside < 0 && (column.Unit == "share" || plain && Named(column.Name, shareWords)), nil
}

// Mean gives the mean of values, of which there is at least one, and its 95 % interval: that of shares lies in [0, 1].
func Mean(values []float64, shares bool) interval.Mean {
	if shares {
		return interval.Within(values, 0, 1)
	}
	return interval.Of(values)
}

// Difference gives the mean of paired differences of values, of which there is at least one, and its 95 % interval: that
// of differences of shares lies in [-1, 1].
func Difference(gaps []float64, ofShares bool) interval.Mean {
	if ofShares {
		return interval.Within(gaps, -1, 1)
	}
	return interval.Of(gaps)
}

// Intervals names the intervals of Mean and Difference for a caption: of the columns that hold shares, as people call
// them, and of others, if there are any.
func Intervals(shares []string, others bool) string {
	switch {
	case len(shares) == 0:
		return "Student's t"
	case !others:
		return "Wilson's"
	}
	return "Wilson's for " + strings.Join(shares, ", ") + ", Student's t for the rest"
}
