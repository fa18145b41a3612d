package main

import (
	"strings"

	"github.com/spf13/cobra"

	"spurion/pipeline/results"
)

func (a *app) claimsCommand() *cobra.Command {
	var markdown bool
	var page string
	var check bool
	cmd := &cobra.Command{
		Use:   "claims SPEC",
		Short: "Print the verdicts on a spec's claims and checks",
		Long: `Prints the verdict on each claim of a spec, and then on each check, from what is in the store; nothing is computed.

--page keeps the numbers of a page of Markdown true: between a line <!-- claims GLOB... --> and the next line
<!-- end --> it writes the table of the claims whose names match (of one with for_each: of all its instances),
between <!-- checks GLOB... --> and <!-- end --> that of checks, and between <!-- verdicts --> and <!-- end -->
how many have which verdict, and which are not reproduced or not met. Between <!-- text ADDRESS OUTPUT --> and
<!-- end --> it writes the text that one instance of a stage left, such as the output markdown of a comparison.
All else on the page stays as it is. A claim or check that is on no table is an error, and so is a pattern that
matches none.`,
		Example: `  spurion claims specs/quick.hcl
  spurion claims --markdown specs/quick.hcl
  spurion claims --page docs/findings.md specs/paper`,
		Annotations: exits("0 done", "1 the store or the page cannot be read or written, or --check finds a difference", "2 the spec, the page or the command line has mistakes"),
		Args:        needArgs(1, 1, "SPEC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := a.look(args[0])
			if err != nil {
				return err
			}
			defer e.Close()
			claims, checks, err := e.Verdicts(cmd.Context())
			if err != nil {
				return err
			}
			switch {
			case page != "":
				text := func(address, output string) (string, error) { return e.Text(cmd.Context(), address, output) }
				return a.claimsPage(page, pageContent{claims, checks, text}, check)
			case check:
				return usagef("--check goes with --page")
			case a.json:
				return a.printJSON(append(claims, checks...))
			}
			var parts []string
			for _, list := range [][]results.Claim{claims, checks} {
				switch {
				case len(list) == 0:
				case markdown:
					parts = append(parts, claimsMarkdown(list))
				default:
					parts = append(parts, claimTable(list, a.outText))
				}
			}
			if len(parts) > 0 && !markdown {
				parts = append(parts, a.outText.bold(verdictSum(claims, checks))+"\n")
			}
			a.out.WriteString(strings.Join(parts, "\n"))
			return nil
		},
		ValidArgsFunction: a.completeSpec,
	}
	f := cmd.Flags()
	f.BoolVar(&markdown, "markdown", false, "print a table in Markdown")
	f.StringVar(&page, "page", "", "write the tables of this `file` of Markdown anew")
	f.BoolVar(&check, "check", false, "with --page: change nothing, and fail if the page differs")
	_ = cmd.MarkFlagFilename("page", "md")
	jsonFlag(cmd)
	return cmd
}
