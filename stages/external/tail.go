package external

import (
	"fmt"
	"strings"

	"spurion/stages"
)

// tail gives the last lines of what the program printed as errors, to end a message with; what it
// printed at all if there were none.
func tail(result *stages.CommandResult) string {
	from, text := "stderr", string(result.Stderr)
	if strings.TrimSpace(text) == "" {
		from, text = "stdout", string(result.Stdout)
	}
	text = strings.ToValidUTF8(strings.TrimSpace(text), "\ufffd")
	if text == "" {
		return "; it printed nothing"
	}
	lines := strings.Split(text, "\n")
	note := "its " + from + ":"
	if len(lines) > tailLines {
		note = fmt.Sprintf("the last %d of %d lines of its %s:", tailLines, len(lines), from)
		lines = lines[len(lines)-tailLines:]
	}
	for i, l := range lines {
		if r := []rune(l); len(r) > tailWidth {
			lines[i] = string(r[:tailWidth]) + "..."
		}
	}
	return "; " + note + "\n  " + strings.Join(lines, "\n  ")
}

const (
	tailLines = 20
	tailWidth = 300
)
