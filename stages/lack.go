package stages

import (
	"fmt"
	"strconv"
	"strings"
)

// A Lack says that an input lacks instances that failed, which its stage allows (allow_failed): either some of those
// that the input takes, or some of those that a table was made of that the input takes.
type Lack struct {
	Input string
	// Missing are the axes of each instance that failed, in the order of CompareAxes; Total is how many
	// instances there were to be.
	Missing [][]Axis
	Total   int
	// Along are the names of the axes along which the instances differ, those that are there and those that
	// failed.
	Along []string
	// Beside are the places in Run.Inputs of the tables of the instances that are there; if Upstream, of the
	// tables that were made of these.
	Beside   []int
	Upstream bool
	// Mixed says that a kind that does not gather stands between: one instance's share of a table is then not
	// known.
	Mixed bool
}

// String says it to people: "9 of 10 seeds, 1 failed (seed 3)".
func (l Lack) String() string {
	what := "instances"
	if len(l.Along) == 1 && l.Along[0] == "seed" {
		what = "seeds"
	}
	text := fmt.Sprintf("%d of %d %s, %d failed", l.Total-len(l.Missing), l.Total, what, len(l.Missing))
	const most = 3
	var names []string
	for i, axes := range l.Missing {
		if i == most {
			names = append(names, "and "+strconv.Itoa(len(l.Missing)-most)+" more")
			break
		}
		if name := l.name(axes); name != "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return text
	}
	return text + " (" + strings.Join(names, "; ") + ")"
}

// name tells an instance from its like: "strength 0.9, seed 3".
func (l Lack) name(axes []Axis) string {
	var parts []string
	for _, a := range axes {
		for _, along := range l.Along {
			if a.Name == along {
				parts = append(parts, a.Name+" "+a.Text())
			}
		}
	}
	return strings.Join(parts, ", ")
}

// LacksText says in a sentence what is missing in all, each thing once; "" if nothing is.
func LacksText(lacks []Lack) string {
	var parts []string
	seen := map[string]bool{}
	for _, l := range lacks {
		if text := l.String(); !seen[text] {
			seen[text] = true
			parts = append(parts, text)
		}
	}
	const most = 3
	if n := len(parts); n > most {
		parts = append(parts[:most], fmt.Sprintf("and %d more like these", n-most))
	}
	return strings.Join(parts, "; ")
}
