package importing

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A request says which columns of a table are read.
type request struct {
	values   []string // as texts
	optional []string // likewise, if they are there
	inputs   bool     // whether it holds inputs
	columns  []string // of them, names or patterns; none for the only column of lists
}

// A table is what was read of one.
type table struct {
	rows   int
	lines  []int32 // of CSV: the line of each row
	values map[string]*coded
	inputs matrix
}

// A matrix is the inputs of some rows, as floats or as bytes.
type matrix struct {
	width  int
	floats []float32
	bytes  []uint8
	scale  float64 // that a file has for its bytes; 0 for none
	offset float64
}

// readTable reads columns of a table. Faults name the file; the table is nil if it could not be read.
func readTable(ctx context.Context, file *file, want request, f *faults) *table {
	read := readColumns
	if !isColumns(file.format) {
		read = readCSV
	}
	t, err := read(ctx, file, want, f)
	if err != nil && !errors.Is(err, errTold) {
		f.add("%v", err)
	}
	return t
}

// errTold says that all faults have been told.
var errTold = errors.New("faults were told")

// columnsOf gives the places of the requested columns in a header, and faults for those that are not there.
func (want *request) columnsOf(file *file, header []string, f *faults) (values, inputs []int) {
	var told []string
	find := func(name string, must bool) int {
		at := slices.Index(header, name)
		switch {
		case at < 0 && must:
			f.add("%s has no column %q; it has %s", file.Path, name, listed(header))
		case at >= 0 && slices.Contains(header[at+1:], name) && !slices.Contains(told, name):
			told = append(told, name)
			f.add("%s has several columns called %q: give each a name of its own", file.Path, name)
		}
		return at
	}
	for _, name := range want.values {
		values = append(values, find(name, true))
	}
	for _, name := range want.optional {
		values = append(values, find(name, false))
	}
	for _, name := range want.columns {
		if !strings.Contains(name, "*") {
			inputs = append(inputs, find(name, true))
			continue
		}
		before := len(inputs)
		for i, column := range header {
			if globbed(name, column) && !slices.Contains(inputs, i) {
				find(column, true)
				inputs = append(inputs, i)
			}
		}
		if len(inputs) == before {
			f.add("%s has no columns %q; it has %s", file.Path, name, listed(header))
		}
	}
	return values, inputs
}

// globbed reports whether a name is a pattern's, in which * stands for any letters.
func globbed(pattern, name string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == name
	}
	if len(name) < len(parts[0])+len(parts[len(parts)-1]) || !strings.HasPrefix(name, parts[0]) || !strings.HasSuffix(name, parts[len(parts)-1]) {
		return false
	}
	rest := name[len(parts[0]) : len(name)-len(parts[len(parts)-1])]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return true
}

// unsaid says what to write where a table's inputs are not.
func (want *request) unsaid(file *file, header []string, f *faults) {
	names := slices.DeleteFunc(slices.Clone(header), func(name string) bool {
		return name == "" || slices.Contains(want.values, name)
	})
	f.add("%s: say which columns are the inputs, inputs { columns = %s", file.Path, suggested(names))
}

// suggested gives names of columns as a spec has them, and what is to be said behind: with a pattern for many that begin alike.
func suggested(names []string) string {
	if len(names) > 3 {
		prefix := names[len(names)-1]
		for _, name := range names[len(names)/2:] {
			for !strings.HasPrefix(name, prefix) {
				prefix = prefix[:len(prefix)-1]
			}
		}
		if prefix = strings.TrimRight(prefix, "0123456789"); prefix != "" {
			return fmt.Sprintf("[%q] }", prefix+"*")
		}
	}
	text := "[" + listed(names[:min(len(names), mostListed)]) + "] }"
	if len(names) > mostListed {
		text += ", and " + counted(len(names)-mostListed, "more column")
	}
	return text
}
