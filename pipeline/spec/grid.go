package spec

import (
	"fmt"
	"math"
	"strconv"

	"github.com/zclconf/go-cty/cty"

	"spurion/stages"
)

// A column is one axis of a grid: its distinct values, and for each row which of them it has.
// Columns are shared between the grids of stages that inherit them, and never changed.
type column struct {
	name   string
	values []any       // string, int64, float64 or bool; all of one type
	ctys   []cty.Value // what each.NAME is; a function where the value is its text
	codes  []int32
	places []int // where in the list each distinct value first stood
	size   int   // elements of the list, with repetitions
}

// A grid is the rows of a stage or a sweep. A sweep's columns have no codes: its rows are their
// product, the first slowest, made when a stage uses it.
type grid struct {
	n    int
	cols []*column
	// value is what each.value gives, as a column without scalar values; nil without a map or list.
	// listed says that it is the element of a list, whose parts are axes too: beside a map's it gives way.
	value  *column
	listed bool
	// valueClash says that two parts of a cross have an each.value, so that there is none.
	valueClash bool
	// origins are the stages of for_each and, for each row, their instance.
	origins []origin
}

type origin struct {
	stage *stage
	rows  []int32 // nil for the identity
}

func (o *origin) row(i int) int {
	if o.rows == nil {
		return i
	}
	return int(o.rows[i])
}

// A columnProblem says what is wrong with an axis, and at which element (-1: all).
type columnProblem struct {
	Err     error
	Detail  string
	element int
}

// column finds a column by name, or -1.
func (g *grid) column(name string) int {
	for i, c := range g.cols {
		if c.name == name {
			return i
		}
	}
	return -1
}

// at gives column i; len(g.cols) is each.value.
func (g *grid) at(i int) *column {
	if i == len(g.cols) {
		return g.value
	}
	return g.cols[i]
}

func (g *grid) names() []string {
	names := make([]string, len(g.cols))
	for i, c := range g.cols {
		names[i] = c.name
	}
	return names
}

// newColumn gathers the distinct values of an axis: numbers are int64 if all are whole.
func newColumn(name string, elems []cty.Value) (*column, *columnProblem) {
	c := &column{name: name, codes: make([]int32, len(elems)), size: len(elems)}
	var first cty.Type
	whole := true
	for i, v := range elems {
		ty := v.Type()
		if v.IsNull() || !ty.IsPrimitiveType() && ty != callType {
			return nil, &columnProblem{ErrType, "takes text, numbers, true, false or functions, but an element is " + describe(v), i}
		}
		if ty == callType {
			ty = cty.String
		}
		if i == 0 {
			first = ty
		} else if ty != first {
			return nil, &columnProblem{ErrType, fmt.Sprintf("mixes %s with %s; all values of an axis have one type", typeNoun(first), typeNoun(ty)), i}
		}
		if ty == cty.Number {
			whole = whole && v.AsBigFloat().IsInt()
		}
	}
	seen := make(map[any]int32, len(elems))
	for i, v := range elems {
		x, bad := axisValue(v, whole)
		if bad != "" {
			return nil, &columnProblem{ErrValue, bad, i}
		}
		code, ok := seen[x]
		if !ok {
			code = int32(len(c.values))
			seen[x] = code
			c.values, c.ctys, c.places = append(c.values, x), append(c.ctys, v), append(c.places, i)
		}
		c.codes[i] = code
	}
	return c, nil
}

// duplicate finds the first value that stands twice.
func (c *column) duplicate() *columnProblem {
	for i, code := range c.codes {
		if place := c.places[code]; place != i {
			text := stages.Axis{Name: c.name, Value: c.values[code]}.Text()
			return &columnProblem{ErrDuplicate, fmt.Sprintf("has the value %s twice (elements %d and %d)", text, place+1, i+1), i}
		}
	}
	return nil
}

func typeNoun(ty cty.Type) string {
	switch ty {
	case cty.String:
		return "text"
	case cty.Number:
		return "numbers"
	}
	return "truth values"
}

// axisValue gives what stages.Axis holds.
func axisValue(v cty.Value, whole bool) (x any, bad string) {
	switch v.Type() {
	case cty.String:
		return v.AsString(), ""
	case cty.Bool:
		return v.True(), ""
	case callType:
		return callOf(v).text, ""
	}
	if whole {
		i, ok := toInt64(v.AsBigFloat())
		if !ok {
			return nil, fmt.Sprintf("has the value %s, which is beyond 64 bits", v.AsBigFloat().Text('g', 10))
		}
		return i, ""
	}
	f, ok := toFloat64(v.AsBigFloat())
	if !ok {
		return nil, fmt.Sprintf("has the value %s, which a 64-bit float cannot hold", v.AsBigFloat().Text('g', 10))
	}
	return f, ""
}

// size gives the number of points of a sweep, or -1 beyond an int32.
func (g *grid) size() int {
	n := 1
	for _, c := range g.cols {
		if len(c.values) > 0 && n > math.MaxInt32/len(c.values) {
			n = -1
			break
		}
		n *= len(c.values)
	}
	for _, c := range g.cols {
		if len(c.values) == 0 {
			return 0
		}
	}
	return n
}

// product expands a sweep of a size that was checked.
func (g *grid) product() *grid {
	out := &grid{n: g.size()}
	repeat := out.n
	for _, c := range g.cols {
		full := *c
		full.codes = make([]int32, out.n)
		if out.n > 0 {
			repeat /= len(c.values)
			for row := range full.codes {
				full.codes[row] = int32(row / repeat % len(c.values))
			}
		}
		out.cols = append(out.cols, &full)
	}
	return out
}

// listing gives a sweep as a value: a list of its points, each an object.
func (g *grid) listing() cty.Value {
	full := g.product()
	points := make([]cty.Value, full.n)
	for row := range points {
		object := make(map[string]cty.Value, len(full.cols))
		for _, c := range full.cols {
			object[c.name] = c.ctys[c.codes[row]]
		}
		points[row] = cty.ObjectVal(object)
	}
	return cty.TupleVal(points)
}

// axisKey is equal for values that are equal as axes: 1 and 1.0 are.
func axisKey(v any) string {
	switch v := v.(type) {
	case string:
		return "s" + v
	case bool:
		return strconv.FormatBool(v)
	case int64:
		if f := float64(v); int64(f) == v && math.Abs(f) < 1<<53 {
			return "n" + strconv.FormatFloat(f, 'g', -1, 64)
		}
		return "i" + strconv.FormatInt(v, 10)
	}
	return "n" + strconv.FormatFloat(v.(float64), 'g', -1, 64)
}

// translate maps the codes of column b to those of column a; -1 for values that a lacks.
func translate(a, b *column) []int32 {
	out := make([]int32, len(b.values))
	if a == b || len(a.values) > 0 && len(a.values) == len(b.values) && &a.values[0] == &b.values[0] {
		for i := range out {
			out[i] = int32(i)
		}
		return out
	}
	index := make(map[string]int32, len(a.values))
	for i, v := range a.values {
		index[axisKey(v)] = int32(i)
	}
	for i, v := range b.values {
		code, ok := index[axisKey(v)]
		if !ok {
			code = -1
		}
		out[i] = code
	}
	return out
}

// sameRank reports whether the values of two columns are of kinds that can be equal.
func sameRank(a, b *column) bool {
	if len(a.values) == 0 || len(b.values) == 0 {
		return true
	}
	return axisRank(a.values[0]) == axisRank(b.values[0])
}

func axisRank(v any) int {
	switch v.(type) {
	case string:
		return 0
	case bool:
		return 1
	}
	return 2
}
