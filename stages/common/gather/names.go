package gather

import (
	"fmt"
	"slices"
	"strings"

	"spurion/artifacts/frame"
	"spurion/stages"
)

// CheckColumns reports the names of existing columns that are empty, and those that stand twice, in a list
// of a stage's settings. "-column", which sorts in descending order, names column. Path is that of the
// attribute.
func CheckColumns(path string, names []string) []stages.Problem {
	var problems []stages.Problem
	bare := make([]string, len(names))
	for i, name := range names {
		bare[i] = strings.TrimPrefix(name, "-")
		switch {
		case bare[i] == "":
			problems = append(problems, stages.Problem{Path: path, Summary: "a column's name is empty", Detail: "Write the name of a column."})
		case slices.Contains(bare[:i], bare[i]):
			problems = append(problems, stages.Problem{Path: path, Summary: fmt.Sprintf("%q stands twice in %s", bare[i], path), Detail: "Name each column once."})
		}
	}
	return problems
}

// CheckNew reports a name that a stage's settings give to a column of its output, but that no column may
// have. Path is that of the attribute.
func CheckNew(path, name string) []stages.Problem {
	if frame.IsName(name) {
		return nil
	}
	return []stages.Problem{{Path: path, Summary: fmt.Sprintf("%q cannot name a column", name),
		Detail: "A column's name is a small letter, then small letters, digits and underscores, such as worst_group_gap."}}
}
