package main

import (
	"fmt"
	"strings"
	"testing"

	"spurion/pipeline/results"
)

func someClaims() []results.Claim {
	half, p := 0.5, 0.01
	return []results.Claim{
		{Role: "claim", Address: "claim.a_first", Name: "a_first", Says: "A | b.", Verdict: "reproduced", Value: &half, Low: &half, High: &half, PAdjusted: &p, N: 40, Units: 20, Setting: "ours"},
		{Role: "claim", Address: "claim.a_second[task=x]", Name: "a_second", Says: "C.", Verdict: "not reproduced", Detail: "Half is not one.", Value: &half, N: 20, Units: 20},
		{Role: "claim", Address: "claim.b", Name: "b", Says: "D.", Verdict: results.NotEvaluated, Detail: "its tables are not computed"},
	}
}

// someTexts knows the output markdown of table.x.
func someTexts(address, output string) (string, error) {
	if address != "table.x" || output != "markdown" {
		return "", fmt.Errorf("%s has no output %q", address, output)
	}
	return "| a |\n\ncaption", nil
}

func someChecks() []results.Claim {
	p := 0.01
	return []results.Claim{
		{Role: "check", Address: "check.b", Name: "b", Says: "All have learned.", Verdict: "met", P: &p, N: 20, Units: 20},
		{Role: "check", Address: "check.c[k=1]", Name: "c", Says: "E.", Verdict: "not met", Detail: "They have not.", N: 20, Units: 20},
		{Role: "check", Address: "check.c[k=2]", Name: "c", Says: "F.", Verdict: "not met", Detail: "They have not.", N: 20, Units: 20},
	}
}

func somePage() pageContent { return pageContent{someClaims(), someChecks(), someTexts} }

func TestFillPage(t *testing.T) {
	const page = "# Title\n<!-- verdicts -->\nold\n<!-- end -->\nprose\n<!-- claims a_* -->\nold | table\n<!-- end -->\n<!-- claims b -->\n<!-- end -->\n<!-- checks * -->\n<!-- end -->\n<!-- text table.x markdown -->\nold\n<!-- end -->\nlast line"
	const want = "# Title\n<!-- verdicts -->\n3 claims: 1 reproduced, 1 not, 1 not evaluated; 3 checks: 1 met, 2 not (c[k=1], c[k=2]).\n\n" +
		"- `a_second[task=x]`, not reproduced: Half is not one.\n- `b`, not evaluated: its tables are not computed\n" +
		"- `c[k=1]`, `c[k=2]`, not met: They have not.\n<!-- end -->\nprose\n" +
		"<!-- claims a_* -->\n| claim | says | verdict | estimate [95 %] | p (Holm) | n | setting |\n|---|---|---|---|---|---|---|\n" +
		"| `a_first` | A \\| b. | reproduced | 0.5 [0.5, 0.5] | 0.01 | 40 of 20 units | ours |\n" +
		"| `a_second[task=x]` | C. | **not reproduced** | 0.5 | - | 20 |  |\n<!-- end -->\n" +
		"<!-- claims b -->\n| claim | says | verdict | estimate [95 %] | p (Holm) | n | setting |\n|---|---|---|---|---|---|---|\n" +
		"| `b` | D. | **not evaluated** | - | - | - |  |\n<!-- end -->\n<!-- checks * -->\n" +
		"| check | says | verdict | estimate [95 %] | p | n | setting |\n|---|---|---|---|---|---|---|\n" +
		"| `b` | All have learned. | met | - | 0.01 | 20 |  |\n| `c[k=1]` | E. | **not met** | - | - | 20 |  |\n" +
		"| `c[k=2]` | F. | **not met** | - | - | 20 |  |\n<!-- end -->\n<!-- text table.x markdown -->\n| a |\n\ncaption\n<!-- end -->\nlast line"
	got, err := fillPage(page, somePage())
	if err != nil || got != want {
		t.Fatalf("%v\n%s\nwant\n%s", err, got, want)
	}
	if again, err := fillPage(got, somePage()); err != nil || again != got {
		t.Errorf("filled twice, it is %v\n%s", err, again)
	}
}

