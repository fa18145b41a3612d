package main

import (
	"fmt"
	"strings"

	"spurion/pipeline/results"
)

// verdict paints the verdict on a claim or check. What its own test shows but not as one of so many claims begins with the
// word of what holds, so it has a sign, and a color of its own.
func (s style) verdict(c *results.Claim) string {
	switch c.Verdict {
	case "reproduced", "met":
		return s.green(c.Verdict)
	case "not reproduced", "not met":
		return s.red(c.Verdict)
	case results.NotAfterHolm:
		return s.cyan(c.Mark() + " " + c.Verdict)
	}
	return s.yellow(c.Verdict)
}

// claimTable shows the verdicts on claims, or on checks, each with its sentence below; one that several in a row share is
// said once. Of claims p stands after Holm's correction, as the verdicts do, and there is a column of units where
// some are several rows.
func claimTable(claims []results.Claim, s style) string {
	tested, units := false, false
	for i := range claims {
		c := &claims[i]
		tested = tested || c.Tested() != nil
		units = units || c.Units > 0 && c.Units != c.N
	}
	heads := []string{claims[0].Role, "verdict", ">estimate", "interval"}
	if tested {
		heads = append(heads, ">"+pHead(claims))
	}
	if units {
		heads = append(heads, ">units")
	}
	g := newGrid(append(heads, ">n")...)
	for i := range claims {
		c := &claims[i]
		n, of := "-", "-"
		if c.Verdict != results.NotEvaluated {
			n, of = digits(c.N), digits(c.Units)
		}
		cells := []string{c.Label(), s.verdict(c), optional(c.Value), interval(c.Low, c.High)}
		if tested {
			cells = append(cells, optional(c.Tested()))
		}
		if units {
			cells = append(cells, of)
		}
		g.add(append(cells, n)...)
	}
	var b strings.Builder
	lines := strings.SplitAfter(g.render(s, ""), "\n")
	b.WriteString(lines[0])
	same := 0 // claims before this one with its sentence
	for i, c := range claims {
		b.WriteString(lines[i+1])
		if same++; i+1 < len(claims) && claims[i+1].Detail == c.Detail {
			continue
		}
		if c.Detail != "" {
			text := plainError(c.Detail)
			if same > 1 {
				text = fmt.Sprintf("These %s: %s", digits(int64(same)), text)
			}
			b.WriteString(s.faintLines(paragraph(text, s.width, "    ")))
		}
		same = 0
	}
	return b.String()
}

// pHead is what the p-values of claims, or of checks, are called.
func pHead(claims []results.Claim) string {
	if claims[0].IsCheck() {
		return "p"
	}
	return "p (Holm)"
}

// verdictSum says in a line how many claims and checks have which verdict, and which checks do not hold.
func verdictSum(claims, checks []results.Claim) string {
	var parts []string
	if len(claims) > 0 {
		parts = append(parts, tallied(claims, "reproduced", "not reproduced", results.NotAfterHolm, "inconclusive", results.NotEvaluated))
	}
	if len(checks) > 0 {
		text := tallied(checks, "met", "not met", "inconclusive", results.NotEvaluated)
		var open []string
		for i := range checks {
			if c := &checks[i]; !c.Holds() {
				open = append(open, c.Label())
			}
		}
		if len(open) > 0 {
			text += " (" + nameSome(open) + ")"
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ") + "."
}

// shortVerdict are verdicts beside the number of those that hold.
var shortVerdict = map[string]string{results.NotAfterHolm: "not after Holm", "not reproduced": "not", "not met": "not"}

// tallied counts claims or checks by their verdicts, in the order given: "12 checks met" where all hold.
func tallied(list []results.Claim, verdicts ...string) string {
	n := map[string]int{}
	for _, c := range list {
		n[c.Verdict]++
	}
	all := count(len(list), list[0].Role)
	if n[verdicts[0]] == len(list) {
		return all + " " + verdicts[0]
	}
	var parts []string
	for _, v := range verdicts {
		word := v
		if n[verdicts[0]] > 0 && shortVerdict[v] != "" {
			word = shortVerdict[v]
		}
		if n[v] > 0 {
			parts = append(parts, digits(int64(n[v]))+" "+word)
		}
	}
	return all + ": " + strings.Join(parts, ", ")
}

func optional(x *float64) string {
	if x == nil {
		return "-"
	}
	return significant(*x)
}

func interval(low, high *float64) string {
	switch {
	case low == nil && high == nil:
		return "-"
	case high == nil:
		return "[" + significant(*low) + ", ∞)"
	case low == nil:
		return "(-∞, " + significant(*high) + "]"
	}
	return "[" + significant(*low) + ", " + significant(*high) + "]"
}
