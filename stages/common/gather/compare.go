package gather

import (
	"cmp"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// Labels is what a kind that gathers results declares: it reads whatever it is given, for
// evaluation.
var Labels = []stages.LabelUse{
	{Mark: frame.MarkAttribute, Purpose: "evaluation"},
	{Mark: frame.MarkGroup, Purpose: "evaluation"},
	{Mark: frame.MarkSplit, Purpose: "evaluation"},
}

// Input is what a kind that gathers results takes: one or many tables of any columns, with their axes.
func Input(name, doc string) stages.Input {
	return stages.Input{Name: name, Doc: doc, Type: stages.AnyType, Cardinality: stages.List, Required: true, Axes: true}
}

// Compare orders two rows of a column: numbers and times by value, strings by their bytes, false before true,
// all reversed if descending; nulls last either way, equal to each other. It panics on lists.
func Compare(c *frame.Column, a, b int, descending bool) int {
	if c.Null(a) || c.Null(b) {
		return compareBools(c.Null(a), c.Null(b))
	}
	var o int
	switch {
	case c.Type == frame.Bool:
		o = compareBools(c.Bools[a], c.Bools[b])
	case c.Type == frame.Int64 || c.Type.IsTime():
		o = cmp.Compare(c.Int64s[a], c.Int64s[b])
	case c.Type == frame.String:
		o = cmp.Compare(c.Strings.At(a), c.Strings.At(b))
	default:
		if !numeric(c.Type) {
			panic("gather: lists have no order")
		}
		o = cmp.Compare(numberAt(c, a), numberAt(c, b))
	}
	if descending {
		return -o
	}
	return o
}

func compareBools(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}
