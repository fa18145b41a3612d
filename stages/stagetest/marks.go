package stagetest

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// KeepsMark checks that what is computed from a column of an input keeps its mark. The column is marked
// in every table of the input, and the kind runs twice: as it is, and with the column's values moved on
// by one row. Every output column that differs between the two depends on the column, so it must have
// the mark; and some must differ, or the case shows nothing. It gives the names of those that have it.
//
// Values are moved across all tables of the input. A case in which other rows come out, as where picks
// them by the column, differs in columns that are only copied too: it is none for this test.
func KeepsMark(t testing.TB, kind *stages.Kind, c Case, input, column string) []string {
	t.Helper()
	had, wrong := keepsMark(t, kind, c, input, column)
	for _, w := range wrong {
		t.Errorf("%s, column %s of %s: %s", c.Name, column, input, w)
	}
	return had
}

const testMark = frame.MarkGroup

func keepsMark(t reporter, kind *stages.Kind, c Case, input, column string) (had, wrong []string) {
	var results []map[string]*frame.Table
	for _, by := range []int{0, 1} {
		inputs := maps.Clone(c.Inputs)
		inputs[input] = moved(c.Inputs[input], column, by)
		out, err := Try(t.Context(), kind, fresh(c.Settings), inputs, c.Options...)
		if err != nil {
			return nil, []string{fmt.Sprintf("moved by %d: %v", by, err)}
		}
		results = append(results, out.Tables)
	}
	differs := false
	for _, name := range slices.Sorted(maps.Keys(results[0])) {
		table, other := results[0][name], results[1][name]
		for i := range table.Columns {
			own, changed := table.Columns[i], other.Column(table.Columns[i].Name)
			if own.Mark.Includes(testMark) {
				had = append(had, name+"."+own.Name)
			}
			one := func(c frame.Column) *frame.Table { return &frame.Table{Columns: []frame.Column{c}} }
			if changed != nil && Digest(one(own)) == Digest(one(*changed)) {
				continue
			}
			differs = true
			if !own.Mark.Includes(testMark) {
				wrong = append(wrong, fmt.Sprintf("the output column %s.%s depends on it, and is not marked", name, own.Name))
			}
		}
	}
	if !differs {
		wrong = append(wrong, "nothing depends on it")
	}
	return had, wrong
}

// moved gives the tables with the column marked, and its values moved on by some rows.
func moved(list []stages.Artifact, column string, by int) []stages.Artifact {
	var parts []*frame.Table
	var at []int // which artifacts have the column
	for i, a := range list {
		if t, err := a.Table(); err == nil && t.Column(column) != nil {
			c := *t.Column(column)
			c.Mark = testMark
			parts, at = append(parts, &frame.Table{Columns: []frame.Column{c}}), append(at, i)
		}
	}
	all, err := frame.Concat(parts)
	if err != nil {
		panic(fmt.Sprintf("stagetest: column %s differs between the tables: %v", column, err))
	}
	by = min(by, all.Rows())
	if all, err = frame.Concat([]*frame.Table{all.Slice(by, all.Rows()), all.Slice(0, by)}); err != nil {
		panic("stagetest: " + err.Error()) // a table continues itself
	}
	out, from := slices.Clone(list), 0
	for k, i := range at {
		t, _ := list[i].Table()
		changed := &frame.Table{Columns: slices.Clone(t.Columns), Meta: t.Meta}
		*changed.Column(column) = all.Slice(from, from+parts[k].Rows()).Columns[0]
		from += parts[k].Rows()
		a := Table(changed)
		a.Key, a.Axes = list[i].Key, list[i].Axes
		out[i] = a
	}
	return out
}
