package gather

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// Where gives the rows that fulfil every condition, in order. A condition is a column's name and a
// value to be equal to, or one of the operators = != < <= > >= before a value (stages.ReadCondition): {"strength": "0.9"},
// {"strength": ">= 0.6"}, {"method": "!= erm"}; of numbers also several, joined by "and":
// {"core_share": "> 0.2 and < 0.8"}. Numbers compare as numbers (a float32 column with the value
// rounded to float32), times as times ({"finished": ">= 2024-01-02"}, several likewise), strings and booleans
// only by equality. A null fulfils none.
//
// A column that does not exist, a value that is none of the column's type, and a condition that no
// row of a non-empty table fulfils (most likely mistyped) are errors; the last lists what the column
// holds.
func Where(t *frame.Table, conditions map[string]string) (*frame.Table, error) {
	return where(t, conditions, nil)
}

// where is Where for a table that was made of the parts, which messages then name.
func where(t *frame.Table, conditions map[string]string, of []Part) (*frame.Table, error) {
	tests, err := read(t, conditions, of)
	if err != nil {
		return nil, err
	}
	if len(tests) == 0 {
		return t, nil
	}
	keep := make([]bool, t.Rows())
	for i := range keep {
		keep[i] = true
	}
	for _, test := range tests {
		any := false
		for i := range keep {
			ok := test.holds(i)
			any = any || ok
			keep[i] = keep[i] && ok
		}
		if !any && len(keep) > 0 {
			name := test.column.Name
			return nil, fmt.Errorf("no row has %s %s; the column holds %s", name, conditions[name], Distinct(test.column))
		}
	}
	return t.Filter(func(row int) bool { return keep[row] }), nil
}

// Conditions gives the test of a row: whether it fulfils all conditions, which are as Where has them.
// That no row does is no error.
func Conditions(t *frame.Table, conditions map[string]string) (func(row int) bool, error) {
	tests, err := read(t, conditions, nil)
	if err != nil {
		return nil, err
	}
	return func(row int) bool {
		for _, test := range tests {
			if !test.holds(row) {
				return false
			}
		}
		return true
	}, nil
}

// A test is a condition on one column.
type test struct {
	column *frame.Column
	of     []func(row int) bool // for a row that is not null
}

func (t *test) holds(row int) bool {
	if t.column.Null(row) {
		return false
	}
	for _, holds := range t.of {
		if !holds(row) {
			return false
		}
	}
	return true
}

// read gives the tests of conditions, by name of their column; of are the parts that t was made of, if they are known.
func read(t *frame.Table, conditions map[string]string, of []Part) ([]test, error) {
	columns := slices.Sorted(maps.Keys(conditions))
	tests := make([]test, len(columns))
	for i, name := range columns {
		c := t.Column(name)
		if c == nil {
			return nil, stages.NoColumn(name, Names(t))
		}
		tests[i].column = c
		var list []stages.Condition
		var err error
		if numeric(c.Type) || c.Type.IsTime() {
			list, err = stages.ReadConditions(conditions[name])
		} else {
			list = make([]stages.Condition, 1)
			list[0], err = stages.ReadCondition(conditions[name])
		}
		if err != nil {
			return nil, fmt.Errorf("column %q: %w", name, err)
		}
		for _, read := range list {
			holds, err := condition(c, read, of)
			if err != nil {
				return nil, err
			}
			tests[i].of = append(tests[i].of, holds)
		}
	}
	return tests, nil
}

// CheckWhere reports the conditions that Where could not read whatever the table: those without a
// value, and with signs that are no operator. Path is that of the attribute; a problem's is that of the condition in it.
func CheckWhere(path string, conditions map[string]string) []stages.Problem {
	var problems []stages.Problem
	for _, name := range slices.Sorted(maps.Keys(conditions)) {
		_, err := stages.ReadCondition(conditions[name])
		if _, several := stages.ReadConditions(conditions[name]); err == nil && strings.ContainsAny(conditions[name][:min(1, len(conditions[name]))], "=<>!") {
			err = several
		}
		if err != nil {
			problems = append(problems, stages.Problem{
				Path: path + "." + name, Summary: fmt.Sprintf("condition on %s cannot be read", name), Detail: err.Error() + ".",
			})
		}
	}
	return problems
}

// condition gives the test of a row of the column; the row is not null.
func condition(c *frame.Column, read stages.Condition, of []Part) (func(row int) bool, error) {
	op, value := read.Operator, read.Value
	switch {
	case numeric(c.Type):
		bits := 64
		if c.Type == frame.Float32 {
			bits = 32
		}
		want, err := strconv.ParseFloat(value, bits)
		if err != nil || want != want {
			return nil, fmt.Errorf("column %q holds numbers, but is to be compared with %q", c.Name, value)
		}
		return func(row int) bool { return read.Holds(cmp.Compare(numberAt(c, row), want)) }, nil
	case c.Type.IsTime():
		want, err := frame.ParseTime(c.Type, value)
		if err != nil {
			return nil, fmt.Errorf("column %q is to be compared with %q: %w", c.Name, value, err)
		}
		return func(row int) bool { return read.Holds(cmp.Compare(c.Int64s[row], want)) }, nil
	case c.Type.IsList():
		return nil, fmt.Errorf("column %q holds %v, which cannot be compared with %q", c.Name, c.Type, value)
	case op != "=" && op != "!=":
		if which, mixed := whichText(c, of); mixed {
			return nil, fmt.Errorf("column %q holds %v, which has no order%s", c.Name, c.Type, which)
		}
		return nil, fmt.Errorf("column %q holds %v, which has no order: write a value, or \"!= value\", not %q", c.Name, c.Type, op+" "+value)
	case c.Type == frame.Bool && value != "true" && value != "false":
		return nil, fmt.Errorf("column %q holds true and false, but is to be compared with %q", c.Name, value)
	}
	return func(row int) bool { return (c.Text(row) == value) == (op == "=") }, nil
}

// Distinct lists a column's distinct values for a message, in order of first appearance, at most 8.
func Distinct(c *frame.Column) string {
	var values []string
	for i := range c.Len() {
		v := Text(c, i)
		if slices.Contains(values, v) {
			continue
		}
		if len(values) == 8 {
			return strings.Join(values, ", ") + ", ..."
		}
		values = append(values, v)
	}
	if len(values) == 0 {
		return "nothing"
	}
	return strings.Join(values, ", ")
}
