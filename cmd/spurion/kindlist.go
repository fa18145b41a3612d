package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"spurion/pipeline/describe"
)

func (a *app) kindsCommand() *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "kinds [KIND]",
		Short: "Document the kinds of stages and tests",
		Long: `Lists the kinds of stages and the tests of claims, or documents one: its settings with defaults, bounds and
units, its inputs, its outputs with their columns, and which privileged labels it reads.

--format markdown prints the whole as the language reference.`,
		Example: `  spurion kinds
  spurion kinds train
  spurion kinds --format markdown > reference.md`,
		Annotations: exits("0 done", "2 there is no such kind, or bad usage"),
		Args:        needArgs(0, 1),
		RunE: func(_ *cobra.Command, args []string) error {
			docs := describe.Kinds(a.registry)
			if len(args) == 1 {
				docs = slices.DeleteFunc(docs, func(d describe.KindDoc) bool { return d.Name != args[0] })
				if len(docs) == 0 {
					return usagef("there is no kind %q; there are %s", args[0], strings.Join(a.kindNames(), ", "))
				}
			}
			switch {
			case a.json || format == "json":
				return a.printJSON(docs)
			case format == "markdown":
				a.out.WriteString(reference(docs))
			case format != "text":
				return usagef("--format must be text, markdown or json, but is %q", format)
			case len(args) == 1:
				for i := range docs {
					a.out.WriteString(kindText(&docs[i], a.outText))
				}
			default:
				a.out.WriteString(kindTable(docs, a.outText))
			}
			return nil
		},
		ValidArgsFunction: a.completeKind,
	}
	cmd.Flags().StringVar(&format, "format", "text", "text, markdown or json")
	completeWords(cmd, "format", "text", "markdown", "json")
	jsonFlag(cmd)
	return cmd
}

func (a *app) kindNames() []string {
	var names []string
	for _, d := range describe.Kinds(a.registry) {
		names = append(names, d.Name)
	}
	return names
}
