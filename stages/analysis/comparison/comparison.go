// Package comparison is the kind "comparison": many runs of many methods as one table for a paper.
package comparison

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"spurion/stages"
	"spurion/stages/common/gather"
)

// Settings are the attributes of `stage "comparison"`.
type Settings struct {
	Rows        []string          `name:"rows" column:"tables" required:"true" doc:"columns whose values name a row, such as [\"task\", \"method\"]"`
	Measures    []string          `name:"measures" column:"tables" required:"true" doc:"columns to sum up over the repetitions of a row: a number by its mean and 95 % interval, text and truth values by how often each stands"`
	Over        string            `name:"over" column:"tables" doc:"column that tells the repetitions of a row apart; a row has one of each of its values" default:"seed"`
	Where       map[string]string `name:"where" column:"tables" doc:"rows to compare: a column's or axis's value, or a comparison with one such as \">= 0.6\"; a null fulfils none"`
	Baseline    map[string]string `name:"baseline" column:"tables" doc:"values of some of the columns of rows that make the row to compare with, such as { method = \"erm\" }; the others are the row's own"`
	Differences []string          `name:"differences" column:"tables" doc:"measures whose difference from the baseline is shown too, paired by repetition"`
	Sort        string            `name:"sort" doc:"measure to sort by, by its mean, \"-measure\" for the largest first, among rows that share the columns of rows but the last; by default rows come as they first stand" default:""`
	Decimals    *int              `name:"decimals" doc:"decimals of all numbers for people; left out: as many as digits and decimals_of ask. The table has them whole" min:"0" max:"12"`
	DecimalsOf  map[string]int    `name:"decimals_of" column:"tables" doc:"decimals of single measures, such as { steps = 0 }" min:"0" max:"12"`
	Digits      int               `name:"digits" doc:"significant digits for people of the largest number of a measure, whose decimals the others have too; a smaller number has two digits, and its interval one, even if these are more decimals. Shares have three decimals" default:"3" min:"1" max:"12"`
	Shares      map[string]bool   `name:"shares" column:"tables" doc:"measures that are shares (true), whose means have intervals between 0 and 1 and whose differences ones between -1 and 1 (Wilson's, by the values' own variance), or are not (false). Others are if their unit is share, or 1 or none and a word of their name is accuracy, acc, wga, share, precision, recall, jaccard, f1 or auc, and all values lie there"`
	Best        map[string]string `name:"best" column:"tables" doc:"which mean of a measure is the best: highest, lowest or none. By default the highest of measures with accuracy, acc, wga, precision, recall, jaccard, f1 or auc in their name, the lowest of those with loss or error" oneof:"highest,lowest,none"`
	Intervals   string            `name:"intervals" doc:"how people see an interval: by its ends, as 0.93 [0.91, 0.95], by half its width, as 0.93 ± 0.02 (0.98 (-0.03, +0.01) where it is longer on one side), or not at all; the table has it in any case" default:"ends" oneof:"ends,half,none"`
	Caption     string            `name:"caption" doc:"what the table shows; n and what intervals are follow by themselves" default:""`
	Show        bool              `name:"show" doc:"whether a run prints the comparison and the report shows it; it is written to out/ in any case" default:"true"`
	Names       map[string]string `name:"names" doc:"what to call columns and values for people; others keep their names"`
}

// Check reports columns without a part in the table, and named twice.
func (s *Settings) Check() []stages.Problem {
	problems := gather.CheckWhere("where", s.Where)
	add := func(path, summary, detail string) {
		problems = append(problems, stages.Problem{Path: path, Summary: summary, Detail: detail})
	}
	named := map[string]string{s.Over: "over"}
	for _, list := range []struct {
		path  string
		names []string
	}{{"rows", s.Rows}, {"measures", s.Measures}} {
		for _, name := range list.names {
			if other, twice := named[name]; twice {
				add(list.path, fmt.Sprintf("%q stands in %s already", name, other), "A column is part of a row's name, a measure, or what is repeated: one of them.")
			}
			named[name] = list.path
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.Baseline)) {
		if !slices.Contains(s.Rows, name) {
			add("baseline", fmt.Sprintf("%q is not among rows", name), "A baseline is one of the rows, told by values of their columns.")
		}
	}
	for _, name := range s.Differences {
		if !slices.Contains(s.Measures, name) {
			add("differences", fmt.Sprintf("%q is not among measures", name), "Only what is measured has a difference.")
		}
	}
	if len(s.Differences) > 0 && len(s.Baseline) == 0 {
		add("differences", "there is no baseline", `Say which row to compare with, such as baseline = { method = "erm" }.`)
	}
	for _, list := range []struct {
		path  string
		names []string
	}{{"decimals_of", slices.Sorted(maps.Keys(s.DecimalsOf))}, {"shares", slices.Sorted(maps.Keys(s.Shares))}, {"best", slices.Sorted(maps.Keys(s.Best))}} {
		for _, name := range list.names {
			if !slices.Contains(s.Measures, name) {
				add(list.path, fmt.Sprintf("%q is not among measures", name), "It says something of a measure.")
			}
		}
	}
	if name := strings.TrimPrefix(s.Sort, "-"); name != "" && !slices.Contains(s.Measures, name) {
		add("sort", fmt.Sprintf("%q is not among measures", name), "Rows are sorted by what is measured.")
	}
	return problems
}

