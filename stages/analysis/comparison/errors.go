package comparison

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages/common/gather"
)

// matters is the share of an interval's length from which on the standard error of its mean that comes from measuring
// is said: such an error makes up about a fifth of the variance behind the interval, or more.
const matters = 0.1

// errorColumns are the columns with standard errors of measures, by measure; "" where the tables have none.
func errorColumns(parts []gather.Part, measures []string) []string {
	list := make([]string, len(measures))
	for i, name := range measures {
		list[i] = gather.ErrorColumn(parts, name)
	}
	return list
}

// given gives the names that are not empty.
func given(names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == "" })
}

// measured fills the errors of the cells of the i-th measure from the column of its standard errors, if there is one.
func (c *comparison) measured(i int, column string, t *frame.Table) error {
	if column == "" {
		return nil
	}
	values, valid, err := gather.Numbers(t, column, nil)
	if err != nil {
		return err
	}
	c.ofErrors = c.ofErrors.With(t.Column(column).Mark)
	for _, r := range c.rows {
		x := &r.cells[i]
		squares, n := 0.0, 0
		for _, unit := range units(x.values) {
			if at := r.units[unit]; valid[at] {
				squares += float64(values[at] * values[at])
				n++
			}
		}
		if n > 0 {
			se := math.Sqrt(squares / float64(n))
			x.valueError = &se
		}
	}
	return nil
}

// unsure gives the largest standard error of a value of the i-th measure, if it matters in some cell.
func (c *comparison) unsure(i int) (largest float64, matter bool) {
	for _, r := range c.rows {
		x := &r.cells[i]
		if x.valueError == nil || x.mean == nil {
			continue
		}
		largest = math.Max(largest, *x.valueError)
		ofMean := *x.valueError / math.Sqrt(float64(x.mean.N))
		matter = matter || *x.valueError > 0 && ofMean >= float64(matters*(x.mean.High-x.mean.Low))
	}
	return largest, matter
}

// measurement says how sure single values are, of the measures for which that matters.
func (c *comparison) measurement() string {
	var list []string
	for i, m := range c.measures {
		if largest, matter := c.unsure(i); matter {
			list = append(list, fmt.Sprintf("%s (%s)", strconv.FormatFloat(largest, 'g', 2, 64), c.call(m.field.Name)))
		}
	}
	if list == nil {
		return ""
	}
	return "Standard errors of single values, from the points that they were measured on: up to " + strings.Join(list, ", ") + "."
}
