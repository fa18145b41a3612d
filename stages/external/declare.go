package external

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"spurion/artifacts/frame"
	"spurion/stages/common/csvtext"
)

// checkNames says which declared columns a table lacks, and which of its columns cannot be called as they are.
// nameless columns are left for later if the format has them.
func (f *File) checkNames(header []string, unnamed bool) error {
	declared := f.declared()
	var errs []error
	for _, from := range slices.Sorted(maps.Keys(declared)) {
		switch n := count(header, from); {
		case n == 0:
			errs = append(errs, fmt.Errorf("there is no column %q, from which %s is declared; there are %s", from, declared[from], quoted(header)))
		case n > 1:
			errs = append(errs, fmt.Errorf("%d columns are called %q, from which %s is declared: give each a name of its own", n, from, declared[from]))
		}
	}
	var renamed []string
	taken := maps.Clone(f.Columns)
	if taken == nil {
		taken = map[string]Column{}
	}
	for _, from := range header { // a name that stays is no name for another column
		if _, ok := declared[from]; !ok && frame.IsName(from) {
			taken[from] = Column{}
		}
	}
	for i, from := range header {
		_, ok := declared[from]
		switch {
		case ok || f.drops() || f.typed() || unnamed && nameless(from):
		case !frame.IsName(from):
			name := suggestion(from, taken)
			taken[name] = Column{}
			renamed = append(renamed, fmt.Sprintf("%s = { from = %s }", name, inSpec(from)))
		case has(f.Columns, from):
			errs = append(errs, fmt.Errorf("column %q has the name that is declared for column %q; declare another for it", from, f.Columns[from].from(from)))
		case slices.Index(header, from) < i && count(header[:i], from) == 1:
			errs = append(errs, fmt.Errorf("%d columns are called %q: give each a name of its own, or leave them out: declare the columns to keep, and undeclared = \"drop\"", count(header, from), from))
		}
	}
	if len(renamed) > 0 {
		what := "the columns' names are"
		if len(renamed) == 1 {
			what = "a column's name is"
		}
		more := ""
		if len(renamed) > 8 {
			more = fmt.Sprintf(" and %d more", len(renamed)-8)
			renamed = renamed[:8]
		}
		errs = append(errs, fmt.Errorf("%s not snake_case: declare columns = { %s }%s", what, strings.Join(renamed, ", "), more))
	}
	return errors.Join(errs...)
}

func has[V any](names map[string]V, name string) bool {
	_, ok := names[name]
	return ok
}

func count(list []string, s string) int {
	n := 0
	for _, x := range list {
		if x == s {
			n++
		}
	}
	return n
}

func quoted(names []string) string {
	const most = 20
	more := ""
	if len(names) > most {
		more = fmt.Sprintf(" and %d more", len(names)-most)
		names = names[:most]
	}
	list := make([]string, len(names))
	for i, n := range names {
		list[i] = fmt.Sprintf("%q", n)
	}
	return strings.Join(list, ", ") + more
}

// inSpec gives a text as it stands in a spec.
func inSpec(s string) string {
	var b strings.Builder
	for i, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
		case (r == '$' || r == '%') && strings.HasPrefix(s[i+1:], "{"):
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
			continue
		case r == '\t':
			b.WriteString(`\t`)
			continue
		case !unicode.IsPrint(r):
			fmt.Fprintf(&b, `\U%08x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return `"` + b.String() + `"`
}

// nameless reports whether a column of CSV has no name, or the one that pandas gives to such columns.
func nameless(from string) bool {
	digits, unnamed := strings.CutPrefix(from, "Unnamed: ")
	return from == "" || unnamed && csvtext.LeadingDigits(digits) == len(digits)
}

// suggestion gives a snake_case name that is not taken.
func suggestion(from string, taken map[string]Column) string {
	var b strings.Builder
	lower := false // the last letter was small
	for _, r := range from {
		switch {
		case r >= 'A' && r <= 'Z':
			if lower {
				b.WriteByte('_')
			}
			b.WriteRune(r + 'a' - 'A')
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
		lower = r >= 'a' && r <= 'z'
	}
	name := strings.Trim(b.String(), "_")
	if name == "" || !frame.IsName(name) {
		name = strings.TrimSuffix("column_"+name, "_")
	}
	for base, n := name, 2; has(taken, name); n++ {
		name = fmt.Sprintf("%s_%d", base, n)
	}
	return name
}

// declare gives a table of another format the declared names, types and units, and drops what is to be dropped.
func (f *File) declare(t *frame.Table) (*frame.Table, error) {
	header := make([]string, len(t.Columns))
	for i := range t.Columns {
		header[i] = t.Columns[i].Name
	}
	if err := f.checkNames(header, false); err != nil {
		return nil, misdeclared(err)
	}
	declared := f.declared()
	out := &frame.Table{Meta: t.Meta}
	var errs []error
	for _, c := range t.Columns {
		name, ok := declared[c.Name]
		if !ok {
			if !f.drops() {
				out.Columns = append(out.Columns, c)
			}
			continue
		}
		c.Name = name
		if to, ok := f.Columns[name].typed(); ok && to != c.Type {
			var err error
			if c, err = retype(c, to); err != nil {
				errs = append(errs, fmt.Errorf("column %s: %w", name, err))
				continue
			}
		}
		f.Columns[name].describe(&c.Field)
		out.Columns = append(out.Columns, c)
	}
	return out, misdeclared(errors.Join(errs...))
}
