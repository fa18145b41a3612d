package stagetest

import (
	"fmt"
	"slices"
	"strings"

	"spurion/stages"
)

// parts gives the parts of the kind that the case uses, none if its settings are a struct or wrong.
func (c Case) parts(kind *stages.Kind) []stages.Part {
	text, ok := c.Settings.(string)
	if !ok {
		return nil
	}
	in, err := canonical(kind, text)
	if err != nil {
		return nil // the run says so
	}
	return kind.PartsOf(in)
}

// Untried lists the parts of the kind that no case uses.
func Untried(kind *stages.Kind, cases ...Case) []string {
	var wrong []string
	for _, p := range kind.Parts {
		if !slices.ContainsFunc(cases, func(c Case) bool { return slices.Contains(c.parts(kind), p) }) {
			wrong = append(wrong, fmt.Sprintf("no case uses the %s %s of kind %s: add one to the cases that its tests share, with %s = %q",
				p.Role(), p.Name, kind.Name, p.Setting, p.Name))
		}
	}
	return wrong
}

// raise says whose version to raise if the bytes of a case have changed.
func raise(kind *stages.Kind, c Case) string {
	whole := fmt.Sprintf("kind %s (now %d)", kind.Name, kind.Version)
	used := c.parts(kind)
	if len(used) == 0 {
		return "raise Version of " + whole
	}
	names := make([]string, len(used))
	for i, p := range used {
		names[i] = fmt.Sprintf("%s %s (now %d)", p.Role(), p.Name, p.Version)
	}
	return fmt.Sprintf("raise the Version of %s; if every %s changed, that of %s instead", strings.Join(names, " and "), used[0].Role(), whole)
}
