package external

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// check reports what does not go together in an output whose settings are at a path.
func (f *File) check(at string) []stages.Problem {
	var problems []stages.Problem
	say := func(setting, summary, detail string) {
		problems = append(problems, stages.Problem{Path: at + "." + setting, Summary: summary, Detail: detail})
	}
	if f.Format == "csv" && f.Type != "table" && f.Type != "" {
		say("format", fmt.Sprintf("a %s cannot be CSV", f.Type), "It has a column of lists, which CSV does not; write it as parquet or arrow.")
	}
	if f.raw() && f.Type != "table" && f.Type != "" {
		say("type", fmt.Sprintf("a %s is not a %s", f.Format, f.Type),
			fmt.Sprintf("With format = %q the bytes are kept as they are; leave type out, or write the table as parquet, arrow or csv.", f.Format))
	}
	if f.Format != "csv" {
		for setting, given := range map[string]bool{"separator": f.Separator != nil, "null": f.Null != nil} {
			if given {
				say(setting, setting+" is for CSV", fmt.Sprintf("The format of this output is %q.", f.Format))
			}
		}
	}
	if f.raw() && (len(f.Columns) > 0 || f.Undeclared != nil) {
		say("columns", fmt.Sprintf("a %s has no columns", f.Format), "Columns are declared of parquet, arrow and csv.")
	}
	if f.Separator != nil {
		if r, n := utf8.DecodeRuneInString(*f.Separator); n == 0 || n < len(*f.Separator) || strings.ContainsRune("\"\r\n\uFFFD\x00", r) {
			say("separator", fmt.Sprintf("%q cannot separate fields", *f.Separator), "Write one character, such as \";\" or \"\\t\"; no quote and no end of a line.")
		}
	}
	if f.drops() && len(f.Columns) == 0 {
		say("undeclared", "no column would be left", "Declare the columns to keep, or leave undeclared out.")
	}
	slices.SortStableFunc(problems, func(a, b stages.Problem) int { return strings.Compare(a.Path, b.Path) })
	return append(problems, f.checkColumns(at+".columns")...)
}

func (f *File) checkColumns(at string) []stages.Problem {
	var problems []stages.Problem
	taken := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(f.Columns)) {
		c := f.Columns[name]
		from := c.from(name)
		if other, twice := taken[from]; twice {
			problems = append(problems, stages.Problem{
				Path: at + "." + name + ".from", Summary: fmt.Sprintf("%q is declared twice", from),
				Detail: fmt.Sprintf("Both %s and %s would be made of it.", other, name),
			})
		}
		taken[from] = name
		if !frame.IsName(name) {
			problems = append(problems, stages.Problem{
				Path: at + "." + name, Summary: fmt.Sprintf("%q cannot name a column", name),
				Detail: "A name is snake_case: a small letter, then small letters, digits and underscores.",
			})
		}
		if t, ok := c.typed(); ok && t.IsList() && f.Format == "csv" {
			problems = append(problems, stages.Problem{
				Path: at + "." + name + ".type", Summary: "CSV holds no lists", Detail: "Write the table as parquet or arrow.",
			})
		}
	}
	return problems
}

// checkPath says why p cannot be where an output is written, or returns "".
func checkPath(p string) string {
	switch {
	case p == "" || p == ".":
		return "Name a file, such as results.parquet."
	case strings.ContainsAny(p, "\\\x00"):
		return "Write folders with forward slashes."
	case path.IsAbs(p) || len(p) > 1 && p[1] == ':':
		return "It is relative to the program's working directory, which is new for every run."
	case p == ".." || strings.HasPrefix(path.Clean(p), "../") || path.Clean(p) == "..":
		return "It leaves the program's working directory."
	case path.Clean(p) != p:
		return fmt.Sprintf("Write it as %s.", path.Clean(p))
	case strings.ContainsAny(p, "*?"):
		return fmt.Sprintf("It is a pattern. Name one file, or keep all that lies in the folder: path = %q, format = \"folder\".", patternFolder(p))
	case strings.HasPrefix(p, "inputs/") || p == "inputs":
		return "The folder inputs holds the tables that the program reads."
	}
	return ""
}

// patternFolder gives the folder in which a pattern looks, or a name for one.
func patternFolder(p string) string {
	for strings.ContainsAny(p, "*?") {
		p = path.Dir(p)
	}
	if p == "." {
		return "results"
	}
	return p
}
