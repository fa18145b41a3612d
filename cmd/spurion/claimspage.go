package main

import (
	"errors"
	"fmt"
	"os"
	"path"
	"slices"
	"strings"

	"spurion/pipeline/results"
	"spurion/stages/common/markup"
)

// claimsPage writes the tables of a page anew, or only compares.
func (a *app) claimsPage(name string, content pageContent, check bool) error {
	old, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	text, err := fillPage(string(old), content)
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
	claimsMarker  = "<!-- claims "
	checksMarker  = "<!-- checks "
	tallyMarker   = "<!-- verdicts -->"
	textMarker    = "<!-- text "
	markerEnd     = " -->"
	sectionMarker = "<!-- end -->"
)

// A pageContent is what a page is filled with: verdicts on claims and on checks, and the text of an instance's output.
type pageContent struct {
	claims, checks []results.Claim
	text           func(address, output string) (string, error)
}

// fillPage replaces what stands between markers. All mistakes come at once.
func fillPage(page string, content pageContent) (string, error) {
	var b strings.Builder
	var problems []error
	shown := map[string]bool{}
	inside := ""
	for i, line := range strings.SplitAfter(page, "\n") {
		word := strings.TrimSpace(line)
		claimPatterns, ofClaims := markerWords(word, claimsMarker)
		checkPatterns, ofChecks := markerWords(word, checksMarker)
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
			b.WriteString(verdictsMarkdown(content.claims, content.checks))
		case ofClaims, ofChecks:
			inside = word
			list, err := content.matching(claimPatterns, checkPatterns, ofChecks)
			if err != nil {
				problems = append(problems, fmt.Errorf("line %d: %w", i+1, err))
			}
			for _, c := range list {
				shown[c.Role+"."+c.Name] = true
			}
			b.WriteString(claimsMarkdown(list))
		case isText:
			inside = word
			text, err := content.namedText(named)
			if err != nil {
				problems = append(problems, fmt.Errorf("line %d: %w", i+1, err))
			}
			b.WriteString(text)
		}
	}
	if inside != "" {
		problems = append(problems, fmt.Errorf("%s has no %s", inside, sectionMarker))
	}
	for _, c := range slices.Concat(content.claims, content.checks) {
		if name := c.Role + "." + c.Name; !shown[name] {
			shown[name] = true // said once of all its instances
			problems = append(problems, fmt.Errorf("%s %s is on no table: add it to a line <!-- %[1]ss GLOB...%[3]s", c.Role, c.Name, markerEnd))
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
func (p pageContent) namedText(words []string) (string, error) {
	if len(words) != 2 {
		return "", fmt.Errorf("a text is named by the address of an instance and one of its outputs, as in %scomparison.methods markdown%s", textMarker, markerEnd)
	}
	text, err := p.text(words[0], words[1])
	if err == nil && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return text, err
}

// matching gives the claims, or checks, that patterns select, in their own order.
func (p pageContent) matching(ofClaims, ofChecks []string, checks bool) ([]results.Claim, error) {
	all, patterns, role := p.claims, ofClaims, "claim"
	if checks {
		all, patterns, role = p.checks, ofChecks, "check"
	}
	if len(patterns) == 0 {
		return nil, fmt.Errorf("a table names its %ss, as in <!-- %[1]ss *%s", role, markerEnd)
	}
	var list []results.Claim
	used := make([]bool, len(patterns))
	for _, c := range all {
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
			return list, fmt.Errorf("no %s matches %q", role, p)
		}
	}
	return list, nil
}

// claimsMarkdown gives a table of claims, or of checks; what does not hold is bold.
func claimsMarkdown(claims []results.Claim) string {
	if len(claims) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | says | verdict | estimate [95 %%] | %s | n | setting |\n|---|---|---|---|---|---|---|\n", claims[0].Role, pHead(claims))
	for i := range claims {
		c := &claims[i]
		verdict := c.Verdict
		if !c.Holds() {
			verdict = "**" + verdict + "**"
		}
		if c.Verdict == results.NotAfterHolm {
			verdict = c.Mark() + " " + verdict
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
			markup.MarkdownCode(c.Label()), markup.Markdown(c.Says), verdict, estimate, optional(c.Tested()), n, markup.Markdown(c.Setting))
	}
	return b.String()
}

// verdictsMarkdown counts verdicts, and lists what does not hold with what was found; what several in a row have in common
// is said once.
func verdictsMarkdown(claims, checks []results.Claim) string {
	var b strings.Builder
	b.WriteString(verdictSum(claims, checks) + "\n")
	gap := "\n"
	for _, list := range [][]results.Claim{claims, checks} {
		var names []string
		for i := range list {
			c := &list[i]
			if c.Holds() {
				continue
			}
			names = append(names, markup.MarkdownCode(c.Label()))
			if i+1 < len(list) && list[i+1].Verdict == c.Verdict && list[i+1].Detail == c.Detail {
				continue
			}
			mark := ""
			if c.Verdict == results.NotAfterHolm {
				mark = c.Mark() + " "
			}
			fmt.Fprintf(&b, "%s- %s, %s%s: %s\n", gap, strings.Join(names, ", "), mark, c.Verdict, markup.Markdown(strings.TrimSpace(plainError(c.Detail))))
			names, gap = nil, ""
		}
	}
	return b.String()
}
