package main

import (
	"strings"

	"github.com/spf13/cobra"

	"spurion/pipeline/results"
)

const claimsHelp = `Prints the verdict on each claim of a spec, and then on each check, from what is in the store; nothing is computed.

--page keeps the numbers of a page of Markdown true: between a line <!-- claims GLOB... --> and the next line
<!-- end --> it writes the table of the claims whose names match (of one with for_each: of all its instances),
between <!-- checks GLOB... --> and <!-- end --> that of checks, and between <!-- verdicts --> and <!-- end -->
how many have which verdict, and which are not reproduced or not met. Between <!-- text ADDRESS OUTPUT --> and
<!-- end --> it writes the text that one instance of a stage left, such as the output markdown of a comparison.
All else on the page stays as it is. A claim or check that is on no table is an error, and so is a pattern that
matches none.

--calibrate N asks whether the verdicts can be trusted. Each claim and check whose test goes by chance is tried on N
samples in which it is false, or just so: the values of its units are moved to the bound, and their labels dealt anew,
or their signs. At most alpha/2 of these verdicts may be "reproduced", as p is two-sided and a claim has one side (alpha
of an equivalence or fit, whose p is one-sided). It prints the rate of each claim (one with for_each in one line, with its worst
instance) and of all, with 95 % intervals, beside what is promised. --strict fails if a rate is above that by more than
chance: at the level of 5 % after Holm's correction over all claims and their sum, so that a long spec does not fail by
chance. What depends on units that are not independent cannot be seen so: see "Are your claims honest?" in the guide.`

func (a *app) claimsCommand() *cobra.Command {
	var markdown bool
	var page string
	var check bool
	var tried calibrateFlags
	cmd := &cobra.Command{
		Use:   "claims SPEC",
		Short: "Print the verdicts on a spec's claims and checks",
		Long:  claimsHelp,
		Example: `  spurion claims specs/quick.hcl
  spurion claims --markdown specs/quick.hcl
  spurion claims --page docs/findings.md specs/paper
  spurion claims --calibrate 200 specs/quick.hcl`,
		Annotations: exits("0 done", "1 the page differs (--check), a promise is broken (--strict), the store or page cannot be used",
			"2 the spec, the page or the command line has mistakes", "130 interrupted"),
		Args: needArgs(1, 1, "SPEC"),
		RunE: func(cmd *cobra.Command, args []string) error {
			calibrates, err := tried.asked(cmd.Flags().Changed)
			if err != nil {
				return err
			}
			e, err := a.look(args[0])
			if err != nil {
				return err
			}
			defer e.Close()
			if calibrates {
				return a.calibrate(e, tried)
			}
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
			a.printVerdicts(claims, checks, markdown)
			return nil
		},
		ValidArgsFunction: a.completeSpec,
	}
	f := cmd.Flags()
	f.BoolVar(&markdown, "markdown", false, "print a table in Markdown")
	f.StringVar(&page, "page", "", "write the tables of this `file` of Markdown anew")
	f.BoolVar(&check, "check", false, "with --page: change nothing, and fail if the page differs")
	_ = cmd.MarkFlagFilename("page", "md")
	tried.addTo(f)
	jsonFlag(cmd)
	return cmd
}

// printVerdicts prints claims and then checks, as tables for the terminal or in Markdown.
func (a *app) printVerdicts(claims, checks []results.Claim, markdown bool) {
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
}
