package main

import (
	"strings"

	"github.com/agext/levenshtein"
	"github.com/spf13/cobra"
)

// longFlags lets long flags be written with one dash, as in Go and Terraform: -check is --check.
// Numbers, single letters, a lone dash, and what follows a lone double dash stay as they are.
func longFlags(args []string) []string {
	out := make([]string, len(args))
	for i, arg := range args {
		if arg == "--" {
			copy(out[i:], args[i:])
			break
		}
		if len(arg) > 2 && arg[0] == '-' && isLetter(arg[1]) && isLetter(arg[2]) {
			arg = "-" + arg
		}
		out[i] = arg
	}
	return out
}

func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// lookup gives the value of a variable in an environment, or "". The last setting wins.
func lookup(environ []string, name string) string {
	for i := len(environ) - 1; i >= 0; i-- {
		if value, ok := strings.CutPrefix(environ[i], name+"="); ok {
			return value
		}
	}
	return ""
}

// noCommand answers for the bare program: its help, or what an unknown command could have meant.
func (a *app) noCommand(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		a.helpTo(a.err, cmd)
		a.code = exitUsage
		return nil
	}
	return unknownCommand(cmd, args[0])
}

func unknownCommand(parent *cobra.Command, name string) error {
	best, distance := "", min(3, len(name))
	var names []string
	for _, c := range parent.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
		if d := levenshtein.Distance(name, c.Name(), nil); d < distance && !c.Hidden {
			best, distance = c.Name(), d
		}
	}
	path := "spurion" + commandPath(parent)
	if best != "" {
		return usagef("%s has no command %q; did you mean %q?", path, name, best)
	}
	return usagef("%s has no command %q; it has %s", path, name, strings.Join(names, ", "))
}

// commandPath gives " cache gc" for that command, "" for the root.
func commandPath(cmd *cobra.Command) string {
	return strings.TrimPrefix(cmd.CommandPath(), "spurion")
}