// Kind sums up repetitions.
//
//	in   tables    list of tables, with their axes
//	out  table     one row for each row of the comparison and numeric measure: mean, interval, paired difference
//	out  cells     the comparison as people read it: one row a row, one column a measure
//	out  markdown, latex  the same as text; LaTeX needs the package booktabs
//
// Means and differences have Student's t intervals, those of shares Wilson's (package interval). Equal inputs and settings give equal
// bytes.
var Kind = stages.Define(stages.Kind{
	Name:    "comparison",
	Version: 11,
	Brief:   "a few passes over its tables",
	Doc: `Compares methods, or whatever names the rows: each measure's mean over the repetitions (seeds) with
its 95 % interval, and its difference from a baseline, paired by repetition. The result is a tidy table, and the
same for people: in the terminal, in the report, and as Markdown and LaTeX (booktabs) for a paper.

Where all repetitions have one value, cells say "0.818 (all equal)": a mean of which no interval is known. The table has one of no length.

A repetition without a value (null) is left out of the mean; n says how many are in it, and the cells for people
show it where it is fewer than the most, for differences too: "of 9". Where instances failed (allow_failed) they say so:
"(9 of 10 seeds, 1 failed)". A row must have one of each repetition: where several
rows share a name, add the column that tells them apart to rows, or pick with where.

The best of a measure is marked where it is told apart from every other row: where the 95 % interval of their difference,
paired by repetition, leaves out 0. That is a paired t test, and of shares a slightly stricter one. Rows are compared with
those that share the columns of rows but the last. The mark is a star, in Markdown and LaTeX bold letters, and the caption
says so.

Where tables have the standard errors of a measure (a column NAME_se in its unit, or of accuracy_before accuracy_se_before), as
evaluations and probes write them, the table has that of a single value, and the caption says the largest of a measure whose
mean owes to it a standard error of a tenth of its interval's length or more: about a fifth of the variance then comes from measuring.

Where the tables tell which runs ended at their cap (capped, of the kind train with stop rules) or which fits did not converge
(converged), the table counts them for each row, and the caption says how many there are, and where.

Numbers have the marks (spurious attribute, group, split) of the measures, and of rows, over and where, which
choose what they are computed from.`,
	Inputs: []stages.Input{gather.Input("tables", "the tables to compare, such as concat(debias.erm[*].summary, debias.jtt[*].summary)")},
	Outputs: []stages.Output{
		{
			Name: "table", Doc: "one row for each row of the comparison and each numeric measure", Type: stages.AnyType,
			Fields: tidyFields, Others: "before these, the columns of the setting rows, as text",
			OthersOf: func(settings any) stages.Others { return stages.Others{Names: settings.(*Settings).Rows} },
		},
		{
			Name: "cells", Doc: "the comparison for people: one row a row, one column a measure", Type: stages.AnyType, Display: true, DisplayIf: "show",
			Others: "the columns of rows, then the measures, each with NAME_difference behind it if it is one of differences", OthersOf: cellColumns,
		},
		{Name: "markdown", Doc: "the comparison in Markdown", Extension: ".md"},
		{Name: "latex", Doc: "the comparison in LaTeX, for the package booktabs", Extension: ".tex"},
	},
	Labels: gather.Labels,
}, run)

func cellColumns(settings any) stages.Others {
	s := settings.(*Settings)
	o := stages.Others{Names: slices.Concat(s.Rows, s.Measures)}
	for _, name := range s.Differences {
		o.Names = append(o.Names, name+differenceSuffix)
	}
	return o
}

func run(ctx context.Context, s *Settings, r *stages.Run) error {
	parts, err := gather.Read(r.Inputs["tables"])
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := compare(s, parts)
	if err != nil {
		return err
	}
	c.lacks = stages.LacksText(r.Lacks)
	c.fail(parts, r.Lacks)
	if err := r.Write("table", c.tidy()); err != nil {
		return err
	}
	text := c.text()
	if err := r.Write("cells", text.table()); err != nil {
		return err
	}
	if err := r.WriteFile("markdown", []byte(text.markdown())); err != nil {
		return err
	}
	return r.WriteFile("latex", []byte(text.latex()))
}
