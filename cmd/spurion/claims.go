package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"

	"spurion/pipeline/results"
	"spurion/stages/common/markup"
)

func (a *app) claimsCommand() *cobra.Command {
	var markdown bool
	var page string
	var check bool
	cmd := &cobra.Command{
		Use:   "claims SPEC",
		Short: "Print the verdicts on a spec's claims",
		Long: `Prints the verdict on each claim of a spec from what is in the store; nothing is computed.

--page keeps the numbers of a page of Markdown true: between a line <!-- claims GLOB... --> and the next line
<!-- end --> it writes the table of the claims whose names match (of one with for_each: of all its instances), and
between <!-- verdicts --> and <!-- end --> how many have which verdict, and which are not reproduced. Between
<!-- text ADDRESS OUTPUT --> and <!-- end --> it writes the text that one instance of a stage left, such as the output
markdown of a comparison. All else on the page stays as it is. A claim that is on no table is an error, and so is a pattern without a claim.`,
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
			claims, err := e.Verdicts(cmd.Context())
			if err != nil {
				return err
			}
			switch {
			case page != "":
				text := func(address, output string) (string, error) { return e.Text(cmd.Context(), address, output) }
				return a.claimsPage(page, claims, text, check)
			case check:
				return usagef("--check goes with --page")
			case a.json:
				return a.printJSON(claims)
			case markdown:
				a.out.WriteString(claimsMarkdown(claims))
			default:
				a.out.WriteString(claimTable(claims, a.outText))
			}
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

// claimsPage writes the tables of a page anew, or only compares.
func (a *app) claimsPage(name string, claims []results.Claim, output texts, check bool) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	text, err := fillPage(string(old), claims, output)
	if err != nil {
		return usageError{fmt.Errorf("%s: %w", name, err)}
	}
	switch {
	case text == string(old):
		return nil
	case check:
		return fmt.Errorf("%s is not what the claims say: spurion claims --page writes it anew", name)
	}
	return os.WriteFile(name, []byte(text), 0o666)
}

// The markers of a page stand alone on their lines.
const (
	tableMarker   = "<!-- claims "
	tallyMarker   = "<!-- verdicts -->"
	textMarker    = "<!-- text "
	markerEnd     = " -->"
	sectionMarker = "<!-- end -->"
)

// texts gives the text of an instance's output.
type texts func(address, output string) (string, error)

// fillPage replaces what stands between markers. All mistakes come at once.
func fillPage(page string, claims []results.Claim, output texts) (string, error) {
	var b strings.Builder
	var problems []error
	shown := map[string]bool{}
	inside := ""
	for i, line := range strings.SplitAfter(page, "\n") {
		word := strings.TrimSpace(line)
		patterns, isTable := markerWords(word, tableMarker)
		named, isText := markerWords(word, textMarker)
		if inside != "" {
			if word == sectionMarker {
				inside = ""
				b.WriteString(line)
			}
			continue
		}
		b.WriteString(line)
		switch {
		case word == tallyMarker:
			inside = word
			b.WriteString(claimsTally(claims))
		case isTable:
			inside = word
			list, err := matching(claims, patterns)
			if err != nil {
				problems = append(problems, fmt.Errorf("line %d: %w", i+1, err))
			}
			for _, c := range list {
				shown[c.Name] = true
			}
			b.WriteString(claimsMarkdown(list))
		case isText:
			inside = word
			text, err := namedText(output, named)
			if err != nil {
				problems = append(problems, fmt.Errorf("line %d: %w", i+1, err))
			}
			b.WriteString(text)
		}
	}
	if inside != "" {
		problems = append(problems, fmt.Errorf("%s has no %s", inside, sectionMarker))
	}
	for _, c := range claims {
		if !shown[c.Name] {
			problems = append(problems, fmt.Errorf("claim %s is on no table: add it to a line %sGLOB...%s", c.Name, tableMarker, markerEnd))
		}
	}
	return b.String(), errors.Join(problems...)
}

// markerWords gives what stands in a marker; ok says that the line is one.
func markerWords(line, start string) (words []string, ok bool) {
	rest, begins := strings.CutPrefix(line, strings.TrimSuffix(start, " "))
	rest, ends := strings.CutSuffix(rest, markerEnd)
	if !begins || !ends || rest != "" && rest[0] != ' ' {
		return nil, false
	}
	return strings.Fields(rest), true
}

// namedText gives the text that a marker names by address and output, whole lines.
func namedText(output texts, words []string) (string, error) {
	if len(words) != 2 {
		return "", fmt.Errorf("a text is named by the address of an instance and one of its outputs, as in %scomparison.methods markdown%s", textMarker, markerEnd)
	}
	text, err := output(words[0], words[1])
	if err == nil && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text, err
}

// matching gives the claims that patterns select, in their own order.
func matching(claims []results.Claim, patterns []string) ([]results.Claim, error) {
	if len(patterns) == 0 {
		return nil, fmt.Errorf("a table names its claims, as in %s*%s", tableMarker, markerEnd)
	}
	var list []results.Claim
	used := make([]bool, len(patterns))
	for _, c := range claims {
		matched := false
		for i, p := range patterns {
			ok, err := path.Match(p, c.Name)
			if err != nil {
				return nil, fmt.Errorf("pattern %q: %w", p, err)
			}
			used[i] = used[i] || ok
			matched = matched || ok
		}
		if matched {
			list = append(list, c)
		}
	}
	for i, p := range patterns {
		if !used[i] {
			return list, fmt.Errorf("no claim matches %q", p)
		}
	}
	return list, nil
}

// claimsMarkdown gives a table of claims; what is not reproduced is bold.
func claimsMarkdown(claims []results.Claim) string {
	var b strings.Builder
	b.WriteString("| claim | says | verdict | estimate [95 %] | p (Holm) | n | setting |\n|---|---|---|---|---|---|---|\n")
	for _, c := range claims {
		verdict := c.Verdict
		if verdict != reproduced {
			verdict = "**" + verdict + "**"
		}
		estimate := optional(c.Value)
		if c.Low != nil || c.High != nil {
			estimate += " " + interval(c.Low, c.High)
		}
		n := digits(c.N)
		if c.Units > 0 && c.Units != c.N {
			n += " of " + count(int(c.Units), "unit")
		}
		if c.Verdict == results.NotEvaluated {
			n = "-"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n",
			markup.MarkdownCode(c.Label()), markup.Markdown(c.Says), verdict, estimate, optional(c.PAdjusted), n, markup.Markdown(c.Setting))
	}
	return b.String()
}

// reproduced is the verdict that asks for nothing more.
const reproduced = "reproduced"

// claimsTally counts verdicts, and lists the claims that are not reproduced with what was found.
func claimsTally(claims []results.Claim) string {
	var verdicts []string
	n := map[string]int{}
	for _, c := range claims {
		if n[c.Verdict] == 0 {
			verdicts = append(verdicts, c.Verdict)
		}
		n[c.Verdict]++
	}
	var b strings.Builder
	fmt.Fprintf(&b, "Of %s:", count(len(claims), "claim"))
	for i, v := range verdicts {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, " %d %s", n[v], v)
	}
	b.WriteString(".\n")
	if n[reproduced] < len(claims) {
		b.WriteByte('\n')
	}
	for _, c := range claims {
		if c.Verdict != reproduced {
			fmt.Fprintf(&b, "- %s, %s: %s\n", markup.MarkdownCode(c.Label()), c.Verdict, markup.Markdown(strings.TrimSpace(plainError(c.Detail))))
		}
	}
	return b.String()
}
