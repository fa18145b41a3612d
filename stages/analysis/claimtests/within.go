package claimtests

import (
	"fmt"
	"math"
	"slices"

	"spurion/stages/common/gather"
	"spurion/stages/numeric/interval"
	"spurion/stages/numeric/quantile"
)

// reduce makes one value of the rows that a unit has in one cell, by the rule that a claim names in within. Values come in the
// order of the table and are not changed. Of rows with nulls that count as above every value, +Inf, it is +Inf if it may be as
// large as can be.
func reduce(rule string, values []float64) float64 {
	switch rule {
	case "mean":
		return interval.Average(values)
	case "min":
		return slices.Min(values)
	case "max":
		return slices.Max(values)
	case "last":
		return values[len(values)-1]
	}
	return median(slices.Clone(values))
}

// reduceLeast gives the least that the value may be: where some of the rows are nulls, of which all that is known is that they
// are above the largest value. So a unit that is half censored is not ranked above all. It is +Inf only where the value is a null
// itself.
func reduceLeast(rule string, values []float64, largest float64) float64 {
	v := reduce(rule, values)
	if finite(v) || rule == "max" || rule == "last" {
		return v
	}
	sorted := slices.Sorted(slices.Values(values))
	if middle := sorted[(len(sorted)-1)/2]; rule == "median" && !finite(middle) || !finite(sorted[0]) {
		return v // above the largest, whatever the nulls are
	}
	least := make([]float64, len(values))
	for i, x := range values {
		least[i] = min(x, largest)
	}
	return reduce(rule, least)
}

// cell is the rows of one unit in one cell of a claim: a side of a comparison, a value of x.
type cell struct {
	unit   string
	values []float64 // in the order of the table
}

// cells groups rows by unit, in order of appearance.
func cells(rows []observation) []cell {
	var groups gather.Groups[string]
	var list []cell
	for _, o := range rows {
		i := groups.Of(o.unit)
		if i == len(list) {
			list = append(list, cell{unit: o.unit})
		}
		list[i].values = append(list[i].values, o.value)
	}
	return list
}

// largest gives the largest value of all rows that is not a null; -Inf if all are.
func largest(lists ...[]observation) float64 {
	most := math.Inf(-1)
	for _, rows := range lists {
		for _, o := range rows {
			if finite(o.value) {
				most = max(most, o.value)
			}
		}
	}
	return most
}

// withinText says what the values are where there are more rows, or pairs, than cells: "the median of 10 rows of each".
func withinText(rule string, what string, rows, cells int) string {
	if cells == 0 || rows <= cells {
		return ""
	}
	of := fmt.Sprintf("its %ss, %d in all", what, rows)
	if rows%cells == 0 {
		of = count(rows/cells, what)
	}
	if rule == "last" {
		return "each the last of " + of
	}
	return "each the " + rule + " of " + of
}

// median gives the middle value, or the mean of the middle two; it sorts values.
func median(values []float64) float64 {
	slices.Sort(values)
	return quantile.Median(values)
}

func finite(x float64) bool { return x-x == 0 }
