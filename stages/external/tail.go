package external

import (
	"fmt"
	"strings"

	"spurion/stages"
)

// ending says how a program ended.
func ending(result *stages.CommandResult) string {
	text := fmt.Sprintf("ended with exit code %d", result.ExitCode)
	if result.Signal != "" {
		text = fmt.Sprintf("was ended by a signal (%s)", result.Signal)
		if result.Signal == "killed" {
			text += ", often for want of memory"
		}
	}
	if result.Attempts > 1 {
		text += fmt.Sprintf(", at the last of %d attempts", result.Attempts)
	}
	return text
}

// tail ends a message with what the program printed last: the last line of its errors on the message's own line, and
// below it the lines before, if there are several. It takes what it printed at all if there were no errors.
func tail(result *stages.CommandResult) string {
	if result == nil {
		return ""
	}
	from, printed := "stderr", result.Stderr
	if printed.Lines == 0 {
		from, printed = "stdout", result.Stdout
	}
	if printed.Lines == 0 {
		return "; it printed nothing"
	}
	text := ": " + printed.Last[len(printed.Last)-1]
	if printed.Lines == 1 {
		return text
	}
	note := fmt.Sprintf("its %s:", from)
	if printed.Lines > len(printed.Last) {
		note = fmt.Sprintf("the last %d of %d lines of its %s:", len(printed.Last), printed.Lines, from)
	}
	return text + "\n" + note + "\n  " + strings.Join(printed.Last, "\n  ")
}
