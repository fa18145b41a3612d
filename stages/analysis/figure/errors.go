package figure

import (
	"fmt"
	"math"

	"spurion/artifacts/frame"
	"spurion/stages/common/gather"
)

// errorsOf gives the standard errors of the rows of a measure, in the order of the table's rows; nil if the
// table does not say them.
func errorsOf(parts []gather.Part, t *frame.Table, name string) ([]float64, error) {
	column := gather.ErrorColumn(parts, name)
	if column == "" {
		return nil, nil
	}
	errs, _, err := gather.Numbers(t, column, nil) // 0 where null: nothing is known
	return errs, err
}

// errorColumns are the columns with standard errors of what is drawn, as far as the tables have them.
func errorColumns(parts []gather.Part, p *Plot) []string {
	var names []string
	for _, name := range append([]string{p.Value}, p.Y...) {
		if column := gather.ErrorColumn(parts, name); name != "" && column != "" {
			names = append(names, column)
		}
	}
	return names
}

// spreadErrors sets the ends of a center to one standard error of a single value about it: the root of the mean
// square of the rows' own.
func (c *center) spreadErrors(rows []row) {
	squares := 0.0
	for _, r := range rows {
		squares += float64(r.se * r.se)
	}
	se := math.Sqrt(squares / float64(len(rows)))
	c.low, c.high = c.y-se, c.y+se
}

// noErrors is the error of a spread that the tables cannot give; nil if they can.
func noErrors(parts []gather.Part, d *data, p *Plot) error {
	if p.Spread != "error" {
		return nil
	}
	for _, name := range d.measures {
		if gather.ErrorColumn(parts, name) == "" {
			return fmt.Errorf(`spread: there is no column %s_se with standard errors of %s in its unit, which "error" shows`, name, name)
		}
	}
	return nil
}

// visible is the share of the range of what is drawn from which on an error can be seen.
const visible = 0.01

// measurement says how sure single values are, where that can be seen.
func (f *drawing) measurement() string {
	largest, low, high := 0.0, math.Inf(1), math.Inf(-1)
	for _, s := range f.d.series {
		for _, r := range s.rows {
			largest, low, high = math.Max(largest, r.se), math.Min(low, r.y), math.Max(high, r.y)
		}
	}
	if largest == 0 || largest < float64(visible*(high-low)) {
		return ""
	}
	return fmt.Sprintf("Standard error of a single value, from the points that it was measured on: at most %s.", short(largest))
}
