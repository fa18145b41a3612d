package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// exitsKey is the annotation that holds a command's exit codes, one a line.
const exitsKey = "exits"

// exits documents the exit codes of a command.
func exits(lines ...string) map[string]string {
	return map[string]string{exitsKey: strings.Join(lines, "\n")}
}

// help answers --help.
func (a *app) help(cmd *cobra.Command, _ []string) { a.helpTo(a.out, cmd) }

// helpTo prints a command's help: what it does, how it is called, examples, flags, exit codes.
func (a *app) helpTo(to io.Writer, cmd *cobra.Command) {
	var w strings.Builder
	width := min(a.outText.width, 96)
	w.WriteString(paragraph(firstOf(cmd.Long, cmd.Short+"."), width, ""))
	heading := func(name string) { fmt.Fprintf(&w, "\n%s\n", a.outText.bold(name)) }
	heading("Usage")
	if cmd.Runnable() && cmd.HasParent() {
		fmt.Fprintf(&w, "  %s\n", cmd.UseLine())
	}
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&w, "  %s COMMAND\n", cmd.CommandPath())
		heading("Commands")
		g := newGrid("", "")
		for _, c := range cmd.Commands() {
			if c.IsAvailableCommand() {
				g.add(c.Name(), c.Short)
			}
		}
		w.WriteString(g.render(a.outText, "  "))
	}
	if cmd.Example != "" {
		heading("Examples")
		w.WriteString(strings.TrimRight(cmd.Example, "\n") + "\n")
	}
	a.helpFlags(&w, heading, "Flags", cmd.LocalNonPersistentFlags(), width)
	a.helpFlags(&w, heading, "Flags of every command", persistent(cmd), width)
	heading("Exit codes")
	w.WriteString(indentLines(firstOf(cmd.Annotations[exitsKey], "0 done, 1 failed, 2 bad usage"), "  "))
	_, _ = io.WriteString(to, w.String())
}

// persistent gives the global flags, whichever command the help is for.
func persistent(cmd *cobra.Command) *pflag.FlagSet {
	return cmd.Root().PersistentFlags()
}

func (a *app) helpFlags(w *strings.Builder, heading func(string), name string, flags *pflag.FlagSet, width int) {
	g := newGrid("", "")
	g.width, g.wrap = width, 1
	flags.VisitAll(func(f *pflag.Flag) {
		if f.Hidden || f.Name == "help" {
			return
		}
		value, usage := pflag.UnquoteUsage(f)
		flag := "--" + f.Name
		switch {
		case f.NoOptDefVal != "" && f.Value.Type() != "bool":
			flag += "[=" + strings.ToUpper(value) + "]"
		case value != "":
			flag += " " + strings.ToUpper(value)
		}
		if shown(f) {
			usage += fmt.Sprintf(" (default %s)", f.DefValue)
		}
		g.add(flag, usage)
	})
	if len(g.rows) == 0 {
		return
	}
	heading(name)
	w.WriteString(g.render(a.outText, "  "))
}

// shown reports whether a flag's default is worth a word that its usage does not already say.
func shown(f *pflag.Flag) bool {
	switch f.DefValue {
	case "", "false", "0", "[]", "0s":
		return false
	}
	return f.Name != "store" && f.Name != "out"
}

func firstOf(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// helpCommand is `spurion help COMMAND`.
func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "Print the help of a command",
		RunE: func(cmd *cobra.Command, args []string) error {
			target := cmd.Root()
			for _, name := range args {
				next := child(target, name)
				if next == nil {
					return unknownCommand(target, name)
				}
				target = next
			}
			a.help(target, nil)
			return nil
		},
	}
}

func child(parent *cobra.Command, name string) *cobra.Command {
	for _, c := range parent.Commands() {
		if c.Name() == name {
			return c
		}
	}
	return nil
}