func TestFillPageMistakes(t *testing.T) {
	for name, c := range map[string]struct{ page, want string }{
		"claim missing":    {"<!-- claims a_* -->\n<!-- end -->\n", "claim b is on no table"},
		"pattern unused":   {"<!-- claims * c_* -->\n<!-- end -->\n", `line 1: no claim matches "c_*"`},
		"pattern broken":   {"<!-- claims [ -->\n<!-- end -->\n", `pattern "["`},
		"section unended":  {"<!-- claims * -->\nold", "has no <!-- end -->"},
		"no such text":     {"<!-- claims * -->\n<!-- end -->\n<!-- text table.y markdown -->\n<!-- end -->\n", `line 3: table.y has no output "markdown"`},
		"half a text":      {"<!-- claims * -->\n<!-- end -->\n<!-- text table.x -->\n<!-- end -->\n", "line 3: a text is named by"},
		"check missing":    {"<!-- claims * -->\n<!-- end -->\n<!-- checks b -->\n<!-- end -->\n", "check c is on no table: add it to a line <!-- checks GLOB... -->"},
		"checks unnamed":   {"<!-- checks -->\n<!-- end -->\n", "line 1: a table names its checks, as in <!-- checks * -->"},
		"no such check":    {"<!-- checks a_* -->\n<!-- end -->\n", `line 1: no check matches "a_*"`},
		"nothing replaced": {"prose\n", "claim a_first is on no table"},
	} {
		if _, err := fillPage(c.page, somePage()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// TestVerdictSum: one line says what became of the claims and the checks.
func TestVerdictSum(t *testing.T) {
	of := func(role string, verdicts ...string) (list []results.Claim) {
		for i, v := range verdicts {
			list = append(list, results.Claim{Role: role, Address: fmt.Sprintf("%s.%c", role, 'a'+i), Verdict: v})
		}
		return list
	}
	for want, c := range map[string]struct{ claims, checks []results.Claim }{
		"1 claim reproduced.": {of("claim", "reproduced"), nil},
		"2 checks met.":       {nil, of("check", "met", "met")},
		"4 claims: 2 reproduced, 1 not, 1 inconclusive; 1 check met.":               {of("claim", "reproduced", "inconclusive", "not reproduced", "reproduced"), of("check", "met")},
		"3 claims: 1 reproduced, 1 not after Holm, 1 not evaluated.":                {of("claim", results.NotAfterHolm, "reproduced", results.NotEvaluated), nil},
		"1 claim: 1 not reproduced; 3 checks: 1 met, 1 not, 1 inconclusive (b, c).": {of("claim", "not reproduced"), of("check", "met", "not met", "inconclusive")},
	} {
		if got := verdictSum(c.claims, c.checks); got != want {
			t.Errorf("%s\nwant\n%s", got, want)
		}
	}
}

// TestClaimTable: a sentence that several claims in a row share is said once, and what Holm's correction takes back has a
// sign and a color of its own.
func TestClaimTable(t *testing.T) {
	list := []results.Claim{
		{Role: "claim", Address: "claim.a", Verdict: results.NotAfterHolm, Detail: "p is .04."},
		{Role: "claim", Address: "claim.b", Verdict: results.NotEvaluated, Detail: "its tables are not computed"},
		{Role: "claim", Address: "claim.c", Verdict: results.NotEvaluated, Detail: "its tables are not computed"},
		{Role: "claim", Address: "claim.d", Verdict: results.NotEvaluated},
	}
	const want = "claim  verdict                       estimate  interval  n\n" +
		"a      ◐ reproduced, not after Holm         -  -         0\n    p is .04.\n" +
		"b      not evaluated                        -  -         -\n" +
		"c      not evaluated                        -  -         -\n    These 2: its tables are not computed\n" +
		"d      not evaluated                        -  -         -\n"
	if got := claimTable(list, style{width: 80}); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	colors := map[string]bool{}
	for _, v := range []string{"reproduced", results.NotAfterHolm, "not reproduced", "inconclusive"} {
		colors[strings.SplitN(style{color: true}.verdict(&results.Claim{Verdict: v}), "m", 2)[0]] = true
	}
	if len(colors) != 4 {
		t.Errorf("%d colors for 4 verdicts", len(colors))
	}
}
