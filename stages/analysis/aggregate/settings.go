package aggregate

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/gather"
)

// Settings are the attributes of `stage "aggregate"`.
type Settings struct {
	By      []string          `name:"by" column:"tables" doc:"columns and axes whose values make up a group; empty for all axes"`
	Where   map[string]string `name:"where" column:"tables" doc:"rows to aggregate: a column's or axis's value, or a comparison with one such as \">= 0.6\" or \"> 0.2 and < 0.8\"; a null fulfils none"`
	Sort    []string          `name:"sort" column:"tables,descending" doc:"columns to sort the rows by before first, last and until look at them, \"-column\" for descending; nulls last; equal rows keep their order, which is that of the kind table"`
	Results map[string]Result `name:"result" required:"true" doc:"a column of the output, such as result \"n\" { function = \"count\" }"`
	Derive  map[string]string `name:"derive" doc:"columns computed from results of the same row: numbers, names of results (and of numeric columns in by), + - * / and parentheses, such as \"after - before\"; null where an operand is null or the value is not finite"`
	Missing string            `name:"missing" doc:"what to do where a table lacks a column that others have: stop, or take null" default:"error" oneof:"error,null"`
}

// Result is a block that says how the rows of a group become one value.
type Result struct {
	Function string            `name:"function" doc:"count: rows, or values that are not null if there is a column; share: rows that fulfil where, of all in the group, or of those whose column is not null; first, last: the column in the first or last row that fulfils where, null or not; the others are of the column's values that are not null: sum (0 of none), mean, median, min, max, std (with n - 1), quantile (linear between two values)" oneof:"count,share,first,last,sum,mean,median,min,max,std,quantile"`
	Column   string            `name:"column" column:"tables" doc:"the column that is aggregated" default:""`
	Where    map[string]string `name:"where" column:"tables" doc:"rows of the group to take; of share, those that are counted"`
	Until    map[string]string `name:"until" column:"tables" doc:"take no row after the first that fulfils this; all if none does. It looks at all rows of the group and comes before where"`
	Q        *float64          `name:"q" doc:"which quantile, such as 0.25" min:"0" max:"1"`
}

// Check reports what tags cannot say.
func (s *Settings) Check() []stages.Problem {
	problems := gather.CheckWhere("where", s.Where)
	add := func(path, summary, detail string) {
		problems = append(problems, stages.Problem{Path: path, Summary: summary, Detail: detail})
	}
	for _, name := range slices.Sorted(maps.Keys(s.Results)) {
		r, path := s.Results[name], "result."+name
		problems = append(problems, gather.CheckNew(path, name)...)
		problems = append(problems, gather.CheckWhere(path+".where", r.Where)...)
		problems = append(problems, gather.CheckWhere(path+".until", r.Until)...)
		if slices.Contains(s.By, name) {
			add(path, fmt.Sprintf("%q is in by too", name), "Each column of the output needs a name of its own.")
		}
		if r.Column == "" && r.Function != "count" && r.Function != "share" {
			add(path+".column", "a column is missing", fmt.Sprintf("%s needs the attribute column: what to aggregate.", r.Function))
		}
		if r.Function == "share" && len(r.Where) == 0 {
			add(path+".where", "a share of everything", "share needs the attribute where: which rows are counted.")
		}
		if (r.Function == "quantile") != (r.Q != nil) {
			add(path+".q", "q belongs to quantile", "quantile needs q, between 0 and 1; no other function takes it.")
		}
	}
	problems = append(problems, gather.CheckColumns("by", s.By)...)
	for _, name := range slices.Sorted(maps.Keys(s.Derive)) {
		problems = append(problems, gather.CheckNew("derive", name)...)
		e, err := parse(s.Derive[name])
		switch {
		case err != nil:
			add("derive", fmt.Sprintf("%s cannot be read", name), fmt.Sprintf("%q: %v.", s.Derive[name], err))
			continue
		case slices.Contains(s.By, name) || s.has(name):
			add("derive", fmt.Sprintf("there is a column %q already", name), "Each column of the output needs a name of its own.")
		}
		for _, used := range e.names(nil) {
			if !s.has(used) && !slices.Contains(s.By, used) {
				add("derive", fmt.Sprintf("%s uses an unknown name", name), fmt.Sprintf("%q is no result of this stage; those are %s. Of other columns, it can use those that by names.",
					used, strings.Join(slices.Sorted(maps.Keys(s.Results)), ", ")))
			}
		}
	}
	return problems
}

func (s *Settings) has(result string) bool { _, ok := s.Results[result]; return ok }

// needed gives the columns that the settings name, but for where.
func (s *Settings) needed() []string {
	names := slices.Clone(s.By)
	for _, name := range s.Sort {
		names = append(names, strings.TrimPrefix(name, "-"))
	}
	for _, k := range slices.Sorted(maps.Keys(s.Results)) {
		r := s.Results[k]
		if r.Column != "" {
			names = append(names, r.Column)
		}
		names = append(names, slices.Sorted(maps.Keys(r.Where))...)
		names = append(names, slices.Sorted(maps.Keys(r.Until))...)
	}
	return names
}
