package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"spurion/pipeline/describe"
	"spurion/pipeline/screen"
)

func (a *app) whyCommand() *cobra.Command {
	var key bool
	cmd := &cobra.Command{
		Use:   "why SPEC ADDRESS",
		Short: "Explain why an instance is cached or would run",
		Long: `Explains the state of the instances that ADDRESS selects: whether each is cached, would run or waits, and what
changed since the last run, with the place in the spec and the old and the new value.

The explanation is read from the text that the instance's key hashes, so it cannot differ from what a run
does. --key prints that text.`,
		Example: `  spurion why specs/quick.hcl 'train.erm[strength=0.9,seed=2]'
  spurion why --key specs/quick.hcl generate.parity[seed=1]`,
		Annotations: exits("0 done", "1 the store cannot be read", "2 the spec or the command line has mistakes"),
		Args:        needArgs(2, 2, "SPEC", "ADDRESS"),
		RunE: func(cmd *cobra.Command, args []string) error {
			details, err := a.inspect(cmd.Context(), args[0], args[1], 0)
			if err != nil {
				return err
			}
			return a.printEach(details, len(details), func(i int) string { return whyText(&details[i], a.outText, key) })
		},
		ValidArgsFunction: a.completeTargets,
	}
	cmd.Flags().BoolVar(&key, "key", false, "print the text that the instance's key hashes")
	jsonFlag(cmd)
	return cmd
}

// inspect describes the instances that an address selects.
func (a *app) inspect(ctx context.Context, path, address string, rows int) ([]describe.InstanceDetail, error) {
	e, err := a.look(path)
	if err != nil {
		return nil, err
	}
	defer e.Close()
	details, err := e.Inspect(ctx, address, rows)
	if err != nil {
		return nil, err
	}
	return details, nil
}

// stateText says in words what a run would do with an instance.
func stateText(d *describe.InstanceDetail) string {
	switch d.Status {
	case "run":
		return "would run"
	case "blocked":
		return "waits"
	}
	return d.Status
}

func whyText(d *describe.InstanceDetail, s style, key bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\n", s.bold(d.Address), s.status(stateText(d)))
	switch {
	case d.Reason != nil && len(d.Reason.Changes) > 0:
		b.WriteString("  changed since the last run:\n")
		for _, c := range d.Reason.Changes {
			fmt.Fprintf(&b, "    %s\n", screen.Line(c.String()))
		}
		if c := d.Reason.Continues; c != nil {
			b.WriteString(paragraph(screen.Text(c.Text), s.width, "  "))
		}
	case d.Reason != nil:
		b.WriteString(paragraph(screen.Text(d.Reason.Text), s.width, "  "))
		if d.Status == "blocked" {
			b.WriteString("  if its inputs come out the same as before, it is cached\n")
		}
	}
	if c := d.Computed; c != nil {
		fmt.Fprintf(&b, "  computed %s in %s by %s\n", instant(c.Created), duration(c.Seconds), c.Program)
		if c.Address != d.Address {
			fmt.Fprintf(&b, "  as %s of %s\n", c.Address, c.Spec)
		}
		if len(d.Since) > 0 {
			b.WriteString("  changed since the last run, to what was computed before:\n")
			for _, c := range d.Since {
				fmt.Fprintf(&b, "    %s\n", screen.Line(c.String()))
			}
		}
	}
	switch {
	case d.Key == "":
		b.WriteString("  key: known when its inputs are\n")
	case key:
		fmt.Fprintf(&b, "  key: %s, the SHA-256 of\n%s", d.Key, indentLines(screen.Text(d.KeyText), "    "))
	default:
		fmt.Fprintf(&b, "  key: %s\n", d.Key)
	}
	return b.String()
}
