package importing

import (
	"fmt"
	"strconv"
	"strings"
)

// mostFaults is how many faults are told; the rest is counted.
const mostFaults = 20

// faults collects what is wrong with data, so that all of it is told at once.
type faults struct {
	told  []string
	count int
}

func (f *faults) add(format string, args ...any) {
	if f.count++; len(f.told) < mostFaults {
		f.told = append(f.told, fmt.Sprintf(format, args...))
	}
}

// Error tells the faults, a line each.
func (f *faults) Error() string {
	if f.count == 1 {
		return f.told[0]
	}
	lines := append([]string{grouped(f.count) + " faults, and nothing is imported:"}, f.told...)
	if more := f.count - len(f.told); more > 0 {
		lines = append(lines, "and "+grouped(more)+" more")
	}
	return strings.Join(lines, "\n  ")
}

// err gives the faults as an error, nil if there are none.
func (f *faults) err() error {
	if f.count == 0 {
		return nil
	}
	return f
}

// grouped writes a whole number as 1,204.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// counted gives a number and its word: "1 row", "1,204 rows".
func counted(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return grouped(n) + " " + word + "s"
}

// mostListed is how many names are listed.
const mostListed = 12

// listed gives names in quotes, the first of them if there are many.
func listed(names []string) string {
	quoted := make([]string, 0, mostListed)
	for _, name := range names[:min(len(names), mostListed)] {
		quoted = append(quoted, strconv.Quote(name))
	}
	text := strings.Join(quoted, ", ")
	if len(names) > mostListed {
		text += " and " + grouped(len(names)-mostListed) + " more"
	}
	return text
}
