package aggregate

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
	"spurion/stages/common/gather"
	"spurion/stages/numeric/quantile"
)

// aggregate makes a result's column: a value for each group of rows of t, which was made of the parts.
func (s *Settings) aggregate(name string, t *frame.Table, parts []gather.Part, groups [][]int) (frame.Column, error) {
	r := s.Results[name]
	var c *frame.Column
	if r.Column != "" {
		if c = t.Column(r.Column); c == nil {
			return frame.Column{}, stages.NoColumn(r.Column, gather.Names(t))
		}
	}
	has := func(row int) bool { return c == nil || !c.Null(row) }
	field := frame.Field{Name: name, Doc: r.doc()}
	taken, all, err := r.take(t, groups, has)
	if err != nil {
		return frame.Column{}, err
	}
	if r.Function == "first" || r.Function == "last" {
		return end(c, field, r.Function == "last", taken), nil
	}
	for g := range taken {
		taken[g] = slices.DeleteFunc(taken[g], func(row int) bool { return !has(row) })
	}
	switch r.Function {
	case "count":
		field.Unit = "rows"
		counts := make([]int64, len(groups))
		for g := range taken {
			counts[g] = int64(len(taken[g]))
		}
		return frame.Int64s(field, counts), nil
	case "share":
		field.Unit = "1"
		shares := make([]float64, len(groups))
		for g := range taken {
			shares[g] = float64(len(taken[g])) / float64(all[g]) // NaN of none
		}
		return numbers(field, shares), nil
	}
	values, _, err := gather.Numbers(t, r.Column, parts)
	if err != nil {
		return frame.Column{}, err
	}
	field.Unit = c.Unit
	return numbers(field, r.reduce(values, taken)), nil
}

// take gives for each group the rows that fulfil until and where, and how many there are under until that have
// a value.
func (r *Result) take(t *frame.Table, groups [][]int, has func(row int) bool) (taken [][]int, all []int, err error) {
	where, err := gather.Conditions(t, r.Where)
	if err != nil {
		return nil, nil, fmt.Errorf("where: %w", err)
	}
	until, err := gather.Conditions(t, r.Until)
	if err != nil {
		return nil, nil, fmt.Errorf("until: %w", err)
	}
	taken, all = make([][]int, len(groups)), make([]int, len(groups))
	for g, rows := range groups {
		if len(r.Until) > 0 {
			if i := slices.IndexFunc(rows, until); i >= 0 {
				rows = rows[:i+1]
			}
		}
		for _, row := range rows {
			if has(row) {
				all[g]++
			}
			if where(row) {
				taken[g] = append(taken[g], row)
			}
		}
	}
	return taken, all, nil
}

// marks gives those of all columns of t that a result is computed from: its own, and what chooses
// among the rows of a group.
func (s *Settings) marks(name string, t *frame.Table) frame.Mark {
	r := s.Results[name]
	names := slices.Concat([]string{r.Column}, slices.Collect(maps.Keys(r.Where)), slices.Collect(maps.Keys(r.Until)))
	if r.Function == "first" || r.Function == "last" || len(r.Until) > 0 {
		for _, by := range s.Sort { // the order decides
			names = append(names, strings.TrimPrefix(by, "-"))
		}
	}
	return gather.Marks(t, names...)
}

// end gives the first or last of the rows taken of each group; null if there are none.
func end(c *frame.Column, f frame.Field, last bool, taken [][]int) frame.Column {
	one := &frame.Table{Columns: []frame.Column{*c}}
	rows := make([]int, len(taken))
	for g, list := range taken {
		rows[g] = -1
		if n := len(list); n > 0 && last {
			rows[g] = list[n-1]
		} else if n > 0 {
			rows[g] = list[0]
		}
	}
	out := gather.TakeOrNull(one, rows).Columns[0]
	f.Type, f.Unit, f.Nullable = out.Type, out.Unit, out.Nullable
	out.Field = f
	return out
}

// reduce gives a number for each group of rows, NaN where there is none.
func (r *Result) reduce(column []float64, taken [][]int) []float64 {
	out := make([]float64, len(taken))
	for g, rows := range taken {
		values := make([]float64, len(rows))
		for i, row := range rows {
			values[i] = column[row]
		}
		switch n := float64(len(values)); {
		case r.Function == "sum":
			out[g] = sum(values)
		case n == 0:
			out[g] = math.NaN()
		case r.Function == "mean":
			out[g] = sum(values) / n
		case r.Function == "std":
			out[g] = deviation(values)
		case r.Function == "min":
			out[g] = slices.Min(values)
		case r.Function == "max":
			out[g] = slices.Max(values)
		case r.Function == "median":
			slices.Sort(values)
			out[g] = quantile.Median(values)
		default:
			slices.Sort(values)
			out[g] = quantile.Of(values, *r.Q)
		}
	}
	return out
}

func sum(values []float64) float64 {
	s := 0.0
	for _, x := range values {
		s += x
	}
	return s
}

// deviation gives the standard deviation with n - 1; NaN of one value.
func deviation(values []float64) float64 {
	n := float64(len(values))
	mean, s := sum(values)/n, 0.0
	for _, x := range values {
		s += float64((x - mean) * (x - mean))
	}
	return math.Sqrt(s / (n - 1))
}

// doc says what a result is, for the column's description.
func (r *Result) doc() string {
	text := r.Function
	if r.Q != nil {
		text = fmt.Sprintf("quantile %v", *r.Q)
	}
	if r.Column != "" {
		text += " of " + r.Column
	}
	for _, part := range []struct {
		word       string
		conditions map[string]string
	}{{"where", r.Where}, {"until", r.Until}} {
		for i, name := range slices.Sorted(maps.Keys(part.conditions)) {
			word := ","
			if i == 0 {
				word = " " + part.word
			}
			text += word + " " + name + " " + part.conditions[name]
		}
	}
	return text
}
